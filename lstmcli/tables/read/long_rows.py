"""What is said of a table whose rows have more cells than its header."""

import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import islice

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.cell_kinds import is_value
from lstmcli.tables.read.shell import on_file
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.table import TablePart
from lstmcli.tables.read.text import Dialect, open_table

_WHOLE = re.compile(r"\s*[-+]?\d+\s*")
_FEW_ABOVE = 20  # rows
_DIGITS = re.compile(r"\d{1,6}\s*")


def long_row_error(source: TableSource, options: ReadOptions, dialect: Dialect) -> DataError:
    """Names the first row that has more cells than the header, and where another table seems to begin."""
    width, before = len(dialect.names), 0
    with open_table(source, options, dialect) as text:
        reader = dialect.rows(text)
        for number, row in enumerate(reader):
            line, before = before + 1, getattr(reader, "line_num", number + 1)
            if number < dialect.skipped or len(row) <= width:
                continue
            said = f"the row has {len(row)} cells, the header {width}"
            if _marks_decimals(row, dialect):
                said += f"; if the comma in {quoted(','.join(row))} marks decimals: --set decimal=,"
                return DataError("ragged", said, path=source.name, row=line).mended_by({"decimal": ","})
            return DataError("ragged", said + _why(row, dialect), path=source.name, row=line)
    return DataError("ragged", "a row has more cells than the header", path=source.name)


def _marks_decimals(row: list[str], dialect: Dialect) -> bool:
    """Whether the row below the name of one column is a number with a comma."""
    one_name = dialect.header and len(dialect.names) == 1
    return one_name and dialect.separator == "," and len(row) == 2 and _are_one_number(row)


def _why(row: list[str], dialect: Dialect) -> str:
    width = len(dialect.names)
    if dialect.header and width == 1 and any(map(is_value, row)):
        return f"; if line {dialect.skipped} is a title: --set skip_rows={dialect.skipped}"
    pair = row[-2:]
    if dialect.separator == "," and len(row) == width + 1 and _are_one_number(pair):
        return (
            f"; a comma seems to mark decimals too ({quoted(','.join(pair))}): write "
            f"{'.'.join(pair)}, put them "
            "into quotes, or separate cells by semicolons"
        )
    return ""


def _are_one_number(pair: list[str]) -> bool:
    return bool(_WHOLE.fullmatch(pair[0]) and _DIGITS.fullmatch(pair[1]))


def second_table(source: TableSource, options: ReadOptions, dialect: Dialect, row: int) -> str:
    """What to type where another table seems to begin at a row, or just above it: names of columns and no
    value in a row of another width."""
    with open_table(source, options, dialect) as text:
        rows = [(n, cells) for n, cells in enumerate(dialect.rows(text), 1) if n <= row and any(cells)]
    for line, cells in reversed(rows[1:][-3:]):
        several = sum(bool(cell.strip()) for cell in cells) > 1
        if line > dialect.skipped and several and not any(map(is_value, filter(str.strip, cells))):
            return _begins(source, line, cells)
    first, last = rows[0][1], rows[-1][1]
    begins = rows[-1][0] == row and is_value(last[0]) and len(rows) <= _FEW_ABOVE
    if dialect.header and begins and 1 < len(last) < len(first):
        return f"; if the table begins in this line, without names: --set skip_rows={row - 1} --no-header"
    return ""


def _begins(source: TableSource, line: int, cells: Sequence[str]) -> str:
    names = {cell.strip() for cell in cells}
    forecast = "forecast" in names and any(name.startswith("q0.") for name in names)
    what = "a forecast, as predict writes it," if forecast else "another table"
    return (
        f"; {what} seems to begin in line {line}: head -n {line - 1} {shlex.quote(source.name)} is the first"
    )


def words_among_times(part: TablePart, line: int, options: ReadOptions) -> str:
    """What to type where a row among dated ones holds words alone, a title or the header of another table
    or page, or begins with none of the digits of dates, as one of a calibration."""
    if part.dialect is None or part.source.made:
        return ""
    with open_table(part.source, options, part.dialect) as text:
        rows = part.dialect.rows(text)
        first = next(islice(rows, part.dialect.skipped, None), [])
        cells = next(islice(rows, max(line - part.dialect.skipped - 2, 0), None), [])
    said = _without_words(part, first, cells)
    if not any(map(str.strip, cells)) or any(map(is_value, filter(str.strip, cells))):
        return f"; {said}" if said else ""
    return _begins(part.source, line, cells) + (f"; or {said}" if said else "")


def _without_words(part: TablePart, first: Sequence[str], cells: Sequence[str]) -> str:
    """The command that keeps rows which begin with a digit, where the first row does and another does not."""
    assert part.dialect is not None
    dated = first and cells and first[0][:1].isdigit() and not cells[0].strip()[:1].isdigit()
    if not dated or is_value(cells[0]) or part.source.content is not None:
        return ""
    above = f"NR <= {part.dialect.skipped} || " * part.dialect.header
    command = on_file(f"""awk '{above}/^"?[0-9]/'""", part.source.name)
    return f"without such rows: {command} > dated.csv"


def numbered_rows(
    source: TableSource, options: ReadOptions, dialect: Dialect
) -> Iterator[tuple[int, list[str]]]:
    """Rows of data that hold something, with the lines where they begin. Raises DataError for one with more
    cells than the header."""
    width = len(dialect.names)
    with open_table(source, options, dialect) as text:
        reader = dialect.rows(text)
        before = 0
        for number, row in enumerate(reader):
            line, before = before + 1, getattr(reader, "line_num", number + 1)
            if number < dialect.skipped or not any(cell.strip() for cell in row):
                continue
            if any(cell.strip() for cell in row[width:]):
                said = f"the row has {len(row)} cells, the header {width}"
                raise DataError("ragged", said, path=source.name, row=line)
            yield line, row
