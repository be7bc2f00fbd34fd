"""How old rows are where nothing is due at closed times."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from builders import panel_of

from lstmcli.errors import ConditionFailed
from lstmcli.jobs.freshness import (
    age_of,
    check_freshness,
    closed_seconds,
    quiet_since,
    seconds_of_age,
    usual_seconds,
)
from lstmcli.jobs.watch.clock import late_rows
from lstmcli.series.calendar import DAY, HOUR, Step

SHOP = Step("open", HOUR, slots="9-17 33-41 57-65 81-89 105-113")  # Monday to Friday, 9 to 17
ZEROS = replace(SHOP, zeros=True)
WORKDAYS = Step("business day", 1)
FRIDAY = np.datetime64("2024-01-05T17", "us")
PATTERN = "%Y-%m-%d %H:%M:%SZ"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def panel_until(end, step, closed=0):
    starts = np.array([np.datetime64(end, "us")])
    return replace(panel_of([1.0]), step=step, starts=starts, closed=np.array([closed]))


@pytest.mark.parametrize(
    ("step", "now", "hours"),
    [
        (SHOP, "2024-01-05T17:30", 0.5),
        (SHOP, "2024-01-06T12:00", 1),
        (SHOP, "2024-01-08T08:59", 1),
        (SHOP, "2024-01-08T09:20", 1 + 1 / 3),
        (SHOP, "2024-01-08T11:00", 3),
        (ZEROS, "2024-01-06T12:00", 19),
        (Step("fixed", HOUR), "2024-01-06T12:00", 19),
    ],
)
def test_closed_times_do_not_count_to_an_age(step, now, hours):
    assert age_of(FRIDAY, step, PATTERN, "", at(now)) == pytest.approx(3600 * hours)


def test_weekends_do_not_count_to_the_age_of_business_days():
    friday = np.datetime64("2024-01-05", "us")
    ages = [
        age_of(friday, WORKDAYS, PATTERN, "", at(f"2024-01-{day:02}T12:00")) / 86_400 for day in (5, 6, 8, 9)
    ]
    assert ages == [0.5, 1, 1.5, 2.5]


def test_no_row_is_late_while_none_is_due():
    def late(panel, now, age=None):
        rows, is_late = late_rows(panel, age, PATTERN, "", at(now), False, None)
        return is_late and str(rows[0].time[0])[:13]

    shop, rows = panel_until(FRIDAY, SHOP), panel_until(FRIDAY, ZEROS, closed=43)  # to Sunday 12:00
    assert not late(shop, "2024-01-08T10:59")
    assert late(shop, "2024-01-08T12:01") == "2024-01-08T09"
    assert not late(shop, "2024-01-07T20:00", "2h") and late(shop, "2024-01-08T11:01", "2h")
    assert not late(rows, "2024-01-07T14:59")
    assert late(rows, "2024-01-07T15:01") == "2024-01-07T13"


def test_zeros_at_closed_times_are_rows():
    panel = panel_until(FRIDAY, ZEROS, closed=43)
    assert check_freshness(panel, "2h", PATTERN, "", at("2024-01-07T13:30")) == ()
    with pytest.raises(ConditionFailed, match=r"2024-01-07 12:00:00.* is 2 hours old; limit 2h"):
        check_freshness(panel, "2h", PATTERN, "", at("2024-01-07T14:10"))
    with pytest.raises(
        ConditionFailed, match=r"2024-01-05 17:00:00.* is 3 hours old in open times; limit 2h"
    ):
        check_freshness(panel_until(FRIDAY, SHOP), "2h", PATTERN, "", at("2024-01-08T11:10"))


def test_a_stream_waits_for_the_next_open_time():
    weekend = 63 * 3600.0
    assert closed_seconds(FRIDAY, SHOP, 3 * 3600) == weekend
    assert closed_seconds(FRIDAY - np.timedelta64(1, "h"), SHOP, 3600) == 0
    assert closed_seconds(FRIDAY - np.timedelta64(1, "h"), SHOP, 7200) == weekend
    assert closed_seconds(FRIDAY, ZEROS, 7200) == closed_seconds(FRIDAY, Step("fixed", HOUR), 7200) == 0
    assert closed_seconds(np.datetime64("2024-01-05", "us"), WORKDAYS, 86_400.0) == 2 * 86_400
    assert [usual_seconds(step) for step in (SHOP, ZEROS, WORKDAYS, Step("fixed", DAY))] == [
        3600,
        3600,
        86_400,
        86_400,
    ]


def test_a_stream_that_begins_anew_does_not_wait_for_the_weekend_again():
    def wait(begun, newest=FRIDAY):
        moment = begun and datetime.fromisoformat(begun).replace(tzinfo=UTC)
        return closed_seconds(quiet_since(newest, SHOP, moment, None, "UTC"), SHOP, 3 * 3600) / 3600

    assert wait(None) == closed_seconds(FRIDAY, SHOP, 3 * 3600) / 3600
    assert wait("2024-01-08T12:30") == 0  # a Monday
    sunday = wait("2024-01-07T20:00")
    assert 0 < sunday < wait("2024-01-07T10:00") == sunday + 10 < wait(None)
    assert wait("2024-01-04T10:00") == wait(None)  # of a clock that is wrong
    assert quiet_since(FRIDAY, ZEROS, datetime.now(UTC), None, "") == FRIDAY


def test_an_age_of_10m_is_one_of_minutes_and_the_file_is_named():
    assert [seconds_of_age(age, "--max-age") for age in ("10m", "10 min", "2h")] == [600, 600, 7200]
    assert seconds_of_age("1mo", "--max-age") > 86_400 * 27
    panel = panel_until(FRIDAY, Step("fixed", HOUR))
    with pytest.raises(ConditionFailed, match=r"^a\.csv: the newest value \(.*\) is .* old; limit 10m\.$"):
        check_freshness(panel, "10m", PATTERN, "", at("2024-01-08T11:10"), "a.csv")
