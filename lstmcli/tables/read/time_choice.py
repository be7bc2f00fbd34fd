"""Which of several readings that fit all cells is meant, and what is said of the one that is taken."""

import re
from collections.abc import Sequence

import numpy as np

from lstmcli.series.calendar import DAY, HOUR, MINUTE, SECOND, format_time
from lstmcli.tables.read.eras import notes_on_years
from lstmcli.tables.read.fields import read_fields
from lstmcli.tables.read.time_reading import Reading
from lstmcli.tables.read.time_words import name_style, names_of, names_unit
from lstmcli.tables.read.tokens import PatternPart, letters_of, parts_of, pattern_of, split_zone

UNTOLD_DAY = (
    "and all other dates can be read month first or day first; write them as 2024-12-31 or say "
    "--set day_first=true (or false)"
)
FIRST_OF_MONTHS_NOTE = (
    "dates are read day first, all of them the first of a month, as usual between semicolons beside a "
    "comma for decimals (--set day_first=false otherwise)"
)
_UNTOLD_QUARTER = (
    "and all others may be a month or a quarter; write {year}-Q{number} or {year}-{number:0>2}, or call the "
    "column Quarter or Month"
)
_MUCH_LONGER = 4  # times the span of the dates as they are usually read
_LAST_WEEK, _LAST_QUARTER = 52, 4


def choose_reading(
    fitting: Sequence[Reading], column: str, known: str | None, cell: str
) -> tuple[Reading | None, str]:
    """The reading that is meant, or None and why none can be told.

    column: its name, which tells weeks and quarters from months; known: the pattern of training, if any;
    cell: the first one.
    """
    if len(fitting) < 2:
        return (fitting[0] if fitting else None), ""
    wanted = [r for r in fitting if known and generic(r.pattern) == generic(known)]
    if wanted:
        return wanted[0], ""
    left = _shorter_spans(_in_order(_intervals_or_offsets(fitting)))
    if len(left) == 1:
        return left[0], ""
    if any({"V", "q", "i"} & letters_of(r.pattern) for r in left):
        return _of_unit(left, column, cell)
    return None, UNTOLD_DAY


def first_of_months(fitting: Sequence[Reading]) -> Reading | None:
    """That of dates as 01.02.2024 by which all are the first of a month, if any."""
    return next((r for r in fitting if r.monthly and r.span), None)


def following_closely(fitting: Sequence[Reading]) -> Reading | None:
    """The only one by which all times follow one another within less than a day, if any: by the others they
    jump by a month after midnight."""
    close = [r for r in fitting if r.rises_within_days]
    return close[0] if len(close) == 1 else None


def close_note(reading: Reading) -> str:
    """How dates were read by `following_closely`, for the user."""
    first = bool(re.match(r"%-?[de]", reading.pattern))
    what, other = ("day", "false") if first else ("month", "true")
    said = f"dates are read {what} first: only so the times follow one another"
    return f"{said} (--set day_first={other} otherwise)"


def _intervals_or_offsets(fitting: Sequence[Reading]) -> Sequence[Reading]:
    """22:00-23:00 may be an interval, or a time with its offset from UTC, which is the same in all rows."""
    intervals = [r for r in fitting if "+" in letters_of(r.pattern)]
    offsets = [r for r in fitting if r not in intervals]
    if not intervals or not offsets:
        return fitting
    even = all(len(r.spelling.lengths) == 1 for r in intervals)
    return intervals if even and len(offsets[0].offsets) > 1 else offsets


def days_without_year(pattern: str, cells: Sequence[str]) -> bool:
    """Whether "Jan-01", "Jan-02" may be days as well as years: the month stays, the number does not tell."""
    if letters_of(pattern) != {"b", "y"} or len(cells) < 2:
        return False
    names, years = zip(*(re.findall(r"[^\W\d_]+|\d+", cell)[:2] for cell in cells[:2]), strict=True)
    return names[0] == names[1] and years[0] != years[1] and all(0 < int(year) <= 31 for year in years)


def generic(pattern: str) -> str:
    """A pattern without its spelling: what cells are read by."""
    names = {"B": "b", "A": "a"}
    parts = [
        PatternPart(names.get(p.letter, p.letter)) if p.letter else p
        for p in parts_of(split_zone(pattern)[0])
    ]
    return pattern_of(parts)


