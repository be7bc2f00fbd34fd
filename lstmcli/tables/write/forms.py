"""The forms that a table is written in: lines of text, Parquet, a workbook. A forecast block by block."""

import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from lstmcli.errors import UsageError
from lstmcli.series.forecast import Forecast, concat_forecasts
from lstmcli.tables.write.dialects import AS_IN_DATA, PLAIN_DIALECT, AskedDialect, OutputDialect
from lstmcli.tables.write.lines import Lines
from lstmcli.tables.write.tables import forecast_table, number_columns, text_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow

# The forms that are no text: the package for each, and its extra.
_PACKAGES = {"parquet": ("pyarrow", "parquet"), "xlsx": ("openpyxl", "excel")}
UNTYPED = "table"  # a form whose pieces are tables with written times
ROWS_OF_GROUP = 2**17  # as other writers make them: a reader can skip a group, a writer holds one


class OutputForm(Protocol):
    """`of` makes a piece of a block of series, on any core; `whole` the content of all pieces, in turn."""

    def of(self, forecast: Forecast) -> Any: ...

    def whole(self, pieces: Iterable[Any]) -> Iterator[str | bytes]: ...


def form_of(
    form: str,
    key_names: tuple[str, ...],
    time: str,
    pattern: str | None,
    quantiles: tuple[float, ...],
    dialect: OutputDialect = PLAIN_DIALECT,
) -> OutputForm:
    """form: one of `files.endings.TABLE_ENDINGS`; dialect: of CSV; the other arguments as those of
    `tables.forecast_table`."""
    if form == "parquet":
        return Parquet(time, pattern, quantiles)
    if form == "xlsx":
        return Sheet(time, pattern, quantiles)
    return Lines("csv" if form == "tsv" else form, key_names, time, pattern, quantiles, dialect)


def content_of_table(table: "pd.DataFrame", form: str, dialect: OutputDialect = PLAIN_DIALECT) -> str | bytes:
    """A whole table, whose times are typed where the form is: see `is_typed`."""
    if form == "parquet":
        return table.to_parquet(index=False)
    if form == "xlsx":
        from lstmcli.tables.write.workbook import workbook_of

        return workbook_of([table])
    return text_of(table, form, dialect)


def is_typed(form: str) -> bool:
    """Whether times are times in a form, and not texts."""
    return form in _PACKAGES


def check_form(form: str, output: str, asked: AskedDialect = AS_IN_DATA, flag: str = "-o") -> None:
    """Raises UsageError where the package for a form is missing, where a terminal would have to show what
    is no text, and for a dialect of what is no CSV: better known before the work.

    output: the path, "-" for standard output; flag: the option that names it.
    """
    asked.check(form)
    if form not in _PACKAGES:
        return
    package, extra = _PACKAGES[form]
    said = f"--format {form}" if output == "-" else f"{flag} {output}"
    if find_spec(package) is None:
        raise UsageError(f"{said} needs {package}: pip install 'lstmcli[{extra}]'")
    if output == "-" and sys.stdout.isatty():
        raise UsageError(f"{said}: a terminal cannot show it; name a file with -o, or pipe it on")


def check_size(form: str, rows: int) -> None:
    """Raises UsageError for more rows than a form holds."""
    if form == "xlsx":
        from lstmcli.tables.write.workbook import check_row_count

        check_row_count(rows)


@dataclass(frozen=True)
class Parquet:
    """What pandas reads as the whole table, in groups of `group` rows or more; times are times there."""

    time: str
    pattern: str | None
    quantiles: tuple[float, ...]
    group: int = ROWS_OF_GROUP

    def of(self, forecast: Forecast) -> Forecast:
        return forecast

    def whole(self, pieces: Iterable[Forecast]) -> Iterator[bytes]:
        """A group of rows at a time; nothing before the first group is there."""
        groups = map(self._table, _groups(pieces, self.group))
        return parquet_of(groups, len(number_columns(self.quantiles)))

    def _table(self, forecast: Forecast) -> "pyarrow.Table":
        from pyarrow import Table

        table = forecast_table(forecast, self.time, self.pattern, self.quantiles, typed=True)
        return Table.from_pandas(table, preserve_index=False)


@dataclass(frozen=True)
class Sheet:
    """A workbook of one sheet, see `workbook`; written when all of it is there."""

    time: str
    pattern: str | None
    quantiles: tuple[float, ...]

    def of(self, forecast: Forecast) -> Forecast:
        return forecast

    def whole(self, pieces: Iterable[Forecast]) -> Iterator[bytes]:
        from lstmcli.tables.write.workbook import workbook_of

        tables = (forecast_table(p, self.time, self.pattern, self.quantiles, typed=True) for p in pieces)
        yield workbook_of(tables)


def parquet_of(groups: "Iterable[pyarrow.Table]", numbers: int) -> Iterator[bytes]:
    """The content of a file of these groups of rows. numbers: how many of the last columns seldom repeat."""
    from pyarrow.parquet import ParquetWriter

    groups = iter(groups)
    if (first := next(groups, None)) is None:
        return
    made = io.BytesIO()
    # Without dictionaries such numbers take a quarter of the time, and less room.
    with ParquetWriter(made, first.schema, use_dictionary=first.column_names[:-numbers]) as writer:
        for group in chain([first], groups):
            writer.write_table(group)
            yield _taken(made)
    yield _taken(made)


def parquet_in_groups(tables: "Iterable[pd.DataFrame]", numbers: int) -> Iterator[bytes]:
    """The content of a file of tables, as many together as have the rows of a group. numbers: as of
    `parquet_of`."""
    return parquet_of(_joined_tables(tables), numbers)


def _joined_tables(tables: "Iterable[pd.DataFrame]") -> "Iterator[pyarrow.Table]":
    import pandas as pd
    from pyarrow import Table

    waiting: list[pd.DataFrame] = []
    for table in chain(tables, [None]):
        if table is not None:
            waiting.append(table)
        if waiting and (table is None or sum(map(len, waiting)) >= ROWS_OF_GROUP):
            yield Table.from_pandas(pd.concat(waiting, ignore_index=True), preserve_index=False)
            waiting = []


def _groups(forecasts: Iterable[Forecast], rows: int) -> Iterator[Forecast]:
    """As many forecasts of one horizon as one that they have `rows` rows or more."""
    waiting: list[Forecast] = []
    for forecast in forecasts:
        if waiting and forecast.horizon != waiting[0].horizon:
            yield concat_forecasts(waiting)
            waiting = []
        waiting.append(forecast)
        if sum(len(some.keys) * some.horizon for some in waiting) >= rows:
            yield concat_forecasts(waiting)
            waiting = []
    if waiting:
        yield concat_forecasts(waiting)


def _taken(made: io.BytesIO) -> bytes:
    """What was written since the last time."""
    content = made.getvalue()
    made.seek(0)
    made.truncate()
    return content
