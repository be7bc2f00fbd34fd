"""What the built-in network sees of a series, against numbers worked by hand."""

import numpy as np
import pytest

from lstmcli.windows.candidates import CANDIDATES, simple_candidates
from lstmcli.windows.histories import (
    AHEAD,
    SEGMENT,
    VALUE_INPUTS,
    Histories,
    fill_missing,
    scales,
    series_inputs,
    take,
    value_inputs,
)


def known(values, season=1, second=None, start=0):
    """One series in one row; NaN is missing."""
    row = np.array([values], float)
    observed = ~np.isnan(row)
    first, lag = np.array([start]), np.array([season])
    filled = fill_missing(np.nan_to_num(row), observed, first, lag)
    return Histories(filled, observed, first, lag, np.array([second or season]))


def simple(name, values, season=1, **more):
    """One simple forecast behind all values of a series."""
    made = simple_candidates(known(values, season, **more), np.array([[len(values)]]))
    return made[0, 0, :, CANDIDATES.index(name)]


def test_places_outside_are_the_nearest_end():
    values = np.array([[1.0, 2, 3], [4, 5, 6]])
    places = np.array([[-5, 1], [2, 9]])
    assert take(values, places).tolist() == [[1, 2], [6, 6]]


def test_missing_values_are_those_of_a_season_before_or_of_the_step_before():
    nan = np.nan
    filled = known([nan, nan, 5, 7, nan, nan, nan, 9, nan], season=2, start=2).values[0]
    assert filled.tolist() == [0, 0, 5, 7, 5, 7, 5, 9, 5]


def test_scales_are_means_over_what_is_observed():
    scale = scales(known([0, 2, 4, np.nan, 4, 10, 6, 14], season=4), np.array([8]))
    values = np.array([0, 2, 4, 4, 10, 6, 14])
    assert scale.loc[0] == pytest.approx(values.mean())
    assert scale.spread[0] == pytest.approx(values.std())
    # Differences at the season: 4-0, 10-2, 6-4; the fourth has a missing end.
    assert scale.unit[0] == pytest.approx((4 + 8 + 2) / 3)


def test_a_constant_has_a_unit_that_is_not_zero():
    scale = scales(known([7.0] * 20), np.array([20]))
    assert 0 < scale.unit[0] < scale.spread[0] < 1e-4


def test_inputs_of_a_value_are_level_lagged_differences_and_whether_it_is_observed():
    values = [float(v) for v in (1, 2, 4, 8, 16, np.nan, 3, 5, 9, 17, 33, 65)]
    history = known(values, season=3, second=6)
    scale = scales(history, np.array([12]))
    made = value_inputs(history, scale, np.array([12]), 2).reshape(2 * SEGMENT, VALUE_INPUTS)
    assert not made[:SEGMENT].any()  # before the start
    row = made[SEGMENT + 8]  # the value 9: a season before stands the missing one, half a dozen before 4
    assert row[0] == pytest.approx((9 - scale.loc[0]) / scale.spread[0], rel=1e-6)
    assert row[1] == 0
    assert row[2] == pytest.approx(np.arcsinh((9 - 4) / scale.unit[0]), rel=1e-6)
    assert row[3] == pytest.approx(np.arcsinh((9 - 5) / scale.unit[0]), rel=1e-6)
    assert row[4] == 1
    assert made[SEGMENT + 5].tolist() == [0, 0, 0, 0, 0]


def test_a_series_is_described_by_zeros_and_sign():
    history = known([0, 0, 3, 5])
    columns = series_inputs(history, scales(history, np.array([4])), np.array([4]))[0]
    assert columns[-2:].tolist() == [0, 0.5]


SEASON = [10.0, 20, 30, 40]


def test_a_season_is_repeated():
    made = simple("season repeated", [*SEASON, 11, 21, 31, 41], 4)
    assert made[:6].tolist() == [11, 21, 31, 41, 11, 21]
    assert simple("mean of four seasons", [*SEASON, 12, 22, 32, 42], 4)[:4].tolist() == [11, 21, 31, 41]


def test_drift_goes_on_at_the_pace_of_the_newest_values():
    values = [0.0] * 20 + [1, 2, 3, 4, 5, 6, 7, 8]
    assert simple("drift", values)[:3] == pytest.approx([9, 10, 11])


def test_growth_is_added_or_multiplied_season_by_season():
    twice = [10.0, 20, 20, 40]
    assert simple("season repeated, with growth", twice, 2)[:4].tolist() == [35, 55, 50, 70]
    assert simple("season repeated, with relative growth", twice, 2)[:4].tolist() == [40, 80, 80, 160]
    below_zero = [-10.0, 20, 20, 40]
    assert (
        simple("season repeated, with relative growth", below_zero, 2).tolist()
        == simple("season repeated, with growth", below_zero, 2).tolist()
    )


def test_half_the_trend_of_a_line_is_added():
    line = np.arange(40.0)
    made = simple("season, level and half the trend", line)
    weights = 0.7 ** np.arange(48) * (np.arange(48) < 40)
    level = (line[::-1] * weights[:40]).sum() / weights.sum()
    assert made[:2] == pytest.approx([level + 0.5 / 0.3, level + 0.5 * (1 + 1 / 0.3)])


def test_a_second_season_is_repeated_where_it_was_seen():
    week = np.arange(28.0)
    assert simple("second season repeated", week, 4, second=28)[:3].tolist() == [0, 1, 2]
    assert simple("second season repeated", week[:20], 4, second=28)[:4].tolist() == [16, 17, 18, 19]


@pytest.mark.parametrize("length", [1, 2, 3, 7, 30])
@pytest.mark.parametrize("season", [1, 4])
def test_every_forecast_is_finite_for_short_series(length, season):
    made = simple_candidates(known(np.arange(length) + 1.0, season), np.array([[length]]))
    assert made.shape == (1, 1, AHEAD, len(CANDIDATES))
    assert np.isfinite(made).all()
