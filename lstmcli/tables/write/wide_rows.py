"""A forecast with more columns of numbers than its own, in every form."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmcli.series.arrays import Array
from lstmcli.series.calendar import advance
from lstmcli.series.forecast import Forecast
from lstmcli.tables.write.dialects import PLAIN_DIALECT, OutputDialect
from lstmcli.tables.write.forms import UNTYPED, is_typed, parquet_in_groups
from lstmcli.tables.write.lines import WideLines
from lstmcli.tables.write.tables import written_times

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class WideRows:
    """names: of the columns of numbers; the other fields are as those of `forms.form_of`."""

    names: tuple[str, ...]
    form: str
    key_names: tuple[str, ...]
    time: str
    pattern: str | None
    dialect: OutputDialect = PLAIN_DIALECT

    @property
    def _lines(self) -> WideLines:
        form = "csv" if self.form == "tsv" else self.form
        return WideLines(form, self.key_names, self.time, self.pattern, (), self.dialect, self.names)

    def of(self, forecast: Forecast) -> Any:
        """The piece of a block whose values are those of the columns."""
        return self.of_columns(forecast, forecast.values)

    def of_columns(self, forecast: Forecast, values: Array) -> Any:
        """The piece of a block. values: (series, horizon, columns)."""
        if is_typed(self.form) or self.form == UNTYPED:
            return self.table(forecast, values, is_typed(self.form))
        return self._lines.of_columns(forecast, values)

    def table(self, forecast: Forecast, values: Array, typed: bool) -> "pd.DataFrame":
        """The rows of a block; typed: times as such, not written."""
        import pandas as pd

        keys = np.repeat(np.arange(len(forecast.keys)), forecast.horizon)
        columns: dict[str, object] = {
            name: np.array([key[k] for key in forecast.keys], dtype=object)[keys]
            for k, name in enumerate(forecast.key_names)
        }
        steps = np.arange(forecast.horizon)
        stamps = advance(forecast.starts[:, None], forecast.step, steps).ravel()
        columns[self.time] = written_times(stamps, self.pattern, typed)
        columns |= {name: values[:, :, k].ravel() for k, name in enumerate(self.names)}
        return pd.DataFrame(columns)

    def whole(self, pieces: Iterable[Any]) -> Iterator[str | bytes]:
        if self.form == "parquet":
            return parquet_in_groups(pieces, len(self.names))
        return self._sheet(pieces) if self.form == "xlsx" else self._lines.whole(pieces)

    def _sheet(self, pieces: "Iterable[pd.DataFrame]") -> Iterator[bytes]:
        from lstmcli.tables.write.workbook import workbook_of

        yield workbook_of(pieces)
