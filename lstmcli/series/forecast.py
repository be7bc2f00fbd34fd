"""Dated forecasts of a Panel: the Forecast that is written to a table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import Step, Times, advance
from lstmcli.series.panel import Key


@dataclass(frozen=True)
class Forecast:
    """Forecasts of every series of a panel, in the order of its keys.

    starts      (series,) time stamp of the first forecast step
    quantiles   levels in rising order; they always hold 0.5
    values      (series, horizon, quantiles) in the units of the data
    """

    key_names: Key
    keys: tuple[Key, ...]
    step: Step
    starts: Times
    quantiles: tuple[float, ...]
    values: NDArray[np.float64]

    @property
    def median(self) -> NDArray[np.float64]:
        """The point forecast, (series, horizon)."""
        return self.values[:, :, self.quantiles.index(0.5)]

    @property
    def horizon(self) -> int:
        return int(self.values.shape[1])

    def times(self, series: int) -> Times:
        return advance(self.starts[series], self.step, np.arange(self.horizon))


def concat_forecasts(parts: Sequence[Forecast]) -> Forecast:
    """Forecasts of neighbouring series as one."""
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[0],
        keys=tuple(key for part in parts for key in part.keys),
        starts=np.concatenate([part.starts for part in parts]),
        values=np.concatenate([part.values for part in parts]),
    )
