"""Rows as lines of CSV that every reader takes apart again."""

import csv
from collections.abc import Iterable, Sequence
from typing import Any


def csv_lines(rows: Iterable[Sequence[Any]], separator: str = ",") -> str:
    """A line a row, ended by a line feed. A cell with a carriage return is quoted, as one with a line feed
    is: the writer of Python quotes what is in its own ends of lines alone."""
    lines: list[str] = []
    csv.writer(_Ends(lines), delimiter=separator, lineterminator="\r\n").writerows(rows)
    return "".join(lines)


class _Ends:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        self._lines.append(f"{line[:-2]}\n")
