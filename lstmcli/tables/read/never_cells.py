"""Cells of a table of times that stand at a time which does not exist: 30 February, the 53rd of 52 weeks."""

from collections.abc import Collection, Sequence

import numpy as np

from lstmcli.errors import DataError
from lstmcli.errors.findings import plural
from lstmcli.errors.foreign import quoted
from lstmcli.settings.assignments import set_option
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.cell_kinds import is_empty, is_number, is_zero
from lstmcli.tables.read.crossed_table import CrossedTimes
from lstmcli.tables.read.reading import marks_of_missing
from lstmcli.tables.read.row_times import NO_DAY

_Rows = Sequence[tuple[int, list[str]]]


def without_never(
    path: str, names: Sequence[str], crossed: CrossedTimes, rows: _Rows, options: ReadOptions
) -> tuple[_Rows, tuple[str, ...]]:
    """Rows whose cells at such times are empty, and a note where zeros or words stood there.

    rows: with the lines where they begin. Raises DataError at the first other number there.
    """
    if crossed.parts.unit == "clock":  # the time zone tells, which a later error names
        return rows, ()
    places = [(r, int(c)) for r, c in zip(*np.nonzero(crossed.order == NO_DAY), strict=True)]
    columns = crossed.parts.columns
    missing = marks_of_missing(options)
    filled = [(r, c) for r, c in places if _is_filled(rows[r][1], columns[c], missing)]
    if not filled:
        return _emptied(rows, places, columns), ()
    cells = [rows[r][1][columns[c]].strip() for r, c in filled]
    wrong = [at for at, cell in enumerate(cells) if is_number(cell) and not is_zero(cell)]
    if wrong:
        r, c = filled[wrong[0]]
        others = {cells[at] for at in wrong}
        label = _label(names, crossed, rows[r][1], c)
        raise _number_at_no_time(path, cells[wrong[0]], label, rows[r][0], names[columns[c]], others)
    label = _label(names, crossed, rows[filled[0][0]][1], filled[0][1])
    shown = " or ".join(map(repr, dict.fromkeys(cells)))
    said = f"{plural(len(cells), 'cell')} at times that do not exist ({label}), which hold {shown}"
    return _emptied(rows, places, columns), (f"not in the table: {said}",)


def _is_filled(row: Sequence[str], column: int, missing: Collection[str]) -> bool:
    cell = row[column].strip() if column < len(row) else ""
    return not (is_empty(cell) or cell in missing)


def _emptied(rows: _Rows, places: Sequence[tuple[int, int]], columns: Sequence[int]) -> _Rows:
    made = [(line, [*row]) for line, row in rows]
    for r, c in places:
        if columns[c] < len(made[r][1]):
            made[r][1][columns[c]] = ""
    return made


def _label(names: Sequence[str], crossed: CrossedTimes, row: Sequence[str], part: int) -> str:
    """How a time of a row is called: day 29 of Feb-2023."""
    name, cells = names[crossed.parts.columns[part]].strip(), [row[c].strip() for c in crossed.times]
    own, of = (", ".join(cells), name) if crossed.of_header else (name, ", ".join(cells))
    named = own if own.lower().startswith(crossed.parts.part) else f"{crossed.parts.part} {own}"
    return f"{named} of {of}"


def _number_at_no_time(
    path: str, cell: str, label: str, line: int, column: str, others: set[str]
) -> DataError:
    said = f"{quoted(cell)} stands at a time that does not exist, {label}; empty the cell"
    mends: list[dict[str, list[str]]] = []
    if len(others) == 1:
        said += f", or where it stands for a missing value: {set_option('missing', [cell])}"
        mends.append({"missing": [cell]})
    return DataError("not-a-time", said, path=path, row=line, column=column).mended_by(*mends)
