"""Cells of other forms as text with commas: one row a line, numbers so that they cannot be misread."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import islice

MADE_TOGETHER = 1000  # rows
_THOUSANDS = re.compile(r"-?\d{1,3}\.\d{3}")
_BREAK = re.compile(r"\r\n|[\r\n]")

Row = Sequence[str | None]


def number_text(text: str) -> str:
    """A number with a decimal point: 1.234 could be read as a thousand, 1.2340 cannot."""
    return f"{text}0" if text[-4:-3] == "." and _THOUSANDS.fullmatch(text) else text


class MadeText:
    """Lines of rows of cells: breaks of lines in cells become blanks, None an empty cell."""

    def __init__(self) -> None:
        self._made = io.BytesIO()

    def add(self, rows: Sequence[Row]) -> None:
        lines = _lines(rows)
        if lines.count("\n") != len(rows) or "\r" in lines:
            lines = _lines([[_BREAK.sub(" ", cell or "") for cell in row] for row in rows])
        self._made.write(lines.replace("\0", "").encode("utf-8", "replace"))

    def content(self) -> bytes:
        return self._made.getvalue()


def _lines(rows: Iterable[Row]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([row if any(row) else () for row in rows])
    return text.getvalue()


def cells_to_text(rows: Iterable[Row]) -> bytes:
    """A line a row, as of `MadeText`."""
    made, left = MadeText(), iter(rows)
    while some := list(islice(left, MADE_TOGETHER)):
        made.add(some)
    return made.content()


def without_flags(
    rows: Sequence[tuple[int, list[str]]], columns: Sequence[int]
) -> tuple[Sequence[tuple[int, list[str]]], tuple[str, ...]]:
    """Rows of a table of Eurostat without the letters behind values, and what is said of it."""
    wanted, found, told = {*columns}, [], False
    for line, row in rows:
        parts = [cell.split(maxsplit=1) if c in wanted else [cell] for c, cell in enumerate(row)]
        told = told or any(len(part) > 1 for part in parts)
        found.append((line, ["" if not part or part[0] == ":" else part[0] for part in parts]))
    said = "letters behind values are left out: flags of Eurostat, as b, e and p; ':' is a missing value"
    return found, (said,) if told else ()
