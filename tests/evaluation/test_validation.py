"""Blends with a simple forecast, and what a network without skill is told."""

import json
from dataclasses import replace

import numpy as np
import pytest
from builders import QUICK, network_of_two, panel_of, train_small

from lstmcli import model_file
from lstmcli.evaluation.scores import PointErrors, error_by_step
from lstmcli.evaluation.validation import (
    ValidationReport,
    better_baseline,
    calibrate,
    jackknife_error,
    report_from,
    score,
)
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.forecasting.shrinkage import best_blend, blend_forecast
from lstmcli.network.architecture import Blend
from lstmcli.windows.cut import cut_windows, window_rows


def test_the_best_blend_is_the_planted_one():
    random = np.random.default_rng(0)
    network, last, seasonal = random.normal(size=(3, 50, 4))
    target = 0.35 * network + 0.65 * seasonal
    assert best_blend(target, network, {"last": last, "seasonal": seasonal}) == Blend(
        "seasonal", pytest.approx(0.35)
    )
    target[0] = np.nan
    assert best_blend(target, network, {"seasonal": seasonal}).weight == pytest.approx(0.35)


def test_a_network_that_is_right_is_left_alone():
    network = np.arange(6.0).reshape(2, 3)
    assert best_blend(network, network, {"last": np.zeros((2, 3))}).weight == 1.0


def test_blending_moves_all_quantiles_with_the_median():
    raw = np.array([[[1.0, 3.0, 6.0]]])
    assert blend_forecast(raw, np.array([[7.0]]), 0.25, 1).tolist() == [[[4.0, 6.0, 9.0]]]
    assert blend_forecast(raw, np.array([[7.0]]), 0.0, 1)[0, 0, 1] == 7.0


@pytest.mark.parametrize(
    ("model", "season", "last", "verdict"),
    [(0.9, 1.0, 2.0, None), (1.0, 1.0, 2.0, "seasonal naive"), (0.9, 1.0, 0.8, "last value")],
)
def test_the_model_must_beat_the_best_simple_forecast(model, season, last, verdict):
    named = {"model": model, "seasonal naive": season, "last value": last}
    for undefined in (False, True):
        errors = {
            name: PointErrors(mae=e, smape=0.0, mase=None if undefined and name == "model" else e)
            for name, e in named.items()
        }
        assert better_baseline(ValidationReport(1, 1, errors, None)) == verdict


def judged(network, rows, series, origins, independent):
    windows = cut_windows(rows, series, origins, network.shape, network.scaling)
    return calibrate(network, rows, windows, series, origins, independent, "warn")


def test_trust_in_recent_errors_is_chosen_where_members_differ_by_series():
    up, down = np.arange(60.0), -np.arange(60.0)
    panel = panel_of(*[series + k for k in range(3) for series in (up, down)])
    network = network_of_two()
    # One member is right about what rises, the other about what falls.
    bias = np.zeros((7, 3), np.float32)
    bias[:, 1] = np.arange(1, 8) / 2
    weights = dict(network.weights)
    weights["members.0.head.bias"], weights["members.1.head.bias"] = bias.flatten(), -bias.flatten()
    network = replace(network, weights=weights)
    rows = window_rows(panel, network.scaling, network.shape)
    series, origins = np.arange(6), np.full(6, 53)
    trusting, scores = judged(network, rows, series, origins, 6)
    assert trusting.error_power > 0
    mean = forecast_panel(network, panel, 7).median
    assert np.ptp(mean[0]) < 0.01
    assert np.ptp(forecast_panel(trusting, panel, 7).median[0]) > 1
    assert scores.errors["model"].mae < scores.errors["last value"].mae


def test_members_that_are_alike_count_the_same():
    network = network_of_two()
    weights = {name: network.weights[name.replace("members.1.", "members.0.")] for name in network.weights}
    network = replace(network, weights=weights)
    panel = panel_of(walk())
    rows = window_rows(panel, network.scaling, network.shape)
    assert judged(network, rows, np.array([0]), np.array([200]), 1)[0].error_power == 0


def walk():
    return 50 + np.cumsum(np.random.default_rng(4).normal(size=240))


