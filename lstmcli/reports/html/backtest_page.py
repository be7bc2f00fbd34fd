"""The report of `backtest`: how good forecasts would have been, beside simple ones."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.findings import plural
from lstmcli.errors.foreign import shown
from lstmcli.evaluation.backtest import MODEL_NAME, Results
from lstmcli.evaluation.backtest_report import BacktestReport, FoldScores, Ranking, counted_windows
from lstmcli.evaluation.metrics import meanings
from lstmcli.evaluation.scores import Scores, coverage_by_level
from lstmcli.reports.html.axes import Axis, count_axis, number_axis
from lstmcli.reports.html.charts import ChartLine, chart
from lstmcli.reports.html.data import data_section
from lstmcli.reports.html.forecasts import OriginForecast, forecasts_section
from lstmcli.reports.html.markup import (
    MOST_CHOICES,
    cards,
    chart_row,
    details_block,
    finding,
    html_page,
    html_table,
    meaning_list,
    paragraph,
    preformatted_block,
    section,
    stack,
    strong,
    unbroken,
)
from lstmcli.reports.html.scores import coverage_card, coverage_section
from lstmcli.reports.text.backtest import (
    ERRORS,
    INTERVALS,
    format_metric,
    format_number,
    is_trained_on,
    left_out_text,
    p_cell,
    verdict_of,
    warning_of,
)
from lstmcli.series.arrays import Flags

_METRICS = ERRORS | INTERVALS
_SHOWN_FOLDS = 8  # forecasts in a chart
_ROWS = 100  # steps in a table
_FAR = 2.5  # times the largest error of the best two forecasters: lines beyond leave the chart
_LOOKS = {MODEL_NAME: "forecast", "seasonal naive": "simple"}
_OTHER_LOOKS = tuple(f"other{k}" for k in range(1, 9))


def backtest_page(results: Results, report: BacktestReport, targets: Sequence[str], command: str) -> str:
    """The page as HTML. targets: columns that were forecast; command: the command line, as typed."""
    counted, design = counted_windows(results), report.design
    shares = {
        name: coverage_by_level(results.actual[counted], made.values[counted], results.quantiles)
        for name, made in results.forecasts.items()
    }
    warning = warning_of(report)
    body = [
        finding(_sentence(verdict_of(report))),
        finding(_sentence(warning)) if warning else "",
        cards(_facts(results, report, shares[MODEL_NAME])),
        paragraph(_sentence(left_out_text(report)), "quiet") if report.left_out else "",
        _leaderboard(report),
        _forecasts(results, report, counted, targets[0]),
        _by_step(report),
        _folds(report),
        _intervals(report, shares),
        _worst(report),
        data_section(results.panel, design.data, design.season, tuple(targets)),
        _made(report, command),
    ]
    return html_page(f"Backtest of {', '.join(targets[:3])}", body)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _facts(
    results: Results, report: BacktestReport, shares: dict[str, float]
) -> Iterator[tuple[str, str, str]]:
    design, many = report.design, len(report.folds)
    skill = next(place.skill for place in report.order if place.name == MODEL_NAME)
    if skill is None:
        yield "skill", "unknown", "the simple forecast has no error"
    else:
        less = f"{abs(skill):.1%} {'less' if skill >= 0 else 'more'} error"
        yield "skill", less, f"than {report.reference}"
    yield from coverage_card(shares)
    yield "forecasts", plural(design.horizon, "step"), results.panel.step.span(design.horizon)
    apart = f"{plural(design.stride, 'step')} apart"
    yield "folds", f"{many}", apart if many > 1 else ""
    every = "each of one series and fold"
    left = f"of {report.windows:,}, the others were seen"
    yield "windows", f"{report.counted:,}", every if report.counted == report.windows else left
    yield (
        ("model", "as it is", Path(design.model).name)
        if design.model
        else ("model", "trained", "for each fold")
    )


def _names(report: BacktestReport) -> list[str]:
    return [place.name for place in report.order]


def _leaderboard(report: BacktestReport) -> str:
    """All forecasters; the metric that decides comes first, so that a narrow screen shows it."""
    first = report.metric.upper()
    others = {name: field for name, field in _METRICS.items() if name != first}

    def row(place: Ranking) -> tuple[object, ...]:
        skill = "-" if place.skill is None else f"{place.skill:.1%}"
        decisive = format_number(getattr(place.scores, report.metric))
        return _name(place.name), decisive, skill, p_cell(place), *_cells(place.scores, others)

    windows = f"{report.counted:,} window{'s' if report.counted > 1 else ''}"
    text = (
        f"{windows}, best first. Skill: less error than {report.reference}. p: "
        "Diebold-Mariano p-value for equal accuracy with the model; below 0.05 the difference is significant."
    )
    return section(
        "Who is best?",
        paragraph(text, "quiet"),
        html_table(("forecast", first, "skill", "p", *others), map(row, report.order)),
        details_block("What the metrics mean", meaning_list(meanings().items())),
    )


def _name(name: str) -> str:
    return strong(name) if name == MODEL_NAME else name


def _cells(scores: Scores, metrics: dict[str, str]) -> list[str]:
    return [format_metric(getattr(scores, field), name) for name, field in metrics.items()]


def _forecasts(results: Results, report: BacktestReport, counted: Flags, target: str) -> str:
    runs = _runs(results, report, counted)
    shown = sum(map(len, runs.values()))
    some = np.isin(results.series, list(runs)) & counted
    text = "What the model forecast at each origin, and what came. Dotted: the last value it knew."
    if shown < some.sum():
        text += f" Of each series the last forecasts that do not overlap, at most {_SHOWN_FOLDS}."
    if not counted.all():
        text += " Those of values seen in training are left out."
    if len(results.panel) > len(runs) and report.worst:
        text += " The worst series are among those shown."
    return forecasts_section("Forecasts", results.panel, runs, target, text, numbers=False)


def _runs(results: Results, report: BacktestReport, counted: Flags) -> dict[int, list[OriginForecast]]:
    """The last forecasts of some series, oldest first, none over the values of another."""
    worst = {one.series for one in report.worst}
    every = sorted(
        np.unique(results.series[counted]), key=lambda s: results.panel.exact_name(int(s)) not in worst
    )
    runs: dict[int, list[OriginForecast]] = {}
    for s in sorted(every[:MOST_CHOICES]):
        kept: list[OriginForecast] = []
        for window in np.flatnonzero(counted & (results.series == s))[::-1]:
            origin = int(results.origins[window])
            if len(kept) < _SHOWN_FOLDS and (not kept or origin + results.horizon <= kept[0].origin):
                kept.insert(
                    0, OriginForecast(origin, results.quantiles, results.forecasts[MODEL_NAME].values[window])
                )
        runs[int(s)] = kept
    return runs


def _by_step(report: BacktestReport) -> str:
    """Chart and table; of one step there is nothing more to say than the leaderboard does."""
    horizon, names = report.design.horizon, _names(report)
    if horizon < 2:
        return ""
    errors = {name: np.array(report.by_step[name], np.float64) for name in names}
    curves = [
        ChartLine(np.arange(1.0, horizon + 1), errors[name], look, name)
        for name, look in _looks(names).items()
    ]
    metric = report.metric.upper()
    up, beyond = _up(errors, metric)
    text = f"1 step is {report.design.step}."
    text += f" Beyond the chart, in part or all: {', '.join(beyond)}." if beyond else ""
    shown = np.unique(np.linspace(1, horizon, min(horizon, _ROWS)).round().astype(int))
    rows = [(step, *(format_number(report.by_step[name][step - 1]) for name in names)) for step in shown]
    return section(
        "Error by step ahead",
        chart(f"{metric} of each step", curves, count_axis(1, horizon, "steps ahead"), up, text),
        details_block("In numbers", html_table(("step", *names), rows)),
    )


def _looks(names: Sequence[str]) -> dict[str, str]:
    """A line for each forecaster, in the same order."""
    others = [name for name in sorted(names) if name not in _LOOKS]
    looks = _LOOKS | {name: _OTHER_LOOKS[k % len(_OTHER_LOOKS)] for k, name in enumerate(others)}
    return {name: looks[name] for name in names}


def _up(errors: dict[str, NDArray[np.float64]], metric: str) -> tuple[Axis, list[str]]:
    """An axis for all errors, or for those of the best where others are far beyond; and which are."""
    largest = {name: float(np.nanmax(line, initial=0.0)) for name, line in errors.items()}
    most = _FAR * max(list(largest.values())[:2])
    inside = [line[line <= most] for line in errors.values()]
    axis = number_axis(np.concatenate(inside), metric, with_zero=True)
    return axis, [name for name, error in largest.items() if error > axis.high]


def _folds(report: BacktestReport) -> str:
    """Error of every forecaster in each fold; all metrics of the model below."""
    names, judged = _names(report), bool(report.design.model)

    def row(fold: FoldScores) -> tuple[object, ...]:
        errors = [format_number(getattr(fold.scores[name], report.metric)) for name in names]
        seen = [is_trained_on(fold)] if judged else []
        return _fold_name(fold), *seen, *errors, f"{fold.windows:,}", f"{fold.values:,}"

    heads = ("fold: origin", *(["training"] if judged else []), *names, "windows", "values")
    model = [(fold.number, *_cells(fold.scores[MODEL_NAME], _METRICS)) for fold in report.folds]
    text = (
        f"{report.metric.upper()} in each fold, the oldest first. Origin: the last known time; values: "
        "known by then."
    )
    return section(
        "Folds",
        paragraph(text, "quiet"),
        html_table(heads, map(row, report.folds), texts=2 if judged else 1),
        details_block("All metrics of the model", html_table(("fold", *_METRICS), model)),
    )


def _fold_name(fold: FoldScores) -> str:
    """Its number and origins, with no stamp broken over two lines."""
    times = " to ".join(dict.fromkeys((fold.first, fold.last)))
    return unbroken(f"{fold.number}: {times}")


def _intervals(report: BacktestReport, shares: dict[str, dict[str, float]]) -> str:
    given = [name for name in _names(report) if shares[name] and name != MODEL_NAME]
    levels = sorted({level for name in given for level in shares[name]}, key=float)
    rows = [
        (f"{level} %", *(f"{shares[name][level]:.1%}" if level in shares[name] else "-" for name in given))
        for level in levels
    ]
    beside = html_table(("interval", *given), rows)
    return section(
        "Intervals",
        chart_row(
            [coverage_section(shares[MODEL_NAME]), stack("Those of the others", beside) if beside else ""]
        ),
    )


def _worst(report: BacktestReport) -> str:
    names = _names(report)
    rows = [
        (shown(one.series), f"{one.windows:,}", *(format_number(one.errors[name]) for name in names))
        for one in report.worst
    ]
    text = f"{report.metric.upper()} of the series in which the model's error is largest."
    return section(
        "Worst series",
        paragraph(text, "quiet") if rows else "",
        html_table(("series", "windows", *names), rows),
    )


def _made(report: BacktestReport, command: str) -> str:
    design = report.design
    rows = [
        ("data", design.data),
        ("model", design.model or "trained for each fold, on what lies before it"),
        ("step", design.step),
        ("season", f"{design.season} steps" if design.season > 1 else "none"),
        ("horizon", f"{design.horizon} steps"),
        ("from one origin to the next", f"{design.stride} steps"),
        ("origins", "at one time" if design.align == "time" else "counted from the end of each series"),
    ]
    return section(
        "How it was made", preformatted_block([command]), html_table(("what", "value"), rows, texts=2)
    )
