"""`lstmcli backtest`: how good forecasts would have been, beside simple ones."""

import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.options import Assignments, CacheFolder, ReportForm, ReportFormat

if TYPE_CHECKING:
    from lstmcli.cli.commands.rolling import BacktestInput
    from lstmcli.console.screen import Screen
    from lstmcli.evaluation.backtest import FoldHistory, Results
    from lstmcli.evaluation.backtest_report import BacktestDesign, BacktestReport
    from lstmcli.evaluation.folds import Fold
    from lstmcli.series.panel import Forecast


class AlignOption(StrEnum):
    time = "time"
    end = "end"


def backtest(
    data: Annotated[
        list[str] | None,
        typer.Argument(help="CSV or Parquet files, or - for standard input. Default with -m: its data."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", "-m", envvar="LSTMCLI_MODEL", help="Model file to score.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="YAML file with settings to train with.")
    ] = None,
    assignment: Assignments = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Train anew for each fold, with the settings of the model.")
    ] = False,
    horizon: Annotated[int | None, typer.Option(min=1, help="Steps to forecast.")] = None,
    folds: Annotated[
        int | None, typer.Option(min=1, help="Origins to forecast from. Default: up to 5, by the data.")
    ] = None,
    stride: Annotated[
        int | None, typer.Option(min=1, help="Steps from one origin to the next. Default: the horizon.")
    ] = None,
    align: Annotated[
        AlignOption | None,
        typer.Option(
            help="Origins at one time in all series, or counted from the end of each. "
            "Default: time; with a model end."
        ),
    ] = None,
    baselines: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES", help="Also AutoETS, AutoTheta, AutoARIMA, AutoCES; several with commas."
        ),
    ] = None,
    form: ReportForm = ReportFormat.text,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="CSV file with every forecast and what came.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="PNG file with forecasts and error by step.")] = None,
    html: Annotated[
        str | None, typer.Option(help="HTML file with the report, and forecasts of every fold.")
    ] = None,
    cache: CacheFolder = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what every measure means, and end.")
    ] = False,
) -> None:
    """Tell how good forecasts would have been, beside simple ones.

    Goes back to several times in the data, forecasts what followed from what was known by then,
    and scores that. Without a model, or with --refit, a model is trained anew for each fold on what
    lies before it. A model file is scored as it is, and folds that it has seen in training are named.
    """
    from lstmcli.cli.commands.rolling import backtest_settings, prepare_model, prepare_refits, sources_of
    from lstmcli.console.screen import Screen
    from lstmcli.evaluation.backtest_report import report_of
    from lstmcli.evaluation.metrics import explanation
    from lstmcli.evaluation.statistical import check_names
    from lstmcli.files.output import write_out
    from lstmcli.jobs.html_reports import write_backtest_report

    if explain:
        write_out(explanation(), "-")
        return
    others = tuple(name.strip() for name in (baselines or "").split(",") if name.strip())
    check_names(others)
    _check_options(data, model, config, bool(assignment), refit)
    _check_outputs(output, plot, html, form)
    screen = Screen()
    if model is not None and not refit:
        prepared = prepare_model(data, model, horizon, screen, cache)
    else:
        settings = backtest_settings(model, config, horizon, tuple(assignment or ()), screen)
        prepared = prepare_refits(sources_of(data, model), settings, screen, cache)
    design, chosen = _design(prepared, model if not refit else None, folds, stride, align)
    results = _run(prepared, design, chosen, others, screen)
    report = report_of(results, design)
    _write_files(results, report, prepared, output, plot)
    if html is not None:
        write_backtest_report(html, results, report, prepared.targets)
    if "-" not in (str(output), html):
        write_out(_written(report, form), "-")


def _check_options(
    data: list[str] | None, model: Path | None, config: Path | None, assigned: bool, refit: bool
) -> None:
    from lstmcli.errors import UsageError

    if model is not None and config is not None:
        raise UsageError("--model has its settings: leave out --config, or --model")
    if model is not None and assigned and not refit:
        raise UsageError("--set changes how a model is trained: add --refit, or leave it out")
    if data is None and model is None:
        raise UsageError("name a CSV file, or a model with -m whose data is read again")


