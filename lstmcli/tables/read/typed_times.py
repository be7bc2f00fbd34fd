"""A time as somebody types it beside data: in its form, in ISO, or a day, month, quarter or year alone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from lstmcli.tables.read.fields import read_fields
from lstmcli.tables.read.tokens import is_absolute, parts_of, pattern_of, split_zone
from lstmcli.tables.write.times import format_plain_times

_OF_THE_DAY = frozenset("HIMSfpzZ")  # letters
_COARSE = ("%Y-%m", "%Y Q%q", "%Y-Q%q", "%YQ%q", "Q%q %Y", "%d %b %Y", "%b %Y", "%Y")


def moment_text(text: str, pattern: str | None) -> str:
    """A stamp as ISO text where it can be read, else as it is; in UTC where the stamps of the pattern are.

    A day alone, a month, quarter or year is the start of it. pattern: how the stamps of the data are written.
    """
    text = text.strip()
    if pattern is None or not (pattern.startswith("%") or is_absolute(pattern)) or pattern == "%Y":
        return text
    bare, zone = split_zone(pattern)
    found, local = _iso(text), True
    if found is None and bare.startswith("%"):
        found, local = _by_pattern(text, bare)
    if found is None or (found.tzinfo and not is_absolute(pattern)):
        return text
    if found.tzinfo is None and zone and local:
        found = found.replace(tzinfo=ZoneInfo(zone))
    return str(found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None))


def _by_pattern(text: str, pattern: str) -> tuple[datetime | None, bool]:
    """The time, and whether it is local: stamps with an offset are read as UTC."""
    read: list[tuple[str, np.datetime64, bool]] = []
    for each in dict.fromkeys([pattern, *_days_of(pattern), *_COARSE]):
        made = read_fields([text], each)
        if not np.isnat(made.times[0]):
            read.append((each, made.times[0], made.offsets is None))
    if not read:
        return None, True
    # Fields without marks between them may be cut in several ways: the full one is written so again.
    exact = (one for one in read if _written(one[1], one[0]) == text)
    _, time, local = next(exact, read[0])
    moment: datetime = time.astype("datetime64[us]").item()
    return moment, local


def _days_of(pattern: str) -> Iterator[str]:
    """The pattern without what tells the time of the day, which stands before it or behind it."""
    parts = parts_of(pattern)
    dated = [n for n, part in enumerate(parts) if part.letter and part.letter not in _OF_THE_DAY]
    kept = parts[dated[0] : dated[-1] + 1] if dated else ()
    if kept and not any(part.letter in _OF_THE_DAY for part in kept):
        yield pattern_of(kept)


def _written(time: np.datetime64, pattern: str) -> str:
    texts = format_plain_times(np.array([time], "datetime64[us]"), pattern)
    return "" if texts is None else str(texts[0])


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if not text.isdigit() else None
    except ValueError:
        return None
