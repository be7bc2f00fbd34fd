"""Forecasts without training: built-in network, exponential smoothing and Theta, averaged by fixed shares."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from lstmcli.forecasting.builtin import builtin_quantiles
from lstmcli.forecasting.classical import classical_forecast
from lstmcli.forecasting.forecast import BLOCK_WINDOWS, in_blocks
from lstmcli.forecasting.intervals import spread_quantiles
from lstmcli.forecasting.rounded import round_values
from lstmcli.network.builtin import QUANTILES
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step, advance, seasons
from lstmcli.series.panel import Forecast, Panel
from lstmcli.series.seasonality import second_season, strongest_season

_Piece = TypeVar("_Piece")

BUILTIN = "built-in"
SHARES = {BUILTIN: 0.5, "ets": 0.25, "theta": 0.25}
NETWORK_ALONE = {BUILTIN: 1.0}
_LONGEST_USUAL = 52  # a season that is taken where two of it are there, though it does not show yet
_LOOKED_AT = 200  # series in which a season is looked for


@dataclass(frozen=True)
class SeasonPair:
    """Lengths in steps, 1 where there is none; the second is `season` again where there is none."""

    season: int
    second: int


def season_pair(panel: Panel, season: int | None = None) -> SeasonPair:
    """The seasons of a panel; season: where it is known.

    One that shows clearly or, in short series, the usual one of the step.
    """
    chosen = np.linspace(0, len(panel) - 1, min(len(panel), _LOOKED_AT)).astype(int)
    histories = [panel.history(int(s)) for s in chosen]
    found = season or strongest_season(histories, panel.step)
    if season is None and found == 1:
        found = _usual_season(panel.step, int(np.median([len(h) for h in histories])))
    second = second_season(histories, panel.step, found) if found > 1 else 0
    return SeasonPair(found, second or found)


def _usual_season(step: Step, length: int) -> int:
    usual = next((s for s in seasons(step) if 1 < s <= _LONGEST_USUAL), 1)
    return usual if length >= 2 * usual + 2 else 1


@dataclass(frozen=True)
class UntrainedForecaster:
    """seasons: of the panel; shares: of the methods, which add up to 1."""

    seasons: SeasonPair
    shares: dict[str, float]

    def blocks(
        self, panel: Panel, horizon: int, finish: Callable[[Forecast], _Piece], block: int = BLOCK_WINDOWS
    ) -> Iterator[_Piece]:
        """`finish` of the forecast of each block of series at `network.builtin.QUANTILES`, in order."""

        def made(series: slice) -> _Piece:
            part = panel.select(series)
            starts = advance(part.starts, part.step, part.lengths)
            values = round_values(self.quantiles([part.history(s) for s in range(len(part))], horizon))
            return finish(Forecast(part.key_names, part.keys, part.step, starts, QUANTILES, values))

        return in_blocks(made, len(panel), block)

    def quantiles(self, histories: list[Array], horizon: int) -> Array:
        """(series, horizon, quantiles): quantiles of the methods are averaged. Not below 0 for a series that
        never was."""
        season = self.seasons.season
        total: Array = np.zeros((len(histories), horizon, len(QUANTILES)))
        for name, share in self.shares.items():
            if name == BUILTIN:
                made = builtin_quantiles(histories, season, self.seasons.second, horizon)
            else:
                made = spread_quantiles(classical_forecast(name, histories, season, horizon), QUANTILES)
            total = total + share * made
        bounded = np.array([np.nanmin(history) >= 0 for history in histories])
        return np.where(bounded[:, None, None], np.maximum(total, 0), total)
