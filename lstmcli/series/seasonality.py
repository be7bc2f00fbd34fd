"""What repeats in a series, and whether it keeps its level: found by comparing values with earlier ones."""

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step, seasons

# A longer season does not fit into a window; calendar features tell of it instead.
_LONGEST_SEASON = 300
_LONGEST_SECOND = 336  # a week of half-hours
_BLOCK = 1 << 20  # values of a series looked at together
_LEVEL = 1 << 20  # newest values of a series in which its level is looked at


def strongest_season(histories: list[NDArray[np.float64]], step: Step) -> int:
    """The season that shows most clearly in the series, 1 if none does.

    A shorter season is preferred to a multiple of it that is hardly clearer (a day of hours to
    a week of hours). A season must be seen three times to count.
    """
    found, clearest = 1, 0.0
    for season in (s for s in seasons(step) if s <= _LONGEST_SEASON):
        strength = _clear_strength(histories, season, 3)
        if strength > clearest + (0.25 if found > 1 else 0.0):
            found, clearest = season, strength
    return found


def second_season(histories: list[NDArray[np.float64]], step: Step, season: int) -> int:
    """A longer season that shows beside the first, such as a week of hours beside a day; 0 if none.

    It shows where in a quarter of the series values are closer to those one long season before
    than to those 2 to 5 short ones before; a week of open times may be shorter than that.
    """

    def strength(history: NDArray[np.float64], second: int) -> float:
        shorter = range(2, min(6, second // season))
        others = np.mean([mean_change(history, k * season) for k in shorter])
        return float(1 - mean_change(history, second) / others) if others > 0 else 0.0

    least = 2 if step.kind == "open" else 5
    for second in (s for s in seasons(step) if s % season == 0 and least * season < s <= _LONGEST_SECOND):
        seen = [h for h in histories if len(h) >= 3 * second]
        enough = season > 1 and 2 * len(seen) >= len(histories)
        if enough and np.quantile([strength(h, second) for h in seen], 0.75) > 0.15:
            return second
    return 0


def has_long_cycle(histories: list[NDArray[np.float64]], step: Step) -> bool:
    """Whether a season too long for a window shows clearly, such as a year of days."""
    return any(_clear_strength(histories, s, 2.5) > 0 for s in seasons(step) if s > _LONGEST_SEASON)


def _clear_strength(histories: list[NDArray[np.float64]], season: int, times_seen: float) -> float:
    """Median strength of a season over the series that saw it so many times; 0 where these are
    less than half of all, or where it may be noise."""
    long_enough = [h for h in histories if len(h) >= times_seen * season]
    if not long_enough or 2 * len(long_enough) < len(histories):
        return 0.0
    strength = float(np.median([season_strength(h, season) for h in long_enough]))
    return strength if strength > 0.1 + 1.2 / np.sqrt(sum(map(len, long_enough))) else 0.0


def season_strength(history: NDArray[np.float64], season: int) -> float:
    """1 - mean|x[t] - x[t - season]| / mean|x[t] - x[t - season / 2]|, of values or of their changes.

    1 for a pure season, 0 for noise and below. Values show a smooth season, changes one on a trend.
    """
    halves = (season // 2, (season + 1) // 2)

    def strength(differences: int) -> float:
        whole = mean_change(history, season, differences)
        half = np.mean([mean_change(history, lag, differences) for lag in halves])
        return float(1 - whole / half) if half > 0 else 0.0

    return max(strength(0), strength(1), 0.0)


def keeps_its_level(histories: list[NDArray[np.float64]], horizon: int, context: int) -> bool:
    """Whether the mean of a window forecasts better than its last value: noise, rare demand.

    Only the newest million values of each series are looked at.
    """

    def ratio(values: NDArray[np.float64]) -> float:
        window = min(context, len(values) // 2)
        sums = np.cumsum(np.append(0.0, values))
        means = (sums[window:] - sums[:-window]) / window  # of the values before positions window, ...
        pairs = []
        for ahead in {0, horizon // 2, horizon - 1}:
            future = values[window + ahead :]
            by_mean = np.abs(future - means[: len(future)]).sum()
            pairs.append((by_mean, np.abs(future - values[window - 1 : window - 1 + len(future)]).sum()))
        by_mean, by_last = np.sum(pairs, axis=0)
        return float(by_mean / by_last) if by_last > 0 else 1.0

    newest = (h[-_LEVEL:] for h in histories)
    seen = (h[~np.isnan(h)] for h in newest)
    ratios = [ratio(values) for values in seen if len(values) >= horizon + 4]
    return bool(ratios) and float(np.median(ratios)) < 1


def mean_change(values: Array, lag: int, differences: int = 0) -> float:
    """Mean of |x[t] - x[t - lag]| over the pairs that are observed; 0 where there is none.

    differences: how often neighbouring values are subtracted from each other before.
    """
    return mean_changes(values, np.array([len(values) - differences]), lag, differences)[0]


def mean_changes(values: Array, ends: NDArray[np.int64], lag: int, differences: int = 0) -> list[float]:
    """`mean_change` of the first `ends` values (n,). A long series is gone through in blocks, and once."""
    whole: list[tuple[float, int]] = []
    means = []
    for end in ends:
        blocks = max(0, int(end) - lag) // _BLOCK
        while len(whole) < blocks:
            start = lag + len(whole) * _BLOCK
            whole.append(_sum_of_changes(values, start, start + _BLOCK, lag, differences))
        rest = _sum_of_changes(values, lag + blocks * _BLOCK, int(end), lag, differences)
        sums, counts = zip(*whole[:blocks], rest, strict=True)
        means.append(sum(sums) / sum(counts) if sum(counts) else 0.0)
    return means


def _sum_of_changes(values: Array, start: int, end: int, lag: int, differences: int) -> tuple[float, int]:
    """Sum and number of the changes of values `start` to `end`."""
    if end <= start:
        return 0.0, 0
    block = np.diff(values[start - lag : end + differences], n=differences)
    changes = np.abs(block[lag:] - block[:-lag])
    changes = changes[~np.isnan(changes)]
    return float(changes.sum()), changes.size
