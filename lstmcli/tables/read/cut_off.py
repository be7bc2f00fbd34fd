"""Whether the last row of a file is cut off: it has no line end, and less in it than those above it."""

import re
from collections.abc import Sequence

from lstmcli.tables.read.cell_kinds import is_number
from lstmcli.tables.read.layout import BODY_ROWS, Body, Row, digits_in

_LEAST_ABOVE = 10  # cells that show how a last one is written


def is_cut_off(tail: Sequence[Row], body: Body) -> bool:
    """Whether the last row ends without a line end before it has as many cells as those above it."""
    last, above = tail[-1] if tail else Row(1, 1, []), [row for row in tail[:-1] if row.filled]
    if last.ended or not last.filled or len(last.cells) >= body.width or not above:
        return False
    return all(len(row.cells) == body.width for row in above[-BODY_ROWS:])


def shortened_cell(tail: Sequence[Row], body: Body) -> str | None:
    """The last cell of a file without a line end that may be cut off: empty, with fewer digits behind the
    point than all above it, or less than half of these with fewer digits. None where it looks like them."""
    last = tail[-1] if tail else Row(1, 1, [])
    rows = [row for row in tail[:-1] if len(row.cells) == body.width and body.is_data(row)][-BODY_ROWS:]
    if last.ended or len(last.cells) != body.width or len(rows) < _LEAST_ABOVE:
        return None
    cell, above = last.cells[-1].strip(), [row.cells[-1].strip() for row in rows]
    decimals = {_decimals(other) for other in above}
    if not all(above) or not all(map(is_number, above)) or (cell and not is_number(cell)):
        return None
    if not cell or (len(decimals) == 1 and min(decimals) > max(1, _decimals(cell))):
        return cell
    short = decimals == {0} and all(2 * digits_in(cell) < digits_in(other) for other in above)
    return cell if short and all(len(cell) < len(other) for other in above) else None


def _decimals(cell: str) -> int:
    """How many digits stand behind the last mark."""
    return len(re.split("[.,]", cell)[-1]) if re.search("[.,]", cell) else 0
