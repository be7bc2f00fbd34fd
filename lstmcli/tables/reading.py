"""Files of text to a Table: compression, encoding, separator, missing values."""

import io
import re
import sys
import warnings
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_string_dtype

from lstmcli.errors import DataError, InputMissing
from lstmcli.options import Options

_DEFAULTS = Options()
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")


@dataclass(frozen=True)
class Table:
    """A table and where it came from; `frame.index` counts data rows of the file from 0."""

    frame: pd.DataFrame
    source: str
    raw: Any  # path or bytes, to be read again as text
    options: Options
    _codes: dict[str, tuple[NDArray[np.int64], NDArray[Any]]] = field(default_factory=dict, init=False)

    def codes(self, column: str) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """The number of each cell's value (-1 for an empty cell), and the values, in order of
        appearance; found once for each column."""
        if column not in self._codes:
            cells = self.frame[column]
            numbers, values = pd.factorize(cells.to_numpy(object) if is_string_dtype(cells) else cells.array)
            self._codes[column] = numbers, np.asarray(values)
        return self._codes[column]

    def error(
        self, kind: str, message: str, index: int | None = None, column: str | None = None
    ) -> DataError:
        """A DataError that names file, row (as an editor counts lines) and column."""
        row = None if index is None else index + 2  # after the header, from 1
        return DataError(kind, message, path=self.source, row=row, column=column)


def read(source: str, options: Options = _DEFAULTS) -> Table:
    """A CSV file, gzipped if its name says so, or standard input for "-".

    Raises InputMissing or DataError.
    """
    name = "standard input" if source == "-" else source
    raw = sys.stdin.buffer.read() if source == "-" else source
    frame = read_csv(raw, name)
    frame.columns = frame.columns.astype(str)
    frame = frame.dropna(how="all")
    if frame.empty:
        raise DataError("empty", "the table has a header but no rows", path=name)
    return Table(frame, name, raw, options)


def read_csv(raw: str | bytes, name: str, **options: Any) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(
                io.BytesIO(raw) if isinstance(raw, bytes) else raw,
                sep=_separator(raw),
                skip_blank_lines=False,  # so that row numbers are those of the file
                keep_default_na=False,
                na_values=list(MISSING),
                encoding="utf-8-sig",
                index_col=False,
                low_memory=False,
                **options,
            )
    except pd.errors.EmptyDataError:
        raise DataError("empty", "the file is empty", path=name) from None
    except pd.errors.ParserWarning:
        raise DataError("ragged", "a row has more cells than the header", path=name) from None
    except pd.errors.ParserError as error:
        raise _ragged(str(error), name) from None
    except UnicodeDecodeError as error:
        raise DataError("encoding", f"not UTF-8 text (byte {error.start})", path=name) from None
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise InputMissing(f"{name}: {(error.strerror or str(error)).lower()}") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError("unreadable", f"cannot be read: {error}", path=name) from None


def _ragged(message: str, name: str) -> DataError:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message)
    if found is None:
        return DataError("not-a-table", f"not a table: {message.strip()}", path=name)
    expected, row, seen = found.groups()
    return DataError("ragged", f"the row has {seen} cells, the header {expected}", path=name, row=int(row))


def _separator(raw: str | bytes) -> str:
    """The separator that is most frequent in the first line; a comma when in doubt."""
    if isinstance(raw, bytes):
        first = raw.split(b"\n", 1)[0]
    else:
        with pd.io.common.get_handle(raw, "rb", compression="infer", is_text=False) as opened:  # type: ignore[attr-defined]
            first = opened.handle.readline()
    return max(",;\t|", key=lambda sign: first.count(sign.encode()))
