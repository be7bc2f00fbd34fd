"""Simple forecasts that the built-in network mixes: made at several origins of many series at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lstmcli.series.arrays import Array, Flags
from lstmcli.windows.histories import AHEAD, Histories, Ints, take

CANDIDATES = (
    "season repeated",
    "mean of four seasons",
    "last value",
    "drift",
    "second season repeated",
    "level of the last season",
    "season repeated, with growth",
    "mean of eight values",
    "season and slow level",
    "season and quick level",
    "season, level and half the trend",
    "season, level and damped trend",
    "season repeated, with relative growth",
    "season and relative level",
)
_SEASONS = 4  # that are averaged
_SMOOTHED = 48  # newest values that levels are smoothed over
_DAMPING = 0.9
_GROWTH = (0.3, 3.0)  # between which a season may be relative to the one before


def simple_candidates(known: Histories, origins: Ints) -> Array:
    """(series, origins, AHEAD, len(CANDIDATES)) in the units and the type of the values.

    origins: (series, origins), places of the first value that is forecast.
    """
    return _Candidates(known, origins).stacked()


@dataclass(frozen=True)
class _Candidates:
    known: Histories
    origins: Ints

    @cached_property
    def ahead(self) -> Ints:
        return np.arange(AHEAD)[None, None]

    @cached_property
    def season(self) -> Ints:
        return self.known.season[:, None, None]

    @cached_property
    def start(self) -> Ints:
        return self.known.start[:, None, None]

    @cached_property
    def _sums(self) -> Array:
        """Sums of the values before each place, (series, length + 1)."""
        return np.pad(np.cumsum(self.known.values, axis=1, dtype=np.float64), ((0, 0), (1, 0)))

    def mean(self, first: Ints, end: Ints) -> Array:
        """Mean of the values from `first` to before `end`, (series, origins) each."""
        sums = take(self._sums, end) - take(self._sums, first)
        return np.asarray(sums / np.maximum(end - first, 1))

    def repeated(self, season: Ints, back: int = 1) -> tuple[Array, Flags]:
        """Values some seasons before, and whether they belong to the series."""
        places = self.origins[..., None] + self.ahead % season - back * season
        return take(self.known.values, places), places >= self.start

    @cached_property
    def last(self) -> Array:
        return take(self.known.values, self.origins - 1)

    @cached_property
    def naive(self) -> Array:
        values, inside = self.repeated(self.season)
        return np.where(inside, values, self.last[..., None])

    @cached_property
    def seasonal_mean(self) -> Array:
        """Mean of the last seasons at each step ahead; the last value where there is none."""
        total, count = np.zeros(self.naive.shape), np.zeros(self.naive.shape)
        for back in range(1, _SEASONS + 1):
            values, inside = self.repeated(self.season, back)
            total += values * inside
            count += inside
        return np.where(count > 0, total / np.maximum(count, 1), self.last[..., None])

    @cached_property
    def levels(self) -> tuple[Array, Array]:
        """Mean of the last season and of the one before."""
        season, start = self.known.season[:, None], self.known.start[:, None]
        one = np.maximum(self.origins - season, start)
        two = np.maximum(self.origins - 2 * season, start)
        return self.mean(one, self.origins), self.mean(two, np.maximum(one, start + 1))

    @cached_property
    def past(self) -> tuple[Array, Array, Flags]:
        """The newest values, the mean of the seasons before each, and where both are known."""
        places = self.origins[..., None] - 1 - np.arange(_SMOOTHED)
        seasonal = self.known.season[:, None, None] > 1
        total, count = np.zeros(places.shape), np.zeros(places.shape)
        for back in range(1, _SEASONS + 1):
            before = places - back * self.season
            inside = (before >= self.start) & seasonal
            total += take(self.known.values, before) * inside
            count += inside
        inside = (places >= self.start) & ((count > 0) | ~seasonal)
        return take(self.known.values, places), total / np.maximum(count, 1), inside

    def smoothed(self, values: Array, alpha: float) -> Array:
        """The exponentially weighted mean of the newest values, (series, origins)."""
        weights = (1 - alpha) ** np.arange(_SMOOTHED) * self.past[2]
        return np.asarray((values * weights).sum(axis=-1) / np.maximum(weights.sum(axis=-1), 1e-9))

    @cached_property
    def slope(self) -> Array:
        """Of the least-squares line through the whole history, (series, origins)."""
        start = np.broadcast_to(self.known.start[:, None], self.origins.shape)
        count = np.maximum(self.origins - start, 2).astype(np.float64)
        places = np.arange(self.known.values.shape[1], dtype=np.float64)
        weighted = np.pad(np.cumsum(self.known.values * places, axis=1), ((0, 0), (1, 0)))
        total = take(self._sums, self.origins) - take(self._sums, start)
        moment = take(weighted, self.origins) - take(weighted, start) - start * total
        return np.asarray((moment - total * (count - 1) / 2) / (count * (count * count - 1) / 12))

    @cached_property
    def local_slope(self) -> Array:
        """Difference of the means of the last two seasons, or of the halves of a short history."""
        count = self.origins - self.known.start[:, None]
        size = np.clip(np.maximum(self.known.season, 4)[:, None], 1, np.maximum(count // 2, 1))
        newer, older = (
            self.mean(self.origins - size, self.origins),
            self.mean(self.origins - 2 * size, self.origins - size),
        )
        return np.asarray((newer - older) / size)

    def stacked(self) -> Array:
        last, naive, means = self.last[..., None], self.naive, self.seasonal_mean
        seasonal, whole = self.season > 1, np.ones(naive.shape)
        seasons_on = 1 + self.ahead // self.season
        count = self.origins - self.known.start[:, None]
        reach = np.maximum(np.minimum(count - 1, np.maximum(self.known.season, 8)[:, None]), 1)
        drift = (self.last - take(self.known.values, self.origins - 1 - reach)) / reach
        second, inside = self.repeated(self.known.second[:, None, None])
        level, before = self.levels
        two_seasons = (count >= 2 * self.known.season[:, None])[..., None]
        growth = naive + np.where(two_seasons, (level - before)[..., None], 0) * seasons_on
        eight = self.mean(np.maximum(self.origins - 8, self.known.start[:, None]), self.origins)
        values, usual, _ = self.past
        rest = values - np.where(seasonal, usual, 0)
        base = np.where(seasonal, means, 0)
        slow, middle, quick = (self.smoothed(rest, alpha)[..., None] for alpha in (0.2, 0.3, 0.5))
        damped = np.cumsum(_DAMPING ** (np.arange(AHEAD) + 1.0))
        additive = (
            naive,
            means,
            last * whole,
            last + (self.ahead + 1) * drift[..., None],
            np.where(inside, second, naive),
            level[..., None] * whole,
            growth,
            eight[..., None] * whole,
            base + slow,
            base + quick,
            base + middle + 0.5 * self.slope[..., None] * (self.ahead + 1 / 0.3),
            base + quick + self.local_slope[..., None] * damped,
        )
        made = np.stack([*additive, *self._relative(growth, base + quick, seasons_on, two_seasons)], axis=-1)
        return made.astype(self.known.values.dtype)

    def _relative(
        self, growth: Array, smoothed: Array, seasons_on: Ints, two_seasons: Flags
    ) -> tuple[Array, Array]:
        """Growth and level as factors where all values are positive; else the additive forecasts."""
        x, place = self.known.values, np.arange(self.known.values.shape[1])
        inside = (place >= self.known.start[:, None]) & (place < self.origins[:, :1])
        positive = (np.where(inside & self.known.observed, x, np.inf).min(axis=1) > 0)[:, None, None]
        level, before = (np.where(positive[..., 0], part, 1.0) for part in self.levels)
        ratio = np.clip(level / np.maximum(before, 1e-30), *_GROWTH)[..., None] ** np.minimum(seasons_on, 4)
        values, usual, _ = self.past
        factors = np.where(positive & (usual > 0), values / np.maximum(usual, 1e-30), 1.0)
        factor = np.clip(self.smoothed(factors, 0.5), *_GROWTH)[..., None]
        seasonal = positive & (self.season > 1)
        return (
            np.where(positive & two_seasons, self.naive * ratio, growth),
            np.where(seasonal, self.seasonal_mean * factor, smoothed),
        )
