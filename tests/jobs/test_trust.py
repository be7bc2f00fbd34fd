"""What nobody should have to check: counts stay counts, zeros zeros, a longer horizon changes nothing."""

import numpy as np
import pandas as pd
import pytest

import lstmcli
from lstmcli.forecasting.classical import CLASSICAL_METHODS
from lstmcli.forecasting.mix import mix_forecast
from lstmcli.forecasting.untrained import SeasonPair, untrained_network

QUICK = {"steps": 4, "members": 1, "hidden": 4, "refit": False}


def daily(values, **more):
    return pd.DataFrame({"day": pd.date_range("2024-01-01", periods=len(values)), "sold": values, **more})


def numbers(made):
    return made.select_dtypes("number").to_numpy()


@pytest.fixture(scope="module")
def counts():
    """Few sales: zero on most days, least on the days of the week-end."""
    return np.random.default_rng(0).poisson(np.where(np.arange(84) % 7 < 5, 0.8, 0.1))


@pytest.fixture(scope="module")
def trained_on_counts(counts):
    return lstmcli.train(daily(counts), horizon=7, **QUICK)


def test_forecasts_of_counts_and_their_bounds_are_not_below_zero(counts, trained_on_counts):
    for forecaster in (lstmcli.builtin(), lstmcli.builtin(mix="network"), trained_on_counts):
        assert numbers(forecaster.predict(daily(counts), horizon=14)).min() >= 0
    gap = daily(counts.astype(float))
    gap.loc[40:42, "sold"] = np.nan
    assert numbers(lstmcli.impute(gap).loc[40:42, ["sold", "lower", "upper"]]).min() >= 0


@pytest.mark.parametrize("name", [*CLASSICAL_METHODS, "builtin"])
@pytest.mark.parametrize("kind", ["counts", "zeros"])
def test_each_member_of_the_mix_keeps_to_zero(name, kind, counts):
    history = counts.astype(float) if kind == "counts" else np.zeros(84)
    network = untrained_network(SeasonPair(7, 7), 14, len(history), {name: 1.0})
    made = mix_forecast(network, None, [history], 14)
    assert made.min() >= 0
    assert kind == "counts" or made.max() == 0


def test_zeros_go_on_as_zeros():
    zeros = daily(np.zeros(60))
    for forecaster in (lstmcli.builtin(), lstmcli.train(zeros, horizon=7, **QUICK)):
        assert (numbers(forecaster.predict(zeros, horizon=10)) == 0).all()
    watched = lstmcli.builtin().watch(zeros, every=True, last=5)
    assert (watched[["expected", "lower", "upper"]] == 0).all(axis=None)
    gap = zeros.copy()
    gap.loc[40:42, "sold"] = np.nan
    assert (lstmcli.impute(gap)[["sold", "lower", "upper"]].fillna(0) == 0).all(axis=None)


def test_a_longer_horizon_does_not_change_the_first_steps(counts, trained_on_counts):
    frame = daily(counts + 5 * np.sin(np.arange(84)))
    past = lstmcli.train(daily(frame["sold"], visits=frame["sold"] * 2 + 1), target="sold", past="visits",
                         horizon=7, **QUICK)  # fmt: skip
    for model, data in (
        (lstmcli.builtin(), frame),
        (trained_on_counts, daily(counts)),
        (past, daily(frame["sold"], visits=frame["sold"] * 2 + 1)),
    ):
        short, long = (model.predict(data, horizon=steps) for steps in (5, 30))
        pd.testing.assert_frame_equal(short, long.iloc[:5], check_exact=True)


def test_a_plan_that_goes_on_is_read_for_a_shorter_horizon_too(counts):
    """The network reads the covariates of its whole horizon, also where few steps are asked for."""
    price = np.random.default_rng(2).normal(0, 3, 119)
    known = daily(counts + price[:84], price=price[:84])
    model = lstmcli.train(known, target="sold", future="price", horizon=7, **QUICK)
    plan = daily(np.zeros(119), price=price).drop(columns="sold").iloc[84:]
    for data, given in ((known, {"future": plan}), (pd.concat([known, plan]), {})):
        long = model.predict(data, horizon=30, **given)
        for steps in (5, 9):
            pd.testing.assert_frame_equal(
                model.predict(data, horizon=steps, **given), long.iloc[:steps], check_exact=True
            )
