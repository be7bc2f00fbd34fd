"""Made-up series of one kind each, many at once: (rows, length) with one season a row."""

import numpy as np

from lstmcli.learning.pretrain.components import (
    Ints,
    Random,
    disturbances,
    filtered,
    log_uniform,
    profiles,
    seasonal,
    smooth_noise,
    trends,
    uniform,
)
from lstmcli.series.arrays import Array

# Longer seasons that days of hours, weeks of days and the like have beside them.
SECOND = {24: 168, 48: 336, 96: 672, 144: 1008, 7: 364}
_DAYS = 7


def sums(rng: Random, season: Ints, length: int, strong_trend: bool = False) -> Array:
    """Season + trend + noise, a third of them as exponents: positive series that grow by factors."""
    rows = len(season)
    made = seasonal(rng, season, length, log_uniform(rng, 0.15, 3, rows))
    made = made + _longer_season(rng, season, made)
    most = 9.0 if strong_trend else 2.0
    made = made + trends(rng, rows, length) * log_uniform(rng, 0.13, most, rows)
    if strong_trend:
        made = made + trends(rng, rows, length) * log_uniform(rng, 0.13, 2.7, rows) * (
            rng.random((rows, 1)) < 0.3
        )
    made = made + disturbances(rng, season, length) * log_uniform(rng, 0.018, 1.35, rows)
    size = uniform(rng, 0.05, 0.9, rows) / np.maximum(made.std(axis=1, keepdims=True), 1e-9)
    exponents = rng.random((rows, 1)) < 0.4
    return np.where(exponents, np.exp(np.clip(made * size, -30, 30)), made)