def _in_order(fitting: Sequence[Reading]) -> Sequence[Reading]:
    """Without those that put rows out of order which others find in order, where the year has two digits:
    01.01.10, 01.02.10 to 01.12.15 are no days of 2001."""
    if not any("y" in letters_of(r.pattern) for r in fitting):
        return fitting
    return [r for r in fitting if r.in_order] or fitting


def _shorter_spans(fitting: Sequence[Reading]) -> Sequence[Reading]:
    """Without those by which dates, whose year has two digits, lie much farther apart than by others: days of
    a month pass for years."""
    if not any("y" in letters_of(r.pattern) for r in fitting):
        return fitting
    spans = [(r.span[1] - r.span[0]).astype(np.int64) if r.span else 0 for r in fitting]
    usual = [r for r, span in zip(fitting, spans, strict=True) if span <= _MUCH_LONGER * max(min(spans), DAY)]
    last = [r for r in usual if not r.pattern.startswith("%y")]
    return last or usual


def _of_unit(fitting: Sequence[Reading], column: str, cell: str) -> tuple[Reading | None, str]:
    """Months, quarters or weeks, by the numbers that occur and the name of the column."""
    by_letter = {
        letter: r for r in fitting for letter in ("m", "q", "V", "i") if letter in letters_of(r.pattern)
    }
    unit = names_unit(column)
    letter = {"week": "V", "quarter": "q", "month": "m"}.get(unit, "")
    if letter in by_letter:
        return by_letter[letter], ""
    if "i" in by_letter:  # S1, S2: half-years, or the first weeks of a year
        return by_letter["i"], ""
    if "m" not in by_letter:
        return next(iter(by_letter.values())), ""
    highest = by_letter["m"].spelling.highest.get("m", 0)
    if "q" in by_letter and highest <= _LAST_QUARTER and _years(by_letter["q"]) > 1:
        found = read_fields([cell], by_letter["q"].pattern).times[0].astype("datetime64[M]").item()
        number = (found.month + 2) // 3
        return None, _UNTOLD_QUARTER.format(year=found.year, number=number)
    return by_letter["m"], ""


def _years(reading: Reading) -> int:
    if reading.span is None:
        return 0
    first, last = (time.astype("datetime64[Y]").astype(int) for time in reading.span)
    return int(last - first)


def are_weeks(reading: Reading, column: str) -> bool:
    """Whether numbers that may be weeks are said to be: by the name of the column, or as they run to 52."""
    return names_unit(column) == "week" or reading.spelling.highest.get("V", 0) >= _LAST_WEEK


def describe_reading(reading: Reading, cell: str, ambiguous: bool) -> tuple[str, ...]:
    """What was assumed of stamps, for the user. ambiguous: whether there were other readings of a cell."""
    notes, letters, spelling = [], letters_of(reading.pattern), reading.spelling
    time = format_time(read_fields([cell], reading.pattern).times[0])
    if letters & {"y", "g"}:
        notes.append(f"years of two digits taken as 1940 to 2039: {cell} is {time}")
    if ambiguous and "q" in letters:
        notes.append(f"time stamps taken as quarters: {cell} begins on {time}")
    if ambiguous and "V" in letters:
        notes.append(f"time stamps taken as weeks: {cell} begins on {time}")
    if True in spelling.ends_days:
        notes.append("24:00 taken as the midnight that ends the day")
    if reading.bare:
        notes.append("dates without a time of day taken as 00:00")
    if "+" in letters:
        notes.append(_interval_note(reading))
    if reading.span:
        notes += notes_on_years(*reading.span)
    if name := spelling.undecided_name():
        june = names_of("b", name_style("b", {name}))[5]
        notes.append(f"all months are {name}, which may be short or not: June is written {june}")
    return tuple(notes)


def _interval_note(reading: Reading) -> str:
    lengths = reading.spelling.lengths
    if len(lengths) != 1:
        return "time stamps are intervals: taken by their start, and written without their end"
    return f"time stamps are intervals of {_length(next(iter(lengths)))}: taken by their start"


def _length(micros: int) -> str:
    for unit, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second")):
        if micros % unit == 0:
            count = micros // unit
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{micros} microseconds"
