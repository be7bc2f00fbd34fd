"""Columns of a table to numbers: values, codes of categories, numbers of series."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.series.panel import Key
from lstmcli.series.roles import Roles
from lstmcli.settings.assignments import set_option
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import NumberForm
from lstmcli.tables.read.long_rows import words_among_times
from lstmcli.tables.read.names_alike import check_texts
from lstmcli.tables.read.no_numbers import no_number
from lstmcli.tables.read.number_forms import NAME_AGAIN
from lstmcli.tables.read.reading import spelled_numbers
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.table_cells import first_rows

_FEW_ROWS = 0.5  # of those of most series: an empty cell in so few is an error
LARGEST_VALUE = 1e36  # networks compute in single precision, which ends at 3.4e38


def parse_numbers(table: Table, column: str, roles: Roles | None = None) -> NDArray[np.float64]:
    """The numbers of a column, NaN where one is missing. Raises DataError at a cell that is no number.

    roles: of the columns, for what to type.
    """
    raw = table.frame[column]
    if pd.api.types.is_float_dtype(raw):
        numbers = raw.to_numpy(np.float64)
    elif pd.api.types.is_numeric_dtype(raw):
        numbers = pd.to_numeric(raw, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    else:
        numbers = _spelled(table, column, raw, roles)
    numbers = without_missing(numbers, table.options)
    if np.fmax.reduce(numbers, initial=0) <= LARGEST_VALUE >= -np.fmin.reduce(numbers, initial=0):
        return numbers
    bad = np.isinf(numbers)
    if bad.any():
        at = int(raw.index[bad][0])
        shown = quoted(raw[at]) if isinstance(raw[at], str) else f"{raw[at]}"
        raise cell_error(table, "not-a-number", shown, at, column)
    large = np.abs(numbers) > LARGEST_VALUE
    if large.any():
        at = int(raw.index[large][0])
        raise cell_error(table, "too-large", f"{raw[at]}", at, column)
    return numbers


def without_missing(numbers: NDArray[np.float64], options: ReadOptions) -> NDArray[np.float64]:
    """Numbers that stand for a missing value become NaN, and -0 becomes 0, as among whole numbers."""
    marks = [mark for text in options.missing if (mark := _number(text)) is not None]
    return np.where(np.isin(numbers, marks), np.nan, numbers) if marks else numbers + 0.0


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _spelled(table: Table, column: str, raw: "pd.Series[Any]", roles: Roles | None) -> NDArray[np.float64]:
    """The numbers of a column of texts. Raises DataError at the cell that keeps it from being read."""
    if (unread := table.reading.unread.get(column)) is not None:
        said = unread.said + _without(table, column, roles)
        if said.endswith(NAME_AGAIN):
            line = table.place(unread.row)[1]
            said += words_among_times(table.part_of(unread.row), line, table.options)
        raise _no_number(table, said, unread.row, column, roles)
    form = table.reading.reading.numbers.get(column, NumberForm())
    numbers, bad = spelled_numbers(raw, form, table.options)
    if bad.any():
        at = int(raw.index[bad][0])
        words = map(str.strip, map(str, raw[bad].unique()))
        said = no_number(str(raw[at]), words, table.options)
        raise _no_number(table, said, at, column, roles)
    return numbers


def _without(table: Table, column: str, roles: Roles | None) -> str:
    """What leaves a column of several units out that is one of several targets."""
    told = "--set" in table.reading.unread[column].said
    if roles is None or column not in roles.targets or told:
        return ""
    others = [target for target in roles.targets if target not in table.reading.unread]
    return f"; without it: {set_option('target', others)}" if others else ""


def _no_number(table: Table, said: str, row: int, column: str, roles: Roles | None) -> DataError:
    """A text in a covariate may be a code, as the others of its column."""
    head, what, rest = said.partition(" is not a number")
    if roles is None or column not in roles.covariates or not what:
        return table.error("not-a-number", said, row, column)
    coded = [*roles.categorical, column]
    said = f"{head}{what}; where the column holds codes: {set_option('categorical', coded)}{rest}"
    return table.error("not-a-number", said, row, column).mended_by({"categorical": coded})


def cell_error(table: Table, kind: str, shown: str, at: int, column: str) -> DataError:
    """For a cell that is "not-a-number" or "too-large"."""
    said = f"{shown} is beyond {LARGEST_VALUE:g}; use larger units"
    return table.error(kind, said if kind == "too-large" else f"{shown} is not a number", at, column)


def group(
    table: Table, columns: Sequence[str], counts: NDArray[np.int64] | None = None
) -> tuple[NDArray[Any], tuple[Key, ...]]:
    """Number of the series of each row, and the key of each number, in order of appearance.

    Of several columns one may be empty, as a province of countries that have none. counts: rows that each
    row of the table stands for, where rows are the different ones of another.

    Raises DataError for an empty cell where that is the whole name, or where few rows have it, and for names
    that are too long or differ in blanks alone.
    """
    frame = table.frame
    if not columns:
        return np.zeros(len(frame), np.int8), ((),)
    numbered = [table.codes(column) for column in columns]
    if len(columns) == 1:
        codes: NDArray[Any] = numbered[0].numbers
        firsts = numbered[0].firsts
    else:
        codes = np.zeros(1, np.int64)
        for cells in numbered:
            codes = codes * (len(cells.values) + 1) + (cells.numbers + 1)
        codes, _ = pd.factorize(codes)
        firsts = first_rows(codes)
    empty = {column: cells.numbers < 0 for column, cells in zip(columns, numbered, strict=True)}
    if any(cells.any() for cells in empty.values()):
        _check_names(table, empty, codes, counts)
    for column, cells in zip(columns, numbered, strict=True):
        check_texts(table, column, cells)
    names = [np.array([*cells.texts(), ""], object)[cells.numbers[firsts]] for cells in numbered]
    return codes, tuple(zip(*names, strict=True))


def _check_names(
    table: Table,
    empty: dict[str, NDArray[np.bool_]],
    codes: NDArray[Any],
    counts: NDArray[np.int64] | None,
) -> None:
    """Raises DataError for the first empty cell that is no name."""
    nameless = np.logical_and.reduce([*empty.values()])
    few = np.zeros(len(codes), bool)
    if not nameless.any():
        rows = np.bincount(codes) if counts is None else counts
        few = (rows < _FEW_ROWS * np.median(rows))[codes]
    for column, cells in empty.items():
        wrong = cells & (nameless | few | pd.api.types.is_numeric_dtype(table.frame[column]))
        if wrong.any():
            at = int(table.frame.index[wrong][0])
            raise table.error("missing-series", "the name of the series is missing", at, column)


def category_codes(table: Table, column: str) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """A code for each row, NaN where the cell is empty, and the texts in order that they stand for."""
    places, found = pd.factorize(table.frame[column])
    codes, names = codes_of_values(found)
    return codes[places], names


def codes_of_values(values: Iterable[Any]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The code of each value and, last, of an empty cell; and the texts that they stand for."""
    texts = [category_name(value) for value in values]
    names = tuple(sorted(set(texts)))
    code = {name: number for number, name in enumerate(names)}
    return np.array([*(code[text] for text in texts), np.nan]), names


def category_name(value: Any) -> str:
    """A whole number has one name, whether its column was read as 3, 3.0 or text."""
    text = str(value).strip()
    try:
        return str(int(float(text))) if float(text).is_integer() else text
    except ValueError:
        return text
