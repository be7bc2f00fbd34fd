"""The windows of the explorer: some series at some times, with every gate and state, and what came after."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.forecast import forecast_at_origins
from lstmcli.forecasting.intervals import display_intervals
from lstmcli.gates.replay import GateTrace
from lstmcli.gates.sums import GateParts
from lstmcli.gates.trace import trace_with_parts
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.calendar import Times
from lstmcli.series.horizon_rows import lacks_future
from lstmcli.series.panel import Panel

MOST_SERIES = 12
MOST_ORIGINS = 24  # of a series, beside its last window
_USUAL_COVERAGE = 0.8  # of the interval that is shown, or the next that the forecast has


@dataclass(frozen=True)
class ExplorerWindows:
    """Windows in the order of their series, the oldest first.

    wanted    windows of each series that there can be; fewer may be held
    traced    every gate and state; NaN in steps before the start of a short history
    parts     per layer what stands inside its gates
    forecast  (windows, horizon, 3) low end, median and high end of the forecast of the model, with all that
              is mixed in; NaN where covariates ahead are not known
    coverage  of the interval; 0 where there is none
    first     the window that is shown first
    """

    panel: Panel
    wanted: int
    traced: GateTrace
    parts: list[GateParts]
    forecast: Array
    coverage: float
    first: int

    def context(self, window: int, length: int) -> tuple[Times, Array]:
        """(length,) times and values up to the origin; NaN before the start of the series."""
        series, origin = self._place(window)
        inside = self.panel.history(series)[max(origin - length, 0) : origin]
        values = np.concatenate([np.full(length - len(inside), np.nan), inside])
        return self.panel.times(series, origin - length, length), values

    def ahead(self, window: int) -> tuple[Times, Array]:
        """(horizon,) times and values after the origin; NaN where they are not known."""
        series, origin = self._place(window)
        horizon = self.forecast.shape[1]
        values = values_after(self.panel, series, origin, horizon)
        return self.panel.times(series, origin, horizon), values

    def _place(self, window: int) -> tuple[int, int]:
        return int(self.traced.series[window]), int(self.traced.origins[window])


def values_after(panel: Panel, series: int, origin: int, horizon: int) -> Array:
    """(horizon,) what came after an origin; NaN where it is not known."""
    known = panel.history(series)[origin : origin + horizon]
    return np.concatenate([known, np.full(horizon - len(known), np.nan)])


def explorer_series(panel: Panel) -> Indices:
    """The series that are held where none is named."""
    return np.arange(min(len(panel), MOST_SERIES))


def explorer_windows(
    network: Network,
    panel: Panel,
    chosen: Indices,
    each: int,
    member: int = 0,
    at: tuple[int, int] | None = None,
) -> ExplorerWindows:
    """The last window of each chosen series and `each` more, spread over its history.

    at: series and origin of a window that is held too, and shown first.
    """
    places = [(int(s), o) for s in chosen for o in _origins(network, int(panel.lengths[s]), each)]
    places = sorted({*places, at}) if at else places
    wanted = max(len(_origins(network, int(panel.lengths[s]), MOST_ORIGINS)) for s in chosen)
    series, origins = np.array(places, np.int64).T
    forecast, coverage = model_forecasts(network, panel, series, origins)
    first = places.index(at) if at else _last_of(places, places[0][0])
    traced, parts = trace_with_parts(network, panel, series, origins, member)
    return ExplorerWindows(panel, wanted, traced, parts, forecast, coverage, first)


def _origins(network: Network, length: int, each: int) -> list[int]:
    """From the first full context on, or from the middle of a shorter series; the last is its end."""
    first = min(network.arch.context, (length + 1) // 2)
    if length > network.arch.context and network.is_trained:
        first = network.arch.context
    last = max(length - network.arch.horizon, first)
    spread = np.linspace(first, last, each).astype(int).tolist() if each else []
    return sorted({*spread, length})


def _last_of(places: list[tuple[int, int]], series: int) -> int:
    return max(number for number, (s, _) in enumerate(places) if s == series)


def model_forecasts(network: Network, panel: Panel, series: Indices, origins: Indices) -> tuple[Array, float]:
    """(windows, horizon, 3) low end, median and high end of the forecast of the model, with all that is
    mixed in, in the units of the data; NaN where covariates ahead are not known. And the coverage between."""
    low, high = _interval(network.arch.quantiles)
    columns = [network.arch.quantiles.index(level) for level in (low, 0.5, high)]
    made = np.full((len(series), network.arch.horizon, 3), np.nan)
    known = np.flatnonzero(~_unknown_ahead(network, panel, series, origins))
    if known.size:
        made[known] = forecast_at_origins(network, panel, series[known], origins[known])[:, :, columns]
    return made, high - low


def _interval(quantiles: tuple[float, ...]) -> tuple[float, float]:
    """The narrowest interval to draw that covers at least 80 %; the widest where none does."""
    found = display_intervals(quantiles)
    enough = [pair for pair in found if pair[1] - pair[0] > _USUAL_COVERAGE - 1e-6]
    return enough[-1] if enough else (found[0] if found else (0.5, 0.5))


def _unknown_ahead(network: Network, panel: Panel, series: Indices, origins: Indices) -> NDArray[np.bool_]:
    """Windows whose horizon has rows without a future covariate, (windows,)."""
    if not network.arch.known_ahead:
        return np.zeros(len(series), bool)
    return lacks_future(panel, series, origins, network.arch.horizon)
