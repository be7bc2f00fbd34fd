"""The dynamic optimised Theta method, for many series at once.

Fiorucci, Pellegrini, Louzada, Petropoulos & Koehler (2016), International Journal of Forecasting 32,
state-space form (DOTM). With the level l by simple exponential smoothing of weight alpha, the mean m of
the values so far, and A and B the line through them, the forecast of the value after t others is

    mu = l + (1 - 1 / theta) d,  d = (1 - alpha)^t A + (1 - (1 - alpha)^(t + 1)) / alpha B

    l += alpha (y - l);  B = ((t - 1) B + 6 (y - m) / (t + 1)) / (t + 2);  m += (y - m) / (t + 1);
    A = m - (t + 2) / 2 B  with the m and B just found

Further steps take forecasts for values. For one alpha, mu is a straight line in 1 - 1 / theta and in the
first level: both have the least squared error in closed form, so that alpha alone is on a grid. Seasonal
series are seasonally adjusted before and forecast with their indices: multiplied where all values are
positive, else added.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.aligned import AlignedHistories, SpreadForecast
from lstmcli.forecasting.past_errors import spread_ahead
from lstmcli.forecasting.seasonal_indices import is_seasonal, seasonal_indices
from lstmcli.series.arrays import Array, Flags

_ALPHAS = np.concatenate([[0.02, 0.05], np.arange(0.1, 1.0, 0.05), [0.99]])
_SKIPPED = 3  # first errors that do not count, where there are enough
_ENOUGH = 8
_FEWEST = 4  # values that give theta; fewer: theta is 2
_PARAMETERS = 3.0
_AT_ONCE = 8192  # numbers of a step that are worked on together
_LEAST_INDEX = 0.01  # of a multiplicative season; below it the season is added


def theta_forecast(histories: AlignedHistories, season: int, horizon: int) -> SpreadForecast:
    """Theta of every series, which reads all of `histories`."""
    factor, term, seasonal = _season(histories, season)
    ahead = histories.phases(season, len(histories.values), horizon)
    phases = histories.phases(season)
    values = (histories.values - term[phases]) / factor[phases]
    centre = values[histories.starts, np.arange(values.shape[1])]  # keeps digits; the forecast moves with it
    adjusted = AlignedHistories(values - centre, histories.starts)
    fitted = _fit(adjusted)
    spread, freedom = _spread(adjusted, fitted, horizon, seasonal * season)
    made = (_ahead(fitted.last, fitted, horizon) + centre) * factor[ahead] + term[ahead]
    return SpreadForecast(made.T, (spread * factor[ahead]).T, freedom)


def _season(histories: AlignedHistories, season: int) -> tuple[Array, Array, Array]:
    """Factors and terms (season, series), and which series are seasonal."""
    shape = (season, histories.values.shape[1])
    factor, term, seasonal = np.ones(shape), np.zeros(shape), np.zeros(shape[1])
    if season < 2 or len(histories.values) < 2 * season:
        return factor, term, seasonal
    found = is_seasonal(histories, season)
    if not found.any():
        return factor, term, seasonal
    with np.errstate(all="ignore"):
        factors = seasonal_indices(histories, season, True)
    multiplied = found & histories.positive & (factors.min(axis=0) > _LEAST_INDEX)
    terms = seasonal_indices(histories, season, False)
    return np.where(multiplied, factors, 1.0), np.where(found & ~multiplied, terms, 0.0), found.astype(float)


@dataclass(frozen=True)
class _States:
    """Behind some values; each (series,) or (time, series). power: (1 - alpha)^passed; passed: t."""

    level: NDArray[np.float64]
    power: NDArray[np.float64]
    mean: NDArray[np.float64]
    slope: NDArray[np.float64]
    passed: NDArray[np.float64]


@dataclass(frozen=True)
class _FittedTheta:
    """alpha, weight (1 - 1 / theta): (series,); path: behind every time; last: behind the last."""

    alpha: NDArray[np.float64]
    weight: NDArray[np.float64]
    path: _States
    last: _States


def _line_ahead(power: Array, alpha: Array, mean: Array, slope: Array, passed: Array) -> Array:
    """d of the module's formulas."""
    made: Array = power * (mean - (passed + 1) / 2 * slope) + (1 - power * (1 - alpha)) / alpha * slope
    return made