def _longer_season(rng: Random, season: Ints, made: Array) -> Array:
    """Days off, weekly or yearly shapes beside the season, for three fifths of the rows that can."""
    rows, length = made.shape
    second = np.array([SECOND.get(int(s), 0) for s in season])
    has = (second > 0) & (rng.random(rows) < 0.6)
    if not has.any():
        return np.zeros_like(made)
    lag = np.where(has, second, 1)
    shape = seasonal(rng, lag, length, log_uniform(rng, 0.2, 2, rows))
    day = (np.arange(length) // season[:, None] + rng.integers(0, _DAYS, (rows, 1))) % _DAYS
    off = np.take_along_axis(rng.random((rows, _DAYS)) < 0.35, day, axis=1)
    holiday = np.take_along_axis(
        rng.random((rows, length)) < 0.03, np.arange(length) // season[:, None], axis=1
    ) & (rng.random((rows, 1)) < 0.5)
    closed = np.where(
        off | holiday, made * (uniform(rng, 0.2, 1, rows) - 1) + uniform(rng, -1.5, 0.3, rows), 0
    )
    by_days = (season != _DAYS)[:, None] & (rng.random((rows, 1)) < 0.5)
    return np.where(has[:, None], np.where(by_days, closed, shape), 0)


def smoothing_paths(rng: Random, season: Ints, length: int) -> Array:
    """Exponential smoothing in state space: level, damped trend, season; errors added or relative."""
    rows, row = len(season), np.arange(len(season))
    alpha = np.where(rng.random(rows) < 0.7, rng.beta(1, 3, rows), rng.random(rows))
    damping = np.where(rng.random(rows) < 0.7, rng.uniform(0.8, 1, rows), 0)
    beta, gamma = alpha * rng.beta(1, 6, rows), rng.beta(1, 8, rows) * (1 - alpha)
    errors = np.where(
        rng.random((rows, 1)) < 0.7,
        rng.standard_normal((rows, length)),
        0.8 * rng.standard_t(4, (rows, length)),
    )
    errors *= log_uniform(rng, 0.011, 0.37, rows)
    level, slope = np.ones(rows), rng.standard_normal(rows) * log_uniform(rng, 0.0025, 0.11, rows)[:, 0]
    seasons = profiles(rng, season) * log_uniform(rng, 0.018, 0.5, rows) * (season[:, None] > 1)
    gamma = gamma * (season > 1)
    made = np.empty((rows, length))
    for t in range(length):
        place = t % season
        made[:, t] = level + damping * slope + seasons[row, place] + errors[:, t]
        level = level + damping * slope + alpha * errors[:, t]
        slope = damping * slope + beta * errors[:, t]
        seasons[row, place] += gamma * errors[:, t]
    moved = (made - made[:, :1]) * uniform(rng, 0.3, 1.2, rows)
    relative = (rng.random((rows, 1)) < 0.5) & (np.abs(moved).max(axis=1, keepdims=True) < 25)
    return np.where(relative, np.exp(np.where(relative, moved, 0)), made)


def seasonal_arima(rng: Random, season: Ints, length: int) -> Array:
    """Seasonal ARIMA paths, differenced or not, a part of them as exponents."""
    rows, warm_up = len(season), 100
    longest = int(season.max())
    row, whole = np.arange(rows), length + warm_up
    noise = rng.standard_normal((rows, whole + longest))
    heavy = rng.random((rows, 1)) < 0.2
    noise = np.where(heavy, rng.standard_t(4, noise.shape), noise)
    has = season > 1
    own, moving = rng.uniform(-0.4, 0.9, rows), rng.uniform(-0.8, 0.6, rows)
    seasonal_own = np.where(has & (rng.random(rows) < 0.6), rng.uniform(0, 0.9, rows), 0)
    seasonal_own = np.where(has & (rng.random(rows) < 0.3), 1.0, seasonal_own)
    seasonal_moving = np.where(has, rng.uniform(-0.9, 0.2, rows), 0)
    own = np.where(seasonal_own == 1, 0.5 * own, own)
    made = np.zeros((rows, whole + longest))
    shocks = noise.copy()
    shocks[:, 1:] += moving[:, None] * noise[:, :-1]
    for t in range(longest, whole + longest):
        before = t - season
        made[:, t] = shocks[:, t] + seasonal_moving * shocks[row, before] + own * made[:, t - 1]
        made[:, t] += seasonal_own * (made[row, before] - own * made[row, np.maximum(before - 1, 0)])
    made = made[:, -length:]
    summed = rng.random((rows, 1))
    made = np.where(summed < 0.5, made.cumsum(axis=1), made)
    made = made + rng.standard_normal((rows, 1)) * made.std(axis=1, keepdims=True) * np.arange(
        length
    ) / length * (rng.choice([0, 0, 1, 3], (rows, 1)))
    made = made / np.maximum(made.std(axis=1, keepdims=True), 1e-9)
    made = made + seasonal(rng, season, length, log_uniform(rng, 0.13, 2.7, rows))
    exponents = rng.random((rows, 1)) < 0.4
    return np.where(exponents, np.exp(np.clip(made * uniform(rng, 0.05, 0.7, rows), -30, 30)), made)


def walks(rng: Random, season: Ints, length: int) -> Array:
    """Random walks and processes that return to their mean, some as exponents."""
    rows = len(season)
    steps = rng.standard_t(rng.uniform(2.5, 30, (rows, 1)), (rows, length)).cumsum(axis=1)
    back = smooth_noise(rng, rows, length, log_uniform(rng, 3, 300, rows))
    made = np.where(rng.random((rows, 1)) < 0.6, steps, back)
    size = uniform(rng, 0.05, 0.8, rows) / np.maximum(made.std(axis=1, keepdims=True), 1e-9)
    exponents = rng.random((rows, 1)) < 0.4
    return np.where(exponents, np.exp(np.clip(made * size, -30, 30)), made)


def growths(rng: Random, season: Ints, length: int) -> Array:
    """Growth by factors: random walks of the logarithm with a drift that changes slowly, and a season."""
    rows = len(season)
    drift = log_uniform(rng, 0.08, 2.5, rows) * np.where(rng.random((rows, 1)) < 0.8, 1, -1)
    memory = log_uniform(rng, 3, 200, rows)
    turning = uniform(rng, 0, 1.2, rows) * (rng.random((rows, 1)) < 0.6)
    drift = drift * (1 + turning * smooth_noise(rng, rows, length, memory))
    steps = rng.standard_t(rng.uniform(3, 30, (rows, 1)), (rows, length))
    kept = smooth_noise(rng, rows, length, log_uniform(rng, 0.3, 4, rows))
    steps = np.where(rng.random((rows, 1)) < 0.4, kept, steps)
    made = (drift + steps).cumsum(axis=1)
    made = made / np.maximum(made.std(axis=1, keepdims=True), 1e-9) * log_uniform(rng, 0.05, 1.2, rows)
    made = made + seasonal(rng, season, length, log_uniform(rng, 0.02, 0.5, rows))
    made = made + disturbances(rng, season, length) * log_uniform(rng, 0.002, 0.06, rows)
    plain = rng.random((rows, 1)) < 0.25
    return np.where(plain, made, np.exp(np.clip(made, -30, 30)))


def cycles(rng: Random, season: Ints, length: int) -> Array:
    """Waves of no fixed length: AR(2) processes with complex roots."""
    rows, warm_up = len(season), 200
    size, angle = rng.uniform(0.7, 0.995, rows), 2 * np.pi / rng.uniform(3, 60, rows)
    first, second = 2 * size * np.cos(angle), -(size**2)
    noise = rng.standard_normal((rows, length + warm_up))
    made = np.zeros_like(noise)
    for t in range(2, made.shape[1]):
        made[:, t] = first * made[:, t - 1] + second * made[:, t - 2] + noise[:, t]
    made = made[:, warm_up:]
    made = made / np.maximum(made.std(axis=1, keepdims=True), 1e-9)
    sharp = rng.random((rows, 1)) < 0.3  # as counts of sun spots: high peaks, flat bottoms
    made = np.where(sharp, np.square(made - made.min(axis=1, keepdims=True)), made)
    return made + trends(rng, rows, length) * uniform(rng, 0, 1, rows)


def counts(rng: Random, season: Ints, length: int) -> Array:
    """Poisson counts, with stretches of zeros in two fifths of the rows."""
    rows = len(season)
    rate = uniform(rng, -1.5, 4, rows) + uniform(rng, 0, 0.8, rows) * trends(rng, rows, length)
    rate = rate + seasonal(rng, season, length, uniform(rng, 0, 0.7, rows))
    rate = rate + uniform(rng, 0, 0.4, rows) * smooth_noise(rng, rows, length, log_uniform(rng, 1, 60, rows))
    made = rng.poisson(np.exp(np.clip(rate, -8, 9))).astype(np.float64)
    sparse = rng.random((rows, 1)) < 0.4
    return made * np.where(sparse, rng.random((rows, length)) < uniform(rng, 0.2, 0.9, rows), 1)


def regimes(rng: Random, season: Ints, length: int) -> Array:
    """Two sums that take turns: which one holds follows a slow process."""
    rows = len(season)
    one, other = sums(rng, season, length), sums(rng, season, length)
    one, other = (part / np.maximum(part.std(axis=1, keepdims=True), 1e-9) for part in (one, other))
    turn = smooth_noise(rng, rows, length, log_uniform(rng, 20, 400, rows)) > uniform(rng, -0.5, 1, rows)
    return np.where(turn, one, other)


def pulses(rng: Random, season: Ints, length: int) -> Array:
    """Shocks that fade: visits after news, sales after a promotion."""
    rows = len(season)
    hits = (rng.random((rows, length)) < log_uniform(rng, 0.003, 0.06, rows)) * rng.pareto(
        2.5, (rows, length)
    )
    made = filtered(hits, rng.uniform(0.2, 0.97, rows))
    base = seasonal(rng, season, length, log_uniform(rng, 0.1, 1, rows)) + disturbances(
        rng, season, length
    ) * uniform(rng, 0.05, 0.5, rows)
    made = made / np.maximum(made.std(axis=1, keepdims=True), 1e-9) * uniform(rng, 0.3, 2, rows)
    return np.where(rng.random((rows, 1)) < 0.5, np.exp(0.5 * base) * (0.3 + made), base + made)
