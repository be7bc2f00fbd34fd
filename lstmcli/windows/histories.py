"""What the built-in network sees of a series: figures of its scale, lagged differences, simple forecasts.

Everything is measured in numbers of the series' own: `loc` its mean, `spread` its standard deviation, `unit`
its mean seasonal change. The same functions serve prediction and pretraining.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Flags

SEGMENT = 12  # values that one recurrent step reads
AHEAD = 48  # steps of one forecast
VALUE_INPUTS = 5  # of each value: scaled level, three lagged differences, whether it was observed
SERIES_INPUTS = 9
_LOOKED_AT = 1024  # newest values that scales are measured on

Ints = NDArray[np.int64]
_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True)
class Histories:
    """Series in rows, some of them shorter than the row.

    values    (series, length), what is missing filled by `fill_missing`
    observed  (series, length) whether a value is known; False before the start of a series
    start     (series,) the place of the first value
    season, second  (series,) lengths in steps; 1 where there is none, second = season where there is one
    """

    values: Array
    observed: Flags
    start: Ints
    season: Ints
    second: Ints


@dataclass(frozen=True)
class Scales:
    """Of each series, (series,), before a time."""

    loc: Array
    spread: Array
    unit: Array


def take(values: NDArray[_Number], places: Ints) -> NDArray[_Number]:
    """Values (series, length) at places (series, ...); places outside are moved to the nearest end."""
    inside = np.clip(places, 0, values.shape[1] - 1).reshape(len(values), -1)
    return np.take_along_axis(values, inside, axis=1).reshape(places.shape)


def fill_missing(values: Array, observed: Flags, start: Ints, season: Ints) -> Array:
    """Values with what is missing taken from one season before or, in the first one, from the step before."""
    filled = np.where(observed, values, values.dtype.type(0))
    some = np.flatnonzero((~observed & (np.arange(values.shape[1]) >= start[:, None])).any(axis=1))
    if not some.size:
        return filled
    part, known, rows = filled[some], observed[some], np.arange(len(some))
    first, lag = start[some], season[some]
    for place in range(int(first.min()) + 1, values.shape[1]):
        gone = ~known[:, place] & (place > first)
        if gone.any():
            back = np.where(place - lag >= first, place - lag, place - 1)
            part[gone, place] = part[rows[gone], back[gone]]
    filled[some] = part
    return filled


def scales(known: Histories, end: Ints) -> Scales:
    """Measured on the newest values before `end` (series,)."""
    x, place = known.values, np.arange(known.values.shape[1])
    inside = (place < end[:, None]) & (place >= end[:, None] - _LOOKED_AT) & known.observed
    count = np.maximum(inside.sum(axis=1), 1)
    loc = (x * inside).sum(axis=1, dtype=np.float64) / count
    spread = np.sqrt((np.square(x - loc[:, None]) * inside).sum(axis=1) / count)
    seasonal, pairs = _mean_change(known, inside, known.season)
    single, _ = _mean_change(known, inside, np.ones_like(known.season))
    largest = np.abs(x * inside).max(axis=1)
    least = np.where(largest > 0, np.maximum(1e-9 * largest, 1e-300), 1e-9)  # no denormal, which is coarse
    unit = np.where(pairs >= 3, np.minimum(seasonal, 3 * single + 1e-3 * least), single)
    spread = np.maximum(spread, 1e-6 * np.abs(loc) + least)
    return Scales(loc, spread, np.maximum(unit, 1e-2 * spread))


def _mean_change(known: Histories, inside: Flags, lag: Ints) -> tuple[Array, Ints]:
    """Mean |x[t] - x[t - lag]| over the pairs that are observed, and how many there are."""
    before = np.arange(known.values.shape[1]) - lag[:, None]
    pairs = inside & (before >= 0) & take(known.observed, before)
    sizes = np.abs(known.values - take(known.values, before)) * pairs
    count = pairs.sum(axis=1)
    return sizes.sum(axis=1, dtype=np.float64) / np.maximum(count, 1), count


def value_inputs(known: Histories, scale: Scales, end: Ints, steps: int) -> Array:
    """What the recurrent layer reads, the last step ending before `end`: (series, steps, inputs)."""
    places = end[:, None] - steps * SEGMENT + np.arange(steps * SEGMENT)
    seen = (places >= known.start[:, None]) & take(known.observed, places)
    x = take(known.values, places)
    level = np.clip((x - scale.loc[:, None]) / scale.spread[:, None], -10, 10) * seen
    columns = [level]
    for lag in (known.season, known.second, np.ones_like(known.season)):
        before = places - lag[:, None]
        pairs = seen & (before >= known.start[:, None]) & take(known.observed, before)
        columns.append(np.arcsinh((x - take(known.values, before)) / scale.unit[:, None]) * pairs)
    stacked = np.stack([*columns, seen.astype(np.float64)], axis=2).astype(np.float32)
    return stacked.reshape(len(x), steps, SEGMENT * VALUE_INPUTS)


def series_inputs(known: Histories, scale: Scales, end: Ints) -> Array:
    """What describes a whole series: (series, SERIES_INPUTS)."""
    season, count = known.season.astype(np.float64), np.maximum(end - known.start, 1)
    place = np.arange(known.values.shape[1])
    inside = (place < end[:, None]) & known.observed
    smallest = np.where(inside, known.values, np.inf).min(axis=1)
    zeros = ((known.values == 0) & inside).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    positive = smallest > 0
    columns = (
        np.log(season) / 6,
        np.log(known.second) / 6,
        np.log(scale.unit / scale.spread) / 4,
        np.log(count) / 7,
        np.log1p(np.minimum(count / season, 20)) / 3,
        season == 1,
        np.where(positive, np.arcsinh(scale.loc / scale.spread) / 4, 0),
        positive,
        zeros,
    )
    return np.stack(columns, axis=1).astype(np.float32)
