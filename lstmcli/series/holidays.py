"""Public holidays of a country as covariates that are known ahead, from the `holidays` package."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import SettingsError, did_you_mean
from lstmcli.series.calendar import DAY, Step, Times


def holiday_flags(times: Times, step: Step, place: str) -> NDArray[np.float32]:
    """Whether stamps (n,) lie on a holiday, on the day before and on the day after one, (n, 3).

    place: a country, as "DE", or a part of one, as "US-NY". Raises SettingsError for a place that
    is not known, for a step longer than a day, and where the package is not installed.
    """
    if step.kind not in ("fixed", "open", "business day") or (step.kind == "fixed" and step.count > DAY):
        raise SettingsError(f"holidays: {place}: needs dates at steps of a day or less, not of a {step}")
    days = times.astype("datetime64[D]")
    one = np.timedelta64(1, "D")
    first, last = days.min() - one, days.max() + one
    known = _dates(place, int(str(first)[:4]), int(str(last)[:4]))
    return np.stack([np.isin(d, known) for d in (days, days + one, days - one)], axis=1).astype(np.float32)


@cache
def _dates(place: str, first_year: int, last_year: int) -> NDArray[np.datetime64]:
    try:
        import holidays
    except ImportError:
        raise SettingsError(
            f'holidays: {place}: needs the package holidays; install it with: pip install "lstmcli[holidays]"'
        ) from None
    country, _, part = place.partition("-")
    places: dict[str, list[str]] = holidays.list_supported_countries()
    if country not in places:
        hint = did_you_mean(country.upper(), places)
        raise SettingsError(f"holidays: there is no country {country!r}; it is two letters, as DE.{hint}")
    if part and part not in places[country]:
        hint = did_you_mean(part.upper(), places[country])
        have = ", ".join(places[country][:20])
        raise SettingsError(f"holidays: {country} has no part {part!r}.{hint} Parts: {have}")
    years = range(first_year, last_year + 1)
    return np.array(sorted(holidays.country_holidays(country, part or None, years)), "datetime64[D]")
