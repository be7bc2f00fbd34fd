"""The time column of a table: how its stamps are written, and what they are."""

import re
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors import SettingsError, did_you_mean
from lstmcli.series.calendar import DAY, Times, format_time
from lstmcli.series.steps import is_days
from lstmcli.tables.read.patterns import ISO, date_patterns, parse_dates
from lstmcli.tables.read.table import Table, first_rows

_YEARS = (1000, 2500)
_COMPACT = (  # whole numbers that spell a date, and from where to where
    ("%Y%m", 1900_01, 2100_12),
    ("%Y%m%d", 1900_01_01, 2100_12_31),
    ("%Y%m%d%H", 1900_01_01_00, 2100_12_31_23),
    ("%Y%m%d%H%M", 1900_01_01_00_00, 2100_12_31_23_59),
    ("%Y%m%d%H%M%S", 1900_01_01_00_00_00, 2100_12_31_23_59_59),
)
_EPOCH = (np.datetime64("1990-01-01", "s").astype(int), np.datetime64("2101-01-01", "s").astype(int))
_EPOCH_UNITS = (("s", "seconds", 1), ("ms", "milliseconds", 1000), ("us", "microseconds", 1_000_000))
_SAMPLE = 1000
_OFFSET = r"(?:Z|[+-]\d\d:?\d\d|(?<=:\d\d)[+-]\d\d)$"


@dataclass(frozen=True)
class TimeStamps:
    """The time of each row.

    times    (rows,) UTC where offsets or an epoch tell it, else local; int64 for plain steps
    pattern  how they are written (see `patterns`)
    zone     the time zone that local times are to be located in; "" where there is nothing to do
    local    whether they are times of day without a zone, which a change of the clock would upset
    notes    what was taken for what
    """

    times: Times
    pattern: str | None
    zone: str = ""
    local: bool = False
    notes: tuple[str, ...] = ()


def time_pattern(table: Table, column: str) -> str | None:
    """How time stamps are written, for `output.tables.written_times`; None for plain steps.

    column: "" where there is none. Raises DataError where day and month cannot be told apart.
    """
    if not column:
        return None
    if column not in table.patterns:
        table.patterns[column] = output_pattern(table, parse_time_stamps(table, column))
    return table.patterns[column]


def output_pattern(table: Table, stamps: TimeStamps) -> str | None:
    """The pattern in which times are written."""
    if table.options.resample and (stamps.pattern or "").startswith("%G"):
        return "%Y-%m-%d"  # a month need not start with a week
    return stamps.pattern


def parse_time_stamps(table: Table, column: str) -> TimeStamps:
    """Each distinct stamp is read once. Raises DataError at a cell that is no time stamp."""
    raw = table.frame[column]
    codes = table.codes(column)[0] if _repetitive(raw) else None
    empty = raw.isna().to_numpy() if codes is None else codes < 0
    if empty.any():
        raise table.error("missing-time", "the time stamp is missing", int(raw.index[empty][0]), column)
    if pd.api.types.is_float_dtype(raw) and (raw == raw.round()).all():
        raw = raw.astype(np.int64)
    if pd.api.types.is_integer_dtype(raw):
        return _of_integers(table, raw)
    if pd.api.types.is_datetime64_any_dtype(raw):
        return _of_dates(table, raw)
    if codes is None:
        return _of_texts(table, raw, column)
    stamps = _of_texts(table, raw.iloc[first_rows(codes)].astype(object), column)
    return replace(stamps, times=stamps.times[codes])


