"""The text of one file to a frame: which columns are texts, what stands for an empty cell, and rows that
do not have as many cells as the header."""

import io
import re
import warnings
from collections.abc import Collection, Iterator
from functools import cache
from itertools import islice, pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.bounds import EXPANDED, MOST_EXPANSION
from lstmcli.tables.read.cell_kinds import TIME_WORDS, is_time, is_value
from lstmcli.tables.read.long_rows import long_row_error, second_table
from lstmcli.tables.read.marked_lines import sign_of_comment
from lstmcli.tables.read.probing import PROBED_ROWS, ProbeRows
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.table import TablePart, line_of
from lstmcli.tables.read.text import Dialect, open_table

_LONGEST_REASON = 300  # characters of what another package says
_MOST_CELLS = 2**24  # of any Parquet file
_LEAST_ALIKE = 3  # rows above a longer one
_NEAR = 30  # rows below the first one, among which the header may be
_TYPED = re.compile(
    r"\s*[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?\s*|true|false|[+-]?inf(inity)?|nan", re.IGNORECASE
).fullmatch
CHECKED_ROWS = 1000  # rows without a last value that are looked at again


def probe_of(source: TableSource, dialect: Dialect, options: ReadOptions) -> ProbeRows:
    """The first rows, as texts."""
    return ProbeRows(parse_csv(source, dialect, options, {}, nrows=PROBED_ROWS, dtype=object))


def text_types(probe: ProbeRows, texts: Collection[str]) -> dict[str, str]:
    """The types of columns that are read as texts. Few different ones in many rows take a tenth of the
    memory as categories; pandas makes numbers and flags of categories that are 007 or True."""
    if probe.rows < PROBED_ROWS:
        return dict.fromkeys(texts, "str")
    different = {c: probe.different[c] for c in texts}
    few = {c for c, cells in different.items() if 2 * len(cells) < probe.rows and not any(map(_TYPED, cells))}
    return {c: "category" if c in few else "str" for c in texts}


def parse_whole(
    source: TableSource,
    dialect: Dialect,
    options: ReadOptions,
    missing: dict[str, list[str]],
    types: dict[str, str],
) -> pd.DataFrame:
    """All rows of one file. Raises DataError, also for a row with fewer cells than the header."""
    try:  # piece by piece, as long as the pieces of a column are of one kind
        frame = parse_csv(source, dialect, options, missing, dtype=types, low_memory=True)
    except pd.errors.DtypeWarning:
        frame = parse_csv(source, dialect, options, missing, dtype=types)
    check_short_rows(source, dialect, options, frame)
    return frame


def parse_csv(
    source: TableSource, dialect: Dialect, options: ReadOptions, missing: dict[str, list[str]], **more: Any
) -> pd.DataFrame:
    """The rows of one file as a frame. Raises DataError."""
    return next(parse_csv_pieces(source, dialect, options, missing, **more))


def parse_csv_pieces(
    source: TableSource, dialect: Dialect, options: ReadOptions, missing: dict[str, list[str]], **more: Any
) -> Iterator[pd.DataFrame]:
    """`parse_csv`, and piece by piece where `chunksize` is given."""
    # Names without the blanks around them, as types and marks of missing are given by name.
    names = [name or f"Unnamed: {n}" for n, name in enumerate(dialect.names)]
    header: dict[str, Any] = {"header": dialect.before if dialect.header else None, "names": names}
    if isinstance(types := more.get("dtype"), dict) and _keeps_arrow():
        more["dtype"] = dict.fromkeys(types, "large_string[pyarrow]")
    try:
        with open_table(source, options, dialect, for_pandas=True) as text, warnings.catch_warnings():
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
            for read in [made] if isinstance(made, pd.DataFrame) else made:
                arrow = [c for c, dtype in read.dtypes.items() if isinstance(dtype, pd.ArrowDtype)]
                frame = read.astype(dict.fromkeys(arrow, "str")) if arrow else read
                # As pandas calls a column without a name; a name of blanks is none.
                frame.columns = [str(c).strip() or f"Unnamed: {n}" for n, c in enumerate(frame.columns)]
                yield _with_missing(frame, missing)
    except pd.errors.EmptyDataError:
        raise DataError("empty", "the file is empty", path=source.name) from None
    except pd.errors.ParserWarning:
        raise long_row_error(source, options, dialect) from None
    except pd.errors.ParserError as error:
        if "out of memory" in str(error):
            raise MemoryError from None
        raise _malformed(str(error), source, options, dialect) from None


