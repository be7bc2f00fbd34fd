"""A history as its level, its season, and the rest: what `forecasting.reasons` takes away in turn.

The season is what each place of the season adds to the moving mean over a season, averaged over seven
neighbouring seasons, so that it may change; as in STL (Cleveland et al. 1990, Journal of Official
Statistics 6:3), with means in the place of local regressions.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.seasonal_indices import moving_mean
from lstmcli.series.arrays import Array

_AROUND = 3  # neighbouring seasons on each side
_FEWEST = 10  # values that give a level


@dataclass(frozen=True)
class HistoryParts:
    """values  (n,) of a history, NaN where missing
    level     the mean of the newest values without their season
    season    (n,) what the season adds; mean 0 over each season
    log       whether the parts are of logarithms
    """

    values: NDArray[np.float64]
    level: float
    season: NDArray[np.float64]
    log: bool

    def with_parts(self, season: bool, course: bool) -> NDArray[np.float64]:
        """The history without its season, without its course (all that is neither level nor season), or with
        the level alone: (n,), NaN where it is. Not below zero where it never was."""
        if season and course:
            return self.values
        known = self._work - self.season if course else np.full(len(self.values), self.level)
        made = known + self.season if season else known
        made = np.exp(made) if self.log else made
        made = np.maximum(made, 0.0) if not (self.values < 0).any() else made
        return np.where(np.isnan(self.values), np.nan, made)

    @cached_property
    def _work(self) -> NDArray[np.float64]:
        return np.log(self.values) if self.log else self.values


def history_parts(values: Array, seasons: tuple[int, int], horizon: int, log: bool) -> HistoryParts:
    """The parts of a history (n,), NaN where missing.

    seasons: a season and a longer one, or the same again; 1 for none. The longer one is taken where the
    history has two of it. horizon: the level is that of as many values, at least ten, in whole seasons. log:
    the values are positive, and parts are factors.
    """
    given = np.asarray(values, np.float64)
    work = np.log(given) if log else given
    length = next((s for s in (max(seasons), min(seasons)) if 1 < s <= len(work) // 2), 1)
    season = _season(work, length) if length > 1 else np.zeros(len(work))
    apart = work - season
    newest = apart[-(-(-max(horizon, _FEWEST) // length) * length) :]
    seen = newest if not np.isnan(newest).all() else apart
    level = float(np.nanmean(seen)) if not np.isnan(seen).all() else 0.0
    known = work[~np.isnan(work)]
    if known.size and known.min() == known.max():  # without digits of rounding
        level, season = float(known[0]), np.zeros(len(work))
    return HistoryParts(given, level, season, log)


def _season(values: Array, length: int) -> NDArray[np.float64]:
    """(n,) what the season adds at each time, of at least two seasons of values."""
    apart = values - moving_mean(values[:, None], length)[:, 0]
    front = -len(values) % length
    by_season = np.concatenate([np.full(front, np.nan), apart]).reshape(-1, length)
    known = ~np.isnan(by_season)
    total, weights = np.zeros(by_season.shape), np.zeros(by_season.shape)
    filled, count = np.where(known, by_season, 0.0), len(by_season)
    for away in range(-min(_AROUND, count - 1), min(_AROUND, count - 1) + 1):
        weight = _AROUND + 1 - abs(away)
        here, there = slice(max(0, -away), count - max(0, away)), slice(max(0, away), count - max(0, -away))
        total[here] += weight * filled[there]
        weights[here] += weight * known[there]
    overall = filled.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    found = np.where(weights > 0, total / np.maximum(weights, 1), overall)
    found -= found.mean(axis=1, keepdims=True)
    return np.asarray(found.ravel()[front:])
