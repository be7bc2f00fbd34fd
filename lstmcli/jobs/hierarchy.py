"""`predict --hierarchy`: forecasts of series and of their totals, which add up."""

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import UsageError
from lstmcli.errors.findings import first_few, plural
from lstmcli.evaluation.scores import actual_values
from lstmcli.forecasting.forecast import BLOCK_WINDOWS, forecast_at_origins
from lstmcli.forecasting.hierarchy import (
    LEAST_GAIN,
    Levels,
    error_covariance,
    gain_of_minimum_trace,
    reconciled,
)
from lstmcli.forecasting.rounded import round_together
from lstmcli.forecasting.totals import total_key, total_levels
from lstmcli.jobs.forecast import ForecastResult
from lstmcli.model_file import Model
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Key, Panel
from lstmcli.series.roles import Roles

_Piece = TypeVar("_Piece")
_FLAG = "--hierarchy"
_SUMS = "which are the sums of their forecasts (bottom-up)"
_MOST = 2000  # series and totals that are reconciled: their covariance is a matrix
_FORECASTS = 2000  # of past windows, about
_ORIGINS, _FEWEST = 12, 4  # of them, at most and at least
_HISTORY = 8  # values before the first of them, at least


@dataclass(frozen=True)
class CoherentResult(ForecastResult):
    """The panel holds the totals behind the series. covariance: for minimum trace; None for bottom-up."""

    levels: Levels
    covariance: NDArray[np.float64] | None = None

    def model_blocks(
        self, finish: Callable[[Forecast], _Piece], block: int = BLOCK_WINDOWS
    ) -> Iterator[_Piece]:
        """All of them are forecast first."""
        base = ForecastResult(self.model, self.panel, self.horizon, self.model.network.arch.quantiles).whole()
        made = replace(base, values=coherent_values(base, self.panel, self.levels, self.covariance))
        for first in range(0, len(self.panel), block):
            part = slice(first, first + block)
            yield finish(
                replace(made, keys=made.keys[part], starts=made.starts[part], values=made.values[part])
            )


def coherent_result(result: ForecastResult, text: str, say: Callable[[str], None]) -> ForecastResult:
    """The forecast with the totals of a hierarchy behind the series.

    text: columns from the top, with commas between them. Raises UsageError for columns that are not all that
    tell the series apart, for a model with covariates, and for series that end at different times.
    """
    panel = result.panel
    columns = _columns(text, panel, result.model)
    check_no_covariates(result.model.contract.roles)
    members = _members(columns, panel)
    _check_ends(panel)
    levels = Levels(len(panel), tuple(members.values()))
    totals = [_total_history(panel, places) for places in members.values()]
    whole = Panel.concat([panel, _panel_of(panel, list(members), totals)])
    made = CoherentResult(result.model, whole, result.horizon, result.quantiles, levels)
    covariance, said = _covariance(result.model.network, whole, levels)
    say(f"note: {plural(len(totals), 'total')} of {plural(len(panel), 'series', 'series')}, {said}")
    return replace(made, covariance=covariance)


def check_no_covariates(roles: Roles) -> None:
    """Raises UsageError for a model with covariates."""
    if roles.covariates:
        raise UsageError(
            f"{_FLAG}: the model reads covariates, which totals have not: --sum-over adds up the forecasts"
        )


