"""Tables in: CSV to Panel. Every complaint names file, row and column."""

import io
import re
import sys
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.calendar import IrregularTimes, Step, Times, check_regular, find_step
from lstmcli.columns import Roles, date_patterns, find_roles, parsed_dates, require_columns
from lstmcli.config import Settings
from lstmcli.errors import DataError, InputMissing
from lstmcli.panel import Key, Panel

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")
_YEARS = (1000, 2500)
_COMPACT_DATES = (1900_01_01, 2100_12_31)


@dataclass(frozen=True)
class Table:
    """A table and where it came from; `frame.index` counts data rows of the file from 0."""

    frame: pd.DataFrame
    source: str
    raw: Any  # path or bytes, to be read again as text

    def error(self, message: str, index: int | None = None, column: str | None = None) -> DataError:
        """A DataError that names file, row (as an editor counts lines) and column."""
        row = None if index is None else index + 2  # after the header, from 1
        return DataError(message, path=self.source, row=row, column=column)


def read(source: str) -> Table:
    """A CSV file, gzipped if its name says so, or standard input for "-".

    Raises InputMissing or DataError.
    """
    name = "standard input" if source == "-" else source
    raw = sys.stdin.buffer.read() if source == "-" else source
    frame = _read_csv(raw, name)
    frame.columns = frame.columns.astype(str)
    frame = frame.dropna(how="all")
    if frame.empty:
        raise DataError("the table has a header but no rows", path=name)
    return Table(frame, name, raw)


def _read_csv(raw: str | bytes, name: str, **options: Any) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.BytesIO(raw) if isinstance(raw, bytes) else raw,
                sep=_separator(raw),
                skip_blank_lines=False,  # so that row numbers are those of the file
                keep_default_na=False,
                na_values=list(MISSING),
                encoding="utf-8-sig",
                index_col=False,
                low_memory=False,
                **options,
            )
    except pd.errors.EmptyDataError:
        raise DataError("the file is empty", path=name) from None
    except pd.errors.ParserWarning:
        raise DataError("a row has more cells than the header", path=name) from None
    except pd.errors.ParserError as error:
        raise _ragged(str(error), name) from None
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8 text (byte {error.start})", path=name) from None
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise InputMissing(f"{name}: {(error.strerror or str(error)).lower()}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"cannot be read: {error}", path=name) from None


def _ragged(message: str, name: str) -> DataError:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if found is None:
        return DataError(f"not a table: {message.strip()}", path=name)
    expected, row, seen = found.groups()
    return DataError(f"the row has {seen} cells, the header {expected}", path=name, row=int(row))


def _separator(raw: str | bytes) -> str:
    """The separator that is most frequent in the first line; a comma when in doubt."""
    if isinstance(raw, bytes):
        first = raw.split(b"\n", 1)[0]
    else:
        with pd.io.common.get_handle(raw, "rb", compression="infer", is_text=False) as opened:  # type: ignore[attr-defined]
            first = opened.handle.readline()
    return max(",;\t|", key=lambda sign: first.count(sign.encode()))


def panel_of(table: Table, settings: Settings) -> tuple[Panel, Roles]:
    """Finds what each column is for, and the dated values. Raises DataError."""
    roles = find_roles(table.frame, settings, table.source)
    return panel_with(table, roles), roles


def panel_with(table: Table, roles: Roles, step: Step | None = None) -> Panel:
    """Dated values of a table whose columns have known roles.

    step: what it must be; None to find it. Raises DataError at the first row that does not fit.
    """
    needed = (roles.time, *roles.series, *roles.targets, *roles.past, *roles.future)
    require_columns(table.frame, needed, table.source)
    ordered = _ordered(table, roles)
    step = step or _common_step(table, ordered, roles)
    _check_steps(table, ordered, step, roles)
    return _assemble(table, ordered, step, roles)


@dataclass(frozen=True)
class _Ordered:
    """The rows of a table by series and time; series `s` has rows `bounds[s]` to `bounds[s + 1]`."""

    keys: tuple[Key, ...]
    bounds: NDArray[np.int64]
    times: Times
    rows: NDArray[np.int64]  # where each stands in the file, as `Table.frame.index`
    numbers: dict[str, NDArray[np.float64]]


def _ordered(table: Table, roles: Roles) -> _Ordered:
    times = _parse_times(table, roles.time)
    codes, keys = _group(table, roles.series)
    order = np.lexsort((times, codes))
    columns = (*roles.targets, *roles.past, *roles.future)
    return _Ordered(
        keys=keys,
        bounds=np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(keys)))]),
        times=times[order],
        rows=table.frame.index.to_numpy()[order],
        numbers={c: _parse_numbers(table, c)[order] for c in columns},
    )


