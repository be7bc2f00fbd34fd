"""The columns of the files of a table: their names, and whether all files have the same ones."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.text import FILE


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
        message = f"the columns differ: {quoted(different[0])} is in {holder}, not in {lacking}"
        raise DataError("other-columns", message, path=name, row=1)


def with_file_name(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if FILE in frame.columns:
        return frame
    stem = Path(name).name.split(".")[0]
    column = pd.Categorical([stem]).repeat(len(frame))
    return frame.assign(**{FILE: column})
