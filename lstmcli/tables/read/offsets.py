"""How stamps with an offset from UTC, or with the name of a zone, are written."""

import re
from collections.abc import Mapping, Set

from lstmcli.series.calendar import MINUTE
from lstmcli.tables.read.patterns import OFFSET
from lstmcli.tables.read.tokens import PatternPart, parts_of, pattern_of

_ZONES = {  # names that alternate over the year, and the zone that shows them
    frozenset(("CET", "CEST")): "CET",
    frozenset(("WET", "WEST")): "WET",
    frozenset(("EET", "EEST")): "EET",
    frozenset(("GMT", "BST")): "Europe/London",
    frozenset(("EST", "EDT")): "EST5EDT",
    frozenset(("CST", "CDT")): "CST6CDT",
    frozenset(("MST", "MDT")): "MST7MDT",
    frozenset(("PST", "PDT")): "PST8PDT",
    frozenset(("AEST", "AEDT")): "Australia/Sydney",
}
_MIXED = "offsets from UTC differ: times taken to UTC"


def with_offset(pattern: str, text: str) -> str:
    """A pattern with a text in place of its offset, and of the name of the zone where it has no offset."""
    parts = parts_of(pattern)
    letter = "z" if any(part.letter == "z" for part in parts) else "Z"
    return "".join(text if part.letter == letter else pattern_of([part]) for part in parts)


def absolute_pattern(
    pattern: str, cell: str, offsets: Set[int], words: Mapping[str, Set[str]]
) -> tuple[str, tuple[str, ...]]:
    """How times in UTC are written whose stamps have these offsets (in microseconds), and notes.

    cell: the first one; words: texts of names and offsets, as far as they were kept.
    """
    names = frozenset(words.get("Z", ()))
    parts = parts_of(pattern)
    has_offset = any(part.letter == "z" for part in parts)
    if len(offsets) == 1:
        zone = _fixed(next(iter(offsets)))
        if len(names) == 1:
            name = PatternPart("", "", next(iter(names)))
            pattern = pattern_of([name if part.letter == "Z" else part for part in parts])
        if has_offset and is_z(cell):
            return with_offset(pattern, "Z"), ()
        return f"{_with_style(pattern, cell)} @{zone}", ()
    if not has_offset and names in _ZONES:
        return f"{pattern} @{_ZONES[names]}", ()
    if not has_offset:
        return f"{pattern} @UTC", (f"{' and '.join(sorted(names))} differ: times taken to UTC",)
    if pattern.startswith("%Y"):
        return with_offset(pattern, "Z"), (_MIXED,)
    return f"{pattern} @UTC", (_MIXED,)


def is_z(cell: str) -> bool:
    return cell.strip().endswith("Z")


def _with_style(pattern: str, cell: str) -> str:
    """The pattern with the offset as the first cell writes it."""
    found = re.findall(r"[+-]\d\d(?::?\d\d)?(?=$|[ (\[])", cell.strip())
    flag = {5: "4", 3: "2"}.get(len(found[-1]), "") if found else ""
    return pattern_of([PatternPart("z", flag) if p.letter == "z" else p for p in parts_of(pattern)])


def _fixed(offset: int) -> str:
    minutes = abs(offset) // MINUTE
    return f"{'-' if offset < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}" if minutes else "UTC"


def offset_text(cell: str, words: Mapping[str, Set[str]]) -> str:
    """The offset or the name of the zone at the end of a cell."""
    found = re.search(OFFSET, cell.strip())
    return found[0] if found else next(iter(sorted(words.get("Z", ()))), "")
