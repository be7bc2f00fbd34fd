"""A Table with known roles to a Panel: series, their numbers, covariates."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.calendar import Step
from lstmcli.config import Settings
from lstmcli.panel import Key, Panel
from lstmcli.tables.columns import Roles, find_roles, require_columns
from lstmcli.tables.grid import Grid, check_steps, common_step
from lstmcli.tables.reading import Table, read_csv
from lstmcli.tables.timestamps import parse_times

_LARGEST = 1e36  # networks compute in single precision, which ends at 3.4e38


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
    ordered = ordered_rows(table, roles)
    step = step or common_step(table, ordered, roles)
    check_steps(table, ordered, step, roles)
    return _assemble(table, ordered, step, roles)


def ordered_rows(table: Table, roles: Roles) -> Grid:
    """Times and numbers by series and time. Raises DataError for a cell that is neither."""
    times = parse_times(table, roles.time)
    codes, keys = _group(table, roles.series)
    order = np.lexsort((times, codes))
    columns = (*roles.targets, *roles.past, *roles.future)
    return Grid(
        keys=keys,
        bounds=np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(keys)))]),
        times=times[order],
        rows=table.frame.index.to_numpy()[order],
        numbers={c: _parse_numbers(table, c)[order] for c in columns},
    )


def _parse_numbers(table: Table, column: str) -> NDArray[np.float64]:
    raw = table.frame[column]
    numbers = pd.to_numeric(raw, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = np.isinf(numbers) | (np.isnan(numbers) & raw.notna().to_numpy())
    if bad.any():
        at = int(raw.index[bad][0])
        shown = repr(raw[at]) if isinstance(raw[at], str) else f"{raw[at]}"
        raise table.error("not-a-number", f"{shown} is not a number", at, column)
    large = np.abs(numbers) > _LARGEST
    if large.any():
        at = int(raw.index[large][0])
        raise table.error("too-large", f"{raw[at]} is beyond {_LARGEST:g}; use larger units", at, column)
    return numbers


def _group(table: Table, columns: Sequence[str]) -> tuple[NDArray[np.int64], tuple[Key, ...]]:
    """Number of the series of each row, and the key of each number, in order of appearance."""
    frame = table.frame
    if not columns:
        return np.zeros(len(frame), np.int64), ((),)
    for column in columns:
        if frame[column].isna().any():
            at = int(frame.index[frame[column].isna()][0])
            raise table.error("missing-series", "the name of the series is missing", at, column)
    names = frame[list(columns)].copy()
    for column in columns:
        if pd.api.types.is_numeric_dtype(names[column]):  # read again as text: 007 is not 7
            texts = read_csv(table.raw, table.source, usecols=[column], dtype=str)
            names[column] = texts[column].loc[names.index]
    groups = names.groupby(list(columns), sort=False)
    firsts = names[~names.duplicated()]
    keys = tuple(tuple(map(str, row)) for row in firsts.itertuples(index=False))
    return groups.ngroup().to_numpy().astype(np.int64), keys


def _assemble(table: Table, ordered: Grid, step: Step, roles: Roles) -> Panel:
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
                raise table.error("no-values", f"{which}no value at all", int(ordered.rows[first]), target)
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
    ordered: Grid,
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
            raise table.error(
                "missing-covariate",
                "the covariate is missing here",
                int(ordered.rows[first + at]),
                columns[column],
            )
    taken = np.concatenate([stacked[first:last] for first, last in whole])
    return np.nan_to_num(taken).astype(np.float32)
