"""Sample paths in the place of a forecast: one row a series, sample and step."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmcli.forecasting.rounded import round_values
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import advance
from lstmcli.series.forecast import Forecast
from lstmcli.tables.write.dialects import PLAIN_DIALECT, OutputDialect
from lstmcli.tables.write.forms import UNTYPED, is_typed, parquet_in_groups
from lstmcli.tables.write.lines import SAMPLE_COLUMNS, SampleLines
from lstmcli.tables.write.tables import written_times

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SampleRows:
    """An `OutputForm` of forecasts with the quantiles of the model. draw: gives the paths of all series of
    one, (series, samples, horizon); the other fields are as those of `forms.form_of`."""

    draw: Callable[[Forecast], Array]
    form: str
    key_names: tuple[str, ...]
    time: str
    pattern: str | None
    dialect: OutputDialect = PLAIN_DIALECT

    @property
    def _lines(self) -> SampleLines:
        form = "csv" if self.form == "tsv" else self.form
        return SampleLines(form, self.key_names, self.time, self.pattern, (), self.dialect)

    def of(self, forecast: Forecast) -> Any:
        return self.of_paths(forecast, self.draw(forecast))

    def of_paths(self, forecast: Forecast, paths: Array) -> Any:
        """The piece of paths that are known. forecast: keys, times, and how the values are rounded."""
        rounded = round_values(paths.reshape(len(paths), -1, 1), like=forecast.values).reshape(paths.shape)
        if is_typed(self.form) or self.form == UNTYPED:
            return sample_table(forecast, rounded, self.time, self.pattern, is_typed(self.form))
        return self._lines.of_paths(forecast, rounded)

    def whole(self, pieces: Iterable[Any]) -> Iterator[str | bytes]:
        if self.form == "parquet":
            return parquet_in_groups(pieces, 1)
        return self._sheet(pieces) if self.form == "xlsx" else self._lines.whole(pieces)

    def _sheet(self, pieces: "Iterable[pd.DataFrame]") -> Iterator[bytes]:
        from lstmcli.tables.write.workbook import workbook_of

        yield workbook_of(pieces)


def sample_table(
    forecast: Forecast, paths: Array, time: str, pattern: str | None, typed: bool = False
) -> "pd.DataFrame":
    """The rows of paths (series, samples, horizon); other arguments as those of `forecast_table`."""
    import pandas as pd

    count, samples, horizon = paths.shape
    keys = np.repeat(np.arange(count), samples * horizon)
    columns: dict[str, Any] = {
        name: np.array([key[k] for key in forecast.keys], dtype=object)[keys]
        for k, name in enumerate(forecast.key_names)
    }
    stamps = advance(np.repeat(forecast.starts, samples)[:, None], forecast.step, np.arange(horizon)).ravel()
    columns[time] = written_times(stamps, pattern, typed)
    numbers = np.tile(np.repeat(np.arange(1, samples + 1), horizon), count)
    columns |= dict(zip(SAMPLE_COLUMNS, (numbers, paths.ravel()), strict=True))
    return pd.DataFrame(columns)
