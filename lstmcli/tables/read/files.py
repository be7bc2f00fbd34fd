"""Files to a Table: cells to columns, several files to one, and the row of a file for every complaint."""

import glob
import io
import os
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_string_dtype

from lstmcli.errors import DataError, InputMissing
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.table import Table, TablePart, line_of
from lstmcli.tables.read.text import FILE, Dialect, TableSource, dialect_of, open_text

_DEFAULTS = ReadOptions()
# What stands for a missing number. In a column of texts only an empty cell is missing.
MISSING_TEXTS = (
    *("", "NA", "N/A", "n/a", "NaN", "nan", "NAN", "-nan", "-NaN", "null", "NULL", "Null", "None"),
    *("?", "-", ".", "#N/A", "#NA", "NaT"),
)
PROBED_ROWS = 3000
_LOOKED_AT = 500  # different cells, to tell texts from numbers
CHECKED_ROWS = 1000  # rows without a last value that are looked at again
NO_NAME = re.compile(r"Unnamed: \d+")


def read_table(
    sources: str | Sequence[str],
    options: ReadOptions = _DEFAULTS,
    with_file: bool = False,
    may_be_empty: bool = False,
) -> Table:
    """Tables of text or Parquet, compressed or not; "-" is standard input, *, ? and [] make a pattern.

    Several files become one table, with the name of the file in a column; with_file: also for one.
    may_be_empty: a header without rows will do. Raises InputMissing or DataError.
    """
    names = expand_sources([sources] if isinstance(sources, str) else sources)
    parts, frames, notes = [], [], []
    first = 0
    for name in names:
        source = TableSource("standard input", sys.stdin.buffer.read()) if name == "-" else TableSource(name)
        dialect = None if source.is_parquet else dialect_of(source, options)
        frame = _parsed(source, dialect, options)
        frame.index = pd.RangeIndex(first, first + len(frame))
        frames.append(frame)
        parts.append(TablePart(source, first, dialect))
        notes += assumption_notes(source, dialect, options)
        first += len(frame)
    for name, frame in zip(names, frames, strict=True):
        check_columns(frames[0].columns, frame.columns, names[0], name)
    if len(names) > 1 or with_file:
        frames = [with_file_name(frame, name) for frame, name in zip(frames, names, strict=True)]
    shown = parts[0].source.name if len(parts) == 1 else f"{len(parts)} files"
    table = Table(_stacked(frames), shown, tuple(parts), options, tuple(dict.fromkeys(notes)))
    return _without_empty(table, may_be_empty)


def expand_sources(sources: Sequence[str]) -> list[str]:
    """The files that names and patterns stand for. Raises InputMissing for a pattern without files."""
    names = []
    for source in sources:
        found = [source]
        if source != "-" and glob.has_magic(source) and not os.path.exists(source):
            found = sorted(glob.glob(source, recursive=True))
            if not found:
                raise InputMissing(f"{source}: no file has such a name")
        names += found
    return names


def _parsed(source: TableSource, dialect: Dialect | None, options: ReadOptions) -> pd.DataFrame:
    """The rows of one file."""
    if dialect is None:
        return _parquet(source)
    types, missing = types_of(source, dialect, options)
    try:  # piece by piece, as long as the pieces of a column are of one kind
        frame = parse_csv(source, dialect, options, missing, dtype=types, low_memory=True)
    except pd.errors.DtypeWarning:
        frame = parse_csv(source, dialect, options, missing, dtype=types)
    check_short_rows(source, dialect, options, frame)
    return frame


