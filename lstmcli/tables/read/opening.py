"""A table by its name, whatever its form: the source of its text, and how that is written."""

import sys

from lstmcli.files.read import is_pipe, opened_pipe
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.other_forms import source_as_text
from lstmcli.tables.read.packed import read_input
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.text import Dialect, dialect_of
from lstmcli.tables.read.wide import long_source

INPUT = "standard input"


def source_and_dialect(name: str, options: ReadOptions) -> tuple[TableSource, Dialect | None]:
    """None for Parquet. name: "-" for standard input; it and pipes are read whole, and once. Raises
    InputMissing or DataError."""
    source = TableSource(name)
    if name == "-":
        source = TableSource(INPUT, read_input(INPUT, sys.stdin.buffer))
    elif is_pipe(name):
        with opened_pipe(name) as pipe:
            source = TableSource(name, read_input(name, pipe))
    source = source_as_text(source, options)
    if source.is_parquet:
        return source, None
    return long_source(source, options, dialect_of(source, options))
