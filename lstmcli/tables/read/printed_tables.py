"""Tables that programs print for people: cells between blanks under other headers, reports, series in lines.

Each is told with the command that makes a table of it.
"""

from collections import Counter
from collections.abc import Sequence

from lstmcli.tables.read.cell_kinds import is_number
from lstmcli.tables.read.layout import Row
from lstmcli.tables.read.separators import BLANKS
from lstmcli.tables.read.shapes import date_patterns
from lstmcli.tables.read.shell import on_file

_FEWEST = 4  # rows
_MOST = 0.75  # of the rows, that have equally many cells
_STEPS = {
    **{"minutely": "1min", "half_hourly": "30min", "hourly": "1h", "daily": "1d", "weekly": "1w"},
    **{"monthly": "1mo", "quarterly": "1q", "yearly": "1y", "10_minutes": "10min", "4_seconds": "4s"},
}
_MADE = " > table.csv"
_NO_NAMES = ", which --no-header reads"
_TSF = 'd {n = split($NF, v, ","); for (i = 1; i <= n; i++) print $1 "," v[i]} /^@data/ {d = 1}'
_SAR = (
    '/^Linux/ {d = $4} {sub(/ AM/, "AM"); sub(/ PM/, "PM")} /^[0-9]/ && $NF + 0 == $NF {$1 = d " " $1; print}'
)
_IOSTAT = "/^[0-9]/ {t = $0} /^[A-Za-z]/ && $NF + 0 == $NF {$1 = t OFS $1; print}"


def printed_table(rows: Sequence[Row], separator: str, path: str) -> tuple[int, str]:
    """The line that is in the way, and what is said of a table that is printed for people; (0, "") of others.

    rows: the first ones, with that of the header.
    """
    first = rows[0]
    words = [row.filled[0].split() for row in rows]
    often = next((w[-1] for w in words if w[0] == "@frequency"), "")
    if words[0][0] == "@relation" and (often or ["@attribute", "series_name"] in [w[:2] for w in words]):
        step = _STEPS.get(often, "1d")
        said = "a line of a .tsf file holds a series; write a value in a line: "
        said += on_file(f"awk -F: '{_TSF}'", path) + _MADE
        return first.line, f"{said}, which --no-header --set time=none --step {step} --set missing=? reads"
    if words[0][0] == "Linux" and first.filled[-1].strip().endswith("CPU)"):
        if any(w[0] == "avg-cpu:" for w in words):
            said = "a report that iostat prints for people; the rows of its devices with their times: "
            return first.line, said + on_file(f"awk '{_IOSTAT}' OFS=,", path) + _MADE + _NO_NAMES
        said = "a report that sar prints for people; sadf -d writes a table in its place; of this file: "
        return first.line, said + on_file(f"awk '{_SAR}' OFS=,", path) + _MADE + _NO_NAMES
    return (0, "") if separator == BLANKS else _between_blanks(rows, path)


def _between_blanks(rows: Sequence[Row], path: str) -> tuple[int, str]:
    """Of rows of one cell each, most of which hold equally many words and numbers."""
    lone = [(row.line, row.cells[0].split()) for row in rows if len(row.filled) == 1]
    if len(lone) < max(len(rows), _FEWEST) or any(_is_one_value(row.cells[0]) for row in rows):
        return 0, ""
    width, count = Counter(len(cells) for _, cells in lone).most_common(1)[0]
    alike = [cells for _, cells in lone if len(cells) == width]
    numbers = sum(any(map(is_number, cells[1:])) for cells in alike)
    dated = width == 2 and all(date_patterns(cells[0]) for cells in alike)
    if not (width > 2 or dated) or min(count, numbers) < _MOST * len(lone):
        return 0, ""
    line, cells = next(((n, c) for n, c in lone if len(c) != width), lone[0])
    said = f"cells stand between blanks, {width} in most rows and {len(cells)} here; without such rows: "
    command = on_file(f"awk 'NF == {width} {{$1 = $1; print}}' OFS=,", path)
    return line, said + command + _MADE + _NO_NAMES


def _is_one_value(cell: str) -> bool:
    return is_number(cell) or bool(date_patterns(cell.strip()))
