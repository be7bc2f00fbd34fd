"""Where the table stands in a text: the row of its header, and rows that are none of its data.

Rows of the start and of the end are looked at together: most of them are data and show how many cells a
row has and which columns hold numbers or times. A row is left out where these speak against it; what may
be data stays, to be read or refused.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from lstmcli.tables.read.cell_kinds import (
    is_empty,
    is_number,
    is_part_name,
    is_row_count,
    is_sum,
    is_time,
    is_total,
    is_unit_cell,
    is_value,
    names_time,
)
from lstmcli.tables.read.header_times import header_times

BODY_ROWS = 30  # rows of the start, and of the end, that show what columns hold
_COLUMNS = 60  # at the start of a row, and at its end, that are looked at
_RULE = re.compile(r"[-=_*~:+ ]{3,}")
_NOTES = re.compile(r"(?:foot|fuß|fuss)\s?note|\bnotes?\b|\bnotas?\b|remarks?|legend", re.IGNORECASE)
_MOST_ROWS = 50  # above the header, and behind the data
_MOST_BELOW = 10  # rows between the header and the data, as in files of the ONS
_LEAST_BELOW = 6  # rows of a table below the header of another one


@dataclass(frozen=True)
class Row:
    """Cells, the line where they begin and that where they end, from 1; ended: whether a line end follows."""

    line: int
    last: int
    cells: list[str]
    ended: bool = True

    @property
    def filled(self) -> list[str]:
        return [cell.strip() for cell in self.cells if cell.strip()]


@dataclass(frozen=True)
class LeftLines:
    """Lines that are no rows of the table. first, last: from 1; shown: a cell of them."""

    why: str
    first: int
    last: int
    shown: str

    def note(self) -> str:
        one = self.first == self.last
        lines = f"line {self.first}" if one else f"lines {self.first} to {self.last}"
        shown = self.shown if len(self.shown) <= 40 else f"{self.shown[:37]}..."
        return f"not in the table: {lines}, {self.why} ({shown!r})"


@dataclass(frozen=True)
class Body:
    """What most rows hold.

    width   cells of a row
    typed   columns of numbers or times
    key     the first column that every row fills with a time, with the name of a month or a day of the week
            or, failing that, with a number
    firsts  different cells of the first column
    """

    width: int
    typed: frozenset[int]
    key: int | None
    firsts: frozenset[str]

    def is_data(self, row: Row) -> bool:
        if self.key is not None and len(row.cells) > self.key and not is_empty(row.cells[self.key]):
            return self.has_key(row)
        cells = [row.cells[c] for c in self.typed if c < len(row.cells)]
        values = sum(map(is_value, cells))
        return values > 0 and 2 * values >= sum(not is_empty(cell) for cell in cells)

    def has_key(self, row: Row) -> bool:
        cell = row.cells[self.key] if self.key is not None and len(row.cells) > self.key else ""
        return (is_value(cell) and not is_unit_cell(cell) and not is_sum(cell)) or is_part_name(cell)


def body_of(head: Sequence[Row], tail: Sequence[Row]) -> Body:
    """head, tail: rows that hold something, of the start and of the end, none of them in both."""
    rows = [*head[len(head) // 3 :][:BODY_ROWS], *tail[-BODY_ROWS:]]
    counts = Counter(len(row.cells) for row in rows)
    width = max(counts, key=lambda width: counts[width] * (1.0 if width > 1 else 0.2))
    whole = [row for row in rows if len(row.cells) == width]
    looked_at = {*range(min(width, _COLUMNS)), *range(max(0, width - _COLUMNS), width)}
    typed, keys = set(), []
    for c in sorted(looked_at):
        cells = [row.cells[c] for row in whole]
        filled = [cell for cell in cells if not is_empty(cell)]
        values = sum(map(is_value, filled))
        if 2 * values > len(filled):
            typed.add(c)
            times = sum(is_time(cell) and not is_number(cell) for cell in filled)
            if values >= 0.6 * len(cells):  # totals may be among the rows
                keys.append((1.0 if 2 * times < len(cells) else 0.0, c))
        elif sum(map(is_part_name, filled)) >= 0.6 * len(cells) > 0:
            keys.append((0.5, c))
    firsts = frozenset(row.cells[0].strip() for row in whole if row.cells)
    return Body(width, frozenset(typed), min(keys)[1] if keys else None, firsts)


def header_of(head: Sequence[Row], body: Body) -> int:
    """The place in `head` of the row that names the columns; 0 where none is found.

    Of the rows before the first one of data, one that names most columns: the last that names a time,
    else the first; a row of units only where there is no other.
    """
    first = first_data(head, body)
    whole = [at for at in range(first) if len(head[at].cells) == body.width]
    named = {at: _names(head[at]) for at in whole}
    best = [at for at in whole if named[at] == max(named.values())]
    timed = [at for at in best if names_time(head[at].filled)]
    found = [at for at in timed or best if not are_units(head[at], body, any(t < at for t in timed))]
    return found[-1 if timed else 0] if found else next(iter(timed or best), 0)


def first_data(head: Sequence[Row], body: Body) -> int:
    """The place of the first row of data; 0 where none is found."""
    for at, row in enumerate(head[: _MOST_ROWS + 1]):
        counts_times = len(row.cells) == body.width and header_times(row.cells) is not None
        if not counts_times and len(row.cells) >= body.width and body.is_data(row):
            return _behind_other_table(head, at, body) if len(row.cells) > body.width else at
    return 0


def _behind_other_table(head: Sequence[Row], first: int, body: Body) -> int:
    """The place of the first row of data where that found is one of a few wider ones above another header, as
    of a table of the name and the place of what was measured; else the place that was found."""
    place = next((at for at, row in enumerate(head) if len(row.cells) == body.width), 0)
    below = head[place + 1 :]
    named = first < place and body.width > 1 and len(head[place].filled) == body.width
    if not named or any(map(is_value, head[place].cells)) or len(below) < max(_LEAST_BELOW, 2 * place):
        return first
    return place + 1 if all(len(row.cells) == body.width and body.is_data(row) for row in below) else first


def _names(row: Row) -> int:
    """How many columns a row names."""
    found = header_times(row.cells)
    times = {*found.times, *found.summed, *found.odd} if found else set()
    return len(times) + len(
        {cell for c, cell in enumerate(row.cells) if c not in times and not is_value(cell)} - {""}
    )


def are_units(row: Row, body: Body, times_above: bool = False) -> bool:
    """Whether at least half of the cells above values are units, all where one is the name of a time and no
    row above names times, and none is a value."""
    cells = [row.cells[c].strip() for c in body.typed if c < len(row.cells)]
    filled = [cell for cell in cells if cell and cell != "-"]
    units = sum(map(is_unit_cell, filled))
    timed = not times_above and names_time(filled)
    needed = len(filled) if timed else len(filled) / 2
    values = any(is_value(cell) and not is_unit_cell(cell) for cell in filled)
    return not values and units >= needed and bool(row.filled)


def units_below(head: Sequence[Row], header: int, body: Body) -> int:
    """How many rows below the header are units, or words without a time, or between these and the data."""
    between = first_data(head[header + 1 :][:_MOST_BELOW], body)
    rows = head[header + 1 :][:between]
    header_below = any(names_time(row.cells[:1]) for row in rows)
    timed = names_time(head[header].filled)
    named = timed or any(names_time(row.cells[:1]) for row in rows if len(row.filled) == body.width)
    keys = not named and _are_keys(rows, body)
    words = (_are_words(row, body, not header_below) or _is_rule(row) for row in rows)
    return between if keys or any(words) or any(are_units(row, body, timed) for row in rows) else 0


def _are_keys(rows: Sequence[Row], body: Body) -> bool:
    """Whether some rows have words in the first column where data have times: they describe the table."""
    firsts = [row.cells[0] for row in rows if len(row.cells) == body.width]
    keyed = body.key == 0 and len(rows) == len(firsts) > 1
    return keyed and not any(is_empty(cell) or is_value(cell) for cell in firsts)


def _are_words(row: Row, body: Body, may_be_named: bool) -> bool:
    """Whether a row has no time and no value but words in columns of values; where the key is no time,
    times are in the first column or one of words. may_be_named: whether a word may stand for the time."""
    if body.key is None or len(row.cells) != body.width:
        return False
    others = [row.cells[0], *(cell for c, cell in enumerate(row.cells) if c not in body.typed)]
    named = (
        may_be_named and body.key == 0 and not is_empty(row.cells[0]) and not body.has_key(row)
    )  # Unit, Percent
    if row.cells[body.key].strip() and not named and not all(map(is_empty, others)):
        return False
    cells = [row.cells[c] for c in body.typed - ({0} if named else set())]
    return not (any(map(is_value, cells)) or all(map(is_empty, cells)))


def _is_rule(row: Row) -> bool:
    """Whether a row is a line drawn with signs."""
    return all(_RULE.fullmatch(cell) for cell in row.filled)


def named_by_comment(comments: Sequence[Sequence[Row]], head: Sequence[Row]) -> Row | None:
    """The last of some comments that names the columns of the rows below, which begin without names; one
    that holds units where no other does."""
    body = body_of(head, ())
    if not head or not body.is_data(head[0]):
        return None
    rows = [row for found in comments for row in found]
    named = [
        row
        for row in rows
        if len(row.cells) == body.width == len(row.filled) > 1 and not any(map(is_value, row.cells))
    ]
    return next((row for row in reversed(named) if not are_units(row, body)), named[-1] if named else None)


def is_sum_row(cells: Sequence[str], body: Body) -> bool:
    """Whether a row among the data has the label of a total where the others have a time, or before it."""
    if body.key is None or len(cells) != body.width:
        return False
    key = cells[body.key]
    if is_value(key) and not is_sum(key):
        return False
    before = takewhile(lambda cell: is_sum(cell) or not is_value(cell), filter(str.strip, cells))
    return any(map(is_sum, before)) and any(is_value(cells[c]) for c in body.typed - {body.key})


def footer_of(tail: Sequence[Row], body: Body) -> int:
    """How many rows at the end are totals, sources or notes; 0 unless a row of data is before them.

    tail: the last rows, empty ones too.
    """
    found = noted = _notes_below(tail, body)
    for back in range(noted + 1, min(len(tail), _MOST_ROWS) + 1):
        row = tail[-back]
        if not row.filled:
            continue
        if not found and _is_nameless_total(row, tail[:-back], body):
            found = back
            continue
        if not _is_footer(row, body, apart=back < len(tail) and not tail[-back - 1].filled):
            known = body.is_data(row) or row.filled[0] in body.firsts
            return found if known and len(row.cells) == body.width else 0
        found = back
    return 0


def _notes_below(tail: Sequence[Row], body: Body) -> int:
    """How many rows at the end are a table of notes, of another width, apart from the data."""
    last = next((at for at in range(len(tail) - 1, -1, -1) if not tail[at].filled and at + 1 < len(tail)), -1)
    rows = [row for row in tail[last + 1 :] if row.filled]
    if last < 0 or not rows or len(rows) > _MOST_ROWS or any(len(r.cells) == body.width for r in rows):
        return 0
    return len(tail) - 1 - last if any(map(_NOTES.search, rows[0].filled)) else 0


def _is_nameless_total(row: Row, above: Sequence[Row], body: Body) -> bool:
    """Whether a last row has no time, as all above have, and a number that is larger than all above it."""
    rows = [r for r in above[-BODY_ROWS:] if len(r.cells) == body.width and any(map(is_value, r.cells))]
    if body.key is None or len(row.cells) != body.width or len(rows) < 3 or row.cells[body.key].strip():
        return False
    if not all(is_time(other.cells[body.key]) for other in rows):
        return False
    return any(
        all(digits_in(row.cells[c]) > digits_in(other.cells[c]) for other in rows)
        for c in body.typed - {body.key}
    )


def digits_in(cell: str) -> int:
    """A number without its marks: enough to compare those of one column."""
    return int("0" + "".join(filter(str.isdecimal, cell))) if is_number(cell) else 0


def _is_footer(row: Row, body: Body, apart: bool) -> bool:
    """Whether a row cannot be data. apart: whether the row above it is empty."""
    first = row.filled[0]
    if (_is_rule(row) and not body.has_key(row)) or is_row_count(" ".join(row.filled)):
        return True
    if body.has_key(row) or is_value(first) or is_empty(first):
        return False
    if any(map(is_total, takewhile(lambda cell: not is_value(cell), row.filled))):
        return True
    if body.width == 1 or first in body.firsts:
        return False
    if len(row.filled) == 1:
        return apart or " " in first or body.key == 0
    return apart and (len(row.cells) != body.width or not any(map(is_value, row.filled)))
