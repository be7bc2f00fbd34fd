"""Forecasts: no look ahead, honest roll-on, quantiles as asked."""

from dataclasses import replace

import numpy as np
import pytest
from builders import ARCH, NAN, START, made_model, network_of_two, panel_of

from lstmcli.errors import DataError, UsageError
from lstmcli.forecasting.forecast import (
    forecast_panel,
    forecasts,
    in_blocks,
    member_shares,
    recent_errors,
)
from lstmcli.forecasting.intervals import at_quantiles, interval_quantiles
from lstmcli.forecasting.rounded import round_values
from lstmcli.series.forecast import concat_forecasts
from lstmcli.windows.cut import cut_windows, window_rows

NETWORK = made_model().network
HISTORY = np.cumsum(np.random.default_rng(0).normal(size=40))


def test_a_forecast_continues_every_series_on_its_own():
    alone = forecast_panel(NETWORK, panel_of(HISTORY), 7)
    together = forecast_panel(NETWORK, panel_of(HISTORY[:15] + 50, HISTORY), 7)
    assert together.values.shape == (2, 7, 3)
    assert together.values[1] == pytest.approx(alone.values[0], abs=1e-5)
    assert alone.starts[0] == START + np.timedelta64(40, "h")


def test_a_shorter_horizon_is_the_start_of_the_longer():
    longer = forecast_panel(NETWORK, panel_of(HISTORY), 7)
    assert forecast_panel(NETWORK, panel_of(HISTORY), 3).values == pytest.approx(
        longer.values[:, :3], abs=1e-5
    )


def test_a_longer_horizon_rolls_on_from_the_medians_and_widens():
    first = forecast_panel(NETWORK, panel_of(HISTORY), 7)
    both = forecast_panel(NETWORK, panel_of(HISTORY), 14)
    # The same by hand: the medians become history, the scale of the series stays.
    extended = np.append(HISTORY, first.median[0])
    second = forecast_panel(NETWORK, panel_of(extended), 7)
    assert both.median[0, :7] == pytest.approx(first.median[0], abs=1e-5)
    assert both.median[0, 7:] == pytest.approx(second.median[0], rel=0.1, abs=0.1)
    carried = np.diff(both.values[0, 6])
    widths = np.diff(both.values[0, 7:], axis=1)
    assert (widths >= carried - 1e-6).all()


def test_a_member_that_was_right_just_before_counts_more():
    network = replace(network_of_two(), error_power=2.0)
    panel = panel_of(np.append(HISTORY[:-7], np.repeat(HISTORY[-8], 7)))  # flat: the last value was right
    rows = window_rows(panel, network.scaling, network.shape)
    shares = member_shares(recent_errors(network, rows, np.array([0]), np.array([len(HISTORY)])), 2.0)
    assert shares[:, 0] == pytest.approx([1, 0], abs=1e-6)
    alone = replace(network, arch=replace(network.arch, members=1), error_power=0.0)
    assert forecast_panel(network, panel, 14).values == pytest.approx(
        forecast_panel(alone, panel, 14).values, abs=1e-4
    )


def test_members_count_by_a_power_of_their_errors():
    network = network_of_two()
    panel = panel_of(HISTORY)
    rows = window_rows(panel, network.scaling, network.shape)
    at = np.array([0]), np.array([len(HISTORY) - 7])
    before = cut_windows(rows, *at, network.shape, network.scaling)
    last = before.baselines[0, :, 0]
    errors = [np.abs(before.target[0] - last - bias).mean() for bias in (0, 5)]
    for trust in (1.0, 3.0):
        shares = member_shares(recent_errors(network, rows, at[0], at[1] + 7), trust)[:, 0]
        assert shares[0] / shares[1] == pytest.approx((errors[1] / errors[0]) ** trust, rel=1e-4)
        assert shares.sum() == pytest.approx(1)


def test_members_count_the_same_where_nothing_is_known_of_them():
    network = replace(network_of_two(), error_power=4.0)
    for history in ([1.0, 2.0, 3.0], [NAN] * 20 + [1.0, 4.0] + [NAN] * 7):
        panel = panel_of(history)
        rows = window_rows(panel, network.scaling, network.shape)
        shares = member_shares(recent_errors(network, rows, np.array([0]), np.array([len(history)])), 4.0)
        assert shares[:, 0].tolist() == [0.5, 0.5]
        assert np.isfinite(forecast_panel(network, panel, 7).values).all()


def test_a_series_shorter_than_the_context_is_forecast_too():
    made = forecast_panel(NETWORK, panel_of([1.0, 2.0], [5.0]), 7)
    assert np.isfinite(made.values).all()


def test_missing_values_do_not_spread_into_the_forecast():
    holed = HISTORY.copy()
    holed[[-2, -9]] = NAN
    assert np.isfinite(forecast_panel(NETWORK, panel_of(holed), 20).values).all()


