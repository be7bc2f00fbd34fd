"""Years that are far from today's: those of other calendars are kept as written and said, or refused."""

from typing import Any

import numpy as np

from lstmcli.errors.foreign import quoted
from lstmcli.series.calendar import Times

BUDDHIST_YEARS = range(2480, 2640)  # 543 ahead
PERSIAN_OR_ISLAMIC_YEARS = range(1300, 1500)  # 621 behind; an Islamic year is 11 days shorter
USUAL_YEARS = range(PERSIAN_OR_ISLAMIC_YEARS.stop, 2200)  # of which nothing is said
_TO_PERSIAN, _ISLAMIC_LENGTH, _ISLAMIC_START = 621, 0.970229, 621.577


def notes_on_years(first: Any, last: Any) -> tuple[str, ...]:
    """What to say of times from first to last that are kept as they are written."""
    years = _years(first, last)
    low, high = years
    kept = "years are kept as written: "
    if _are_in(BUDDHIST_YEARS, years):
        return (f"{kept}{low} may be a Buddhist year, {low - 543} elsewhere",)
    if _are_in(PERSIAN_OR_ISLAMIC_YEARS, years):
        return (f"{kept}{_of_two_calendars(low)}",)
    if high < 100:
        return (f"{kept}{low:04} may stand for {2000 + low}",)
    if high < PERSIAN_OR_ISLAMIC_YEARS.start or low >= USUAL_YEARS.stop:
        shown = f"{low:04} is" if low == high else f"{low:04} to {high:04} are"
        return (f"{kept}{shown} far from today",)
    return ()


def other_calendar(cell: str, first: Any, last: Any, step: str) -> str:
    """Why days from first to last are not read: months of another calendar have other days; "" for others.

    cell: how the first is written; step: what counts rows.
    """
    years = _years(first, last)
    if not _are_in(PERSIAN_OR_ISLAMIC_YEARS, years):
        return ""
    said = f"{quoted(cell)} is not of the usual calendar: {_of_two_calendars(years[0])}, whose months "
    said += "have other days; write dates of the usual one, as 2024-12-31, or count rows, without times: "
    return f"{said}--set time=none --step {step}"


def leap_year_of_buddhists(first: Any, last: Any) -> str:
    """What to say of 29 February in times from first to last, where their years are Buddhist, "" else."""
    low, high = _years(first, last)
    if not _are_in(BUDDHIST_YEARS, (low, high)):
        return ""
    return f"{low} may be a Buddhist year, {low - 543} elsewhere: write the years that are usual elsewhere"


def _of_two_calendars(year: int) -> str:
    islamic = int(year * _ISLAMIC_LENGTH + _ISLAMIC_START)
    return f"{year} may be a Persian year, {year + _TO_PERSIAN}, or an Islamic one, {islamic}"


def _years(first: Any, last: Any) -> tuple[int, int]:
    times: Times = np.array([first, last], "datetime64[us]")
    low, high = (times.astype("datetime64[Y]").astype(np.int64) + 1970).tolist()
    return low, high


def _are_in(era: range, years: tuple[int, int]) -> bool:
    return era.start <= years[0] and years[1] < era.stop
