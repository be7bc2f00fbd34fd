"""Cells of other forms as text with commas: one row a line, numbers so that they cannot be misread."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_ROWS = 1000  # that are encoded together
_THOUSANDS = re.compile(r"-?\d{1,3}\.\d{3}")


def number_text(text: str) -> str:
    """A number with a decimal point: 1.234 could be read as a thousand, 1.2340 cannot."""
    return f"{text}0" if text[-4:-3] == "." and _THOUSANDS.fullmatch(text) else text


def cells_to_text(rows: Iterable[Sequence[str]]) -> bytes:
    """A line a row: breaks of lines in cells become blanks."""
    made, text = io.BytesIO(), io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for number, row in enumerate(rows, 1):
        if any(row):
            writer.writerow(
                [" ".join(cell.split("\n")) if "\n" in cell or "\r" in cell else cell for cell in row]
            )
        else:
            text.write("\n")
        if number % _ROWS == 0:
            made.write(_encoded(text))
            text.seek(0)
            text.truncate()
    made.write(_encoded(text))
    return made.getvalue()


def _encoded(text: io.StringIO) -> bytes:
    return text.getvalue().replace("\0", "").encode("utf-8", "replace")


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
