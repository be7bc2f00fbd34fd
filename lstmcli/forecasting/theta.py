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


def _next_line(value: Array, mean: Array, slope: Array, passed: Array) -> tuple[Array, Array]:
    """Mean and slope of the line with one value more."""
    later = passed + 1
    turned = ((later - 2) * slope + 6 / later * (value - mean)) / (later + 1)
    return mean + (value - mean) / later, np.where(later >= 2, turned, 0.0)


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
        mean, slope = _next_line(value, mean, slope, passed)
        power = power * (1 - fitted.alpha)
    return np.stack(made)


class _Sums:
    """Sums of products over time that give the least squares of each alpha, (alphas, series)."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.ee, self.dd, self.gg, self.de, self.ge, self.dg = (np.zeros(shape) for _ in range(6))

    def add(self, error: Array, line: Array, first: Array) -> None:
        self.ee += error * error
        self.dd += line * line
        self.gg += first * first
        self.de += line * error
        self.ge += first * error
        self.dg += line * first

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
    sums, _ = _go_through(histories, _ALPHAS[:, None], None)
    weight, shift, squares = sums.solve(histories.counts >= _FEWEST)
    best = np.argmin(np.where(np.isfinite(squares), squares, np.inf), axis=0)
    series = np.arange(len(best))
    alpha, weight, shift = _ALPHAS[best], weight[best, series], shift[best, series]
    _, path = _go_through(histories, alpha[None], shift)
    last = _States(*(getattr(path, name)[-1] for name in ("level", "power", "mean", "slope", "passed")))
    return _FittedTheta(alpha, weight, path, last)


def _go_through(histories: AlignedHistories, alpha: Array, shift: Array | None) -> tuple[_Sums, _States]:
    """Smooths every series by each alpha (alphas, 1 or series) from its first value.

    With `shift`, added to the first value of each series, the states behind every time are kept.
    A missing value is taken as the forecast of theta = 2.
    """
    count = histories.values.shape[1]
    shape = (len(alpha), count)
    seen = histories.seen
    values = np.where(seen, histories.values, 0.0)
    begins, counts = histories.begins(), histories.counts
    first = values[histories.starts, np.arange(count)] + (0.0 if shift is None else shift)
    level, power = np.zeros(shape), np.zeros(shape)
    mean, slope, passed = np.zeros(count), np.zeros(count), np.zeros(count)
    sums, path = _Sums(shape), []
    for t in range(len(values)):
        if t in begins:
            level[:, begins[t]], power[:, begins[t]] = first[begins[t]], 1.0
        begun = histories.starts <= t
        line = np.where(passed > 0, _line_ahead(power, alpha, mean, slope, passed), 0.0)
        if shift is None:
            counted = seen[t] & ((passed >= _SKIPPED) | (counts < _ENOUGH))
            sums.add((values[t] - level) * counted, line * counted, power * counted)
        expected = level + line / 2
        level += np.where(begun, alpha * (np.where(seen[t], values[t], expected) - level), 0.0)
        power *= np.where(begun, 1 - alpha, 1.0)
        on_line = mean + (passed + 1) / 2 * slope  # leaves the line as it is
        moved = _next_line(np.where(seen[t], values[t], on_line), mean, slope, passed)
        mean, slope = np.where(begun, moved[0], mean), np.where(begun, moved[1], slope)
        passed = passed + begun
        if shift is not None:
            path.append((level[0].copy(), power[0].copy(), mean, slope, passed))
    return sums, _States(*map(np.stack, zip(*path, strict=True))) if path else _NO_PATH


_NO_PATH = _States(*(np.empty(0),) * 5)


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
        if step >= length:
            return np.full((1, len(season)), np.nan)
        wrong = histories.values[step:] - made[step - 1, : length - step]
        return np.where(early[: length - step], np.nan, wrong)

    # A random walk of alpha times the errors, and a drift that is estimated from it.
    steps = np.arange(horizon)[:, None]
    formula = 1 + fitted.alpha**2 * (steps + (fitted.weight * steps) ** 2 / histories.lengths)
    return spread_ahead(errors, formula, histories.counts, _PARAMETERS + season)
