"""What a time names: a day, a week, a month, a quarter, half a year, a year."""

import re
from collections.abc import Sequence

from lstmcli.tables.read.shapes import date_patterns
from lstmcli.tables.read.tokens import letters_of

# By what they name, the shortest first: the letters of their patterns.
_LETTERS = {"day": "dej", "week": "V", "month": "mbB", "quarter": "q", "half-year": "i", "year": "Yy"}


def kind_of_time(cell: str) -> str:
    """What a cell names: a day, a week, a month, a quarter, half a year or a year; "" for none of these."""
    text = cell.strip()
    if re.fullmatch(r"\d{4}", text):
        return "year"
    letters = letters_of(next(iter(date_patterns(text)), ""))
    return next((kind for kind, signs in _LETTERS.items() if letters & {*signs}), "")


def finest(cells: Sequence[str]) -> str:
    """The cell that names the shortest time; "" where they do not name two kinds in two forms."""
    order = [*_LETTERS]
    kinds = [kind_of_time(cell) for cell in cells]
    shapes = {re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "9", cell.strip())) for cell in cells}
    if "" in kinds or len({*kinds}) < 2 or len(shapes) < 2:
        return ""
    return min(zip(kinds, cells, strict=True), key=lambda pair: order.index(pair[0]))[1]
