"""The classical methods by name, and which of the past values they read."""

from collections.abc import Callable, Sequence

from lstmcli.forecasting.aligned import AlignedHistories, SpreadForecast, forecast_aligned
from lstmcli.forecasting.ets import ets_forecast
from lstmcli.forecasting.theta import theta_forecast
from lstmcli.series.arrays import Array

CLASSICAL_METHODS: dict[str, Callable[[AlignedHistories, int, int], SpreadForecast]] = {
    "ets": ets_forecast,
    "theta": theta_forecast,
}


def classical_forecast(name: str, histories: Sequence[Array], season: int, horizon: int) -> SpreadForecast:
    """One of CLASSICAL_METHODS on histories (n,) of any lengths, with one observed value at least."""
    return forecast_aligned(CLASSICAL_METHODS[name], histories, season, horizon)
