"""Rows of a second table with future covariates, joined to a panel."""

from collections.abc import Collection
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import did_you_mean
from lstmcli.errors.foreign import quoted
from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import Step, Times, format_time
from lstmcli.series.category import Category
from lstmcli.series.panel import Key, Panel, shown_key
from lstmcli.series.roles import Roles
from lstmcli.tables.read.cells import category_codes, group, parse_numbers
from lstmcli.tables.read.grid import times_of
from lstmcli.tables.read.names_alike import composed
from lstmcli.tables.read.open_times import closed_notes
from lstmcli.tables.read.renamed_columns import require_known_columns
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.tokens import is_absolute

_MOST_COMPARED = 1000  # series


def with_future(panel: Panel, table: Table, roles: Roles, horizon: int, pattern: str | None = None) -> Panel:
    """A panel with the rows of `horizon` steps after its last values, from a table without
    targets. What the table does not hold stays unknown; its rows after those steps are not
    used. pattern: of the times of the data, where it is known.

    Raises DataError at the first row that does not continue a series of the panel.
    """
    require_known_columns(table.frame, (roles.time, *roles.series, *roles.future), table.source)
    _check_no_targets(table, roles)
    columns = {c: _complete(table, roles, c) for c in roles.future}
    places = _places(panel, table, roles, horizon, pattern)
    sizes = np.diff(panel.offsets)
    longer = panel.with_horizon(np.maximum(horizon, sizes - panel.lengths))
    new = [
        first + size + np.arange(len(own))
        for first, size, own in zip(longer.offsets, sizes, places, strict=False)
    ]
    rows, given = np.concatenate(new), np.concatenate(places)
    rows, given = rows[given >= 0], given[given >= 0]
    numeric = roles.numeric(roles.future)
    numbers = np.stack([columns[c] for c in numeric], axis=1) if numeric else np.zeros((len(table.frame), 0))
    categories = [
        Category(c, "future", category_codes(table, c)[1], columns[c][given].astype(np.int32))
        for c in roles.future
        if c in roles.categorical
    ]
    return longer.fill_future(rows, numbers[given], categories)


def future_at_open_times(table: Table, step: Step, roles: Roles) -> tuple[Table, tuple[str, ...]]:
    """A table of future rows without those at closed times, and a note on these. Raises DataError."""
    if step.kind != "open":
        return table, ()
    require_known_columns(table.frame, (roles.time, *roles.series), table.source)
    times = times_of(table, roles, group(table, roles.series)[0])[0]
    if not np.issubdtype(times.dtype, np.datetime64):
        return table, ()
    inside = step.week.holds(times)
    if inside.all() or not inside.any():
        return table, ()
    notes = (
        ()
        if step.zeros
        else closed_notes(int((~inside).sum()), times[~inside].min(), table.patterns.get(roles.time))
    )
    return table.with_rows(inside), tuple(f"future rows: {note}" for note in notes)


def _check_no_targets(table: Table, roles: Roles) -> None:
    for target in roles.targets:
        if target in table.frame.columns and table.frame[target].notna().any():
            at = int(table.frame.index[table.frame[target].notna()][0])
            raise table.error(
                "future-rows", "this row has a value; leave it empty, or move the row to DATA", at, target
            )


def _complete(table: Table, roles: Roles, column: str) -> NDArray[np.float64]:
    """The numbers or codes of a column without a hole."""
    categorical = column in roles.categorical
    found = category_codes(table, column)[0] if categorical else parse_numbers(table, column)
    holes = np.flatnonzero(np.isnan(found))
    if holes.size:
        at = int(table.frame.index[holes[0]])
        count = f" ({len(holes)} of {len(found)} rows)" if len(holes) > 1 else ""
        raise table.error("missing-covariate", f"the covariate is missing here{count}", at, column)
    return found


def _other_spelling(key: Key, known: Collection[Key]) -> str:
    if any(composed(key) == composed(other) for other in known):
        return "; it has one of the same letters, in other characters of Unicode: write them alike"
    hint = did_you_mean(" ".join(key), map(" ".join, islice(known, _MOST_COMPARED)))
    return f".{hint}" if hint else ""


