"""Exponential smoothing with damped trend and season, fitted to many series at once (ETS).

Six forms: with and without a damped trend; no, additive or multiplicative season. Each is fitted by the
squared errors one step ahead over a fixed lattice of parameters: a coarse grid, then three rounds of
moves from the best of it, each half as far. The states before the first value come from the series
itself: a straight line through its first season, and the seasonal indices of its first eight. The
forecast is the mean of the forms by their Akaike weights exp(-AICc / 4): half the usual exponent was
as good on 711 series (error / seasonal naive 0.833; the best form alone 0.833) and steadier.

Forms and criterion: Hyndman, Koehler, Ord & Snyder (2008), Forecasting with exponential smoothing,
chapters 2, 5 and 7; weights: Kolassa (2011), International Journal of Forecasting 27.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.aligned import AlignedHistories, SpreadForecast
from lstmcli.forecasting.ets_grid import SmoothingGrid, best_in_grid, coarse_grid, moved
from lstmcli.forecasting.past_errors import spread_ahead
from lstmcli.forecasting.seasonal_indices import first_line, seasonal_indices
from lstmcli.forecasting.smoothing import (
    FEW_SERIES,
    SeasonForm,
    Smoothed,
    SmoothingParameters,
    SmoothingPath,
    SmoothingStart,
    smooth,
)
from lstmcli.series.arrays import Array

_ROUNDS = (1.0, 0.5, 0.25)  # how far the moves of each round go
_INDEX_SEASONS = 8  # that give the first seasonal indices; of 3, 5, 8 and all the best on 711 series
_LINE = 6  # values of the first line, and a season at least
_FEWEST_FOR_TREND = 4
_WEIGHT = 0.25  # of AICc in the exponent
_LEAST_INDEX = 0.01  # of a multiplicative season
_FORMS: tuple[SeasonForm, ...] = ("none", "additive", "multiplicative")


@dataclass(frozen=True)
class _Fitted:
    """The two forms of one season form, without and with trend. criterion: AICc (2, series), infinite
    where a form does not fit; forecast: (2, horizon, series)."""

    criterion: NDArray[np.float64]
    forecast: NDArray[np.float64]
    squares: NDArray[np.float64]
    path: SmoothingPath
    start: SmoothingStart
    candidates: SmoothingGrid


def ets_forecast(histories: AlignedHistories, season: int, horizon: int) -> SpreadForecast:
    """Exponential smoothing of every series, which reads all of `histories`."""
    forms = _FORMS if season > 1 and len(histories.values) >= 2 * season else _FORMS[:1]
    with np.errstate(all="ignore"):  # a form that leaves the numbers is not taken
        together = [forms] if histories.values.shape[1] <= FEW_SERIES else [(form,) for form in forms]
        fits = [fit for some in together for fit in _fits(histories, some, season, horizon)]
        criterion = np.concatenate([fit.criterion for fit in fits])
        criterion[0, ~np.isfinite(criterion).any(axis=0)] = 0.0
        weights = np.exp(-_WEIGHT * (criterion - criterion.min(axis=0)))
        weights /= weights.sum(axis=0)
        made = np.concatenate([fit.forecast for fit in fits])
        used = weights[:, None] > 0
        point = np.where(used, weights[:, None] * np.where(used, made, 0.0), 0.0).sum(axis=0).T
        spread, freedom = _spread(histories, fits, np.argmin(criterion, axis=0), season, point)
    return SpreadForecast(point, spread, freedom)


def _fits(
    histories: AlignedHistories, forms: Sequence[SeasonForm], season: int, horizon: int
) -> list[_Fitted]:
    starts = [_start(histories, form, season) for form in forms]
    grids = [coarse_grid(form) for form in forms]
    few = histories.values.shape[1] <= FEW_SERIES  # all paths of the last round are held
    best, found = _best(histories, grids, starts)
    for far in _ROUNDS:
        grids = [moved(grid, form, far) for grid, form in zip(best, forms, strict=True)]
        best, found = _best(histories, grids, starts, few and far == _ROUNDS[-1])
    if not few:
        found = smooth(histories, _parts(best, starts), path=True)
    return [
        _fitted(histories, grid, _start_of(start, grid), one, season, horizon)
        for grid, start, one in zip(best, starts, found, strict=True)
    ]


def _best(
    histories: AlignedHistories,
    grids: Sequence[SmoothingGrid],
    starts: Sequence[SmoothingStart],
    path: bool = False,
) -> tuple[list[SmoothingGrid], list[Smoothed]]:
    """The best candidates of each form."""
    made = smooth(histories, _parts(grids, starts), path)
    pairs = zip(grids, made, strict=True)
    best, chosen = zip(*(best_in_grid(grid, one.squares) for grid, one in pairs), strict=True)
    return list(best), [one.of(some) for one, some in zip(made, chosen, strict=True)]


def _parts(
    grids: Sequence[SmoothingGrid], starts: Sequence[SmoothingStart]
) -> list[tuple[SmoothingParameters, SmoothingStart]]:
    pairs = zip(grids, starts, strict=True)
    return [(grid.parameters(), _start_of(start, grid)) for grid, start in pairs]


def _fitted(
    histories: AlignedHistories,
    best: SmoothingGrid,
    start: SmoothingStart,
    found: Smoothed,
    season: int,
    horizon: int,
) -> _Fitted:
    assert found.path
    criterion = _criterion(histories, start.form, season, found.squares, found.path)
    forecast = _continued(histories, best, start, found.path, season, horizon)
    criterion[~np.isfinite(forecast).all(axis=1)] = np.inf
    return _Fitted(criterion, forecast, found.squares, found.path, start, best)


def _start(histories: AlignedHistories, form: SeasonForm, season: int) -> SmoothingStart:
    """States before the first value: rows of level and trend for forms without and with trend."""
    values: Array = histories.values
    times = np.arange(len(values))[:, None]
    indices: Array = np.zeros((1, values.shape[1]))
    if form != "none":
        early = np.where(times < histories.starts + _INDEX_SEASONS * season, values, np.nan)
        first = AlignedHistories(early, histories.starts)
        indices = seasonal_indices(first, season, form == "multiplicative")
        phases = histories.phases(season)
        if form == "multiplicative":
            indices = np.maximum(indices, _LEAST_INDEX)
            values = values / indices[phases]
        else:
            values = values - indices[phases]
    count = np.minimum(max(_LINE, season), histories.lengths)
    mean, level, slope = first_line(values, histories.starts, count)
    if form == "multiplicative":
        level = np.where(level > 0, level, mean)
    return SmoothingStart(form, np.stack([mean, level]), np.stack([np.zeros_like(slope), slope]), indices)


def _start_of(start: SmoothingStart, candidates: SmoothingGrid) -> SmoothingStart:
    """The states before the first value of each candidate."""
    rows = candidates.trended.astype(int)
    return SmoothingStart(start.form, start.level[rows], start.trend[rows], start.season)


def _criterion(
    histories: AlignedHistories,
    form: SeasonForm,
    season: int,
    squares: NDArray[np.float64],
    path: SmoothingPath,
) -> NDArray[np.float64]:
    """AICc (2, series): -2 log likelihood + 2 k + 2 k (k + 1) / (n - k - 1) for normal errors, relative
    ones of a multiplicative season, with k parameters and states and the variance."""
    count, values = histories.counts, histories.values
    parameters = np.array([3, 6])[:, None] + (0 if form == "none" else season)
    # Errors below a billionth of the values are rounding.
    floor = 1.0 if form == "multiplicative" else np.maximum(np.nanmax(np.abs(values), axis=0), 1e-290) ** 2
    criterion = count * np.log(np.maximum(squares / count, 1e-18 * floor))
    if form == "multiplicative":
        # A forecast one step ahead is y / (1 + e).
        logs = np.log(np.where(histories.seen, values, 1.0))[:, None] - np.log1p(path.error)
        criterion = criterion + 2 * logs.sum(axis=0)
    left = count - parameters - 1
    penalty = 2 * parameters + 2 * parameters * (parameters + 1) / np.maximum(left, 1)
    needed = np.array([1, _FEWEST_FOR_TREND])[:, None]
    allowed = (left > 0) & (count >= needed) & np.isfinite(criterion)
    if form != "none":
        allowed &= histories.lengths >= 2 * season
    if form == "multiplicative":
        allowed &= histories.positive
    return np.where(allowed, criterion + penalty, np.inf)


def _continued(
    histories: AlignedHistories,
    fitted: SmoothingGrid,
    start: SmoothingStart,
    path: SmoothingPath,
    season: int,
    horizon: int,
) -> NDArray[np.float64]:
    """Forecasts from the last states, (2, horizon, series)."""
    steps = np.arange(1, horizon + 1)
    growth = np.cumsum(fitted.shares[3] ** steps[:, None, None], axis=0)
    made = path.level[-1] + growth * path.trend[-1]
    if path.season is not None:
        last = _seasons(start, path.season)[len(histories.values) + (steps - 1) % season]
        made = made * last if start.form == "multiplicative" else made + last
    return made.swapaxes(0, 1)


def _seasons(start: SmoothingStart, path: NDArray[np.float64]) -> NDArray[np.float64]:
    """The seasonal states from one season before the first time on, (season + time, 2, series)."""
    return np.concatenate([np.repeat(start.season[:, None], path.shape[1], axis=1), path])


def _spread(
    histories: AlignedHistories,
    fits: list[_Fitted],
    best: NDArray[np.int64],
    season: int,
    point: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard deviation of the errors (series, horizon) and its degrees of freedom, by the best form of
    each series: that of relative errors for a multiplicative season."""
    values, horizon = histories.values, point.shape[1]
    states = _best_states(fits, best, season, len(values))
    times = np.arange(len(values))[:, None]
    steps = np.arange(1, horizon + 1)[:, None]
    growth = np.cumsum(states.phi**steps, axis=0)

    def errors(step: int) -> NDArray[np.float64]:
        origins = len(values) - step
        first = 1 + (step - 1) % season
        season_then = slice(first, first + origins)
        made = states.level[:origins] + growth[step - 1] * states.trend[:origins]
        made = made * states.factor[season_then] + states.term[season_then]
        wrong = values[step:] - made
        wrong[times[:origins] < histories.starts] = np.nan
        return np.where(states.relative, wrong / np.abs(made), wrong)

    # c[j] = alpha + beta (phi + ... + phi^j) + gamma at whole seasons (Hyndman et al. 2008, table 6.1)
    weight = states.alpha + states.beta * growth + states.gamma * (steps % season == 0)
    formula = 1 + np.concatenate([np.zeros((1, len(point))), np.cumsum(weight**2, axis=0)[:-1]])
    spread, freedom = spread_ahead(errors, len(values) - 1, formula, histories.counts, states.parameters)
    return (spread * np.where(states.relative, np.abs(point.T), 1.0)).T, freedom