def _parse_times(table: Table, column: str) -> Times:
    raw = table.frame[column]
    if raw.isna().any():
        raise table.error("the time stamp is missing", int(raw.index[raw.isna()][0]), column)
    pattern = time_pattern(table, column)
    if pattern is None:
        return raw.to_numpy(np.int64)
    parsed = parsed_dates(raw, pattern.replace("Z", "%z") if pattern.endswith("Z") else pattern)
    bad = parsed.isna()
    if bad.any():
        at = int(raw.index[bad][0])
        like = f", unlike {raw.iloc[0]!r} in the first row" if at != raw.index[0] else ""
        raise table.error(f"{raw[at]!r} is not a time stamp{like}", at, column)
    return parsed.dt.tz_localize(None).to_numpy().astype("datetime64[us]")


def time_pattern(table: Table, column: str) -> str | None:
    """The strftime pattern that time stamps are written in; None for plain steps.

    A pattern that ends in Z is read with any offset, and written in UTC. Raises DataError
    where day and month cannot be told apart.
    """
    raw = table.frame[column]
    if pd.api.types.is_integer_dtype(raw):
        low, high = raw.min(), raw.max()
        if _YEARS[0] <= low and high <= _YEARS[1]:
            return "%Y"
        compact = _COMPACT_DATES[0] <= low and high <= _COMPACT_DATES[1]
        return "%Y%m%d" if compact and parsed_dates(raw, "%Y%m%d").notna().all() else None
    first = str(raw.iloc[0])
    both = date_patterns(first)
    if not both:
        raise table.error(f"{first!r} is not a time stamp", int(raw.index[0]), column)
    fitting = [p for p in both if len(both) == 1 or parsed_dates(raw, p).notna().all()]
    if len(fitting) > 1:
        raise table.error(
            f"{first!r} and all other dates can be read month first or day first; write them as 2024-12-31",
            int(raw.index[0]),
            column,
        )
    return (fitting or both)[0].replace("%z", "Z")


