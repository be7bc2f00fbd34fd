"""The recursion of exponential smoothing, for many series and many parameters at once.

With l the level, b the trend, s the season and e the error of the forecast one step ahead:

    additive        e = y - (l + phi b + s)         s += gamma e
    multiplicative  e = y / ((l + phi b) s) - 1     s *= 1 + gamma e, and below e times (l + phi b)
    both            l, b = l + phi b + alpha e, phi b + beta e

These are the forms A,Ad,A and M,Ad,M of Hyndman, Koehler, Ord & Snyder (2008), Forecasting with
exponential smoothing; without season and trend s, b and phi are 0. At a missing value e is 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.aligned import AlignedHistories
from lstmcli.series.arrays import Array

_Call = tuple[np.ufunc, Array, Array, NDArray[np.float64]]
SeasonForm = Literal["none", "additive", "multiplicative"]


# Up to so many series the time goes by the number of calls of NumPy, and what it is given is written out: a
# call with arrays of one shape takes a quarter of that of one which has to repeat some.
FEW_SERIES = 8


@dataclass(frozen=True)
class SmoothingParameters:
    """Each (candidates, series) or broadcast to it."""

    alpha: NDArray[np.float64]
    beta: NDArray[np.float64]
    gamma: NDArray[np.float64]
    phi: NDArray[np.float64]


@dataclass(frozen=True)
class SmoothingStart:
    """States before the first value. level, trend: (candidates, series) or broadcast to it; season:
    (season, series), by position in the season as in `seasonal_indices`."""

    form: SeasonForm
    level: Array
    trend: Array
    season: Array


@dataclass(frozen=True)
class SmoothingPath:
    """States behind every time, and the errors there: each (time, candidates, series)."""

    level: NDArray[np.float64]
    trend: NDArray[np.float64]
    season: NDArray[np.float64] | None
    error: NDArray[np.float64]


@dataclass(frozen=True)
class Smoothed:
    """Sum of squared errors of each candidate (candidates, series); path: where it was asked for."""

    squares: NDArray[np.float64]
    path: SmoothingPath | None

    def of(self, chosen: NDArray[np.int64]) -> "Smoothed":
        """That of some candidates of each series, (chosen, series)."""
        squares = np.take_along_axis(self.squares, chosen, axis=0)
        if self.path is None:
            return Smoothed(squares, None)

        def some(states: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.take_along_axis(states, chosen[None], axis=1)

        path = self.path
        season = None if path.season is None else some(path.season)
        return Smoothed(squares, SmoothingPath(some(path.level), some(path.trend), season, some(path.error)))


def smooth(
    histories: AlignedHistories,
    parts: Sequence[tuple[SmoothingParameters, SmoothingStart]],
    path: bool = False,
) -> list[Smoothed]:
    """Smooths every series by every candidate of each part.

    parts: of one form each: those without season first, those whose season multiplies last. They go through
    time together.
    """
    seen = histories.seen
    weights, whole = seen.astype(np.float64), np.asarray(seen.all(axis=1))
    run = _Run(parts, histories)
    kept = _Kept(len(seen), run) if path else None
    begins = histories.begins()
    for t in range(len(seen)):
        if t in begins:
            run.states[:, :, begins[t]] = run.first[:, :, begins[t]]
        run.expect(t)
        if not whole[t]:
            run.error *= weights[t]
        if kept:
            kept.errors[t] = run.error
        run.learn(t)
        if kept:
            kept.states[t], kept.seasons[t] = run.states, run.season(t)
    return [Smoothed(run.squares[rows], kept.path(rows, run.cyclic) if kept else None) for rows in run.rows]


class _Run:
    """States of all candidates, changed in place: allocating them anew takes twice the time.

    Rows below `cyclic` have no season, those from `plain` on one that multiplies.
    """

    def __init__(
        self, parts: Sequence[tuple[SmoothingParameters, SmoothingStart]], histories: AlignedHistories
    ) -> None:
        counts = [np.broadcast_shapes(at.alpha.shape, at.phi.shape, on.level.shape)[0] for at, on in parts]
        ends = np.cumsum([0, *counts]).tolist()
        self.rows = [slice(*pair) for pair in pairwise(ends)]
        forms = np.repeat([on.form for _, on in parts], counts)
        self.cyclic, self.plain = int((forms == "none").sum()), int((forms != "multiplicative").sum())
        series = histories.values.shape[1]
        few, shape = series <= FEW_SERIES, (ends[-1], series)
        values = np.where(histories.seen, histories.values, 0.0)[:, None]
        self._values = np.repeat(values, shape[0], axis=1) if few else values
        firsts = [[on.level for _, on in parts], [on.trend for _, on in parts]]
        self.first = np.stack([_joined(first, counts, series) for first in firsts])
        seasonal = [
            np.repeat(on.season[:, None], count, axis=1)
            for (_, on), count in zip(parts, counts, strict=True)
            if on.form != "none"
        ]
        self._seasons = np.concatenate(seasonal, axis=1) if seasonal else np.zeros((1, 0, series))
        self.states, self.error, self.squares = self.first.copy(), np.empty(shape), np.zeros(shape)
        names = "alpha", "beta", "gamma", "phi"
        width = series if few else 1
        rates = [_joined([getattr(at, name) for at, _ in parts], counts, width) for name in names]
        self._value = np.empty_like(self._values[0])
        self._calls = self._written_out(SmoothingParameters(*rates))

    def _written_out(self, at: SmoothingParameters) -> list[tuple[list[_Call], ...]]:
        """What `expect` and `learn` call at each phase of the season: looking it up at every time would take
        as long as the calls."""
        shape, plain, cyclic = self.error.shape, self.plain, self.cyclic
        moved, work, ones = np.empty((2, *shape)), np.empty(shape), np.ones((shape[0] - plain, shape[1]))
        (level, trend), (base, damped), error, value = self.states, moved, self.error, self._value
        one = len(value) == 1
        plain_value, times_value = (value, value) if one else (value[:plain], value[plain:])
        found = []
        for season in self._seasons:
            added, times = season[: plain - cyclic], season[plain - cyclic :]
            expect: list[_Call] = [
                (np.multiply, at.phi, trend, damped),
                (np.add, level, damped, base),
                (np.subtract, plain_value, base[:plain], error[:plain]),
                (np.subtract, error[cyclic:plain], added, error[cyclic:plain]),
                (np.multiply, base[plain:], times, work[plain:]),
                (np.divide, times_value, work[plain:], error[plain:]),
                (np.subtract, error[plain:], ones, error[plain:]),
            ]
            learn: list[_Call] = [
                (np.multiply, error, error, work),
                (np.add, self.squares, work, self.squares),
                (np.multiply, error[cyclic:], at.gamma[cyclic:], work[cyclic:]),
                (np.multiply, work[plain:], times, work[plain:]),
                (np.add, season, work[cyclic:], season),
                (np.multiply, error[plain:], base[plain:], error[plain:]),
                (np.multiply, error, at.alpha, level),
                (np.multiply, error, at.beta, trend),
                (np.add, moved, self.states, self.states),
            ]
            found.append(tuple([call for call in calls if call[3].size] for calls in (expect, learn)))
        return found

    def season(self, t: int) -> NDArray[np.float64]:
        """The seasonal states of time t, (rows from `cyclic` on, series)."""
        found: NDArray[np.float64] = self._seasons[t % len(self._seasons)]
        return found

    def expect(self, t: int) -> None:
        """The errors at time t."""
        np.copyto(self._value, self._values[t])
        for call, one, other, out in self._calls[t % len(self._calls)][0]:
            call(one, other, out)

    def learn(self, t: int) -> None:
        """The states behind time t."""
        for call, one, other, out in self._calls[t % len(self._calls)][1]:
            call(one, other, out)


class _Kept:
    """The states behind every time, and the errors there."""

    def __init__(self, times: int, run: _Run) -> None:
        self.states = np.empty((times, *run.states.shape))
        self.errors = np.empty((times, *run.error.shape))
        self.seasons = np.empty((times, *run.season(0).shape))

    def path(self, rows: slice, cyclic: int) -> SmoothingPath:
        """That of some rows. cyclic: rows without season."""
        seasons = self.seasons[:, rows.start - cyclic : rows.stop - cyclic] if rows.start >= cyclic else None
        return SmoothingPath(self.states[:, 0, rows], self.states[:, 1, rows], seasons, self.errors[:, rows])


def _joined(arrays: Sequence[Array], counts: Sequence[int], least: int) -> NDArray[np.float64]:
    """(rows, series) or (rows, 1) of all parts."""
    width = max(least, *(array.shape[1] for array in arrays))
    return np.concatenate([np.broadcast_to(a, (n, width)) for a, n in zip(arrays, counts, strict=True)])
