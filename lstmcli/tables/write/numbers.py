"""Times as numbers: seconds since 1970 and the like, the days that Excel counts, and decimal years."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, Times
from lstmcli.tables.read.decimal_years import decimal_years_from, is_decimal_years
from lstmcli.tables.read.numeric_patterns import (
    EXCEL,
    FIRST_EXCEL_DAY,
    decimals_of,
    numbers_of_epoch,
    unit_of_epoch,
)


def numbers_of_times(times: Times, pattern: str) -> NDArray[Any] | None:
    """Times (n,) as the numbers that a pattern stands for, None where it is one of texts."""
    if pattern.startswith(EXCEL):
        days = (times - FIRST_EXCEL_DAY).astype(np.int64)
        decimals = decimals_of(pattern)
        return days // DAY if decimals is None else np.round(days / DAY, decimals)
    if is_decimal_years(pattern):
        return decimal_years_from(times, pattern, decimals_of(pattern) or 0)
    return None if unit_of_epoch(pattern) is None else numbers_of_epoch(times, pattern)
