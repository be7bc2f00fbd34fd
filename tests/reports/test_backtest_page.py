"""backtest --html: the page says what the report says, and draws the forecasts that count."""

import re
from dataclasses import replace

import numpy as np
import pytest
from builders import NASTY, Page, backtest_design, panel_of, random_walk, run_backtest

from lstmcli.evaluation.backtest import MODEL_NAME, FoldForecasts
from lstmcli.evaluation.backtest_report import counted_windows, report_of
from lstmcli.evaluation.metrics import meanings
from lstmcli.evaluation.scores import coverage_by_level
from lstmcli.evaluation.statistical import STATISTICAL_MODELS
from lstmcli.reports.html.backtest_page import backtest_page
from lstmcli.reports.html.markup import MOST_CHOICES


def page_of(results, **changes):
    """The report and its page as HTML."""
    changes = {"horizon": results.horizon, "season": results.season} | changes
    report = report_of(results, backtest_design(**changes))
    return report, backtest_page(results, report, ("load",), "lstmcli backtest data.csv --html x.html")


def wandering(series=2, **changes):
    walks = [random_walk(120, seed) for seed in range(series)]
    panel = replace(panel_of(*walks), keys=tuple((f"s{k}",) for k in range(series)))
    return run_backtest(panel, lambda fold: 0.5 * fold, **changes)


def row(*cells):
    """A row of a table as the text of a page."""
    return "".join(cells)


def test_the_page_says_what_the_report_says():
    report, text = page_of(wandering(season=4, trained=np.zeros(2, int)))
    page = Page(text)
    said = page.all_text()
    assert said.startswith("Backtest of load")
    verdict = report.verdict[:1].upper() + report.verdict[1:] + "."
    assert [a for tag, a in page.tags if a.get("class") == "finding"] == [{"class": "finding"}]
    assert said.count(verdict) == 1
    for place in report.order:
        scores = place.scores
        p = "-" if place.test is None else f"{place.test.p:.3f}" if place.test.p >= 0.001 else "<0.001"
        head = row(place.name, f"{scores.mase:.4g}", f"{place.skill:.1%}", p, f"{scores.mae:.4g}")
        assert head in said
    names = [place.name for place in report.order]
    for k in range(report.design.horizon):
        assert row(str(k + 1), *(f"{report.by_step[name][k]:.4g}" for name in names)) in said
    for fold in report.folds:
        errors = [f"{fold.scores[name].mase:.4g}" for name in names]
        assert row(f"{fold.number}: {fold.first}", *errors, str(fold.windows), str(fold.values)) in said
    for one in report.worst:
        assert row(one.series, str(one.windows), *(f"{one.errors[name]:.4g}" for name in names)) in said
    for name, meaning in meanings().items():
        assert f"{name}: {' '.join(meaning.split())}" in said
    assert "lstmcli backtest data.csv --html x.html" in said
    assert "in training" not in said


def test_intervals_are_measured_at_every_level():
    results = wandering(folds=4)
    actual = np.array([[1.0, 2.0, np.nan], [3.0, 4.0, 9.0]])
    quantiles = np.zeros((2, 3, 5)) + np.array([-5.0, 1.5, 2.0, 3.5, 5.0])  # 80 %: 2 of 5; 95 %: 4 of 5
    assert coverage_by_level(actual, quantiles, results.quantiles) == {"80": 2 / 5, "95": 4 / 5}
    quantiles[0, 0, 0] = np.nan
    assert coverage_by_level(actual, quantiles, results.quantiles) == {"80": 2 / 5}
    text = Page(page_of(results)[1]).all_text()
    counted, made = counted_windows(results), results.forecasts[MODEL_NAME]
    shares = coverage_by_level(results.actual[counted], made.values[counted], results.quantiles)
    for level, share in shares.items():
        assert row(f"{level} %", f"{share:.1%}", f"{100 * share - float(level):+.1f}") in text


