"""Names of series: none is too long, and none differs from another in what cannot be seen.

"Store 1 " and "Store 1" are one series in two spellings, and so are the "é" that is one character and the one
that is a letter and its accent (Unicode Standard Annex 15).
"""

import unicodedata
from collections.abc import Sequence

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.model_file.fields import LONGEST_NAME
from lstmcli.tables.read.shell import on_file
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.table_cells import NumberedCells

_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # of writing
_WITHOUT_WIDTH = dict.fromkeys(map(ord, f"\u00ad\u200b\u2060\ufeff{_DIRECTIONS}"))


def check_texts(table: Table, column: str, cells: NumberedCells) -> None:
    """Raises DataError for the first name that is longer than a model file keeps, or that differs from
    another one in blanks before, behind or within, or in signs without width, or in how letters are composed.

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
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_WITHOUT_WIDTH))
    return " ".join(text.split())


def composed(key: Sequence[str]) -> tuple[str, ...]:
    """A name of a series with each letter and its accents as one character where there is one."""
    return tuple(unicodedata.normalize("NFC", part) for part in key)


def how_to_compose(name: str, is_plain: bool) -> str:
    """What writes the letters of a file alike. name: of the file; is_plain: whether it is UTF-8 text."""
    said = "the same letters, in other characters of Unicode; write them alike"
    program = "import sys, unicodedata as u; sys.stdout.write(u.normalize('NFC', sys.stdin.read()))"
    command = on_file(f'python3 -c "{program}"', name, "< ")
    return f"{said}: {command} > composed.csv" if is_plain else said


def _alike(table: Table, column: str, row: int, text: str, other: str) -> DataError:
    part = table.part_of(row) if table.parts else None
    if composed([text]) == composed([other]):
        plain = part is not None and not part.source.made and part.source.name.endswith((".csv", ".tsv"))
        how = how_to_compose(part.source.name if part else "", plain)
        said = f"{quoted(text)} and {quoted(other)} would be two series, and are {how}"
        return table.error("alike-series", said, row, column)
    what = "blanks" if " ".join(text.split()) == " ".join(other.split()) else "signs that cannot be seen"
    said = f"{quoted(text)} and {quoted(other)} differ in {what} alone, and would be two series; "
    said += "write them alike"
    around = text.strip(" ") == other.strip(" ")
    if around and part is not None and part.dialect is not None and part.dialect.separator in (",", ";", "|"):
        sign, name = part.dialect.separator, part.source.name
        if not part.source.made and name != "-":
            trim = on_file(rf"sed -E 's/ *(^|[{sign}]|$) */\1/g'", name)
            said += f": {trim} > trimmed.csv"
    return table.error("alike-series", said, row, column)
