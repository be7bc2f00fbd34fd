"""Open times of a week: calendars worked by hand, in any week and in time zones, and how they are told."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from lstmcli.series.calendar import DAY, HOUR, MINUTE, Step, advance, positions, seasons, time_features
from lstmcli.series.clock import clock_times, first_showing
from lstmcli.series.open_week import describe_week, open_week, slots_text
from lstmcli.series.steps import bin_starts, is_days, length

OFFICE = Step("open", HOUR, slots="9-15 33-39 57-63 81-87 105-111")
SHOP = Step("open", DAY, slots="0-5")  # no Sundays
LIBRARY = Step("open", DAY, slots="1-5")


def stamps(*texts):
    return np.array(texts, "datetime64[us]")


def test_the_hours_of_an_office():
    friday = stamps("2024-03-01T14:00")[0]
    assert list(advance(friday, OFFICE, np.arange(-6, 4))) == list(
        stamps(
            *("2024-02-29T15", "2024-03-01T09", "2024-03-01T10", "2024-03-01T11", "2024-03-01T12"),
            *("2024-03-01T13", "2024-03-01T14", "2024-03-01T15", "2024-03-04T09", "2024-03-04T10"),
        )
    )
    assert advance(friday, OFFICE, 35) == np.datetime64("2024-03-08T14:00")  # a week
    assert advance(friday, OFFICE, 52 * 35) == friday + np.timedelta64(52 * 7, "D")


def test_days_without_sundays_keep_their_time_of_day():
    saturday = stamps("2023-12-30T17:30")[0]
    assert list(advance(saturday, SHOP, [-1, 0, 1, 2])) == list(
        stamps("2023-12-29T17:30", "2023-12-30T17:30", "2024-01-01T17:30", "2024-01-02T17:30")
    )
    assert list(advance(stamps("1969-12-30")[0], LIBRARY, [0, 3, 4])) == list(
        stamps("1969-12-30", "1970-01-02", "1970-01-03")
    )


def test_a_closed_start_counts_as_the_next_open_time():
    sunday = stamps("2024-03-03T12:00")[0]
    assert list(advance(sunday, OFFICE, [-1, 0, 1])) == list(
        stamps("2024-03-01T15", "2024-03-04T09", "2024-03-04T10")
    )


def test_positions_of_times_off_the_grid_are_those_of_the_step_before():
    start = stamps("2024-03-01T14:00")[0]
    times = stamps("2024-03-01T14", "2024-03-01T15:20", "2024-03-03T12", "2024-03-04T09", "2024-03-01T13:59")
    steps, fits = positions(times, start, OFFICE)
    assert steps.tolist() == [0, 1, 1, 2, -1]
    assert fits.tolist() == [True, False, False, True, False]


def flags_at_random(random, slots):
    flags = random.random(slots) < random.uniform(0.05, 0.95)
    flags[random.integers(slots)] = True
    flags[random.choice(np.flatnonzero(flags)) - 1] = False
    return flags if flags.any() else np.arange(slots) == 3


@pytest.mark.parametrize("seed", range(20))
def test_any_week_counts_as_one_that_is_walked_through(seed):
    """Against a list of all open times, slot by slot."""
    random = np.random.default_rng(seed)
    size = int(random.choice([DAY, 12 * HOUR, HOUR, 20 * MINUTE]))
    flags = flags_at_random(random, 7 * DAY // size)
    step = Step("open", size, slots=slots_text(flags))
    into = int(random.integers(0, size))
    first = np.datetime64("1969-09-01", "us").astype(np.int64) + into  # a Monday
    every = first + size * np.arange(3000)
    walked = every[np.resize(flags, 3000)].astype("datetime64[us]")
    at = len(walked) // 2
    counts = np.arange(len(walked)) - at
    assert (advance(walked[at], step, counts) == walked).all()
    assert (advance(walked, step, -counts) == walked[at]).all()
    steps, fits = positions(walked, walked[at], step)
    assert fits.all()
    assert (steps == counts).all()
    closed = every[~np.resize(flags, 3000)].astype("datetime64[us]")
    steps, fits = positions(closed, walked[at], step)
    assert not fits.any()
    assert (steps == np.searchsorted(walked, closed) - 1 - at).all()
    assert not step.week.holds(closed).any()
    assert step.week.holds(walked).all()


def test_the_clock_of_a_zone_against_python():
    zone = ZoneInfo("America/New_York")
    moments = np.arange(np.datetime64("2006-01-01"), np.datetime64("2026-01-01"), np.timedelta64(5, "h"))
    utc = moments.astype("datetime64[us]").astype(np.int64)
    shown = clock_times(utc, "America/New_York").astype("datetime64[us]")
    for at in range(0, len(moments), 97):
        aware = datetime.fromisoformat(f"{moments[at]}+00:00").astimezone(zone)
        assert shown[at].item() == aware.replace(tzinfo=None)
    back = first_showing(shown.astype(np.int64), "America/New_York")
    twice = np.abs(back - utc) == HOUR  # the later showing of the hour in November
    assert (back[~twice] == utc[~twice]).all()
    assert 0 < twice.sum() < 10


def test_hours_of_a_market_follow_summer_time():
    """New York went to summer time on 2024-03-10: half past nine was 14:30 UTC, then 13:30."""
    step = Step("open", HOUR, slots="9-15 33-39 57-63 81-87 105-111", zone="America/New_York")
    friday = stamps("2024-03-08T20:30")[0]
    assert list(advance(friday, step, [-6, 0, 1, 7])) == list(
        stamps("2024-03-08T14:30", "2024-03-08T20:30", "2024-03-11T13:30", "2024-03-11T19:30")
    )
    steps, fits = positions(stamps("2024-03-11T13:30", "2024-03-11T14:30"), friday, step)
    assert (steps.tolist(), fits.tolist()) == ([1, 2], [True, True])
    years = friday + np.arange(0, 3000, 7) * np.timedelta64(1, "D")
    assert (positions(advance(friday, step, np.arange(9000)), friday, step)[0] == np.arange(9000)).all()
    assert not step.week.holds(years + np.timedelta64(3, "h")).any()


@pytest.mark.parametrize(
    ("step", "start", "text"),
    [
        (OFFICE, "2024-03-04T09:30", "Mon-Fri 09:30 to 15:30 (35 of 168 hours)"),
        (SHOP, "2024-03-04", "Mon-Sat (6 of 7 days)"),
        (Step("open", DAY, slots="0 2 4"), "2024-03-04", "Mon, Wed, Fri (3 of 7 days)"),
        (
            Step("open", HOUR, slots="0-112 161-167"),
            "2024-03-04",
            "Mon-Thu all day, Fri 00:00 to 16:00, Sun 17:00 to 23:00 (120 of 168 hours)",
        ),
        (
            Step("open", 30 * MINUTE, slots=slots_text(np.arange(336) % 48 // 6 == 3)),
            "2024-03-04",
            "every day 09:00 to 11:30 (42 of 336)",
        ),
        (
            Step("open", HOUR, slots="9-11 14-17 33-35"),
            "2024-03-04",
            "Mon 09:00 to 11:00 and 14:00 to 17:00, Tue 09:00 to 11:00 (10 of 168 hours)",
        ),
    ],
)
def test_open_times_are_told(step, start, text):
    assert describe_week(step.week, np.datetime64(start, "us")) == text


@pytest.mark.parametrize("text", ["", "9", "5-3", "0-6", "7", "1 0", "0-1 2", "1--2", "0-x", " 1", "٣"])
def test_texts_that_name_no_week_are_refused(text):
    if text == "9":
        assert open_week(text, HOUR).chosen.tolist() == [9]
    else:
        with pytest.raises(ValueError, match="slots"):
            open_week(text, DAY)


def test_slots_divide_a_day():
    with pytest.raises(ValueError, match="fit into a day"):
        open_week("0", 7 * HOUR)


@pytest.mark.parametrize(
    ("step", "found"),
    [
        (OFFICE, (7, 35, 1826)),
        (SHOP, (6, 313)),
        (LIBRARY, (5, 261)),
        (Step("open", HOUR, slots="9-15 33-39 57-60"), (18, 939)),  # days of different length
        (Step("open", 15 * MINUTE, slots="36-59 132-155"), (4, 24, 48, 2505)),
        (Step("open", DAY, slots="3"), (52,)),
    ],
)
def test_seasons_count_open_times(step, found):
    assert seasons(step) == found


def test_wording_and_length():
    assert (str(OFFICE), OFFICE.describe(), OFFICE.duration(35)) == (
        "open hour",
        "one open hour",
        "35 open hours",
    )
    assert (str(SHOP), SHOP.duration(6), SHOP.duration(1)) == ("open day", "6 open days", "1 open day")
    fives = Step("open", 5 * MINUTE, slots="100-200")
    assert (str(fives), fives.describe(), fives.duration(24)) == (
        "5 open minutes",
        "5 open minutes",
        "2 open hours",
    )
    assert length(OFFICE) == 7 * DAY // 35
    assert (is_days(SHOP), is_days(OFFICE)) == (True, False)


def test_bins_and_features_are_those_of_real_time():
    hour = Step("fixed", HOUR)
    times = stamps("2024-03-01T14:20", "2024-03-04T09:59")
    assert (bin_starts(times, OFFICE) == bin_starts(times, hour)).all()
    assert (time_features(times, OFFICE) == time_features(times, hour)).all()


def test_two_years_of_days_against_dates_of_python():
    day, open_days = datetime(2023, 1, 3), []
    while len(open_days) < 500:
        if 1 <= day.weekday() <= 5:
            open_days.append(day)
        day += timedelta(days=1)
    assert advance(stamps("2023-01-03")[0], LIBRARY, np.arange(500)).tolist() == open_days
