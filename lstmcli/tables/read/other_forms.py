"""Files that are no text with separators: workbooks and JSON become such text; all others are named.

The text that is made has the rows of the file on its lines, so that everything else is read as from CSV.
"""

import re

from lstmcli.errors import DataError
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.json_tables import json_text
from lstmcli.tables.read.packed import UNPACKING_ERRORS, members_of, unpack_bytes
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.workbooks import workbook_text

_START = 512  # bytes that show what a file is
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OF_WORKBOOKS = ("xl/", "content.xml", "Index.xlsb")
_EXPORT = "export the table as CSV"
# What else is met under the name of a table, by its first bytes.
_OTHERS = (
    (
        b"SQLite format 3\0",
        "an SQLite database",
        f"{_EXPORT}: sqlite3 -header -csv FILE 'select * from TABLE'",
    ),
    (b"%PDF", "a PDF document", _EXPORT),
    (b"\x89PNG", "a picture", "a table of numbers is needed"),
    (b"\xff\xd8\xff", "a picture", "a table of numbers is needed"),
    (b"GIF8", "a picture", "a table of numbers is needed"),
    (b"\x89HDF", "an HDF5 file", f"{_EXPORT} or Parquet"),
    (b"CDF\x01", "a NetCDF file", f"{_EXPORT} or Parquet"),
    (b"CDF\x02", "a NetCDF file", f"{_EXPORT} or Parquet"),
    (b"ARROW1", "an Arrow (Feather) file", f"{_EXPORT} or Parquet"),
    (b"ORC", "an ORC file", f"{_EXPORT} or Parquet"),
    (b"\x93NUMPY", "a NumPy file", _EXPORT),
    (b"{\\rtf", "a document", _EXPORT),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_MARK = rb"(?:\xef\xbb\xbf)?\s*"
_MARKUP = re.compile(_MARK + rb"<(!doctype html|html|head|body|table|\?xml|script)\b", re.IGNORECASE)
_JSON = re.compile(_MARK + rb"(?:\{|\[\s*[\[{\]])")


def source_as_text(source: TableSource, options: ReadOptions) -> TableSource:
    """The source, or the text that its workbook or JSON holds. Raises InputMissing, or DataError for what
    holds no table."""
    with source.opened() as file:
        raw = file.read(_START)
    if raw.startswith(_OLE) or (raw.startswith(_ZIP) and _is_workbook(source)):
        return workbook_text(source, options)
    for start, what, hint in _OTHERS:
        if raw.startswith(start):
            raise _no_table(source, what, hint)
    if raw[8:12] == b"DUCK":
        raise _no_table(source, "a DuckDB database", f"{_EXPORT}: duckdb FILE -csv -c 'from TABLE'")
    start = _unpacked_start(source)
    if markup := _MARKUP.match(start):
        what = "an XML file" if markup[1] == b"?xml" else "a web page"
        raise _no_table(source, what, f"whatever its name ends in: open it and {_EXPORT}")
    return json_text(source, options) if _JSON.match(start) else source


def _no_table(source: TableSource, what: str, hint: str) -> DataError:
    return DataError("unreadable", f"this is {what}; {hint}", path=source.name)


def _is_workbook(source: TableSource) -> bool:
    try:
        with source.opened() as file:
            members = members_of(source.name, file).namelist()
    except DataError:  # told when it is unpacked
        return False
    return any(member.startswith(_OF_WORKBOOKS) for member in members)


def _unpacked_start(source: TableSource) -> bytes:
    """Nothing where the file is damaged, which is said when it is read."""
    try:
        with source.opened() as file, unpack_bytes(source.name, file) as unpacked:
            start = unpacked.read(_START)
    except (*UNPACKING_ERRORS, DataError):
        return b""
    return start.decode("utf-16", "ignore").encode() if start.startswith(_UTF16) else start
