"""Values at closed times: which are told, and what is remembered of them."""

import numpy as np
import pytest

from lstmcli.evaluation.alarms.closed import ClosedMemory
from lstmcli.series.calendar import DAY, HOUR, Step

SIX_DAYS = Step("open", DAY, slots="0-5", zeros=True)
OFFICE = Step("open", HOUR, slots="8-16 32-40 56-64 80-88 104-112", zeros=True)  # Monday to Friday
SUNDAYS = ["2024-01-07", "2024-01-14", "2024-01-21", "2024-01-28", "2024-02-04"]


def told(times, step, most=np.inf):
    memory = ClosedMemory.none(2)
    found = [time for time in times if memory.take(1, np.datetime64(time), step, most)]
    assert not memory.take(1, np.datetime64(times[-1]), step, most)  # which a later run reads again
    assert memory.counts[0] == 0
    return found


def test_a_day_that_opens_for_good_is_told_twice():
    assert told(SUNDAYS, SIX_DAYS) == SUNDAYS[:2]
    assert told([*SUNDAYS[:2], "2024-02-25"], SIX_DAYS) == [*SUNDAYS[:2], "2024-02-25"]  # two, long ago


def test_hours_that_follow_one_another_are_told_once():
    night = ["2024-01-02T22", "2024-01-02T23", "2024-01-03T04"]
    assert told(night, OFFICE) == night[:1]
    assert told([*night, "2024-01-03T18"], OFFICE) == [night[0], "2024-01-03T18"]  # it was open in between
    weekend = ["2024-01-06T01", "2024-01-07T01", "2024-01-08T03"]
    assert told(weekend, OFFICE) == [weekend[0], weekend[2]]  # no value for more than a day


def test_days_of_the_week_open_one_by_one():
    saturdays = ["2024-01-06T10", "2024-01-13T10", "2024-01-20T10"]
    theft = "2024-01-21T03"
    assert told([*saturdays, theft], OFFICE) == [*saturdays[:2], theft]


def test_no_more_than_the_budget_are_told():
    far = [str(np.datetime64("2024-01-07") + 35 * n) for n in range(5)]  # none of them within four weeks
    assert told(far, SIX_DAYS, most=2.5) == far[:3]


def test_days_are_those_of_the_zone():
    """Sunday 23:00 in New York is Monday in UTC, and no other day than Sunday 20:00."""
    step = Step("open", HOUR, slots="8-16 32-40 56-64 80-88 104-112", zone="America/New_York", zeros=True)
    evenings = ["2024-01-08T04", "2024-01-15T01", "2024-01-22T04", "2024-01-29T01"]
    assert told(evenings, step) == evenings[:2]


@pytest.mark.parametrize("chosen", [[1, 0], slice(1, 2)])
def test_series_are_taken_out_and_joined(chosen):
    memory = ClosedMemory.none(2)
    memory.take(1, np.datetime64(SUNDAYS[0]), SIX_DAYS, 9)
    part = memory.select(chosen).joined(ClosedMemory.none(1))
    assert part.counts.tolist() == [1, 0, 0][: len(part.counts)]
    assert not part.take(0, np.datetime64(SUNDAYS[0]), SIX_DAYS, 9)
    part.forget(0)
    assert part.take(0, np.datetime64(SUNDAYS[0]), SIX_DAYS, 9)
