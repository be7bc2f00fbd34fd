"""What a table holds whether or not it can be used: what `check` shows, and where `train` refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.errors.findings import FilePlace, SeriesCount
from lstmcli.series.calendar import Step, advance, positions
from lstmcli.series.panel import Key, Panel
from lstmcli.series.roles import Roles
from lstmcli.tables.read.grid import Grid, common_step, sort_rows
from lstmcli.tables.read.mends import are_everywhere, usual_bin
from lstmcli.tables.read.open_times import FEW_ROWS, drop_closed
from lstmcli.tables.read.panels import panel_and_notes
from lstmcli.tables.read.renamed_columns import require_known_columns
from lstmcli.tables.read.table import Table

UNUSED_ROLE = "unused"


@dataclass(frozen=True)
class TableColumn:
    """A column, what it serves for ("unused" for nothing) and its empty cells."""

    name: str
    role: str
    empty: int


def survey_columns(table: Table, roles: Roles | None) -> tuple[TableColumn, ...]:
    """Every column of a table in its order; the roles are unused where none could be found."""
    named = dict(_role_names(roles)) if roles else {}
    if roles and table.joined and table.joined.name == roles.time:  # made from columns of the table
        named |= dict.fromkeys(table.joined.columns, "time")
    made = table.joined.name if table.joined else None
    return tuple(
        TableColumn(str(name), named.get(str(name), UNUSED_ROLE), int(table.frame[name].isna().sum()))
        for name in table.frame.columns
        if name != made
    )


def _role_names(roles: Roles) -> Mapping[str, str]:
    """Role by column, under the names of the settings."""
    named = {}
    for field in fields(roles):
        value = getattr(roles, field.name)
        if field.name not in ("notes", "categorical", "tried"):
            role = {"targets": "target"}.get(field.name, field.name)
            named.update(dict.fromkeys((value,) if isinstance(value, str) else value, role))
    return named


@dataclass(frozen=True)
class SurveyTimes:
    """The time stamps of a table by series and time, and what is irregular in them.

    Arrays have one entry for every two neighbours in `grid.times`: `between`, the steps from one
    to the next; `same_series`, whether both are of one series; `off`, whether the second is not a
    whole number of steps after the first.
    """

    table: Table
    roles: Roles
    grid: Grid
    step: Step
    between: NDArray[np.int64]
    same_series: NDArray[np.bool_]
    off: NDArray[np.bool_]

    @property
    def repeated(self) -> NDArray[np.int64]:
        """Places in the grid whose time is that of the one before."""
        return np.flatnonzero(self.same_series & (self.between == 0) & ~self.off) + 1

    @property
    def after_gaps(self) -> NDArray[np.int64]:
        """Places in the grid that come more than a step after the one before, or off the step."""
        return np.flatnonzero(self.same_series & ((self.between > 1) | self.off)) + 1

    def left_out(self, places: NDArray[np.int64]) -> int:
        """Times that are missing before some places."""
        return int(np.maximum(self.between[places - 1] - 1, 0).sum())

    def mend_of(self, gaps: NDArray[np.int64]) -> str:
        """What to type where most rows come after one of the gaps, "" elsewhere."""
        if not are_everywhere(gaps.size, len(self.grid.times)):
            return ""
        bins = usual_bin(self.grid.times, self.grid.bounds)
        return f"; --resample {bins}=mean brings rows onto a grid"

    def by_series(self, places: NDArray[np.int64]) -> list[SeriesCount]:
        """How many of the places each series has, most first."""
        which = np.searchsorted(self.grid.bounds, places, side="right") - 1
        found, counts = np.unique(which, return_counts=True)
        most = np.argsort(-counts, kind="stable")
        names = [" ".join(self.grid.keys[code]) or "the series" for code in found]
        return [SeriesCount(names[k], int(counts[k])) for k in most]

    def place(self, at: int) -> FilePlace:
        """Where in the file a place in the grid stands."""
        return _place(self.table, int(self.grid.rows[at]), self.roles.time)

    def place_of(self, panel: Panel, series: int, position: int) -> FilePlace | None:
        """Where in the file a value of a panel stands; None where it is in no row."""
        key = panel.keys[series]
        wide = len(self.roles.targets) > 1
        column, key = (key[-1], key[:-1]) if wide else (self.roles.targets[0], key)
        number = self._numbers.get(key)
        if number is None:
            return None
        first, last = self.grid.bounds[number], self.grid.bounds[number + 1]
        time = panel.times(series, position, 1)[0]
        at = int(first + np.searchsorted(self.grid.times[first:last], time))
        if at >= last or self.grid.times[at] != time:
            return None
        return _place(self.table, int(self.grid.rows[at]), column)

    @cached_property
    def _numbers(self) -> dict[Key, int]:
        return {key: number for number, key in enumerate(self.grid.keys)}


def _place(table: Table, row: int, column: str) -> FilePlace:
    error = table.error("gap", "", row, column)
    return FilePlace(error.path, error.row, error.column)


def survey_times(table: Table, roles: Roles, step: Step | None = None) -> SurveyTimes:
    """step: what it is; None to find it.

    Raises DataError where a time stamp cannot be read or no step can be found."""
    require_known_columns(table.frame, (*filter(None, [roles.time]), *roles.series), table.source)
    grid = sort_rows(table, _only_times(roles))
    step = step or common_step(table, grid, roles)
    grid = drop_closed(table, grid, step, roles)
    same = np.ones(max(len(grid.times) - 1, 0), bool)
    same[grid.bounds[1:-1] - 1] = False
    steps, fits = positions(grid.times, grid.starts(), step)
    return SurveyTimes(table, roles, grid, step, np.diff(steps), same, same & ~fits[1:])


def _only_times(roles: Roles) -> Roles:
    kept = ("time", "series", "notes", "tried")
    empty: dict[str, Any] = {f.name: () for f in fields(roles) if f.name not in kept}
    return replace(roles, **empty)


def panel_for_contract(
    table: Table, roles: Roles, step: Step, new_rows: bool = False
) -> tuple[Panel, tuple[str, ...]]:
    """The panel of a table for a model that was trained on rows one `step` apart, and its notes.

    new_rows: whether the series are known, see `panel_and_notes`: another step of few of them is a gap.

    Raises DataError as `panel_with`, and of the kind other-step where the table keeps another one.
    """
    try:
        made = panel_and_notes(table, roles, step, new_rows)
    except DataError as error:
        if error.kind in ("gap", "duplicate-time", "irregular", "mixed-step"):
            _check_step(table, roles, step, new_rows)
        raise
    if table.options.on_gap != "error":  # a week of days would pass for days with gaps
        _check_step(table, roles, step, new_rows)
    return made


def _check_step(table: Table, roles: Roles, step: Step, new_rows: bool) -> None:
    """Raises DataError where no two rows of a series are one `step` apart."""
    if table.options.resample:
        return
    try:
        found = survey_times(table, roles)
    except DataError:
        return
    times, same = found.grid.times, found.same_series
    dated = np.issubdtype(times.dtype, np.datetime64)
    if dated == step.plain:
        what = "dates, the model was trained on plain steps" if dated else "plain steps, the model on dates"
        raise table.error("other-step", f"the times are {what}", int(found.grid.rows[0]), roles.time)
    fits = (advance(times[:-1], step, 1) == times[1:]) & same
    few = same.sum() < (FEW_ROWS if new_rows else 2)
    if found.step in (step, step.of_rows) or few or fits.any():
        return
    first = int(np.argmax(same))
    raise table.error(
        "other-step",
        f"rows are {found.step.describe()} apart ({table.shown_time(times[first], roles.time)}, "
        f"{table.shown_time(times[first + 1], roles.time)}); the model was trained on {step.describe()}",
        int(found.grid.rows[first + 1]),
        roles.time,
    )
