"""Steps written as text, such as "15min", and the bins that such a step cuts time into."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import SettingsError
from lstmcli.series.calendar import DAY, HOUR, MINUTE, SECOND, Step, Times
from lstmcli.series.open_week import WEEK

AGGREGATES = ("mean", "sum", "min", "max", "first", "last", "median")
_MONDAY = np.datetime64("1970-01-05", "us")
_MONTH = 2_629_746 * SECOND  # a twelfth of 365.2425 days
_UNITS: dict[str, tuple[str, int]] = {}  # spelling to kind and count
for _spellings, _kind, _count in (
    ("ms millisecond milliseconds", "fixed", 1000),
    ("s sec second seconds", "fixed", SECOND),
    ("min minute minutes", "fixed", MINUTE),
    ("h hour hours", "fixed", HOUR),
    ("d day days", "fixed", DAY),
    ("w week weeks", "fixed", 7 * DAY),
    ("mo month months MS", "month", 1),
    ("q quarter quarters QS", "month", 3),
    ("y year years YS", "month", 12),
    ("bd b", "business day", 1),
):
    _UNITS |= dict.fromkeys(_spellings.split(), (_kind, _count))


def parse_step(text: str) -> Step:
    """A step as "15min", "1h", "1d", "1bd", "1w", "1mo", "1q", "1y"; a bare number is plain steps.

    Months start on their first day. Raises SettingsError.
    """
    found = re.fullmatch(r"(\d*)\s*([A-Za-z]*)", text.strip())
    count = int(found[1] or "1") if found and text.strip() else 0
    unit = found[2] if found else ""
    if count < 1 or count > 10**9 or (unit and unit not in _UNITS and unit.lower() not in _UNITS):
        hint = f"; write {count}min or {count}mo" if unit.lower() == "m" and count else ""
        raise SettingsError(
            f"{text!r} is no step{hint}: one is written as 15min, 1h, 1d, 1bd, 1w, 1mo, 1q, 1y"
        )
    if not unit:
        return Step("plain", count)
    kind, length = _UNITS.get(unit) or _UNITS[unit.lower()]
    return Step(kind, count * length, day=1 if kind == "month" else 0)


def parse_resample(text: str) -> tuple[Step, str]:
    """Step and aggregate of "1h=mean". Raises SettingsError."""
    step, _, how = text.partition("=")
    if how not in AGGREGATES:
        raise SettingsError(f"write {text!r} as 1h=mean, with one of {', '.join(AGGREGATES)} after the =")
    parsed = parse_step(step)
    if parsed.kind == "business day":
        raise SettingsError(f"{text!r}: bins cannot be business days; take 1d")
    return parsed, how


def length(step: Step) -> int:
    """About how long a step is, in microseconds, or in plain steps."""
    if step.kind == "open":
        return WEEK // len(step.week.chosen)
    return step.count * {"fixed": 1, "plain": 1, "month": _MONTH, "business day": DAY}[step.kind]


def is_days(step: Step) -> bool:
    """Whether a step is of whole days or longer, so that a change of the clock is none of its matter."""
    whole = step.kind in ("fixed", "open") and step.count % DAY == 0
    return whole or step.kind in ("month", "business day")


def bin_starts(times: Times, step: Step) -> NDArray[Any]:
    """The start of the bin that each stamp (n,) falls into.

    Bins of months start in January; others are counted from a Monday, midnight; those of plain
    steps from 0.
    """
    if step.kind == "plain":
        return np.asarray(times // step.count * step.count)
    if step.kind == "month":
        months = times.astype("datetime64[M]").astype(np.int64) // step.count * step.count
        return months.astype("datetime64[M]").astype("datetime64[us]")
    into = np.mod(times.astype("datetime64[us]") - _MONDAY, np.timedelta64(step.count, "us"))
    return np.asarray(times - into)