def _places(panel: Panel, table: Table, roles: Roles, horizon: int, pattern: str | None) -> list[Indices]:
    """For each series the row of the table for each step that is needed, -1 where there is none."""
    codes, keys = group(table, roles.series)
    times, where = times_of(table, roles, codes)[0], table.frame.index.to_numpy()
    if times.dtype != panel.starts.dtype:
        raise table.error(
            "not-a-time", "time stamps are not written as in the data", int(where[0]), roles.time
        )
    _check_zone(table, roles, pattern)
    _check_statics(panel, table, roles, codes, keys)
    known: dict[Key, list[int]] = {}
    for s, key in enumerate(panel.keys):
        known.setdefault(key[: len(roles.series)], []).append(s)
    for number, key in enumerate(keys):
        if key not in known:
            at = int(where[np.argmax(codes == number)])
            said = f"the data has no series {shown_key(key)}{_other_spelling(key, known)}"
            raise table.error("future-rows", said, at, roles.series[0])
    order = np.lexsort((times, codes))
    bounds = np.searchsorted(codes[order], np.arange(len(keys) + 1))
    rows_of_key = {key: order[bounds[n] : bounds[n + 1]] for n, key in enumerate(keys)}
    none = np.zeros(0, np.int64)
    return [
        _matched(panel, s, horizon, times, rows_of_key.get(key[: len(roles.series)], none), table, roles)
        for s, key in enumerate(panel.keys)
    ]


def _check_zone(table: Table, roles: Roles, pattern: str | None) -> None:
    """Raises DataError where times of a table tell their offset from UTC and those of the data, written as
    `pattern`, do not, or the other way round: rows would be joined to those of other hours."""
    own, time = table.patterns.get(roles.time), roles.time
    if pattern is None or own is None or is_absolute(own) == is_absolute(pattern):
        return
    where = int(table.frame.index[0])
    cell = quoted(str(table.frame[time].iloc[0])) if time in table.frame.columns else "this one"
    if is_absolute(own):
        said = f"the times of the data have no offset from UTC, {cell} has one: leave it out, as local time"
    else:
        said = f"the times of the data have their offset from UTC, {cell} has none: add it, as +01:00 or Z"
    raise table.error("not-a-time", said, where, time)


def _check_statics(panel: Panel, table: Table, roles: Roles, codes: Indices, keys: tuple[Key, ...]) -> None:
    """Raises DataError where a static column stands in the table with another value than in the data."""
    first = {key[: len(roles.series)]: s for s, key in reversed(list(enumerate(panel.keys)))}
    series = np.array([first.get(key, -1) for key in keys])[codes]
    for column in roles.static:
        if column not in table.frame.columns:
            continue
        if column in roles.categorical:
            (category,) = (c for c in panel.categories if c.column == column)
            given, names = category_codes(table, column)
            same = np.array([*names, ""], object)[np.nan_to_num(given, nan=-1).astype(np.int64)]
            wrong = np.array(category.names, object)[category.codes[series]] != same
        else:
            at = roles.numeric(roles.static).index(column)
            wrong = panel.static[series, at] != parse_numbers(table, column).astype(np.float32)
        for place in np.flatnonzero(wrong & (series >= 0))[:1]:
            where = int(table.frame.index[place])
            raise table.error(
                "static-changes", "a static covariate differs from the data here", where, column
            )


def _matched(
    panel: Panel, s: int, horizon: int, times: Times, rows: Indices, table: Table, roles: Roles
) -> Indices:
    count = int(panel.offsets[s + 1] - panel.offsets[s])
    expected = panel.times(s, count, max(horizon - panel.ahead(s), 0))
    last = panel.times(s, count - 1, 1)[0]
    stamps = times[rows]
    shown = partial(format_time, zone=table.zone(roles.time))

    def refuse(place: int, kind: str, message: str) -> None:
        name = f"series {panel.name(s)}: " if panel.name(s) else ""
        raise table.error(kind, f"{name}{message}", int(table.frame.index[rows[place]]), roles.time)

    for place in np.flatnonzero(stamps <= last)[:1]:
        there = f"the data has rows up to {shown(last)} already; this one is {shown(stamps[place])}"
        refuse(place, "future-rows", there)
    for place in np.flatnonzero(stamps[1:] == stamps[:-1])[:1]:
        refuse(place + 1, "duplicate-time", f"time {shown(stamps[place])} appears twice")
    found = np.full(len(expected), -1)
    if not len(expected):
        return found
    at = np.searchsorted(expected, stamps)
    inside = at < len(expected)
    off = inside & (expected[np.minimum(at, len(expected) - 1)] != stamps)
    for place in np.flatnonzero(off)[:1]:
        step = shown(expected[at[place]])
        refuse(place, "future-rows", f"{shown(stamps[place])} is no step of the series; the next is {step}")
    found[at[inside]] = rows[inside]
    return found


def static_texts(table: Table, roles: Roles) -> dict[str, dict[Key, str]]:
    """What stands in the static columns of a table, by column and series."""
    codes, keys = group(table, roles.series)
    _, firsts = np.unique(codes, return_index=True)
    return {
        column: {key: str(table.frame[column].iloc[at]) for key, at in zip(keys, firsts, strict=True)}
        for column in roles.static
    }
