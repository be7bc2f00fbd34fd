"""The parts of a pattern of time stamps, see `patterns`."""

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from lstmcli.series.calendar import format_time

if TYPE_CHECKING:
    import pandas as pd

END_OF_INTERVAL = "+"  # the letter behind which the end of an interval stands
_PART = re.compile(r"%(?P<flag>[-\d]?)(?P<letter>[A-Za-z%+])(?:\{(?P<more>[^{}]*)\})?|(?P<text>[^%]+)")

ZONES = {  # minutes east of UTC
    **dict.fromkeys(("UTC", "GMT", "WET"), 0),
    **dict.fromkeys(("CET", "BST", "WEST", "MEZ"), 60),
    **dict.fromkeys(("CEST", "EET", "MESZ"), 120),
    **dict.fromkeys(("EEST", "MSK"), 180),
    **dict.fromkeys(("KST", "JST"), 540),
    **{"HKT": 480, "AEST": 600, "AEDT": 660, "EDT": -240, "EST": -300, "CDT": -300, "CST": -360},
    **{"MDT": -360, "MST": -420, "PDT": -420, "PST": -480},
}


@dataclass(frozen=True)
class PatternPart:
    """letter: as in strftime, "" for a text that stands as it is.

    flag: "-" without a leading zero, or a number of digits. more: what stands in braces, or the text.
    """

    letter: str
    flag: str = ""
    more: str = ""


@cache
def parts_of(pattern: str) -> tuple[PatternPart, ...]:
    """The parts of a pattern without its zone."""
    parts = []
    for found in _PART.finditer(pattern):
        text = found["text"]
        if text is None and found["letter"] == "%":
            text = "%"
        part = PatternPart(found["letter"], found["flag"], found["more"] or "") if text is None else None
        parts.append(part or PatternPart("", "", text))
    return tuple(parts)


def pattern_of(parts: "tuple[PatternPart, ...] | list[PatternPart]") -> str:
    """The pattern that has these parts."""
    made = []
    for part in parts:
        more = f"{{{part.more}}}" if part.more else ""
        made.append(f"%{part.flag}{part.letter}{more}" if part.letter else part.more.replace("%", "%%"))
    return "".join(made)


def letters_of(pattern: str) -> frozenset[str]:
    """The letters of the parts of a pattern."""
    return frozenset(part.letter for part in parts_of(pattern) if part.letter)


def split_zone(pattern: str) -> tuple[str, str]:
    """A pattern and the zone behind it, in which its times are written; "" for none."""
    found, _, zone = pattern.partition(" @")
    return found, zone


def zone_shown(pattern: str | None) -> str:
    """The zone for `format_time` of times of a pattern: that behind it, "UTC" where they only tell an
    offset or are counted, "" where they have none."""
    return (split_zone(pattern or "")[1] or "UTC") if is_absolute(pattern) else ""


def stamp_text(time: Any, pattern: str | None) -> str:
    """A time as messages show it, by the clock of the zone of its pattern."""
    return format_time(time, zone=zone_shown(pattern))


def is_absolute(pattern: str | None) -> bool:
    """Whether times of a pattern are UTC in a panel: their stamps tell their zone."""
    if pattern is None:
        return False
    bare, zone = split_zone(pattern)
    return bool(zone) or pattern.startswith("epoch-") or "%z" in bare or bare.endswith("Z")


def shown_cell(cells: "pd.Series[Any]") -> str:
    """The first cell, or the second where that alone has a time of day: midnights may be written without."""
    first, second = str(cells.iloc[0]), str(cells.iloc[1]) if len(cells) > 1 else ""
    return second if ":" in second and ":" not in first and any(map(str.isdigit, first)) else first
