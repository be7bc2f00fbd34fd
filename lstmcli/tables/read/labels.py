"""Known faults of series: rows of a file with the series, a start and an end."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from lstmcli.errors import did_you_mean
from lstmcli.errors.foreign import quoted
from lstmcli.series.calendar import positions
from lstmcli.series.moment import read_moment
from lstmcli.series.panel import Panel, shown_key
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.columns import require_columns
from lstmcli.tables.read.files import read_table
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.typed_times import moment_text

START, END = "start", "end"


@dataclass(frozen=True)
class LabelledFault:
    """series: its number in the panel; first, last: its rows there; start, end: as they are written."""

    series: int
    first: int
    last: int
    start: str
    end: str


def read_labels(path: str, panel: Panel, pattern: str | None) -> list[LabelledFault]:
    """In order of series and time. pattern: how time stamps of the data are written.

    Raises InputMissing, and DataError for a row that does not fit the data: an unknown series, a time that is
    none, an end before its start, a fault without rows, and one that overlaps another.
    """
    names = (*panel.key_names, START, END)
    table = read_table(path, ReadOptions(as_written=names), may_be_empty=True, keys_known=True)
    require_columns(table.frame, names, table.source)
    numbers = {key: number for number, key in enumerate(panel.keys)}
    rows = [(_fault(table, at, panel, numbers, pattern), at) for at in table.frame.index.tolist()]
    rows.sort(key=lambda row: (row[0].series, row[0].first))
    for (before, other), (fault, at) in pairwise(rows):
        if fault.series == before.series and fault.first <= before.last:
            line = table.place(other)[1]
            raise table.error(
                "wrong-label", f"overlaps the fault of row {line}: write both as one", at, START
            )
    return [fault for fault, _ in rows]


def _fault(
    table: Table, at: int, panel: Panel, numbers: dict[tuple[str, ...], int], pattern: str | None
) -> LabelledFault:
    key = tuple(_cell(table, at, column) for column in panel.key_names)
    if key not in numbers:
        known = {" ".join(each): None for each in numbers}
        said = f"the data has no series {shown_key(key)}.{did_you_mean(' '.join(key), known)}"
        raise table.error("wrong-label", said, at, panel.key_names[-1])
    series = numbers[key]
    start, end = (_moment(table, at, column, panel, pattern) for column in (START, END))
    texts = {column: _cell(table, at, column) for column in (START, END)}
    if end < start:
        raise table.error("wrong-label", f"ends at {texts[END]}, before it starts at {texts[START]}", at, END)
    first, last = _places(panel, series, start, end)
    if first > last or np.isnan(panel.history(series)[first : last + 1]).all():
        begin, until = panel.times(series, 0, 1)[0], panel.times(series, int(panel.lengths[series]) - 1, 1)[0]
        rows = f"its rows are from {panel.shown_time(begin)} to {panel.shown_time(until)}"
        said = f"the series has no row from {texts[START]} to {texts[END]}; {rows}"
        raise table.error("wrong-label", said, at, START)
    return LabelledFault(series, first, last, texts[START], texts[END])


def _cell(table: Table, at: int, column: str) -> str:
    """Raises DataError where it is empty."""
    cell: Any = table.frame.at[at, column]
    text = "" if pd.isna(cell) else str(cell).strip()
    if not text:
        raise table.error("wrong-label", "the cell is empty", at, column)
    return text


def _moment(table: Table, at: int, column: str, panel: Panel, pattern: str | None) -> Any:
    dated = bool(np.issubdtype(panel.starts.dtype, np.datetime64))
    plain = moment_text(_cell(table, at, column), pattern)
    try:
        return read_moment(plain, pattern, dated)
    except ValueError as error:
        raise table.error("not-a-time", f"{quoted(plain)} {error}", at, column) from None


def _places(panel: Panel, series: int, start: Any, end: Any) -> tuple[int, int]:
    """The first row that is not before the start, and the last that is not behind the end."""
    times = np.array([start, end]).astype(panel.starts.dtype)
    steps, fits = positions(times, panel.starts[series], panel.step)
    first = int(steps[0]) + (not fits[0])
    return max(first, 0), min(int(steps[1]), int(panel.lengths[series]) - 1)