def _turns(passed: Array) -> tuple[Array, Array, Array, Array]:
    """What `_next_line` needs of the number of values so far."""
    later = passed + 1
    return later, later - 2, np.where(later >= 2, 6 / later, 0.0), later + 1


def _next_line(
    value: Array, mean: Array, slope: Array, turn: tuple[Array, Array, Array, Array]
) -> tuple[Array, Array]:
    """Mean and slope of the line with one value more."""
    later, less, six, more = turn
    wrong = value - mean
    return mean + wrong / later, (less * slope + six * wrong) / more


def _ahead(states: _States, fitted: _FittedTheta, horizon: int) -> NDArray[np.float64]:
    """Forecasts of the next steps from some states, (horizon, ...)."""
    level, power = states.level, states.power
    mean: Array = states.mean
    slope: Array = states.slope
    made = []
    for step in range(horizon):
        passed = states.passed + step
        value = level + fitted.weight * _line_ahead(power, fitted.alpha, mean, slope, passed)
        made.append(value)
        level = level + fitted.alpha * (value - level)
        mean, slope = _next_line(value, mean, slope, _turns(passed))
        power = power * (1 - fitted.alpha)
    return np.stack(made)


class _Sums:
    """Sums of products over time that give the least squares of each alpha, (alphas, series)."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.ee, self.dd, self.gg, self.de, self.ge, self.dg = (np.zeros(shape) for _ in range(6))

    def add(self, error: Array, line: Array, first: Array) -> None:
        """Some more times, (times, alphas, series) each. They are added one by one, whatever their number."""
        pairs = (error, error), (line, line), (first, first), (line, error), (first, error), (line, first)
        sums = self.ee, self.dd, self.gg, self.de, self.ge, self.dg
        for (one, other), total in zip(pairs, sums, strict=True):
            products = one * other
            products[0] += total
            np.add.reduce(products, axis=0, out=total)

    def solve(self, known: Flags) -> tuple[Array, Array, Array]:
        """Weight of the line, 0 to 1 (0.5 where not known), shift of the first level, squared error."""
        area = self.dd * self.gg - self.dg**2
        free = area > 1e-12 * self.dd * self.gg
        weight = np.where(free, (self.de * self.gg - self.ge * self.dg) / np.where(free, area, 1.0), 0.0)
        weight = np.where(known, np.clip(weight, 0.0, 1.0), 0.5)
        shift = (self.ge - weight * self.dg) / np.where(self.gg > 0, self.gg, 1.0)
        squares = self.ee + weight**2 * self.dd + shift**2 * self.gg + 2 * weight * shift * self.dg
        return weight, shift, squares - 2 * weight * self.de - 2 * shift * self.ge


def _fit(histories: AlignedHistories) -> _FittedTheta:
    """The best alpha of each series, with its theta and first level."""
    lines, counts, series = _lines(histories), histories.counts, np.arange(len(histories.starts))
    sums = _Sums((len(_ALPHAS), len(series)))
    values, seen = histories.values[:, None], histories.seen[:, None]
    for part in _smoothed(histories, lines, _ALPHAS[:, None], np.zeros(len(series))):
        counted = seen[part.times] & ((lines.passed[part.times, None] >= _SKIPPED) | (counts < _ENOUGH))
        error = np.where(counted, values[part.times] - part.level[:-1], 0.0)
        sums.add(error, part.line * counted, part.power[:-1] * counted)
    weight, shift, squares = sums.solve(counts >= _FEWEST)
    best = np.argmin(np.where(np.isfinite(squares), squares, np.inf), axis=0)
    alpha, weight, shift = _ALPHAS[best], weight[best, series], shift[best, series]
    parts = list(_smoothed(histories, lines, alpha[None], shift))
    level, power = (
        np.concatenate([getattr(part, name)[1:, 0] for part in parts]) for name in ("level", "power")
    )
    path = _States(level, power, lines.mean[1:], lines.slope[1:], lines.passed[1:])
    return _FittedTheta(alpha, weight, path, _States(*(of_all[-1] for of_all in vars(path).values())))


@dataclass(frozen=True)
class _Lines:
    """The lines through the values so far, before each time and behind the last: (time + 1, series) each."""

    mean: NDArray[np.float64]
    slope: NDArray[np.float64]
    passed: NDArray[np.float64]


def _lines(histories: AlignedHistories) -> _Lines:
    """They are the same for every alpha. A missing value leaves the line as it is."""
    seen = histories.seen
    values, whole = np.where(seen, histories.values, 0.0), np.asarray(seen.all(axis=1))
    passed = np.maximum(np.arange(len(values) + 1.0)[:, None] - histories.starts, 0.0)
    mean, slope = np.zeros(passed.shape), np.zeros(passed.shape)
    for t, turn in enumerate(zip(*_turns(passed[:-1]), strict=True)):
        value = values[t] if whole[t] else np.where(seen[t], values[t], mean[t] + turn[0] / 2 * slope[t])
        mean[t + 1], slope[t + 1] = _next_line(value, mean[t], slope[t], turn)
    return _Lines(mean, slope, passed)


@dataclass(frozen=True)
class _Smoothed:
    """Some times: level and power before each and behind the last (times + 1, alphas, series), and d of the
    module's formulas (times, alphas, series)."""

    times: slice
    level: NDArray[np.float64]
    power: NDArray[np.float64]
    line: NDArray[np.float64]


