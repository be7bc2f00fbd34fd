"""Values that stand in one line, lines in quotes, and commas that may mark decimals or separate cells."""

import re
from collections.abc import Sequence
from itertools import pairwise

from lstmcli.errors import DataError
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.cell_kinds import is_number, is_value
from lstmcli.tables.read.layout import Row
from lstmcli.tables.read.printed_tables import printed_table
from lstmcli.tables.read.shell import on_file

_FEW = 3  # rows
_MOST_IN_LINE = 3  # values of a file of one line, which may be a row of columns
_PAIR = re.compile(r"[-+]?\d+,\d{1,6}")


def check_values(rows: Sequence[Row], separator: str, options: ReadOptions, path: str) -> None:
    """Raises DataError for values that stand in one line, and for numbers of which a comma may be the mark of
    decimals or stand between two of them.

    rows: the first ones, with that of the header.
    """
    first = rows[0]
    if separator == "," and options.separator == "auto" and (sign := _sign_in_cells(rows)):
        said = f"each line stands in quotes as a whole, with {sign!r} between its cells; without them: "
        said += on_file("""sed 's/^"//; s/"\\r*$//; s/""/"/g'""", path) + " > unquoted.csv"
        raise DataError("not-a-table", said, path=path, row=first.line)
    if len(rows) > _FEW and options.separator == "auto" and _are_aligned(rows):
        said = "cells stand below one another between blanks; with commas between them: "
        said += on_file(r"sed -E '/^[- ]+\r?$/d; s/^ +//; s/ {2,}/,/g'", path) + " > table.csv"
        raise DataError("not-a-table", said, path=path, row=first.line)
    line, said = printed_table(rows, separator, path) if options.separator == "auto" else (0, "")
    if line:
        raise DataError("not-a-table", said, path=path, row=line)
    if len(rows) == 1 and len(first.cells) > _MOST_IN_LINE and all(map(is_number, first.cells)):
        said = f"all {len(first.cells)} values stand in one line; write one in a line: "
        sign = "-s '[:blank:]'" if separator == r"\s+" else repr(separator)
        said += on_file(rf"tr {sign} '\n'", path, "< ") + " > values.csv, which --no-header --step 1h reads"
        raise DataError("no-header", said, path=path, row=first.line)
    if separator == "," and options.separator == "auto" and are_pairs(rows):
        one, two = (cell.strip() for cell in first.cells)
        said = f"'{one},{two}' may be one number or two: if the comma marks decimals, --no-header --set "
        said += "decimal=, ; if it stands between columns, --no-header --set separator=,"
        raise DataError("no-header", said, path=path, row=first.line)


def _are_aligned(rows: Sequence[Row]) -> bool:
    """Whether rows of one cell hold values with two blanks or more between them, equally many in most."""
    lines = [row.cells[0].strip() for row in rows if len(row.cells) == 1]
    cells = [re.split(r" {2,}", line) for line in lines if not re.fullmatch(r"[- ]+", line)]
    wide = [found for found in cells[1:] if len(found) == len(cells[0]) > 1 and is_value(found[-1])]
    return len(lines) == len(rows) and 5 * len(wide) >= 4 * (len(cells) - 1) > 0


def _sign_in_cells(rows: Sequence[Row]) -> str:
    """The separator that stands in quotes in the lone cells of all rows, equally often; "" for none."""
    cells = [row.cells[0] for row in rows]
    if len(rows) < 2 or any(len(row.cells) != 1 for row in rows):
        return ""
    counts = {sign: {cell.count(sign) for cell in cells} for sign in ",;\t"}
    return next((sign for sign in counts if len(counts[sign]) == 1 and min(counts[sign]) > 0), "")


def are_pairs(rows: Sequence[Row]) -> bool:
    """Whether all rows are two whole numbers of which the second may be decimals of the first, which does not
    count the rows."""
    cells = [[cell.strip() for cell in row.cells] for row in rows if row.filled]
    if not cells or not all(len(pair) == 2 and _PAIR.fullmatch(",".join(pair)) for pair in cells):
        return False
    digits = {len(pair[1]) for pair in cells}
    firsts = [int(pair[0]) for pair in cells]
    steps = {b - a for a, b in pairwise(firsts)}
    counted = steps == {1} or (len(firsts) > 2 and len(steps) == 1 and min(steps) > 0)
    return not counted and (len(digits) == 1 or max(digits) <= 2)
