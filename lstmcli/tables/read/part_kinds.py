"""What part of a time a column may hold, by its name and its cells: a date, a year, an hour, a clock."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
from pandas.api import types

from lstmcli.tables.read.column_names import YEARS, is_key_name, words_of
from lstmcli.tables.read.header_parts import part_number, roman_number
from lstmcli.tables.read.joined_times import MIDNIGHT, is_whole
from lstmcli.tables.read.numeric_patterns import are_excel_days
from lstmcli.tables.read.shapes import date_patterns, is_clock
from lstmcli.tables.read.time_columns import looks_like_dates
from lstmcli.tables.read.time_words import half_of_day, weekday_label
from lstmcli.tables.read.tokens import letters_of, shown_cell

_MONTH_NAMES = (
    "month mon mnth monat mois mes mês mese maand miesiąc měsíc månad måned kuukausi ay месяц 月 月份 월"
)
_QUARTER_NAMES = (
    "quarter qtr quartal trimestre kwartaal kwartał kvartal čtvrtletí neljännes çeyrek квартал 분기"
)
_SEASON_NAMES = "season seas jahreszeit saison stagione estación estacion estação estacao seizoen sezon"
_HOUR_NAMES = "hour hours hr stunde stunden heure hora ora uur godzina godz 시간"
_NAMES = {
    "year": "year yr yyyy yy fy jahr annee année ano año anno jaar rok år aar vuosi yıl год 年 연도 년도 년 "
    "年份",
    "month": f"{_MONTH_NAMES} mo mm period",
    "roman month": _MONTH_NAMES,
    "month in order": f"{_MONTH_NAMES} {_SEASON_NAMES}",
    "day": "day dayofmonth mday dd dy dom tag jour dia día giorno 일",
    "day of the year": "dayofyear doy yday yearday julian",
    "quarter": f"{_QUARTER_NAMES} period q",
    "roman quarter": _QUARTER_NAMES,
    "quarter in order": f"{_QUARTER_NAMES} {_SEASON_NAMES}",
    "half": "half halfyear halbjahr semestre semester semestr period hy 반기",
    "week": "week wk weekofyear isoweek kw kalenderwoche woche semaine semana settimana 주",
    "weekday": "weekday day dow dayofweek wochentag tag jour dia día giorno dag",
    "hour": f"{_HOUR_NAMES} hh he hourending std 시 time zeit uhrzeit",
    "interval": f"{_HOUR_NAMES} time zeit uhrzeit period periodo interval intervall slot mtu zeitraum",
    "hhmm": "time hhmm hour hourending hora heure zeit uhrzeit",
    "hhmmss": "time hhmmss hora heure zeit uhrzeit",
    "fraction": "time zeit uhrzeit hora heure ora 시간",
    "minute": "minute minutes min minuto mi mm mn 분",
    "half-hour": "period settlementperiod sp interval position halfhour hh",
    "quarter-hour": "period interval position qh quarterhour viertelstunde",
    "hour with minutes": f"{_HOUR_NAMES} time zeit uhrzeit",
    "part of hour": f"{_HOUR_NAMES} time zeit uhrzeit",
    "second": "second seconds sec ss 초",
    "minutes of the day": "time minute minutes minuteofday mod",
    "seconds of the day": "time second seconds secondofday secondsofday sod",
}
_WORDS = {kind: frozenset(names.split()) for kind, names in _NAMES.items()}
_LIMITS = {
    **{
        "year": YEARS,
        "month": (1, 12),
        "day": (1, 31),
        "day of the year": (1, 366),
        "quarter": (1, 4),
        "half": (1, 2),
        "weekday": (1, 7),
    },
    **{
        "week": (1, 53),
        "hour": (0, 25),
        "hhmm": (0, 2400),
        "hhmmss": (0, 240_000),
        "minute": (0, 59),
        "second": (0, 59),
    },
    **{"half-hour": (1, 50), "quarter-hour": (1, 100)},
    **{"minutes of the day": (0, 1440), "seconds of the day": (0, 86_400)},
}
PARTS = (
    *(*_LIMITS, "roman month", "roman quarter", "clock", "interval", "interval of the day"),
    "half of the day",
)
CLOCKS = (
    *("clock", "interval", "interval of the day", "hour", "hhmm", "hhmmss", "fraction", "half-hour"),
    *("quarter-hour", "part of hour", "hour with minutes", "minutes of the day", "seconds of the day"),
)
LEAST_HIGHEST = {  # what the highest number must reach: the periods of the shortest day, half a day
    **{"half-hour": 46, "quarter-hour": 92, "hhmm": 100, "hhmmss": 10_000},
    **{"minutes of the day": 720, "seconds of the day": 43_200, "interval of the day": 22},
}
WHOLES = {"whole week": "weekday", "whole month": "day"}  # and the part beside it
ORDERED = {"month in order": 12, "quarter in order": 4}  # labels that no list knows, and how many there are
_WORDED = ("month", "quarter", "half")  # what texts such as Jan, Q1 or H1 are, in a column of any name
_DATES = re.compile(r"dates?|datum|fecha|data|tag|day|dia|día|giorno|jour|dzień|doba|날짜|일자")
_MOST_CLOCKS = 5000
_LOOKED_AT = 1000  # cells, for whether they are dates
_NTH = r"(?:\.|st|nd|rd|th|er|e|[ºª])?"
# M13, Q05 and S03 are the mean of a year in tables of offices: these rows are left out.
_MONTH_NUMBER = re.compile(r"0?[1-9]|1[0-2]|[MP](?:0[1-9]|1[0-3])")
_QUARTERS = re.compile(
    rf"(?:q|t|qtr\.?|quarter|quartal|trim\.?|trimestre)\s?0?[1-5]|[1-4]{_NTH}\s?(?:q|t|qtr|quarter|quartal|trim|trimestre)",
    re.IGNORECASE,
)
_TEXT_PARTS = {  # of parts that one pattern tells
    "hhmm": re.compile(r"\d{3,4}"),
    "hhmmss": re.compile(r"(?:[01]\d|2[0-4])[0-5]\d[0-5]\d"),
    "half": re.compile(
        rf"(?:h|s|hy|half|halbjahr|semestre)\s?0?[1-3]|[12]{_NTH}\s?(?:h|half|halbjahr|semestre|hy)",
        re.IGNORECASE,
    ),
    "day": re.compile(r"0?[1-9]|[12]\d|3[01]"),
    **dict.fromkeys(("minute", "second"), re.compile(r"[0-5]?\d")),
    "week": re.compile(r"(?:w|wk|week|kw|s)\s?\d{1,2}", re.IGNORECASE),
}


def first_kinds(piece: pd.DataFrame, named: Sequence[str] = ()) -> dict[str, list[str]]:
    """What columns may hold, by their first cells, and where the user did not name them by their names."""
    found = {}
    for name in map(str, piece.columns):
        some = piece[name].iloc[:100].dropna()
        if not len(some):
            continue
        tried = [*_kinds_of_name(name, some), *(("date", *PARTS, "fraction") if name in named else ())]
        if not tried:
            continue
        typed = types.is_numeric_dtype(some) or types.is_datetime64_any_dtype(some)
        texts = pd.Series([*dict.fromkeys(some.tolist())], dtype=object)
        different = pd.Series(some.unique()) if typed else texts
        kinds = held_kinds(different, [*dict.fromkeys(tried)])
        if kinds:
            found[name] = kinds
    return found


def _kinds_of_name(name: str, cells: "pd.Series[Any]") -> list[str]:
    if names_key_alone(name):
        return []
    words = _name_words(name)
    by_name = [kind for kind in _NAMES if _say_part(words, kind)]
    if types.is_numeric_dtype(cells):
        return (["date"] if _say_part(words, "date") else []) + by_name
    worded = any(map(str.isalpha, str(cells.iloc[0])))
    interval = ["interval of the day"] if part_number("clock", str(cells.iloc[0])) is not None else []
    usual = ("date", "clock", "half of the day", "whole week", "whole month")
    return [*usual, *by_name, *interval, *(_WORDED if worded else ()), "weekday"]


def names_part(name: str, kind: str) -> bool:
    """Whether a column of this name usually holds a kind of part: "date", "year", "hour" and so on."""
    return _say_part(_name_words(name), kind)


def names_key_alone(name: str) -> bool:
    """Whether a column is called like a key, as store or region, and not like a part of a time too."""
    words = _name_words(name)
    return is_key_name(name) and not any(_say_part(words, kind) for kind in ("date", *_NAMES))


def _name_words(name: str) -> set[str]:
    """The words of a name, and all of it as one."""
    return {*words_of(name), name.strip().lower().replace(" ", "").replace("_", "")}


def _say_part(words: set[str], kind: str) -> bool:
    return any(map(_DATES.fullmatch, words)) if kind == "date" else bool(words & _WORDS[kind])


def held_kinds(cells: "pd.Series[Any]", kinds: Sequence[str]) -> list[str]:
    """Those of some kinds that different cells can all be of."""
    if not len(cells):
        return [*kinds]
    if types.is_numeric_dtype(cells):
        fits = partial(_numbers_can_be, cells)
    elif len(cells) > _MOST_CLOCKS or types.is_datetime64_any_dtype(cells):
        return ["date"] if "date" in kinds and _are_dates(cells) else []
    else:
        fits = partial(_texts_can_be, [str(cell).strip() for cell in cells.tolist()])
    return [kind for kind in kinds if (_are_dates(cells) if kind == "date" else fits(kind))]


def _texts_can_be(texts: Sequence[str], kind: str) -> bool:
    if kind in ORDERED:
        return len(texts) <= ORDERED[kind]
    known = _TEXTS.get(kind)
    return known is not None and all(map(known, texts))


def _counts(*units: str, highest: int) -> Callable[[str], bool]:
    """Whether a text names a part that is at most so high, by any of some readers of `part_number`."""

    def known(text: str) -> bool:
        found = next((n for unit in units if (n := part_number(unit, text)) is not None), -1)
        return 0 <= found <= highest

    return known


def _is_month(text: str) -> bool:
    return bool(_MONTH_NUMBER.fullmatch(text)) or _counts("month", highest=12)(text)


def _is_quarter(text: str) -> bool:
    roman = roman_number(text, 4) > 0
    return bool(_QUARTERS.fullmatch(text)) or (not roman and _counts("quarter", highest=4)(text))


_TEXTS: dict[str, Callable[[str], Any]] = {
    **{kind: pattern.fullmatch for kind, pattern in _TEXT_PARTS.items()},
    "clock": is_clock,
    "month": _is_month,
    "roman month": lambda text: roman_number(text, 12),
    "quarter": _is_quarter,
    "roman quarter": lambda text: roman_number(text, 4),
    "hour": _counts("hour", "period", highest=25),
    "half-hour": _counts("period", highest=50),
    "quarter-hour": _counts("period", highest=100),
    "weekday": lambda text: weekday_label(text) or _counts("day", highest=7)(text),
    "whole week": re.compile(r"(?:19|20)\d\d[- ]?W(?:[0-4]\d|5[0-3])").fullmatch,
    "whole month": re.compile(r"(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])").fullmatch,
    "half of the day": lambda text: half_of_day(text) >= 0,
    **dict.fromkeys(("interval", "interval of the day"), lambda text: part_number("clock", text) is not None),
}


def _numbers_can_be(cells: "pd.Series[Any]", kind: str) -> bool:
    if kind == "fraction":
        return bool(((cells >= 0) & (cells < 1)).all()) and not is_whole(cells)
    if kind in ("part of hour", "hour with minutes"):
        return bool(((cells >= 0) & (cells < 24)).all()) and not is_whole(cells) and _has_minutes(cells, kind)
    if kind not in _LIMITS or not is_whole(cells):
        return False
    low, high = _LIMITS[kind]
    inside = bool(cells.min() >= low and cells.max() <= high)
    sixties = {"hhmm": (1,), "hhmmss": (1, 100)}.get(kind, ())
    return inside and all(bool((cells // unit % 100 < 60).all()) for unit in sixties)


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
        return is_whole(cells) and (are_excel_days(low, high) or (low >= 1900_01_01 and high <= 2100_12_31))
    if types.is_datetime64_any_dtype(cells):
        return bool((cells == cells.dt.normalize()).all())
    texts = pd.Series([str(cell).strip() for cell in cells.iloc[:_LOOKED_AT].tolist()], dtype=object)
    first = MIDNIGHT.sub("", texts.iloc[0])
    if shown_cell(texts) != texts.iloc[0]:
        return False
    midnights = first != texts.iloc[0]
    days = [p for p in date_patterns(first) if letters_of(p) & {*"dejubB"} and not letters_of(p) & {*"HI+"}]
    if not any("d" in letters_of(p) or "e" in letters_of(p) or "j" in letters_of(p) for p in days):
        return False
    if midnights and not (all(map(MIDNIGHT.search, texts)) and _are_midnights(cells)):
        return False
    return looks_like_dates(texts.str.replace(MIDNIGHT.pattern, "", regex=True) if midnights else texts)


def _are_midnights(cells: "pd.Series[Any]") -> bool:
    return bool(cells.astype(str).str.strip().str.contains(MIDNIGHT.pattern, regex=True).all())
