"""The time axis: steps found, stamps that follow, irregular times, seasons, features, wording."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from lstmcli.series.calendar import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    IrregularTimes,
    Step,
    advance,
    find_step,
    format_time,
    positions,
    seasons,
    time_features,
)

HOURLY, DAILY, WEEKLY = Step("fixed", HOUR), Step("fixed", DAY), Step("fixed", 7 * DAY)
BUSINESS = Step("business day", 1)

# What people have in their files, and the step it is.
AXES = {
    "seconds": (["2024-02-29T23:59:58", "2024-02-29T23:59:59"], Step("fixed", SECOND)),
    "quarter hours": (
        ["2024-01-01T23:30", "2024-01-01T23:45", "2024-01-02T00:00"],
        Step("fixed", 15 * MINUTE),
    ),
    "hours": (["2023-12-31T22", "2023-12-31T23", "2024-01-01T00"], HOURLY),
    "days over a leap day": (["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"], DAILY),
    "weekend days": (["2024-01-04", "2024-01-05", "2024-01-06", "2024-01-07"], DAILY),
    "business days": (
        [f"2024-01-{day:02}" for day in (4, 5, 8, 9, 10, 11, 12, 15, 16)],
        BUSINESS,
    ),
    "weeks": (["2024-02-19", "2024-02-26", "2024-03-04"], WEEKLY),
    "4 weeks": (["2024-01-01", "2024-01-29", "2024-02-26", "2024-03-25"], Step("fixed", 28 * DAY)),
    "month starts": (["2023-12-01", "2024-01-01", "2024-02-01", "2024-03-01"], Step("month", 1, 1)),
    "15th of the month": (["2024-01-15", "2024-02-15", "2024-03-15"], Step("month", 1, 15)),
    "30th of the month": (["2023-01-30", "2023-02-28", "2023-03-30"], Step("month", 1, 30)),
    "month ends": (["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30"], Step("month", 1, 31)),
    "month ends in a leap year": (["2024-01-31", "2024-02-29", "2024-03-31"], Step("month", 1, 31)),
    "quarter starts": (["2024-01-01", "2024-04-01", "2024-07-01"], Step("month", 3, 1)),
    "quarter ends": (["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31"], Step("month", 3, 31)),
    "years": (["2019-01-01", "2020-01-01", "2021-01-01"], Step("month", 12, 1)),
    "leap days and ends of February": (["2020-02-29", "2021-02-28", "2022-02-28"], Step("month", 12, 31)),
    "decades": (["1990-01-01", "2000-01-01", "2010-01-01"], Step("month", 120, 1)),
    "months at noon": (["2024-01-01T12", "2024-02-01T12", "2024-03-01T12"], Step("month", 1, 1)),
}


def stamps(*texts):
    return np.array(texts, dtype="datetime64[us]")


def written(times):
    return [format_time(time) for time in times]


@pytest.mark.parametrize(("texts", "step"), AXES.values(), ids=AXES)
def test_the_step_is_found(texts, step):
    assert find_step(stamps(*texts)) == step


@pytest.mark.parametrize(("texts", "step"), AXES.values(), ids=AXES)
def test_advancing_from_the_first_stamp_gives_the_others(texts, step):
    times = stamps(*texts)
    assert advance(times[0], step, np.arange(len(times))).tolist() == times.tolist()
    steps, fits = positions(times, times[0], step)
    assert steps.tolist() == list(range(len(times)))
    assert fits.all()


def test_plain_integers_have_a_plain_step():
    times = np.array([3, 8, 13, 18])
    assert find_step(times) == Step("plain", 5)
    assert advance(times[-1], Step("plain", 5), np.arange(3)).tolist() == [18, 23, 28]


def test_one_gap_does_not_change_the_step():
    assert find_step(stamps("2024-01-01", "2024-01-02", "2024-01-05", "2024-01-06")) == DAILY


def test_one_stamp_in_between_does_not_change_the_step():
    times = stamps("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-04T12")
    assert find_step(times) == DAILY


def test_one_missing_month_does_not_change_the_step():
    times = stamps("2024-01-31", "2024-02-29", "2024-04-30", "2024-05-31")
    assert find_step(times) == Step("month", 1, 31)


def test_a_repeated_stamp_does_not_change_the_step():
    assert find_step(stamps("2024-01-01", "2024-01-01", "2024-01-01", "2024-01-02")) == DAILY


def test_stamps_that_are_all_the_same_have_no_step():
    with pytest.raises(IrregularTimes, match="all time stamps are the same"):
        find_step(stamps("2024-01-01", "2024-01-01"))


@pytest.mark.parametrize(
    ("start", "step", "expected"),
    [
        ("2024-02-28T23:00", HOURLY, ["2024-02-29", "2024-02-29 01:00:00"]),
        ("2023-02-28", DAILY, ["2023-03-01", "2023-03-02"]),
        ("2024-02-28", DAILY, ["2024-02-29", "2024-03-01"]),
        ("2024-01-05", BUSINESS, ["2024-01-08", "2024-01-09"]),
        ("2024-01-05T16:30", BUSINESS, ["2024-01-08 16:30:00", "2024-01-09 16:30:00"]),
        ("2024-12-30", WEEKLY, ["2025-01-06", "2025-01-13"]),
        ("2024-01-31", Step("month", 1, 31), ["2024-02-29", "2024-03-31"]),
        ("2100-01-31", Step("month", 1, 31), ["2100-02-28", "2100-03-31"]),
        ("2023-02-28", Step("month", 1, 30), ["2023-03-30", "2023-04-30"]),
        ("2023-02-28", Step("month", 1, 31), ["2023-03-31", "2023-04-30"]),
        ("2023-11-15T06:00", Step("month", 1, 15), ["2023-12-15 06:00:00", "2024-01-15 06:00:00"]),
        ("2023-12-31", Step("month", 3, 31), ["2024-03-31", "2024-06-30"]),
        ("2023-02-28", Step("month", 12, 31), ["2024-02-29", "2025-02-28"]),
        ("1969-12-31", DAILY, ["1970-01-01", "1970-01-02"]),
        ("1969-12-01", Step("month", 1, 1), ["1970-01-01", "1970-02-01"]),
    ],
)
def test_the_next_stamps_are_those_of_the_calendar(start, step, expected):
    assert written(advance(np.datetime64(start, "us"), step, np.array([1, 2]))) == expected


def test_advancing_agrees_with_counting_weekdays_one_by_one():
    day, counted = datetime(2024, 2, 26), []
    while len(counted) < 60:
        if day.weekday() < 5:
            counted.append(day)
        day += timedelta(days=1)
    assert advance(np.datetime64("2024-02-26", "us"), BUSINESS, np.arange(60)).tolist() == counted


def test_every_start_has_a_count_of_its_own():
    starts = stamps("2024-01-31", "2023-01-31")
    assert written(advance(starts, Step("month", 1, 31), np.array([1, 13]))) == ["2024-02-29", "2024-02-29"]


@pytest.mark.parametrize(
    ("texts", "step", "steps", "fits"),
    [
        (["2024-01-01", "2024-01-02", "2024-01-04"], DAILY, [0, 1, 3], [True, True, True]),
        (["2024-01-01T00", "2024-01-01T02:30"], HOURLY, [0, 2], [True, False]),
        (["2024-01-01", "2024-01-02", "2024-01-02"], DAILY, [0, 1, 1], [True, True, True]),
        (["2024-01-04", "2024-01-06", "2024-01-09"], BUSINESS, [0, 2, 3], [True, False, True]),
        (["2024-01-06", "2024-01-08"], BUSINESS, [0, 0], [False, True]),
        (["2024-01-31", "2024-02-28", "2024-04-30"], Step("month", 1, 31), [0, 1, 3], [True, False, True]),
        (["2024-01-15", "2024-02-29"], Step("month", 1, 31), [0, 1], [False, True]),
        (["2024-01-01", "2024-08-01", "2024-10-01"], Step("month", 3, 1), [0, 2, 3], [True, False, True]),
    ],
)
def test_positions_count_steps_and_tell_what_is_off_them(texts, step, steps, fits):
    times = stamps(*texts)
    found = positions(times, times[0], step)
    assert found[0].tolist() == steps
    assert found[1].tolist() == fits


def test_positions_of_integers():
    steps, fits = positions(np.array([5, 10, 20, 22]), 5, Step("plain", 5))
    assert steps.tolist() == [0, 1, 3, 3]
    assert fits.tolist() == [True, True, True, False]


def test_rows_without_dates_count_by_one_and_know_how_long_a_step_is():
    step = Step("fixed", HOUR, dated=False)
    assert advance(np.int64(7), step, np.arange(3)).tolist() == [7, 8, 9]
    assert seasons(step) == seasons(HOURLY)
    assert str(step) == "hour"
    assert time_features(np.arange(5), step).shape == (5, 0)
    assert positions(np.array([3, 4, 6]), 3, step)[0].tolist() == [0, 1, 3]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Step("fixed", SECOND), (60, 3600, 86400, 604800, 31557600)),
        (Step("fixed", 15 * MINUTE), (4, 96, 672, 35064)),
        (Step("fixed", 30 * MINUTE), (2, 48, 336, 17532)),
        (HOURLY, (24, 168, 8766)),
        (Step("fixed", 12 * HOUR), (2, 14, 730)),
        (DAILY, (7, 365)),
        (BUSINESS, (5, 21, 261)),
        (WEEKLY, (52,)),
        (Step("fixed", 28 * DAY), (13,)),
        (Step("month", 1, 1), (12,)),
        (Step("month", 2, 1), (6,)),
        (Step("month", 3, 31), (4,)),
        (Step("month", 5, 1), ()),
        (Step("month", 12, 1), ()),
        (Step("plain", 1), ()),
    ],
    ids=str,
)
def test_seasons_are_the_cycles_of_the_calendar(step, expected):
    assert seasons(step) == expected


def test_features_of_hours_are_day_week_and_year():
    # Monday midnight at the start of a leap year, and noon on Thursday, half a week later.
    times = stamps("2024-01-01T00:00", "2024-01-04T12:00", "2024-01-01T06:00")
    found = time_features(times, HOURLY)
    assert found.shape == (3, 6)
    assert found[0] == pytest.approx([0, 1, 0, 1, 0, 1], abs=1e-6)
    assert found[1, :4] == pytest.approx([0, -1, 0, -1], abs=1e-6)
    assert found[2, :2] == pytest.approx([1, 0], abs=1e-6)
    angle = 2 * np.pi * 3.5 / 366
    assert found[1, 4:] == pytest.approx([np.sin(angle), np.cos(angle)], abs=1e-6)


def test_the_year_turns_once_in_a_leap_year_and_in_any_other():
    for first, middle in (("2023-01-01", "2023-07-02T12:00"), ("2024-01-01", "2024-07-02")):
        year = time_features(stamps(first, middle), HOURLY)[:, 4:]
        assert year == pytest.approx(np.array([[0, 1], [0, -1]]), abs=1e-6)


@pytest.mark.parametrize(
    ("step", "columns"),
    [
        (HOURLY, 6),
        (Step("fixed", 12 * HOUR), 6),
        (Step("fixed", 18 * HOUR), 4),
        (DAILY, 4),
        (BUSINESS, 4),
        (WEEKLY, 2),
        (Step("month", 1, 1), 2),
        (Step("month", 3, 1), 2),
        (Step("month", 12, 1), 0),
    ],
    ids=str,
)
def test_only_cycles_of_two_steps_or_more_are_features(step, columns):
    assert time_features(stamps("2024-01-01", "2024-02-01"), step).shape == (2, columns)


def test_plain_steps_have_no_features():
    assert time_features(np.arange(4), Step("plain", 1)).shape == (4, 0)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (Step("fixed", SECOND), "second"),
        (Step("fixed", 90 * SECOND), "90 seconds"),
        (Step("fixed", 15 * MINUTE), "15 minutes"),
        (HOURLY, "hour"),
        (Step("fixed", 48 * HOUR), "2 days"),
        (BUSINESS, "business day"),
        (Step("fixed", 28 * DAY), "4 weeks"),
        (Step("month", 1, 31), "month"),
        (Step("month", 2, 1), "2 months"),
        (Step("month", 6, 1), "2 quarters"),
        (Step("month", 24, 1), "2 years"),
        (Step("plain", 1), "step"),
        (Step("plain", 5), "5 steps"),
    ],
)
def test_a_step_is_called_by_its_largest_whole_unit(step, text):
    assert str(step) == text


@pytest.mark.parametrize(
    ("step", "steps", "text"),
    [
        (HOURLY, 1, "1 hour"),
        (HOURLY, 5.2, "5.2 hours"),
        (HOURLY, 24, "1 day"),
        (HOURLY, 36, "1.5 days"),
        (HOURLY, 0.5, "30 minutes"),
        (HOURLY, 168, "1 week"),
        (Step("fixed", 15 * MINUTE), 2.5, "37.5 minutes"),
        (Step("fixed", SECOND), 0.25, "0.25 seconds"),
        (DAILY, 3, "3 days"),
        (BUSINESS, 5, "5 business days"),
        (Step("month", 1, 1), 12, "12 months"),
        (Step("month", 3, 1), 1, "1 quarter"),
        (Step("month", 24, 1), 2.5, "5 years"),
        (Step("plain", 5), 2, "10 steps"),
        (HOURLY, np.inf, "unbounded"),
        (HOURLY, np.nan, "unbounded"),
    ],
)
def test_durations_are_told_in_words(step, steps, text):
    assert step.duration(steps) == text


@pytest.mark.parametrize(
    ("step", "steps", "text"),
    [
        (DAILY, 31, "31 days"),
        (DAILY, 28, "4 weeks"),
        (DAILY, 110, "15.7 weeks"),
        (HOURLY, 36, "36 hours"),
        (HOURLY, 48, "2 days"),
        (Step("fixed", 15 * MINUTE), 5, "75 minutes"),
        (BUSINESS, 31, "31 business days"),
        (Step("month", 1, 1), 18, "18 months"),
    ],
)
def test_spans_of_whole_steps_are_told_in_a_unit_that_is_whole(step, steps, text):
    assert step.span(steps) == text


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (np.datetime64("2024-01-01T00:00", "us"), "2024-01-01"),
        (np.datetime64("2024-01-01T05:06", "us"), "2024-01-01 05:06:00"),
        (np.int64(7), "7"),
    ],
)
def test_stamps_are_shown_without_a_time_of_day_at_midnight(time, text):
    assert format_time(time) == text


@pytest.mark.parametrize(
    ("count", "text"), [(1, "2024-07"), (3, "2024-Q3"), (6, "2024-H2"), (12, "2024-07"), (2, "2024-07")]
)
def test_months_are_written_as_their_step_counts_them(count, text):
    assert format_time(np.datetime64("2024-07-01", "us"), Step("month", count, 1)) == text
    assert format_time(np.datetime64("2024-01-01", "us"), Step("month", 12, 1)) == "2024"


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("", "2024-09-30 23:00:00"),
        ("UTC", "2024-09-30 23:00:00Z"),
        ("Europe/Berlin", "2024-10-01 01:00:00+02:00"),
        ("America/St_Johns", "2024-09-30 20:30:00-02:30"),
        ("+01:00", "2024-10-01"),
        ("-03:30", "2024-09-30 19:30:00-03:30"),
    ],
)
def test_a_stamp_is_shown_by_the_clock_of_its_zone(zone, shown):
    assert format_time(np.datetime64("2024-09-30T23:00:00", "us"), zone=zone) == shown
