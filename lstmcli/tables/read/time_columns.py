"""Which column of a table holds its times."""

from typing import TYPE_CHECKING

import pandas as pd
from pandas.api import types

from lstmcli.errors import DataError
from lstmcli.tables.read.patterns import date_patterns, parse_dates

if TYPE_CHECKING:
    from lstmcli.settings.model import Settings

TIME_NAMES = (
    *("time", "timestamp", "datetime", "date", "ds", "day", "month", "quarter", "year", "step", "t"),
    *("ts", "epoch", "unix", "unixtime"),
)
_PROBED_ROWS = 50


def find_time_column(frame: pd.DataFrame, settings: "Settings", source: str) -> str:
    """Raises DataError where there is none and rows without time stamps were not asked for."""

    def rank(name: str) -> int:
        return TIME_NAMES.index(name.lower()) if name.lower() in TIME_NAMES else len(TIME_NAMES)

    columns = [str(c) for c in frame.columns]
    dates = [c for c in columns if not _is_number(frame[c]) and _looks_like_dates(frame[c])]
    if dates:
        return min(dates, key=rank)
    steps = [c for c in columns if types.is_integer_dtype(frame[c]) and rank(c) < len(TIME_NAMES)]
    if steps:
        return min(steps, key=rank)
    if settings.step != "auto":
        return ""
    have = ", ".join(columns[:20])
    raise DataError(
        "no-time-column",
        "no column of time stamps found; name it with --set time=COLUMN, or if rows follow one another "
        f"say how far apart they are, as --step 1h. Columns: {have}",
        path=source,
        row=1,
    )


def _looks_like_dates(column: "pd.Series[str]") -> bool:
    some = column.iloc[:1000].dropna()
    filled = column.dropna() if some.empty else some
    probe = filled.iloc[:_PROBED_ROWS].astype(str)
    if probe.empty:
        return False
    return any(parse_dates(probe, p).notna().mean() > 0.5 for p in date_patterns(probe.iloc[0]))


def _is_number(column: "pd.Series[str]") -> bool:
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
