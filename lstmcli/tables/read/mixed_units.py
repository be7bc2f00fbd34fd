"""Values of several units in one column, as another column says row by row: kWh and MWh, EUR and USD."""

from collections.abc import Iterable, Sequence

import pandas as pd
from pandas.api import types

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.settings.assignments import set_text_option
from lstmcli.tables.read.all_rows import AllRows
from lstmcli.tables.read.column_names import words_of
from lstmcli.tables.read.time_columns import RowPlace
from lstmcli.tables.read.units import is_currency, is_known_unit

_NAMES = frozenset(
    ("unit", "units", "uom", "einheit", "currency", "curr", "ccy", "währung", "waehrung", "devise", "valuta")
)
_POWERS = ("unitmult", "unitmultiplier", "powercode")  # of ten, as SDMX has them
_MOST = 12  # different units


def check_units(
    frame: pd.DataFrame,
    columns: Iterable[str],
    series: Sequence[str],
    targets: Sequence[str],
    rows: AllRows,
    source: str,
    place: RowPlace | None,
) -> None:
    """Raises DataError for the first of some columns that says that a series has values of several units.

    columns: that serve for nothing, or were found to be targets; rows: what to ask of all rows."""
    for column in columns:
        if not says_units(frame[column], str(column)) or not 2 <= rows.distinct(column) <= _MOST:
            continue
        if series and rows.same_in(series, column):
            continue
        raise _mixed(frame[column], str(column), [t for t in targets if t != column], source, place)


def says_units(cells: "pd.Series[str]", column: str) -> bool:
    """Whether the texts of a column are units, or its numbers powers of ten."""
    words = words_of(column)
    if "".join(words) in _POWERS:
        return types.is_integer_dtype(cells)
    if not words or words[-1] not in _NAMES or types.is_numeric_dtype(cells):
        return False
    texts = [str(text).strip() for text in cells.dropna().unique()[: _MOST + 1]]
    longer = any(len(text) > 1 or not text.isalpha() for text in texts)  # A, B and C may be units of a plant
    return longer and all(is_known_unit(text) or is_currency(text) for text in texts)


def _mixed(
    cells: "pd.Series[str]", column: str, targets: Sequence[str], source: str, place: RowPlace | None
) -> DataError:
    filled = cells.dropna()
    other = filled[filled != filled.iloc[0]]
    first, row = str(filled.iloc[0]), int((other if len(other) else filled).index[0])
    path, line = place(row) if place else (source, None)
    said = (
        f"{quoted(str(other.iloc[0]))} beside {quoted(first)}"
        if len(other)
        else f"{quoted(first)} beside others"
    )
    said += f": the values are not all in one unit; write {', '.join(targets) or 'them'} in one"
    mends: list[dict[str, str]] = []
    if len(other) and int((filled != filled.shift()).sum()) == filled.nunique():
        said += f", or take each unit as a series: {set_text_option('series', column)}"
        mends.append({"series": column})
    if targets:
        named = ",".join(targets)
        said += f"; where they are in one all the same: {set_text_option('target', named)}"
    return DataError("mixed-units", said, path=path, row=line, column=column).mended_by(*mends)