def _repetitive(raw: "pd.Series[str]") -> bool:
    """Whether many rows share a stamp, by a sample."""
    if isinstance(raw.dtype, pd.CategoricalDtype):
        return True
    sample = raw.iloc[:: max(1, len(raw) // _SAMPLE)]
    return bool(sample.nunique() < 0.9 * len(sample))


def dates_of(numbers: NDArray[Any], pattern: str | None) -> Times:
    """The times of whole numbers whose `Stamps.pattern` is known."""
    if pattern is None:
        return numbers
    if pattern.startswith("epoch"):
        return numbers.astype(f"datetime64[{pattern.removeprefix('epoch-')}]").astype("datetime64[us]")
    if pattern == "%Y":
        return (numbers - 1970).astype("datetime64[Y]").astype("datetime64[us]")
    return drop_zone(parse_dates(pd.Series(numbers).astype(str), pattern.split("%z")[0]))


def _of_integers(table: Table, raw: "pd.Series[int]") -> TimeStamps:
    numbers = raw.to_numpy(np.int64)
    if table.step is not None and table.step.plain:
        return TimeStamps(numbers, None)
    low, high = int(numbers.min()), int(numbers.max())
    for unit, name, count in _EPOCH_UNITS:
        if _EPOCH[0] * count <= low and high < _EPOCH[1] * count and not _spelled(numbers, low, high):
            times = dates_of(numbers, f"epoch-{unit}")
            return TimeStamps(times, f"epoch-{unit}", notes=(f"time stamps taken as {name} since 1970, UTC",))
    if _YEARS[0] <= low and high <= _YEARS[1]:
        return TimeStamps(dates_of(numbers, "%Y"), "%Y")
    pattern = _spelled(numbers, low, high)
    if not pattern:
        return TimeStamps(numbers, None)
    times = dates_of(numbers, pattern)
    example = f"time stamps taken as dates: {numbers[0]} is {format_time(times[0])}"
    return replace(_of_zone(table, times, pattern), notes=(example,))


def _of_dates(table: Table, raw: "pd.Series[pd.Timestamp]") -> TimeStamps:
    """Dates of a typed file, which have no spelling of their own: written in ISO form."""
    aware = raw.dt.tz is not None
    times = drop_zone(raw.dt.tz_convert("UTC") if aware else raw)
    if aware:
        return TimeStamps(times, "%Y-%m-%d %H:%M:%SZ")
    days = bool((times.astype(np.int64) % DAY == 0).all())
    return _of_zone(table, times, "%Y-%m-%d" if days else "%Y-%m-%d %H:%M:%S")


def date_pattern_of_range(low: int, high: int) -> str:
    """The pattern in which whole numbers of a range may spell dates, or an empty text."""
    return next((p for p, first, last in _COMPACT if first <= low and high <= last), "")


def _spelled(numbers: NDArray[Any], low: int, high: int) -> str:
    """The pattern of whole numbers that all spell a date, or an empty text."""
    pattern = date_pattern_of_range(low, high)
    all_dates = pattern and parse_dates(pd.Series(pd.unique(numbers)).astype(str), pattern).notna().all()
    return pattern if all_dates else ""


def _of_texts(table: Table, raw: "pd.Series[str]", column: str) -> TimeStamps:
    pattern = _pattern(table, raw, column)
    parsed = parse_dates(raw, pattern)
    if parsed.isna().any() and pattern.startswith("%Y-%m-%d"):
        parsed, pattern = of_mixed_precision(raw, parsed, pattern)
    bad = parsed.isna()
    if bad.any():
        at = int(raw.index[bad][0])
        first = table.frame[column].iloc[0]
        like = f", unlike {first!r} in the first row" if at != table.frame.index[0] else ""
        raise table.error("not-a-time", f"{raw[at]!r} is not a time stamp{like}", at, column)
    if "%z" in pattern:
        return _absolute(table, raw, drop_zone(parsed), pattern)
    return _of_zone(table, drop_zone(parsed), pattern)


def _of_zone(table: Table, times: Times, pattern: str) -> TimeStamps:
    """Times without offsets, which may be of a time zone; days are the same in all of them."""
    zone = _zone(table.options.timezone)
    if not zone or _to_days(table) or _one_time_of_day(table, times):
        return TimeStamps(times, pattern, local=not zone and not _one_time_of_day(table, times))
    return TimeStamps(times, f"{pattern}%z @{zone}", zone=zone)


def _to_days(table: Table) -> bool:
    bins = table.options.resampling
    return bins is not None and is_days(bins.step)


def _pattern(table: Table, raw: "pd.Series[str]", column: str) -> str:
    first = str(raw.iloc[0])
    both = date_patterns(first, table.options)
    if not both:
        raise table.error("not-a-time", f"{first!r} is not a time stamp", int(raw.index[0]), column)
    fitting = [p for p in both if len(both) == 1 or parse_dates(raw, p).notna().all()]
    if len(fitting) > 1:
        raise table.error(
            "ambiguous-date",
            f"{first!r} and all other dates can be read month first or day first; write them as 2024-12-31 "
            "or say --set day_first=true (or false)",
            int(raw.index[0]),
            column,
        )
    return (fitting or both)[0]


def of_mixed_precision(
    raw: "pd.Series[str]", parsed: "pd.Series[pd.Timestamp]", pattern: str
) -> tuple["pd.Series[pd.Timestamp]", str]:
    """ISO stamps of mixed precision, and the pattern of the longest; NaT where some have an offset
    and others none, or the text is not of the norm."""
    texts = raw.astype(str)
    offset = texts.str.contains(_OFFSET, regex=True)
    alike = offset == bool(offset.iloc[0])
    iso = pd.to_datetime(texts.where(alike), format=ISO, errors="coerce", utc=True).dt.as_unit("us")
    if iso.isna().any():
        return parsed.where(alike & iso.isna(), iso), pattern
    longest = texts.iloc[int(texts.str.len().argmax())]
    return iso, next(iter(date_patterns(longest)), pattern)


def _absolute(table: Table, raw: "pd.Series[str]", utc: Times, pattern: str) -> TimeStamps:
    """Stamps with offsets: UTC, or local days where all have one time of day."""
    offsets, zone = offsets_of(raw), _zone(table.options.timezone)
    local = in_zone(utc, zone) if zone else utc + offsets
    if (_one_time_of_day(table, local) and (zone or offsets.any())) or (zone and _to_days(table)):
        constant = not zone and (offsets == offsets[0]).all()
        written = re.search(_OFFSET, str(raw.iloc[0]))
        return TimeStamps(local, pattern.replace("%z", written[0] if constant and written else ""))
    if zone:
        return TimeStamps(utc, f"{pattern} @{zone}")
    return TimeStamps(utc, pattern.replace("%z", "Z"))


def offsets_of(raw: "pd.Series[str]") -> NDArray[np.timedelta64]:
    """The offset from UTC at the end of each text."""
    codes, tails = pd.factorize(raw.astype(str).str[-6:])
    minutes = []
    for tail in tails:
        found = re.search(r"([+-])(\d\d):?(\d\d)?$", tail)
        size = int(found[2]) * 60 + int(found[3] or 0) if found else 0
        minutes.append(-size if found and found[1] == "-" else size)
    return np.array(minutes, "timedelta64[m]").astype("timedelta64[us]")[codes]


def _one_time_of_day(table: Table, times: Times) -> bool:
    if table.step is not None and not table.options.resample:
        return is_days(table.step)
    moments = times.astype(np.int64) % DAY
    return bool((moments == moments[0]).all())


def drop_zone(parsed: "pd.Series[pd.Timestamp]") -> Times:
    return parsed.dt.tz_localize(None).to_numpy().astype("datetime64[us]", copy=False)


def _zone(name: str) -> str:
    """Raises SettingsError for a name that is no time zone."""
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, available_timezones())
        raise SettingsError(f"timezone: there is no time zone {name!r}.{hint}") from None


def in_zone(utc: Times, zone: str) -> Times:
    """Local times of a zone, from UTC."""
    return pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(ZoneInfo(zone)).tz_localize(None).to_numpy()


def localise(
    local: Times, series: NDArray[Any], zone: str, backwards: bool | None = None
) -> tuple[Times, NDArray[np.bool_]]:
    """UTC of local times (rows,) in order of the file, and which of them the clock never showed.

    Where it showed a time twice, a series' first row of it is the earlier one; in a series whose
    rows run backwards the later one. backwards: whether rows of the whole table do; None to look.
    """
    index, known = pd.DatetimeIndex(local), ZoneInfo(zone)
    early, late = (
        index.tz_localize(known, ambiguous=np.full(len(index), fold), nonexistent="NaT")
        for fold in (True, False)
    )
    never = np.asarray(early.isna())
    utc = early.tz_convert("UTC").tz_localize(None).to_numpy().copy()
    twice = np.flatnonzero((early != late) & ~never)
    if twice.size:
        rows = pd.DataFrame({"series": series[twice], "time": local[twice]})
        again = (rows.groupby(["series", "time"]).cumcount() % 2).to_numpy().astype(bool)
        if backwards is None:
            backwards = bool(local[0] > local[-1])
        second = twice[again != backwards]
        utc[second] = late[second].tz_convert("UTC").tz_localize(None).to_numpy()
    return utc.astype("datetime64[us]", copy=False), never
