"""Forecasts one step ahead at every row of a series, which cost next to nothing: for watching.

An autoregression with the season is fitted by recursive least squares (Young 2011, Recursive estimation and
time-series analysis, ch. 3) with weights that fall with the size of an error (Huber 1964), so that rare
values move it little. Its forecast is mixed with simple ones by their recent absolute errors (Bates &
Granger 1969): the last value, the season repeated, with and without the level, and the usual value. Beside
it stands what the season alone says, one season before: for faults so slow that one step ahead follows
them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Indices
from lstmcli.series.running import RunningState

INTERVAL = 0.8  # that the lower and upper forecasts enclose
_HALF_WIDTH = 1.606  # of that interval in mean absolute errors, by the normal law
_FIRST = 20  # rows before the autoregression learns
_MEMORY = 0.9995  # of the least squares, a row
_HUBER = 3.0  # mean absolute errors from which on an error weighs less
_LARGEST = 50.0  # of an input in units of usual changes
_POWER = 6.0  # by which the share of a forecast falls with its recent error
_QUICK, _SLOW = 0.3, 0.03  # smoothing of two levels
_USUAL = 301  # newest rows whose median is the usual value
_REFIT = 8  # rows between two medians


@dataclass(frozen=True)
class OneStepRows:
    """Forecasts made before the values were seen, (rows, series) each; NaN before a series has begun.

    expected, lower, upper  one step ahead: the median and an interval of INTERVAL around it
    season_expected, season_lower, season_upper  the same from one season before, NaN in the first one
    """

    expected: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    season_expected: NDArray[np.float64]
    season_lower: NDArray[np.float64]
    season_upper: NDArray[np.float64]

    @staticmethod
    def joined(parts: "Sequence[OneStepRows]") -> "OneStepRows":
        """The rows of all parts."""
        names = vars(parts[0])
        return OneStepRows(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class OneStepForecaster:
    """season, second: in rows, 1 for none; second is the longer one, or `season` again for none."""

    season: int = 1
    second: int = 1

    @cached_property
    def _reach(self) -> int:
        return max(self.season, self.second, 3) + 2

    @property
    def _inputs(self) -> int:
        return 5 + 4 * (self.season > 1) + 2 * (self.second > self.season)

    def start(self, series: int) -> RunningState:
        """Of series of which nothing is known."""
        inputs = self._inputs
        arrays: dict[str, NDArray[np.generic]] = {
            "newest": np.full((series, self._reach), np.nan),  # by row modulo its length
            "usual": np.full((series, _USUAL), np.nan),
            "median": np.full(series, np.nan),
            "profile": np.full((series, self.season), np.nan),
            "rows": np.zeros(series, np.int64),  # since the first value
            "count": np.zeros(series, np.int64),  # of values
            "levels": np.full((series, 3), np.nan),
            "unit": np.zeros(series),
            "error": np.zeros(series),  # of the autoregression
            "weights": np.zeros((series, inputs)),
            "spread": np.tile(np.eye(inputs), (series, 1, 1)),
            "losses": np.ones((series, 5)),
            "slow_losses": np.ones((series, 4)),
            "slow_unit": np.zeros(series),
            "scales": np.zeros((series, 2)),
            "counts": np.zeros((series, 2), np.int64),
        }
        return RunningState(arrays)

    def update(self, state: RunningState, values: Array) -> tuple[RunningState, OneStepRows]:
        """The state behind the rows, and their forecasts; the given state stays as it was.

        values: (rows, series), NaN where missing or masked; a series begins at its first value.
        """
        run = OneStepRun(self, state)
        made = []
        for row in np.asarray(values, np.float64):
            made.append(run.expect())
            run.learn(row)
        if not made:
            empty = np.empty((0, len(state)))
            return run.state, OneStepRows(*(empty,) * 6)
        return run.state, OneStepRows(*(np.stack(part) for part in zip(*made, strict=True)))


class OneStepRun:
    """Goes through rows one by one: `expect` the next one, then `learn` it. Changes a state of its own."""

    def __init__(self, forecaster: OneStepForecaster, state: RunningState) -> None:
        self.state = state.copy()
        self._known: dict[str, Any] = self.state.arrays
        self._at, self._series = forecaster, np.arange(len(state))
        self._inputs: Array = np.zeros(0)
        self._change: Array = np.zeros(0)
        self._simple: Array = np.zeros(0)
        self._slow: Array = np.zeros(0)
        self._made: tuple[Array, Array] = (np.zeros(0), np.zeros(0))

    def _value(self, lag: int) -> Array:
        """`lag` rows before the next one."""
        known = self._known
        at = (known["rows"] - lag) % self._at._reach
        found: Array = known["newest"][self._series, at]
        return np.where(known["rows"] >= lag, found, np.nan)

    def expect(self) -> tuple[NDArray[np.float64], ...]:
        """The fields of `OneStepRows` for the next row, (series,) each."""
        known, at = self._known, self._at
        last, unit = self._value(1), np.maximum(known["unit"], 1e-300)
        before, level = self._value(2), known["levels"]
        columns = [before - last, self._value(3) - last, level[:, 0] - last, level[:, 1] - last]
        columns.append(np.full(len(last), np.nan))
        seasonal = self._value(at.season)
        moved = seasonal - self._value(at.season + 1)
        phase = known["rows"] % at.season
        profile = known["profile"][self._series, phase]
        if at.season > 1:
            earlier = known["profile"][self._series, (phase - 1) % at.season]
            columns += [seasonal - last, moved, profile - last, profile - earlier]
        longer = self._value(at.second)
        if at.second > at.season:
            columns += [longer - last, longer - self._value(at.second + 1)]
        inputs = np.clip(np.nan_to_num(np.stack(columns, axis=1) / unit[:, None]), -_LARGEST, _LARGEST)
        inputs[:, 4] = 0.1
        self._inputs, self._change = inputs, (inputs * known["weights"]).sum(axis=1)
        none = np.full(len(last), np.nan)
        with_season = [seasonal, last + moved] if at.season > 1 else [none, none]
        self._simple = np.stack([last + self._change * unit, last, *with_season, known["median"]], axis=1)
        self._slow = np.stack([seasonal, longer, profile, level[:, 2]], axis=1)
        expected = _mixed(self._simple, last, known["losses"])
        slow = _mixed(self._slow, last, known["slow_losses"])
        slow = np.where(known["rows"] > at.season, slow, np.nan)
        self._made = expected, slow
        half, slow_half = (_HALF_WIDTH * known["scales"]).T
        season = slow, slow - slow_half, slow + slow_half
        return expected, expected - half, expected + half, *season

    def learn(self, values: Array) -> None:
        """values: (series,) of the row that was expected; NaN where missing, and the forecast is taken."""
        known = self._known
        seen = ~np.isnan(values)
        begun = seen | (known["rows"] > 0)
        first = seen & (known["rows"] == 0)
        learned = seen & ~first
        with np.errstate(all="ignore"):
            self._learn_shares(values, learned)
            self._learn_weights(values, learned)
        taken = np.where(seen, values, self._made[0])
        self._remember(taken, begun, first, seen)

    def _learn_shares(self, values: Array, learned: Array) -> None:
        known = self._known
        for made, losses, unit, keep in (
            (self._simple, "losses", known["unit"], 0.99),
            (self._slow, "slow_losses", known["slow_unit"], 0.998),
        ):
            away = np.abs(values[:, None] - made)
            size = np.minimum(away / np.maximum(unit, 1e-300)[:, None], 10.0)
            size = np.where(away == 0, 0.0, size)
            moved = keep * known[losses] + (1 - keep) * size
            known[losses] = np.where(learned[:, None] & ~np.isnan(size), moved, known[losses])
        away = np.abs(values[:, None] - self._slow)
        made = ~np.isnan(away)
        usual = np.where(made, away, 0.0).sum(axis=1) / made.sum(axis=1)  # NaN where there is none
        old = known["slow_unit"]
        moved = np.where(old > 0, 0.999 * old + 0.001 * np.minimum(usual, 10 * old), usual)
        known["slow_unit"] = np.where(learned & ~np.isnan(moved), moved, old)
        for place, (made, share) in enumerate(zip(self._made, (0.002, 0.001), strict=True)):
            away = np.abs(values - made)
            count, scale = known["counts"][:, place], known["scales"][:, place]
            away = np.where(count > 30, np.minimum(away, 5 * scale), away)
            moved = scale + np.maximum(share, 1 / (count + 1)) * (away - scale)
            new = learned & ~np.isnan(away)
            known["scales"][:, place] = np.where(new, moved, scale)
            known["counts"][:, place] += new

    def _learn_weights(self, values: Array, learned: Array) -> None:
        known, inputs = self._known, self._inputs
        count, unit = known["count"], known["unit"]
        change = np.abs(values - self._value(1))
        error = (values - self._value(1)) / np.maximum(unit, 1e-300) - self._change
        able = learned & (count > _FIRST) & (unit > 0)
        error = np.where(able, error, 0.0)
        usual = np.maximum(known["error"], 1e-3)
        weight = np.minimum(1.0, _HUBER * usual / np.maximum(np.abs(error), 1e-12))
        spread = known["spread"]
        turned = (spread * inputs[:, None, :]).sum(axis=2)
        gain = turned / (_MEMORY / weight + (inputs * turned).sum(axis=1))[:, None]
        known["weights"] = np.where(able[:, None], known["weights"] + gain * error[:, None], known["weights"])
        moved = (spread - gain[:, :, None] * turned[:, None, :]) / _MEMORY
        size, most = np.trace(moved, axis1=1, axis2=2), 1e3 * inputs.shape[1]
        moved *= np.minimum(1.0, most / np.maximum(size, 1e-300))[:, None, None]
        known["spread"] = np.where(able[:, None, None], moved, spread)
        share = np.maximum(0.01, 1 / (count + 1))
        away = np.where(count > _FIRST, np.minimum(np.abs(error), 2 * _HUBER * usual), np.abs(error))
        known["error"] = np.where(able, (1 - share) * known["error"] + share * away, known["error"])
        share = np.maximum(0.002, 1 / np.maximum(count, 1))
        change = np.where((count > _FIRST) & (unit > 0), np.minimum(change, 10 * unit), change)
        known["unit"] = np.where(learned & ~np.isnan(change), (1 - share) * unit + share * change, unit)

    def _remember(self, taken: Array, begun: Array, first: Array, seen: Array) -> None:
        known, at = self._known, self._at
        some: Indices = np.flatnonzero(begun)
        rows, value = known["rows"][some], taken[some]
        known["newest"][some, rows % at._reach] = value
        known["usual"][some, rows % _USUAL] = value
        stale = some[(rows < _REFIT) | (rows % _REFIT == 0)]
        if len(stale):
            known["median"][stale] = _medians(known["usual"][stale])
        levels = known["levels"]
        levels[first] = taken[first, None]
        shares = np.array([_QUICK, _SLOW, 2 / (max(at.season, 24) + 1)])
        levels[some] += shares * (value[:, None] - levels[some])
        phase = rows % at.season
        old = known["profile"][some, phase]
        known["profile"][some, phase] = np.where(np.isnan(old), value, old + 0.25 * (value - old))
        known["rows"][some] += 1
        known["count"] += seen


def _mixed(made: Array, last: Array, losses: Array) -> NDArray[np.float64]:
    """Forecasts (series, forecasts) by shares that fall with their recent losses. Relative to the last value,
    so that a constant is forecast without digits of rounding."""
    away = made - last[:, None]
    usable = ~np.isnan(away)
    shares = np.where(usable, (losses + 1e-4) ** -_POWER, 0.0)
    total = shares.sum(axis=1)
    mixed = last + (np.where(usable, away, 0.0) * shares).sum(axis=1) / np.maximum(total, 1e-300)
    return np.where(total > 0, mixed, np.nan)


def _medians(values: Array) -> NDArray[np.float64]:
    """Of each row, the lower of the middle two where there are two; some are NaN."""
    middle = (np.count_nonzero(~np.isnan(values), axis=1) - 1) // 2
    ordered = np.sort(values, axis=1)  # NaN last
    return np.asarray(np.take_along_axis(ordered, np.maximum(middle, 0)[:, None], axis=1)[:, 0], np.float64)
