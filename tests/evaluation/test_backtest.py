"""Rolling origins, what a forecaster is shown, who wins, and whether that is chance."""

import math

import numpy as np
import pytest
from builders import backtest_design, panel_of, random_walk, run_backtest

from lstmcli.errors import UsageError
from lstmcli.evaluation.backtest import MODEL_NAME
from lstmcli.evaluation.backtest_report import counted_windows, report_of
from lstmcli.evaluation.folds import make_folds, unseen_folds, usual_folds
from lstmcli.evaluation.significance import diebold_mariano, student_p
from lstmcli.forecasting.simple_forecasts import lagged_changes, seasonal_lags
from lstmcli.reports.text.backtest import backtest_text
from lstmcli.series.category import Category

NAN = np.nan
LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)


# What was known


def test_what_was_known_holds_nothing_after_the_origin_but_what_is_known_ahead():
    panel = panel_of(np.arange(10.0), np.arange(20.0, 28.0), future=np.arange(18.0))
    known = panel.select(np.array([1, 0]), np.array([5, 6]), 2)
    assert known.keys == (("b",), ("a",))
    assert known.lengths.tolist() == [5, 6]
    assert known.history(0).tolist() == [20, 21, 22, 23, 24]
    assert np.isnan(known.values[5:7]).all()
    assert known.future[:, 0].tolist() == [10, 11, 12, 13, 14, 15, 16, 0, 1, 2, 3, 4, 5, 6, 7]
    assert [known.ahead(s) for s in range(2)] == [2, 2]


def test_categories_and_past_covariates_are_unknown_after_the_origin():
    codes = np.array([0, 1, 0, 1, 2, 2], np.int32)
    panel = panel_of(np.arange(6.0))
    panel = panel.__class__(
        **{
            **vars(panel),
            "past": np.arange(6, dtype=np.float32)[:, None],
            "categories": (
                Category("p", "past", ("x", "y", "z"), codes),
                Category("f", "future", ("x", "y", "z"), codes),
                Category("s", "static", ("x",), np.zeros(1, np.int32)),
            ),
        }
    )
    known = panel.select(np.array([0]), np.array([3]), 2)
    assert known.past[:3, 0].tolist() == [0, 1, 2]
    assert np.isnan(known.past[3:]).all()
    assert [c.codes.tolist() for c in known.categories] == [[0, 1, 0, -1, -1], [0, 1, 0, 1, 2], [0]]


# Folds


def test_origins_by_the_clock_are_one_time_in_all_series():
    panel = panel_of(np.arange(20.0), np.arange(14.0))  # both start together, the second ends earlier
    folds = make_folds(panel, 4, 4, 3, "time")
    assert [f.number for f in folds] == [1, 2, 3]
    assert [f.known.tolist() for f in folds] == [[8, 8], [12, 12], [16, 14]]
    assert [f.series.tolist() for f in folds] == [[0, 1], [0, 1], [0]]


def test_origins_from_the_end_are_those_of_each_series():
    folds = make_folds(panel_of(np.arange(20.0), np.arange(14.0)), 4, 2, 2, "end")
    assert [f.origins.tolist() for f in folds] == [[14, 8], [16, 10]]


def test_a_series_without_values_around_an_origin_is_not_scored():
    hole = np.arange(20.0)
    hole[16:] = NAN
    hole[19] = 1.0
    late = np.append([NAN] * 14, [1.0, 2, 3, 4, 5, 6])  # two values before the last origin
    folds = make_folds(panel_of(np.arange(20.0), hole, late), 3, 3, 1, "time")
    assert folds[0].series.tolist() == [0, 1]
    # Nothing of the second came in these three steps: the fourth is its first.
    assert make_folds(panel_of(np.arange(20.0), np.append(hole[:16], [NAN, NAN, NAN, 5.0])), 3, 3, 1, "time")


def test_too_many_folds_are_refused_with_how_many_would_fit():
    with pytest.raises(UsageError, match=r"9 folds of 5 steps, 5 apart, .* 3 would fit"):
        make_folds(panel_of(np.arange(20.0)), 5, 5, 9, "time")


def test_folds_by_the_length_of_the_data():
    assert usual_folds(panel_of(np.arange(1000.0)), 24, 24) == 5
    assert usual_folds(panel_of(np.arange(96.0)), 12, 12) == 4
    assert usual_folds(panel_of(np.arange(20.0)), 12, 12) == 1
    panel = panel_of(np.arange(100.0))
    assert unseen_folds(panel, np.array([70]), 12, 12) == 2
    assert unseen_folds(panel, np.array([90]), 12, 12) == 0
    assert unseen_folds(panel, None, 12, 12) == 0


# Intervals of simple forecasts


