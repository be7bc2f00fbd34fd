"""Months and quarters as decimal years, as R and tables of the climate write them: March 1958 is 1958.167, or
1958.204 by the middle of the month."""

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import Times

STARTS, MIDDLES = "decimal-years", "decimal-middles"
_FIRST, _LAST = 1600, 2200
_ROUNDED = 0.1  # of a month: 1949.08 is 0.96 months after 1949 began
_UNEVEN = 0.12  # of a month, by which middles differ, as months do
_FEWEST = 4  # numbers that show it


def is_decimal_years(pattern: str | None) -> bool:
    return bool(pattern) and str(pattern).partition(".")[0] in (STARTS, MIDDLES)


def decimal_years_of(numbers: NDArray[np.float64], known: str | None = None) -> str | None:
    """The pattern of numbers that are months or quarters as decimal years; None for others.

    known: the pattern of training, by which few numbers are read.
    """
    different = np.unique(numbers)
    if not len(different) or not _FIRST <= different[0] <= different[-1] <= _LAST:
        return None
    if known is not None and is_decimal_years(known):
        return known.partition(".")[0]
    whole = bool((different == np.floor(different)).all())
    if whole or len(different) < _FEWEST:
        return None
    months = _months(different)
    apart, phases = np.diff(months), different * 12 - months
    even = len(apart) and np.median(apart) in (1, 3, 6) and apart.min() > 0
    if not even or np.ptp(phases) > 2 * _UNEVEN:
        return None
    middle = float(np.median(phases))
    if abs(middle) <= _ROUNDED:
        return STARTS
    return MIDDLES if abs(middle - 0.5) <= _UNEVEN else None


def _months(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Months since the year 0."""
    return np.floor(numbers * 12 + _ROUNDED)


def times_of_decimal_years(numbers: NDArray[np.float64]) -> Times:
    """The first days of the months that numbers fall into."""
    months = _months(numbers.astype(np.float64)).astype(np.int64) - 1970 * 12
    return months.astype("datetime64[M]").astype("datetime64[us]")


def decimal_years_from(times: Times, pattern: str, decimals: int) -> NDArray[np.float64]:
    """The numbers that stand for months."""
    months = times.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    share = 0.5 if pattern.startswith(MIDDLES) else 0.0
    return np.round((months + share) / 12, decimals)
