"""Alarms beside known faults: what was found, how late, and what was false."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstmcli.evaluation.alarms.nab import WindowAlarms, nab_score

WEEK = 7 * 86_400.0  # seconds


@dataclass(frozen=True)
class FaultFound:
    """A known fault and the first alarm in it.

    start, end  as they are labelled
    alarm, kind  time and kind of the alarm; None where it was missed
    late        rows from the start to it
    """

    series: str
    start: str
    end: str
    alarm: str | None
    kind: str | None
    late: int | None


@dataclass(frozen=True)
class FalseAlarm:
    """An alarm outside all faults."""

    series: str
    time: str
    kind: str


@dataclass(frozen=True)
class AlarmScores:
    """rows      of all series together
    counted   of them, behind the probation
    left_out  faults that end in the probation
    late, late_rows   the median of those that were found, as text and in rows; None for none
    false_rate, false_unit   false alarms in a "week" of all series together, or in "1000 rows"
    nab       None where there is no fault to find
    """

    data: str
    model: str
    budget: str
    series: int
    rows: int
    counted: int
    left_out: int
    found: int
    missed: int
    late: str | None
    late_rows: float | None
    false_rate: float
    false_unit: str
    nab: float | None
    faults: tuple[FaultFound, ...]
    false_alarms: tuple[FalseAlarm, ...]


def false_alarm_rate(count: int, rows: int, series: int, seconds: float | None) -> tuple[float, str]:
    """How many came in a week of all series together or, without dates, in 1000 rows.

    rows: of all series; seconds: from one row of a series to the next, None without dates.
    """
    if seconds is None:
        return 1000 * count / max(rows, 1), "1000 rows"
    return count / max(rows * seconds / series / WEEK, 1e-12), "week"


def nab_of(series: Sequence[WindowAlarms]) -> float | None:
    """`nab_score`, None where there is no window."""
    return nab_score(series) if any(len(each.windows) for each in series) else None


def median_late(series: Sequence[WindowAlarms]) -> float | None:
    """Rows from the start of a fault to its first alarm; None where none was found."""
    late = np.concatenate([each.late for each in series]) if series else np.zeros(0)
    return float(np.median(late)) if late.size else None
