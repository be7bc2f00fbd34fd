"""Numbers that are times: seconds since 1970 and the like, and the days that Excel counts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, MINUTE, SECOND, Times

EXCEL = "excel-days"
FIRST_EXCEL_DAY = np.datetime64("1899-12-30", "us")  # as Excel takes 1900 for a leap year
EXCEL_DAYS = (20_000, 60_000)  # October 1954 to April 2064
_EPOCH = (np.datetime64("1990-01-01", "s").astype(int), np.datetime64("2101-01-01", "s").astype(int))
_UNITS = {"s": ("seconds", 1), "ms": ("milliseconds", 10**3), "us": ("microseconds", 10**6)}
_UNITS["ns"] = ("nanoseconds", 10**9)
_MOST_DECIMALS = 12
_ROUNDED = 6  # significant digits of 1.70407E+12, which a table has rounded


def unit_of_epoch(pattern: str) -> str | None:
    """s, ms, us or ns of "epoch-s" and the like; None for another pattern."""
    return pattern.removeprefix("epoch-").partition(".")[0] if pattern.startswith("epoch-") else None


def decimals_of(pattern: str) -> int | None:
    """How many decimals numbers are written with; None for whole numbers."""
    digits = pattern.partition(".")[2]
    return int(digits) if digits.isdigit() else None


def epoch_of(low: float, high: float) -> tuple[str, str] | None:
    """The pattern and the name of the unit in which numbers count from 1970, None where they do not."""
    for unit, (name, count) in _UNITS.items():
        if _EPOCH[0] * count <= low and high < _EPOCH[1] * count:
            return f"epoch-{unit}", name
    return None


def times_of_epoch(numbers: NDArray[Any], pattern: str) -> Times:
    unit = unit_of_epoch(pattern)
    assert unit is not None
    if np.issubdtype(numbers.dtype, np.integer):
        return numbers.astype(f"datetime64[{unit}]").astype("datetime64[us]")
    micros = np.round(numbers * (10**6 / _UNITS[unit][1]))
    return micros.astype(np.int64).astype("datetime64[us]")


def times_of_excel(numbers: NDArray[Any]) -> Times:
    """Times of days and fractions, which hold no more than seconds (minutes, where all are near to one)."""
    if np.issubdtype(numbers.dtype, np.integer):
        return FIRST_EXCEL_DAY + numbers.astype("timedelta64[D]")
    micros = numbers.astype(np.float64) * DAY
    for unit, near in ((MINUTE, 5 * SECOND), (SECOND, SECOND // 2)):
        whole = np.round(micros / unit) * unit
        if (np.abs(whole - micros) <= near).all():
            micros = whole
            break
    return FIRST_EXCEL_DAY + np.round(micros).astype(np.int64).astype("timedelta64[us]")


def count_decimals(numbers: NDArray[np.float64]) -> int:
    """How many decimals some numbers are written with at least, 1 for whole ones."""
    different = np.unique(numbers)[:1000]
    shown = (repr(n) for n in different.tolist())
    return min(_MOST_DECIMALS, max(len(text.partition(".")[2]) for text in shown if "e" not in text))


def is_rounded(numbers: NDArray[np.float64]) -> bool:
    """Whether a table has written large numbers with so few digits that they no longer tell times apart."""
    size = np.abs(numbers)
    if not len(size) or size.min() < 10 ** (_ROUNDED + 2):
        return False
    unit = 10.0 ** (np.floor(np.log10(size)) + 1 - _ROUNDED)
    return bool((np.mod(size, unit) == 0).all())
