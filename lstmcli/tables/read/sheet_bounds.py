"""How far the cells of a workbook reach: its reader makes room for all, also for those that are not there."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import pairwise

from lstmcli.errors import DataError
from lstmcli.tables.read.bounds import EXPANDED, MOST_EXPANSION

_MOST_CELLS = 2**22  # of any sheet
_MOST_EMPTY = 20  # times the values that are there, which are in fewer sheets of use
_LARGEST_SHEET = 2**25  # cells, which the reader makes all at once
_MOST_TEXT = 2**28  # bytes of the texts of cells, each of which may stand in many
_TAG = rb"<(?:[\w.-]+:)?%s(?=[\s/>])"
_CELL, _ROW, _VALUE, _TEXT = (re.compile(_TAG % name) for name in (b"c", b"row", b"(?:v|is)", b"si"))
_CONTENT = re.compile(_TAG % b"v" + rb"[^>]*>([^<]*)<([!?]?)")
_QUOTED = rb"""(?:"[^"]*"|'[^']*')"""
# Where a cell or a row says that it stands, whatever the tag; and the cells that say so.
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,9})([0-9]{1,12})["']""")
_PLACED_CELL = re.compile(
    _TAG % b"c" + rb"(?:\s+[\w:.-]+\s*=\s*" + _QUOTED + rb""")*?\s+r\s*=\s*["'][A-Za-z]"""
)
_ODS_SHEET = re.compile(rb"<table:table(?=[\s/>])")
_ODS_TAG = re.compile(
    rb"""<table:(?:covered-)?table-(row|cell)(?=[\s/>])([^>"']*(?:""" + _QUOTED + rb"""[^>"']*)*)>"""
)
_ROWS, _COLUMNS = (
    re.compile(rb"""number-%s-repeated\s*=\s*["']([0-9]{1,12})["']""" % what)
    for what in (b"rows", b"columns")
)
_DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError)
_BLOCK = 2**20
_FAR = "delete what stands far from the table, or save the table as CSV"


def check_sheets(path: str, content: bytes) -> None:
    """Raises DataError for a workbook of XML that is many times as large as its file, whose cells are so far
    apart that no table has them, or whose cells share texts that are long. Damage is left to what reads the
    cells."""
    try:
        book = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGE:
        return
    texts, values = [0], []  # bytes of each text that cells share, and what may name one
    for member in book.infolist():
        try:
            xml = _unpacked(path, book, member, len(content))
        except _DAMAGE:
            continue
        if member.filename == "content.xml":
            _check_document(path, xml)
        elif b"sheetData" in xml:
            _check_reach(path, _reach(xml))
            values.append(xml)
        elif ends := [found.start() for found in _TEXT.finditer(xml)]:
            texts = [end - start for start, end in pairwise([*ends, len(xml)])]
    for xml in values:
        if max(texts) * len(_VALUE.findall(xml)) > _MOST_TEXT:
            _check_texts(path, _shared_text(xml, texts))


def _unpacked(path: str, book: zipfile.ZipFile, member: zipfile.ZipInfo, size: int) -> bytes:
    """A member as long as it is not many times as large as the file."""
    most, blocks, length = max(EXPANDED, MOST_EXPANSION * size), [], 0
    for block in _blocks(book, member):
        blocks.append(block)
        length += len(block)
        if length > most:
            said = f"{member.filename} in it holds more than {MOST_EXPANSION} times its size: "
            raise DataError("unreadable", f"{said}save the table as CSV", path=path)
    return b"".join(blocks)


def _blocks(book: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with book.open(member) as file:
        while block := file.read(_BLOCK):
            yield block


def _check_reach(path: str, reach: tuple[int, int, int]) -> None:
    values, rows, columns = reach
    if rows * columns > min(max(_MOST_CELLS, _MOST_EMPTY * values), _LARGEST_SHEET):
        said = (
            f"its cells are spread over {rows:,} rows and {columns:,} columns, but only {values:,} are there"
        )
        raise DataError("not-a-table", f"{said}: {_FAR}", path=path)


def _check_texts(path: str, size: int) -> None:
    if size > _MOST_TEXT:
        said = f"the texts of its cells have {size:,} bytes, as those of tables do not: save the table as CSV"
        raise DataError("unreadable", said, path=path)


def _reach(xml: bytes) -> tuple[int, int, int]:
    """The number of values, the last row and the last column, or more of these where cells do not say where
    they stand."""
    letters, last = {b"A"}, 1
    for found in _PLACE.finditer(xml):
        letters.add(found[1].upper())
        last = max(last, int(found[2]))
    columns = max(reduce(lambda n, sign: 26 * n + sign - 64, name, 0) for name in letters)
    if len(_CELL.findall(xml)) > len(_PLACED_CELL.findall(xml)):
        last += len(_ROW.findall(xml))
        columns += max(len(_CELL.findall(row)) for row in _ROW.split(xml))
    return len(_VALUE.findall(xml)), last, columns


def _shared_text(xml: bytes, texts: Sequence[int]) -> int:
    """Bytes of the texts that the cells of a sheet share, each counted as often as it is named; more where
    that is not plain to see."""
    found = _CONTENT.findall(xml)
    numbers = [number.strip() for number, _ in found]
    places = [int(number) for number in numbers if number.isdigit() and len(number) < 10]
    hidden = sum(1 for number, more in found if more or b"&" in number)  # behind a comment, as &#49;
    return sum(texts[at] for at in places if at < len(texts)) + hidden * max(texts)


def _check_document(path: str, xml: bytes) -> None:
    """The same for a document that says how often rows and cells come again; the empty ones at the end do not
    count."""
    if b"<!" in xml:
        said = "content.xml in it has comments, as office programs do not write: save the table as CSV"
        raise DataError("unreadable", said, path=path)
    for sheet in _ODS_SHEET.split(xml):
        cells, height, width, text = _document_reach(sheet)
        _check_reach(path, (cells, height, width))
        _check_texts(path, text)


def _document_reach(sheet: bytes) -> tuple[int, int, int, int]:
    """The number of cells with values, their last row and column, and the bytes that come again."""
    cells = width = height = row = column = text = 0
    rows, times, end = 1, 1, 0
    for tag in _ODS_TAG.finditer(sheet):
        text += (times - 1) * (tag.start() - end)
        times, end = 1, tag.end()
        if tag[1] == b"row":
            rows, column = _repeated(_ROWS, tag[2]), 0
            row += rows
            continue
        again = _repeated(_COLUMNS, tag[2])
        column += again
        if b"office:value" in tag[2] or b"value-type" in tag[2]:
            cells, width, height, times = cells + 1, max(width, column), row, rows * again
    return cells, height, width, text + (times - 1) * (len(sheet) - end)


def _repeated(pattern: "re.Pattern[bytes]", attributes: bytes) -> int:
    found = pattern.search(attributes)
    return int(found[1]) if found else 1
