"""Histories of several series side by side, for simple forecasts that go through time once for all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Indices

# The last values that exponential smoothing and Theta read: these many seasons, and these many values at
# least. Measured on 309 series of 60 to 1,000 values, hours to years, mean of both methods, error over that
# of seasonal naive: 0.856; with 4, 6, 12, 20, 40 seasons 0.866, 0.876, 0.877, 0.891, 0.894; with 60, 150,
# 200 values at least 0.864, 0.879, 0.877.
_SEASONS, _FEWEST = 8, 100
_MOST, _LEAST_SEASONS = 2000, 3  # of a long season fewer, as time goes with the values
_BLOCK_VALUES = 25_600  # values of one block: what the loops over time work on stays in cache


@dataclass(frozen=True)
class AlignedHistories:
    """Histories that end together.

    values  (time, series), NaN where missing and before a series begins
    starts  (series,) time of the first observed value of each
    """

    values: NDArray[np.float64]
    starts: Indices

    @property
    def seen(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.values)

    @property
    def counts(self) -> Indices:
        """Observed values of each series."""
        return self.seen.sum(axis=0)

    @property
    def lengths(self) -> Indices:
        """Steps from the first observed value to the end, (series,)."""
        return len(self.values) - self.starts

    @property
    def positive(self) -> NDArray[np.bool_]:
        """Series whose values are all above zero."""
        return np.asarray(np.fmin.reduce(self.values, axis=0) > 0)

    def begins(self) -> dict[int, Indices]:
        """The series that begin at a time, by time."""
        return {int(t): np.flatnonzero(self.starts == t) for t in np.unique(self.starts)}

    def phases(self, season: int, first: int = 0, count: int | None = None) -> Indices:
        """Position in the season of `count` times from `first`."""
        return (first + np.arange(len(self.values) if count is None else count)) % season


@dataclass(frozen=True)
class SpreadForecast:
    """A forecast by a simple method.

    point    (series, horizon)
    spread   (series, horizon) standard deviation of its errors
    freedom  (series,) degrees of freedom behind the spread
    """

    point: NDArray[np.float64]
    spread: NDArray[np.float64]
    freedom: NDArray[np.float64]


def read_length(season: int) -> int:
    """How many of the last values of a series the simple methods read."""
    return max(min(_SEASONS * season, _MOST), _LEAST_SEASONS * season, _FEWEST)


def forecast_aligned(
    method: Callable[[AlignedHistories, int, int], SpreadForecast],
    histories: Sequence[Array],
    season: int,
    horizon: int,
) -> SpreadForecast:
    """A method on histories (n,) of any lengths, at least one value of each observed.

    Series of like lengths are put together, a block at a time.
    """
    recent = [_recent(history, read_length(season)) for history in histories]
    order = np.argsort([len(values) for values in recent], kind="stable")
    parts = [method(align([recent[s] for s in block]), season, horizon) for block in _blocks(order, recent)]
    back = np.argsort(order, kind="stable")
    return SpreadForecast(
        np.concatenate([part.point for part in parts])[back],
        np.concatenate([part.spread for part in parts])[back],
        np.concatenate([part.freedom for part in parts])[back],
    )


def align(histories: Sequence[Array]) -> AlignedHistories:
    """Histories (n,) that begin with an observed value."""
    lengths = np.array([len(history) for history in histories])
    longest = int(lengths.max())
    values = np.full((longest, len(histories)), np.nan)
    for s, history in enumerate(histories):
        values[longest - len(history) :, s] = history
    return AlignedHistories(values, longest - lengths)


def _recent(history: Array, most: int) -> Array:
    """From the first to the last observed value at most `most` values, and what is missing after them."""
    end = len(history)  # a long series may be mapped: it is looked at from its end, not as a whole
    while not (seen := np.flatnonzero(~np.isnan(history[max(0, end - most) : end]))).size:
        end -= most
    last = max(0, end - most) + int(seen[-1])
    first = max(0, last - most + 1)
    return history[first + int(np.argmin(np.isnan(history[first : last + 1]))) :]


def _blocks(order: Indices, recent: Sequence[Array]) -> Iterator[Indices]:
    first = 0
    while first < len(order):
        count = max(1, _BLOCK_VALUES // len(recent[order[first]]))
        yield order[first : first + count]
        first += count
