"""The rows of each series in order of time, one step apart."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lstmcli.calendar import IrregularTimes, Step, Times, check_regular, find_step
from lstmcli.panel import Key
from lstmcli.tables.columns import Roles
from lstmcli.tables.reading import Table


@dataclass(frozen=True)
class Grid:
    """The rows of a table by series and time; series `s` has rows `bounds[s]` to `bounds[s + 1]`."""

    keys: tuple[Key, ...]
    bounds: NDArray[np.int64]
    times: Times
    rows: NDArray[np.int64]  # where each stands in the file, as `Table.frame.index`
    numbers: dict[str, NDArray[np.float64]]  # of a categorical column its codes
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what the codes stand for


def common_step(table: Table, ordered: Grid, roles: Roles) -> Step:
    """The step of the longest series; the others are held to it."""
    bounds = ordered.bounds
    longest = int(np.argmax(np.diff(bounds)))
    first = int(ordered.rows[bounds[longest]])
    stamps = ordered.times[bounds[longest] : bounds[longest + 1]]
    if len(stamps) < 2:
        raise table.error("one-row", "a series needs at least two rows to show its step", first, roles.time)
    try:
        return find_step(stamps)
    except IrregularTimes as error:
        raise table.error(error.kind, f"{error}{_repeats_hint(roles)}", first, roles.time) from None


def check_steps(table: Table, ordered: Grid, step: Step, roles: Roles) -> None:
    times, bounds = ordered.times, ordered.bounds
    for s, key in enumerate(ordered.keys):
        try:
            check_regular(times[bounds[s] : bounds[s + 1]], step)
        except IrregularTimes as error:
            at = int(bounds[s]) + error.position
            name = f"series {' '.join(key)}: " if key else ""
            hint = _repeats_hint(roles) if times[at] == times[at - 1] else ""
            raise table.error(error.kind, f"{name}{error}{hint}", int(ordered.rows[at]), roles.time) from None


def _repeats_hint(roles: Roles) -> str:
    if roles.series:
        return f" in one series (series are told apart by {', '.join(roles.series)})"
    return "; if the table holds several series, name the column with --set series=COLUMN"
