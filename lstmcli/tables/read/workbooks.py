"""A sheet of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) as text: formulas by the values that are stored."""

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice
from typing import Any
from xml.etree import ElementTree

from lstmcli.errors import DataError, did_you_mean
from lstmcli.errors.foreign import quoted
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.cell_kinds import is_value
from lstmcli.tables.read.made_text import cells_to_text, number_text
from lstmcli.tables.read.merged_cells import fill_merged
from lstmcli.tables.read.sheet_bounds import check_sheets
from lstmcli.tables.read.sources import TableSource

_XLSB = re.compile(rb"workbook\.bin", re.IGNORECASE)
_PANIC = "PanicException"  # of the reader, which is no Exception
_FEW_ROWS = 2  # with numbers make a table
_MOST_NAMED = 8
_LARGEST_WHOLE = 1e15
_DAMAGE = (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError, ValueError)
_LEAST_MEMORY, _MEMORY = 2**30, 200  # bytes, and for each byte of a file that is not XML
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ERROR_CELL = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)([0-9]+)"[^>/]*>(.*?)</c>', re.DOTALL)
_ERROR_VALUE = re.compile(rb"<v>([^<]+)</v>")


def workbook_text(source: TableSource, options: ReadOptions) -> TableSource:
    """The text of one sheet: the one that is asked for, or the first with a table. Raises DataError."""
    try:
        import python_calamine  # noqa: F401
    except ImportError:
        hint = "pip install 'lstmcli[excel]', or save the sheet as CSV"
        said = f"this is a workbook; reading it needs the package python-calamine: {hint}"
        raise DataError("unreadable", said, path=source.name) from None
    with source.opened() as file:
        content = file.read()
    check_sheets(source.name, content)
    read = partial(_read, source.name, content, options.sheet)
    if _is_binary(content):
        from lstmcli.tables.read.apart import done_apart  # loads multiprocessing

        text, notes = done_apart(read, source.name, _LEAST_MEMORY + _MEMORY * len(content))
    else:
        text, notes = read()
    return replace(source, content=text, notes=notes, made=True)


def _is_binary(content: bytes) -> bool:
    """Whether it is an .xls or .xlsb, of which nothing is known before it is read."""
    return not content.startswith(b"PK") or _XLSB.search(content) is not None


def _read(path: str, content: bytes, sheet: str) -> tuple[bytes, tuple[str, ...]]:
    """The text of a sheet, and notes."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = _sheets(book)
    except (CalamineError, ValueError, OSError) as error:
        said = f"not a workbook that can be read: {error}; a password, if it has one, must be taken off"
        raise DataError("unreadable", said, path=path) from None
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise DataError("unreadable", f"not a whole workbook: {error}", path=path) from None
    name = sheet or _first_table(sheets)
    if name not in sheets:
        known = ", ".join(sheets)
        said = f"there is no sheet {quoted(name)}.{did_you_mean(name, sheets)} Sheets: {known}"
        raise DataError("not-a-table", said, path=path)
    others = [other for other in sheets if other != name]
    told = others and not sheet
    notes = [f"sheet {quoted(name)} is read; others: {_listed(others)} (--set sheet=NAME)"] if told else []
    rows = _with_errors(sheets[name], content, name)
    merged = getattr(book.get_sheet_by_name(name), "merged_cell_ranges", None) or ()
    notes += fill_merged(rows, merged)
    return cells_to_text(_texts(rows)), tuple(notes)


def _with_errors(rows: list[list[Any]], content: bytes, sheet: str) -> list[list[Any]]:
    """The rows with errors such as #DIV/0! in their cells, which are empty where calamine reads them. Only
    .xlsx and .xlsm tell them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            xml = book.read(_sheet_path(book, sheet))
    except (*_DAMAGE, KeyError, ElementTree.ParseError):
        return rows
    for letters, number, cell in _ERROR_CELL.findall(xml):
        place = 0
        for letter in letters:
            place = 26 * place + letter - ord("A") + 1
        row = rows[int(number) - 1] if 0 < int(number) <= len(rows) else []
        value = _ERROR_VALUE.search(cell)
        if value and place <= len(row) and row[place - 1] in ("", None):
            row[place - 1] = value[1].decode(errors="replace")
    return rows


def _sheet_path(book: zipfile.ZipFile, sheet: str) -> str:
    """Where a sheet stands in a workbook. Raises KeyError for a workbook of another form."""
    found = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    wanted = next((one.attrib[_RELATION] for one in found if one.attrib["name"] == sheet), "")
    links = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    target = next((link.attrib["Target"] for link in links if link.attrib["Id"] == wanted), "")
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _sheets(book: Any) -> dict[str, list[list[Any]]]:
    """Rows of cells by sheet, from the first row and column on, also where these are empty."""
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(map(repr, names[:_MOST_NAMED])) + (f" and {more} more" if more > 0 else "")


def _first_table(sheets: dict[str, list[list[Any]]]) -> str:
    """The first sheet with rows of numbers or dates, also as text; without these the first with a header and
    rows, else the first of all."""
    for needed, fits in ((_FEW_ROWS, _has_values), (_FEW_ROWS + 1, lambda _: True)):
        for name, rows in sheets.items():
            several = (cells for row in rows if len(cells := [c for c in row if c not in ("", None)]) > 1)
            if sum(1 for _ in islice(filter(fits, several), needed)) == needed:
                return name
    return next(iter(sheets), "")


def _has_values(cells: Sequence[Any]) -> bool:
    return any(not isinstance(cell, str) or is_value(cell) for cell in cells)


def _texts(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Cells as texts; dates without a time of day where all of a column have none."""
    width = max(map(len, rows), default=0)
    columns = [[row[c] if c < len(row) else "" for row in rows] for c in range(width)]
    texts = [_column_texts(column) for column in columns]
    return [list(row) for row in zip(*texts, strict=True)]


def _column_texts(cells: Sequence[Any]) -> list[str]:
    days = all(cell.time() == time() for cell in cells if isinstance(cell, datetime))
    return [_text(cell, days) for cell in cells]


def _text(cell: Any, days: bool) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | float):
        whole = float(cell).is_integer() and abs(cell) < _LARGEST_WHOLE
        return str(int(cell)) if whole else number_text(repr(float(cell)))
    if isinstance(cell, date):  # a moment, or midnight
        return f"{cell:%Y-%m-%d}" if days else _moment(datetime.combine(cell, _clock_of(cell)))
    if isinstance(cell, timedelta):
        return _clock(round(cell.total_seconds()))
    return "" if cell is None else str(cell).strip()  # texts, times of day


def _clock_of(cell: date) -> time:
    return cell.time() if isinstance(cell, datetime) else time()


def _moment(cell: datetime) -> str:
    """To the second: a sheet keeps fractions of days, whose last digits are not meant."""
    whole = cell + timedelta(microseconds=500_000)
    return f"{whole:%Y-%m-%d %H:%M:%S}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}" + (f":{seconds % 60:02}" if seconds % 60 else "")
