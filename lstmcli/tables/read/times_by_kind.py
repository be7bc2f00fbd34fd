"""Years, quarters and months below one another in one column, as offices write several series into one file:
the command that keeps one kind."""

import re
import shlex

from lstmcli.tables.read.table import Table
from lstmcli.tables.read.time_kinds import kind_of_time


def keep_kind(table: Table, column: str, row: int, cell: str) -> str:
    """The command that keeps the rows of a file whose times are written as a cell is; "" where none does.

    row: one of the file.
    """
    part = table.part_of(row) if table.parts else None
    dialect = part.dialect if part else None
    if part is None or dialect is None or part.source.made or part.source.content is not None:
        return ""
    if not dialect.header or column not in dialect.names or len(dialect.separator) != 1:
        return ""
    place = dialect.names.index(column) + 1
    program = f'NR <= {dialect.skipped} || ${place} ~ /^ *"?{_shape(cell.strip())}"? *\\r?$/'
    kind = kind_of_time(cell)
    command = f"awk -F{shlex.quote(dialect.separator)} {shlex.quote(program)} {shlex.quote(part.source.name)}"
    return f"{command} > {kind}s.csv"


def _shape(cell: str) -> str:
    """An expression for awk of cells that are written alike: digits for digits, letters for letters."""
    parts = re.findall(r"\d+|[A-Za-z]+|[^\dA-Za-z]", cell)
    signs = (part if part in " -:'" else f"[{part}]" for part in parts)
    return "".join(
        "[0-9]+" if part.isdecimal() else "[A-Za-z]+" if part.isascii() and part.isalpha() else sign
        for part, sign in zip(parts, signs, strict=True)
    )
