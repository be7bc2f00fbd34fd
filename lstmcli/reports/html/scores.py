"""How good a model was on values that it had not learned from, on a page."""

from collections.abc import Iterator, Mapping

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.evaluation.scores import Metric, error_of
from lstmcli.evaluation.validation import ValidationReport
from lstmcli.reports.html.axes import Axis, count_axis, number_axis
from lstmcli.reports.html.charts import ChartLine, chart
from lstmcli.reports.html.markup import chart_row, html_table, paragraph, section, stack

# A model file does not keep the order of names.
_ORDER = ("model", "network alone", "built-in", "ets", "theta", "seasonal naive", "last value")
_LOOKS = {"model": "forecast", "seasonal naive": "simple"}
_TENTHS = Axis(0, 100, tuple((p, f"{p} %") for p in (0, 25, 50, 75, 100)))


def scores_section(scores: ValidationReport) -> str:
    """scores: of the windows held out, on which nothing was learned."""
    text = (
        f"On {plural(scores.windows, 'window')} at the end of the series that training did not see. "
        "MASE is the error over the mean change from one season to the next. Less is better."
    )
    return section(
        "Is it any good?",
        paragraph(text, "quiet"),
        _skill(scores),
        chart_row([_by_step(scores), coverage_section(scores.coverage)]),
    )


def skill_card(scores: ValidationReport) -> tuple[str, str, str]:
    """The card that says whether the model is better than a simple forecast."""
    skill = scores.skill
    if skill is None:
        return "skill", "unknown", "the simple forecast has no error"
    return "skill", f"{abs(skill):.1%} {'less' if skill > 0 else 'more'} error", "than seasonal naive"


def coverage_card(shares: Mapping[str, float]) -> Iterator[tuple[str, str, str]]:
    """The card of the interval nearest to 80 %; shares: as of `coverage_section`."""
    if shares:
        level = min(shares, key=lambda text: abs(float(text) - 80))
        yield "coverage", f"{shares[level]:.1%}", f"of values in the {level} % interval"


def _skill(scores: ValidationReport) -> str:
    naive = scores.errors["seasonal naive"]
    rows = []
    for name in sorted(scores.errors, key=_ORDER.index):
        errors = scores.errors[name]
        against = "-"
        metric: Metric = "mae" if errors.mase is None or not naive.mase else "mase"
        if name != "seasonal naive" and error_of(naive, metric):
            against = f"{error_of(errors, metric) / error_of(naive, metric) - 1:+.1%}"
        mase = "-" if errors.mase is None else f"{errors.mase:.3f}"
        rows.append((name, f"{errors.mae:.4g}", f"{errors.smape:.2f} %", mase, against))
    return html_table(("forecast", "MAE", "sMAPE", "MASE", "against naive"), rows)


def _by_step(scores: ValidationReport) -> str:
    """Nothing for a model file of before, which holds no errors by step."""
    by_step = scores.by_step
    lines = {name: np.array(by_step[name], np.float64) for name in sorted(by_step, key=_ORDER.index)}
    horizon = max((len(line) for line in lines.values()), default=0)
    if horizon < 2:
        return ""
    x = np.arange(1, horizon + 1, dtype=np.float64)
    curves = [ChartLine(x, line, _LOOKS[name], name) for name, line in lines.items()]
    across = count_axis(1, horizon, "steps ahead", wanted=5)
    up = number_axis(np.concatenate(list(lines.values())), scores.by_step_metric, with_zero=True)
    return chart(
        "Error by step ahead",
        curves,
        across,
        up,
        "Of each step of the forecast, over all windows.",
        tall=False,
    )


def coverage_section(shares: Mapping[str, float]) -> str:
    """Chart and table of the share of values inside each interval, by its level in percent."""
    if not shares:
        return ""
    levels = sorted(shares, key=float)
    x = np.array([float(level) for level in levels])
    y = np.array([100 * shares[level] for level in levels])
    ideal = ChartLine(np.array([0.0, 100.0]), np.array([0.0, 100.0]), "ideal", "as promised")
    lines_chart = chart(
        "Do the intervals hold?",
        [ideal, ChartLine(x, y, "forecast", "measured", dots=True)],
        Axis(0, 100, _TENTHS.ticks, "promised"),
        Axis(0, 105, _TENTHS.ticks, "share of values inside"),
        "Points above the line: wider than needed; below: too narrow.",
        tall=False,
    )
    rows = [
        (f"{level} %", f"{shares[level]:.1%}", f"{100 * shares[level] - float(level):+.1f}")
        for level in levels
    ]
    return stack("", lines_chart, html_table(("interval", "measured", "points off"), rows))