@dataclass(frozen=True)
class _BestStates:
    """Of the best form of each series: states behind every time, (time, series), the season as a factor
    and a term from one season before the first time on; parameters (series,)."""

    level: NDArray[np.float64]
    trend: NDArray[np.float64]
    factor: NDArray[np.float64]
    term: NDArray[np.float64]
    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    gamma: NDArray[np.float64]
    phi: NDArray[np.float64]
    relative: NDArray[np.bool_]
    parameters: NDArray[np.float64]


def _best_states(fits: list[_Fitted], best: NDArray[np.int64], season: int, length: int) -> _BestStates:
    count = len(best)
    level, trend = np.empty((length, count)), np.empty((length, count))
    factor, term = np.ones((length + season, count)), np.zeros((length + season, count))
    smoothing, relative, parameters = np.empty((4, count)), np.zeros(count, bool), np.empty(count)
    for number, fit in enumerate(fits):
        chosen = np.flatnonzero(best // 2 == number)
        row = best[chosen] % 2
        level[:, chosen], trend[:, chosen] = fit.path.level[:, row, chosen], fit.path.trend[:, row, chosen]
        given = fit.candidates.parameters()
        for k, part in enumerate((given.alpha, given.beta, given.gamma, given.phi)):
            smoothing[k, chosen] = part[row, chosen]
        parameters[chosen] = np.array([2, 5])[row]
        if fit.path.season is not None:
            seasons = _seasons(fit.start, fit.path.season)[:, row, chosen]
            relative[chosen] = fit.start.form == "multiplicative"
            (factor if fit.start.form == "multiplicative" else term)[:, chosen] = seasons
            parameters[chosen] += season
    alpha, beta, gamma, phi = smoothing
    return _BestStates(level, trend, factor, term, alpha, beta, gamma, phi, relative, parameters)
