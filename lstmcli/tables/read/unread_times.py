"""Why a cell is no time stamp, and which forms are."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lstmcli.errors.foreign import quoted
from lstmcli.tables.read.cell_kinds import WRITTEN_YEAR
from lstmcli.tables.read.eras import leap_year_of_buddhists
from lstmcli.tables.read.fields import CENTURY, read_fields
from lstmcli.tables.read.joined_times import PAST_THE_DAY
from lstmcli.tables.read.likely_steps import likely_step, mend_without_times
from lstmcli.tables.read.mends import zone_of_long_days
from lstmcli.tables.read.shapes import date_patterns, is_clock
from lstmcli.tables.read.time_words import month_number
from lstmcli.tables.read.word_parts import is_day_part, is_season

KNOWN_FORMS = (
    "read are dates as 2024-12-31, 31.12.2024, 12/31/2024 or 31 Dec 2024, with a time as 18:00 or 6:00 PM; "
    "months as 2024-12 or Dec 2024; quarters as 2024-Q4; weeks as 2024-W52; seconds since 1970"
)
_YEARS = (
    re.compile(rf"(?:Q[1-4][ -]?)?({WRITTEN_YEAR}) ?[-/–] ?(\d\d|\d{{4}})(?:[ -]?Q[1-4])?"),
    re.compile(rf"({WRITTEN_YEAR}) ?(?:[*†‡#¹²³a-z]|\([\w ]{{1,12}}\)|\[[\w ]{{1,12}}\])"),
    re.compile(r"FY ?(\d\d)"),
)
_NO_YEAR = (
    (re.compile(r"\d{1,3}[-/.]\d{1,2}"), "1mo", "has no year of four digits"),
    (re.compile(r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])"), "1d", "has no year"),
    (re.compile(r"([^\W\d_]+)\.?[- /]?\d{1,2}"), "1d", "has no year"),
    (re.compile(r"\d{1,2}\.?[- /]?([^\W\d_]+)\.?"), "1d", "has no year"),
    (re.compile(r"([^\W\d_]+)\.?"), "1mo", "has no year"),
    (re.compile(r"([^\W\d_]+)\.?[- /]+\d{1,2},? +\d{1,2}:\d\d.*"), "", "has no year"),  # as in logs
)
_DAY_AND_WORD = re.compile(r"(.*\d)[\s,_-]+([^\W\d]+\.?(?:-[^\W\d]+)?)")
_LAST_DAYS = re.compile(r"(?<!\d)(?:29|3[01])(?!\d)|(?<=\d{6})(?:29|3[01])(?!\d)")


def mend_of_year(cell: str) -> str:
    """What to write for two years (1990/91, 1990/91 Q1), a year with a mark (2017*), FY90; "" of others."""
    two, marked, fiscal = (shape.fullmatch(cell.strip()) for shape in _YEARS)
    if two and (int(two[1]) + 1 - int(two[2])) % 100 == 0:
        command = r"sed -E 's#\b([12][0-9]{3}) ?[-/] ?([0-9]{4}|[0-9]{2})\b#\1#'"
        return f"where it is a year that ends in the next one, write the first alone: {command}"
    if marked:
        return f"where it is a year with a mark beside it, write it alone ({marked[1]})"
    century = 1900 if fiscal and int(fiscal[1]) >= CENTURY else 2000
    return f"where it is a year, write it in four digits ({century + int(fiscal[1])})" if fiscal else ""


def lacks_year(cell: str) -> bool:
    """Whether a cell is a day with the name of its month alone: 1-Jan, Jan 1."""
    found = [shape.fullmatch(cell.strip()) for shape, step, _ in _NO_YEAR if step == "1d"]
    return any(match and match.groups() and month_number(match[1]) for match in found)


def are_double_years(cells: Sequence[str]) -> bool:
    """Whether all cells, of which some differ, may be two years, as 2018-19 and 2019-20."""
    return len({*cells}) > 1 and all(map(mend_of_year, {*cells}))


def describe_unread(cell: str, cells: Sequence[str], column: str) -> str:
    """What to say of a cell that follows no known pattern. cells: the first ones of the column, which tell
    the step; column: its name."""
    text = cell.strip()
    if mend := mend_of_year(text):
        return f"{quoted(cell)} is not a time stamp that is known; {mend}"
    if is_season(text):
        said = f"{quoted(cell)} is not a time stamp: seasons are not read; write quarters as 2024-Q1"
        return f"{said}, {mend_without_times('1q')}"
    dated = _DAY_AND_WORD.fullmatch(text)
    if dated and is_day_part(dated[2]) and date_patterns(dated[1]):
        return f"{quoted(cell)} is not a time stamp: {quoted(dated[2])} is no time of day; write it as 06:00"
    if is_clock(text):
        said = f"{quoted(cell)} is not a time stamp: it has no date"
        return f"{said}; {mend_without_times(likely_step(cells) or '1h')}"
    for shape, usual, why in _NO_YEAR:
        found = shape.fullmatch(text)
        if found and (not found.groups() or month_number(found[1])):
            said = f"{quoted(cell)} is not a time stamp: it {why}; "
            said += "write months as 2024-01 and dates as 2024-01-31"
            return f"{said}, {mend_without_times(_step_of_days(shape, cells) or usual or likely_step(cells))}"
    said = f"{quoted(cell)} is not a time stamp that is known; {KNOWN_FORMS}"
    return f"{said}; {mend_without_times(likely_step(cells, column))}"


def _step_of_days(shape: re.Pattern[str], cells: Sequence[str]) -> str:
    """1mo where the first two cells name different months beside the same number, as 5-Jan and 5-Feb, 1w
    where they name one month beside days a week apart; 1d where numbers beside each other are days."""
    found = [shape.fullmatch(cell.strip()) for cell in cells[:2]]
    names = {match[1] for match in found if match and match.groups()}
    numbers = {*map(_digits, cells[:2])}
    days = [int(number[0]) for number in numbers if number]
    if len(names) == 1 and len(days) == 2 and abs(days[0] - days[1]) == 7:
        return "1w"
    if not names and any(12 < int(number) <= 31 for cell in cells for number in _digits(cell)):
        return "1d"
    return "1mo" if len(names) == 2 and len(numbers) == 1 else ""


def describe_past_the_day(cell: str, zone: str) -> tuple[str, str]:
    """What to say of a day and an hour or period beyond its 24 hours, and a time zone that may read it; ""
    of another cell. zone: the one that is set."""
    found = PAST_THE_DAY.search(cell)
    if not found:
        return "", ""
    (what, number), date = found.groups(), cell[: found.start()]
    days = [times for p in date_patterns(date) if not np.isnat(times := read_fields([date], p).times).any()]
    likely = next(filter(None, map(zone_of_long_days, days)), "")
    said = f"{quoted(cell)} is not a time stamp: {what} {number} is on no clock, "
    said += "it belongs to a day on which the "
    if likely and not zone:
        likely = "Europe/London" if what == "period" and number in ("49", "50") else likely
        said += f"clock goes back; --set timezone={likely} (or your zone) counts the {what}s of each day"
        return f"{said} from its midnight", likely
    said += "clock goes back; write the times of all rows in one column with their offset from UTC, as "
    return f"{said}2024-10-27 02:00+01:00", ""


def no_such_day(cell: str, reads: Callable[[str], bool], span: tuple[Any, Any] | None) -> str:
    """A word on a date whose month is shorter: 2023-02-29. reads: whether a text is a time stamp; span: of
    those that are."""
    shorter = (cell[: found.start()] + "28" + cell[found.end() :] for found in _LAST_DAYS.finditer(cell))
    if not any(map(reads, shorter)):
        return ""
    if span and (said := leap_year_of_buddhists(*span)):
        return f"; {said}"
    return "; its month has no such day: take the row out"


def _digits(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\d+", text))
