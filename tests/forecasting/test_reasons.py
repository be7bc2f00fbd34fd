"""The parts of a forecast: Shapley values, the parts of a history, and that they tell the truth."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from builders import ARCH, SCALING, panel_of

from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.forecasting.history_parts import history_parts
from lstmcli.forecasting.reasons import reason_parts, reasons
from lstmcli.forecasting.shapley import MOST_EXACT, shapley_weights
from lstmcli.forecasting.untrained import season_pair, untrained_network
from lstmcli.forecasting.withheld import NumericNames
from lstmcli.network.architecture import MIX_MEMBERS, Mix, Network
from lstmcli.windows.cut import WindowSpec, simple_forecasts
from lstmcli.windows.scaling import Standardisation


def network_with_future(count, baselines, transform="none", seed=None, season=1):
    """One member that reads `count` covariates known ahead; all its weights are zero without a seed."""
    shape = WindowSpec(ARCH.context, ARCH.horizon, baselines, season, False)
    ahead = count * len(simple_forecasts(shape))
    arch = replace(ARCH, covariates=count, ahead=ahead, static=count)
    rng = np.random.default_rng(seed)
    scale = 0.0 if seed is None else 0.4
    weights = {f"members.0.{name}": scale * rng.normal(size=size) for name, size in arch.shapes().items()}
    usual = Standardisation((0.0,) * count, (1.0,) * count)
    scaling = replace(SCALING, transform=transform, covariates=usual, spreads=(0.1,) * count)
    return Network(weights, arch, shape, scaling, (1.0, 1.0, 1.0))


def over_all_orders(value, parts):
    """Shapley's definition, as slow as it is written."""
    total = np.zeros(parts)
    orders = list(permutations(range(parts)))
    for order in orders:
        there = np.zeros(parts, bool)
        for part in order:
            before = value(there)
            there = there | (np.arange(parts) == part)
            total[part] += value(there) - before
    return total / len(orders)


def test_exact_values_are_those_of_all_orders():
    rng = np.random.default_rng(3)
    for parts in (1, 2, 4):
        table = rng.normal(size=2**parts)
        sets, weights = shapley_weights(parts)
        assert not sets[0].any()
        assert sets[1].all()

        def value(there, table=table, parts=parts):
            return table[int((there * 2 ** np.arange(parts)).sum())]

        found = weights.T @ [value(chosen) for chosen in sets]
        np.testing.assert_allclose(found, over_all_orders(value, parts), atol=1e-12)
        assert found.sum() == pytest.approx(value(sets[1]) - value(sets[0]))


def test_values_of_many_parts_add_up_and_halve_what_two_do_together():
    parts = MOST_EXACT + 3
    sets, weights = shapley_weights(parts)
    assert len(sets) < 2**parts / 4
    rng = np.random.default_rng(1)
    alone, together = rng.normal(size=parts), np.triu(rng.normal(size=(parts, parts)), 1)
    numbers = np.array([chosen @ alone + chosen @ together @ chosen for chosen in sets])
    found = weights.T @ numbers
    assert found.sum() == pytest.approx(numbers[1] - numbers[0])
    np.testing.assert_allclose(found, alone + (together + together.T).sum(axis=1) / 2, atol=1e-9)


def test_a_history_is_its_level_its_season_and_its_course():
    pattern = np.array([5.0, -1.0, 0.0, -4.0])
    values = 100 + np.tile(pattern, 12) + np.repeat([0.0, 8.0], 24)
    found = history_parts(values, (4, 4), 4, log=False)
    assert found.level == pytest.approx(108)
    np.testing.assert_allclose(found.season[-8:], np.tile(pattern, 2), atol=1.5)
    np.testing.assert_array_equal(found.with_parts(True, True), values)
    np.testing.assert_allclose(found.with_parts(False, False), 108)
    np.testing.assert_allclose(found.with_parts(True, False), 108 + found.season)
    np.testing.assert_allclose(found.with_parts(False, True), values - found.season)


def test_parts_of_logarithms_are_factors_and_missing_values_stay_missing():
    pattern = np.array([2.0, 0.5, 1.0])
    values = 50 * np.tile(pattern, 9)
    values[[4, 11]] = np.nan
    found = history_parts(values, (3, 3), 3, log=True)
    assert np.exp(found.level) == pytest.approx(50)
    np.testing.assert_array_equal(np.isnan(found.with_parts(True, False)), np.isnan(values))
    np.testing.assert_allclose(found.with_parts(True, False)[-3:], 50 * pattern)
    np.testing.assert_allclose(found.with_parts(False, True)[-3:], 50)


@pytest.mark.parametrize("values", [[7.0], [np.nan, 3.0], [0.1] * 40, [0.0] * 30])
def test_short_and_constant_histories_have_no_parts(values):
    found = history_parts(np.array(values), (12, 12), 6, log=False)
    assert found.level == values[-1]
    np.testing.assert_array_equal(found.with_parts(False, False), values)


def test_no_part_of_what_was_never_below_zero_is():
    values = np.tile([0.0, 0.0, 9.0, 0.0], 10)
    values[-4:] = 0
    assert min(history_parts(values, (4, 4), 4, log=False).with_parts(*way).min() for way in (
        (True, False), (False, True), (False, False)
    )) >= 0  # fmt: skip


def untrained(panel, season=None):
    pair = season_pair(panel, season)
    return untrained_network(pair, 12, 96, {"builtin": 0.4, "ets": 0.3, "theta": 0.2, "naive": 0.1})