def types_of(
    source: TableSource, dialect: Dialect, options: ReadOptions
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The types of the columns of texts, by the first rows, and what stands for an empty cell in each
    column."""
    probe = parse_csv(source, dialect, options, {}, nrows=PROBED_ROWS, dtype=str)
    texts = [c for c in probe.columns if is_text(probe[c], dialect.decimal)]
    missing = {c: [""] if c in texts else list(MISSING_TEXTS) for c in probe.columns}
    long = len(probe) == PROBED_ROWS
    # Few different texts in many rows take a tenth of the memory as categories.
    types = {c: "category" if long and probe[c].nunique() < len(probe) // 2 else "str" for c in texts}
    return types, missing


def is_text(column: "pd.Series[str]", decimal: str) -> bool:
    """Whether most cells that are filled are no numbers, or one has a leading zero, as 007 has."""
    filled = column.dropna().drop_duplicates().iloc[:_LOOKED_AT]
    filled = filled[~filled.isin(MISSING_TEXTS)]
    if filled.empty:
        return False
    if filled.str.fullmatch(r"0\d+").any():
        return True
    numbers = pd.to_numeric(filled.str.strip().str.replace(decimal, ".", regex=False), errors="coerce")
    return bool(numbers.notna().mean() <= 0.5)


def parse_csv(
    source: TableSource, dialect: Dialect, options: ReadOptions, missing: dict[str, list[str]], **more: Any
) -> pd.DataFrame:
    """The rows of one file as a frame. Raises DataError."""
    return next(parse_csv_pieces(source, dialect, options, missing, **more))


def parse_csv_pieces(
    source: TableSource, dialect: Dialect, options: ReadOptions, missing: dict[str, list[str]], **more: Any
) -> Iterator[pd.DataFrame]:
    """`parse_csv`, and piece by piece where `chunksize` is given."""
    header: dict[str, Any] = (
        {"header": dialect.before} if dialect.header else {"header": None, "names": list(dialect.names)}
    )
    try:
        with open_text(source, options) as text, warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            warnings.simplefilter("error", pd.errors.DtypeWarning)
            made = pd.read_csv(
                text,
                sep=dialect.separator,
                decimal=dialect.decimal,
                skip_blank_lines=False,  # so that rows are those of the file
                keep_default_na=False,
                na_values=missing,
                index_col=False,
                **{"low_memory": False, **header, **more},
            )
            for frame in [made] if isinstance(made, pd.DataFrame) else made:
                # As pandas calls a column without a name; a name of blanks is none.
                frame.columns = [str(c).strip() or f"Unnamed: {n}" for n, c in enumerate(frame.columns)]
                yield frame
    except pd.errors.EmptyDataError:
        raise DataError("empty", "the file is empty", path=source.name) from None
    except pd.errors.ParserWarning:
        raise DataError("ragged", "a row has more cells than the header", path=source.name) from None
    except pd.errors.ParserError as error:
        raise _malformed(str(error), source.name) from None


def _malformed(message: str, name: str) -> DataError:
    if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message):
        expected, row, seen = found.groups()
        return DataError(
            "ragged", f"the row has {seen} cells, the header {expected}", path=name, row=int(row)
        )
    if found := re.search(r"EOF inside string starting at row (\d+)", message):
        row = int(found[1]) + 1
        return DataError("not-a-table", "a quote is opened here and never closed", path=name, row=row)
    return DataError("not-a-table", f"not a table: {message.strip()}", path=name)


def _parquet(source: TableSource) -> pd.DataFrame:
    try:
        with source.opened() as file:
            frame = pd.read_parquet(io.BytesIO(file.read()))
    except ImportError:
        hint = "reading Parquet needs the package pyarrow: pip install 'lstmcli[parquet]'"
        raise DataError("unreadable", hint, path=source.name) from None
    except (OSError, ValueError) as error:
        raise DataError("unreadable", f"not a whole Parquet file: {error}", path=source.name) from None
    if frame.index.name is not None:
        frame = frame.reset_index()
    frame.columns = frame.columns.astype(str)
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            filled = frame[column].notna()
            frame[column] = frame[column].astype(str).where(filled).astype("category")
    return frame


def check_short_rows(
    source: TableSource, dialect: Dialect, options: ReadOptions, frame: pd.DataFrame
) -> None:
    """Raises DataError for a row with fewer cells than the header: pandas reads it as missing values."""
    check_rows(source, dialect, options, short_rows(frame))


def short_rows(frame: pd.DataFrame) -> NDArray[np.int64]:
    """The first rows that may have fewer cells than the header."""
    return np.flatnonzero(frame.iloc[:, -1].isna() & ~frame.isna().all(axis=1))[:CHECKED_ROWS]


def check_rows(source: TableSource, dialect: Dialect, options: ReadOptions, short: NDArray[np.int64]) -> None:
    """Raises DataError for the first of some rows of a file that has fewer cells than the header."""
    if not short.size or len(dialect.names) == 1:
        return
    looked_at = set((short + dialect.skipped).tolist())
    with open_text(source, options) as text:
        for number, row in enumerate(dialect.rows(text)):
            if number in looked_at and len(row) < len(dialect.names):
                part = TablePart(source, 0, dialect)
                seen = f"{len(row)} cell{'s' if len(row) != 1 else ''}"
                raise DataError(
                    "ragged",
                    f"the row has {seen}, the header {len(dialect.names)}",
                    path=source.name,
                    row=line_of(part, number - dialect.skipped, options),
                )
            if number > short[-1] + dialect.skipped:
                return


def assumption_notes(source: TableSource, dialect: Dialect | None, options: ReadOptions) -> list[str]:
    if dialect is None:
        return []
    notes = []
    if dialect.decimal == "," and options.decimal == "auto":
        notes.append("a comma marks decimals (--set decimal=. where it does not)")
    return notes


def named_columns(table: Table) -> tuple[str, ...]:
    """The columns of the first file of a table as they stand there, those without a name too."""
    dialect = table.parts[0].dialect
    if dialect is None:
        return tuple(name for name in table.frame.columns if name != FILE)
    return tuple(name or f"Unnamed: {n}" for n, name in enumerate(dialect.names))


def check_columns(first: Iterable[str], other: Iterable[str], first_name: str, name: str) -> None:
    """Raises DataError where two files of one table have different columns."""
    different = sorted(set(first) ^ set(other))
    if different:
        holder, lacking = (first_name, name) if different[0] in first else (name, first_name)
        message = f"the columns differ: {different[0]!r} is in {holder}, not in {lacking}"
        raise DataError("other-columns", message, path=name, row=1)


def with_file_name(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if FILE in frame.columns:
        return frame
    stem = Path(name).name.split(".")[0]
    column = pd.Categorical([stem]).repeat(len(frame))
    return frame.assign(**{FILE: column})


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames of the same columns one after another; categories stay categories."""
    if len(frames) == 1:
        return frames[0]
    columns = {}
    for name in frames[0].columns:
        pieces = [frame[name] for frame in frames]
        if all(isinstance(piece.dtype, pd.CategoricalDtype) for piece in pieces):
            columns[name] = pd.Series(pd.api.types.union_categoricals(pieces))
        else:
            columns[name] = pd.concat(pieces, ignore_index=True)
    return pd.DataFrame(columns)


def _without_empty(table: Table, may_be_empty: bool = False) -> Table:
    """Leaves out rows without any value and columns without name; raises DataError where no row is left."""
    frame, notes = table.frame, list(table.notes)
    nameless = [c for c in frame.columns if NO_NAME.fullmatch(c) or not c]
    if nameless:
        if not all(frame[c].isna().all() for c in nameless):
            notes.append(f"not used: {len(nameless)} column{'s' if len(nameless) > 1 else ''} without a name")
        frame = frame.drop(columns=nameless)
    frame = without_empty_rows(frame)
    if frame.empty and not may_be_empty:
        raise DataError("empty", "the table has a header but no rows", path=table.source)
    return replace(table, frame=frame, notes=tuple(notes))


def without_empty_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Looks at columns of numbers first, where empty cells are found fastest."""
    empty = np.ones(len(frame), bool)
    columns = [column for name, column in frame.items() if name != FILE]
    for column in sorted(columns, key=lambda column: is_string_dtype(column.dtype)):
        empty &= column.isna().to_numpy()
        if not empty.any():
            return frame
    return frame[~empty]
