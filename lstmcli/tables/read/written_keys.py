"""Names of series that are written as numbers are, as 1.1, $5, 500 ml or <1: which columns are to be kept as
they are written, because they make times unique."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import pandas as pd
from pandas.api import types

from lstmcli.tables.read.all_rows import AllRows, FrameRows
from lstmcli.tables.read.column_names import date_part_range, is_amount_name, is_coordinate, is_key_name
from lstmcli.tables.read.number_columns import mostly_numbers
from lstmcli.tables.read.series_keys import SeriesKeys, find_series_keys
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.time_columns import time_candidates

_Read = TypeVar("_Read")
_Asked = tuple[Table, pd.DataFrame, AllRows]
_HEAD = 1000  # rows
_MOST, _COME_BACK = 50, 4  # different values that may be names; rows of each at least, on average


def with_written_keys(table: Table, again: Callable[[tuple[str, ...]], Table]) -> Table:
    """A table whose names of series are as they are written, where reading took them for numbers.

    again: reads it anew, with columns that are kept as they are written.
    """
    return keys_as_written(
        table,
        lambda names: again(names) if names else table,
        lambda read: (read, read.frame, FrameRows(read.frame, read.codes)),
    )


def keys_as_written(
    first: _Read, again: Callable[[tuple[str, ...]], _Read], asked: Callable[[_Read], _Asked]
) -> _Read:
    """A table with names of series as they are written: as it was read first where there are none.

    again: reads it with columns that are kept so; asked: the table, some of its rows, and what to ask of all.
    """
    found, tried = first, _likely_keys(*asked(first))
    while tried:
        found = again(tried)
        kept = _kept_keys(*asked(found), tried)
        if kept == tried:
            break
        tried, found = kept, found if kept else again(())
    return found


def _likely_keys(table: Table, frame: pd.DataFrame, rows: AllRows) -> tuple[str, ...]:
    """The columns to read as they are written: those that tell series apart, or may where no others do.

    frame: some rows; rows: what to ask of all.
    """
    if table.options.resample or table.options.on_duplicate != "error":
        return ()
    changed = [c for c in map(str, frame.columns) if _is_changed(table, frame, c)]
    time = _time_of(table, frame) if changed else ""
    if not time or rows.distinct(time) == len(rows):
        return ()
    eligible = [c for c in changed if c != time and _may_be_names(frame[c], c) and _come_back(rows, c)]
    keys = _keys(table, frame, time, rows, ()) if eligible else SeriesKeys()
    return () if keys.counts else tuple(c for c in eligible if not keys.columns or c in keys.columns)


def _kept_keys(table: Table, frame: pd.DataFrame, rows: AllRows, columns: Sequence[str]) -> tuple[str, ...]:
    """Those of some columns, which are now texts, that tell series apart; all other numbers are values."""
    found = _keys(table, frame, _time_of(table, frame), rows, columns)
    return tuple(c for c in columns if c in found.columns)


def _is_changed(table: Table, frame: pd.DataFrame, column: str) -> bool:
    """Whether a column holds numbers of which reading changes how they are written, and is not called like
    values."""
    options, joined = table.options, table.joined.columns if table.joined else ()
    if column in (*options.as_written, *joined, options.time) or is_coordinate(column):
        return False
    form = table.reading.reading.numbers.get(column)
    spelled = form is not None and bool(form.unit or form.thousands or form.scaled or form.flags)
    changed = spelled or column in table.reading.unread or types.is_float_dtype(frame[column])
    return changed and not is_amount_name(column) and date_part_range(column) is None


def _may_be_names(cells: "pd.Series[str]", column: str) -> bool:
    head = cells.iloc[:_HEAD].dropna()
    return len(head) > 0 and (is_key_name(column) or head.nunique() <= _MOST)


def _come_back(rows: AllRows, column: str) -> bool:
    different = rows.distinct(column)
    few = different <= _MOST or is_key_name(column)
    return few and different > 0 and different * _COME_BACK <= len(rows)  # 1.1 and 1.10 are one number


def _time_of(table: Table, frame: pd.DataFrame) -> str:
    if table.joined is not None:
        return table.joined.name
    named = table.options.time
    if named != "auto":
        return named if named in frame.columns else ""
    return next(iter(time_candidates(frame)), "")


def _keys(
    table: Table, frame: pd.DataFrame, time: str, rows: AllRows, measured: Collection[str]
) -> SeriesKeys:
    joined = table.joined.columns if table.joined else ()
    rest = [c for c in map(str, frame.columns) if c not in (time, *joined)]
    numeric = [c for c in rest if c in table.reading.unread or mostly_numbers(frame[c])]
    numbers = [c for c in numeric if c not in table.reading.unread and c not in measured]
    texts = [c for c in rest if c not in numeric or c in measured]
    return find_series_keys(frame, time, texts, numbers, False, False, rows, measured)
