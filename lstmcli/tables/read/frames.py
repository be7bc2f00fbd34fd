"""A DataFrame as a Table, as if it had been written to CSV and read; and forecasts as a DataFrame
whose series and times are of the user's types."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types
from pandas.api.types import is_string_dtype

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.column_names import are_names, is_key_name
from lstmcli.tables.read.frame_source import FRAME_NAME
from lstmcli.tables.read.header_rows import joined_names
from lstmcli.tables.read.nameless_columns import (
    UNNAMED_TIME,
    UNNAMED_TIME_NOTE,
    is_nameless,
    nameless_note,
    unnamed_time_column,
)
from lstmcli.tables.read.probing import PROBED_ROWS, is_settled, kind_of_cells, may_be_thousands
from lstmcli.tables.read.reading import ReadingFinder, apply_reading
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.table import Table, TablePart
from lstmcli.tables.read.written_keys import with_written_keys

SOURCE = FRAME_NAME
_OFFSET = r"\d(Z|[+-]\d\d:?\d\d)$"


def with_columns(data: "pd.DataFrame | pd.Series[Any]", time: str = "") -> pd.DataFrame:
    """The data with its index as columns, where that says something: names, times or several levels.

    time: what an index of times without a name is called. A Series is the column of its name, or y. Names of
    several levels are joined, as those of a header of several rows.
    Raises DataError where two columns have one name.
    """
    frame = data if isinstance(data, pd.DataFrame) else data.to_frame("y" if data.name is None else data.name)
    if frame.columns.nlevels > 1:
        levels = [[str(name) for name in level] for level in zip(*frame.columns, strict=True)]
        joined = joined_names(levels, range(frame.shape[1])) or [
            " ".join(c) for c in zip(*levels, strict=True)
        ]
        frame = frame.set_axis(list(joined), axis=1)
    index = frame.index
    timed = isinstance(index, pd.DatetimeIndex | pd.PeriodIndex)
    if timed and index.name is None and (time or "time") not in frame.columns:
        frame = frame.rename_axis(index=time or "time")
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    if named:
        frame = frame.reset_index(level=named)
    frame = frame.set_axis(
        [str(c).strip() or f"Unnamed: {place}" for place, c in enumerate(frame.columns)], axis=1
    )
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise DataError("duplicate-column", f"two columns are called {quoted(twice[0])}", path=SOURCE)
    return frame


def table_from_frame(frame: pd.DataFrame, options: ReadOptions, keys_known: bool = False) -> Table:
    """A table of the columns that `with_columns` gave. Rows are counted from 1 in complaints.

    keys_known: see `files.read_table`. Raises DataError for a frame without rows or columns.
    """
    table = _read_frame(frame, options)
    if keys_known:
        return table
    return with_written_keys(
        table,
        lambda names: _read_frame(frame, replace(options, as_written=(*options.as_written, *names))),
    )


def _read_frame(frame: pd.DataFrame, options: ReadOptions) -> Table:
    plain = pd.DataFrame({name: _plain(frame[name]) for name in frame.columns}, index=frame.index)
    plain.index = pd.RangeIndex(len(plain))
    plain = plain[~plain.isna().all(axis=1)]
    if plain.empty:
        raise DataError("empty", "the table has no rows", path=SOURCE)
    plain, again = _without_repeats(plain)
    plain, notes = _named_columns(plain)
    finder = ReadingFinder(options, source=SOURCE)
    for name in plain.columns:
        if is_string_dtype(plain[name].dtype):
            plain[name], kind = _settled(plain[name], options)
            finder.odd |= {name} if kind == "odd" else set()
            finder.decimals |= {name: "."} if kind == "decimals" else {}
    finder.add(plain)
    found = finder.found()
    part = TablePart(TableSource(SOURCE, b""), 0, None)
    read = apply_reading(plain, found.reading, options)
    return Table(
        read, SOURCE, (part,), options, (*found.notes, *notes, *again), reading=found
    ).with_placed_notes()


def _without_repeats(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """As in files: without rows that are the header again; and what to say of them."""
    texts = all(is_string_dtype(dtype) for dtype in frame.dtypes)
    same = (frame == frame.columns).all(axis=1) if texts else pd.Series(False, frame.index)
    if not same.any() or same.all():
        return frame, ()
    first = int(frame.index[same][0]) + 1
    more = f"{int(same.sum()):,} rows, the first" if same.sum() > 1 else "row"
    return frame[~same], (f"not in the table: {more} {first}, the header again",)


def _named_columns(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """As in files: a column without a name is the time or is left out; and what to say of it."""
    nameless = [name for name in frame.columns if is_nameless(name)]
    time = unnamed_time_column(frame, nameless)
    left = [name for name in nameless if name != time]
    notes = [] if time is None else [UNNAMED_TIME_NOTE]
    notes += [nameless_note([*map(str, left)])] if frame[left].notna().any(axis=None) else []
    called = {} if time is None else {time: UNNAMED_TIME}
    return frame.drop(columns=left).rename(columns=called), tuple(notes)


def _plain(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Cells as reading CSV gives them: numbers, or texts; times without zone and fraction stay times."""
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _plain(column.astype(dtype.categories.dtype))
    if isinstance(dtype, pd.ArrowDtype):
        return _plain(column.astype(object).infer_objects())
    if isinstance(dtype, pd.PeriodDtype) and str(dtype).startswith("period[W"):
        return column.dt.start_time  # its text is two dates
    if types.is_datetime64_any_dtype(dtype):
        fine = column.dt.tz is not None or bool((column.dt.microsecond + column.dt.nanosecond).any())
        return _texts(column) if fine else column
    if types.is_bool_dtype(dtype) or types.is_complex_dtype(dtype) or not types.is_numeric_dtype(dtype):
        return _texts(column)
    return _numbers(column) if types.is_extension_array_dtype(dtype) else column


