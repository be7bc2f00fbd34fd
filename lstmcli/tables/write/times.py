"""Times as the text that a pattern of `tables.read.patterns` describes."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, HOUR, MINUTE, SECOND, Times
from lstmcli.tables.read.era_years import MINGUO, era_word
from lstmcli.tables.read.fields import first_monday
from lstmcli.tables.read.time_words import names_of
from lstmcli.tables.read.tokens import END_OF_INTERVAL, PatternPart, is_absolute, parts_of, split_zone
from lstmcli.tables.write.numbers import numbers_of_times

if TYPE_CHECKING:
    pass

_PLACES = {"%Y": (0, 4), "%m": (5, 7), "%d": (8, 10), "%H": (11, 13), "%M": (14, 16), "%S": (17, 19)}
_YEARS = np.datetime64("1000-01-01", "us"), np.datetime64("9999-12-31T23:59:59", "us")
_FIXED = re.compile(r"UTC|([+-])(\d\d):(\d\d)")


def format_stamps(times: Times, pattern: str | None) -> object:
    """Times (n,) as the input writes them: texts, or numbers for plain steps, epochs and Excel's days."""
    if not np.issubdtype(times.dtype, np.datetime64):
        return times
    pattern = pattern or "%Y-%m-%d %H:%M:%S"
    numbers = numbers_of_times(times, pattern)
    if numbers is not None:
        return numbers
    if times.ndim == 1 and (texts := format_plain_times(times, pattern)) is not None:
        return texts
    pattern, zone = split_zone(pattern)
    local, offsets, names = _in_zone(times, zone)
    return _texts(local, parts_of(pattern), offsets, names)


def _in_zone(times: Times, zone: str) -> tuple[Times, NDArray[np.int64], NDArray[Any] | None]:
    """Local times, their offsets from UTC in minutes, and what the zone is called then."""
    fixed = _FIXED.fullmatch(zone) if zone else None
    if not zone or fixed:
        minutes = int(fixed[2]) * 60 + int(fixed[3]) if fixed and fixed[2] else 0
        minutes = -minutes if fixed and fixed[1] == "-" else minutes
        return times + np.timedelta64(minutes, "m"), np.full(len(times), minutes), None
    import pandas as pd

    index = pd.DatetimeIndex(times).tz_localize("UTC").tz_convert(zone)
    local = index.tz_localize(None).to_numpy().astype("datetime64[us]")
    return local, (local - times).astype(np.int64) // MINUTE, index.strftime("%Z").to_numpy(object)


def _texts(
    times: Times, parts: tuple[PatternPart, ...], offsets: NDArray[np.int64], names: NDArray[Any] | None
) -> NDArray[Any]:
    made = np.full(len(times), "", object)
    number = np.zeros(len(times), np.int64)
    ends_days = any(part.letter == "H" and part.more == "24" for part in parts)
    shown = _day_ending(times) if ends_days else times
    for part in parts:
        if part.letter == END_OF_INTERVAL:
            times = times + np.timedelta64(int(part.more), "us")
            shown = _day_ending(times) if ends_days else times
        elif not part.letter:
            made = made + part.more
        elif part.letter == "H" and part.more == "24":
            hour = np.where(shown != times, 24, _hour(times))
            made = made + _digits(hour, 2, part.flag)
        elif part.letter == "o":
            made = made + np.array([_ordinal(n, part.more) for n in number.tolist()], object)
        elif part.letter == "z":
            made = made + np.array([_offset(m, part.flag) for m in offsets.tolist()], object)
        elif part.letter == "Z":
            made = made + (np.full(len(times), "UTC", object) if names is None else names)
        elif part.letter in _NUMBERS:
            width, read = _NUMBERS[part.letter]
            number = read(shown)
            made = made + _digits(number, width, part.flag)
        else:
            made = made + _WORDS[part.letter](shown, part)
    return made


def _day_ending(times: Times) -> Times:
    """Times whose midnights are moved into the day that they end."""
    midnight = times.astype(np.int64) % DAY == 0
    return times - np.where(midnight, 1, 0).astype("timedelta64[D]")


def _digits(numbers: NDArray[np.int64], width: int, flag: str) -> NDArray[Any]:
    width = 1 if flag == "-" else width
    different, places = np.unique(numbers, return_inverse=True)
    return np.array([f"{n:0{width}}" for n in different.tolist()], object)[places]


def _year(times: Times) -> NDArray[np.int64]:
    return times.astype("datetime64[Y]").astype(np.int64) + 1970


def _month(times: Times) -> NDArray[np.int64]:
    return times.astype("datetime64[M]").astype(np.int64) % 12 + 1


