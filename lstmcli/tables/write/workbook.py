"""Tables as a workbook for Excel: one sheet, numbers as numbers and times as dates."""

import contextlib
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pandas.api.types import is_numeric_dtype

from lstmcli.errors import UsageError
from lstmcli.errors.foreign import quoted

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

MOST_ROWS = 2**20 - 1  # of a sheet, below its header
_FIRST_YEAR = 1900  # earlier days have no number in Excel
_DAY, _TIME, _FRACTION = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd hh:mm:ss.000"

_LEAST_WIDTH, _TIME_WIDTH = 12, 24  # of columns, in characters


def check_row_count(count: int) -> None:
    """Raises UsageError for more rows than a sheet holds."""
    if count > MOST_ROWS:
        raise UsageError(
            f"{count:,} rows are more than the {MOST_ROWS:,} of a sheet of .xlsx: write .csv or .parquet"
        )


def workbook_of(tables: "Iterable[pd.DataFrame]") -> bytes:
    """Tables of the same columns one below the other. Raises UsageError for too many rows, and for text
    that a workbook cannot hold."""
    from openpyxl import Workbook

    made = io.BytesIO()
    parts = list(tables)  # a sheet that was begun cannot be given up without noise
    check_row_count(sum(map(len, parts)))
    _check_texts(parts)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("lstmcli")
    _set_widths(sheet, parts[0])
    try:
        sheet.append([_text(sheet, str(name)) for name in parts[0].columns])
        for table in parts:
            for row in zip(*(_cells(sheet, table[name]) for name in table.columns), strict=True):
                sheet.append(row)
        book.save(made)
    except BaseException:  # a signal
        with contextlib.suppress(Exception):
            sheet.close()
        raise
    return made.getvalue()


def _set_widths(sheet: "WriteOnlyWorksheet", table: "pd.DataFrame") -> None:
    """So wide that times are shown and not hidden behind ####."""
    from openpyxl.utils import get_column_letter

    for number, name in enumerate(table.columns, 1):
        first = next(iter(table[name].dropna()), None)
        needed = _TIME_WIDTH if isinstance(first, datetime) else len(str(name)) + 2
        sheet.column_dimensions[get_column_letter(number)].width = max(_LEAST_WIDTH, needed)


def _check_texts(tables: "Iterable[pd.DataFrame]") -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    for table in tables:
        texts = [*map(str, table.columns)]
        for name in table.columns:
            if not is_numeric_dtype(table[name]):
                texts += [text for text in table[name].unique() if isinstance(text, str)]
        if wrong := next(filter(ILLEGAL_CHARACTERS_RE.search, texts), None):
            raise UsageError(f"a workbook cannot hold the text {quoted(wrong)}: write .csv")


def _cells(sheet: "WriteOnlyWorksheet", column: "pd.Series[Any]") -> Iterator[Any]:
    """The cells of a column, None where there is none."""
    look = None
    for value in column.astype(object).where(column.notna(), None):
        if isinstance(value, datetime):
            look = look or _look(column)
            yield _time(sheet, value, look)
        else:
            yield _text(sheet, value) if isinstance(value, str) else value


def _text(sheet: "WriteOnlyWorksheet", text: str) -> Any:
    """A text that stays one, also where it begins as a formula."""
    if not text.startswith(("=", "#")):
        return text
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _look(column: "pd.Series[Any]") -> str:
    """How times are shown: with what is not zero in any of them."""
    times = [time for time in column.dropna() if isinstance(time, datetime)]
    if any(time.microsecond for time in times):
        return _FRACTION
    return _TIME if any((time.hour, time.minute, time.second) != (0, 0, 0) for time in times) else _DAY


def _time(sheet: "WriteOnlyWorksheet", value: datetime, look: str) -> Any:
    """The time on the clock of its zone, for Excel knows no zones."""
    from openpyxl.cell import WriteOnlyCell

    if value.year < _FIRST_YEAR:
        return value.isoformat(" ")
    cell = WriteOnlyCell(sheet, value.replace(tzinfo=None))
    cell.number_format = look
    return cell
