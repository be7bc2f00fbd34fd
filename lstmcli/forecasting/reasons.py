"""What moved a forecast: its parts in the units of the target, which add up to it.

The forecast is made again without some of what it reads, in all combinations: without the season of the
history, without its course (the newest values, and the trend that they show), without each covariate, see
`history_parts` and `withheld`. The part of each is its Shapley value among these forecasts (`shapley`), and
what is left with nothing is the level. It tells what the model makes of the data, not what causes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.forecast import fill_ahead, needed_errors, scaled_quantiles, whole_horizons
from lstmcli.forecasting.history_parts import HistoryParts, history_parts
from lstmcli.forecasting.mix import members_beside, mixed_with
from lstmcli.forecasting.shapley import shapley_weights
from lstmcli.forecasting.withheld import CovariatePart, NumericNames, covariate_parts, without
from lstmcli.network.architecture import Network, of_medians
from lstmcli.series.arrays import Array, Flags
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import (
    Windows,
    baseline_forecasts,
    cut_windows,
    window_rows,
    with_own_values,
)

HISTORY_PARTS = ("season", "last")
_MOST_AT_ONCE = 4096  # forecasts of a block, with each set of parts
_State = tuple[bool, bool]  # whether the season and the course are there


@dataclass(frozen=True)
class ReasonParts:
    """What is told apart. names: of the season, the last values, and the covariates.

    sets, weights: as of `shapley_weights`
    """

    covariates: tuple[CovariatePart, ...]
    sets: Flags
    weights: NDArray[np.float64]

    @property
    def names(self) -> tuple[str, ...]:
        return (*HISTORY_PARTS, *(part.name for part in self.covariates))

    @property
    def block(self) -> int:
        """Series that are looked at together."""
        return max(1, _MOST_AT_ONCE // len(self.sets))


def reason_parts(network: Network, panel: Panel, names: NumericNames) -> ReasonParts:
    """names: of the covariates of the panel. Raises SettingsError for holidays that are not known."""
    found: tuple[CovariatePart, ...] = ()
    if network.is_trained:
        first = panel.select(slice(0, 1))
        known = window_rows(first, network.scaling, network.shape).covariates
        found = covariate_parts(network, first, known, names)
    return ReasonParts(found, *shapley_weights(len(HISTORY_PARTS) + len(found)))


def reasons(network: Network, panel: Panel, horizon: int, parts: ReasonParts) -> NDArray[np.float64]:
    """What each part adds to the median, (series, horizon, parts), in the units of the data.

    panel: a few series (`ReasonParts.block`), with the rows ahead that a forecast needs.
    """
    median = _of_medians(network)
    log = network.scaling.transform == "log"
    seasons = network.shape.season, network.mix.second if network.mix else 1
    histories = [panel.history(s)[-network.reach_back :] for s in range(len(panel))]
    apart = [history_parts(history, seasons, horizon, log) for history in histories]
    states = list(dict.fromkeys((bool(season), bool(course)) for season, course in parts.sets[:, :2]))
    own = _own_medians(median, panel, horizon, parts, apart) if network.is_trained else None
    beside = {
        state: members_beside(median, [each.with_parts(*state) for each in apart], horizon)
        for state in (states if network.mix else ())
    }
    made = np.zeros((len(panel), horizon, len(parts.names)))
    for n, chosen in enumerate(parts.sets):
        alone = own[n] if own is not None else None
        whole = mixed_with(median, alone, beside[_state(chosen)], histories) if network.mix else alone
        assert whole is not None
        made += whole[:, :, :1] * parts.weights[n]
    return made


def _state(chosen: Flags) -> _State:
    return bool(chosen[0]), bool(chosen[1])


def _of_medians(network: Network) -> Network:
    """The same forecaster with the median as its only quantile."""
    weights, arch = network.weights, replace(network.arch, quantiles=(0.5,))
    if network.is_trained:
        weights, arch = of_medians(network.weights, network.arch)
    mix = replace(network.mix, widths=(1.0,)) if network.mix else None
    return replace(network, weights=weights, arch=arch, widths=(1.0,), mix=mix)


def _own_medians(
    network: Network, panel: Panel, horizon: int, parts: ReasonParts, apart: Sequence[HistoryParts]
) -> list[Array]:
    """The medians of the network alone with each set of parts, (series, horizon, 1) each.

    The scale of a window is that of the values as they are: it is what changes are measured by, and a network
    without the season still knows how large they are. Beyond the horizon of the network each set continues
    from its own medians.
    """
    arch, shape, scaling = network.arch, network.shape, network.scaling
    extended = panel.with_horizon(whole_horizons(horizon, arch.horizon), shape.context + arch.horizon)
    rows = with_own_values(window_rows(extended, scaling, shape))
    series = np.arange(len(panel))
    errors = needed_errors(network, rows, series, extended.lengths)
    contexts = [_contexts(apart, _state(chosen), network) for chosen in parts.sets]
    made: list[list[Array]] = [[] for _ in parts.sets]
    for done in range(0, horizon, arch.horizon):
        windows = cut_windows(rows, series, extended.lengths + done, shape, scaling)
        scaled = None if errors is None else errors / windows.scale.scale[:, 0]
        for n, chosen in enumerate(parts.sets):
            altered = _with_context(windows, contexts[n], network)
            seen = without(altered, parts.covariates, chosen[2:], course=bool(chosen[1]))
            block = windows.scale.undo(scaled_quantiles(network, seen, scaled))
            made[n].append(block)
            contexts[n] = np.concatenate([contexts[n], block[:, :, 0]], axis=1)[:, -shape.context :]
        fill_ahead(rows, extended, done, made[_whole(parts)][-1][:, :, 0])
    return [scaling.restore(np.concatenate(blocks, axis=1)[:, :horizon]) for blocks in made]


def _whole(parts: ReasonParts) -> int:
    """The set of all parts."""
    return int(np.flatnonzero(parts.sets.all(axis=1))[0])


def _contexts(apart: Sequence[HistoryParts], state: _State, network: Network) -> NDArray[np.float64]:
    """The transformed values of contexts, (series, context), NaN where there are none."""
    length = network.shape.context
    made = np.full((len(apart), length), np.nan)
    for row, each in enumerate(apart):
        values = network.scaling.transformed(each.with_parts(*state)[-length:])
        made[row, length - len(values) :] = values
    return made


def _with_context(windows: Windows, values: Array, network: Network) -> Windows:
    """Windows with other values where they have some."""
    scaled = np.where(windows.missing, 0.0, windows.scale.apply(values)).astype(np.float32)
    baselines = baseline_forecasts(scaled, windows.missing, network.shape)
    return replace(windows, context=scaled, baselines=baselines)
