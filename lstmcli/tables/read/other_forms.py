"""Files that are no text with separators: workbooks and JSON become such text; all others are named.

The text that is made has the rows of the file on its lines, so that everything else is read as from CSV.
"""

import json
import re
from dataclasses import replace
from itertools import islice
from pathlib import PurePath
from typing import Any, TextIO

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.errors.parsing import json_fault
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.bounds import LARGEST_JSON, MOST_OF_JSON
from lstmcli.tables.read.left_out import split_lines
from lstmcli.tables.read.made_text import cells_to_text, number_text
from lstmcli.tables.read.packed import UNPACKING_ERRORS, members_of, unpack_bytes
from lstmcli.tables.read.sources import TableSource, open_text
from lstmcli.tables.read.workbooks import workbook_text

_START = 512  # bytes that show what a file is
_PIECE = 2**20  # characters
_LINES = 1000  # among which a JSON document begins
_NAMED_JSON = (".json", ".ndjson", ".jsonl")
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
    return _json_text(source, options) if _JSON.match(start) else source


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
            return unpacked.read(_START)
    except (*UNPACKING_ERRORS, DataError):
        return b""


def _json_text(source: TableSource, options: ReadOptions) -> TableSource:
    """The source itself where its text is no JSON after all."""
    with open_text(source, options, longest=4 * LARGEST_JSON) as text:
        whole, more = _start_and_more(text)
        first = next((line for line in islice(split_lines(whole), _LINES) if line.strip()), "")
        _check_parts(source, first)
        rows = isinstance(_parsed(first), dict)
        if more and not rows:
            said = f"a JSON document of more than {LARGEST_JSON:,} characters; with one object a line it is "
            said += "read: jq -c '.[]' FILE"
            raise DataError("not-a-table", said, path=source.name)
        if not rows:
            _check_parts(source, whole)
        whole += more + "".join(iter(lambda: text.read(_PIECE), ""))
    lines = whole.splitlines()
    notes: tuple[str, ...] = ()
    if rows and sum(bool(line.strip()) for line in lines) > 1:
        objects = [_object(source, number, line) for number, line in enumerate(lines, 1)]
    else:
        content = _parsed(whole)
        if content is None:
            if PurePath(source.name).suffix.lower() in _NAMED_JSON and (fault := _fault(whole)):
                raise DataError("not-a-table", f"not JSON ({fault})", path=source.name)
            return source
        objects, notes = _objects(source, content)
    names = tuple(dict.fromkeys(name for cells in objects for name in cells))
    if not names:
        raise DataError("empty", "the table has no rows", path=source.name)
    made = cells_to_text([cells.get(name, "") for name in names] for cells in objects)
    return replace(source, content=made, names=names, notes=notes, made=True)


def _check_parts(source: TableSource, text: str) -> None:
    """Raises DataError for more objects than can be kept."""
    if text.count("{") + text.count("[") > MOST_OF_JSON:
        said = (
            f"a JSON document of more than {MOST_OF_JSON:,} objects and lists; with one object a line it is "
        )
        raise DataError("not-a-table", f"{said}read: jq -c '.[]' FILE", path=source.name)


def _start_and_more(text: TextIO) -> tuple[str, str]:
    """As much as a document may have, and some of what is behind it."""
    pieces, length = [text.read(_PIECE).removeprefix("\ufeff")], 0
    while pieces[-1] and length <= LARGEST_JSON:
        length += len(pieces[-1])
        pieces.append(text.read(_PIECE))
    return "".join(pieces)[:LARGEST_JSON], "".join(pieces)[LARGEST_JSON:]


def _parsed(text: str) -> Any:
    """JSON with its numbers as they are written; None for what is none."""
    try:
        return json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)
    except (ValueError, RecursionError):
        return None


def _fault(text: str, first: int = 1) -> str:
    """What is wrong with text that is no JSON, else ""; first: the number of its first line."""
    try:
        json.loads(text)
    except RecursionError:
        return "it is nested too deeply"
    except ValueError as error:
        return json_fault(error, first)
    return ""


class _Number(str):
    """A number as it is written."""


def _object(source: TableSource, number: int, line: str) -> dict[str, str]:
    content = _parsed(line) if line.strip() else {}
    if not isinstance(content, dict):
        why = f" ({fault})" if (fault := _fault(line, number)) else ""
        said = f"the line is no JSON object, as those before it are{why}"
        raise DataError("not-a-table", said, path=source.name, row=number)
    return _cells(content)


def _objects(source: TableSource, content: Any) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """The rows of one JSON document: a list of objects, one list of them in an object, or lists by column."""
    notes: tuple[str, ...] = ()
    if isinstance(content, dict):
        tables = {k: v for k, v in content.items() if isinstance(v, list) and v and isinstance(v[0], dict)}
        lists = {k: v for k, v in content.items() if isinstance(v, list)}
        if len(tables) == 1:
            (name, content), *_ = tables.items()
            notes = (f"the table is the list {quoted(name)} of the JSON file",)
        elif lists.keys() == content.keys() and len({len(v) for v in lists.values()}) == 1:
            content = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        said = "this JSON is no table: a list of objects is needed, or one object a line"
        raise DataError("not-a-table", said, path=source.name)
    return [_cells(row) for row in content], notes


def _cells(content: dict[str, Any], before: str = "") -> dict[str, str]:
    """Texts by name; of an object in an object by both names, with a point between them."""
    found: dict[str, str] = {}
    for key, value in content.items():
        name = f"{before}{key}".strip()
        if isinstance(value, dict):
            found |= _cells(value, f"{name}.")
        else:
            found[name] = _cell(value)
    return found


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, _Number):
        return number_text(value)
    return value if isinstance(value, str) else json.dumps(value)
