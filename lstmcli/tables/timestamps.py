"""The time column of a table: how its stamps are written, and what they are."""

import numpy as np
import pandas as pd

from lstmcli.calendar import Times
from lstmcli.tables.columns import date_patterns, parsed_dates
from lstmcli.tables.reading import Table

_YEARS = (1000, 2500)
_COMPACT_DATES = (1900_01_01, 2100_12_31)


def parse_times(table: Table, column: str) -> Times:
    raw = table.frame[column]
    if raw.isna().any():
        raise table.error("missing-time", "the time stamp is missing", int(raw.index[raw.isna()][0]), column)
    pattern = time_pattern(table, column)
    if pattern is None:
        return raw.to_numpy(np.int64)
    parsed = parsed_dates(raw, pattern.replace("Z", "%z") if pattern.endswith("Z") else pattern)
    bad = parsed.isna()
    if bad.any():
        at = int(raw.index[bad][0])
        like = f", unlike {raw.iloc[0]!r} in the first row" if at != raw.index[0] else ""
        raise table.error("not-a-time", f"{raw[at]!r} is not a time stamp{like}", at, column)
    return parsed.dt.tz_localize(None).to_numpy().astype("datetime64[us]")


def time_pattern(table: Table, column: str) -> str | None:
    """The strftime pattern that time stamps are written in; None for plain steps.

    A pattern that ends in Z is read with any offset, and written in UTC. Raises DataError
    where day and month cannot be told apart.
    """
    raw = table.frame[column]
    if pd.api.types.is_integer_dtype(raw):
        low, high = raw.min(), raw.max()
        if _YEARS[0] <= low and high <= _YEARS[1]:
            return "%Y"
        compact = _COMPACT_DATES[0] <= low and high <= _COMPACT_DATES[1]
        return "%Y%m%d" if compact and parsed_dates(raw, "%Y%m%d").notna().all() else None
    first = str(raw.iloc[0])
    both = date_patterns(first)
    if not both:
        raise table.error("not-a-time", f"{first!r} is not a time stamp", int(raw.index[0]), column)
    fitting = [p for p in both if len(both) == 1 or parsed_dates(raw, p).notna().all()]
    if len(fitting) > 1:
        raise table.error(
            "ambiguous-date",
            f"{first!r} and all other dates can be read month first or day first; write them as 2024-12-31",
            int(raw.index[0]),
            column,
        )
    return (fitting or both)[0].replace("%z", "Z")
