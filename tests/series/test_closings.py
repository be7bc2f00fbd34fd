"""Closed times are learned where weeks repeat them, and gaps stay gaps."""

import numpy as np
import pytest

from lstmcli.series import closings
from lstmcli.series.calendar import DAY, HOUR, MINUTE, Step, find_step
from lstmcli.series.closings import open_step

MONDAY = np.datetime64("2023-01-02", "us")
OFFICE = "9-15 33-39 57-63 81-87 105-111"


def axis(weeks, size=HOUR, start=MONDAY):
    return start + np.arange(weeks * 7 * DAY // size) * np.timedelta64(size, "us")


def at(times):
    """Day of the week from Monday, and hour."""
    since = (times - MONDAY).astype(np.int64)
    return since // DAY % 7, since % DAY / HOUR


def office(times):
    day, hour = at(times)
    return times[(day < 5) & (hour >= 9) & (hour < 16)]


def learned(*series, given=None, zone=""):
    longest = max(series, key=len)
    step = given or find_step(longest)
    bounds = np.cumsum([0, *map(len, series)])
    rows = np.concatenate(series)
    found = open_step(step, longest, lambda: [(rows, bounds)], zone, given is not None)
    apart = open_step(step, longest, lambda: ((s, np.array([0, len(s)])) for s in series), zone, bool(given))
    assert apart == found
    return found


def test_rows_counted_in_parts_show_the_same(monkeypatch):
    rows = office(axis(10))
    wanted = learned(rows, rows[:200], rows[60:], rows[:140])
    monkeypatch.setattr(closings, "_ROWS", 250)
    assert learned(rows, rows[:200], rows[60:], rows[:140]) == wanted == learned(rows)
    monkeypatch.setattr(closings, "_CELLS", 1)
    assert learned(rows, rows[:200], rows[60:], rows[:140]) == wanted


def test_an_office():
    assert learned(office(axis(10))) == Step("open", HOUR, slots=OFFICE)


def test_three_weeks_are_needed_and_enough():
    rows = office(axis(3))
    assert learned(rows).slots == OFFICE
    assert learned(rows[7:]).slots == OFFICE  # from Tuesday on
    assert learned(office(axis(2))) == Step("fixed", HOUR)


def test_days_without_sundays_are_seen_after_three_of_them():
    days = axis(4, DAY)
    shop = days[at(days)[0] != 6]
    assert learned(shop) == Step("open", DAY, slots="0-5")
    assert learned(shop[:19]).slots == "0-5"  # the Monday after the third Sunday
    assert learned(shop[:18]) == Step("fixed", DAY)


def test_business_days_keep_their_step():
    days = axis(10, DAY)
    office_days = days[at(days)[0] < 5]
    assert learned(office_days) == Step("business day", 1)
    with_one_saturday = np.sort(np.append(axis(30, DAY)[at(axis(30, DAY))[0] < 5], days[5]))
    assert learned(with_one_saturday) == Step("open", DAY, slots="0-4")
    shop = days[at(days)[0] != 6][:30]
    assert learned(office_days, shop) == Step("open", DAY, slots="0-5")


@pytest.mark.parametrize("weeks", [2, 3, 4, 8, 30])
@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("size", [HOUR, DAY, 5 * MINUTE])
def test_rows_missing_at_random_close_nothing(weeks, share, size):
    for seed in range(10, 15):  # of three weeks, one in 300 lacks one day of each and nothing else
        random = np.random.default_rng(seed)
        rows = axis(weeks, size)
        rows = rows[random.random(len(rows)) >= share]
        if len(rows) > 3:
            assert learned(rows).kind == "fixed"


@pytest.mark.parametrize("seed", range(20))
def test_outages_of_a_sensor_close_nothing(seed):
    random = np.random.default_rng(seed)
    rows = axis(int(random.integers(2, 20)))
    kept = np.ones(len(rows), bool)
    for _ in range(random.integers(1, 12)):
        first = random.integers(len(rows))
        kept[first : first + random.integers(1, 72)] = False
    assert learned(rows[kept]) == Step("fixed", HOUR)


def test_a_weekend_without_power_is_no_weekend():
    rows = axis(3)
    day, _ = at(rows)
    second = np.arange(len(rows)) // 168 == 1
    assert learned(rows[~(second & (day >= 5))]) == Step("fixed", HOUR)


def test_one_week_in_twenty_may_differ():
    days = axis(41, DAY)  # the last Sunday comes after the last row
    sundays = days[at(days)[0] == 6]
    shop = days[at(days)[0] != 6]
    assert learned(np.sort(np.concatenate([shop, sundays[:2]]))) == Step("open", DAY, slots="0-5")
    assert learned(np.sort(np.concatenate([shop, sundays[:3]]))) == Step("fixed", DAY)


def test_holidays_and_a_closed_month_do_not_hide_the_pattern():
    days = axis(52, DAY)
    rows = office(axis(52))
    closed = np.append(days[[4, 30, 95, 140, 300]], days[210:240])
    rows = rows[~np.isin(rows.astype("datetime64[D]"), closed.astype("datetime64[D]"))]
    assert learned(rows).slots == OFFICE


def test_lunch_phases_and_minutes():
    rows = axis(5) + np.timedelta64(17, "m")
    day, hour = at(rows)
    lunch = rows[(day < 6) & (((hour >= 8) & (hour < 12)) | ((hour >= 14) & (hour < 18)))]
    assert (
        learned(lunch).slots
        == "8-11 14-17 32-35 38-41 56-59 62-65 80-83 86-89 104-107 110-113 128-131 134-137"
    )
    fives = axis(4, 5 * MINUTE)
    day, hour = at(fives)
    market = learned(fives[(day < 5) & (hour >= 9.5) & (hour < 16)])
    assert (market.count, len(market.week.chosen), market.week.usual_day) == (5 * MINUTE, 390, 78)


def test_days_apart_and_readings_at_three_times():
    days = axis(10, DAY)
    assert learned(days[np.isin(at(days)[0], [0, 2, 4])]) == Step("open", DAY, slots="0 2 4")
    assert learned(days[np.isin(at(days)[0], [2, 5])]) == Step("open", DAY, slots="2 5")
    hours = axis(4)
    thrice = learned(hours[np.isin(at(hours)[1], [8, 12, 18])])
    assert (thrice.count, thrice.week.usual_day) == (2 * HOUR, 3)
    assert learned(days[::2]) == Step("fixed", 2 * DAY)


def test_all_series_must_be_closed():
    rows = axis(6)
    assert learned(office(rows), rows[:700]) == Step("fixed", HOUR)
    day, hour = at(rows)
    late = rows[(day < 6) & (hour >= 12) & (hour < 20)]
    both = learned(office(rows), late)
    assert both.week.flags.reshape(7, 24)[0].nonzero()[0].tolist() == list(range(9, 20))
    assert both.week.per_day.tolist() == [11, 11, 11, 11, 11, 8, 0]


def test_one_shop_among_thirty_that_opens_on_sundays():
    days = axis(20, DAY)
    shop = days[at(days)[0] != 6]
    assert learned(*[shop] * 30, days[:139]) == Step("fixed", DAY)
    stray = np.sort(np.append(shop, days[6]))
    assert learned(*[shop] * 30, stray[:-20]).slots == "0-5"


def test_summer_time_is_followed_in_the_zone_and_hides_the_pattern_without():
    local = office(axis(40))
    summer = (local >= np.datetime64("2023-03-12")) & (local < np.datetime64("2023-11-05"))
    utc = local + np.where(summer, 4, 5) * np.timedelta64(1, "h")
    assert learned(utc, zone="America/New_York") == Step("open", HOUR, slots=OFFICE, zone="America/New_York")
    assert learned(utc).week.per_day.tolist() == [8, 8, 8, 8, 8, 0, 0]  # with a gap every day


def test_a_clock_that_changes_at_an_open_time_leaves_real_time():
    """A bar that is closed on Mondays alone: the hour of the change is one of its own."""
    utc = axis(40)
    local_day = ((utc - MONDAY).astype(np.int64) + HOUR) // DAY % 7  # in winter
    assert learned(utc[local_day != 0], zone="Europe/Berlin").kind == "fixed"


def test_a_step_that_is_given_is_kept():
    rows = office(axis(6))
    assert learned(rows, given=Step("fixed", HOUR)).slots == OFFICE
    assert learned(rows[::2], given=Step("fixed", 2 * HOUR)).count == 2 * HOUR
    assert learned(rows, given=Step("fixed", 7 * HOUR)) == Step("fixed", 7 * HOUR)
    for other in (Step("business day", 1), Step("month", 1, 1), Step("plain", 1)):
        assert learned(rows, given=other) == other


def test_rows_off_the_slots_are_left_to_be_refused():
    rows = office(axis(10))
    odd = np.sort(np.append(rows, rows[5] + np.timedelta64(10, "m")))
    assert learned(odd).slots == OFFICE
    jitter = rows + np.random.default_rng(0).integers(0, 50, len(rows)) * np.timedelta64(1, "m")
    assert learned(jitter).kind == "fixed"
