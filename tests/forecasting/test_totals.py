"""Totals: their intervals hold the sums of series whose errors move together, and say what is missing."""

from statistics import NormalDist

import numpy as np
import pytest
from builders import panel_of

from lstmcli.forecasting.paths import Dependence, PathMaker, usual_correlation
from lstmcli.forecasting.totals import TotalSums, total_forecast, total_key, total_levels
from lstmcli.series.calendar import Step
from lstmcli.series.forecast import Forecast
from lstmcli.series.roles import NO_ROLES

LEVELS = (0.1, 0.5, 0.9)
Z = NormalDist().inv_cdf(0.9)
SERIES, HORIZON = 8, 5


def forecast(spreads, starts=None):
    """Normal ones about 100."""
    spread = np.asarray(spreads, float)[:, None] * np.ones(HORIZON)
    values = 100 + spread[..., None] * np.array([-Z, 0, Z])
    keys = tuple((f"r{n % 2}", f"s{n}") for n in range(len(spread)))
    begun = np.zeros(len(spread), np.int64) if starts is None else np.asarray(starts)
    return Forecast(("region", "shop"), keys, Step("plain", 1), begun, LEVELS, values)


def totals_of(made, across, levels=((0, 1),)):
    maker = PathMaker(Dependence(usual_correlation(np.ones(HORIZON)), across), 1000, mirrored=True)
    sums = TotalSums(levels)
    for part in (slice(0, 3), slice(3, None)):  # blocks
        block = Forecast(
            made.key_names, made.keys[part], made.step, made.starts[part], LEVELS, made.values[part]
        )
        sums.add(sums.part(block, iter([maker.paths(block, s) for s in range(len(block.keys))])), block)
    totals, notes = sums.totals()
    return [total_forecast(total, LEVELS, sums.like) for total in totals], notes


@pytest.mark.parametrize("across", [0.0, 0.3, 0.8])
def test_eighty_percent_of_the_sums_lie_in_the_interval_of_a_total(across):
    spreads = np.linspace(1, 3, SERIES)
    (total,), _ = totals_of(forecast(spreads), across)
    random = np.random.default_rng(1)
    steps = np.linalg.cholesky(usual_correlation(np.ones(HORIZON)))
    shared = random.standard_normal((5000, 1, HORIZON)) @ steps.T
    own = random.standard_normal((5000, SERIES, HORIZON)) @ steps.T
    errors = (np.sqrt(across) * shared + np.sqrt(1 - across) * own) * spreads[:, None]
    actual = 100 * SERIES + errors.sum(axis=1)
    low, _, high = total.values[0].T
    assert ((low <= actual) & (actual <= high)).mean() == pytest.approx(0.8, abs=0.03)
    if across:  # an interval that takes errors as independent is too narrow, one that adds up too wide
        alone = Z * np.hypot.reduce(spreads)
        assert (np.abs(actual - 100 * SERIES) <= alone).mean() < 0.74
        assert (np.abs(actual - 100 * SERIES) <= Z * spreads.sum()).mean() > 0.84


def test_a_total_of_one_series_is_its_forecast():
    made = forecast([1, 2, 3])
    totals, _ = totals_of(made, 0.2, ((1,),))
    assert [total.keys[0] for total in totals] == [("r0", "(total)"), ("r1", "(total)")]
    np.testing.assert_array_equal(totals[1].values[0], made.values[1])
    assert totals[0].values[0, 0, 1] == pytest.approx(200)


def test_medians_of_totals_are_the_sums_where_errors_are_even():
    (total,), _ = totals_of(forecast(np.ones(SERIES)), 0.2)
    np.testing.assert_allclose(total.median, 100 * SERIES, atol=1e-6)
    assert total.keys == (("(total)", "(total)"),)


def test_the_median_of_a_sum_of_rare_counts_is_not_zero():
    made = forecast(np.ones(20))
    rare = Forecast(
        made.key_names, made.keys, made.step, made.starts, (0.1, 0.5, 0.75, 0.9), np.zeros((20, HORIZON, 4))
    )
    rare.values[..., 2:] = [1, 2]
    maker = PathMaker(Dependence(np.eye(HORIZON), 0.0), 1000, 0, rare.keys, mirrored=True)
    sums = TotalSums([(0, 1)])
    sums.add(sums.part(rare, iter([maker.paths(rare, s) for s in range(20)])), rare)
    (total,), _ = sums.totals()
    assert (total_forecast(total, LEVELS, rare).median > 5).all()


def test_each_level_has_its_totals_in_order():
    totals, notes = totals_of(forecast(np.ones(4)), 0.1, ((1,), (0, 1)))
    assert [total.keys[0] for total in totals] == [("r0", "(total)"), ("r1", "(total)"), ("(total)",) * 2]
    assert notes == []


def test_series_that_end_earlier_shorten_a_total_or_are_left_out():
    (total,), notes = totals_of(forecast(np.ones(4), starts=[10, 8, 10, 2]), 0.1)
    assert (total.horizon, total.starts.tolist()) == (3, [10])
    np.testing.assert_allclose(total.median, 300, atol=1e-6)
    assert notes == [
        "total (total) (total): without 1 series whose last value is too old for its times: r1 s3",
        "total (total) (total): 3 of 5 steps, as 1 series ends earlier",
    ]


def test_columns_are_named_once_or_together():
    panel = panel_of(np.ones(3), np.ones(3))
    (name,) = panel.key_names
    assert total_levels([name, f" {name}"], panel, NO_ROLES, False) == ((0,),)
    assert total_key(("a", "b", "c"), (0, 2)) == ("(total)", "b", "(total)")
