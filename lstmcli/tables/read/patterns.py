"""How time stamps are written: strftime patterns, and a few forms beyond.

"%Y-%m-%dT%H:%M:%SZ"      read with any offset from UTC, written in UTC
"%Y-%m-%d %H:%M%z @ZONE"  of that time zone, written as local time with its offset
"%Y-Q%q"                  a quarter; "%G-W%V" an ISO week
"%S.%3f"                  fractions of three digits
"epoch-s"                 seconds since 1970; also "epoch-ms", "epoch-us"
None                      plain steps
"""

import re
import warnings

import pandas as pd
from pandas.tseries.api import guess_datetime_format

from lstmcli.series.calendar import Times
from lstmcli.settings.reading import ReadOptions

_ISO = "ISO8601"  # pandas' name for all that the norm allows, also side by side
OFFSET = r"(?:Z|[+-]\d\d:?\d\d|(?<=:\d\d)[+-]\d\d)$"  # from UTC, at the end of a stamp
_BEYOND = (
    (re.compile(r"\d{4}([-/ ]?)[Qq][1-4]"), r"%Y\1Q%q"),
    (re.compile(r"\d{4}(-?)W\d\d"), r"%G\1W%V"),
    (re.compile(r"\d{4}(-?)W\d\d(-?)[1-7]"), r"%G\1W%V\2%u"),
    (re.compile(r"\d{4}([-/.])\d\d"), r"%Y\1%m"),
    (re.compile(r"\d\d([-/.])\d{4}"), r"%m\1%Y"),
    (re.compile(r"[A-Z][a-z]{2}([- ])\d{4}"), r"%b\1%Y"),
)


def date_patterns(text: str, options: ReadOptions | None = None) -> list[str]:
    """The patterns that a date may be written in: none if it is no date, two where month and day
    may stand in either order and the options do not tell."""
    for known, pattern in _BEYOND:
        found = known.fullmatch(text.strip())
        if found:
            return [found.expand(pattern)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of dates that fit only the other order
        first = guess_datetime_format(text)
        if first is None and re.match(r"\d{4}-\d\d-\d\d[T ]\d", text):
            return [_of_iso(text)]
        if first is None or first.startswith("%Y"):
            return [] if first is None else [_with_digits(first, text)]
        other = guess_datetime_format(text, dayfirst=True) or first
    day_first = options.day_first if options else "auto"
    if day_first != "auto":
        return [_with_digits(other if day_first else first, text)]
    return [_with_digits(p, text) for p in dict.fromkeys((first, other))]


def _of_iso(text: str) -> str:
    """The pattern of an ISO stamp that pandas does not guess, such as one with an offset of hours alone."""
    time = re.sub(r"(Z|[+-]\d\d(:?\d\d)?)$", "", text[11:])
    parts = ("%H", "%M", "%S")[: time.count(":") + 1]
    zone = "%z" if len(time) < len(text[11:]) else ""
    return _with_digits(f"%Y-%m-%d{text[10]}{':'.join(parts)}{'.%f' if '.' in time else ''}{zone}", text)


def _with_digits(pattern: str, text: str) -> str:
    """The pattern with the number of digits that fractions of a second are written in."""
    digits = re.search(r":\d\d[.,](\d{1,5})(?!\d)", text)
    return pattern.replace("%f", f"%{len(digits[1])}f") if digits else pattern


def parse_dates(column: "pd.Series[str]", pattern: str) -> "pd.Series[pd.Timestamp]":
    """Dates (in UTC where the text has an offset), NaT where a text does not follow the pattern."""
    texts = column.astype(str)
    if "%q" in pattern:
        return _quarters(texts, pattern)
    if "%V" in pattern and "%u" not in pattern:
        texts, pattern = texts + "1", pattern + "%u"
    plain = re.sub(r"%\df", "%f", pattern)
    return pd.to_datetime(texts, format=plain, errors="coerce", utc=True).dt.as_unit("us")


def parse_iso(column: "pd.Series[str]", pattern: str) -> tuple["pd.Series[pd.Timestamp]", bool]:
    """Dates of ISO stamps that differ in precision, and whether all are of the norm.

    pattern: that of the first stamp, which reads what is not of the norm. NaT where a stamp has an offset
    and the first has none, or the other way round.
    """
    texts = column.astype(str)
    alike = texts.str.contains(OFFSET, regex=True) == ("%z" in pattern)
    iso = pd.to_datetime(texts.where(alike), format=_ISO, errors="coerce", utc=True).dt.as_unit("us")
    if not iso.isna().any():
        return iso, True
    return parse_dates(texts, pattern).where(alike & iso.isna(), iso), False


def drop_zone(parsed: "pd.Series[pd.Timestamp]") -> Times:
    return parsed.dt.tz_localize(None).to_numpy().astype("datetime64[us]", copy=False)


def _quarters(texts: "pd.Series[str]", pattern: str) -> "pd.Series[pd.Timestamp]":
    form = re.escape(pattern.replace("%Y", "Y").replace("Q%q", "Q")).replace("Y", r"(\d{4})")
    parts = texts.str.extract(form.replace("Q", "[Qq]([1-4])") + "$")
    quarter = pd.to_numeric(parts[1], errors="coerce")
    months = parts[0] + "-" + (3 * quarter.fillna(1) - 2).astype(int).astype(str)
    return pd.to_datetime(months.where(quarter.notna()), format="%Y-%m", errors="coerce", utc=True)
