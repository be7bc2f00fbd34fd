"""The forms that a forecast is written in, block by block: lines of text, or Parquet."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from lstmcli.errors import UsageError
from lstmcli.series.panel import Forecast, concat_forecasts
from lstmcli.tables.write.lines import Lines
from lstmcli.tables.write.tables import forecast_table, number_columns

if TYPE_CHECKING:
    import pyarrow

ROWS_OF_GROUP = 2**17  # as other writers make them: a reader can skip a group, a writer holds one


class OutputForm(Protocol):
    """`of` makes a piece of a block of series, on any core; `whole` the content of all pieces, in turn."""

    def of(self, forecast: Forecast) -> Any: ...

    def whole(self, pieces: Iterable[Any]) -> Iterator[str | bytes]: ...


def form_of(
    form: str, key_names: tuple[str, ...], time: str, pattern: str | None, quantiles: tuple[float, ...]
) -> OutputForm:
    """form: "parquet", or one of `Lines`; the other arguments as those of `tables.forecast_table`."""
    if form == "parquet":
        return Parquet(time, pattern, quantiles)
    return Lines(form, key_names, time, pattern, quantiles)


def check_form(form: str) -> None:
    """Raises UsageError where the package for a form is missing: better known before the work."""
    if form == "parquet" and find_spec("pyarrow") is None:
        raise UsageError("--format parquet needs pyarrow: pip install 'lstmcli[parquet]'")


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
        from pyarrow.parquet import ParquetWriter

        groups = map(self._table, _groups(pieces, self.group))
        if (first := next(groups, None)) is None:
            return
        made = io.BytesIO()
        # Numbers seldom repeat: without dictionaries they take a quarter of the time, and less room.
        repeated = first.column_names[: -len(number_columns(self.quantiles))]
        with ParquetWriter(made, first.schema, use_dictionary=repeated) as writer:
            for group in chain([first], groups):
                writer.write_table(group)
                yield _taken(made)
        yield _taken(made)

    def _table(self, forecast: Forecast) -> "pyarrow.Table":
        from pyarrow import Table

        table = forecast_table(forecast, self.time, self.pattern, self.quantiles, typed=True)
        return Table.from_pandas(table, preserve_index=False)


def _groups(forecasts: Iterable[Forecast], rows: int) -> Iterator[Forecast]:
    """As many forecasts as one that they have `rows` rows or more."""
    waiting: list[Forecast] = []
    for forecast in forecasts:
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