def test_changes_over_a_lag_give_the_intervals_of_a_naive_forecast():
    history = random_walk(400)
    found = lagged_changes(history, np.array([1, 4]), (0.1, 0.5, 0.9))
    assert found.shape == (2, 3)
    assert found[0] == pytest.approx([-1.28, 0, 1.28], abs=0.35)  # normal steps
    assert np.ptp(found[1]) > 1.5 * np.ptp(found[0])  # the root of 4 in theory
    assert lagged_changes(history[:12], np.array([5]), (0.5,)) is None
    assert seasonal_lags(4, 10).tolist() == [4, 4, 4, 4, 8, 8, 8, 8, 12, 12]


def test_a_line_has_a_change_without_doubt():
    assert lagged_changes(np.arange(50.0), np.array([3]), (0.1, 0.9))[0].tolist() == [3, 3]


# The test of Diebold and Mariano


@pytest.mark.parametrize(
    ("statistic", "freedom", "p"),
    [  # tables of Student's law
        (12.706, 1, 0.05), (4.303, 2, 0.05), (3.182, 3, 0.05), (2.776, 4, 0.05), (2.228, 10, 0.05),
        (2.145, 14, 0.05), (3.169, 10, 0.01), (2.045, 29, 0.05), (0.0, 7, 1.0),
    ],
)  # fmt: skip
def test_students_law_is_that_of_the_tables(statistic, freedom, p):
    assert student_p(statistic, freedom) == pytest.approx(p, rel=2e-3)
    assert student_p(-statistic, freedom) == student_p(statistic, freedom)


def test_without_overlap_it_is_the_paired_t_test():
    random = np.random.default_rng(1)
    ours, theirs = random.normal(1, 0.3, 12), random.normal(1.2, 0.3, 12)
    d = ours - theirs
    test = diebold_mariano(ours, theirs, 1)
    # The correction for n origins and h = 1 makes of 1 / n the 1 / (n - 1) of the t test.
    assert test.statistic == pytest.approx(d.mean() / (d.std(ddof=1) / math.sqrt(12)))
    assert test.difference == pytest.approx(d.mean())
    assert test.significant == (test.p < 0.05)


def test_overlap_by_hand():
    losses = np.array([1.0, 2.0, 4.0, 3.0, 5.0, 3.0])
    d = losses - 2
    c = d - d.mean()
    variance = (c @ c + 2 * c[1:] @ c[:-1]) / 6 / 6
    factor = math.sqrt((6 + 1 - 4 + 2 / 6) / 6)
    found = diebold_mariano(losses, np.full(6, 2.0), 2)
    assert found.statistic == pytest.approx(d.mean() / math.sqrt(variance) * factor)


def test_few_origins_tell_nothing():
    for count in (0, 1, 4):
        assert diebold_mariano(np.zeros(count), np.ones(count), 1).p is None
    assert diebold_mariano(np.zeros(6), np.ones(6), 6).p is None  # all of them share values
    assert diebold_mariano(np.ones(9), np.ones(9), 1).p is None


def test_the_test_errs_about_as_often_as_it_says():
    random = np.random.default_rng(3)
    tests = [diebold_mariano(*random.normal(size=(2, 8)), 1) for _ in range(600)]
    assert 0.03 < np.mean([test.significant for test in tests]) < 0.075


# The report


def test_scores_of_a_forecast_that_is_off_by_one():
    panel = panel_of(np.tile([1.0, 3.0], 30))
    results = run_backtest(panel, lambda fold: 1.0, folds=2, horizon=2, stride=2, season=2)
    report = report_of(results, backtest_design(season=2, horizon=2, stride=2))
    place = next(p for p in report.order if p.name == MODEL_NAME)
    # The last value is 3, the forecast 4; what came are 1 and 3. The scale, |3 - 3|, is none.
    assert report.metric == "mae"
    assert place.scores.mae == pytest.approx((3 + 1) / 2)
    assert place.scores.rmse == pytest.approx(math.sqrt((9 + 1) / 2))
    assert place.scores.mase is None
    assert place.scores.inside_95 == 0  # 4 - 0.95 to 4 + 0.95
    assert place.scores.winkler == pytest.approx(1.9 + 40 * ((4 - 0.95 - 1) + (4 - 0.95 - 3)) / 2)
    assert report.order[0].name == "seasonal naive"
    assert report.order[0].scores.mae == 0
    assert report.by_step[MODEL_NAME] == [3, 1]
    assert [f.values for f in report.folds] == [56, 58]


def test_on_a_random_walk_the_last_value_is_on_top_and_significantly_so():
    panel = panel_of(random_walk())
    noise = np.random.default_rng(5).normal(size=40)
    report = report_of(run_backtest(panel, lambda fold: 4 * noise[fold - 1], folds=40), backtest_design())
    assert report.order[0].name == "last value"
    assert report.order[-1].name == MODEL_NAME
    assert report.verdict.startswith("last value is best (MASE ")
    assert (
        "less error than the model; the difference is significant (p < 0.001, 40 origins)" in report.verdict
    )


def test_of_two_with_one_error_the_simple_one_comes_first():
    zigzag = 50 + np.tile([0.0, 1.0, -1.0, 0.5], 20) + 0.05 * np.arange(80)[::-1] ** 0.5
    results = run_backtest(panel_of(zigzag), lambda fold: 0.0, only=("last value", "drift"))
    report = report_of(results, backtest_design())
    assert [p.name for p in report.order] == ["last value", MODEL_NAME, "drift"]
    assert report.verdict == "the model and last value have the same error"


