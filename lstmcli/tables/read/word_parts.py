"""Words for parts of the day and of the year: morning, spring. No time is read from them; they are told."""

import re
from collections.abc import Callable, Iterable, Sequence

from lstmcli.errors.foreign import quoted
from lstmcli.series.calendar import DAY
from lstmcli.tables.read.time_words import half_of_day


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DAY = _words(
    "morning forenoon noon midday afternoon evening night midnight dawn dusk day daytime nighttime overnight "
    "early late morgen früh vormittag mittag nachmittag abend nacht tag matin midi après-midi soir soirée "
    "nuit jour journée mañana mediodía tarde noche día madrugada mattina mattino pomeriggio sera notte "
    "giorno manhã noite dia"
)
_SEASONS = _words(
    "winter spring summer autumn fall frühling frühjahr fruehling sommer herbst hiver printemps été ete "
    "automne invierno primavera verano otoño otono inverno estate autunno verão verao outono"
)
_YEAR = re.compile(r"(?:19|20)\d\d(?:[-/ ]\d\d(?:\d\d)?)?|'?\d\d")
_NUMBERED = re.compile(r"(.*?)(\d{1,3})")
_NEUTRAL = _words("v x c n col column val value var variable field f wert unnamed")
# What so many columns may be beside times so far apart, and how they are then called.
_COUNTED = {
    **{24: ("h", "hours of each date", DAY), 48: ("p", "half hours of each date", DAY)},
    **{96: ("p", "quarter hours of each date", DAY), 31: ("d", "days of each month", 28 * DAY)},
    **{12: ("m", "months of each year", 365 * DAY), 52: ("w", "weeks of each year", 365 * DAY)},
}
_LONGER = 1.11  # months and years, at most


def is_day_part(text: str) -> bool:
    """Whether a text is a word for a part of the day, without a time."""
    return text.strip().lower() in _DAY or half_of_day(text.strip()) >= 0


def is_season(text: str) -> bool:
    """Whether a text is the word for a season, alone or with its year."""
    words = re.split(r"[\s,_-]+", text.strip(), maxsplit=1)
    return (words[0].lower() in _SEASONS and (len(words) == 1 or bool(_YEAR.fullmatch(words[1])))) or (
        len(words) == 2 and words[1].lower() in _SEASONS and bool(_YEAR.fullmatch(words[0]))
    )


def names_note(column: str, names: Iterable[str]) -> tuple[str, ...]:
    """That names of series are words for parts of the day or the year, where all of them are."""
    found = list(dict.fromkeys(names))
    shown = f"{column}: {quoted(found[0])} to {quoted(found[-1])} are series of their own" if found else ""
    if len(found) > 1 and all(map(is_day_part, found)):
        return (f"{shown}, as no time is read from them; written as 06:00 they are times of one series",)
    if len(found) > 1 and all(map(is_season, found)):
        return (f"{shown}; written as Q1 to Q4 they are quarters of one series",)
    return ()


def columns_note(targets: Sequence[str], apart: Callable[[], float]) -> tuple[str, ...]:
    """That columns are series each, where they may be the seasons of years or the hours of days.

    apart: finds how far apart times are, in microseconds.
    """
    if len(targets) == 4 and all(map(is_season, targets)):
        signs = "; ".join(f"1s/{name}/Q{number}/" for number, name in enumerate(targets, 1))
        return (f"{', '.join(targets)} are a series each; as quarters, one after another: sed '{signs}'",)
    found = [_NUMBERED.fullmatch(name) for name in targets]
    if len(targets) not in _COUNTED or not all(found):
        return ()
    names, numbers = zip(*((match[1], int(match[2])) for match in found if match), strict=True)
    neutral = names[0].strip(" _.:-").lower() in _NEUTRAL and len({*names}) == 1
    in_turn = [n - numbers[0] for n in numbers] == [*range(len(numbers))] and numbers[0] in (0, 1)
    sign, what, length = _COUNTED[len(targets)]
    if not neutral or not in_turn or not (length <= apart() <= _LONGER * length):
        return ()
    said = f"{targets[0]} to {targets[-1]} are a series each; where they are the {what}: "
    return (f"{said}sed '1s/{names[0]}\\([0-9]\\)/{sign}\\1/g'",)