def test_a_random_walk_is_drawn_to_its_last_value_when_asked():
    # Two steps from the mean of the window: nothing is learned.
    untaught = {"season": 1, "baseline": ("none",), "steps": 2, "refit": False}
    settings = QUICK.model_copy(update=untaught)
    warned, drawn = (
        train_small(panel_of(walk()), settings.model_copy(update={"on_no_skill": policy}))
        for policy in ("warn", "baseline")
    )
    assert warned.network.blend is None
    assert better_baseline(report_from(warned.report["validation"]))
    errors = drawn.report["validation"]["errors"]
    assert errors["network alone"] == warned.report["validation"]["errors"]["model"]
    assert errors["model"]["mae"] < errors["network alone"]["mae"]
    assert drawn.network.blend.weight < 1
    # A forecast made by hand from the two: the blend acts in units of the data, as nothing is curved.
    alone = forecast_panel(replace(drawn.network, blend=None), panel_of(walk()), 6).median
    by_hand = drawn.network.blend.weight * alone + (1 - drawn.network.blend.weight) * walk()[-1]
    assert forecast_panel(drawn.network, panel_of(walk()), 6).median == pytest.approx(by_hand, rel=1e-4)
    assert model_file.probe(drawn.network) != model_file.probe(warned.network)


def test_the_error_of_each_step_counts_every_window_by_its_own_scale():
    actual = np.array([[1.0, 2.0, np.nan], [10.0, np.nan, np.nan]])
    forecast_made = np.array([[2.0, 4.0, 0.0], [16.0, 0.0, 0.0]])
    assert error_by_step(actual, forecast_made, np.array([1.0, 2.0])) == [2.0, 2.0, None]
    # A constant series has no scale, and says nothing of the others.
    assert error_by_step(actual, forecast_made, np.array([1.0, np.nan])) == [1.0, 2.0, None]
    assert error_by_step(actual, forecast_made, None) == [3.5, 2.0, None]


def test_a_report_keeps_five_digits_by_step_and_survives_the_model_file():
    panel = panel_of(np.array([0.0, 3.0, 0.0, 3.0, 1.0, 2.0]))
    made = np.array([[1 + 1 / 3, 2.0]])
    report = score(made, panel, 2, np.array([0]), np.array([4]))
    # The scale is the mean change from one season to the next: none, so that MAE is told.
    assert (report.by_step_metric, report.errors["model"].mase) == ("MAE", None)
    assert report.by_step["model"] == [0.33333, 0.0]
    assert report.by_step["seasonal naive"] == [1.0, 1.0]
    assert report.errors["model"].mae == pytest.approx(1 / 6)
    assert report.errors["last value"].mae == 1.5
    assert report.skill == pytest.approx(1 - 1 / 6)
    document = json.loads(json.dumps(report.document()))
    assert document["by_step_measure"] == "MAE"
    assert report_from(document) == report


def test_the_error_of_a_skill_by_hand():
    """Without the first half the ratio is 6/8, without the second 2/4: they are 0.125 from their mean."""
    ours, theirs = np.array([1.0, 1, 3, 3]), np.array([2.0, 2, 4, 4])
    assert jackknife_error(ours, theirs, 2) == pytest.approx(0.125)
    assert jackknife_error(ours, theirs, 1) is None
    assert jackknife_error(ours, np.zeros(4), 2) is None
    assert jackknife_error(2 * theirs, theirs, 4) == pytest.approx(0, abs=1e-12)


def test_the_error_of_a_skill_is_that_of_many_samples():
    random = np.random.default_rng(0)
    ours, theirs = random.gamma(2, 0.5, (400, 60)), random.gamma(2, 1, (400, 60))
    skills = 1 - ours.sum(axis=1) / theirs.sum(axis=1)
    said = [jackknife_error(o, t, 60) for o, t in zip(ours, theirs, strict=True)]
    assert np.mean(said) == pytest.approx(skills.std(), rel=0.15)


def test_a_window_whose_last_seasons_are_empty_is_compared_with_the_last_value_before():
    values = np.array([5.0, *[np.nan] * 9, 2.0, 4.0])
    panel = panel_of(values)
    errors = score(np.zeros((1, 2)), panel, 2, np.array([0]), np.array([10])).errors
    assert errors["seasonal naive"].mae == errors["last value"].mae == 2.0  # |2 - 5| and |4 - 5|
