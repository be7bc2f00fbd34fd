"""What a cell looks like, seen alone: a number, a time, a unit, the label of a total."""

import re
from collections.abc import Sequence

from lstmcli.tables.read.time_words import month_label, weekday_label


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TIME_WORDS = _words(
    """time timestamp datetime date ds day month quarter year week hour ts epoch period
    datum zeit zeitpunkt zeitstempel jahr monat tag woche stunde fecha hora mes semana trimestre año ano
    data ora mese giorno anno settimana heure mois jour semaine année annee tijd maand jaar uur
    일자 시점 기간 년월 연도 년도
    日期 时间 時間 날짜 日時 日付 時刻 年月 年月日 시간 일시 연월 дата время месяц год день czas miesiąc rok
    période periodo período čas dátum ημερομηνία tarih תאריך التاريخ dato tid päivä kuupäev"""
)
# The first letters of months in English, German, French, Spanish, Italian, Portuguese and Dutch.
_MONTHS = _words(
    """jan feb mar apr may jun jul aug sep oct nov dec mär mrz jän mai okt dez fév avr jui aoû déc ene abr ago
    dic gen mag giu lug set ott fev out mrt mei"""
)
_UNITS = _words(
    """% c k f s h d m g t l w v a n hz pa bar °c °f degc degf deg celsius fahrenheit kelvin mm cm km mi ft in
    kg mg ug µg kw kwh mw mwh gw gwh wh kva kvar mbar hpa kpa mmhg ppm ppb ppt m/s km/h mph kn kt kts knots
    ms us ns sec min hr hrs day l/s l/h m3 m³ m3/s m³/s cfs w/m2 w/m² w/m^2 ug/m3 µg/m3 µg/m³ mm/h rpm db dba
    lux lx eur usd gbp chf $ € £ eur/mwh €/mwh $/mwh usd/mwh utc gmt cet cest lst est ts rn local unit units
    nr text string str datetime date time timestamp float float32 float64 double int int32 int64 integer long
    volt volts amp amps ampere watt watts percent pct degrees meters metres hours minutes seconds days
    bool boolean decimal numeric varchar char none rh %rh ug/l mg/l µs/cm ms/cm uv psu ntu ph degt nmi"""
)
_CODES = "CHF|USD|EUR|GBP|JPY|CNY|RMB|KRW|INR|BRL|CAD|AUD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|Rs|R\\$|[$€£¥₩₹\\\\]"
_SIGN = r"[-+−<>~]?\s*"
_NUMBER = re.compile(
    rf"\(?{_SIGN}(?:{_CODES})?\s*{_SIGN}(?:\d[\d.,'’ \u00a0\u202f]*|[.,]\d+)(?:[eE][-+]?\d+)?"
    r"\s?[%A-Za-z°µμ€$£/²³]{0,8}\)?"
)
WRITTEN_YEAR = r"(?:1[6-9]|20|21)\d\d"
_DATE = re.compile(
    "|".join(
        (
            WRITTEN_YEAR,
            r"\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2}(?:[T ].*)?)?",
            r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?:[T ,].*)?",
            r"\d{1,2}[-/.]\d{4}",
            r"\d{4}[- ]?[MQWmqw]\d{1,2}",
            r"[Qq][1-4][- /]?\d{2,4}|[1-4][Qq][- /]?\d{2,4}",
            rf"{WRITTEN_YEAR}[- ]?[Tt][1-4]|[Tt][1-4][- /]?{WRITTEN_YEAR}",
            rf"{WRITTEN_YEAR}(?:0[1-9]|1[0-2])(?:[0-3]\d)?",
        )
    )
)
_WORD = r"([^\W\d_]{3,10})\.?"
_WORDED = re.compile(
    rf"(?:\d{{1,2}}[-. ]+)?{_WORD}[-' ,/]+(?:\d{{1,2}},? +)?\d{{2,4}}|\d{{4}}[- ]{_WORD}|([^\W\d_]{{4,9}}) \d"
)
_TIME = re.compile(
    "|".join(
        (
            _DATE.pattern,
            r"\d{1,4}[-/]\d{1,2}(?:[-/]\d{1,4})?(?:[T ,;].*)?",
            r"\d{1,2}\.\d{1,2}\.(?:\d{2,4})?(?:[T ,;].*)?",
            r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?.{0,20}",
            r"\d{4}[年년].*",
            r"(?:[Ww]eek|[Ww]|KW|HE)[ -]?\d{1,2}.{0,9}",
        )
    )
)
_PREFIXED = re.compile(r"(?:[XYF]|YR)(\d{4})|(\d{4}) \[YR\d{4}\]|X(\d{1,2}\.\d{1,2}\.\d{2,4})")
_BRACKETED = re.compile(r"[\[(<{].*[\])>}]")
_FORMAT = re.compile(r"\d+[sdn]|[yYmMdDhHsS]{1,4}([-/.: T]+[yYmMdDhHsS]{1,4})+|dateTime:\w+")
_TOTAL = re.compile(
    r"""(?:\(?\*|(?:grand\ |sub\ ?-?)?totals?|sums?|gesamt\w*|summen?|insgesamt|sommes?|suma|somma|totaux|
    totale|totaal|soma|averages?|avg|means?|mittelwerte?|durchschnitt|mittel|moyennes?|medias?|média|promedio|
    gemiddelde|min(?:imum)?|max(?:imum)?|median|std\.?(?:\ ?dev\w*)?|stdev|count|anzahl|sources?|quelle|
    fuente|fonte|bron|notes?|anmerkung(?:en)?|hinweise?|nota|remarques?|exported|generated|created|printed|
    last\ updated|data\ from|end\ of|disclaimer|copyright|©|\(c\)|合计|合計|합계|총계|평균)(?![^\W\d_]).*""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# Behind or before the time or the group that it sums up: 2010 Total, Total 2010, Page total.
_SUM = re.compile(
    r"""(?:[\w.]+[ ]){0,3}(?:(?:sub\ ?-?)?totals?|sums?|gesamt(?:summe)?|(?:zwischen)?summe|suma|somma|totale|
    totaal|soma|averages?|mittelwert|durchschnitt|moyenne|
    合计|合計|小计|小計|합계|소계)(?::?[ ]\w+){0,2}\s*:?""",
    re.IGNORECASE | re.VERBOSE,
)
_COUNT = re.compile(r"\(?\d[\d,. ]*(?:rows?|records?|lignes?|filas?|zeilen?|righe|linhas)\b.*", re.IGNORECASE)
_EMPTY = _words("- -- . ? na n/a nan null none nat #n/a #na") | {""}


def names_time(cells: Sequence[str]) -> bool:
    """Whether one of some cells is a usual name of a column of times."""
    return any(cell.lower() in TIME_WORDS for cell in cells)


def is_empty(cell: str) -> bool:
    """Whether a cell is empty or holds a usual mark of a missing value."""
    return cell.strip().lower() in _EMPTY


def is_number(cell: str) -> bool:
    """Whether a cell can be a number, with a sign of money or a unit beside it."""
    return bool(_NUMBER.fullmatch(cell.strip()))


def is_zero(cell: str) -> bool:
    """Whether a cell is the number 0 in some spelling."""
    return is_number(cell) and not any(digit in cell for digit in "123456789")


def is_date(cell: str) -> bool:
    """Whether a cell can be a year, a month, a day or a moment."""
    text = cell.strip()
    return bool(_DATE.fullmatch(text)) or _names_month(text)


def _names_month(text: str) -> bool:
    if not text[-1:].isalnum():
        return False
    found = _WORDED.fullmatch(text.rpartition("day, ")[2])
    if found is None or found[3]:
        return found is not None and month_label(found[3]) > 0
    return (found[1] or found[2])[:3].lower() in _MONTHS


def is_time(cell: str) -> bool:
    """Whether a cell can be a date, or a part of one such as an hour or a week."""
    text = cell.strip()
    return bool(_TIME.fullmatch(text)) or _names_month(text)


def is_part_name(cell: str) -> bool:
    """Whether a cell is the name of a month or a day of the week alone."""
    word = cell.strip()
    return word[:1].isalpha() and bool(month_label(word) or weekday_label(word))


def is_value(cell: str) -> bool:
    return is_number(cell) or is_time(cell)


def is_unit_cell(cell: str) -> bool:
    """Whether a cell is a unit, a type or a format, or stands in brackets as they do."""
    text = cell.strip()
    return text.lower().replace(" ", "") in _UNITS or bool(
        _BRACKETED.fullmatch(text) or _FORMAT.fullmatch(text)
    )


def is_total(cell: str) -> bool:
    """Whether a cell begins as the label of a total, a source or a note does."""
    return bool(_TOTAL.fullmatch(cell.strip()))


def is_sum(cell: str) -> bool:
    """Whether a cell is the label of a total or a mean of rows above it, and nothing else."""
    return bool(_SUM.fullmatch(cell.strip()))


def is_row_count(text: str) -> bool:
    """Whether a text tells how many rows there are, as databases write it: (60 rows)."""
    return bool(_COUNT.fullmatch(text.strip()))


def date_label(name: str) -> str:
    """The date in a name of a column, without what stands before or behind it: X1960, 1960 [YR1960]."""
    found = _PREFIXED.fullmatch(name.strip())
    if found is None:
        return name.strip()
    return found[1] or found[2] or found[3].replace(".", "/")
