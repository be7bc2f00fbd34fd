"""Columns that say of each row what its value is: one that happened or one foreseen, on which side of an
account it stands."""

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.settings.assignments import set_text_option
from lstmcli.tables.read.all_rows import AllRows
from lstmcli.tables.read.column_names import is_foreseen_name, is_yes_or_no, words_of
from lstmcli.tables.read.time_columns import RowPlace
from lstmcli.tables.read.units import is_side_pair


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MOST = 6  # different texts
_HAPPENED = _words(
    "actual actuals act history historic historical hist observed observation estimate estimates estimated "
    "real measured final ist istwert "
    "réel réalisé realisé effettivo consuntivo realizado observado werkelijk"
)
# Of columns whose letters D and C, or S and H, are sides of an account and not grades or sites.
_OF_ACCOUNTS = _words(
    "soll haben kennzeichen kz debit credit debet débit crédit dr cr dc sh side sign account booking buchung "
    "amount amounts betrag umsatz montant importe importo bedrag saldo balance transaction"
)
_TEXT_FILES = (".csv", ".tsv", ".txt", ".dat", "")
_YES = ("true", "yes", "on", "1")


def check_row_kinds(
    frame: pd.DataFrame,
    columns: Iterable[str],
    targets: Sequence[str],
    rows: AllRows,
    source: str,
    place: RowPlace | None,
) -> None:
    """Raises DataError for the first of some columns by which some rows are foreseen, or amounts are those of
    two sides of an account and none is negative.

    columns: that serve for nothing; rows: what to ask of all rows."""
    for column in columns:
        if not 2 <= rows.distinct(column) <= _MOST:
            continue
        different = [str(text).strip() for text in frame[column].dropna().unique()]
        foreseen = foreseen_texts(str(column), different)
        if foreseen:
            raise _foreseen(frame[column], foreseen, targets, source, place)
        if _are_sides(str(column), different, targets) and not _has_negative(targets, rows):
            raise _sides(frame[column], targets, source, place)


def foreseen_texts(column: str, different: Sequence[str]) -> list[str]:
    """Those of the texts of a column that say that a row is foreseen, where others say that it is not."""
    if is_foreseen_name(column) and all(text in ("0", "1") or is_yes_or_no(text) for text in different):
        return [text for text in different if text.lower() in _YES]
    told = [text for text in different if is_foreseen_name(text)]
    happened = any(not _HAPPENED.isdisjoint(words_of(text)) for text in different if text not in told)
    return told if happened else []


def _are_sides(column: str, different: Sequence[str], targets: Sequence[str]) -> bool:
    """Whether the texts are the two sides of an account; letters are where a name speaks of accounts too."""
    if len(different) != 2 or not is_side_pair(*different):
        return False
    named = {word for name in (column, *targets) for word in words_of(str(name))}
    both = {"d", "c"} <= named or {"s", "h"} <= named  # a column D/C
    return max(map(len, different)) > 1 or both or not _OF_ACCOUNTS.isdisjoint(named)


def _has_negative(targets: Sequence[str], rows: AllRows) -> bool:
    return any(bool((part < 0).any()) for target in targets for part in rows.numbers(target))


def _foreseen(
    cells: "pd.Series[str]",
    foreseen: Sequence[str],
    targets: Sequence[str],
    source: str,
    place: RowPlace | None,
) -> DataError:
    is_told = cells.astype(str).str.strip().isin(foreseen).to_numpy()
    at = int(np.flatnonzero(is_told)[0])
    path, line, shown = _place_of(cells, at, source, place)
    said = f"{quoted(shown)} in {cells.name}: rows from here on are foreseen and no history"
    if not is_told[at:].all():
        said = f"{quoted(shown)} in {cells.name}: some rows are foreseen and no history; take them out"
    elif line is not None and Path(path).suffix.lower() in _TEXT_FILES:
        said += f"; the rows before them: head -n {line - 1} {shlex.quote(path)} > history.csv"
    else:
        said += "; take them out"
    return _told(said, "where all are history all the same", cells, targets, path, line)


def _sides(cells: "pd.Series[str]", targets: Sequence[str], source: str, place: RowPlace | None) -> DataError:
    texts = cells.astype(object).where(cells.notna(), "").astype(str).str.strip()
    first = next(text for text in texts if text)
    at = int(np.flatnonzero(((texts != first) & (texts != "")).to_numpy())[0])
    path, line, other = _place_of(cells, at, source, place)
    amounts = ", ".join(targets) or "amounts"
    said = f"{quoted(other)} beside {quoted(first)} in {cells.name}: two sides of an account, and "
    said += f"no {amounts} is "
    said += "negative; write those of one side with a minus"
    return _told(said, "where the side does not matter", cells, targets, path, line)


def _place_of(
    cells: "pd.Series[str]", at: int, source: str, place: RowPlace | None
) -> tuple[str, int | None, str]:
    """File and line of a row, and its cell."""
    path, line = place(int(cells.index[at])) if place else (source, None)
    shown = str(cells.iloc[at]).strip()
    return path, line, shown.lower() if is_yes_or_no(shown) else shown


def _told(
    said: str,
    otherwise: str,
    cells: "pd.Series[str]",
    targets: Sequence[str],
    path: str,
    line: int | None,
) -> DataError:
    if targets:
        said += f"; {otherwise}: {set_text_option('target', ','.join(targets))}"
    return DataError("mixed-rows", said, path=path, row=line, column=str(cells.name))
