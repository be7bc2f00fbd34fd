"""The sign that separates the cells of a text, and rows that are cut there."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TextIO

from lstmcli.tables.read.cell_kinds import is_value

_SEPARATORS = ",;\t|"
_RARE = "~^\x1f"  # where none of these is in any row
BLANKS = r"\s+"
_ONE_NUMBER = re.compile(r"\s*[-+]?\d*(,\d+)?\s*")
_DECIMAL_COMMA = re.compile(r"(?:[^,]*\d,\d+)?[^,]*")  # a cell with one comma at most, between digits
_MOST, _FEW = 0.8, 0.2  # of the lines
_LEAST_BELOW = 10  # lines that are cut by blanks, below sentences


def split_rows(text: TextIO, separator: str) -> Iterator[list[str]]:
    if separator == BLANKS:
        return map(split_blanks, text)
    return csv.reader(text, delimiter=separator)


def split_blanks(line: str) -> list[str]:
    """Cells between blanks, without the quotes around them."""
    if '"' not in line:
        return line.split()
    return next(csv.reader([" ".join(line.split("\t")).strip()], delimiter=" ", skipinitialspace=True), [])


def likely_separator(lines: Sequence[str], decimal: str) -> str:
    """The one that cuts most rows into equally many cells; a comma when in doubt.

    decimal: as of `ReadOptions`; a comma in every number of one column does not separate then.
    """
    text, filled = "".join(lines), [*filter(str.strip, lines)]
    if decimal == "," and all(map(_ONE_NUMBER.fullmatch, filter(str.strip, lines[1:]))):
        return ";"

    def agreement(separator: str) -> tuple[float, int]:
        if separator != BLANKS and separator not in text:
            return 0.0, 1
        rows = split_rows(io.StringIO(text, newline=""), separator)
        counts = Counter(map(len, rows))
        counts.pop(0, None)
        most = max(counts, key=lambda count: (counts[count] if count > 1 else 0, count), default=0)
        return (counts[most] / counts.total(), most) if most > 1 else (0.0, most)

    best = max(_SEPARATORS, key=agreement)
    if best == "," and sum(map(_has_decimal_commas, filled[1:])) >= _MOST * len(filled[1:]) > 0:
        others = [sign for sign in _SEPARATORS[1:] if agreement(sign)[0] >= _MOST * agreement(",")[0]]
        best = next(iter(others), ",")
    if agreement(best)[0] == 0 and (rare := [sign for sign in _RARE if agreement(sign)[0] == 1]):
        return rare[0]
    if agreement(best)[0] == 0 and (agreement(BLANKS)[0] == 1 or _names_rows(lines)):
        return BLANKS
    return BLANKS if agreement(best)[0] < _FEW and _are_columns(filled) else best


def _are_columns(lines: Sequence[str]) -> bool:
    """Whether blanks cut nearly all lines below some sentences into as many cells as a line of names."""
    rows = [*map(split_blanks, lines)]
    below = rows[len(rows) // 3 :]
    width, count = Counter(map(len, below)).most_common(1)[0] if below else (0, 0)
    if width < 2 or len(below) < _LEAST_BELOW or count < _MOST * len(below):
        return False
    valued = (row for row in rows if len(row) == width and any(map(is_value, row)))
    names = (row for row in rows if len(row) == width and not any(map(is_value, row)))
    return next(names, None) is not None and next(valued, None) is not None


def _has_decimal_commas(line: str) -> bool:
    """Whether commas stand between digits alone, one in a cell, where another sign separates cells."""
    cells = re.split(r"[;\t|]", line)
    return len(cells) > 1 and "," in line and all(map(_DECIMAL_COMMA.fullmatch, cells))


def _names_rows(lines: Sequence[str]) -> bool:
    """Whether blanks cut all rows into one cell more than the header, as R writes the names of rows."""
    widths = [len(cells) for cells in map(split_blanks, lines) if cells]
    return len(widths) > 2 and widths[0] > 1 and {*widths[1:]} == {widths[0] + 1}
