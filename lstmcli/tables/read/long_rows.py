"""What is said of a table whose rows have more cells than its header."""

import re

from lstmcli.errors import DataError
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.cell_kinds import is_value
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.text import Dialect, open_table

_WHOLE = re.compile(r"\s*[-+]?\d+\s*")
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
            return DataError("ragged", said + _why(row, dialect), path=source.name, row=line)
    return DataError("ragged", "a row has more cells than the header", path=source.name)


def _why(row: list[str], dialect: Dialect) -> str:
    width = len(dialect.names)
    if dialect.header and width == 1 and any(map(is_value, row)):
        return f"; if line {dialect.skipped} is a title: --set skip_rows={dialect.skipped}"
    pair = row[-2:]
    if dialect.separator == "," and len(row) == width + 1 and _are_one_number(pair):
        return (
            f"; a comma seems to mark decimals too ({','.join(pair)!r}): write {'.'.join(pair)}, put them "
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
        if line > dialect.skipped and len(cells) > 1 and not any(map(is_value, filter(str.strip, cells))):
            cut = f"head -n {line - 1} {source.name}"
            return f"; another table seems to begin in line {line}: {cut} is the first"
    return ""