def test_folds_that_were_seen_are_labelled_and_not_drawn():
    seen = wandering(folds=4, align="end", trained=np.array([112, 120]))
    report, text = page_of(seen, model="m.safetensors")
    said = Page(text).all_text()
    assert (report.seen, report.windows) == (6, 8)
    assert said.count("1 of 2 seen in training") == 2
    assert said.count("Those of values seen in training are left out.") == 1
    assert "6 of 8 windows were seen in training" in said
    assert text.count('class="mark"') == report.counted
    every = replace(seen, seen=np.ones(8, bool))
    text = page_of(every, model="m.safetensors")[1]
    said = Page(text).all_text()
    assert "(on values seen in training)." in said
    assert text.count('class="mark"') == 8
    unknown = Page(page_of(replace(seen, seen=None), model="m.safetensors")[1]).all_text()
    assert unknown.count("may be seen in training") == 4


def test_forecasts_in_a_chart_do_not_overlap():
    text = page_of(wandering(1, folds=12, stride=2), stride=2)[1]
    assert text.count('class="mark"') == 6
    assert "at most 8." in Page(text).all_text()
    text = page_of(wandering(1, folds=12))[1]
    assert text.count('class="mark"') == 8
    assert "at most 8." not in Page(page_of(wandering(1, folds=8))[1]).all_text()


def test_of_many_series_the_worst_are_shown_too():
    report, text = page_of(wandering(30, folds=2))
    page = Page(text)
    assert sum(tag == "option" for tag, _ in page.tags) == MOST_CHOICES
    shown = re.findall("<option[^>]*>([^<]+)<", text)
    assert {one.series for one in report.worst} <= set(shown)
    assert shown == sorted(shown, key=lambda name: int(name[1:]))
    assert "The page shows 24 of 30 series." in page.all_text()


def test_every_forecaster_has_a_line_of_its_own_and_one_far_beyond_leaves_the_chart():
    results = wandering(folds=5, season=4)
    point = results.forecasts["drift"].point
    others = {
        name: FoldForecasts(point + k, results.forecasts["drift"].values)
        for k, name in enumerate(STATISTICAL_MODELS)
    }
    others["AutoETS"] = FoldForecasts(point + 1e6, results.forecasts["drift"].values)
    _, text = page_of(replace(results, forecasts=results.forecasts | others))
    (chart,) = re.findall('<figure class="chart">\n<h3>MASE of each step.*?</figure>', text, re.DOTALL)
    looks = dict(re.findall('<i class="([^"]+)"></i>([^<]+)<', chart))
    assert sorted(looks.values()) == sorted([*results.forecasts, *STATISTICAL_MODELS])
    assert all(f"svg .{look} {{ stroke" in text and f".legend .{look}" in text for look in looks)
    assert "Beyond the chart, in part or all: AutoETS." in chart
    (line,) = re.findall(f'class="{next(k for k, v in looks.items() if v == MODEL_NAME)}" d="([^"]+)"', chart)
    assert min(float(point.split()[1]) for point in re.split("[ML]", line)[1:]) < 900


@pytest.mark.parametrize("constant", [False, True])
def test_one_series_and_one_step_leave_out_what_has_no_content(constant):
    panel = panel_of(np.full(60, 7.0) if constant else random_walk(60))
    panel = replace(panel, key_names=(), keys=((),))
    results = run_backtest(panel, lambda _: 1.0, folds=3, horizon=1, stride=1)
    report, text = page_of(results, stride=1)
    said = Page(text).all_text()
    assert report.metric == ("mae" if constant else "mase")
    assert f"forecast{report.metric.upper()}skillp" in said
    for heading in ("Error by step ahead", "Worst series"):
        assert heading not in said
    assert "1 step" in said
    assert "unknown" in said if constant else "unknown" not in said


def test_names_stay_text():
    panel = replace(panel_of(random_walk(), random_walk(seed=1)), keys=((NASTY,), ("b",)))
    results = run_backtest(panel, lambda _: 1.0)
    report = report_of(results, backtest_design(data=NASTY, model=NASTY))
    page = Page(backtest_page(results, report, (NASTY,), NASTY))
    assert "b" not in {tag for tag, _ in page.tags}
    # Series: choice, two headings, worst, data; target: title and heading, card; data: twice;
    # command; model: card, which shows the last part of a path, and table.
    assert page.all_text().count(NASTY) == 5 + 3 + 2 + 1 + 1
