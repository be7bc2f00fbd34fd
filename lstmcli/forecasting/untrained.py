"""A forecaster without training: the built-in network with exponential smoothing and Theta."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lstmcli.forecasting.builtin import NEWEST, builtin_steps
from lstmcli.network.architecture import MIX_MEMBERS, Architecture, Builtin, Mix, Network
from lstmcli.network.builtin import HIDDEN, QUANTILES, builtin_weights
from lstmcli.series.calendar import Step, seasons
from lstmcli.series.panel import Panel
from lstmcli.series.seasonality import second_season, strongest_season
from lstmcli.windows.cut import WindowSpec
from lstmcli.windows.histories import SEGMENT
from lstmcli.windows.scaling import Scaling, Standardisation

NETWORK_ALONE = {"builtin": 1.0}
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


def untrained_network(
    found: SeasonPair, horizon: int, longest: int, shares: Mapping[str, float], width: float = 1.0
) -> Network:
    """The forecaster of series with these seasons. It has no network of its own, but a mix of others.

    longest: values of the longest series; shares: of the members, which add up to 1; width: how far the
    intervals are stretched.
    """
    context = SEGMENT * builtin_steps(longest)
    arch = Architecture(
        cell="lstm",
        layers=1,
        hidden=HIDDEN,
        segment=SEGMENT,
        context=context,
        horizon=horizon,
        quantiles=QUANTILES,
        covariates=0,
        ahead=0,
        members=0,
    )
    even = (1.0,) * len(QUANTILES)
    every = dict.fromkeys(MIX_MEMBERS, 0.0) | dict(shares)
    return Network(
        weights={},
        arch=arch,
        shape=WindowSpec(context, horizon, ("none",), found.season, calendar=False),
        scaling=Scaling("none", "mean", Standardisation(), Standardisation()),
        widths=even,
        mix=Mix(length=NEWEST, windows=0, widths=(width,) * len(QUANTILES), second=found.second, **every),
        builtin=Builtin(builtin_weights(), found.season, found.second),
    )
