"""`lstmcli impute`: the gaps of a table filled, and the table written with them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors import DataError, UsageError
from lstmcli.errors.findings import plural
from lstmcli.errors.foreign import quoted
from lstmcli.files.checked import Output, check_outputs
from lstmcli.files.output import write_parts
from lstmcli.forecasting.filled_gaps import GapPlaces, fill_gaps, find_gaps
from lstmcli.jobs.impute.added_rows import places_to_add
from lstmcli.jobs.impute.opening import OpenTable, open_table_with_gaps
from lstmcli.jobs.impute.options import ImputeOptions
from lstmcli.jobs.impute.output import FilledColumn, FilledTable, new_names
from lstmcli.jobs.impute.places import GapRows, RowPlaces
from lstmcli.jobs.reporter import Reporter
from lstmcli.series.open_week import describe_week
from lstmcli.tables.read.file_rows import FileRows, file_rows, frame_rows
from lstmcli.tables.read.frame_source import frame_in
from lstmcli.tables.write.dialects import dialect_of_table, holding, output_dialect
from lstmcli.tables.write.forms import check_form, check_size, is_typed
from lstmcli.tables.write.tables import written_times

_USUAL_GAP = 7  # steps, where there is no season


@dataclass(frozen=True)
class Imputed:
    """filled: cells, left: empty cells of targets that stay so; added: rows that were written with a value"""

    filled: int
    left: int
    added: int


@dataclass(frozen=True)
class _Filled:
    """rows of the gaps that are filled, with lower, median and upper of each, (rows, 3)."""

    rows: GapRows
    values: NDArray[np.float64]


def impute_files(options: ImputeOptions, report: Reporter) -> Imputed:
    """Writes the table with its gaps filled. Raises the errors of writing, and those of `fill_table`."""
    check_form(options.form, options.output, options.dialect)
    named = [str(path) for path in (options.model, options.config) if path is not None]
    check_outputs([Output("-o", options.output, options.form)], [*options.data, *named])
    opened, made, told = fill_table(options, report)
    check_size(options.form, len(made.rows.rows))
    data = dialect_of_table(opened.table)
    dialect = output_dialect(data, options.dialect, options.form, options.output)
    texts = chain.from_iterable(row.cells for row in made.rows.rows) if dialect.encoding != "utf-8" else ()
    dialect = holding(dialect, chain(made.rows.names, texts))
    write_parts(made.content(options.form, dialect), options.output, dialect.encoding)
    report.lap("writing")
    return told


def fill_table(options: ImputeOptions, report: Reporter) -> tuple[OpenTable, FilledTable, Imputed]:
    """The table with its gaps filled, in memory.

    Raises the errors of reading; UsageError for a level that the networks do not give; DataError where the
    table has a column that would be added.
    """
    opened = open_table_with_gaps(options)
    for note in opened.notes:
        report.say(f"note: {note}")
    report.lap("reading")
    frame = frame_in(options.data)
    rows = file_rows(opened.table) if frame is None else frame_rows(frame, opened.table)
    _check_names(rows, opened)
    if options.add_rows and opened.table.joined is not None:
        parts = ", ".join(opened.table.joined.columns)
        raise UsageError(f"--add-rows: the time stands in several columns ({parts}); join them in one first")
    places = RowPlaces.of(opened.table, opened.panel, opened.roles)
    limit = _limit(options, opened, report)
    gaps = find_gaps(opened.panel)
    short = gaps.sizes <= limit
    filled = _fill(opened, gaps.taken(short), places, options.level)
    report.lap("filling")
    told = _tell(filled.rows, places, gaps.taken(~short), limit, options.add_rows, report)
    made = _table(opened, places, rows, filled, options)
    if told.added:
        for note in _notes_on_added(opened, made):
            report.say(f"note: {note}")
    return opened, made, told


def _notes_on_added(opened: OpenTable, made: FilledTable) -> Iterator[str]:
    """What is in rows that were added, and where there are none."""
    if made.same:
        yield f"added rows have the value of their series in {', '.join(made.same)}"
    step = opened.panel.step
    if step.kind == "open":
        yield f"no row is added at closed times ({describe_week(step.week, opened.panel.starts[0])} are open)"


def _check_names(rows: FileRows, opened: OpenTable) -> None:
    there = {name.strip(): name for name in rows.names}
    for name in chain.from_iterable(new_names(opened.roles.targets).values()):
        if name in there:
            said = f"the table has a column {quoted(name)} already, which impute adds; rename it, "
            said += "or leave it out"
            raise DataError("duplicate-column", said, path=opened.table.source, column=name)


def _limit(options: ImputeOptions, opened: OpenTable, report: Reporter) -> int:
    if options.max_gap is not None:
        return options.max_gap
    season = opened.forward.shape.season
    limit, why = (season, "one season") if season > 1 else (_USUAL_GAP, "no season shows")
    report.say(f"note: gaps of at most {limit} steps are filled ({why}; --max-gap N takes another number)")
    return limit


def _fill(opened: OpenTable, gaps: GapPlaces, places: RowPlaces, level: float) -> _Filled:
    """Target by target: what trials show of one holds for it alone."""
    count = len(places.grid.keys)
    values = np.empty((int(gaps.sizes.sum()), 3))
    for target in range(len(opened.roles.targets)):
        first = target * count
        own = gaps.series // count == target
        some = gaps.taken(own)
        some = GapPlaces(some.series - first, some.firsts, some.sizes)
        panel = opened.panel.select(slice(first, first + count))
        made = fill_gaps(opened.forward, opened.backward, panel, some, level)
        values[np.repeat(own, gaps.sizes)] = made
    return _Filled(places.rows_of(gaps), values)


def _tell(
    rows: GapRows, places: RowPlaces, long: GapPlaces, limit: int, add_rows: bool, report: Reporter
) -> Imputed:
    """Says what was filled, what is left and why."""
    empty, others = places.empty(), places.rows_of(long)
    filled, in_long = int((~rows.left_out).sum()), int((~others.left_out).sum())
    ends = empty.total - empty.repeated - empty.closed - filled - in_long
    reasons = (
        (in_long, f"in gaps of more than {plural(limit, 'step')} (--max-gap)"),
        (ends, "before the first or behind the last value"),
        (empty.repeated, "in repeated rows"),
        (empty.closed, places.closed_words),
    )
    left = [f"{count:,} {why}" for count, why in reasons if count]
    report.say(
        f"filled: {plural(filled, 'empty cell')}" + (f"; left empty: {', '.join(left)}" if left else "")
    )
    out, out_long = (len(_times(some, some.left_out)) for some in (rows, others))
    if out and not add_rows:
        said = "; --add-rows writes them with their values"
        report.say(f"note: left out of the table within gaps of that size: {plural(out, 'row')}{said}")
    elif out:
        report.say(f"added: {plural(out, 'row')} that the table lacked")
    if out_long:
        report.say(
            f"note: left out of the table in longer gaps, which are not filled: {plural(out_long, 'row')}"
        )
    return Imputed(filled, empty.total - filled, out if add_rows else 0)


def _times(rows: GapRows, chosen: NDArray[np.bool_]) -> set[tuple[int, int]]:
    """Series and time of some rows, each once for all targets."""
    return set(zip(rows.key[chosen].tolist(), rows.times[chosen].astype(np.int64).tolist(), strict=True))


def _table(
    opened: OpenTable, places: RowPlaces, rows: FileRows, filled: _Filled, options: ImputeOptions
) -> FilledTable:
    table, roles = opened.table, opened.roles
    where = np.full(len(filled.values), -1)
    known = ~filled.rows.left_out
    where[known] = rows.places[filled.rows.index[known]]
    same: tuple[str, ...] = ()
    if options.add_rows and filled.rows.left_out.any():
        added = places_to_add(opened, places, rows, filled.rows)
        rows, same = rows.with_rows(added.rows), added.same
        where[known] = np.flatnonzero(rows.index >= 0)[where[known]]
        where[~known] = np.flatnonzero(rows.index < 0)[added.numbers]
    columns = tuple(
        _column(name, number, places, rows, filled, where) for number, name in enumerate(roles.targets)
    )
    times = _row_times(opened, places, rows, filled.rows, where) if is_typed(options.form) else None
    numeric = {c for c in map(str, table.frame.columns) if pd.api.types.is_numeric_dtype(table.frame[c])}
    decimal = dialect_of_table(table).decimal
    return FilledTable(rows, columns, times, decimal, frozenset(numeric), same)


def _column(
    name: str,
    target: int,
    places: RowPlaces,
    rows: FileRows,
    filled: _Filled,
    where: NDArray[np.int64],
) -> FilledColumn:
    lower, values, upper = np.full((3, len(rows.rows)), np.nan)
    values[rows.places[places.every.rows]] = places.every.numbers[name]
    own = (filled.rows.target == target) & (where >= 0)
    imputed = np.zeros(len(values), bool)
    imputed[where[own]] = True
    lower[where[own]], values[where[own]], upper[where[own]] = filled.values[own].T
    return FilledColumn(name, values, imputed, lower, upper)


def _row_times(
    opened: OpenTable,
    places: RowPlaces,
    rows: FileRows,
    gaps: GapRows,
    where: NDArray[np.int64],
) -> tuple[str, object] | None:
    """The times of all rows, for forms that have them; None where the file has no dates."""
    name, every = opened.roles.time, places.every
    if name not in rows.names or not np.issubdtype(every.times.dtype, np.datetime64):
        return None
    times = np.full(len(rows.rows), np.datetime64("NaT", "us"))
    times[rows.places[every.rows]] = every.times
    times[where[where >= 0]] = gaps.times[where >= 0]
    return name, written_times(times, opened.pattern, typed=True)
