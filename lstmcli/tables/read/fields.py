"""Stamps of any pattern of `patterns` to times: cells are cut into the fields that the pattern names."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, HOUR, MINUTE, SECOND, Times
from lstmcli.tables.read.era_years import ERA, MINGUO, era_year
from lstmcli.tables.read.time_words import half_of_day, month_number, weekday_number
from lstmcli.tables.read.tokens import END_OF_INTERVAL, ZONES, PatternPart, letters_of, parts_of

Words = Mapping[str, Sequence[str]]  # letter to the texts of a field
Numbers = Mapping[str, NDArray[np.int64]]
_EXPRESSIONS = {
    "Y": r"\d{4}",
    "G": r"\d{4}",
    "y": r"\d\d",
    "g": r"\d\d",
    **dict.fromkeys("mdHIV", r"\d{1,2}"),
    **dict.fromkeys("MS", r"\d\d"),
    "e": r"[ \d]?\d",
    "j": r"\d{3}",
    "q": "[1-4]",
    "i": "[12]",
    "u": "[1-7]",
    "f": r"\d{1,9}",
    "b": r"[^\W\d_]+\.?",
    "B": r"[^\W\d_]+\.?",
    "a": r"[^\W\d_]+(?:-feira)?\.?",
    "A": r"[^\W\d_]+(?:-feira)?\.?",
    "p": r"오전|오후|上午|下午|午前|午後|[AaPp]\.?\s?(?:[Mm]\.?)?",
    "E": ERA,
    "r": r"\d{2,3}",
    "o": "st|nd|rd|th|er|ère|ème|e|º|°|ª|",
    "z": r"Z|[+-](?:0\d|1[0-4])(?::?\d\d)?",
    "Z": "[A-Z]{3,4}",
}
_DIGITS = "YGymdHIVMSjqiug"
EVEN = "YmdHMSy"  # letters of numbers that may be of one width each
_WIDTHS = {"Y": 4, "G": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "y": 2}
CENTURY = 40  # from here on, years of two digits are of 1900: what is measured is past, be it Jan-49


@dataclass(frozen=True)
class FieldTimes:
    """What a pattern made of some cells, (rows,).

    times    UTC where the stamps tell their offset, NaT where a cell does not follow the pattern
    offsets  from UTC in microseconds; None where the pattern has none
    lengths  of intervals in microseconds; None where a cell is no interval
    words    the texts of every field, of the cells that follow the pattern; none where all numbers have their
             full number of digits
    zeroed   letters of fields of which a number has a leading zero, where `words` has none
    bare     whether days without a time of day were taken as their midnights
    """

    times: Times
    offsets: NDArray[np.int64] | None = None
    lengths: NDArray[np.int64] | None = None
    words: tuple[tuple[str, Sequence[str]], ...] = ()
    zeroed: frozenset[str] = frozenset()
    bare: bool = False


def read_fields(texts: Sequence[str], pattern: str) -> FieldTimes:
    """The times of cells; those that cannot be are NaT, such as 30 February or a wrong day of the week."""
    even = of_same_width(texts, pattern)
    if even is not None:
        return even
    expression, letters, ends = _expression(pattern)
    joined = "\n".join(texts)
    rows = expression.findall(joined) if joined.count("\n") == len(texts) - 1 else []
    where = None
    if len(rows) != len(texts):
        matches = [expression.fullmatch(text) for text in texts]
        where = np.array([n for n, found in enumerate(matches) if found], np.int64)
        rows = [found.groups() for found in matches if found]
    columns = list(zip(*rows, strict=True)) or [()] * len(letters)
    words = tuple(zip(letters, columns, strict=False))
    made, offsets = _times(dict(words[:ends]), len(rows))
    lengths = _lengths(words, ends, made) if ends < len(letters) else None
    if lengths is not None:
        made = np.where(np.isnat(lengths), np.datetime64("NaT", "us"), made)
    return FieldTimes(
        _spread(made, where, len(texts), np.datetime64("NaT", "us")),
        None if offsets is None else _spread(offsets, where, len(texts), 0),
        None if lengths is None else lengths[~np.isnat(lengths)].astype(np.int64),
        words[:ends],
    )


def _spread(found: NDArray[Any], where: NDArray[np.int64] | None, count: int, empty: Any) -> NDArray[Any]:
    """Some rows among all."""
    if where is None:
        return found
    spread = np.full(count, empty, found.dtype)
    spread[where] = found
    return spread


@cache
def _expression(pattern: str) -> tuple[re.Pattern[str], tuple[str, ...], int]:
    """What cells of a pattern look like, the letters of its groups, and how many of them are not of the end
    of an interval."""
    parts = parts_of(pattern)
    made: list[str] = []
    letters: list[str] = []
    ends: int | None = None
    for at, part in enumerate(parts):
        if part.letter == END_OF_INTERVAL:
            ends = len(letters)
        elif not part.letter:
            made.append(re.sub(r"(\\?\s)+", lambda found: rf"\s{{1,{len(found[0])}}}", re.escape(part.more)))
        else:
            near = (parts[n] for n in (at - 1, at + 1) if 0 <= n < len(parts))
            touches = any(p.letter and p.letter in _DIGITS for p in near)
            wide = rf"\d{{{_WIDTHS.get(part.letter, 2)}}}" if touches and part.letter in "mdHIV" else ""
            made.append(f"({wide or _EXPRESSIONS[part.letter]})")
            letters.append(part.letter)
    whole = re.compile(rf"^[^\S\n]*{''.join(made)}[^\S\n]*()$", re.MULTILINE)
    return whole, tuple(letters), len(letters) if ends is None else ends


def of_same_width(texts: Sequence[str], pattern: str, letters: str = EVEN) -> FieldTimes | None:
    """Numbers of full width alone, which are read many times faster; None where not all cells are so.

    letters: see `read_grid`.
    """
    if not len(texts) or not letters_of(pattern) <= {*letters} or "\n" in pattern:
        return None
    width = len(texts[0])
    joined = "\n".join(texts) + "\n"
    if len(joined) != len(texts) * (width + 1):
        return None
    ascii_only = joined.isascii()
    signs = joined.encode("ascii" if ascii_only else "utf-32-le")
    grid = np.frombuffer(signs, np.uint8 if ascii_only else np.uint32).reshape(len(texts), width + 1)
    # As there are as many line ends as texts, and all in the last column, none is in a text.
    return read_grid(grid[:, :-1], pattern, letters) if (grid[:, -1] == ord("\n")).all() else None


def read_grid(grid: NDArray[Any], pattern: str, letters: str = EVEN) -> FieldTimes | None:
    """The times of cells by their signs, (rows, width), as ASCII or wider; None where not all are numbers of
    full width. letters: of the fields that a pattern may have."""
    if not letters_of(pattern) <= {*letters} or (grid.dtype == np.uint8 and not pattern.isascii()):
        return None
    signs = [(part, "0" * _width(part) if part.letter else part.more) for part in parts_of(pattern)]
    if sum(len(shown) for _, shown in signs) != grid.shape[1]:
        return None
    found: dict[str, NDArray[np.int64]] = {}
    places = iter(range(grid.shape[1]))
    for part, shown in signs:
        number = np.zeros(len(grid), np.uint16 if len(shown) < 5 else np.uint32)
        for sign in shown:
            digits = grid[:, next(places)] - ord(sign)  # below 0 it is large
            if digits.max() > (9 if part.letter else 0):
                return None
            number = 10 * number + digits.astype(number.dtype)
        if part.letter:
            found[part.letter] = number.astype(np.int64)
        if part.letter == "f":
            found["f"] = found["f"] * 10**6 // 10 ** len(shown)
    if "H" in found and (found["H"] > 23).any():
        return None
    zeroed = frozenset(letter for letter in "mdH" if letter in found and (found[letter] < 10).any())
    return FieldTimes(_moments(found, len(grid))[0], zeroed=zeroed)


def _width(part: PatternPart) -> int:
    return int(part.flag or 6) if part.letter == "f" else _WIDTHS[part.letter]


def _numbers(words: Sequence[str], number: Callable[[str], int] = int) -> NDArray[np.int64]:
    known = {word: number(word) for word in set(words)}
    return np.fromiter(map(known.__getitem__, words), np.int64, len(words))


_READERS: dict[str, Callable[[str], int]] = {
    "E": era_year,
    "b": month_number,
    "B": month_number,
    "a": weekday_number,
    "A": weekday_number,
    "p": half_of_day,
    "f": lambda digits: int(digits.ljust(6, "0")[:6]),
    "Z": lambda word: ZONES.get(word, 10_000),
}


def _offset(text: str) -> int:
    """Minutes east of UTC."""
    if text == "Z":
        return 0
    size = int(text[1:3]) * 60 + int(text[3:].lstrip(":") or 0)
    return -size if text[0] == "-" else size


def _times(words: Words, rows: int) -> tuple[Times, NDArray[np.int64] | None]:
    """Times, and the offsets from UTC that were taken off them."""
    found = {
        letter: _numbers(texts, _READERS.get(letter, int))
        for letter, texts in words.items()
        if letter not in "oz"
    }
    times, wrong = _moments(found, rows)
    offsets = None
    if "z" in words:
        offsets = _numbers(words["z"], _offset) * MINUTE
    elif "Z" in words:
        wrong = wrong | (found["Z"] == 10_000)
        offsets = found["Z"] * MINUTE
    if offsets is not None:
        times = times - offsets.astype("timedelta64[us]")
    return np.where(wrong, np.datetime64("NaT", "us"), times), offsets


def _moments(found: Mapping[str, NDArray[np.int64]], rows: int) -> tuple[Times, NDArray[np.bool_]]:
    """Times of fields, and which cannot be."""
    days, wrong = _days(found, rows)
    for letter in "aA":
        if letter in found:
            weekday = (days.astype(np.int64) + 3) % 7 + 1
            wrong |= weekday != found[letter]
    none = np.zeros(rows, np.int64)
    hour, minute, second = (found.get(letter, none) for letter in "HMS")
    if "I" in found:
        half = found.get("p", none)
        wrong |= (found["I"] > 12) | (found["I"] < 1) | (half < 0)
        hour = found["I"] % 12 + 12 * half
    wrong |= (minute > 59) | (second > 59)
    wrong |= (hour > 24) | ((hour == 24) & (minute + second + found.get("f", none) > 0))
    micros = hour * HOUR + minute * MINUTE + second * SECOND + found.get("f", none)
    times = days.astype("datetime64[us]") + micros.astype("timedelta64[us]")
    return np.where(wrong, np.datetime64("NaT", "us"), times), wrong


def _days(found: Numbers, rows: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    if "V" in found:
        return _week_days(found)
    year = _years(found)
    if "j" in found:
        first = (year - 1970).astype("datetime64[Y]")
        days = first.astype("datetime64[D]") + (found["j"] - 1)
        return days, (days.astype("datetime64[Y]") != first) | (year < 1)
    one = np.ones(rows, np.int64)
    month = next((found[letter] for letter in "mbB" if letter in found), one)
    month = 3 * found["q"] - 2 if "q" in found else 6 * found["i"] - 5 if "i" in found else month
    day = found.get("d", found.get("e", one))
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    wrong = (month < 1) | (month > 12) | (day < 1) | (days.astype("datetime64[M]") != months) | (year < 1)
    return days, wrong


def _years(found: Numbers) -> NDArray[np.int64]:
    if "r" in found:
        return found["r"] + MINGUO
    return found["E"] if "E" in found else found["Y"] if "Y" in found else _of_century(found["y"])


def _of_century(years: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(years < CENTURY, 2000, 1900) + years


def _week_days(found: Numbers) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The Monday of an ISO week, or a day of it. Source: ISO 8601, week 1 holds 4 January."""
    year = found["G"] if "G" in found else _of_century(found["g"])
    days = first_monday(year) + 7 * (found["V"] - 1)
    wrong = (found["V"] < 1) | (days >= first_monday(year + 1)) | (year < 1)
    return days + (found["u"] - 1) if "u" in found else days, wrong


def first_monday(year: NDArray[np.int64]) -> NDArray[Any]:
    """The Monday of the first ISO week of years."""
    fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + np.timedelta64(3, "D")
    return fourth - (fourth.astype(np.int64) + 3) % 7


def _lengths(words: Sequence[tuple[str, Sequence[str]]], ends: int, starts: Times) -> NDArray[np.timedelta64]:
    """How long intervals are; an end without a date is the next time of day that it names."""
    last = dict(words[ends:])
    if {*last} & {"Y", "y", "G", "g"}:
        return np.asarray(_times(last, len(starts))[0] - starts)
    clock = _times({**last, "Y": ["1970"] * len(starts)}, len(starts))[0].astype(np.int64)
    length = clock - starts.astype(np.int64) % DAY
    return np.where(length > 0, length, length + DAY).astype("timedelta64[us]")