def coherent_values(
    base: Forecast, panel: Panel, levels: Levels, covariance: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Quantiles (series and totals, horizon, quantiles) whose medians add up to the last digit; the distances
    from them are those of the forecast of each. base: of each alone."""
    median = reconciled(base.median, levels, covariance)
    away = base.values - base.median[..., None]
    count = levels.count
    never = np.array([not (panel.history(s) < 0).any() for s in range(len(panel))])
    low = never & (base.median >= 0).all(axis=1)
    median[:count] = np.where(low[:count, None], np.maximum(median[:count], 0.0), median[:count])
    rounded = round_together(median[:count], median[:count, :, None] + away[:count], levels.added)
    values = rounded[..., None] + away
    floor = np.minimum(rounded, np.where(never[:, None], 0.0, -np.inf))[..., None]
    values = np.maximum(values, np.where(np.isfinite(floor), floor, values))
    values[..., base.quantiles.index(0.5)] = rounded
    return np.asarray(values)


def _columns(text: str, panel: Panel, model: Model) -> Key:
    total_levels([text], panel, model.contract.roles, model.network.is_trained, _FLAG)
    columns = tuple(part.strip() for part in text.split(","))
    left = [name for name in panel.key_names if name not in columns]
    if left:
        tell = "tells" if len(left) == 1 else "tell"
        raise UsageError(
            f"{_FLAG} {text}: {', '.join(left)} {tell} series apart too: name all such columns, from the top"
        )
    columns = tuple(dict.fromkeys(columns))
    _check_order(columns, panel)
    return columns


def _check_order(columns: Key, panel: Panel) -> None:
    """Raises UsageError where a column stands below one whose every value has one value of it, as a region
    below its shops."""
    values = {name: [key[panel.key_names.index(name)] for key in panel.keys] for name in columns}

    def within(one: str, other: str) -> bool:
        """Whether each value of one has a single value of the other, and not the other way round."""
        pairs = len(set(zip(values[one], values[other], strict=True)))
        return len(set(values[one])) == pairs > len(set(values[other]))

    above = {name: [other for other in columns if within(name, other)] for name in columns}
    wrong = [(one, two) for one, two in combinations(columns, 2) if two in above[one]]
    if wrong:
        one, two = wrong[0]
        order = ",".join(sorted(columns, key=lambda name: len(above[name])))
        typed = shlex.quote(order) if "'" in order else f"'{order}'"
        raise UsageError(
            f"{_FLAG} {','.join(columns)}: each {one} has one {two}, which belongs above it: {_FLAG} {typed}"
        )


def _members(columns: Key, panel: Panel) -> dict[Key, NDArray[np.int64]]:
    """Of each total, by its key: that of all first, then level by level."""
    found: dict[Key, list[int]] = {}
    places = [panel.key_names.index(name) for name in columns]
    for depth in range(len(places)):
        level = tuple(sorted(places[depth:]))
        for series, key in enumerate(panel.keys):
            found.setdefault(total_key(key, level), []).append(series)
    return {key: np.array(series, np.int64) for key, series in found.items()}


def _check_ends(panel: Panel) -> None:
    ends = np.array([panel.times(s, int(n) - 1, 1)[0] for s, n in enumerate(panel.lengths)])
    early = [panel.name(int(s)) for s in np.flatnonzero(ends != ends.max())]
    if early:
        raise UsageError(
            f"{_FLAG}: {plural(len(early), 'series ends', 'series end')} before the others "
            f"({first_few(early)}): levels cannot add up. Leave them out; --sum-over does where it must"
        )


def _total_history(panel: Panel, members: NDArray[np.int64]) -> tuple[int, NDArray[np.float64]]:
    """A series of the total, and the sums from its first value on: since when all of them are there."""
    shortest = int(panel.lengths[members].min())
    last = int(members[int(panel.lengths[members].argmin())])
    return last, np.sum([panel.history(int(s))[-shortest:] for s in members], axis=0)


def _panel_of(panel: Panel, keys: list[Key], totals: list[tuple[int, NDArray[np.float64]]]) -> Panel:
    """The totals as series."""
    chosen = panel.select(np.array([series for series, _ in totals]))
    sizes = np.array([len(values) for _, values in totals])
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    none = np.zeros((int(offsets[-1]), 0), np.float32)
    values = np.concatenate([values for _, values in totals])
    return replace(
        chosen,
        keys=tuple(keys),
        offsets=offsets,
        lengths=sizes.astype(np.int64),
        values=values,
        past=none,
        future=none,
    )


def _covariance(network: Network, panel: Panel, levels: Levels) -> tuple[NDArray[np.float64] | None, str]:
    """For minimum trace, where it was better than bottom-up on past windows; and what is told."""
    horizon, count = network.arch.horizon, len(panel)
    stride = max(1, horizon // 2)
    room = (int(panel.lengths.min()) * 2 // 3 - horizon) // stride + 1
    origins = min(_ORIGINS, room, max(_FEWEST, _FORECASTS // count))
    if count > _MOST or origins < _FEWEST or int(panel.lengths.min()) < _HISTORY + horizon:
        why = "too many" if count > _MOST else "the past is too short"
        return None, f"{_SUMS}: {why} to correct them by past errors (minimum trace)"
    back = horizon + stride * np.arange(origins)[::-1]
    series = np.repeat(np.arange(count), origins)
    places = panel.lengths[series] - np.tile(back, count)
    shape = count, origins, horizon
    middle = network.arch.quantiles.index(0.5)
    made = forecast_at_origins(network, panel, series, places)[..., middle].reshape(shape)
    actual = actual_values(panel, series, places, horizon).reshape(shape)
    known = ~np.isnan(actual).any(axis=(0, 2))
    if known.sum() < _FEWEST:
        return None, f"{_SUMS}: values of the past are missing, by whose errors they could be corrected"
    made, actual = made[:, known], actual[:, known]
    independent = max(1, int(known.sum()) * stride // horizon)
    scales = np.array([_scale(panel.history(s)) for s in range(count)])
    gain = gain_of_minimum_trace(made, actual, levels, scales, independent)
    tested = f"on {plural(int(known.sum()), 'past origin')}"
    if gain < LEAST_GAIN:
        return None, f"{_SUMS}: {tested} it was no better to correct them by past errors (minimum trace)"
    covariance = error_covariance(actual - made, independent)
    less = f"{tested} {100 * gain:.0f} % less error than sums (bottom-up)"
    return covariance, f"all corrected by their past errors so that they add up (minimum trace): {less}"


def _scale(history: Array) -> float:
    """The mean change of a series."""
    changes = np.abs(np.diff(history[~np.isnan(history)]))
    return float(changes.mean()) if changes.size and changes.any() else 1.0