def test_values_that_have_no_logarithm_are_named():
    network = replace(NETWORK, scaling=replace(NETWORK.scaling, transform="log"))
    with pytest.raises(DataError, match="b has the value -3 at 2024-01-01T02"):
        forecast_panel(network, panel_of([1.0, 2.0, 3.0], [1.0, 2.0, -3.0]), 2)


def test_scaling_a_series_scales_its_forecast():
    # Levels are clipped far out, so two large scales look the same to the network.
    made = [forecast_panel(NETWORK, panel_of(HISTORY * s), 7).values for s in (1e6, 1e9)]
    assert made[1] / 1e9 == pytest.approx(made[0] / 1e6, rel=1e-3, abs=1e-3)


def test_levels_become_quantiles():
    assert interval_quantiles((0.1, 0.5, 0.9), []) == (0.1, 0.5, 0.9)
    assert interval_quantiles((0.1, 0.5, 0.9), [80]) == (0.1, 0.9)
    assert interval_quantiles((0.025, 0.5, 0.975), [95, 80, 80]) == (0.025, 0.1, 0.9, 0.975)


@pytest.mark.parametrize("level", [0, -5, 81, 100])
def test_a_level_beyond_the_quantiles_of_the_model_is_refused(level):
    with pytest.raises(UsageError, match="up to 80 percent"):
        interval_quantiles((0.1, 0.5, 0.9), [level])


def test_quantiles_between_those_of_the_model_lie_on_the_normal_curve():
    made = forecast_panel(NETWORK, panel_of(HISTORY), 7)
    # A normal law with mean 10 and deviation 2 at the model's quantiles.
    values = np.array([[[10 - 2 * 1.2815515655, 10, 10 + 2 * 1.2815515655]]])
    normal = replace(made, values=values)
    asked = at_quantiles(normal, (0.1, 0.25, 0.75, 0.9))
    assert asked.quantiles == (0.1, 0.25, 0.5, 0.75, 0.9)
    assert asked.values[0, 0] == pytest.approx([7.436897, 8.651020, 10, 11.348980, 12.563103], abs=1e-6)
    # Rounded as the model's own quantiles are, whose spread is 5.1: six digits behind the point.
    assert asked.values[0, 0, 1] == 8.65102


def test_rounding_keeps_what_the_network_can_tell_apart():
    values = np.array([[[1234.56789012345, 1234.6, 1235.6]]])
    assert round_values(values)[0, 0].tolist() == [1234.56789, 1234.6, 1235.6]
    huge = np.array([[[1.23456789e15, 1.3e15, 2.3e15]]])
    assert round_values(huge)[0, 0].tolist() == [1.234568e15, 1.3e15, 2.3e15]


def test_a_forecast_that_grows_over_many_steps_takes_no_digits_from_the_first():
    values = np.array([[[10.12345678, 11.12345678, 12.12345678], [-1e12, 2e12, 5e12]]])
    assert round_values(values)[0, 0].tolist() == pytest.approx([10.123, 11.123, 12.123], abs=5e-4)


def test_the_network_is_the_one_of_the_architecture():
    assert NETWORK.arch is ARCH


# Many series


def many_series():
    random = np.random.default_rng(2)
    histories = [HISTORY * random.uniform(0.5, 2) + random.normal(size=40) for _ in range(11)]
    histories[3], histories[7] = histories[3][:9], np.append(histories[7][:20], [NAN, NAN, 3.0])
    return replace(panel_of(*histories), keys=tuple((f"series {n}",) for n in range(11)))


@pytest.mark.parametrize("horizon", [5, 7, 17])
def test_blocks_of_series_are_forecast_as_all_at_once(horizon):
    network = replace(network_of_two(), error_power=2.0, usual_error=0.5)
    panel = many_series()
    whole = forecast_panel(network, panel, horizon)
    blocks = list(forecasts(network, panel, horizon, lambda made: made, block=3))
    assert [len(block.keys) for block in blocks] == [3, 3, 3, 2]
    together = concat_forecasts(blocks)
    assert np.array_equal(together.values, whole.values)
    assert (together.keys, together.starts.tolist()) == (whole.keys, whole.starts.tolist())


def test_few_blocks_are_made_before_they_are_taken():
    made = []
    blocks = in_blocks(lambda block: made.append(block.start) or block.start, 1000, size=1)
    taken = [next(blocks) for _ in range(3)]
    blocks.close()
    assert taken == [0, 1, 2]
    assert len(made) < 1000


def test_what_is_wrong_is_said_before_the_first_block():
    network = replace(NETWORK, scaling=replace(NETWORK.scaling, transform="log"))
    with pytest.raises(DataError, match="b has the value -3"):
        forecasts(network, panel_of([1.0, 2.0, 3.0], [1.0, 2.0, -3.0]), 2, lambda made: made, block=1)


def test_an_error_in_a_block_is_raised_in_its_place():
    panel = panel_of(HISTORY, HISTORY * 1e307, HISTORY)
    blocks = forecasts(NETWORK, panel, 7, lambda made: made, block=1)
    assert len(next(blocks).keys) == 1
    with pytest.raises(DataError, match="beyond what numbers can hold"):
        list(blocks)