def _check_outputs(output: Path | None, plot: Path | None, html: str | None, form: ReportFormat) -> None:
    """What goes to standard output takes the place of the report there."""
    from lstmcli.errors import UsageError
    from lstmcli.files.write import check_can_create

    there = [flag for flag, path in (("--output", str(output)), ("--html", html)) if path == "-"]
    there += ["--format json"] if there and form is ReportFormat.json else []
    if len(there) > 1:
        raise UsageError(f"{' and '.join(there)} both go to standard output: name a file for {there[0]}")
    for path in (output, plot, html):
        if path is not None and str(path) != "-":
            check_can_create(Path(path))


def _design(
    prepared: "BacktestInput",
    model: Path | None,
    count: int | None,
    stride: int | None,
    align: AlignOption | None,
) -> "tuple[BacktestDesign, tuple[Fold, ...]]":
    """What was asked for, or what the data gives."""
    from lstmcli.evaluation.backtest import history_at
    from lstmcli.evaluation.backtest_report import BacktestDesign
    from lstmcli.evaluation.folds import make_folds, unseen_folds, usual_folds

    panel, horizon = prepared.panel, prepared.horizon
    stride = stride or horizon
    how = align or (AlignOption.time if model is None else AlignOption.end)
    usual = usual_folds(panel, horizon, stride)
    count = count or min(unseen_folds(panel, prepared.trained, horizon, stride), 10) or usual
    folds = make_folds(panel, horizon, stride, count, how.value)
    design = BacktestDesign(
        data=prepared.source,
        model=str(model or ""),
        step=panel.step.duration(1),
        season=prepared.season(history_at(panel, folds[0], horizon)),
        horizon=horizon,
        stride=stride,
        align=how.value,
    )
    return design, folds


def _run(
    prepared: "BacktestInput",
    design: "BacktestDesign",
    folds: "tuple[Fold, ...]",
    others: tuple[str, ...],
    screen: "Screen",
) -> "Results":
    from lstmcli.evaluation.backtest import run, simple_forecasters
    from lstmcli.evaluation.statistical import statistical_forecaster

    rivals = simple_forecasters(design.season) | {name: statistical_forecaster(name) for name in others}
    if others:
        screen.say(f"note: {', '.join(others)} fit every series of every fold anew, which may take long")
    forecast = prepared.forecast if design.model else _told(prepared, len(folds), screen)
    return run(prepared.panel, folds, design.season, design.horizon, forecast, rivals, prepared.trained)


def _told(prepared: "BacktestInput", folds: int, screen: "Screen") -> "Callable[[FoldHistory], Forecast]":
    """The forecaster, which says before each fold what it trains on, and after it how long is to go."""
    from lstmcli.series.calendar import advance, format_time
    from lstmcli.settings.durations import format_estimate

    def forecast(known: "FoldHistory") -> "Forecast":
        panel, started = known.training, time.perf_counter()
        last = advance(panel.starts, panel.step, panel.lengths - 1).max()
        screen.say(f"fold {known.fold}/{folds}    {panel.observations:,} values up to {format_time(last)}")
        made = prepared.forecast(known)
        seconds, left = time.perf_counter() - started, folds - known.fold
        to_go = f"; about {format_estimate(left * seconds)} to go" if left else ""
        screen.say(f"fold {known.fold}/{folds}    trained in {format_estimate(seconds)}{to_go}")
        return made

    return forecast


def _write_files(
    results: "Results",
    report: "BacktestReport",
    prepared: "BacktestInput",
    output: Path | None,
    plot: Path | None,
) -> None:
    if output is not None:
        from lstmcli.files.output import write_out
        from lstmcli.reports.text.backtest_json import forecast_columns
        from lstmcli.tables.write.tables import csv_of
        from lstmcli.tables.write.times import format_stamps

        columns = forecast_columns(
            results, prepared.time, lambda times: format_stamps(times, prepared.pattern)
        )
        write_out(csv_of(columns), str(output))
    if plot is not None:
        from lstmcli.reports.pictures.backtests import backtest_plot

        backtest_plot(results, report, plot)


def _written(report: "BacktestReport", form: ReportFormat) -> str:
    from lstmcli.reports.text.backtest import backtest_text
    from lstmcli.reports.text.backtest_json import report_json

    return report_json(report) if form is ReportFormat.json else backtest_text(report)