def _day(times: Times) -> NDArray[np.int64]:
    days = times.astype("datetime64[D]")
    return (days - days.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1


def _hour(times: Times) -> NDArray[np.int64]:
    return times.astype(np.int64) % DAY // HOUR


def _weekday(times: Times) -> NDArray[np.int64]:
    """1 for a Monday."""
    return (times.astype("datetime64[D]").astype(np.int64) + 3) % 7 + 1


def _week_year(times: Times) -> NDArray[np.int64]:
    """That of the Thursday of the week."""
    days = times.astype("datetime64[D]")
    return _year(days - (_weekday(times) - 4))


def _week(times: Times) -> NDArray[np.int64]:
    days = times.astype("datetime64[D]")
    return (days - first_monday(_week_year(times))).astype(np.int64) // 7 + 1


def _day_of_year(times: Times) -> NDArray[np.int64]:
    days = times.astype("datetime64[D]")
    return (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64) + 1


_NUMBERS: dict[str, tuple[int, Callable[[Times], NDArray[np.int64]]]] = {
    "Y": (4, _year),
    "r": (3, lambda times: _year(times) - MINGUO),
    "y": (2, lambda times: _year(times) % 100),
    "G": (4, _week_year),
    "g": (2, lambda times: _week_year(times) % 100),
    "m": (2, _month),
    "d": (2, _day),
    "H": (2, _hour),
    "I": (2, lambda times: (_hour(times) - 1) % 12 + 1),
    "M": (2, lambda times: times.astype(np.int64) % HOUR // MINUTE),
    "S": (2, lambda times: times.astype(np.int64) % MINUTE // SECOND),
    "V": (2, _week),
    "j": (3, _day_of_year),
    "q": (1, lambda times: (_month(times) + 2) // 3),
    "i": (1, lambda times: (_month(times) + 5) // 6),
    "u": (1, _weekday),
}


def _fraction(times: Times, part: PatternPart) -> NDArray[Any]:
    micros = (times.astype(np.int64) % SECOND).tolist()
    digits = int(part.flag) if part.flag.isdigit() else 6
    return np.array([f"{n:06}".ljust(digits, "0")[:digits] for n in micros], object)


def _named(kind: str, table: str, numbers: NDArray[np.int64]) -> NDArray[Any]:
    return np.array(names_of(kind, table), object)[numbers - 1]


def _half(times: Times, part: PatternPart) -> NDArray[Any]:
    morning, evening = (part.more or "AM|PM").split("|")
    return np.where(_hour(times) < 12, np.array(morning, object), np.array(evening, object))


def _era(times: Times, part: PatternPart) -> NDArray[Any]:
    dated = zip(_year(times).tolist(), _month(times).tolist(), strict=True)
    return np.array([era_word(year, month, part.more) for year, month in dated], object)


_WORDS: dict[str, Callable[[Times, PatternPart], NDArray[Any]]] = {
    "f": _fraction,
    "b": lambda times, part: _named("b", part.more or "en0", _month(times)),
    "B": lambda times, part: _named("b", "en1", _month(times)),
    "a": lambda times, part: _named("a", part.more or "en0", _weekday(times)),
    "A": lambda times, part: _named("a", "en1", _weekday(times)),
    "p": _half,
    "E": _era,
    "e": lambda times, part: np.array([f"{n:2}" for n in _day(times).tolist()], object),
}


def _ordinal(number: int, words: str) -> str:
    """The ending of "1st"; words: that of 1 and that of all others, as in French, or "" for English."""
    if words:
        first, other = words.split(",")
        return first if number == 1 else other
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _offset(minutes: int, flag: str) -> str:
    """+02:00; flag: 4 for +0200, 2 for +02."""
    sign, size = "-" if minutes < 0 else "+", abs(minutes)
    short = flag == "2" and size % 60 == 0
    return f"{sign}{size // 60:02}" + ("" if short else f"{'' if flag == '4' else ':'}{size % 60:02}")


def zoned_times(times: Times, pattern: str | None) -> object:
    """Times with their zone, where the pattern says that they have one."""
    if not np.issubdtype(times.dtype, np.datetime64):
        return times
    import pandas as pd

    index: pd.DatetimeIndex = pd.DatetimeIndex(times)
    if is_absolute(pattern):
        zone = split_zone(pattern or "")[1]
        return index.tz_localize("UTC").tz_convert(zone or "UTC")
    return index


def format_plain_times(times: Times, pattern: str) -> NDArray[np.str_] | None:
    """What strftime makes of times (n,), in a fraction of the time.

    None where the pattern holds more than year, month, day, hour, minute and second, or a year has not
    four digits.
    """
    parts = re.findall(r"%.|[^%]+", pattern)
    if any(part[0] == "%" and part not in _PLACES for part in parts) or "".join(parts) != pattern:
        return None
    if (
        " @" in pattern
        or "{" in pattern
        or not (len(times) and times.min() >= _YEARS[0] and times.max() <= _YEARS[1])
    ):
        return None
    iso = np.datetime_as_string(times.astype("datetime64[s]")).astype("U19")
    signs = iso.view("U1").reshape(len(times), 19)
    columns = [
        signs[:, slice(*_PLACES[part])]
        if part in _PLACES
        else np.broadcast_to(np.array(list(part)), (len(times), len(part)))
        for part in parts
    ]
    joined = np.ascontiguousarray(np.concatenate(columns, axis=1))
    return joined.view(f"U{joined.shape[1]}")[:, 0]