def _with_missing(frame: pd.DataFrame, missing: dict[str, list[str]]) -> pd.DataFrame:
    """A frame whose marks of missing are missing: pandas keeps them beside whole numbers beyond 64 bits."""
    for name, marks in missing.items():
        if name in frame and frame[name].dtype in ("str", "object"):
            kept = frame[name].isin(marks)
            if kept.any():
                frame[name] = frame[name].mask(kept)
    return frame


@cache
def _keeps_arrow() -> bool:
    """Whether pandas keeps texts as Arrow does: such columns are filled many times faster where that is asked
    for than where "str" is, and take less memory than others as categories."""
    return getattr(pd.Series(["a"]).dtype, "storage", "") == "pyarrow"


def _malformed(message: str, source: TableSource, options: ReadOptions, dialect: Dialect) -> DataError:
    name = source.name
    if found := re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", message):
        expected, row, seen = found.groups()
        said = f"the row has {seen} cells, the header {expected}"
        said += _hint(source, options, dialect, int(row)) or second_table(source, options, dialect, int(row))
        return DataError("ragged", said, path=name, row=int(row))
    if found := re.search(r"EOF inside string starting at row (\d+)", message):
        row = int(found[1]) + 1
        return DataError("not-a-table", "a quote is opened here and never closed", path=name, row=row)
    return DataError("not-a-table", f"not a table: {message.strip()}", path=name)


def _hint(source: TableSource, options: ReadOptions, dialect: Dialect, row: int) -> str:
    """What to type where a row with a wrong number of cells is a comment, or may be the header."""
    if not dialect.header:
        return ""
    with open_table(source, options, dialect) as text:
        line = next(islice(text, row - 1, None), "")
    if sign := sign_of_comment(line):
        return f"; lines that begin with {sign} are left out with --set comment={sign}"
    longer = line.count(dialect.separator) >= len(dialect.names)
    if longer and dialect.separator == "," and _are_like_header(source, options, dialect, row):
        other = second_table(source, options, dialect, row)
        return other or "; where a text in it holds a comma, put the text in quotes"
    if dialect.skipped < row <= dialect.skipped + _NEAR and longer:
        return _begins_below(source, options, dialect, row)
    return ""


def _begins_below(source: TableSource, options: ReadOptions, dialect: Dialect, row: int) -> str:
    """What to type where a header seems to stand in a row or one of the next: names, and below them rows as
    wide; or the data, without one."""
    with open_table(source, options, dialect) as text:
        rows = list(islice(dialect.rows(text), row - 1, row + _NEAR))
    for above, (cells, *below) in enumerate(zip(rows, rows[1:], rows[2:], strict=False), row - 1):
        if len(cells) < 2 or any(len(other) != len(cells) for other in below):
            continue
        if is_value(cells[0]) and is_value(cells[-1]):
            return f"; if the data begin here, without names: --set skip_rows={above} --no-header"
        if not any(map(is_value, cells)):
            named = "it" if above == row - 1 else f"line {above + 1}"
            return f"; if {named} names the columns: --set skip_rows={above}"
    return _named_time(source, options, dialect, row)


def _named_time(source: TableSource, options: ReadOptions, dialect: Dialect, row: int) -> str:
    """What to type where a line below a row begins with the name of a time, and the next one with a time,
    whatever stands between their cells."""
    with open_table(source, options, dialect) as text:
        lines = [re.split(r"[\s,;|]+", line.strip(' "\r\n')) for line in islice(text, row, row + _NEAR)]
    for above, (names, cells) in enumerate(pairwise(lines), row):
        timed = names[0].strip('"').lower() in TIME_WORDS and is_time(cells[0].strip('"'))
        if timed and len(names) > 1 and len(cells) > 1:
            return f"; if line {above + 1} names the columns: --set skip_rows={above}"
    return ""


def _are_like_header(source: TableSource, options: ReadOptions, dialect: Dialect, row: int) -> bool:
    """Whether most rows between the header and a row are as wide as the header, and some are there."""
    with open_table(source, options, dialect) as text:
        rows = [len(cells) for cells in islice(dialect.rows(text), dialect.skipped, row - 1) if cells]
    alike = sum(width == len(dialect.names) for width in rows)
    return len(dialect.names) > 1 and alike >= _LEAST_ALIKE and 2 * alike > len(rows)


