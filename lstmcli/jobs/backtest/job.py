"""A backtest from its options to its report."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from lstmcli.evaluation.backtest import (
    FoldHistory,
    Results,
    each_series,
    forecast_folds,
    history_at,
    simple_forecasters,
)
from lstmcli.evaluation.backtest_report import BacktestDesign, BacktestReport, report_of
from lstmcli.evaluation.folds import Fold, make_folds, unseen_folds, usual_folds
from lstmcli.evaluation.statistical import check_names, statistical_forecaster
from lstmcli.forecasting.horizon import steps_of
from lstmcli.jobs.backtest.options import BacktestOptions
from lstmcli.jobs.backtest.source import BacktestSource, source_of
from lstmcli.jobs.reporter import ProgressReporter
from lstmcli.network.builtin_file import name_of_model
from lstmcli.series.closed_zeros import closed_word
from lstmcli.series.forecast import Forecast
from lstmcli.settings.durations import format_estimate

_MOST_UNSEEN = 10  # folds of a model on what is new to it, where their number is not given


@dataclass(frozen=True)
class BacktestRun:
    """All forecasts, and the report on them."""

    source: BacktestSource
    results: Results
    report: BacktestReport


def run_backtest(options: BacktestOptions, reporter: ProgressReporter) -> BacktestRun:
    """Raises UsageError for baselines that are not known, and as `backtest_of`; DataError and SettingsError
    as training and forecasting do."""
    check_names(options.baselines)
    return backtest_of(source_of(options, reporter), options, reporter)


def backtest_of(source: BacktestSource, options: BacktestOptions, reporter: ProgressReporter) -> BacktestRun:
    """The backtest of what was read. Raises UsageError for more folds than the data has room for."""
    if source.panel.step.zeros:
        what = closed_word(source.panel.step)
        reporter.say(f"note: closed {what} are not scored: their zeros would be right in every forecast")
    design, folds = _design(options, source)
    found = simple_forecasters(design.season)
    found |= {name: each_series(statistical_forecaster(name)) for name in options.baselines}
    if options.baselines:
        names = ", ".join(options.baselines)
        reporter.say(f"note: {names} are fitted to every series of every fold, which may take long")
    forecast = _timed(source, len(folds), reporter) if options.trains else source.forecast
    results = forecast_folds(
        source.panel, folds, design.season, design.horizon, forecast, found, source.trained
    )
    return BacktestRun(source, results, report_of(results, design))


def _design(options: BacktestOptions, source: BacktestSource) -> tuple[BacktestDesign, tuple[Fold, ...]]:
    """What the options ask for, or what the data has room for."""
    panel, horizon = source.panel, source.horizon
    stride = steps_of(panel.step, options.stride) if options.stride else horizon
    align = options.align or ("time" if options.trains else "end")
    unseen = min(unseen_folds(panel, source.trained, horizon, stride), _MOST_UNSEEN)
    count = options.folds or unseen or usual_folds(panel, horizon, stride)
    folds = make_folds(panel, horizon, stride, count, align)
    design = BacktestDesign(
        data=source.source,
        model="" if options.model is None or options.trains else name_of_model(options.model),
        step=panel.step.duration(1),
        season=source.season(history_at(panel, folds[0], horizon)),
        horizon=horizon,
        stride=stride,
        align=align,
        zone=panel.zone,
    )
    return design, folds


def _timed(
    source: BacktestSource, folds: int, reporter: ProgressReporter
) -> Callable[[FoldHistory], Forecast]:
    """The forecaster, which reports each fold before it is trained, and after it how long the rest takes."""

    def forecast(known: FoldHistory) -> Forecast:
        panel, started = known.training, time.perf_counter()
        last = panel.ends.max()
        shown = panel.shown_time(last)
        reporter.say(f"fold {known.fold}/{folds}    {panel.observations:,} values up to {shown}")
        made = source.forecast(known)
        seconds, left = time.perf_counter() - started, folds - known.fold
        to_go = f"; about {format_estimate(left * seconds)} to go" if left else ""
        reporter.say(f"fold {known.fold}/{folds}    trained in {format_estimate(seconds)}{to_go}")
        return made

    return forecast
