"""Names of series: none is too long, and none differs from another in blanks alone.

"Store 1 " and "Store 1" are one series in two spellings.
"""

import shlex
from collections.abc import Sequence

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.model_file.fields import LONGEST_NAME
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.table_cells import NumberedCells


def check_texts(table: Table, column: str, cells: NumberedCells) -> None:
    """Raises DataError for the first name that is longer than a model file keeps, or that differs from
    another one in blanks before, behind or within.

    cells: of the column.
    """
    texts = cells.texts()
    if max(map(len, texts), default=0) > LONGEST_NAME:
        raise _too_long(table, column, cells, texts)
    if len({*map(_even, texts)}) == len({*texts}):
        return
    known: dict[str, str] = {}
    for row, text in zip(cells.firsts.tolist(), texts, strict=True):
        other = known.setdefault(_even(text), text)
        if other != text:
            raise _alike(table, column, int(table.frame.index[row]), text, other)


def _too_long(table: Table, column: str, cells: NumberedCells, texts: Sequence[str]) -> DataError:
    place = next(place for place, text in enumerate(texts) if len(text) > LONGEST_NAME)
    said = f"the name of a series has {len(texts[place]):,} characters, {LONGEST_NAME:,} at most"
    return table.error("not-storable", said, int(table.frame.index[cells.firsts[place]]), column)


def _even(text: str) -> str:
    return " ".join(text.split())


def _alike(table: Table, column: str, row: int, text: str, other: str) -> DataError:
    said = f"{quoted(text)} and {quoted(other)} differ in blanks alone, and would be two series; "
    said += "write them alike"
    part = table.part_of(row) if table.parts else None
    around = text.strip() == other.strip()
    if around and part is not None and part.dialect is not None and part.dialect.separator in (",", ";", "|"):
        sign, name = part.dialect.separator, part.source.name
        if not part.source.made and name != "-":
            said += f""": sed -E 's/ *(^|[{sign}]|$) */\\1/g' {shlex.quote(name)} > trimmed.csv"""
    return table.error("alike-series", said, row, column)
