"""How the text of a table is written: the separator and the mark of decimals are found in its first lines."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from lstmcli.errors import DataError
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.sources import MARKED_ENCODINGS, TableSource, open_text

FILE = "file"  # the column that tells the files of a table apart
_SAMPLE = 2**14  # characters looked at to find the separator
_SEPARATORS = ",;\t|"
BLANKS = r"\s+"
_NUMBER = r"[-+]?\d+"


@dataclass(frozen=True)
class Dialect:
    """How the text of one file is written.

    before: empty rows at its start; header: whether the row after them names the columns; mark: whether
    the text begins with a byte order mark.
    """

    separator: str
    decimal: str
    names: tuple[str, ...]
    header: bool
    before: int
    mark: bool = False

    @property
    def skipped(self) -> int:
        """Rows before the first row of data."""
        return self.before + self.header

    def rows(self, text: TextIO) -> Iterator[list[str]]:
        """Rows of cells, a blank line as an empty row."""
        return split_rows(text, self.separator)


def dialect_of(source: TableSource, options: ReadOptions) -> Dialect:
    """Raises DataError for a file without rows, or whose header cannot be one."""
    with open_text(source, options) as text:
        sample, mark = text.read(_SAMPLE), text.encoding in MARKED_ENCODINGS
        if len(sample) == _SAMPLE:  # without the last line, which is cut
            sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    if not sample.strip():
        raise DataError("empty", "the file is empty", path=source.name)
    separator = options.separator if options.separator != "auto" else _separator(sample)
    rows = list(split_rows(io.StringIO(sample, newline=""), separator))
    first = next((row for row in rows if any(cell.strip() for cell in row)), [])
    if not first:
        raise DataError("empty", "the file holds no words and no numbers", path=source.name)
    decimal = options.decimal if options.decimal != "auto" else _decimal(rows, separator)
    if options.header:
        names = tuple(name.strip() for name in first)
        _check_names(names, source.name)
    else:
        names = tuple(str(n) for n in range(1, len(first) + 1))
    return Dialect(separator, decimal, names, options.header, rows.index(first), mark)


def _check_names(names: tuple[str, ...], path: str) -> None:
    """Raises DataError where two columns have one name, or names look like a row of data."""
    for name in names:
        if name and names.count(name) > 1:
            raise DataError("duplicate-column", f"two columns are called {name!r}", path=path, row=1)
    # A wide table may have columns called 2020, but no column of time is.
    if len(names) > 1 and all(re.fullmatch(r"[-+\d.,:/T Z]*\d[-+\d.,:/T Z]*", name) for name in names):
        said = f"the first row looks like data: {names[0]!r}; if the file names no columns: --no-header"
        raise DataError("no-header", said, path=path, row=1)


def split_rows(text: TextIO, separator: str) -> Iterator[list[str]]:
    if separator == BLANKS:
        return (line.split() for line in text)
    return csv.reader(text, delimiter=separator)


def _separator(sample: str) -> str:
    """The one that cuts most rows into as many cells as the first; a comma when in doubt."""

    def agreement(separator: str) -> tuple[float, int]:
        counts = [len(row) for row in split_rows(io.StringIO(sample, newline=""), separator) if row]
        return (sum(c == counts[0] for c in counts) / len(counts) if counts[0] > 1 else 0.0, counts[0])

    best = max(_SEPARATORS, key=agreement)
    if agreement(best)[0] == 0 and agreement(BLANKS)[0] == 1:
        return BLANKS
    return best


def _decimal(rows: list[list[str]], separator: str) -> str:
    """A comma where numbers are written with one and cannot be read otherwise: 1,234 may be either."""
    if separator == ",":
        return "."
    cells = [cell.strip() for row in rows[1:] for cell in row]
    if any(re.fullmatch(rf"{_NUMBER}\.\d+", cell) for cell in cells):
        return "."
    with_comma = [cell for cell in cells if re.fullmatch(rf"{_NUMBER},\d+", cell)]
    clear = any(not re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", cell) for cell in with_comma)
    return "," if clear else "."
