"""Years, quarters and months below one another in one column, as offices write several series into one file:
the command that keeps one kind."""

import re
import shlex

from lstmcli.tables.read.shell import on_file
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.time_kinds import kind_of_time


def keep_kind(table: Table, column: str, row: int, cell: str) -> str:
    """The command that keeps the rows of a file whose times are written as a cell is; "" where none does.

    row: one of the file.
    """
    place, skipped = _place_of(table, column, row)
    if not place:
        return ""
    program = f'NR <= {skipped} || ${place} ~ /^ *"?{_shape(cell.strip())}"? *\\r?$/'
    return _awk(table, row, program, f"{kind_of_time(cell)}s.csv")


def years_beside(table: Table, column: str, row: int) -> str:
    """The command that writes years, which stand in rows above their months, beside these; "" for none.

    row: one of the file.
    """
    place, skipped = _place_of(table, column, row)
    if not place:
        return ""
    year = f'NR > {skipped} && ${place} ~ /^"?[0-9][0-9][0-9][0-9]"?$/ {{ y = ${place}; next }}'
    month = f'NR > {skipped} && y {{ ${place} = ${place} " " y; gsub(/"/, "", ${place}) }} 1'
    return _awk(table, row, f"{year} {month}", "months.csv")


def without_sums(table: Table, column: str, row: int) -> str:
    """The command that leaves rows of a month 13 out; "" for none. row: one of the file."""
    place, skipped = _place_of(table, column, row)
    return _awk(table, row, f'NR <= {skipped} || ${place} !~ /13"? *\\r?$/', "months.csv") if place else ""


def _place_of(table: Table, column: str, row: int) -> tuple[int, int]:
    """The place of a column, from 1, and how many rows are above those of data; 0 where awk does not see
    them."""
    part = table.part_of(row) if table.parts else None
    dialect = part.dialect if part else None
    if part is None or dialect is None or part.source.made or part.source.content is not None:
        return 0, 0
    if not dialect.header or column not in dialect.names or len(dialect.separator) != 1:
        return 0, 0
    return dialect.names.index(column) + 1, dialect.skipped


def _awk(table: Table, row: int, program: str, made: str) -> str:
    part = table.part_of(row)
    sign = shlex.quote(part.dialect.separator if part.dialect else ",")
    own = f"-v OFS={sign} " if " = " in program else ""
    return on_file(f"awk -F{sign} {own}{shlex.quote(program)}", part.source.name) + f" > {made}"


def _shape(cell: str) -> str:
    """An expression for awk of cells that are written alike: digits for digits, letters for letters."""
    parts = re.findall(r"\d+|[A-Za-z]+|[^\dA-Za-z]", cell)
    signs = (part if part in " -:'" else f"[{part}]" for part in parts)
    return "".join(
        "[0-9]+" if part.isdecimal() else "[A-Za-z]+" if part.isascii() and part.isalpha() else sign
        for part, sign in zip(parts, signs, strict=True)
    )