def _smoothed(histories: AlignedHistories, lines: _Lines, alpha: Array, shift: Array) -> Iterator[_Smoothed]:
    """Smooths every series by each alpha (alphas, 1 or series) from its first value and a shift (series,).

    A missing value is taken as the forecast of theta = 2. As many times at once as stay in cache.
    """
    seen, starts, count = histories.seen, histories.starts, len(histories.starts)
    values, whole, begins = (
        np.where(seen, histories.values, 0.0),
        np.asarray(seen.all(axis=1)),
        histories.begins(),
    )
    first, shape = values[starts, np.arange(count)] + shift, (len(alpha), count)
    alpha = np.broadcast_to(alpha, shape).copy()
    level, power, size = np.zeros(shape), np.ones(shape), max(1, _AT_ONCE // alpha.size)
    for start in range(0, len(values), size):
        times = slice(start, min(start + size, len(values)))
        begun = np.arange(times.start, times.stop)[:, None, None] >= starts
        powers = np.concatenate([power[None], np.where(begun, 1 - alpha, 1.0)])
        np.multiply.accumulate(powers, axis=0, out=powers)
        mean, slope, passed = (part[times, None] for part in (lines.mean, lines.slope, lines.passed))
        line = np.where(passed > 0, _line_ahead(powers[:-1], alpha, mean, slope, passed), 0.0)
        levels = np.empty(powers.shape)
        levels[0], every = level, np.repeat(values[times, None], len(alpha), axis=1)
        for k, t in enumerate(range(times.start, times.stop)):
            level, moved = levels[k], levels[k + 1]
            if t in begins:
                level[:, begins[t]] = first[begins[t]]
            value = every[k] if whole[t] else np.where(seen[t], every[k], level + line[k] / 2)
            np.subtract(value, level, moved)
            np.multiply(moved, alpha, moved)
            np.add(moved, level, moved)
        level, power = levels[-1], powers[-1]
        yield _Smoothed(times, levels, powers, line)


def _spread(
    histories: AlignedHistories, fitted: _FittedTheta, horizon: int, season: Array
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard deviation of the errors of the seasonally adjusted series (horizon, series), and its degrees
    of freedom. season: indices that were fitted, (series,)."""
    length = len(histories.values)
    # A line through few values says little of the errors of one through all.
    early = np.arange(length)[:, None] + 1 < histories.starts + histories.lengths / 3
    made = _ahead(fitted.path, fitted, min(horizon, length))

    def errors(step: int) -> Array:
        wrong = histories.values[step:] - made[step - 1, : length - step]
        return np.where(early[: length - step], np.nan, wrong)

    # A random walk of alpha times the errors, and a drift that is estimated from it.
    steps = np.arange(horizon)[:, None]
    formula = 1 + fitted.alpha**2 * (steps + (fitted.weight * steps) ** 2 / histories.lengths)
    return spread_ahead(errors, length - 1, formula, histories.counts, _PARAMETERS + season)
