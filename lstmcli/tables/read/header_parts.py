"""Names of columns that count the parts of a longer time: the months of a year, the hours of a day."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lstmcli.tables.read.header_times import sums_up
from lstmcli.tables.read.time_words import half_of_day, month_label, month_number, weekday_label

_DAY = 1440  # minutes
_WORD = re.compile(r"[^\W\d_]+")
_APART = re.compile(r"(\D+)(\d{1,3})")
_NUMBERED = re.compile(r"\D*(\d{1,3})\D*")
_ORDINAL = {"st", "nd", "rd", "th", "ère", "ème", "e", "er", "ending", "end", "of", "º", "ª"}
_WORDS = {  # beside a number; "" where the number may stand alone
    "hour": " h hr hour he std stunde hora heure ora uhr t godz godzina uur p 시 时 時 点 點",
    "period": " p sp period settlement interval hh halfhour half hour qh quarter viertelstunde",
    "day": " d day tag dia día jour giorno",
    "week": " w wk week kw woche kalenderwoche s sem semaine semana settimana",
    "month": " m month monat mes mois p period",
    "quarter": "q t qtr quarter quartal vierteljahr vj trimestre trim kwartał kwartaal kvartal kv",
    "half": "h s half halbjahr semestre sem",
}
_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_NUMBER_AND_NAME = re.compile(r"(\d{1,2})\s?[-–._/)]?\s?([^\W\d_]+\.?)")
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:hH.](?P<minute>\d\d)(?::00)?)?\s?(?P<unit>[hH]|Uhr)?\s?(?P<half>[AaPp]\.?\s?[Mm]\.?)?"
)
_COMPACT = re.compile(r"(?P<hour>\d\d)(?P<minute>\d\d)(?P<unit>)(?P<half>)")
_RANGE = re.compile(r"\s*(?:[-–—~/]|\bto\b|\bbis\b|\ba\b)\s*")
# How many a longer time has, with those of the day on which clocks go back and of the longest year.
_COUNTS = {
    **{"month": (12,), "weekday": (7,), "quarter": (4,), "half": (2,), "day": (31,), "week": (52, 53)},
    **{"clock": (4, 6, 8, 12, 24, 48, 96), "hour": (24, 25), "period": (48, 50, 96, 100)},
}
_HOURS = 24
_DOUBLED = re.compile(r"(\D*\d{1,2}) ?\(?([AaBb])\)?")
_TURNING = ("month", "weekday")  # which may begin with another than the first


@dataclass(frozen=True)
class HeaderParts:
    """unit: what the columns count; values: the numbers of the parts, minutes since midnight of a clock;
    summed: other columns among them that sum up some, or say more of each; again: the place in `columns` of
    the hour that has the number of the one before it, as Hour 3B has that of Hour 3A."""

    unit: str
    columns: tuple[int, ...]
    values: tuple[int, ...]
    summed: tuple[int, ...] = ()
    again: int | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """How the parts are written beside a date or a year."""
        first = self.unit == "period" and not self.values[0]  # periods count from 1
        return tuple(_label(self.unit, value + first) for value in self.values)

    @property
    def called(self) -> str:
        """What they are, for the user."""
        halves = {48: "half hour", 50: "half hour", 96: "quarter hour", 100: "quarter hour"}
        return f"{halves.get(len(self.values), self.part)}s".replace("halfs", "halves")

    @property
    def part(self) -> str:
        """What one is called."""
        return {"clock": "hour", "weekday": "day"}.get(self.unit, self.unit)


def header_parts(names: Sequence[str]) -> Iterator[HeaderParts]:
    """What a header may count: all the parts of a longer time, in order."""
    if hours := _double_hours(names):
        yield hours
    for unit, read in (_READERS | _OF_HEADERS).items():
        found = [(c, read(name.strip())) for c, name in enumerate(names)]
        columns = tuple(c for c, value in found if value is not None)
        values = [value for _, value in found if value is not None]
        if not columns or not columns[0] or len(columns) not in _COUNTS[unit]:
            continue
        whole, beside = in_order(unit, values), _beside(names, columns)
        others = tuple(c for c in range(columns[0], columns[-1]) if c not in (*columns, *beside))
        if whole and all(sums_up(names[c]) or _sums_months(unit, names[c]) for c in others):
            yield HeaderParts(unit, columns, whole, tuple(sorted((*others, *beside))))


def _double_hours(names: Sequence[str]) -> HeaderParts | None:
    """The hours of a header where one stands twice, for the day on which clocks go back: 3A and 3B."""
    found = [_DOUBLED.fullmatch(name.strip()) for name in names]
    pairs = [
        c
        for c, (one, two) in enumerate(itertools.pairwise(found))
        if one and two and one[1].lower() == two[1].lower() and (one[2] + two[2]).lower() == "ab"
    ]
    if len(pairs) != 1 or (first := found[pairs[0]]) is None:
        return None
    b = pairs[0] + 1
    single = [*names[: b - 1], first[1], *names[b + 1 :]]
    hours = next((parts for parts in header_parts(single) if parts.unit == "hour"), None)
    if hours is None or b - 1 not in hours.columns or len(hours.values) != _HOURS:
        return None
    columns, summed = (tuple(c + (c >= b) for c in of) for of in (hours.columns, hours.summed))
    at = columns.index(b - 1) + 1
    values = (*hours.values[:at], hours.values[at - 1], *hours.values[at:])
    return HeaderParts("hour", (*columns[:at], b, *columns[at:]), values, summed, at)


def _beside(names: Sequence[str], columns: Sequence[int]) -> tuple[int, ...]:
    """The columns behind each part that have its number and one other name, as V01 behind H01."""
    found = [
        (c + 1, _APART.fullmatch(names[c]), _APART.fullmatch(names[c + 1]))
        for c in columns
        if c + 1 < len(names)
    ]
    pairs = [
        (at, own[1], other[1]) for at, own, other in found if own and other and int(own[2]) == int(other[2])
    ]
    one = len({other for _, _, other in pairs}) == 1 and all(own != other for _, own, other in pairs)
    return tuple(at for at, _, _ in pairs) if one and len(pairs) == len(columns) else ()


def part_number(unit: str, text: str) -> int | None:
    """The number of a part that a text names: 1 to 12 for months, minutes since midnight for "clock"."""
    return _READERS[unit](text.strip())


def roman_number(text: str, highest: int) -> int:
    """1 to 12, 0 for what is no such number in Roman letters."""
    number = _ROMANS.index(text.strip()) + 1 if text.strip() in _ROMANS else 0
    return number if number <= highest else 0


def in_order(unit: str, values: list[int]) -> tuple[int, ...]:
    """The values where each is the next part, else none; the last midnight of a clock is 24:00."""
    first, count = values[0], len(values)
    if unit == "clock":
        step = _DAY // count
        wanted = [(first + step * k) % _DAY for k in range(count)]
        ended = [v or _DAY for v in wanted] if first == step else wanted
        return tuple(ended) if first in (0, step) and [v % _DAY for v in values] == wanted else ()
    if unit in _TURNING:
        turned = [(first - 1 + k) % count + 1 for k in range(count)]
        return tuple(values) if values == turned else ()
    lowest = (0, 1) if unit in ("hour", "period") else (1,)
    one_more = first in lowest and values == [first + k for k in range(count)]
    return tuple(values) if one_more and (first or count in (24, 48, 96)) else ()


def _label(unit: str, value: int) -> str:
    if unit == "clock":
        return f"{value // 60:02}:{value % 60:02}"
    return {"quarter": f"Q{value}", "half": f"H{value}"}.get(unit, str(value))


def _sums_months(unit: str, name: str) -> bool:
    return unit == "month" and (_quarter(name) is not None or _numbered("half")(name) is not None)


def _numbered(unit: str) -> Callable[[str], int | None]:
    """Reads the number of a part that stands alone or beside words for it."""
    known, alone = {*_WORDS[unit].split()}, _WORDS[unit].startswith(" ")

    def read(name: str) -> int | None:
        found = _NUMBERED.fullmatch(name)
        words = {word.lower() for word in _WORD.findall(name)} - _ORDINAL
        fits = words <= known and (words or alone) and not {*name} & {*":/"}
        return int(found[1]) if found and fits else None

    return read


def _month(name: str) -> int | None:
    found = _NUMBER_AND_NAME.fullmatch(name)
    if found and month_label(found[2]):  # 01 - Jan
        return int(found[1]) if month_label(found[2]) == int(found[1]) else None
    return month_label(name) or _numbered("month")(name)


def _quarter(name: str) -> int | None:
    words = _WORD.findall(name)
    if roman := next((word for word in words if roman_number(word, 4)), ""):
        others = {word.lower() for word in words} - {roman.lower()}
        return roman_number(roman, 4) if others <= {*_WORDS["quarter"].split()} else None
    ends = [month_number(part) for part in _RANGE.split(name)]
    if len(ends) == 2 and ends[0] % 3 == 1 and ends[1] == ends[0] + 2:
        return (ends[0] + 2) // 3
    return _numbered("quarter")(name)


def _clock(name: str) -> int | None:
    """Minutes since midnight, of the start of an interval."""
    parts = [_minutes(part, ranged=True) for part in _RANGE.split(name)]
    if len(parts) == 1:
        return _minutes(name, ranged=False)
    start, end = parts if len(parts) == 2 else (None, None)
    fits = start is not None and end is not None and (end - start) % _DAY in (15, 30, 60)
    return start if fits else None


def _minutes(text: str, ranged: bool) -> int | None:
    """ranged: whether a number alone is an hour."""
    found = _COMPACT.fullmatch(text) or _CLOCK.fullmatch(text)
    if not found or not (found["minute"] or found["half"] or ranged):
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"]:
        half = half_of_day(found["half"])
        if half < 0 or not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * half
    return hour * 60 + minute if hour <= 24 and minute < 60 else None


_READERS: dict[str, Callable[[str], int | None]] = {
    "month": lambda name: _month(name) or None,
    "quarter": _quarter,
    "half": _numbered("half"),
    "weekday": lambda name: weekday_label(name) or None,
    "week": _numbered("week"),
    "day": _numbered("day"),
    "clock": _clock,
    "hour": _numbered("hour"),
    "period": _numbered("period"),
}
_OF_HEADERS: dict[str, Callable[[str], int | None]] = {  # where all parts stand side by side
    "month": lambda name: _month(name) or roman_number(name, 12) or None,
    "weekday": lambda name: weekday_label(name) or _numbered("day")(name),
}
