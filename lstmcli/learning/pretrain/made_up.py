"""Made-up series of every kind with their seasons, in rows whose ends are aligned."""

from dataclasses import dataclass

import numpy as np

from lstmcli.learning.pretrain import families
from lstmcli.learning.pretrain.components import Ints, Random, log_uniform, uniform
from lstmcli.series.arrays import Array, Flags
from lstmcli.windows.histories import AHEAD, SEGMENT

ORIGINS = 4  # forecasts a window is trained on, SEGMENT steps apart
_LAST = AHEAD + (ORIGINS - 1) * SEGMENT  # values behind the first origin
_LONGEST = 1200
_SHORT = (10, 720)  # values before the first origin of short series

# Seasons and how often they are drawn: none, quarters, months, weeks, days, hours, minutes.
_LONG_SEASONS = {
    **{1: 4.0, 4: 2.0, 5: 0.8, 6: 0.5, 7: 4.0, 10: 0.5, 12: 4.0, 13: 0.3, 24: 7.0, 30: 0.5, 48: 2.0, 52: 1.5},
    **{60: 0.5, 96: 1.5, 144: 0.5, 168: 1.5, 288: 0.5, 365: 0.7},
}
_SHORT_SEASONS = {
    1: 7.0,
    2: 0.2,
    3: 0.2,
    4: 5.0,
    5: 0.5,
    6: 0.4,
    7: 3.0,
    12: 7.0,
    13: 0.3,
    24: 2.0,
    48: 0.3,
    52: 1.0,
}
_LONG_KINDS = {
    families.sums: 60,
    families.growths: 6,
    families.walks: 8,
    families.cycles: 6,
    families.counts: 7,
    families.regimes: 6,
    families.pulses: 5,
    families.seasonal_arima: 8,
}
_SHORT_KINDS = {
    families.sums: 18,
    families.smoothing_paths: 28,
    families.growths: 20,
    families.seasonal_arima: 15,
    families.walks: 5,
    families.cycles: 4,
    families.counts: 5,
    families.regimes: 3,
    families.pulses: 3,
}
_STRONG = 0.6  # of short sums have trends that go far


@dataclass(frozen=True)
class MadeUp:
    """values: (rows, length) float32; count: (rows,) of them are a series, at the end of the row;
    season: (rows,)."""

    values: Array
    count: Ints
    season: Ints

    def __len__(self) -> int:
        return len(self.values)


def make_up(rng: Random, rows: int, short: bool) -> MadeUp:
    """Series of random kinds; short ones have from 10 values before the first origin."""
    length = _SHORT[1] + _LAST if short else _LONGEST
    season = _drawn(rng, _SHORT_SEASONS if short else _LONG_SEASONS, rows)
    count = np.full(rows, length)
    if short:
        count = log_uniform(rng, *_SHORT, rows)[:, 0].astype(np.int64) + _LAST
    values = np.empty((rows, length))
    order = np.argsort(count)  # short ones together: they take less time
    for part in np.array_split(order, max(1, rows // 128)):
        values[part] = _rows(rng, season[part], count[part], length, short)
    return MadeUp(values.astype(np.float32), count, season)


def _drawn(rng: Random, weights: dict[int, float], rows: int) -> Ints:
    share = np.array([*weights.values()])
    return rng.choice([*weights], rows, p=share / share.sum())


def _rows(rng: Random, season: Ints, count: Ints, length: int, short: bool) -> Array:
    longest = int(count.max())
    kinds = _SHORT_KINDS if short else _LONG_KINDS
    share = np.array([*kinds.values()], float)
    chosen = rng.choice(len(kinds), len(season), p=share / share.sum())
    made: Array = np.zeros((len(season), longest))
    for number, family in enumerate(kinds):
        rows = np.flatnonzero(chosen == number)
        if short and family is families.sums:
            far = rng.random(len(rows)) < _STRONG
            for part, strong in ((rows[far], True), (rows[~far], False)):
                if len(part):
                    made[part] = families.sums(rng, season[part], longest, strong)
        elif len(rows):
            made[rows] = family(rng, season[rows], longest)
    inside = np.arange(longest) >= longest - count[:, None]
    made = _levelled(rng, _spoiled(rng, _mixed(rng, made, season), season), inside)
    return np.pad(made * inside, ((0, 0), (length - longest, 0)))


def _mixed(rng: Random, made: Array, season: Ints) -> Array:
    """A tenth of the rows are means of two series of one season."""
    rows = len(made)
    other = rng.permutation(rows)
    same = (season == season[other]) & (rng.random(rows) < 0.3)
    unit = made / np.maximum(made.std(axis=1, keepdims=True), 1e-9)
    weight = uniform(rng, 0.2, 0.8, rows)
    return np.where(same[:, None], weight * unit + (1 - weight) * unit[other], made)


def _spoiled(rng: Random, made: Array, season: Ints) -> Array:
    """Outliers, limits such as the nights of a solar plant, round numbers, in some rows."""
    rows, length = made.shape
    deviation = made.std(axis=1, keepdims=True)
    hit = (rng.random((rows, length)) < log_uniform(rng, 0.001, 0.02, rows)) & (rng.random((rows, 1)) < 0.08)
    made = made + hit * rng.standard_normal((rows, length)) * deviation * uniform(rng, 2, 8, rows)
    floor = np.quantile(made, rng.uniform(0, 0.5), axis=1, keepdims=True)
    made = np.where((rng.random((rows, 1)) < 0.06) & (season[:, None] > 6), np.maximum(made, floor), made)
    unit = np.maximum(deviation / uniform(rng, 1, 6, rows), 1e-9)
    return np.where(rng.random((rows, 1)) < 0.04, np.round(made / unit) * unit, made)


def _levelled(rng: Random, made: Array, inside: Flags) -> Array:
    """In units of the deviation; those that are not positive are centred, or moved above zero."""
    count = inside.sum(axis=1, keepdims=True)
    mean = (made * inside).sum(axis=1, keepdims=True) / count
    deviation = np.sqrt((np.square(made - mean) * inside).sum(axis=1, keepdims=True) / count)
    made, mean = (part / np.maximum(deviation, 1e-9) for part in (made, mean))
    smallest = np.where(inside, made, np.inf).min(axis=1, keepdims=True)
    rows, kind = len(made), rng.random((len(made), 1))
    above = made - smallest + log_uniform(rng, 0.05, 10, rows)
    moved = np.where(
        kind < 0.5, above, np.where(kind < 0.75, made - mean, made - mean + uniform(rng, -4, 4, rows))
    )
    return np.where(smallest >= 0, made, moved)
