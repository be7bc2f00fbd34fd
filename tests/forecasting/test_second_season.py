"""A second season that is taken out of histories and put back."""

import numpy as np
import pytest

from lstmcli.forecasting.builtin import NEWEST
from lstmcli.forecasting.classical import CLASSICAL_METHODS
from lstmcli.forecasting.mix import mix_forecast
from lstmcli.forecasting.second_season import second_length, take_out_second
from lstmcli.forecasting.untrained import SeasonPair, untrained_network

DAY, WEEK = 24, 168
MEDIAN = 4


def hours(weeks, multiplied, noise=0.0, seed=1):
    """A day, and Saturdays and Sundays on another level."""
    t = np.arange(weeks * WEEK)
    rest = (t // DAY) % 7 >= 5
    day = np.sin(2 * np.pi * t / DAY)
    level = 100 + noise * np.random.default_rng(seed).standard_normal(len(t))
    return (level + 20 * day) * np.where(rest, 0.6, 1.0) if multiplied else level - 120 + 20 * day - 40 * rest


@pytest.mark.parametrize("multiplied", [True, False])
def test_a_clean_second_season_is_found_in_full(multiplied):
    history = hours(8, multiplied)
    (left,), second = take_out_second([history[:-30]], DAY, WEEK)
    assert second.factors.tolist() == [multiplied]
    days = left[: 7 * DAY].reshape(7, DAY)
    assert days == pytest.approx(np.tile(days[0], (7, 1)), abs=0.5)  # every day is alike
    ahead = left[-WEEK:][None, :30]  # a week before
    assert second.ahead(ahead)[0] == pytest.approx(history[-30:], abs=0.5)
    assert second.without(second.ahead(ahead))[0] == pytest.approx(ahead[0])


def test_missing_values_stay_missing_and_change_little():
    history = hours(8, True)
    holed = history.copy()
    holed[[3, 200, 201, 1000]] = np.nan
    (whole,), _ = take_out_second([history], DAY, WEEK)
    (left,), _ = take_out_second([holed], DAY, WEEK)
    assert np.isnan(left).tolist() == np.isnan(holed).tolist()
    known = ~np.isnan(left)
    assert left[known] == pytest.approx(whole[known], rel=0.02)


def test_noise_has_no_second_season():
    noise = np.random.default_rng(3).standard_normal(8 * WEEK)
    _, second = take_out_second([noise], DAY, WEEK)
    assert np.abs(second.profile).max() < 0.2  # the means of 8 values of noise reach 1


@pytest.mark.parametrize("length", [0, 1, 2 * WEEK - 1])
def test_less_than_two_of_it_is_left_as_it_is(length):
    (left,), second = take_out_second([hours(3, True)[:length]], DAY, WEEK)
    assert left.tolist() == hours(3, True)[:length].tolist()
    assert not second.profile.any()


def test_where_there_is_none_nothing_is_done():
    for season, second in ((24, 24), (24, 1), (7, 8766)):
        assert take_out_second([np.arange(50.0)], season, second)[1] is None
    assert second_length(8766) == 0


@pytest.mark.parametrize("pair", [(24, 168), (48, 336), (7, 365), (7, 28)])
def test_no_more_is_read_than_the_built_in_network_reads(pair):
    length = second_length(pair[1])
    assert 2 * pair[1] <= length <= NEWEST
    history = np.random.default_rng(0).standard_normal(NEWEST + 500) + 5
    _, one = take_out_second([history], *pair)
    _, other = take_out_second([history[-length:]], *pair)
    assert one.profile.tolist() == other.profile.tolist()


@pytest.mark.parametrize("name", [*CLASSICAL_METHODS, "builtin"])
def test_every_member_forecasts_the_week(name):
    history = hours(9, True, noise=2)
    network = untrained_network(SeasonPair(DAY, WEEK), WEEK, len(history), {name: 1.0})
    made = mix_forecast(network, None, [history[:-WEEK]], WEEK)[0, :, MEDIAN]
    daily = untrained_network(SeasonPair(DAY, DAY), WEEK, len(history), {name: 1.0})
    blind = mix_forecast(daily, None, [history[:-WEEK]], WEEK)[0, :, MEDIAN]
    wrong, usual = (np.abs(values - history[-WEEK:]).mean() for values in (made, blind))
    assert wrong < 4 < 2 * wrong + usual
    assert wrong < usual / 2
