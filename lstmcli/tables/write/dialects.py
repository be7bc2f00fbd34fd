"""The separator and the mark of decimals of a CSV file that is written: by default those of the data."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lstmcli.errors import UsageError
from lstmcli.tables.csv_lines import csv_lines

if TYPE_CHECKING:
    from lstmcli.settings.table_reading import NumberForm
    from lstmcli.tables.read.table import Table
    from lstmcli.tables.read.text import Dialect

TEXT_TABLES = ("csv", "tsv")  # the forms that have a dialect
BYTE_ORDER_MARK = "\ufeff"
_TAB_NAMES = ("tab", r"\t")


@dataclass(frozen=True)
class OutputDialect:
    """mark: whether the file begins with a byte order mark, by which Excel knows UTF-8; encoding: of a file,
    standard output is UTF-8."""

    separator: str = ","
    decimal: str = "."
    mark: bool = False
    encoding: str = "utf-8"

    @property
    def beginning(self) -> str:
        return BYTE_ORDER_MARK if self.mark else ""

    @property
    def quotes_numbers(self) -> bool:
        """Whether the mark of decimals would separate cells, as in a file of "1,5","2,5"."""
        return self.separator == self.decimal

    def row(self, cells: Sequence[Any]) -> str:
        """A line with its end; numbers as Python's."""
        return self.rows([cells])

    def rows(self, rows: Iterable[Sequence[Any]]) -> str:
        return csv_lines(rows, self.separator)

    def numbers(self, cells: Iterable[Any]) -> list[Any]:
        """Cells of a column, decimal fractions as their text."""
        return [repr(cell).replace(".", self.decimal) if isinstance(cell, float) else cell for cell in cells]


PLAIN_DIALECT = OutputDialect()


@dataclass(frozen=True)
class AskedDialect:
    """What --write-separator and --write-decimal ask for; None for the dialect of the data.

    Raises UsageError for what cannot separate cells, and where numbers would be cut in two.
    """

    separator: str | None = None
    decimal: str | None = None

    def __post_init__(self) -> None:
        if self.separator in _TAB_NAMES:
            object.__setattr__(self, "separator", "\t")
        if self.separator is None:
            return
        if not _separates(self.separator):
            raise UsageError(f"--write-separator {self.separator!r}: write ',', ';', '|' or tab")
        if self.separator == self.decimal:
            raise UsageError(
                f"--write-decimal {self.decimal} would cut numbers in two: add --write-separator ';'"
            )

    def check(self, form: str) -> None:
        """Raises UsageError for a form that has no such dialect."""
        for flag, given in (("--write-separator", self.separator), ("--write-decimal", self.decimal)):
            if given is not None and form not in TEXT_TABLES:
                raise UsageError(f"{flag} is for CSV; {form} is written in one way only")
        if form == "tsv" and self.separator not in (None, "\t"):
            raise UsageError(
                f"--write-separator {self.separator}: cells of .tsv are separated by tabs; use .csv"
            )


AS_IN_DATA = AskedDialect()


def data_dialect(
    files: "Sequence[Dialect | None]", numbers: "Mapping[str, NumberForm] | None" = None
) -> OutputDialect:
    """The one dialect of files, comma and dot where they have several or none.

    files: None for one that is no CSV; numbers: how those of the columns are written, which all rows have
    shown. Where no decimals are seen, a semicolon goes with a comma, as Excel has it.
    """
    known = {(one.separator, one.decimal) if one else (",", ".") for one in files}
    separator, decimal = known.pop() if len(known) == 1 else (",", ".")
    if known or not _separates(separator):  # several, or blanks of any number
        return PLAIN_DIALECT
    marks = {form.decimal for form in (numbers or {}).values()}
    if "," in marks or (not marks and separator == ";"):
        decimal = ","
    mark = bool(files) and all(one is not None and one.mark for one in files)
    return OutputDialect(separator, decimal, mark)


def dialect_of_table(table: "Table | None") -> OutputDialect:
    """Comma and dot for a small plain file, which is read without a table."""
    if table is None:
        return PLAIN_DIALECT
    found = data_dialect([part.dialect for part in table.parts], table.reading.reading.numbers)
    if len(table.parts) == 1 and table.parts[0].dialect is not None and not table.parts[0].source.made:
        found = replace(found, encoding=table.options.encoding)
    if found.decimal == "," and any(part.source.made for part in table.parts):
        return replace(found, separator=";")  # of a workbook: a comma would be between cells and in numbers
    return found


def output_dialect(
    data: OutputDialect, asked: AskedDialect, form: str = "csv", output: str = "-"
) -> OutputDialect:
    """The dialect that is asked for; for the rest that of the data.

    output: path, or "-"; only a file begins with a byte order mark.
    """
    separator, decimal = "\t" if form == "tsv" else data.separator, data.decimal
    if asked.separator is not None and asked.separator == decimal:
        decimal = "."
    if asked.decimal is not None and asked.decimal == separator:
        separator = ";"
    is_file = output != "-" and (os.path.isfile(output) or not os.path.exists(output))
    made = OutputDialect(asked.separator or separator, asked.decimal or decimal, is_file and data.mark)
    return replace(made, encoding=data.encoding) if form in TEXT_TABLES and is_file else made


def holding(dialect: OutputDialect, texts: Iterable[str]) -> OutputDialect:
    """The dialect, in UTF-8 where its encoding lacks a character of the texts."""
    try:
        "".join(texts).encode(dialect.encoding)
    except UnicodeEncodeError:
        return replace(dialect, encoding="utf-8")
    return dialect


def _separates(text: str) -> bool:
    return len(text) == 1 and not text.isalnum() and text not in "\"'.+-_\r\n\0"
