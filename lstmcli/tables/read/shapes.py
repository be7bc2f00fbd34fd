"""The patterns that a cell may be written in, found by its shape.

Each shape is an expression whose groups are called by the letters of strftime, so that a match is a
pattern: every group becomes its letter, all else stands as it is. Where several readings fit a cell, all are
given; the other cells decide.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import repeat

from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.era_years import ERA
from lstmcli.tables.read.time_words import half_of_day, month_number, name_style, weekday_number
from lstmcli.tables.read.tokens import ZONES

Renaming = Mapping[str, str]

_ISO = re.compile(
    r"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"
    r"(?:[T ](?P<H>\d\d)(?::(?P<M>\d\d)(?::(?P<S>\d\d)(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"(?P<z>Z|(?<=:\d\d)[+-]\d\d|[+-](?:0\d|1[0-4]):?\d\d)?)?"
)
_WORD = r"[^\W\d_]{2,14}\.?"
_BETWEEN = r"(?:[-/._]\s?|\s|년\s?|年|월\s?|月)"
_NEAR = r"[-/ .,:_]{0,2}\s?(?:(?:de|del|of|di)\s)?'?"
_NTH = r"(?P<o>st|nd|rd|th|er|ère|ème|e(?![a-z])|[º°ª])"
_FISCAL = r"(?:FY\s?|CY\s?)?"
_YEAR, _WEEK_YEAR = r"(?:(?P<Y>\d{4})|(?P<y>\d\d))(?!\d)", r"(?:(?P<G>\d{4})|(?P<g>\d\d))(?!\d)"
_QUARTER = r"(?i:quarter|quartal|qtr\.?|trimestre|trim\.?|vierteljahr|vj\.?|q|t|분기)"
_HALF = r"(?i:half|halbjahr|semestre|h|s|반기)"
_WEEK = r"(?i:week|woche|semaine|semana|settimana|sett\.?|sem\.?|vecka|tydzień|kw|wk|w|s|(?-i:v)|주차?)"
_MONTH_FIRST, _DAY_FIRST = {"A": "m", "B": "d"}, {"A": "d", "B": "m"}

# Expressions of dates, with what their groups A, B and C may stand for.
_DATES: tuple[tuple[str, tuple[Renaming, ...]], ...] = (
    (rf"(?P<Y>\d{{4}}){_BETWEEN}(?P<m>\d{{1,2}}){_BETWEEN}(?P<d>\d{{1,2}})(?:\.|일|日)?", ()),
    (
        r"(?P<A>\d{1,2})(?P<sep>[-/. ])\s?(?P<B>\d{1,2})(?P=sep)\s?(?P<Y>\d{4})\.?",
        (_MONTH_FIRST, _DAY_FIRST),
    ),
    (
        r"(?P<A>\d{1,2})(?P<sep>[-/. ])\s?(?P<B>\d{1,2})(?P=sep)\s?'?(?P<C>\d\d)\.?",
        (_MONTH_FIRST | {"C": "y"}, _DAY_FIRST | {"C": "y"}, {"A": "y", "B": "m", "C": "d"}),
    ),
    (
        rf"(?P<d>\d{{1,2}}){_NTH}?\.?[-/ _]?\s?(?:(?:de|of|di)\s)?(?P<b>{_WORD}){_NEAR}{_YEAR}",
        (),
    ),
    (rf"(?P<b>{_WORD})[-/ _]?\s{{0,2}}(?P<d>\d{{1,2}}){_NTH}?[,.]?[-/ _]\s?'?{_YEAR}", ()),
    (rf"(?P<y>\d\d)-(?P<b>{_WORD})-(?P<d>\d{{1,2}})", ()),
    (rf"(?P<Y>\d{{4}})[-/ ._]?\s?(?P<b>{_WORD})[-/ ._]?\s?(?P<d>\d{{1,2}})", ()),
    (rf"(?P<b>{_WORD}){_NEAR}{_YEAR}", ()),
    (rf"(?P<Y>\d{{4}}){_NEAR}(?P<b>{_WORD})", ()),
    (rf"{_QUARTER}[ -]?(?P<q>[1-4])(?!\d){_NEAR}{_FISCAL}{_YEAR}", ()),
    (rf"(?P<q>[1-4]){_NTH}?\.?[ -]?{_QUARTER}{_NEAR}{_FISCAL}{_YEAR}", ()),
    (rf"{_YEAR}(?:년)?{_NEAR}{_QUARTER}[ -]?(?P<q>[1-4])", ()),
    (rf"(?:FY|CY)\s?(?P<Y>\d{{4}}){_NEAR}{_QUARTER}[ -]?(?P<q>[1-4])", ()),
    (rf"(?P<Y>\d{{4}})(?:년)?{_NEAR}(?P<q>[1-4]){_NTH}?\.?[ -]?{_QUARTER}", ()),
    (rf"{_HALF}[ -]?(?P<i>[12])(?!\d){_NEAR}{_YEAR}", ()),
    (rf"(?P<i>[12]){_NTH}?\.?[ -]?{_HALF}{_NEAR}{_YEAR}", ()),
    (rf"{_YEAR}(?:년)?{_NEAR}{_HALF}[ -]?(?P<i>[12])", ()),
    (rf"(?P<Y>\d{{4}})(?:년)?{_NEAR}(?P<i>[12]){_NTH}?\.?[ -]?{_HALF}", ()),
    (rf"(?P<G>\d{{4}})(?:년)?{_NEAR}{_WEEK}[ .-]?\s?(?P<V>\d{{1,2}})(?:-?(?P<u>[1-7]))?", ()),
    (rf"{_WEEK}[ .-]?\s?(?P<V>\d{{1,2}}){_NEAR}{_WEEK_YEAR}", ()),
    (rf"(?P<V>\d{{1,2}})\.?\s?{_WEEK}{_NEAR}{_WEEK_YEAR}", ()),
    (rf"(?P<G>\d{{4}})(?:년)?{_NEAR}(?P<V>\d{{1,2}})\.?\s?{_WEEK}", ()),
    (r"(?P<Y>\d{4})[-/ .:_]?[Mm](?P<m>\d{1,2})", ()),
    (r"[Mm](?P<m>\d{1,2})[-/ .:_]?(?P<Y>\d{4})", ()),
    (
        r"(?P<A>\d{4})(?:[-/.:_ ]|\.\s)(?P<B>\d{1,2})\.?",
        ({"A": "Y", "B": "m"}, {"A": "Y", "B": "q"}, {"A": "G", "B": "V"}),
    ),
    (
        r"(?P<B>\d{1,2})[-/.:_ ](?P<A>\d{4})",
        ({"A": "Y", "B": "m"}, {"A": "Y", "B": "q"}, {"A": "G", "B": "V"}),
    ),
    (r"(?P<Y>\d{4})(?:년\s?|年)(?P<m>\d{1,2})[월月]", ()),
    (r"(?P<m>\d{1,2})[월月][ ,]{0,2}(?P<Y>\d{4})년?", ()),
    (r"(?P<Y>\d{4})-(?P<j>\d{3})", ()),
    (r"(?:FY|CY)\s?(?P<Y>\d{4})", ()),
    (rf"(?P<E>{ERA})年(?P<m>\d{{1,2}})月(?:(?P<d>\d{{1,2}})日)?", ()),
    (rf"(?P<E>{ERA})[./-](?P<m>\d{{1,2}})(?:[./-](?P<d>\d{{1,2}}))?", ()),
    (rf"(?P<E>{ERA})年度?", ()),
    (r"(?:民國)?(?P<r>\d{3})年(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})日)?", ()),
    (r"(?P<r>1\d\d)/(?P<m>\d{1,2})/(?P<d>\d{1,2})", ()),
    (r"(?P<Y>\d{4})\s?(?:年度?|년도?)", ()),
    (r"(?P<Y>\d{4})(?P<m>\d\d)(?P<d>\d\d)", ()),
    (r"(?P<A>\d\d)(?P<B>\d\d)(?P<Y>(?:19|20)\d\d)", (_MONTH_FIRST, _DAY_FIRST)),
    (r"0(?P<m>\d\d)[./](?P<Y>\d{4})", ()),
)
_DAY = r"[^\W\d_]+(?:-feira)?\.?"
_CLOCK = (
    r"(?:(?P<half>오전|오후|上午|下午|午前|午後)\s?)?(?P<H>\d{1,2})"
    r"(?:(?::|\.|[hH]|시\s?)(?P<M>\d\d)(?:(?::|\.|[mM]|분\s?)(?P<S>\d\d)(?:[.,:](?P<f>\d{1,9}))?)?)?"
    r"(?:\s?(?P<p>[AaPp]\.?\s?[Mm]\b\.?|[AaPp]\b))?(?:\s?(?P<unit>Uhr|uhr|hrs?|[hH]|시|분|초|[sm]))?"
)
_COMPACT_CLOCK = r"(?P<H>\d\d)(?P<M>\d\d)(?P<S>\d\d)?"
_ZONE_WORDS = "|".join(sorted(ZONES, key=len, reverse=True))
_ZONE = (
    rf"(?:\s?(?P<z>Z|[+-](?:0\d|1[0-4])(?::?\d\d)?))?(?:\s?\(?(?P<Z>{_ZONE_WORDS})\)?"
    r"(?P<z2>[+-](?:0\d|1[0-4])(?::?\d\d)?)?)?(?:\s?\[[\w/+-]+\]|\s\([^()]*\))?"
)
_GAP = re.compile(r"T|_|:|,(?!\s)|,?\s+(?:-\s+)?(?:(?:um|at|à|kl\.?|ore|às)\s)?|-")  # between date and time
_TIME = re.compile(rf"(?P<time>{_CLOCK}){_ZONE}")
_COMPACT_TIME = re.compile(rf"(?P<time>{_COMPACT_CLOCK}){_ZONE}")
_TIME_AND_DATE = re.compile(rf"(?P<time>{_CLOCK}),?\s+(?P<date>\S.*)")
_UNIX_DATE = re.compile(
    rf"(?P<a>{_DAY})\s+(?P<b>{_WORD})\s(?P<e>[\s\d]\d)\s+(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)"
    rf"(?:\s(?P<Z>{_ZONE_WORDS}))?\s(?P<Y>\d{{4}})"
)
_INTERVALS = (
    " - ",
    " – ",
    " — ",
    " / ",
    "/",
    " to ",
    " bis ",
    " until ",
    " ~ ",
    "~",
    "..",
    "–",
    "-",
    " a ",
    " à ",
)
END = "%+"  # before the end of an interval


def date_patterns(text: str, options: ReadOptions | None = None) -> list[str]:
    """The patterns that a time stamp may be written in, the usual one first; none where it is none.

    options: which of month and day comes first, where they tell.
    """
    text = text.strip()
    may_end = re.search(r"\d-\d\d:\d\d$", text)  # in the end of an interval, or in an offset from UTC
    if (iso := _ISO.fullmatch(text)) and not may_end:
        return [_pattern_of_match(iso, 0, {})]
    if len(text) > 80 or not any(sign.isdigit() for sign in text):
        return []
    found = list(dict.fromkeys(map(_with_endings, _moments(text), repeat(text))))
    if may_end or not found:
        found += list(dict.fromkeys(_intervals(text)))
    day_first = options.day_first if options else "auto"
    if day_first != "auto":
        told = [p for p in found if ("%d" in p and "%m" in p and not p.startswith("%Y"))]
        wanted = [p for p in told if (p.index("%d") < p.index("%m")) == day_first]
        found = [p for p in found if p not in told or p in wanted or not wanted]
    return found


def _with_endings(pattern: str, text: str) -> str:
    """Where the first of a month has an ending ("1er janvier"), other days have none."""
    name = next((word for word in re.findall(r"[^\W\d_]+\.?", text) if month_number(word)), "")
    if "%d %" not in pattern or not name or name_style("b", {name})[:2] not in ("fr", "it", "es", "pt"):
        return pattern
    return re.sub(r"%d (?=%b|de %b)", "%d%o ", pattern)


def _moments(text: str) -> Iterator[str]:
    """Dates, with a time of day or without."""
    yield from _dates(text)
    for gap in _GAP.finditer(text):
        for date in _dates(text[: gap.start()]) if gap.start() > 5 else ():
            late = gap[0] == ":" and ("%y" in date or date.endswith(" %d"))  # the hour of Mar-04 00:25:00
            if _names_day(date) and not late:
                clock = _clock(text[gap.end() :], gap[0])
                if clock:
                    yield date + gap[0] + clock
    found = _TIME_AND_DATE.fullmatch(text)
    if found and (found["M"] or found["p"]):
        before = _pattern_of_match(found, 0, _names_of_clock(found), found.end("time"))
        dates, between = _dates(found["date"]), text[found.end("time") : found.start("date")]
        yield from (before + between + date for date in dates if _names_day(date))
    if (found := _UNIX_DATE.fullmatch(text)) and _words_known(found):
        yield _pattern_of_match(found, 0, {})


def _names_day(date: str) -> bool:
    return bool({"%d", "%e", "%j", "%u"} & {*re.findall("%.", date)})


def _clock(text: str, gap: str) -> str:
    """The pattern of a time of day behind a date and a gap, "" where it is none."""
    found = _TIME.fullmatch(text)
    if found is None:
        compact = _COMPACT_TIME.fullmatch(text) if gap in ("T", "_", " ", ":") else None
        return _pattern_of_match(compact, 0, {"z2": "z"}) if compact else ""
    groups = found.groupdict()
    if not groups["M"] and not (groups["p"] or groups["unit"] or groups["half"]):
        signed = (groups["z"] or groups["z2"] or "Z") != "Z"
        if len(groups["H"]) < 2 or gap not in ("T", " ") or signed:
            return ""
    return _pattern_of_match(found, 0, _names_of_clock(found) | {"z2": "z"})


def _names_of_clock(found: re.Match[str]) -> dict[str, str]:
    return {"H": "I", "half": "p"} if found["p"] or found["half"] else {}


def _dates(text: str) -> Iterator[str]:
    for expression, with_day, renamings in _all_dates():
        found = expression.fullmatch(text)
        if not found or not _words_known(found):
            found = with_day.fullmatch(text)
        if not found or not _words_known(found):
            continue
        for names in renamings or ({},):
            if _possible(found, names):
                yield _pattern_of_match(found, 0, {**names, "a2": "a"})


@cache
def _all_dates() -> tuple[tuple[re.Pattern[str], re.Pattern[str], tuple[Renaming, ...]], ...]:
    """Expressions of dates, also with a day of the week before them."""
    day, behind = rf"(?P<a>{_DAY}),?\s+", rf"(?:,?\s*\(?(?P<a2>(?<=[\s(]){_DAY})\)?)?"
    return tuple(
        (re.compile(date + behind), re.compile(day + date + behind), names) for date, names in _DATES
    )


def _words_known(found: re.Match[str]) -> bool:
    groups = found.groupdict()
    return all(
        known(groups[name])
        for name, known in (("b", month_number), ("a", weekday_number), ("a2", weekday_number))
        if groups.get(name)
    )


def _possible(found: re.Match[str], names: Renaming) -> bool:
    """Whether the numbers of a cell can be what a reading takes them for."""
    limits = {"m": 12, "d": 31, "q": 4, "V": 53}
    return all(
        0 < int(text) <= limits.get(names.get(name, name), 10**9) or names.get(name, name) in "yY"
        for name, text in found.groupdict().items()
        if text and name in "ABCmdqV"
    )


def _pattern_of_match(found: re.Match[str], begin: int, names: Renaming, end: int | None = None) -> str:
    """The pattern that a match gives from a place on."""
    text, made, at = found.string, [], begin
    spans = []
    for name in found.groupdict():
        letter = names.get(name, name)
        if len(letter) == 1 and found[name] is not None and found.start(name) >= begin:
            spans.append((*found.span(name), letter))
    for first, last, letter in sorted(spans):
        made += [text[at:first].replace("%", "%%"), _part(letter, text[first:last])]
        at = last
    return "".join(made) + text[at:end].replace("%", "%%")


def _part(letter: str, text: str) -> str:
    if letter == "f":  # as many digits as are written
        return "%f" if len(text) == 6 else f"%{len(text)}f"
    return f"%{letter}"


def _intervals(text: str) -> Iterator[str]:
    """From one time to another, or to a time of the same day."""
    for between in _INTERVALS:
        for cut in re.finditer(re.escape(between), text):
            start, end = text[: cut.start()], text[cut.end() :]
            for first in _moments(start.strip()):
                if start != start.strip() or end != end.strip():
                    continue
                ends = list(_moments(end))
                if first in ends:
                    yield f"{first}{between}{END}{first}"
                elif "%H" in first or "%I" in first:
                    for last in ends or _clock_alone(end):
                        yield f"{first}{between}{END}{last}"


def _clock_alone(text: str) -> list[str]:
    found = re.fullmatch(_CLOCK, text)
    if not found or not (found["M"] or found["p"] or found["unit"] in ("h", "H", "Uhr", "uhr", "시")):
        return []
    return [_pattern_of_match(found, 0, _names_of_clock(found))]


def is_clock(text: str) -> bool:
    """Whether a text is a time of day, or an interval in a day; clocks that go back have an hour 25."""
    parts = re.split(r"\s*[-–]\s*", text.strip())
    return len(parts) <= 2 and all(half_of_day(part) < 0 and _is_in_a_day(part) for part in parts)


def _is_in_a_day(text: str) -> bool:
    hour, *smaller = [*map(int, re.findall(r"\d+", text) if _clock_alone(text) else [99]), 0][:3]
    return hour <= 25 and all(number < 60 for number in smaller)
