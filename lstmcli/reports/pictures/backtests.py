"""Forecasts of several folds on the history, and the error by step beside simple forecasts."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.markers import CARETUP
from matplotlib.ticker import MaxNLocator

from lstmcli.errors.findings import plural
from lstmcli.evaluation.backtest import MODEL_NAME, Results
from lstmcli.evaluation.backtest_report import BacktestReport
from lstmcli.files.endings import form_of_picture
from lstmcli.files.write import write_atomically
from lstmcli.forecasting.intervals import display_intervals
from lstmcli.reports.pictures.forecasts import shades
from lstmcli.reports.pictures.style import (
    BLUE,
    CYCLE,
    GREY,
    INK,
    add_title,
    drawn_times,
    label_times,
    new_figure,
    picture_bytes,
    plot_style,
    series_title,
    thousands,
    without_formula,
)
from lstmcli.reports.thinning import thin_band, thin_line

_SHOWN_SERIES = 3
_SHOWN_FOLDS = 8
_FAR = 2.5  # times the largest error of the best two forecasters: lines beyond leave the picture
_MARKERS = ("o", "^", "s", "D", "v", "P", "X")


def backtest_plot(
    results: Results,
    report: BacktestReport,
    targets: tuple[str, ...],
    path: Path,
    last: int | None = None,
    unit: str = "",
) -> None:
    """At most three series with the forecasts of their last folds, then the error by step; PNG, SVG or PDF by
    the ending. last: values drawn before the first of these forecasts, by default a horizon; unit: of the
    values."""
    write_atomically(path, backtest_picture(results, report, targets, form_of_picture(path), last, unit))


def backtest_picture(
    results: Results,
    report: BacktestReport,
    targets: tuple[str, ...],
    form: str,
    last: int | None = None,
    unit: str = "",
) -> bytes:
    """The picture of `backtest_plot` in a form, as of `picture_bytes`."""
    with plot_style():
        return picture_bytes(_drawn(results, report, targets, last, unit), form)


def _drawn(
    results: Results, report: BacktestReport, targets: tuple[str, ...], last: int | None, unit: str
) -> Figure:
    every, counts = np.unique(results.series, return_counts=True)
    shown = every[np.argsort(-counts, kind="stable")[:_SHOWN_SERIES]]
    heights = [3.3] + [2.4] * (len(shown) - 1) + [3.3]
    page = new_figure(10.5, sum(heights) + 0.4)
    grid = page.subplots(len(heights), 1, gridspec_kw={"height_ratios": heights})
    for series, axes in zip(shown, grid, strict=False):
        _folds(axes, results, int(series), last)
        axes.set_ylabel(without_formula(unit))
    names_of = [series_title(results.panel.name(int(series)), targets) for series in shown]
    found = (
        f"{report.metric.upper()} {_error(report, MODEL_NAME):.3g} over {plural(report.counted, 'window')}"
    )
    if len(every) > len(shown):
        found += f"; {len(shown)} of {len(every):,} series are shown"
    add_title(grid[0], f"Forecasts from each origin: {without_formula(names_of[0])}", found)
    for name, axes in zip(names_of[1:], grid[1:], strict=False):
        axes.set_title(without_formula(name))
    handles, names = grid[0].get_legend_handles_labels()
    grid[0].legend(handles, names, loc="upper left", ncols=len(names), fontsize=8.5)
    _by_step(grid[-1], report, unit)
    return page


def _folds(axes: Axes, results: Results, series: int, last: int | None) -> None:
    """One series around its last folds."""
    panel, horizon = results.panel, results.horizon
    windows = np.flatnonzero(results.series == series)[-_SHOWN_FOLDS:]
    origins = results.origins[windows]
    start = max(0, int(origins[0]) - (last or horizon))
    history = panel.history(series)[start : int(origins[-1]) + horizon]
    came = panel.times(series, start, len(history))
    axes.plot(
        *thin_line(drawn_times(came, panel.step, panel.zone), history),
        color=INK,
        linewidth=1,
        label="what came",
    )
    for number, (window, origin) in enumerate(zip(windows, origins, strict=True)):
        quantiles = results.forecasts[MODEL_NAME].values[window]
        times = drawn_times(panel.times(series, int(origin), horizon), panel.step, panel.zone)
        first, bands = number == 0, display_intervals(results.quantiles)
        for (low, high), shade in zip(bands, shades(len(bands)), strict=True):
            below, above = (quantiles[:, results.quantiles.index(q)] for q in (low, high))
            label = f"{high - low:.0%} interval" if first else None
            axes.fill_between(*thin_band(times, below, above), color=shade, linewidth=0, label=label)
        axes.plot(
            *thin_line(times, results.forecasts[MODEL_NAME].point[window]),
            color=BLUE,
            linewidth=1.6,
            label="forecast" if first else None,
        )
        seen = results.seen is not None and bool(results.seen[window])
        axes.axvline(times[0], color=GREY, linewidth=0.9, linestyle=":" if seen else "--", zorder=1)
        if seen:
            axes.annotate(
                "seen in training", (times[0], 0.02), xycoords=("data", "axes fraction"), xytext=(3, 0),
                textcoords="offset points", rotation=90, va="bottom", color=GREY, fontsize=8,
            )  # fmt: skip
    label_times(axes, came, panel.step)
    thousands(axes)
    low, top = axes.get_ylim()
    axes.set_ylim(low, top + 0.22 * (top - low))  # for the legend


def _by_step(axes: Axes, report: BacktestReport, unit: str) -> None:
    steps = np.arange(1.0, report.design.horizon + 1)
    for number, (name, errors) in enumerate(report.by_step.items()):
        known = np.array([np.nan if error is None else error for error in errors])
        x, y = thin_line(steps, known)
        axes.plot(
            x,
            y,
            color=CYCLE[number % len(CYCLE)],
            marker=_MARKERS[number % len(_MARKERS)],
            markersize=4,
            markevery=max(1, len(x) // 24),
            linewidth=2 if name == MODEL_NAME else 1.2,
            label=name,
        )
    top = _top(report)
    axes.set_ylim(0, top)
    thousands(axes)
    axes.margins(x=0.02)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(f"step of the forecast (1 step is {report.design.step})")
    scaled = report.metric == "mase"
    in_unit = "" if scaled or not unit else f", {without_formula(unit)}"
    axes.set_ylabel(f"{'scaled' if scaled else 'mean'} absolute error{in_unit}")
    # Outside: curves may go anywhere, those that leave the picture too.
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8.5)
    found = report.verdict.partition(";")[0]
    beyond = [name for name, errors in report.by_step.items() if max(_known(errors), default=0.0) > top]
    if beyond:
        found += f"; cut off above: {', '.join(beyond)}"
        _mark_clipped(axes, report, beyond, top)
    add_title(axes, "Error by step", found)


def _known(errors: list[float | None]) -> list[float]:
    return [error for error in errors if error is not None]


def _mark_clipped(axes: Axes, report: BacktestReport, names: list[str], top: float) -> None:
    """An arrow at the upper edge wherever a curve is above it."""
    for number, (name, errors) in enumerate(report.by_step.items()):
        above = [step for step, error in enumerate(errors, 1) if error is not None and error > top]
        if name in names:
            axes.plot(
                above, [top] * len(above), linestyle="", marker=CARETUP, markersize=7, clip_on=False,
                color=CYCLE[number % len(CYCLE)],
            )  # fmt: skip


def _top(report: BacktestReport) -> float:
    """Room for all errors; for those of the best two where others are far beyond."""
    worst = [max((e for e in report.by_step[p.name] if e is not None), default=0.0) for p in report.order]
    return 1.08 * min(max(worst), _FAR * max(worst[:2])) or 1.0


def _error(report: BacktestReport, name: str) -> float:
    return next(float(getattr(place.scores, report.metric)) for place in report.order if place.name == name)
