"""The recursion of exponential smoothing, for many series and many parameters at once.

With l the level, b the trend, s the season and e the error of the forecast one step ahead:

    additive        e = y - (l + phi b + s)         s += gamma e
    multiplicative  e = y / ((l + phi b) s) - 1     s *= 1 + gamma e, and below e times (l + phi b)
    both            l, b = l + phi b + alpha e, phi b + beta e

These are the forms A,Ad,A and M,Ad,M of Hyndman, Koehler, Ord & Snyder (2008), Forecasting with
exponential smoothing; without season and trend s, b and phi are 0. At a missing value e is 0.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.aligned import AlignedHistories
from lstmcli.series.arrays import Array

SeasonForm = Literal["none", "additive", "multiplicative"]


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


def smooth(
    histories: AlignedHistories, parameters: SmoothingParameters, start: SmoothingStart, path: bool = False
) -> tuple[NDArray[np.float64], SmoothingPath | None]:
    """Sum of squared errors (candidates, series), and the path where it is asked for."""
    values = np.where(histories.seen, histories.values, 0.0)
    seen = histories.seen.astype(np.float64)
    shape = np.broadcast_shapes(
        parameters.alpha.shape, parameters.phi.shape, start.level.shape, values[:1].shape
    )
    run = _Run(parameters, start, shape)
    begins = histories.begins()
    kept: list[tuple[Array, ...]] = []
    for t in range(len(values)):
        if t in begins:
            run.begin(begins[t])
        run.step(t, values[t], seen[t])
        if path:
            kept.append(run.copy(t))
    if not path:
        return run.squares, None
    level, trend, season, error = (np.stack(part) for part in zip(*kept, strict=True))
    found = SmoothingPath(level, trend, None if start.form == "none" else season, error)
    return run.squares, found


class _Run:
    """States of all candidates, changed in place: allocating them anew takes twice the time."""

    def __init__(
        self, parameters: SmoothingParameters, start: SmoothingStart, shape: tuple[int, ...]
    ) -> None:
        self._at, self._form = parameters, start.form
        self._first = np.broadcast_to(start.level, shape), np.broadcast_to(start.trend, shape)
        self._level, self._trend = self._first[0].copy(), self._first[1].copy()
        self._season = np.repeat(start.season[:, None], shape[0], axis=1)
        self._error, self._base, self._damped, self._work = (np.empty(shape) for _ in range(4))
        self._scaled = np.empty(shape) if start.form == "multiplicative" else self._error
        self.squares = np.zeros(shape)

    def begin(self, series: NDArray[np.int64]) -> None:
        self._level[:, series] = self._first[0][:, series]
        self._trend[:, series] = self._first[1][:, series]

    def step(self, t: int, value: NDArray[np.float64], seen: NDArray[np.float64]) -> None:
        at, error, base, damped, work = self._at, self._error, self._base, self._damped, self._work
        season = self._season[t % len(self._season)]
        np.multiply(at.phi, self._trend, out=damped)
        np.add(self._level, damped, out=base)
        if self._form == "multiplicative":
            np.multiply(base, season, out=work)
            np.divide(value, work, out=error)
            error -= 1
        else:
            np.subtract(value, base, out=error)
            if self._form == "additive":
                error -= season
        error *= seen
        np.multiply(error, error, out=work)
        self.squares += work
        if self._form != "none":
            np.multiply(error, at.gamma, out=work)
            if self._form == "multiplicative":
                work *= season
            season += work
        if self._form == "multiplicative":
            np.multiply(error, base, out=self._scaled)
        np.multiply(self._scaled, at.alpha, out=work)
        np.add(base, work, out=self._level)
        np.multiply(self._scaled, at.beta, out=work)
        np.add(damped, work, out=self._trend)

    def copy(self, t: int) -> tuple[Array, ...]:
        season = self._season[t % len(self._season)]
        return self._level.copy(), self._trend.copy(), season.copy(), self._error.copy()
