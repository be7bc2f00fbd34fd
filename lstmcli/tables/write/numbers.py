"""Times as numbers: seconds since 1970 and the like, and the days that Excel counts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, Times
from lstmcli.tables.read.numeric_patterns import EXCEL, FIRST_EXCEL_DAY, decimals_of, unit_of_epoch


def numbers_of_times(times: Times, pattern: str) -> NDArray[Any] | None:
    """Times (n,) as the numbers that a pattern stands for, None where it is one of texts."""
    if pattern.startswith(EXCEL):
        days = (times - FIRST_EXCEL_DAY).astype(np.int64)
        decimals = decimals_of(pattern)
        return days // DAY if decimals is None else np.round(days / DAY, decimals)
    unit = unit_of_epoch(pattern)
    if unit is None:
        return None
    if decimals_of(pattern) is None:
        return times.astype(f"datetime64[{unit}]").astype(np.int64)
    return times.astype(np.int64) / {"s": 1_000_000, "ms": 1000, "us": 1}[unit]