def _numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Numbers of the kinds of NumPy."""
    whole = types.is_integer_dtype(column.dtype) and not column.hasnans
    cells = column.to_numpy(np.int64) if whole else column.to_numpy(np.float64, na_value=np.nan)
    return pd.Series(cells, index=column.index)


def _texts(column: "pd.Series[Any]") -> "pd.Series[Any]":
    filled = column.notna()
    texts = column.astype(str).where(filled).astype(object)
    return texts.mask(texts == "")


def _settled(texts: "pd.Series[Any]", options: ReadOptions) -> tuple["pd.Series[Any]", str]:
    """Texts, or the plain numbers that they spell; and which of `ProbedColumns` they belong to."""
    kind = kind_of_cells(str(texts.name), texts.iloc[:PROBED_ROWS].dropna().unique().tolist(), ".", options)
    if kind in ("texts", "names"):
        return (texts.astype("category") if texts.nunique() < len(texts) // 2 else texts), kind
    if kind == "odd":
        return texts, kind
    numbers = pd.to_numeric(texts, errors="coerce")
    if (numbers.isna() & texts.notna()).any():
        return texts, "odd"
    if is_key_name(str(texts.name)) and are_names(texts.dropna().unique().tolist()):
        return texts.astype("category"), "names"
    if kind == "whole" and types.is_float_dtype(numbers):
        doubt = may_be_thousands(numbers.to_numpy())
        if doubt and not is_settled(str(texts.name), ".", options):
            return texts, "odd"
        kind = kind if doubt is None else "decimals"
    return numbers, kind


def restore_types(
    made: pd.DataFrame, given: pd.DataFrame, roles: Roles, times: Sequence[str] = ()
) -> pd.DataFrame:
    """A table of forecasts whose series, times and static columns are of the types they have in `given`.
    times: further columns of times."""
    columns = {name: made[name] for name in made.columns}
    for name in (*roles.series, *(name for name in roles.static if name in made.columns)):
        columns[name] = _series_like(made[name], given[name])
    if roles.time in given.columns:  # else it was joined from several
        for name in (roles.time, *times):
            columns[name] = _times_like(made[name], given[roles.time])
    return pd.DataFrame(columns)


def empty_forecast(
    given: pd.DataFrame, roles: Roles, names: list[str], texts: Sequence[str] = ()
) -> pd.DataFrame:
    """The table of forecasts of no series. texts: columns that are neither of the data nor numbers."""
    kept = (*roles.series, roles.time)
    kept = tuple(name for name in kept if name in given.columns)
    kinds: dict[str, Any] = {name: object if name in texts else float for name in names}
    columns = {n: given[n].iloc[:0] if n in kept else pd.Series(dtype=kinds[n]) for n in names}
    if len(roles.targets) > 1:
        columns["series"] = pd.Series(dtype=object)
    return pd.DataFrame(columns).reset_index(drop=True)


def _series_like(texts: "pd.Series[str]", given: "pd.Series[Any]") -> "pd.Series[Any]":
    """Names of series as they stand in the data, where the table knows them as texts."""
    values = given.drop_duplicates().dropna()
    plain = _plain(values)
    plain = _settled(plain, ReadOptions())[0] if is_string_dtype(plain.dtype) else plain
    known = dict(zip(plain.astype(object).map(str), values, strict=True))
    return texts.map(known).astype(given.dtype)


def _times_like(stamps: "pd.Series[Any]", given: "pd.Series[Any]") -> "pd.Series[Any]":
    dtype = given.dtype
    if isinstance(dtype, pd.PeriodDtype):
        return pd.Series(pd.PeriodIndex(stamps.astype(str), freq=dtype.freq))
    if types.is_datetime64_any_dtype(dtype):
        return pd.Series(_dated(stamps, given.dt.tz)).astype(dtype)
    if types.is_numeric_dtype(dtype):
        return stamps.astype(dtype)
    first = given.dropna().iloc[0]
    if isinstance(first, pd.Timestamp) or hasattr(first, "isoformat"):  # of the standard library
        dates = pd.Series(_dated(stamps, getattr(first, "tzinfo", None)))
        if isinstance(first, pd.Timestamp):
            return dates.astype(object)
        whole = [time.to_pydatetime() for time in dates] if hasattr(first, "hour") else dates.dt.date
        return pd.Series(list(whole), dtype=object)
    return stamps


def _dated(stamps: "pd.Series[Any]", zone: Any) -> pd.DatetimeIndex:
    """The times of written stamps: in a zone, or without one."""
    absolute = bool(re.search(_OFFSET, str(stamps.iloc[0])))
    texts = stamps.astype(str)
    if not absolute:
        times = pd.DatetimeIndex(pd.to_datetime(texts, format="ISO8601"))
        return times if zone is None else times.tz_localize(zone)
    if zone is None:  # local times, which --set timezone gave their offset
        texts = texts.str.replace(_OFFSET[2:], "", regex=True)
        return pd.DatetimeIndex(pd.to_datetime(texts, format="ISO8601"))
    return pd.DatetimeIndex(pd.to_datetime(texts, format="ISO8601", utc=True)).tz_convert(zone)
