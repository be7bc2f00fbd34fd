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
_PROBED_ROWS = 5000
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")


@dataclass(frozen=True)
class Table:
    """A table and where it came from; `frame.index` counts data rows of the file from 0."""

    frame: pd.DataFrame
    source: str
    raw: Any  # path or bytes, to be read again as text
    options: Options
    _codes: dict[str, tuple[NDArray[np.int32], NDArray[Any]]] = field(default_factory=dict, init=False)

    def codes(self, column: str) -> tuple[NDArray[np.int32], NDArray[Any]]:
        """The number of each cell's value (-1 for an empty cell), and the values, in order of
        appearance; found once for each column."""
        if column not in self._codes:
            cells = self.frame[column]
            if isinstance(cells.dtype, pd.CategoricalDtype):
                self._codes[column] = _by_appearance(cells.cat.codes.to_numpy(), cells.cat.categories)
                return self._codes[column]
            whole = cells.to_numpy(object) if is_string_dtype(cells.dtype) else cells.to_numpy()
            starts = np.flatnonzero(np.append(True, whole[1:] != whole[:-1]))
            runs = 4 * len(starts) < len(whole)  # comparing neighbours is faster than hashing
            numbers, values = pd.factorize(whole[starts] if runs else whole)
            if runs:
                numbers = np.repeat(numbers, np.diff(np.append(starts, len(whole))))
            self._codes[column] = numbers.astype(np.int32), np.asarray(values)
        return self._codes[column]

    def error(
        self, kind: str, message: str, index: int | None = None, column: str | None = None
    ) -> DataError:
        """A DataError that names file, row (as an editor counts lines) and column."""
        row = None if index is None else index + 2  # after the header, from 1
        return DataError(kind, message, path=self.source, row=row, column=column)


def first_rows(codes: NDArray[Any]) -> NDArray[np.int64]:
    """Where each code, from 0 on, stands first."""
    rows = np.zeros(int(codes.max()) + 1, np.int64)
    rows[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return rows


def _by_appearance(codes: NDArray[Any], values: "pd.Index[Any]") -> tuple[NDArray[np.int32], NDArray[Any]]:
    """Codes of categories, which are in order of the alphabet, renumbered by their first cell."""
    seen = pd.unique(codes)
    seen = seen[seen >= 0]
    numbers = np.full(len(values) + 1, -1, np.int32)  # the last is that of empty cells
    numbers[seen] = np.arange(len(seen))
    return numbers[codes], values.to_numpy()[seen]


def read(source: str, options: Options = _DEFAULTS) -> Table:
    """A CSV file, gzipped if its name says so, or standard input for "-".

    Raises InputMissing or DataError.
    """
    name = "standard input" if source == "-" else source
    raw = sys.stdin.buffer.read() if source == "-" else source
    frame = _read_all(raw, name)
    frame.columns = frame.columns.astype(str)
    frame = _without_empty_rows(frame)
    if frame.empty:
        raise DataError("empty", "the table has a header but no rows", path=name)
    return Table(frame, name, raw, options)


def _read_all(raw: str | bytes, name: str) -> pd.DataFrame:
    """In a long table, texts that repeat become categories, which take less time and memory; and
    pieces are read one by one as long as their columns are of one kind."""
    probe = read_csv(raw, name, nrows=_PROBED_ROWS)
    if len(probe) < _PROBED_ROWS:
        return probe
    texts = [c for c in probe.columns if is_string_dtype(probe[c].dtype) and probe[c].notna().any()]
    kinds = {c: "category" for c in texts if probe[c].nunique() < len(probe) // 2}
    try:
        return read_csv(raw, name, dtype=kinds, low_memory=True)
    except pd.errors.DtypeWarning:
        return read_csv(raw, name, dtype=kinds)


def _without_empty_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Looks at columns of numbers first, where empty cells are found fastest."""
    empty = np.ones(len(frame), bool)
    for _, column in sorted(frame.items(), key=lambda item: is_string_dtype(item[1].dtype)):
        empty &= column.isna().to_numpy()
        if not empty.any():
            return frame
    return frame[~empty]


def read_csv(raw: str | bytes, name: str, **options: Any) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            warnings.simplefilter("error", pd.errors.DtypeWarning)
            return pd.read_csv(
                io.BytesIO(raw) if isinstance(raw, bytes) else raw,
                sep=_separator(raw),
                skip_blank_lines=False,  # so that row numbers are those of the file
                keep_default_na=False,
                na_values=list(MISSING),
                encoding="utf-8-sig",
                index_col=False,
                **{"low_memory": False, **options},
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
