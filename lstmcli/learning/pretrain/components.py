"""What made-up series are put together from: seasons, trends, noise; for many series (rows) at once.

Every function takes a generator of random numbers and gives (rows, length); each row has its own parameters.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array

Ints = NDArray[np.int64]
Random = np.random.Generator


def uniform(rng: Random, low: float, high: float, rows: int) -> Array:
    """One number a row, as a column (rows, 1)."""
    return rng.uniform(low, high, (rows, 1))


def log_uniform(rng: Random, low: float, high: float, rows: int) -> Array:
    """exp of a uniform number between log(low) and log(high), as a column."""
    return np.exp(rng.uniform(np.log(low), np.log(high), (rows, 1)))


def filtered(noise: Array, coefficient: Array) -> Array:
    """The AR(1) process x[t] = a x[t-1] + e[t] of noise (rows, length); coefficient: (rows,)."""
    made, state = np.empty_like(noise), noise[:, 0].copy()
    made[:, 0] = state
    for t in range(1, noise.shape[1]):
        state = coefficient * state + noise[:, t]
        made[:, t] = state
    return made


def smooth_noise(rng: Random, rows: int, length: int, memory: Array) -> Array:
    """AR(1) noise of unit variance, whose correlation falls to 1/e after `memory` (rows, 1) steps."""
    a = np.exp(-1 / np.maximum(memory[:, 0], 1e-3))
    noise = rng.standard_normal((rows, length))
    noise[:, 1:] *= np.sqrt(1 - a * a)[:, None]
    return filtered(noise, a)


def profiles(rng: Random, season: Ints) -> Array:
    """The shape of one season a row, mean 0 and deviation 1: (rows, longest season), zeros behind it."""
    rows, longest = len(season), int(season.max())
    place = np.arange(longest)
    inside = place < season[:, None]
    phase = place / season[:, None]
    kinds = np.where((season <= 12) & (rng.random(rows) < 0.6), 0, rng.integers(0, 6, rows))
    made = rng.standard_normal((rows, longest))  # kind 0: each place by itself
    smooth = (season > 12) & (rng.random(rows) < 0.7) & (kinds == 0)
    kinds[smooth] = 1
    for kind, shape in enumerate((_harmonics, _harmonics, _bumps, _open_hours, _saw_teeth), start=1):
        chosen = kinds == kind
        if chosen.any():
            made[chosen] = shape(rng, phase[chosen])
    count = inside.sum(axis=1, keepdims=True)
    made = np.where(inside, made - (made * inside).sum(axis=1, keepdims=True) / count, 0)
    deviation = np.sqrt(np.square(made).sum(axis=1, keepdims=True) / count)
    return made / np.where(deviation > 1e-9, deviation, 1)


def _harmonics(rng: Random, phase: Array) -> Array:
    rows, most = len(phase), 8
    count, fall = rng.integers(1, most + 1, (rows, 1)), uniform(rng, 0.3, 1.5, rows)
    made = np.zeros_like(phase)
    for k in range(1, most + 1):
        size = rng.standard_normal((rows, 1)) / k**fall * (k <= count)
        made += size * np.sin(2 * np.pi * (k * phase + rng.random((rows, 1))))
    return made


def _bumps(rng: Random, phase: Array) -> Array:
    rows = len(phase)

    def bump(low: float, high: float) -> Array:
        away = (phase - rng.random((rows, 1)) + 0.5) % 1 - 0.5
        return np.exp(-0.5 * np.square(away / uniform(rng, low, high, rows)))

    second = uniform(rng, 0.2, 1.2, rows) * (rng.random((rows, 1)) < 0.5)
    return np.asarray(bump(0.02, 0.25) + second * bump(0.02, 0.2))


def _open_hours(rng: Random, phase: Array) -> Array:
    low, high = np.sort(rng.random((2, len(phase), 1)), axis=0)
    return np.asarray(((phase >= low) & (phase <= high)) + 0.1 * rng.standard_normal(phase.shape))


def _saw_teeth(rng: Random, phase: Array) -> Array:
    rows = len(phase)
    rise, into = uniform(rng, 0.1, 0.9, rows), (phase - rng.random((rows, 1))) % 1
    return np.where(into < rise, into / rise, (1 - into) / (1 - rise))


def seasonal(rng: Random, season: Ints, length: int, strength: Array) -> Array:
    """A season whose shape and size may drift; strength: (rows, 1)."""
    rows = len(season)
    t = np.arange(length) + rng.integers(0, season)[:, None]
    place, number = t % season[:, None], t // season[:, None]
    made = np.take_along_axis(profiles(rng, season), place, axis=1)
    other = np.take_along_axis(profiles(rng, season), place, axis=1)
    memory = season[:, None] * log_uniform(rng, 3, 60, rows)
    drift = uniform(rng, 0, 0.6, rows) * (rng.random((rows, 1)) < 0.5)
    made = made + drift * smooth_noise(rng, rows, length, memory) * other
    of_season = rng.standard_normal((rows, int(number.max()) + 1))
    each = uniform(rng, 0, 0.4, rows) * (rng.random((rows, 1)) < 0.3)
    made = made * (1 + each * np.take_along_axis(of_season, number, axis=1))
    made = made + uniform(rng, 0, 0.3, rows) * (rng.random((rows, 1)) < 0.2) * rng.standard_normal(
        (rows, length)
    )
    swell = uniform(rng, 0, 0.6, rows) * (rng.random((rows, 1)) < 0.4)
    slow = smooth_noise(rng, rows, length, season[:, None] * log_uniform(rng, 1, 20, rows))
    return np.asarray(strength * made * np.exp(swell * slow) * (season[:, None] > 1))


def trends(rng: Random, rows: int, length: int) -> Array:
    """Lines, curves, S-curves, walks, broken lines, steps, slow waves, or none; of a few units in all."""
    t = np.broadcast_to(np.arange(length) / length, (rows, length))

    def normal() -> Array:
        return rng.standard_normal((rows, 1))

    made = np.zeros((rows, length))
    kinds = rng.integers(0, 9, rows)
    shapes: dict[int, Callable[[], Array]] = {
        1: lambda: 3 * normal() * t,
        2: lambda: 2 * normal() * t + 2 * normal() * t**2,
        3: lambda: normal() * 2 / (1 + np.exp(-uniform(rng, 2, 15, rows) * (t - rng.random((rows, 1))))),
        4: lambda: (
            rng.standard_normal((rows, length)).cumsum(1) / np.sqrt(length) * uniform(rng, 0.3, 4, rows)
        ),
        5: lambda: _unit(_local_trend(rng, rows, length)) * uniform(rng, 0.3, 3, rows),
        6: lambda: _broken_lines(rng, t),
        7: lambda: _level_shifts(rng, t),
        8: lambda: (
            smooth_noise(rng, rows, length, length * uniform(rng, 0.02, 0.5, rows))
            * uniform(rng, 0.3, 3, rows)
        ),
    }
    for kind, shape in shapes.items():
        chosen = kinds == kind
        if chosen.any():
            made[chosen] = shape()[chosen]
    return made


def _unit(values: Array) -> Array:
    return values / np.maximum(values.std(axis=1, keepdims=True), 1e-9)


def _local_trend(rng: Random, rows: int, length: int) -> Array:
    return filtered(rng.standard_normal((rows, length)), rng.uniform(0.8, 1, rows)).cumsum(axis=1)


def _broken_lines(rng: Random, t: Array) -> Array:
    """Up to five breaks: each adds a change of slope."""
    made = rng.standard_normal((len(t), 1)) * 2 * t
    for _ in range(5):
        used = rng.random((len(t), 1)) < 0.5
        made = made + used * rng.standard_normal((len(t), 1)) * 3 * np.maximum(t - rng.random((len(t), 1)), 0)
    return made


def _level_shifts(rng: Random, t: Array) -> Array:
    made = np.zeros_like(t)
    for chance in (1, 0.5, 0.3):
        used = rng.random((len(t), 1)) < chance
        size = rng.standard_normal((len(t), 1)) * uniform(rng, 0.3, 3, len(t))
        made = made + used * size * (t >= rng.random((len(t), 1)))
    return made


def disturbances(rng: Random, season: Ints, length: int) -> Array:
    """Noise: plain, with memory, with heavy tails, or whose size changes slowly or over the season."""
    rows, kinds = len(season), rng.integers(0, 6, len(season))[:, None]
    plain = rng.standard_normal((rows, length))
    memory = smooth_noise(rng, rows, length, log_uniform(rng, 0.5, 60, rows))
    heavy = 0.7 * rng.standard_t(rng.uniform(2.2, 6, (rows, 1)), (rows, length))
    slow = smooth_noise(rng, rows, length, log_uniform(rng, 5, 100, rows))
    place = np.arange(length) % season[:, None]
    over_season = np.take_along_axis(profiles(rng, season), place, axis=1) * (season[:, None] > 3)
    choices = (
        plain,
        memory,
        heavy,
        plain * np.exp(0.5 * slow),
        memory + 0.5 * plain,
        plain * (1 + 0.7 * over_season),
    )
    return np.select([kinds == kind for kind in range(len(choices))], choices)
