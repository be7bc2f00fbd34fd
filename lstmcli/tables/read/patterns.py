"""How time stamps are written: the letters of strftime, and some beyond.

"%Y-%m-%dT%H:%M:%SZ"      read with any offset from UTC, written in UTC
"%Y-%m-%d %H:%M%z @ZONE"  times in UTC, written as those of a zone (or +02:00) with the offset; %4z: +0200
"%d.%m.%Y %H:%M CET @+01:00"  the same, with the name of the zone
"%Y-Q%q", "%G-W%V"        a quarter, an ISO week; %i half a year
"%E年%m月", "%r/%m/%d"     years of an era, as 令和5; years since 1912
"%S.%3f"                  fractions of three digits
"%-d/%-m/%y"              without leading zeros
"%-d. %b{de3.} %Y"        names of a language and table of `time_words`; also of days of the week, %a
"%I:%M %p{a.m.|p.m.}"     halves of the day; %B %-d%o, 2020: the ending of 1st, 2nd
"%H{24}:%M"               midnight is 24:00 of the day before
"%H:%M - %+{3600000000}%H:%M"  from a time to one so many microseconds later
"epoch-s"                 seconds since 1970; also "epoch-ms", "-us", "-ns"; "epoch-s.1" with decimals;
                         "-webkit", "-filetime", "-ticks" since 1601 or the year 1
"excel-days"              days as Excel counts them; "excel-days.6" with fractions of so many decimals
"decimal-years.3"         months as 1958.167, with three decimals; "decimal-middles.3" by their middles
None                      plain steps
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.series.calendar import MINUTE, Times
from lstmcli.tables.read.fields import EVEN, FieldTimes, of_same_width, read_fields, read_grid
from lstmcli.tables.read.tokens import letters_of

_ISO = "ISO8601"  # pandas' name for all that the norm allows, also side by side
OFFSET = r"(?:Z|[+-]\d\d:?\d\d|(?<=:\d\d)[+-]\d\d)$"  # from UTC, at the end of a stamp
# What pandas reads many times faster than any other pattern.
_FAST = re.compile(r"%Y-%m-%d([T ]%H(:%M(:%S(\.%\d?f)?)?)?(%z)?)?")


def read_stamps(cells: "pd.Series[str]", pattern: str) -> FieldTimes:
    """Times of cells, in UTC where they tell their offset; NaT where a cell does not follow the pattern. A
    day among times of day is its midnight."""
    read, day = _read(cells, pattern), _day_of(pattern)
    unread = np.flatnonzero(np.isnat(read.times)) if day else np.zeros(0, np.int64)
    if not unread.size:
        return read
    days = read_fields(cells.iloc[unread].astype(str).tolist(), day).times
    if np.isnat(days).all():
        return read
    times = read.times.copy()
    times[unread] = days
    return replace(read, times=times, bare=True)


@cache
def _day_of(pattern: str) -> str:
    """The pattern of the day before a time of day; "" where times are written in another way."""
    found = re.fullmatch(r"([^HI]*%[dYy][^HI%]*?)(?:T|,?\s+)%-?[HI].*", pattern)
    return found[1] if found and not letters_of(pattern) & {"z", "Z", "+"} else ""


def _read(cells: "pd.Series[str]", pattern: str) -> FieldTimes:
    fast = _FAST.fullmatch(pattern) is not None
    if fast and pattern.endswith("%z"):
        even = _read_even(cells, pattern.removesuffix("%z") + "Z", EVEN + "f")
        if even is not None:
            return FieldTimes(even.times, np.zeros(len(cells), np.int64))
    elif (even := _read_even(cells, pattern, EVEN + "f" if fast else EVEN)) is not None:
        return FieldTimes(even.times) if fast else even
    if not fast:
        return read_fields(cells.astype(str).tolist(), pattern)
    texts = cells.astype(str)
    plain = re.sub(r"%\df", "%f", pattern)
    times = drop_zone(pd.to_datetime(texts, format=plain, errors="coerce", utc=True))
    offsets = utc_offsets(texts) if "%z" in pattern else None
    unread = np.flatnonzero(np.isnat(times))
    if unread.size:  # blanks around it, or 24:00
        again = read_fields(texts.iloc[unread].tolist(), pattern)
        times = times.copy()
        times[unread] = again.times
        if offsets is not None and again.offsets is not None:
            offsets[unread] = again.offsets
        return FieldTimes(times, offsets, words=again.words)
    written = texts.tolist()
    if "f" in letters_of(pattern) or _are_padded(written):
        return FieldTimes(times, offsets)
    return FieldTimes(times, offsets, words=read_fields(written, pattern).words)


def _read_even(cells: "pd.Series[str]", pattern: str, letters: str) -> FieldTimes | None:
    """The times of cells that are all as long as the first, from their bytes where Arrow holds them."""
    if getattr(cells.dtype, "storage", "") != "pyarrow" or not len(cells):
        return of_same_width(cells.astype(str).tolist(), pattern, letters)
    held: Any = cells.array.__arrow_array__().combine_chunks()  # type: ignore[attr-defined]
    if str(held.type) != "large_string" or held.null_count:
        return None
    _, offsets, content = held.buffers()
    ends = np.frombuffer(offsets, np.int64)[held.offset : held.offset + len(held) + 1]
    width = ends[1] - ends[0]
    if not (ends[1:] == ends[:-1] + width).all():
        return None
    grid = np.frombuffer(content, np.uint8)[ends[0] : ends[-1]].reshape(len(held), width)
    return read_grid(grid, pattern, letters)


def _are_padded(texts: Sequence[str]) -> bool:
    """Whether months and days have two digits: then all stamps are as long as the first."""
    if not texts or not re.match(r"\d{4}-\d\d-\d\d", texts[0]):
        return not texts
    return sum(map(len, texts)) == len(texts) * len(texts[0])


def parse_iso(column: "pd.Series[str]", pattern: str) -> tuple[FieldTimes, bool]:
    """Times of ISO stamps that differ in precision, and whether all are of the norm.

    pattern: that of the first stamp, which reads what is not of the norm. NaT where a stamp has an offset
    and the first has none, or the other way round.
    """
    texts = column.astype(str).str.strip()
    alike = texts.str.contains(OFFSET, regex=True) == ("%z" in pattern)
    iso = drop_zone(pd.to_datetime(texts.where(alike), format=_ISO, errors="coerce", utc=True))
    offsets = utc_offsets(texts) if "%z" in pattern else None
    if not np.isnat(iso).any():
        return FieldTimes(iso, offsets), True
    other = read_stamps(texts, pattern)
    return FieldTimes(np.where(alike & np.isnat(iso), other.times, iso), offsets, words=other.words), False


def drop_zone(parsed: "pd.Series[pd.Timestamp]") -> Times:
    return parsed.dt.tz_localize(None).to_numpy().astype("datetime64[us]", copy=False)


def utc_offsets(raw: "pd.Series[str]") -> NDArray[np.int64]:
    """The offset from UTC at the end of each text, in microseconds."""
    codes, tails = pd.factorize(raw.astype(str).str[-6:])
    minutes = []
    for tail in tails:
        found = re.search(r"([+-])(\d\d):?(\d\d)?$", tail)
        size = int(found[2]) * 60 + int(found[3] or 0) if found else 0
        minutes.append(-size if found and found[1] == "-" else size)
    return np.array(minutes, np.int64)[codes] * MINUTE
