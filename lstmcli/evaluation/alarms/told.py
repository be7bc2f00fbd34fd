"""Rows that are told: those that were judged, and what the times of a series show."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

CLOSED = "closed"
TIME_KINDS = ("missing", "late", "silent", "new", CLOSED)
BEGINS, AGAIN, GOES_ON, ENDS = "begins", "again", "goes on", "ends"


@dataclass(frozen=True)
class ToldRows:
    """(n,) each.

    series    number of the series; -1 where a row is of all of them
    time      datetime64 or whole number
    value, expected, lower, upper, p   as of `JudgedRows`; NaN where there is none
    kind      of the alarm, "" without one: of `rows.KINDS` and TIME_KINDS
    alarm     BEGINS, AGAIN (a further fault while it goes on), GOES_ON, ENDS or ""
    """

    series: NDArray[np.int64]
    time: NDArray[Any]
    value: NDArray[np.float64]
    expected: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    p: NDArray[np.float64]
    kind: NDArray[Any]
    alarm: NDArray[Any]

    def __len__(self) -> int:
        return len(self.series)

    def select(self, chosen: NDArray[Any]) -> "ToldRows":
        """Some rows, by a mask or in the order of their places."""
        return ToldRows(*(part[chosen] for part in vars(self).values()))

    @staticmethod
    def joined(parts: "Sequence[ToldRows]") -> "ToldRows":
        """The rows of all parts, of which there is at least one."""
        return ToldRows(
            *(np.concatenate(columns) for columns in zip(*(vars(p).values() for p in parts), strict=True))
        )

    @staticmethod
    def bare(series: NDArray[np.int64], time: NDArray[Any], kind: str, alarm: str) -> "ToldRows":
        """Rows without a value, of one kind."""
        none = np.full(len(series), np.nan)
        words = (np.full(len(series), word, object) for word in (kind, alarm))
        return ToldRows(series, time, none, none, none, none, none, *words)

    def in_order(self) -> "ToldRows":
        """Sorted by time, rows of one time by series."""
        return self.select(np.lexsort((self.series, self.time)))

    @property
    def changes(self) -> NDArray[np.bool_]:
        """Whether the row is told: an alarm begins or ends, or there is a further fault."""
        return np.isin(self.alarm, (BEGINS, AGAIN, ENDS))

    @property
    def begins(self) -> NDArray[np.bool_]:
        """Whether an alarm begins with the row."""
        return np.asarray(self.alarm == BEGINS)

    @property
    def faults(self) -> NDArray[np.bool_]:
        """Whether an alarm begins with the row, or there is a further fault."""
        return np.isin(self.alarm, (BEGINS, AGAIN))


def without_untold(rows: ToldRows, untold: set[int]) -> ToldRows:
    """Rows as told to somebody who does not know of the alarms of some series, which began before.

    Their end is not told, and a further fault begins one.

    rows: in order of time, of each series; untold: the series, of which those that are told of are taken out.
    """
    alarm = rows.alarm.copy()
    for place in np.flatnonzero(rows.changes).tolist() if untold else ():
        series = int(rows.series[place])
        if series in untold and rows.kind[place] not in TIME_KINDS:
            alarm[place] = {ENDS: GOES_ON, AGAIN: BEGINS}.get(alarm[place], alarm[place])
            untold.discard(series)
    return replace(rows, alarm=alarm)
