"""Time zones: local times to UTC and back."""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors import SettingsError, did_you_mean
from lstmcli.errors.foreign import quoted
from lstmcli.series.calendar import Times


def in_zone(utc: Times, zone: str) -> Times:
    """Local times of a zone, from UTC."""
    return pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(ZoneInfo(zone)).tz_localize(None).to_numpy()


def check_zone(name: str) -> str:
    """Raises SettingsError for a name that is no time zone."""
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = did_you_mean(name, available_timezones())
        raise SettingsError(f"timezone: there is no time zone {quoted(name)}.{hint}") from None


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