def test_parts_of_a_forecast_without_covariates_add_up_from_the_level():
    t = np.arange(96)
    rng = np.random.default_rng(0)
    histories = [
        300 + t + 40 * np.sin(t * np.pi / 6) + rng.normal(size=96),
        np.full(96, 12.5),
        5 + rng.normal(size=96).cumsum(),
    ]
    panel = panel_of(*histories)
    network = untrained(panel, 12)
    parts = reason_parts(network, panel, NumericNames())
    assert parts.names == ("season", "last")
    found = reasons(network, panel, 12, parts)
    level = forecast_panel(network, panel, 12).median - found.sum(axis=2)
    for s, history in enumerate(histories):
        np.testing.assert_allclose(
            level[s], history_parts(history, (12, 12), 12, False).level, rtol=1e-3, atol=1e-3
        )
    wave = 40 * np.sin(np.arange(96, 108) * np.pi / 6)
    np.testing.assert_allclose(found[0, :, 0], wave, atol=4)
    assert (found[0, :, 1] > 3).all()  # the trend
    np.testing.assert_array_equal(found[1], 0)
    np.testing.assert_array_equal(level[1], 12.5)


@pytest.mark.parametrize("transform", ["none", "log"])
@pytest.mark.parametrize("mixed", [False, True])
def test_with_all_parts_the_forecast_is_the_forecast(transform, mixed):
    """Also beyond the horizon of the network, with values missing and with a series that is short."""
    rng = np.random.default_rng(5)
    histories = [9 + rng.normal(size=n) for n in (60, 37, 5)]
    histories[0][-6] = np.nan
    panel = panel_of(*histories, future=rng.normal(size=60 + 37 + 5 + 3 * 9), ahead=9)
    network = network_with_future(1, ("last",), transform, seed=2)
    if mixed:
        shares = dict.fromkeys(MIX_MEMBERS, 0.0) | {"network": 0.6, "theta": 0.4}
        network = replace(network, mix=Mix(length=100, windows=4, widths=(1.0,) * 3, **shares))
    parts = reason_parts(network, panel, NumericNames(future=("heat",)))
    assert parts.names == ("season", "last", "heat")
    found = reasons(network, panel, 9, parts)
    nothing = replace(parts, weights=np.eye(8, 3)[:, [0, 0, 0]] * [1, 0, 0])
    level = reasons(network, panel, 9, nothing)[:, :, 0]
    whole = forecast_panel(network, panel, 9).median
    np.testing.assert_allclose(level + found.sum(axis=2), whole, rtol=2e-5, atol=2e-5)
    assert np.abs(found[..., 2]).max() > 1e-3
    together = reasons(network, panel.select(slice(1, 2)), 9, parts)
    np.testing.assert_allclose(together, found[1:2], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("season", [1, 4])
def test_a_forecast_that_is_a_known_function_of_a_covariate_is_told_to_come_from_it(season):
    """The network adds a multiple of how far `promo` is from its mean to a simple forecast; it does not read
    `noise`."""
    rng = np.random.default_rng(8)
    promo, noise = (rng.random(55) < 0.3).astype(float), rng.normal(size=55)
    history = 100 + 6 * np.sin(np.arange(48) * np.pi / 2) + 50 * promo[:48]
    panel = replace(panel_of(history, future=promo, ahead=7), future=np.column_stack([promo, noise]))
    network = network_with_future(2, ("seasonal",) if season > 1 else ("none",), season=season)
    each = len(simple_forecasts(network.shape))
    weights = network.weights
    column = 1 if season > 1 else 0  # what departs from the last season, or from the mean
    weights["members.0.ahead.inputs"][:2, column] = [1, -1]
    weights["members.0.ahead.out"][1, :2] = [0.7, -0.7]
    assert network.arch.ahead == 2 * each
    parts = reason_parts(network, panel, NumericNames(future=("promo", "noise")))
    found = reasons(network, panel, 7, parts)[0]
    median = forecast_panel(network, panel, 7).median[0]
    one = reasons(network, panel.fill_future(np.arange(48, 55), np.zeros((7, 2))), 7, parts)[0]
    effect = found[:, 2] - one[:, 2]  # of a promo against none
    shown = forecast_panel(network, panel.fill_future(np.arange(48, 55), np.zeros((7, 2))), 7).median[0]
    assert promo[48:].any()
    np.testing.assert_allclose(effect, median - shown, rtol=1e-4, atol=1e-4)
    assert len(set(np.round(found[promo[48:] == 1, 2], 3))) == 1
    np.testing.assert_allclose(found[:, 3], 0, atol=1e-4)


@pytest.mark.slow
def test_a_trained_model_tells_what_a_promo_adds():
    import pandas as pd

    import lstmcli

    rng, n = np.random.default_rng(0), 300
    promo, noise = (rng.random(n + 14) < 0.2).astype(float), rng.normal(size=n + 14)
    times = pd.date_range("2023-01-01", periods=n + 14, freq="D")
    y = 100 + 50 * promo + 20 * np.sin(np.arange(n + 14) * 2 * np.pi / 7) + 2 * rng.normal(size=n + 14)
    table = pd.DataFrame({"time": times, "y": y, "promo": promo, "noise": noise})
    model = lstmcli.train(
        table[:n], target="y", future=["promo", "noise"], horizon=14, steps=150, hidden=16, processes=1
    )
    found = model.predict(table[:n], future=table.drop(columns="y")[n:], why=True)
    there = promo[n:] == 1
    gain = found["why_promo"][there].mean() - found["why_promo"][~there].mean()
    assert 35 < gain < 55
    assert found["why_noise"].abs().max() < 3
