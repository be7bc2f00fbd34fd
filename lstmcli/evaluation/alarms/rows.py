"""What goes into a detector, row by row, and what comes out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Flags

KINDS = ("", "point", "shift", "spread", "stuck")  # by the codes of `JudgedRows.kind`


@dataclass(frozen=True)
class ForecastRows:
    """Values, and what was expected of each before it was seen; (rows, series) each.

    value         NaN where it is missing
    expected      the median one step ahead; NaN where nothing was forecast, and the row is not judged
    lower, upper  a central interval around it, of whichever level, the same for all rows
    season_expected, season_lower, season_upper
                  the same forecast one season ahead, for slow faults; None where it was not made
    """

    value: Array
    expected: Array
    lower: Array
    upper: Array
    season_expected: Array | None = None
    season_lower: Array | None = None
    season_upper: Array | None = None

    def __post_init__(self) -> None:
        for name in ("expected", "lower", "upper", "season_expected", "season_lower", "season_upper"):
            part = getattr(self, name)
            if part is not None and part.shape != self.value.shape:
                raise ValueError(f"rows to judge: {name} {part.shape} does not fit values {self.value.shape}")

    def part(self, row: int) -> "ForecastRows":
        """One row of them, (1, series)."""
        parts = (None if part is None else part[row : row + 1] for part in vars(self).values())
        return ForecastRows(*parts)  # type: ignore[arg-type]


@dataclass(frozen=True)
class JudgedRows:
    """(rows, series) each.

    p             how rare the row is, two-sided and of all kinds together: an alarm goes on where it is below
                  the rate of the budget. NaN where the row was not judged
    lower, upper  an interval that the errors so far leave as seldom as the budget has alarms; an alarm
                  comes inside too where several rows or kinds are rare together. Not below zero where no
                  value was
    kind          the code in KINDS of the alarm that goes on or ends; 0 where there is none
    alarm         an alarm goes on
    begins, ends  it begins with this row; the row is the first without it
    masked        the value is impossible: it is to be hidden from later forecasts
    further       a further fault while the alarm goes on; it is none of those that the budget counts
    """

    p: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    kind: NDArray[np.int8]
    alarm: Flags
    begins: Flags
    ends: Flags
    masked: Flags
    further: Flags

    @staticmethod
    def empty(rows: int, series: int) -> "JudgedRows":
        """Not judged yet."""
        shape = rows, series
        p, lower, upper = (np.full(shape, np.nan) for _ in range(3))
        alarm, begins, ends, masked, further = (np.zeros(shape, bool) for _ in range(5))
        return JudgedRows(p, lower, upper, np.zeros(shape, np.int8), alarm, begins, ends, masked, further)
