"""Numbers that are times: seconds since 1970 and the like, and the days that Excel counts."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, MINUTE, SECOND, Times

EXCEL = "excel-days"
FIRST_EXCEL_DAY = np.datetime64("1899-12-30", "us")  # as Excel takes 1900 for a leap year
EXCEL_DAYS = (20_000, 60_000)  # October 1954 to April 2064
_EPOCH = (np.datetime64("1990-01-01", "s").astype(int), np.datetime64("2101-01-01", "s").astype(int))
_SINCE_1601, _SINCE_1 = -11_644_473_600, -62_135_596_800  # seconds before 1970


class CountedTimes(NamedTuple):
    """Whole numbers that count times: what they are, how many a second has, and their zero in seconds since
    1970."""

    name: str
    a_second: int
    zero: int = 0


# Nanoseconds of the year 1990 are as large as the ticks of this century, which are far more usual.
_UNITS = {
    "s": CountedTimes("seconds since 1970", 1),
    "ms": CountedTimes("milliseconds since 1970", 10**3),
    "us": CountedTimes("microseconds since 1970", 10**6),
    "webkit": CountedTimes("microseconds since 1601 (WebKit)", 10**6, _SINCE_1601),
    "filetime": CountedTimes("tenths of microseconds since 1601 (FILETIME of Windows)", 10**7, _SINCE_1601),
    "ticks": CountedTimes("tenths of microseconds since the year 1 (ticks of .NET)", 10**7, _SINCE_1),
    "ns": CountedTimes("nanoseconds since 1970", 10**9),
}
_FEWEST = 6  # different numbers that show that they are seconds, whatever they are called
_MOST_DECIMALS = 12
_ROUNDED = 6  # significant digits of 1.70407E+12, which a table has rounded


def unit_of_epoch(pattern: str) -> str | None:
    """s, ms, us, ns or the like of "epoch-s"; None for another pattern."""
    return pattern.removeprefix("epoch-").partition(".")[0] if pattern.startswith("epoch-") else None


def decimals_of(pattern: str) -> int | None:
    """How many decimals numbers are written with; None for whole numbers."""
    digits = pattern.partition(".")[2]
    return int(digits) if digits.isdigit() else None


def epoch_of(low: float, high: float, known: str | None = None) -> tuple[str, str] | None:
    """The pattern of numbers that count times and what they are, None where they do not; known: that of
    training, if any."""
    expected = unit_of_epoch(known or "")
    for unit, (name, a_second, zero) in _UNITS.items():
        first, last = ((end - zero) * a_second for end in _EPOCH)
        if first <= low and high < last and expected in (None, unit):
            return f"epoch-{unit}", name
    return None


def is_ticks(low: float, high: float) -> bool:
    """Whether numbers are so large that they can hardly be more than ticks of a clock."""
    found = epoch_of(low, high)
    return found is not None and found[0] in ("epoch-filetime", "epoch-ticks")


def are_seconds(numbers: NDArray[Any]) -> bool:
    """Whether rising whole numbers are seconds or milliseconds since 1970 of times that are minutes apart."""
    found = epoch_of(int(numbers[0]), int(numbers[-1])) if len(numbers) >= _FEWEST else None
    if found is None or found[0] not in ("epoch-s", "epoch-ms"):
        return False
    minute = 60 * _UNITS[found[0].removeprefix("epoch-")].a_second
    return bool((np.diff(numbers) % minute == 0).all())


def times_of_epoch(numbers: NDArray[Any], pattern: str) -> Times:
    unit = unit_of_epoch(pattern)
    assert unit is not None
    _, a_second, zero = _UNITS[unit]
    if np.issubdtype(numbers.dtype, np.integer):
        micros = numbers.astype(np.int64)
        micros = micros // (a_second // 10**6) if a_second > 10**6 else micros * (10**6 // a_second)
    else:
        micros = np.round(numbers * (10**6 / a_second)).astype(np.int64)
    return (micros + zero * 10**6).astype("datetime64[us]")


def numbers_of_epoch(times: Times, pattern: str) -> NDArray[Any]:
    """The numbers that stand for times."""
    _, a_second, zero = _UNITS[unit_of_epoch(pattern) or "s"]
    micros = times.astype("datetime64[us]").astype(np.int64) - zero * 10**6
    if decimals_of(pattern) is not None:
        return micros / (10**6 / a_second)
    return micros * (a_second // 10**6) if a_second > 10**6 else micros // (10**6 // a_second)


def are_excel_days(low: float, high: float) -> bool:
    """Whether numbers from low to high can be the days that Excel counts."""
    return bool(EXCEL_DAYS[0] <= low and high <= EXCEL_DAYS[1])


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
    digits = [len(text.partition(".")[2]) for text in map(repr, different.tolist()) if "e" not in text]
    return min(_MOST_DECIMALS, max(digits, default=1))


def is_rounded(numbers: NDArray[np.float64]) -> bool:
    """Whether a table has written large numbers with so few digits that they no longer tell times apart."""
    size = np.abs(numbers)
    if not len(size) or size.min() < 10 ** (_ROUNDED + 2):
        return False
    unit = 10.0 ** (np.floor(np.log10(size)) + 1 - _ROUNDED)
    return bool((np.mod(size, unit) == 0).all())
