"""Merged cells of a workbook: a name or a date that stands once for several rows is that of each of them."""

from collections.abc import Iterable
from typing import Any

from lstmcli.errors.findings import plural
from lstmcli.tables.read.cell_kinds import is_value

_YEARS = (1900, 2100)
_LETTERS = 26
_LONGEST = 1000  # letters of a name that is meant for several rows
Range = tuple[tuple[int, int], tuple[int, int]]  # first and last cell, as row and column from 0


def fill_merged(rows: list[list[Any]], ranges: Iterable[Range]) -> tuple[str, ...]:
    """Fills cells below the first of each range, in place, and says so.

    Only where all rows of a range hold values, so in no header; and only names, dates and years: a number
    that is written once for several rows may be their sum.
    """
    first = next((at for at, row in enumerate(rows) if sum(map(_is_filled, row)) > 1), 0)
    filled, ended = [], dict[int, int]()  # ended: the last row of a range, by column
    for (top, column), (end, _) in sorted(ranges):
        bottom = min(end, len(rows) - 1)
        if top <= ended.get(column, -1):
            continue
        ended[column] = bottom
        if not first < top < bottom or not _names_rows(_cell(rows[top], column)):
            continue
        if all(_has_values(rows[at], column) for at in range(top, bottom + 1)):
            for at in range(top + 1, bottom + 1):
                rows[at][column] = rows[top][column]
                filled.append((at, column))
    if not filled:
        return ()
    at, column = filled[0]
    said = f"merged cells hold for all their rows: {plural(len(filled), 'cell')} filled"
    return (f"{said} ({'' if len(filled) == 1 else 'the first: '}{_letters(column)}{at + 1})",)


def _cell(row: list[Any], column: int) -> Any:
    return row[column] if column < len(row) else ""


def _is_filled(cell: Any) -> bool:
    return cell not in ("", None)


def _names_rows(cell: Any) -> bool:
    if isinstance(cell, str):
        return 0 < len(cell.strip()) <= _LONGEST and not is_value(cell)
    if isinstance(cell, int | float):
        return not isinstance(cell, bool) and float(cell).is_integer() and _YEARS[0] <= cell <= _YEARS[1]
    return cell is not None


def _has_values(row: list[Any], column: int) -> bool:
    """Whether a row reaches a column and has a number or a date behind it or before it."""
    others = (cell for at, cell in enumerate(row) if at != column and _is_filled(cell))
    return column < len(row) and any(not isinstance(cell, str) or is_value(cell) for cell in others)


def _letters(column: int) -> str:
    """The name that a sheet gives a column: A, Z, AA."""
    text = ""
    while column >= 0:
        text, column = chr(ord("A") + column % _LETTERS) + text, column // _LETTERS - 1
    return text
