"""Names such as 007 that stand far below the first rows, in a column of whole numbers there: they make it one
of texts, as they do where the first rows show them."""

import re
from collections import Counter
from collections.abc import Collection, Iterator

from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.column_names import date_part_range, is_amount_name
from lstmcli.tables.read.packed import unpack_bytes
from lstmcli.tables.read.parse import parse_csv_pieces
from lstmcli.tables.read.probing import ProbedColumns
from lstmcli.tables.read.separators import BLANKS
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.text import Dialect
from lstmcli.tables.read.time_names import NO_TIME_NAME, rank_of_name

_BLOCK, _LONGEST = 2**22, 64  # bytes read at once; of a cell
_ROWS = 100_000  # of a piece
_FEWEST = 4  # rows of a name
_PADDED = re.compile(r"\s*0[0-9]+\s*")


def settle_late_names(
    probed: ProbedColumns, source: TableSource, dialect: Dialect, options: ReadOptions
) -> set[str]:
    """The columns of whole numbers that hold a name such as 007 in any row: they become those of texts.

    Raises DataError.
    """
    names = [c for c in probed.whole if _may_be_names(c, options)]
    begins = {"\n" if c == dialect.names[0].strip() else dialect.separator for c in names}
    if dialect.separator == BLANKS:
        begins = {" ", "\t", "\n"}
    if not names or not _may_be_padded(source, begins):
        return set()
    late = _padded_columns(source, dialect, options, names)
    probed.whole = [c for c in probed.whole if c not in late]
    probed.texts += sorted(late)
    return late


def _may_be_names(column: str, options: ReadOptions) -> bool:
    timed = column in options.times or rank_of_name(column) < NO_TIME_NAME
    return not (timed or is_amount_name(column) or date_part_range(column) is not None)


def _may_be_padded(source: TableSource, begins: Collection[str]) -> bool:
    """Whether a cell of digits begins with a zero. begins: what stands before the cells to look at."""
    signs = [sign.encode("utf-8", "replace") for sign in begins]
    looked_for = [re.compile(re.escape(sign) + rb"0[0-9]+[^0-9.\-/:]") for sign in (*signs, b'"')]
    return any(pattern.search(block) for block in _blocks(source) for pattern in looked_for)


def _blocks(source: TableSource) -> Iterator[bytes]:
    end = b""
    with source.opened() as file, unpack_bytes(source.name, file) as unpacked:
        while block := unpacked.read(_BLOCK):
            yield end + block
            end = block[-_LONGEST:]


def _padded_columns(
    source: TableSource, dialect: Dialect, options: ReadOptions, names: Collection[str]
) -> set[str]:
    types, counts = dict.fromkeys(names, "str"), {name: Counter[str]() for name in names}
    pieces = parse_csv_pieces(source, dialect, options, {}, dtype=types, usecols=[*names], chunksize=_ROWS)
    for piece in pieces:
        for name, found in counts.items():
            padded = [cell for cell in piece[name].dropna().unique() if _PADDED.fullmatch(cell)]
            if padded and not _comes_back(found):
                found.update(piece[name][piece[name].isin(padded)].tolist())
    return {name for name, found in counts.items() if _comes_back(found)}


def _comes_back(counts: Counter[str]) -> bool:
    """Whether a name stands in some rows, as that of a series does."""
    return bool(counts) and max(counts.values()) >= _FEWEST