def test_exponential_smoothing_and_theta_see_a_season_that_grows():
    times = np.arange(96)
    values = (20 + times) * np.array([1.0, 0.6, 1.4, 1.0])[times % 4]
    results = run_backtest(panel_of(values), lambda fold: 0.0, folds=4, horizon=4, stride=4, season=4)
    report = report_of(results, backtest_design(season=4, horizon=4, stride=4))
    found = {place.name: place.scores for place in report.order}
    assert found["ets"].mase < 0.2 * found["seasonal naive"].mase
    assert found["theta"].mase < 0.5 * found["seasonal naive"].mase
    assert found["ets"].inside_95 > 0.9


def test_three_folds_are_too_few_to_tell():
    report = report_of(run_backtest(panel_of(random_walk()), lambda fold: 5.0, folds=3), backtest_design())
    assert "too few origins to tell" in report.verdict
    assert "(3 origins)" in report.verdict


def test_stride_below_the_horizon_counts_as_overlap():
    results = run_backtest(
        panel_of(random_walk()), lambda fold: float(fold % 3), folds=20, horizon=6, stride=2
    )
    report = report_of(results, backtest_design(horizon=6, stride=2))
    losses = {
        name: np.abs(results.actual - results.forecasts[name].point).mean(axis=1) / results.scales
        for name in (MODEL_NAME, "last value")
    }
    expected = diebold_mariano(losses[MODEL_NAME], losses["last value"], 3)
    found = next(p.test for p in report.order if p.name == "last value")
    assert found.p == pytest.approx(expected.p)


def test_windows_seen_in_training_are_named_and_count_for_nothing():
    panel = panel_of(random_walk(60))
    results = run_backtest(panel, lambda fold: 9.0 if fold == 4 else 0.5, folds=4, trained=np.array([57]))
    report = report_of(results, backtest_design(model="m.safetensors"))
    assert results.seen.tolist() == [True, True, True, False]
    assert counted_windows(results).tolist() == [False, False, False, True]
    assert (report.counted, report.seen, report.windows) == (1, 3, 4)
    text = backtest_text(report)
    assert text.count("  seen in training") == 3
    assert "3 of 4 windows were seen in training" in text
    assert next(p for p in report.order if p.name == MODEL_NAME).scores.mae > 5


def test_a_model_that_has_seen_everything_is_scored_with_a_warning():
    results = run_backtest(panel_of(random_walk(60)), lambda fold: 0.5, trained=np.array([60]))
    text = backtest_text(report_of(results, backtest_design(model="m.safetensors")))
    assert "warning     the model was trained on all values that it is scored on here" in text
    assert "(on values seen in training)" in " ".join(text.split())


def test_where_it_is_not_known_what_was_seen_that_is_said():
    results = run_backtest(panel_of(random_walk(60)), lambda fold: 0.5, trained=None)
    assert "the model may have seen all values" in " ".join(
        backtest_text(report_of(results, backtest_design())).split()
    )


def test_the_worst_series_come_first():
    panel = panel_of(random_walk(80, 1), random_walk(80, 2), random_walk(80, 3))
    report = report_of(run_backtest(panel, lambda fold: np.array([1.0, 9.0, 3.0])), backtest_design())
    assert [one.series for one in report.worst] == ["b", "c", "a"]
    assert report.worst[0].windows == 8


def test_the_lines_of_a_report_fit_a_terminal():
    panel = panel_of(random_walk(80, 1), 1e6 * random_walk(80, 2))
    text = backtest_text(
        report_of(run_backtest(panel, lambda fold: 1.0, season=12), backtest_design(season=12))
    )
    assert max(map(len, text.splitlines())) <= 84


@pytest.mark.parametrize("scale", [1.0, 0.00123, 1234567.0])
def test_numbers_of_any_size_stand_apart_in_the_tables(scale):
    panel = panel_of(scale * random_walk(120, 0))
    results = run_backtest(panel, lambda fold: 0.5 * fold)
    report = report_of(results, backtest_design(horizon=results.horizon, season=results.season))
    tables = {part.split(maxsplit=1)[0]: part.splitlines() for part in backtest_text(report).split("\n\n")}
    for head, cells in (("by", min(results.horizon, 8)), ("MASE", 7)):
        for place in report.order:
            line = next(line for line in tables[head] if line.startswith(place.name))
            assert len(line.removeprefix(place.name).replace(" %", "%").split()) == cells


def test_a_verdict_names_no_difference_of_nothing():
    zigzag = 50 + np.tile([0.0, 1.0, -1.0, 0.5], 20)
    results = run_backtest(panel_of(zigzag), lambda fold: 1e-5, only=("last value",))
    said = report_of(results, backtest_design()).verdict
    assert said.startswith("the errors of ") and " differ by less than 0.05% (MASE " in said
