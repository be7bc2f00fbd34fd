"""A Table with known roles to a Panel: series, their numbers, covariates."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.series.calendar import Step
from lstmcli.series.closed_zeros import KEEP, closed_after
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.series.totals import with_totals
from lstmcli.tables.read.closed_rows import ClosedRows, last_values
from lstmcli.tables.read.columns import find_roles
from lstmcli.tables.read.covariates import categories_of, needed_numbers, static_numbers
from lstmcli.tables.read.gaps import drop_duplicates, on_steps
from lstmcli.tables.read.grid import Grid, common_step, observed_rows, sort_rows, with_open_times
from lstmcli.tables.read.missing_cells import MissingCells
from lstmcli.tables.read.open_times import (
    FEW_ROWS,
    closed_zeros,
    drop_closed,
    open_notes,
    with_open_rows,
)
from lstmcli.tables.read.renamed_columns import require_known_columns
from lstmcli.tables.read.resampling import resample_rows
from lstmcli.tables.read.sentinels import sentinels_in
from lstmcli.tables.read.sources import open_text
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.time_columns import KEEP_ONE_KIND, LEAVE_THEM_OUT, YEARS_BESIDE
from lstmcli.tables.read.time_kinds import finest, kind_of_time
from lstmcli.tables.read.time_words import month_number
from lstmcli.tables.read.times_by_kind import keep_kind, without_sums, years_beside
from lstmcli.tables.read.zeros_at_end import ZerosAtEnd

if TYPE_CHECKING:
    from lstmcli.settings.model import Settings


def roles_of(table: Table, settings: "Settings") -> Roles:
    """What each column of a whole table is for. Raises DataError."""
    try:
        return find_roles(
            table.frame,
            settings,
            table.source,
            table.codes,
            unread=table.unread,
            joined=table.joined,
            place=table.place,
            written=table.options.as_written,
        )
    except DataError as error:
        raise _of_nameless(_of_several_kinds(error, table), table) from None


def _of_several_kinds(error: DataError, table: Table) -> DataError:
    """The error of years and parts of years in one column, with the command that keeps the shortest."""
    said = str(error)
    if not said.endswith((KEEP_ONE_KIND, LEAVE_THEM_OUT, YEARS_BESIDE)) or error.column is None:
        return error
    cells = table.frame[error.column].dropna()
    row, some = int(cells.index[0]), cells.drop_duplicates().astype(str)
    kept = finest([str(some.iloc[0]), *some[some.map(kind_of_time) != ""].iloc[-1:]])
    if said.endswith(YEARS_BESIDE):
        command = years_beside(table, error.column, row)
    elif said.endswith(LEAVE_THEM_OUT):
        command = without_sums(table, error.column, row)
    else:
        command = keep_kind(table, error.column, row, kept) if kept else ""
    if not command:
        return error
    said = said.removeprefix(f"{error.path}:{error.row}:{error.column}: ")
    return DataError(error.kind, f"{said}: {command}", path=error.path, row=error.row, column=error.column)


def _of_nameless(error: DataError, table: Table) -> DataError:
    """The error of a table without a time, with what reads columns without a name by their number."""
    part = table.parts[0] if len(table.parts) == 1 else None
    if error.kind != "no-time-column" or part is None or part.dialect is None or part.source.made:
        return error
    if all(name.strip() for name in part.dialect.names) or not table.options.header or table.frame.empty:
        return error
    above = table.place(int(table.frame.index[0]))[1] - 1
    with open_text(part.source, table.options) as text:
        for _ in range(above):
            text.readline()
        cells = next(part.dialect.rows(text), [])
    time = "1,2" if len(cells) > 2 and month_number(cells[1].strip()) else "1"
    said = "; columns without a name are read by their number: "
    said += f"--set skip_rows={above} --no-header --set time={time}"
    message = str(error).removesuffix(f" [{error.kind}]").removeprefix(f"{error.path}:{error.row}: ")
    made = DataError(error.kind, message + said, path=error.path, row=error.row)
    return made.mended_by({"skip_rows": above, "header": False, "time": time})


def panel_of(table: Table, settings: "Settings", step: Step | None = None) -> tuple[Panel, Roles]:
    """Finds what each column is for, and the dated values; step: what it must be. Raises DataError."""
    roles = roles_of(table, settings)
    panel, notes = panel_and_notes(table, roles, step)
    return panel, replace(roles, notes=(*roles.notes, *notes))


def panel_with(table: Table, roles: Roles, step: Step | None = None) -> Panel:
    """Dated values of a table whose columns have known roles.

    step: what it must be; None to find it. Raises DataError at the first row that does not fit.
    """
    return panel_and_notes(table, roles, step)[0]


def panel_and_notes(
    table: Table, roles: Roles, step: Step | None = None, new_rows: bool = False
) -> tuple[Panel, tuple[str, ...]]:
    """`panel_with`, and what was assumed or done to times on the way.

    new_rows: of series that are known: those that have rows at closed times alone are left out.
    """
    needed = (*filter(None, [roles.time]), *roles.series, *roles.targets, *roles.covariates)
    require_known_columns(table.frame, needed, table.source)
    grid = sort_rows(table, roles)
    far = sentinels_in(grid.numbers, (*roles.targets, *roles.numeric(roles.covariates)))
    zeros = ZerosAtEnd()
    zeros.add(table, grid, roles.targets)
    if resampling := table.options.resampling:
        grid, bins = resample_rows(table, resampling, grid, roles)
        found = step or with_open_times(table, grid, bins, roles, given=True)
    else:
        grid = drop_duplicates(table, grid, roles)
        found = step or common_step(table, grid, roles)
    notes = open_notes(found, grid.times[0]) if step is None else ()
    closed = closed_zeros(table, found, step is None)
    closed.add(grid.times, grid.bounds, [grid.numbers[target] for target in roles.targets])
    shut = closed.found()
    found = shut.step or found
    rows = ClosedRows(found, table.options.holidays)
    rows.add(grid, roles)
    table.closed.update(rows.values)
    found, usual = rows.found(), rows.step.zeros or (new_rows and len(grid.times) < FEW_ROWS)
    if new_rows and usual and rows.step.kind == "open":
        grid = with_open_rows(grid, rows.step)
        if not grid.keys:
            return empty_panel(roles, found), rows.notes("", table.patterns.get(roles.time))
    every = grid
    grid = drop_closed(table, replace(grid, notes=(*grid.notes, *notes)), found, roles, usual)
    missing = MissingCells(found, table.options.holidays)
    missing.add(grid, () if resampling else roles.targets)
    how = replace(table.options, on_gap="mask") if resampling else table.options
    grid = on_steps(replace(table, options=how), grid, found, roles)
    panel, totals = with_totals(assemble_panel(table, grid, found, roles, every), table.options.totals)
    return panel, (
        *totals,
        *grid.notes,
        *far,
        *zeros.notes(table.patterns.get(roles.time)),
        *(shut.notes if shut.step is None else ()),
        *rows.notes(KEEP if step is None else "", table.patterns.get(roles.time)),
        *missing.notes(),
    )


def empty_panel(roles: Roles, step: Step) -> Panel:
    """Without a series."""
    names = (*roles.series, "series") if len(roles.targets) > 1 else roles.series
    starts, none = np.zeros(0, "datetime64[us]"), np.zeros((0, 0), np.float32)
    counts = np.zeros(0, np.int64)
    return Panel(names, (), step, starts, np.zeros(1, np.int64), counts, np.zeros(0), none, none)


def assemble_panel(table: Table, grid: Grid, step: Step, roles: Roles, every: Grid) -> Panel:
    """One series per target and key, trimmed to start at its first observed value.

    every: the rows before those at closed times were dropped.
    """
    wide = len(roles.targets) > 1
    names, lengths, pieces = [], [], []
    for target in roles.targets:
        seen = observed_rows(grid.numbers[target], grid.bounds)
        ends = (places.tolist() for places in (grid.bounds[:-1], grid.bounds[1:], seen.firsts, seen.ends))
        for key, row, last, first, end in zip(grid.keys, *ends, strict=True):
            names.append((*key, target) if wide else key)
            if first == end:
                which = f"series {' '.join(names[-1])}: " if names[-1] else ""
                raise table.error("no-values", f"{which}no value at all", int(grid.rows[row]), target)
            lengths.append(end - first)
            pieces.append((target, first, last))
    whole = [(first, last) for _, first, last in pieces]
    history = [(first, first + length) for (first, _), length in zip(whole, lengths, strict=True)]
    panel = Panel(
        key_names=(*roles.series, "series") if wide else roles.series,
        keys=tuple(names),
        step=step,
        starts=np.array([grid.times[first] for first, _ in whole]),
        offsets=np.concatenate([[0], np.cumsum([last - first for first, last in whole])]),
        lengths=np.array(lengths, np.int64),
        values=_joined(grid, pieces),
        past=needed_numbers(table, grid, roles.numeric(roles.past), history, whole).astype(np.float32),
        future=needed_numbers(table, grid, roles.numeric(roles.future), whole, whole).astype(np.float32),
        static=static_numbers(table, grid, roles.numeric(roles.static), whole).astype(np.float32),
        categories=categories_of(table, grid, roles, history, whole),
        closed=np.zeros(len(names) if step.zeros else 0, np.int64),
        zone=table.zone(roles.time),
    )
    return replace(panel, closed=closed_after(panel, last_values(every, roles))) if step.zeros else panel


def _joined(grid: Grid, pieces: Sequence[tuple[str, int, int]]) -> NDArray[np.float64]:
    """The values of all pieces, end to end; without a copy where they are so already."""
    target, start, end = pieces[0][0], pieces[0][1], pieces[-1][2]
    lengths = sum(last - first for _, first, last in pieces)
    if all(piece[0] == target for piece in pieces) and lengths == end - start:
        return grid.numbers[target][start:end]
    return np.concatenate([grid.numbers[target][first:last] for target, first, last in pieces])
