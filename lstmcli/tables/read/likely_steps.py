"""How far apart rows are, by cells that name or count parts of times: months, quarters, years."""

import re
from collections.abc import Sequence
from itertools import pairwise

from lstmcli.tables.read.header_parts import roman_number
from lstmcli.tables.read.time_words import month_label, names_unit, weekday_label, words_of_name

_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d\d(?:\.\d+)?)(?::(\d\d(?:\.\d+)?))?")
_SHOWN = {86_400_000: "d", 3_600_000: "h", 60_000: "min", 1000: "s", 1: "ms"}  # milliseconds
_YEAR = re.compile(r"1\d{3}|2[01]\d\d")
_STEPS = {"week": "1w", "month": "1mo", "quarter": "1q"}
_CYCLES = {12: "1mo", 4: "1q", 52: "1w", 53: "1w", 7: "1d", 28: "1d", 29: "1d", 30: "1d", 31: "1d", 24: "1h"}
_MOST_YEARS = 100
_UNITS = {  # milliseconds of one
    **dict.fromkeys(("ms", "msec", "millis", "millisecond", "milliseconds"), 1),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sek", "sekunden"), 1000),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "minuten"), 60_000),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "stunden"), 3_600_000),
    **dict.fromkeys(("d", "day", "days", "tage"), 86_400_000),
}
_COUNT_ROWS = "or count rows, without times: --set time=none --step {step}"
_NO_STEP = "or count rows, without times: set time to none and step to the time between rows"


def mend_without_times(step: str) -> str:
    """What to type where rows are counted; step: "" where it is not known."""
    return _COUNT_ROWS.format(step=step) if step else _NO_STEP


def likely_step(cells: Sequence[str], column: str = "") -> str:
    """The step of rows in their order, as --step takes it; "" where cells do not tell. column: their name."""
    if step := _STEPS.get(names_unit(column), ""):
        return step
    if len(cells) < 2 or any(map(_CLOCK.search, cells)):
        return _step_of_clocks(cells)
    columns = _numbers_of(cells)
    for numbers, named in columns:
        if named and len(numbers) > 1:
            apart = (numbers[1] - numbers[0]) % named
            known = {(12, 1): "1mo", (12, 3): "1q", (7, 1): "1d", (12, 11): "1mo"}
            if step := known.get((named, apart), ""):
                return step
    found = [step for numbers, named in columns if not named and (step := _step_of_cycle(numbers))]
    if found:
        return min(found, key=lambda step: "hdwmq".index(step[1]))
    changing = [numbers for numbers, _ in columns if len({*numbers}) > 1]
    distances = {b - a for a, b in pairwise(changing[0])} if len(changing) == 1 else set()
    if len(distances) != 1 or min(distances) <= 0:
        return ""
    return _step_of_years(changing[0]) or step_of_unit(column, min(distances))


def _numbers_of(cells: Sequence[str]) -> list[tuple[list[int], int]]:
    """The numbers in cells, place by place, and how many names there are where words stand for them: 12 of
    months, 7 of days of the week, else 0; places of other words are left out."""
    rows = [_TOKEN.findall(cell) for cell in cells]
    width = min(map(len, rows))
    found = []
    for tokens in zip(*(row[:width] for row in rows), strict=True):
        if all(map(str.isdecimal, tokens)):
            found.append(([int(token) for token in tokens], 0))
        for label, count in ((month_label, 12), (weekday_label, 7)):
            if all(map(label, tokens)):
                found.append(([label(token) for token in tokens], count))
        romans = [roman_number(token, 4) or 0 for token in tokens]
        if all(romans):
            found.append((romans, 0))
    return found


def _step_of_cycle(numbers: Sequence[int]) -> str:
    """Of numbers that count up and begin anew, as 1 to 12."""
    low, high = min(numbers), max(numbers)
    ups = all(b == a + 1 or (b == low and a >= high - 3) for a, b in pairwise(numbers))
    anew = any(b < a for a, b in pairwise(numbers))
    return _CYCLES.get(high - low + 1, "") if ups and anew and low in (0, 1) else ""


def _step_of_years(numbers: Sequence[int]) -> str:
    """Of years that all are equally far apart."""
    apart = {b - a for a, b in pairwise(numbers)}
    years = all(_YEAR.fullmatch(str(number)) for number in numbers)
    step = max(apart, default=0)
    return f"{step}y" if years and len(apart) == 1 and 1 <= step <= _MOST_YEARS else ""


def _step_of_clocks(cells: Sequence[str]) -> str:
    """Of clocks, alone or behind dates, that are equally far apart: 0:00:05, 00:05.0, 13:00."""
    found = [_CLOCK.search(cell) for cell in cells]
    seconds = [_seconds(match) for match in found if match]
    apart = {round(1000 * (b - a)) % 86_400_000 for a, b in pairwise(seconds)}
    if len(seconds) < len(cells) or len(apart) != 1 or not (millis := apart.pop()):
        return ""
    return step_of_millis(millis)


def _seconds(found: re.Match[str]) -> float:
    first, second, third = int(found[1]), float(found[2]), found[3]
    minutes = third is None and "." in found[2]  # 00:05.0
    return 60 * first + second if minutes else 3600 * first + 60 * second + float(third or 0)


def step_of_unit(column: str, apart: float) -> str:
    """A number of the unit that a name tells, as --step takes it; "" for none, or one too small."""
    found = next((_UNITS[word] for word in reversed(words_of_name(column)) if word in _UNITS), 0)
    millis = round(apart * found)
    if not found or millis < 1 or abs(millis - apart * found) > 1e-6 * millis:
        return ""
    return step_of_millis(millis)


def step_of_millis(millis: int) -> str:
    """Milliseconds as --step takes them: 1500ms, 2min."""
    unit = next(size for size in _SHOWN if millis % size == 0)
    return f"{millis // unit}{_SHOWN[unit]}"