def _parse_numbers(table: Table, column: str) -> NDArray[np.float64]:
    raw = table.frame[column]
    numbers = pd.to_numeric(raw, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = np.isinf(numbers) | (np.isnan(numbers) & raw.notna().to_numpy())
    if bad.any():
        at = int(raw.index[bad][0])
        shown = repr(raw[at]) if isinstance(raw[at], str) else f"{raw[at]}"
        raise table.error(f"{shown} is not a number", at, column)
    return numbers


def _group(table: Table, columns: Sequence[str]) -> tuple[NDArray[np.int64], tuple[Key, ...]]:
    """Number of the series of each row, and the key of each number, in order of appearance."""
    frame = table.frame
    if not columns:
        return np.zeros(len(frame), np.int64), ((),)
    for column in columns:
        if frame[column].isna().any():
            at = int(frame.index[frame[column].isna()][0])
            raise table.error("the name of the series is missing", at, column)
    names = frame[list(columns)].copy()
    for column in columns:
        if pd.api.types.is_numeric_dtype(names[column]):  # read again as text: 007 is not 7
            texts = _read_csv(table.raw, table.source, usecols=[column], dtype=str)
            names[column] = texts[column].loc[names.index]
    groups = names.groupby(list(columns), sort=False)
    firsts = names[~names.duplicated()]
    keys = tuple(tuple(map(str, row)) for row in firsts.itertuples(index=False))
    return groups.ngroup().to_numpy().astype(np.int64), keys


def _common_step(table: Table, ordered: _Ordered, roles: Roles) -> Step:
    """The step of the longest series; the others are held to it."""
    bounds = ordered.bounds
    longest = int(np.argmax(np.diff(bounds)))
    first = int(ordered.rows[bounds[longest]])
    stamps = ordered.times[bounds[longest] : bounds[longest + 1]]
    if len(stamps) < 2:
        raise table.error("a series needs at least two rows to show its step", first, roles.time)
    try:
        return find_step(stamps)
    except IrregularTimes as error:
        raise table.error(f"{error}{_repeats_hint(roles)}", first, roles.time) from None


def _check_steps(table: Table, ordered: _Ordered, step: Step, roles: Roles) -> None:
    times, bounds = ordered.times, ordered.bounds
    for s, key in enumerate(ordered.keys):
        try:
            check_regular(times[bounds[s] : bounds[s + 1]], step)
        except IrregularTimes as error:
            at = int(bounds[s]) + error.position
            name = f"series {' '.join(key)}: " if key else ""
            hint = _repeats_hint(roles) if times[at] == times[at - 1] else ""
            raise table.error(f"{name}{error}{hint}", int(ordered.rows[at]), roles.time) from None


def _repeats_hint(roles: Roles) -> str:
    if roles.series:
        return f" in one series (series are told apart by {', '.join(roles.series)})"
    return "; if the table holds several series, name the column with --set series=COLUMN"


def _assemble(table: Table, ordered: _Ordered, step: Step, roles: Roles) -> Panel:
    """One series per target and key, trimmed to start at its first observed value."""
    wide = len(roles.targets) > 1
    names, lengths, pieces = [], [], []
    for target in roles.targets:
        for s, key in enumerate(ordered.keys):
            first, last = int(ordered.bounds[s]), int(ordered.bounds[s + 1])
            seen = np.flatnonzero(~np.isnan(ordered.numbers[target][first:last]))
            names.append((*key, target) if wide else key)
            if not seen.size:
                which = f"series {' '.join(names[-1])}: " if names[-1] else ""
                raise table.error(f"{which}no value at all", int(ordered.rows[first]), target)
            lengths.append(int(seen[-1]) + 1 - int(seen[0]))
            pieces.append((target, first + int(seen[0]), last))
    whole = [(first, last) for _, first, last in pieces]
    history = [(first, first + length) for (first, _), length in zip(whole, lengths, strict=True)]
    return Panel(
        key_names=(*roles.series, "series") if wide else roles.series,
        keys=tuple(names),
        step=step,
        starts=np.array([ordered.times[first] for first, _ in whole]),
        offsets=np.concatenate([[0], np.cumsum([last - first for first, last in whole])]),
        lengths=np.array(lengths, np.int64),
        values=np.concatenate([ordered.numbers[target][first:last] for target, first, last in pieces]),
        past=_covariates(table, ordered, roles.past, history, whole),
        future=_covariates(table, ordered, roles.future, whole, whole),
    )


def _covariates(
    table: Table,
    ordered: _Ordered,
    columns: Sequence[str],
    needed: Sequence[tuple[int, int]],
    whole: Sequence[tuple[int, int]],
) -> NDArray[np.float32]:
    """Covariates of whole series, (rows, columns). Raises DataError for a hole in the needed rows."""
    if not columns:
        return np.zeros((sum(last - first for first, last in whole), 0), np.float32)
    stacked = np.stack([ordered.numbers[c] for c in columns], axis=1)
    for first, last in needed:
        holes = np.argwhere(np.isnan(stacked[first:last]))
        if holes.size:
            at, column = holes[0]
            raise table.error("the covariate is missing here", int(ordered.rows[first + at]), columns[column])
    taken = np.concatenate([stacked[first:last] for first, last in whole])
    return np.nan_to_num(taken).astype(np.float32)
