"""Headers that count times: which of their names are times, and which among and behind these are none."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lstmcli.tables.read.cell_kinds import date_label, is_date, is_number

_FEWEST = 3
_FEWEST_COUNTED = 5  # columns that are told apart by numbers alone
_COUNTED = re.compile(r"(.*?)(\d{1,6})")
_MOST_ODD = 0.2  # of the times
_WORD = re.compile(r"[^\W\d_]+")
# What names of columns hold that sum up times beside them, or say what is planned.
_SUMMED = re.compile(
    r"""(sub|grand)?totals?|sums?|summen?|gesamt(summe)?|insgesamt|somme|suma|somma|totale|totaal|[ymq]td|
    cumulative|kumuliert|forecasts?|fcst|prognose|budget|plan|target|ziel|fy|annual(ly)?|averages?|avg|mean|
    mittel(wert)?|durchschnitt|moyenne|media|promedio|year|jahr|anno|año|année|change|growth|yoy|mom|cagr|
    diff(erence)?|variance|delta|abweichung|half|halbjahr|min|max|median|합계|총계|合计|合計""",
    re.IGNORECASE | re.VERBOSE,
)
_TAIL = re.compile(r"(.*\d)[^\d\s]{1,3}")


@dataclass(frozen=True)
class HeaderTimes:
    """Columns of a header, by their places.

    times   that are times in one form
    summed  that sum up times, by their names, among and behind these
    odd     the others among and behind the times, and before them those that are nearly times
    """

    times: tuple[int, ...]
    summed: tuple[int, ...] = ()
    odd: tuple[int, ...] = ()


def header_times(names: Sequence[str]) -> HeaderTimes | None:
    """None for a header that does not count times behind other columns."""
    labels = [date_label(name) for name in names]
    dates = [c for c, label in enumerate(labels) if is_date(label)]
    if len(dates) < _FEWEST or not dates[0]:
        return None
    shape = Counter(_shape(labels[c]) for c in dates).most_common(1)[0][0]
    times = [c for c in dates if _shape(labels[c]) == shape]
    written = [labels[c] for c in times]
    if len(times) < _FEWEST or len(set(written)) < len(written) or not _in_order(written):
        return None
    others = [c for c in range(1, len(names)) if c not in times and names[c].strip()]
    inside = [c for c in others if c > times[0]]
    summed = [c for c in inside if sums_up(names[c])]
    nearly = [c for c in others if c < times[0] and _is_nearly(labels[c], shape)]
    odd = [*nearly, *(c for c in inside if c not in summed)]
    numbers = [c for c in odd if is_number(labels[c]) and not _is_nearly(labels[c], shape)]
    if numbers or len(odd) > max(1, _MOST_ODD * len(times)):
        return None
    return HeaderTimes(tuple(times), tuple(summed), tuple(odd))


def counted_columns(names: Sequence[str]) -> range | None:
    """The columns at the end whose names differ in a number only, which rises by one."""
    found = [_COUNTED.fullmatch(name) for name in names]
    first = len(names) - 1
    while first > 0 and _follow(found[first - 1], found[first]):
        first -= 1
    return range(first, len(names)) if len(names) - first > _FEWEST_COUNTED else None


def _follow(one: re.Match[str] | None, other: re.Match[str] | None) -> bool:
    return bool(one and other and one[1] == other[1] and int(one[2]) + 1 == int(other[2]))


def sums_up(name: str) -> bool:
    """Whether the name of a column says that it sums up those beside it."""
    return any(map(_SUMMED.fullmatch, _WORD.findall(name))) or name.strip() in ("Ø", "Σ")


def _shape(label: str) -> str:
    return _WORD.sub("a", re.sub(r"\d+", "9", label))


def _in_order(labels: Sequence[str]) -> bool:
    if any(len(label) != 4 for label in labels):
        return True
    years = [int(label) for label in labels]
    return years in (sorted(years), sorted(years, reverse=True))


def _is_nearly(label: str, shape: str) -> bool:
    """Whether a name is a time of another form, or one with letters or signs behind it: 2019p, 2005*."""
    tail = _TAIL.fullmatch(label)
    return is_date(label) or bool(tail and is_date(tail[1])) or (len(shape) > 1 and _shape(label) == shape)
