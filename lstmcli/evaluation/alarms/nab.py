"""The score of the Numenta Anomaly Benchmark for alarms on series with known windows of faults.

Lavin & Ahmad (2015), Evaluating real-time anomaly detection algorithms, ICMLA. With y the place of an alarm
relative to a window, -1 at its first row and 0 behind its last, an alarm is worth

    s(y) = (A_TP - A_FP) / (1 + exp(5 y)) - 1   times A_TP, A_TP = 1 and A_FP = -1 in the curve

A window has the worth of its first alarm, over s(-1) so that it is 1 at best, and costs A_FN where there is
none. An
alarm outside costs A_FP times -s(y) behind the last window before it, y growing by 1 in the length of that
window, at most A_FP, and A_FP before the first window. Of the sum over all series

    score = 100 (sum - sum without alarms) / (perfect sum - sum without alarms)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstmcli.series.arrays import Array, Indices

_PROBATION, _MOST_PROBATION = 0.15, 750  # share of the rows, and rows, in which alarms do not count
_FAR = 3.0  # behind a window, from where on an alarm costs A_FP in full
_STEEPNESS = 5.0


@dataclass(frozen=True)
class AlarmCosts:
    """The standard profile; the paper has others that punish false alarms or misses twice."""

    found: float = 1.0
    false: float = 0.11
    missed: float = 1.0


@dataclass(frozen=True)
class WindowAlarms:
    """The alarms of one series beside its windows, in rows.

    windows  (windows, 2) first and last row, in order of time
    first    (windows,) the first alarm in each, -1 where it was missed
    false    rows of the alarms outside
    """

    windows: Indices
    first: Indices
    false: Indices

    @property
    def late(self) -> Indices:
        """Rows from the start of each window that was found to its alarm."""
        return (self.first - self.windows[:, 0])[self.first >= 0]


def probation_rows(rows: int) -> int:
    """Rows at the start of a series in which the benchmark counts no alarms."""
    return min(int(_PROBATION * rows), _MOST_PROBATION)


def alarms_in_windows(windows: Indices, alarms: Indices, probation: int = 0) -> WindowAlarms:
    """windows: (windows, 2); alarms: rows (alarms,), of which those before `probation` do not count."""
    windows = np.asarray(windows, np.int64).reshape(-1, 2)
    counted = np.sort(np.asarray(alarms, np.int64))
    counted = counted[counted >= probation]
    inside = (counted[:, None] >= windows[:, 0]) & (counted[:, None] <= windows[:, 1])  # (alarms, windows)
    found = inside.any(axis=0)
    first = np.where(found, counted[inside.argmax(axis=0)] if counted.size else -1, -1)
    return WindowAlarms(windows, first, counted[~inside.any(axis=1)])


def window_worth(place: Array) -> Array:
    """s(y) over s(-1), for places relative to a window."""
    curve = 2 / (1 + np.exp(_STEEPNESS * np.minimum(place, 2 * _FAR))) - 1
    return np.asarray(np.where(place > _FAR, -1.0, curve))


def nab_sum(found: WindowAlarms, costs: AlarmCosts | None = None) -> float:
    """What the alarms of one series are worth, before scaling."""
    costs, windows = costs or AlarmCosts(), found.windows
    lengths = windows[:, 1] - windows[:, 0] + 1
    hit = found.first >= 0
    place = (found.first - windows[:, 1] - 1) / lengths
    gained = window_worth(place[hit]) / window_worth(np.array(-1.0))
    before = np.searchsorted(windows[:, 1], found.false) - 1  # the last window before, -1 for none
    if len(windows):
        behind = (found.false - windows[before, 1]) / np.maximum(lengths[before] - 1, 1)
        worth = np.where(before < 0, -1.0, window_worth(behind))
    else:
        worth = np.full(len(found.false), -1.0)
    return float(costs.found * gained.sum() - costs.missed * (~hit).sum() + costs.false * worth.sum())


def nab_score(series: Sequence[WindowAlarms], costs: AlarmCosts | None = None) -> float:
    """100 for every window found at its first row and no false alarm, 0 for no alarm at all.

    Raises ValueError where there is no window to find.
    """
    costs = costs or AlarmCosts()
    windows = sum(len(found.windows) for found in series)
    if not windows:
        raise ValueError("no window to find")
    silent, perfect = -costs.missed * windows, costs.found * windows
    return 100 * (sum(nab_sum(found, costs) for found in series) - silent) / (perfect - silent)
