"""An axis of time on which closed times take no room, as charts of markets have it."""

import numpy as np

from lstmcli.series.arrays import Array, Indices
from lstmcli.series.calendar import DAY, Step, Times, advance
from lstmcli.series.clock import clock_times
from lstmcli.series.open_week import WEEK
from lstmcli.series.steps import is_days

_MONDAY = np.datetime64("1970-01-05", "us")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKS = (1, 2, 4, 8, 13, 26, 52, 104)


def leaves_out(step: Step) -> bool:
    """Whether closed times take no room: hours do, single days of a week are left where they are."""
    return step.kind == "open" and not is_days(step)


def open_places(times: Times, step: Step) -> Array:
    """Time stamps as numbers: the open steps since a Monday."""
    return step.week.positions(times, np.full(times.shape, _MONDAY)).astype(np.float64)


def open_ticks(times: Times, step: Step, wanted: int = 7) -> list[tuple[float, str]]:
    """At most `wanted` places among rising stamps (n,), and what is written there: hours, days or weeks."""
    local = _local(times, step)
    days = local // DAY
    first_of_day = np.flatnonzero(np.append(True, np.diff(days) > 0))
    every = next((n for n in (1, 2, 3, 6, 12) if len(times) <= n * wanted), 0)
    if every and len(first_of_day) <= 2:
        chosen = np.arange(0, len(times), every)
    elif len(first_of_day) <= wanted:
        chosen = first_of_day
    else:
        before = advance(times[0], step, -1)
        weeks = (np.append(_local(before, step), local[first_of_day]) - _MONDAY.astype(np.int64)) // WEEK
        first_of_week = first_of_day[np.diff(weeks) > 0]
        apart = next((n for n in _WEEKS if len(first_of_week) <= n * wanted), _WEEKS[-1])
        chosen = first_of_week[::apart]
    places = open_places(times[chosen], step)
    return [
        (float(place), _written(int(local[at]), at in first_of_day))
        for at, place in zip(chosen, places, strict=True)
    ]


def _local(times: Times, step: Step) -> Indices:
    return clock_times(times.astype("datetime64[us]").astype(np.int64), step.zone)


def _written(local: int, new_day: bool) -> str:
    moment = np.datetime64(local, "us").item()
    return f"{moment.day} {_MONTHS[moment.month - 1]}" if new_day else f"{moment:%H:%M}"
