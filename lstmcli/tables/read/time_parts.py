"""Which columns hold parts of times: a date and a time of day, or year, month, day, hour."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import JoinedTime
from lstmcli.tables.read.column_names import words_of
from lstmcli.tables.read.joined_times import MIDNIGHT, is_whole, names_several
from lstmcli.tables.read.numeric_patterns import EXCEL_DAYS
from lstmcli.tables.read.shapes import date_patterns, is_clock, shown_cell
from lstmcli.tables.read.time_columns import looks_like_dates, rank_of_name
from lstmcli.tables.read.time_words import month_number
from lstmcli.tables.read.tokens import letters_of

_NAMES = {
    "year": "year yr yyyy yy fy jahr annee année ano año anno jaar rok 연도 년도 년",
    "month": "month mon mo mnth mm period monat mois mes mês mese 월",
    "day": "day dayofmonth mday dd dy dom tag jour dia día giorno 일",
    "day of the year": "dayofyear doy yday yearday julian",
    "quarter": "quarter qtr quartal trimestre period q 분기",
    "half": "half halfyear halbjahr semestre semester semestr period hy 반기",
    "week": "week wk weekofyear isoweek kw kalenderwoche woche semaine semana settimana 주",
    "hour": "hour hours hr hh he hourending stunde std heure hora ora 시 시간 time zeit uhrzeit",
    "hhmm": "time hhmm hour hourending hora heure zeit uhrzeit",
    "fraction": "time zeit uhrzeit hora heure ora 시간",
    "minute": "minute minutes min minuto mi mm mn 분",
    "half-hour": "period settlementperiod sp interval position halfhour hh",
    "quarter-hour": "period interval position qh quarterhour viertelstunde",
    "hour with minutes": "hour hours time hr stunde zeit uhrzeit heure hora ora 시간",
    "part of hour": "hour hours time hr stunde zeit uhrzeit heure hora ora 시간",
    "second": "second seconds sec ss 초",
    "minutes of the day": "time minute minutes minuteofday mod",
    "seconds of the day": "time second seconds secondofday secondsofday sod",
}
_WORDS = {kind: frozenset(names.split()) for kind, names in _NAMES.items()}
_LIMITS = {
    **{
        "year": (1000, 3000),
        "month": (1, 12),
        "day": (1, 31),
        "day of the year": (1, 366),
        "quarter": (1, 4),
        "half": (1, 2),
    },
    **{"week": (1, 53), "hour": (0, 25), "hhmm": (0, 2400), "minute": (0, 59), "second": (0, 59)},
    **{"half-hour": (1, 50), "quarter-hour": (1, 100)},
    **{"minutes of the day": (0, 1440), "seconds of the day": (0, 86_400)},
}
_PARTS = (*_LIMITS, "clock")
_CLOCKS = (
    *("clock", "hour", "hhmm", "fraction", "half-hour", "quarter-hour"),
    *("part of hour", "hour with minutes", "minutes of the day", "seconds of the day"),
)
_LEAST_HIGHEST = {  # what the highest number must reach: the periods of the shortest day, half a day
    **{"half-hour": 46, "quarter-hour": 92, "hhmm": 100},
    **{"minutes of the day": 720, "seconds of the day": 43_200},
}
_WORDED = ("month", "quarter", "half")  # what texts such as Jan, Q1 or H1 are, in a column of any name
_DATES = re.compile(r"dates?|datum|fecha|data|tag|day|dia|día|giorno|jour|dzień|doba|날짜|일자")
_MOST_CLOCKS = 5000
_NTH = r"(?:\.|st|nd|rd|th|er|e|[ºª])?"
# M13, Q05 and S03 are the mean of a year in tables of offices: it is then refused with its row.
_MONTH_NUMBER = re.compile(r"0?[1-9]|1[0-2]|M(?:0[1-9]|1[0-3])")
_TEXT_PARTS = {
    "hour": re.compile(r"(?:he|hour|hr|h)?\s?(?:[01]?\d|2[0-5])", re.IGNORECASE),
    "hhmm": re.compile(r"\d{3,4}"),
    "quarter": re.compile(
        rf"(?:q|t|qtr\.?|quarter|quartal|trim\.?|trimestre)\s?0?[1-5]|[1-4]{_NTH}\s?(?:q|t|qtr|quarter|quartal|trim|trimestre)",
        re.IGNORECASE,
    ),
    "half": re.compile(
        rf"(?:h|s|hy|half|halbjahr|semestre)\s?0?[1-3]|[12]{_NTH}\s?(?:h|half|halbjahr|semestre|hy)",
        re.IGNORECASE,
    ),
    "day": re.compile(r"0?[1-9]|[12]\d|3[01]"),
    **dict.fromkeys(("minute", "second"), re.compile(r"[0-5]?\d")),
    "week": re.compile(r"(?:w|wk|week|kw|s)\s?\d{1,2}", re.IGNORECASE),
}


@dataclass
class PartsFinder:
    """Evidence of all rows, added in any number of pieces.

    kinds: what each column may hold; dates: different dates of each column of dates; highest: the highest
    number of each column; whole_times: whether a
    column holds whole time stamps
    """

    options: ReadOptions
    rows: int = 0
    kinds: dict[str, list[str]] | None = None
    dates: dict[str, set[Any]] = field(default_factory=dict)
    highest: dict[str, float] = field(default_factory=dict)
    whole_times: bool = False

    def may_join(self, piece: pd.DataFrame) -> bool:
        """Whether the names and the first cells of columns are those of parts; `add` need not be called
        otherwise."""
        if self.options.known.joined or names_several(self.options.time, piece.columns):
            return True
        if self.options.time != "auto":
            return False
        kinds = {kind for found in _first_kinds(piece).values() for kind in found}
        return ("date" in kinds and bool(kinds & {*_CLOCKS})) or (
            "year" in kinds and bool(kinds & {"month", "quarter", "half", "week", "day of the year"})
        )

    def add(self, piece: pd.DataFrame) -> None:
        if not len(piece):
            return
        if self.kinds is None:
            self.kinds = _first_kinds(piece, names_several(self.options.time, piece.columns))
            self.whole_times = any(_is_whole_time(piece[c]) for c in piece.columns if c not in self.kinds)
        self.rows += len(piece)
        for name, kinds in self.kinds.items():
            different = pd.Series(piece[name].dropna().unique())
            if types.is_numeric_dtype(different) and len(different):
                self.highest[name] = max(self.highest.get(name, 0.0), float(different.max()))
            self.kinds[name] = [kind for kind in kinds if _can_be(different, kind)]
            if "date" in self.kinds[name]:
                self.dates.setdefault(name, set()).update(different.tolist())

    def found(self, columns: Sequence[str]) -> JoinedTime | None:
        """columns: those of the table."""
        if self.options.known.joined:
            return self.options.known.joined
        kinds = {name: left for name in self.kinds or {} if (left := self._kinds_of(name))}
        named = names_several(self.options.time, list(columns))
        if named:
            return _as_named(named, kinds)
        if self.options.time != "auto" or self.whole_times:
            return None
        kinds = {name: found for name, found in kinds.items() if name not in self.options.as_written}
        return self._date_and_clock(kinds) if self.dates else _date_in_parts(kinds)

    def _kinds_of(self, name: str) -> list[str]:
        """What a column may hold after all rows, by the highest number too."""
        highest = self.highest.get(name, np.inf)
        return [kind for kind in (self.kinds or {})[name] if highest >= _LEAST_HIGHEST.get(kind, 0)]

    def _date_and_clock(self, kinds: Mapping[str, list[str]]) -> JoinedTime | None:
        """A date and the time of day, where dates alone stand in several rows."""
        dates = sorted((name for name in kinds if "date" in kinds[name]), key=rank_of_name)
        if not dates or len(self.dates[dates[0]]) >= self.rows:
            return None
        for kind in _CLOCKS:
            clocks = [name for name in kinds if kind in kinds[name] and name != dates[0]]
            if not clocks:
                continue
            clock = min(clocks, key=rank_of_name)
            more = _following(kinds, ("minute", "second")) if kind == "hour" else {}
            return JoinedTime((dates[0], clock, *more.values()), ("date", kind, *more))
        return None


def _date_in_parts(kinds: Mapping[str, list[str]]) -> JoinedTime | None:
    """Year, month, day and so on; or year and quarter, week or day of the year."""
    days = _following(kinds, ("year", "month", "day"))
    if len(days) < 2:
        for unit in ("day of the year", "week", "quarter", "half"):
            days = _following(kinds, ("year", unit))
            if len(days) == 2:
                break
        else:
            return None
    if "day" in days or "day of the year" in days:
        days |= _following(kinds, ("hour", "minute", "second"), [*days.values()])
        if "hour" not in days and (clock := next((c for c in kinds if "clock" in kinds[c]), None)):
            days |= {"clock": clock}
    return JoinedTime(tuple(days.values()), tuple(days))


def _following(
    kinds: Mapping[str, list[str]], wanted: Sequence[str], used: Sequence[str] = ()
) -> dict[str, str]:
    """The column of each kind that is not used, up to the first kind that none has."""
    found: dict[str, str] = {}
    for kind in wanted:
        column = next(
            (name for name in kinds if kind in kinds[name] and name not in (*used, *found.values())), None
        )
        if column is None:
            break
        found[kind] = column
    return found


def _as_named(columns: tuple[str, ...], kinds: Mapping[str, list[str]]) -> JoinedTime:
    """The kinds of columns that the user named, in their order."""
    first = kinds.get(columns[0], [])
    left = [*_PARTS] if "year" in first else ["date", *_CLOCKS, "minute", "second"]
    chosen: list[str] = []
    for column in columns:
        may_be = [k for k in left if k not in ("minute", "second") or {*chosen} & {"hour", "minute"}]
        kind = next((k for k in kinds.get(column, []) if k in may_be), "clock" if chosen else "date")
        chosen.append(kind)
        left = [other for other in left if other != kind]
    return JoinedTime(columns, tuple(chosen))


def _first_kinds(piece: pd.DataFrame, named: Sequence[str] = ()) -> dict[str, list[str]]:
    """What columns may hold, by their first cells, and where the user did not name them by their names."""
    found = {}
    for name in map(str, piece.columns):
        some = piece[name].iloc[:100].dropna()
        if len(some):
            different = pd.Series(some.unique())
            tried = [*_kinds_of_name(name, some), *(("date", *_PARTS, "fraction") if name in named else ())]
            kinds = [kind for kind in dict.fromkeys(tried) if _can_be(different, kind)]
            if kinds:
                found[name] = kinds
    return found


def _kinds_of_name(name: str, cells: "pd.Series[Any]") -> list[str]:
    by_name = [kind for kind in _NAMES if names_part(name, kind)]
    if types.is_numeric_dtype(cells):
        return (["date"] if names_part(name, "date") else []) + by_name
    worded = any(map(str.isalpha, str(cells.iloc[0])))
    return ["date", "clock", *by_name, *(_WORDED if worded else ())]


def names_part(name: str, kind: str) -> bool:
    """Whether a column of this name usually holds a kind of part: "date", "year", "hour" and so on."""
    words = {*words_of(name), name.strip().lower().replace(" ", "").replace("_", "")}
    return any(map(_DATES.fullmatch, words)) if kind == "date" else bool(words & _WORDS[kind])


def _can_be(cells: "pd.Series[Any]", kind: str) -> bool:
    """Whether different cells can all be of a kind."""
    if not len(cells):
        return True
    if kind == "date":
        return _are_dates(cells)
    if types.is_numeric_dtype(cells):
        return _numbers_can_be(cells, kind)
    if len(cells) > _MOST_CLOCKS or types.is_datetime64_any_dtype(cells):
        return False
    known: Callable[[str], Any] | None = {"clock": is_clock, "month": _is_month}.get(kind)
    if known is None and kind in _TEXT_PARTS:
        known = _TEXT_PARTS[kind].fullmatch
    return known is not None and all(known(text) for text in cells.astype(str).str.strip())


def _is_month(text: str) -> bool:
    return bool(month_number(text) or _MONTH_NUMBER.fullmatch(text))


def _numbers_can_be(cells: "pd.Series[Any]", kind: str) -> bool:
    if kind == "fraction":
        return bool(((cells >= 0) & (cells < 1)).all()) and not is_whole(cells)
    if kind in ("part of hour", "hour with minutes"):
        return bool(((cells >= 0) & (cells < 24)).all()) and not is_whole(cells) and _has_minutes(cells, kind)
    if kind not in _LIMITS or not is_whole(cells):
        return False
    low, high = _LIMITS[kind]
    inside = bool(cells.min() >= low and cells.max() <= high)
    return inside and (kind != "hhmm" or bool((cells % 100 < 60).all()))


def _has_minutes(cells: "pd.Series[Any]", kind: str) -> bool:
    """Whether 18.5 is half past six, in steps of five minutes, or 18.30 is (hours with minutes)."""
    twelfths = (cells * 12 - (cells * 12).round()).abs().max() < 0.01
    if kind == "part of hour":
        return bool(twelfths)
    minutes = cells * 100 % 100
    return not twelfths and bool(
        (minutes.round() < 60).all() and (minutes - minutes.round()).abs().max() < 1e-6
    )


def _are_dates(cells: "pd.Series[Any]") -> bool:
    """Whether cells are days without a time of day."""
    if types.is_numeric_dtype(cells):
        low, high = cells.min(), cells.max()
        excel = EXCEL_DAYS[0] <= low and high <= EXCEL_DAYS[1]
        return is_whole(cells) and (excel or (low >= 1900_01_01 and high <= 2100_12_31))
    if types.is_datetime64_any_dtype(cells):
        return bool((cells == cells.dt.normalize()).all())
    texts = cells.astype(str).str.strip()
    first = MIDNIGHT.sub("", texts.iloc[0])
    if shown_cell(texts) != texts.iloc[0]:
        return False
    midnights = first != texts.iloc[0]
    days = [p for p in date_patterns(first) if letters_of(p) & {*"dejubB"} and not letters_of(p) & {*"HI+"}]
    if not any("d" in letters_of(p) or "e" in letters_of(p) or "j" in letters_of(p) for p in days):
        return False
    if midnights and not texts.str.contains(MIDNIGHT.pattern, regex=True).all():
        return False
    return looks_like_dates(texts.str.replace(MIDNIGHT.pattern, "", regex=True) if midnights else texts)


def _is_whole_time(cells: "pd.Series[Any]") -> bool:
    """Whether a column holds dates with times of day."""
    if types.is_datetime64_any_dtype(cells):
        return True
    if types.is_numeric_dtype(cells):
        return False
    filled = cells.dropna()
    patterns = date_patterns(shown_cell(filled)) if len(filled) else []
    return any(letters_of(p) & {*"HI"} for p in patterns) and looks_like_dates(filled)
