"""How far the cells of a workbook reach: its reader makes room for all, also for those that are not there."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import reduce

from lstmcli.errors import DataError
from lstmcli.tables.read.bounds import EXPANDED, MOST_EXPANSION

_MOST_CELLS = 2**22  # of any sheet
_MOST_EMPTY = 20  # times the cells that are there, which are in fewer sheets of use
_CELL = re.compile(rb'\br="([A-Z]{1,9})([0-9]{1,12})"')
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>", re.DOTALL)
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_ROWS, _COLUMNS = (
    re.compile(rb'number-%s-repeated="([0-9]{1,12})"' % what) for what in (b"rows", b"columns")
)
_BLOCK = 2**20


def check_sheets(path: str, content: bytes) -> None:
    """Raises DataError for a workbook of XML that is many times as large as its file, or whose cells are so
    far apart that no table has them. Damage is left to what reads the cells."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            for name in book.namelist():
                if name.startswith("xl/worksheets/") or name == "content.xml":
                    _check_reach(path, _unpacked(path, book, name, len(content)), name)
                elif name.endswith((".xml", ".bin")):
                    _unpacked(path, book, name, len(content))
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError):
        return


def _unpacked(path: str, book: zipfile.ZipFile, name: str, size: int) -> bytes:
    """A member as long as it is not many times as large as the file."""
    most, blocks, length = max(EXPANDED, MOST_EXPANSION * size), [], 0
    for block in _blocks(book, name):
        blocks.append(block)
        length += len(block)
        if length > most:
            said = f"{name} in it holds more than {MOST_EXPANSION} times its size: save the table as CSV"
            raise DataError("unreadable", said, path=path)
    return b"".join(blocks)


def _blocks(book: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with book.open(name) as member:
        while block := member.read(_BLOCK):
            yield block


def _check_reach(path: str, xml: bytes, name: str) -> None:
    cells, rows, columns = _ods_reach(xml) if name == "content.xml" else _reach(xml)
    if rows * columns > max(_MOST_CELLS, _MOST_EMPTY * cells):
        said = (
            f"its cells are spread over {rows:,} rows and {columns:,} columns, but only {cells:,} are there: "
        )
        said += "delete what stands far from the table, or save the table as CSV"
        raise DataError("not-a-table", said, path=path)


def _reach(xml: bytes) -> tuple[int, int, int]:
    """The number of cells, the last row and the last column."""
    cells, letters, last = 0, {b"A"}, 1
    for found in _CELL.finditer(xml):
        cells += 1
        letters.add(found[1])
        last = max(last, int(found[2]))
    return cells, last, max(reduce(lambda n, sign: 26 * n + sign - 64, name, 0) for name in letters)


def _ods_reach(xml: bytes) -> tuple[int, int, int]:
    """The same of a document that says how often rows and cells come again; the empty ones at the end do not
    count."""
    cells, width, height, reach = 0, 1, 1, 0
    for row in _ODS_ROW.finditer(xml):
        columns = _filled_columns(row[2])
        reach += _repeated(_ROWS, row[1])
        if columns:
            cells += len(_ODS_CELL.findall(row[2]))
            width, height = max(width, columns), max(height, reach)
    return cells, height, width


def _filled_columns(row: bytes) -> int:
    """The last column of a row that holds something."""
    reach, last = 0, 0
    for cell in _ODS_CELL.finditer(row):
        reach += _repeated(_COLUMNS, cell[1])
        if b"office:value" in cell[1] or b"value-type" in cell[1]:
            last = reach
    return last


def _repeated(pattern: "re.Pattern[bytes]", attributes: bytes) -> int:
    found = pattern.search(attributes)
    return int(found[1]) if found else 1