def parse_parquet(source: TableSource) -> pd.DataFrame:
    """Raises DataError for a file that is damaged, or holds far more than its size lets expect."""
    with source.opened() as file:
        content = file.read()
    try:
        from pyarrow.parquet import read_metadata

        about = read_metadata(io.BytesIO(content))
        if about.num_rows * about.num_columns > max(_MOST_CELLS, MOST_EXPANSION * len(content)):
            said = f"it says that it holds {about.num_rows:,} rows, {about.num_columns:,} columns wide, in "
            said += f"{len(content):,} bytes"
            raise DataError("unreadable", said, path=source.name)
        frame = _tidy(pd.read_parquet(io.BytesIO(content), read_dictionary=_texts(about.schema)))
        if (size := _size_of_texts(frame)) > max(EXPANDED, MOST_EXPANSION * len(content)):
            said = f"its texts have {size:,} characters, in {len(content):,} bytes: save the table as CSV"
            raise DataError("unreadable", said, path=source.name)
        return frame
    except ImportError:
        hint = "reading Parquet needs the package pyarrow: pip install 'lstmcli[parquet]'"
        raise DataError("unreadable", hint, path=source.name) from None
    except Exception as error:  # pyarrow raises its own and others for damage
        if isinstance(error, MemoryError | DataError):
            raise
        said = " ".join(str(error).split())[:_LONGEST_REASON]
        raise DataError("unreadable", f"not a whole Parquet file: {said}", path=source.name) from None


def _texts(schema: Any) -> list[str]:
    """Columns of texts: what is stored once for many rows is kept once."""
    columns = map(schema.column, range(len(schema)))
    kinds = ("STRING", "NONE")
    return [c.path for c in columns if c.physical_type == "BYTE_ARRAY" and c.logical_type.type in kinds]


def _size_of_texts(frame: pd.DataFrame) -> int:
    """Characters of the categories of a frame, each as often as it comes."""
    size = 0
    for name in frame.columns[frame.dtypes == "category"]:
        codes, texts = frame[name].cat.codes.to_numpy(), frame[name].cat.categories
        size += int(np.bincount(codes[codes >= 0], minlength=len(texts)) @ texts.str.len().to_numpy(np.int64))
    return size


def _category_of_texts(column: pd.Series) -> pd.Series:
    """A category, with the texts of its values in order."""
    used = column.cat.remove_unused_categories()
    texts = used.cat.categories.astype(str)
    if not texts.is_unique:
        return column.astype(str).where(column.notna()).astype("category")
    return used.cat.rename_categories(list(texts)).cat.reorder_categories(sorted(texts)).cat.as_unordered()


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Names as texts; columns that are no numbers as categories of texts."""
    if frame.index.name is not None:
        frame = frame.reset_index()
    frame.columns = frame.columns.astype(str)
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            if isinstance(frame[column].dtype, pd.CategoricalDtype):
                frame[column] = _category_of_texts(frame[column])
                continue
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
    rows = np.flatnonzero(frame.iloc[:, -1].isna().to_numpy())
    return rows[~frame.iloc[rows].isna().all(axis=1)][:CHECKED_ROWS] if rows.size else rows


def check_rows(source: TableSource, dialect: Dialect, options: ReadOptions, short: NDArray[np.int64]) -> None:
    """Raises DataError for the first of some rows of a file that has fewer cells than the header."""
    if not short.size or len(dialect.names) == 1:
        return
    looked_at = set((short + dialect.skipped).tolist())
    with open_table(source, options, dialect) as text:
        for number, row in enumerate(dialect.rows(text)):
            if number in looked_at and len(row) < len(dialect.names):
                part = TablePart(source, 0, dialect)
                seen = f"{len(row)} cell{'s' if len(row) != 1 else ''}"
                line = line_of(part, number - dialect.skipped, options)
                hint = _hint(source, options, dialect, line)
                hint = hint or second_table(source, options, dialect, number + 1)
                said = f"the row has {seen}, the header {len(dialect.names)}{hint}"
                raise DataError("ragged", said, path=source.name, row=line)
            if number > short[-1] + dialect.skipped:
                return
