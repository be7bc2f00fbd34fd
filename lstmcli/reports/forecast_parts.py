"""The parts of forecasts, and two forecasts beside each other, for texts and pages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.forecast import Forecast, concat_forecasts

MOST_KEPT = 24  # series of a page
PART_TEXTS = {"last": "last values"}


@dataclass(frozen=True)
class ForecastParts:
    """What moved forecasts, in the units of the data; level and parts add up to the median.

    names  of the parts; level: (series, horizon); parts: (series, horizon, parts)
    """

    forecast: Forecast
    names: tuple[str, ...]
    level: NDArray[np.float64]
    parts: NDArray[np.float64]

    @property
    def texts(self) -> list[str]:
        """What the parts are called."""
        return [PART_TEXTS.get(name, name) if k < 2 else name for k, name in enumerate(self.names)]


@dataclass(frozen=True)
class ScenarioForecasts:
    """Forecasts by the plan, and by another one."""

    plan: Forecast
    other: Forecast


def concat_parts(parts: Sequence[ForecastParts]) -> ForecastParts:
    """Those of neighbouring series as one."""
    return ForecastParts(
        concat_forecasts([some.forecast for some in parts]),
        parts[0].names,
        np.concatenate([some.level for some in parts]),
        np.concatenate([some.parts for some in parts]),
    )


def concat_scenarios(parts: Sequence[ScenarioForecasts]) -> ScenarioForecasts:
    """Those of neighbouring series as one."""
    plan, other = ([getattr(some, name) for some in parts] for name in ("plan", "other"))
    return ScenarioForecasts(concat_forecasts(plan), concat_forecasts(other))
