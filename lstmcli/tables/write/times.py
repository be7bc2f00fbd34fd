"""Times as the text that a pattern of `tables.read.patterns` describes."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import Times

if TYPE_CHECKING:
    import pandas as pd

_PLACES = {"%Y": (0, 4), "%m": (5, 7), "%d": (8, 10), "%H": (11, 13), "%M": (14, 16), "%S": (17, 19)}
_BEYOND_STRFTIME = r"%\df|%q|%z"
_YEARS = np.datetime64("1000-01-01", "us"), np.datetime64("9999-12-31T23:59:59", "us")


def format_stamps(times: Times, pattern: str | None) -> object:
    """Times (n,) as the input writes them: texts, or whole numbers for plain steps and epochs."""
    if not np.issubdtype(times.dtype, np.datetime64):
        return times
    pattern = pattern or "%Y-%m-%d %H:%M:%S"
    if pattern.startswith("epoch-"):
        return times.astype(f"datetime64[{pattern.removeprefix('epoch-')}]").astype(np.int64)
    if times.ndim == 1 and (texts := format_plain_times(times, pattern)) is not None:
        return texts
    import pandas as pd

    index = pd.DatetimeIndex(times)
    pattern, _, zone = pattern.partition(" @")
    if zone:
        index = index.tz_localize("UTC").tz_convert(zone)
    parts = [part for part in re.split(f"({_BEYOND_STRFTIME})", pattern) if part]
    if parts == [pattern]:
        return index.strftime(pattern)
    tokens = [np.asarray(_token(index, part), dtype=object) for part in parts]
    return np.sum(tokens, axis=0)


def _token(index: "pd.DatetimeIndex", part: str) -> Iterable[str]:
    """One part of a pattern, which strftime may know or not."""
    if not re.fullmatch(_BEYOND_STRFTIME, part):
        return index.strftime(part)
    if part == "%q":
        return [str(quarter) for quarter in index.quarter]
    if part == "%z":  # with a colon
        return [f"{text[:3]}:{text[3:]}" for text in index.strftime("%z")]
    digits = int(part[1])
    return [f"{fraction:06}"[:digits] for fraction in index.microsecond]


def zoned_times(times: Times, pattern: str | None) -> object:
    """Times with their zone, where the pattern says that they have one."""
    if not np.issubdtype(times.dtype, np.datetime64):
        return times
    import pandas as pd

    pattern, _, zone = (pattern or "").partition(" @")
    index = pd.DatetimeIndex(times)
    if zone or pattern.startswith("epoch-") or "%z" in pattern or pattern.endswith("Z"):
        return index.tz_localize("UTC").tz_convert(zone or "UTC")
    return index


def format_plain_times(times: Times, pattern: str) -> NDArray[np.str_] | None:
    """What strftime makes of times (n,), without pandas and in a fraction of the time.

    None where the pattern holds more than year, month, day, hour, minute and second, or a year has not
    four digits.
    """
    parts = re.findall(r"%.|[^%]+", pattern)
    if any(part[0] == "%" and part not in _PLACES for part in parts) or "".join(parts) != pattern:
        return None
    if not (len(times) and times.min() >= _YEARS[0] and times.max() <= _YEARS[1]):
        return None
    iso = np.datetime_as_string(times.astype("datetime64[s]")).astype("U19")
    signs = iso.view("U1").reshape(len(times), 19)
    columns = [
        signs[:, slice(*_PLACES[part])]
        if part in _PLACES
        else np.broadcast_to(np.array(list(part)), (len(times), len(part)))
        for part in parts
    ]
    joined = np.ascontiguousarray(np.concatenate(columns, axis=1))
    return joined.view(f"U{joined.shape[1]}")[:, 0]
