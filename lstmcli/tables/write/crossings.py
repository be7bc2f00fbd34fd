"""When each series first crosses a value, in place of its forecast: one row a series."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmcli.forecasting.closed import open_rows
from lstmcli.forecasting.conditions import first_crossings
from lstmcli.forecasting.intervals import at_quantiles
from lstmcli.forecasting.paths import PathMaker, chance_of_crossing
from lstmcli.series.calendar import Step, advance
from lstmcli.series.forecast import Forecast
from lstmcli.tables.write.dialects import PLAIN_DIALECT, OutputDialect
from lstmcli.tables.write.forms import content_of_table, is_typed
from lstmcli.tables.write.tables import number_columns, written_times

if TYPE_CHECKING:
    import pandas as pd

PROBABILITY = "probability"


@dataclass(frozen=True)
class CrossingRows:
    """An `OutputForm` of forecasts with the quantiles of the model. threshold: a sign of `COMPARISONS` and a
    number; step: of the panel, whose closed times cross nothing; chance: draws the paths for the probability
    of ever crossing, None for none; the other fields are as those of `forms.form_of`."""

    threshold: tuple[str, float]
    step: Step
    form: str
    pattern: str | None
    quantiles: tuple[float, ...]
    dialect: OutputDialect = PLAIN_DIALECT
    chance: PathMaker | None = None

    def of(self, forecast: Forecast) -> "pd.DataFrame":
        """Series columns, for the median and each quantile the first time, missing where never, and the
        probability of any."""
        import pandas as pd

        made = at_quantiles(forecast, self.quantiles)
        places = [made.quantiles.index(q) for q in (0.5, *self.quantiles)]
        steps = first_crossings(made.values[:, :, places], *self.threshold, open_rows(made, self.step))
        columns: dict[str, Any] = {
            name: np.array([key[k] for key in forecast.keys], dtype=object)
            for k, name in enumerate(forecast.key_names)
        }
        for name, first in zip(number_columns(self.quantiles), steps.T, strict=True):
            stamps = advance(forecast.starts, forecast.step, np.maximum(first, 0))
            times = pd.Series(written_times(stamps, self.pattern, is_typed(self.form)))
            if pd.api.types.is_integer_dtype(times.dtype):
                times = times.astype("Int64")  # which may be missing and stay whole
            columns[name] = times.where(first >= 0, None)
        if self.chance is not None:
            columns[PROBABILITY] = self._chances(forecast, self.chance)
        return pd.DataFrame(columns)

    def _chances(self, forecast: Forecast, chance: PathMaker) -> list[float]:
        sign, number = self.threshold
        found = []
        for s, rows in enumerate(open_rows(forecast, self.step)):
            made = replace(forecast, values=forecast.values[:, rows])
            numbers = np.full(made.horizon, number)
            found.append(chance_of_crossing(chance, made, s, sign, numbers) if rows.any() else 0.0)
        return [round(share, 4) for share in found]

    def whole(self, pieces: "Iterable[pd.DataFrame]") -> Iterator[str | bytes]:
        import pandas as pd

        yield content_of_table(pd.concat(list(pieces), ignore_index=True), self.form, self.dialect)
