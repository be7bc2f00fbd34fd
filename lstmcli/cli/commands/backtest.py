"""`lstmcli backtest`: accuracy on past data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.options import (
    AlarmsOfWatch,
    Assignments,
    CacheFolder,
    ContextOption,
    NoHeader,
    OnDuplicateOption,
    OnGapOption,
    ResampleOption,
    SeasonOption,
    StepOption,
    TargetOption,
    TimeOption,
    WriteDecimalMark,
    WriteSeparator,
    model_option,
    output_option,
    with_reading_options,
)
from lstmcli.settings.choices import Alignment, ReportFormat

if TYPE_CHECKING:
    from lstmcli.jobs.backtest.options import BacktestOptions, BacktestOutputs


def _alarm_scores(
    options: "BacktestOptions",
    outputs: "BacktestOutputs",
    asked: tuple[str, str | None],
    policies: dict[str, str],
    reading: tuple[str, ...],
) -> str:
    """The report of --watch. asked: the labels and the budget."""
    from lstmcli.console.screen import Screen
    from lstmcli.jobs.backtest.alarms import AlarmBacktestOptions, backtest_alarms, check_unfit
    from lstmcli.jobs.model_choice import data_settings
    from lstmcli.network.builtin_file import BUILTIN_FILE
    from lstmcli.reports.forms import report_in
    from lstmcli.reports.text.alarm_scores import alarm_scores_json, alarm_scores_text

    check_unfit(options, outputs)
    path = options.model or BUILTIN_FILE
    settings, chosen = data_settings(path, options.config, policies, reading)
    wanted = AlarmBacktestOptions(tuple(options.data or ()), path, *asked, chosen, settings)
    scores = backtest_alarms(wanted, Screen())
    text, document = (lambda: alarm_scores_text(scores)), (lambda: alarm_scores_json(scores))
    return report_in(outputs.form, "Alarms beside known faults", text, document)


def backtest(
    data: Annotated[
        list[str] | None,
        typer.Argument(
            help="CSV, Excel, JSON or Parquet files, - for standard input. Default with -m: its data."
        ),
    ] = None,
    model: Annotated[Path | None, model_option("Model file to score")] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", "-c", help="YAML file with settings to train with, or of the data for -m builtin."
        ),
    ] = None,
    assignment: Assignments = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Train a model for each fold, with the settings of the model.")
    ] = False,
    horizon: Annotated[int | None, typer.Option(min=1, help="Steps to forecast.")] = None,
    target: TargetOption = None,
    time: TimeOption = None,
    season: SeasonOption = None,
    context: ContextOption = None,
    step: StepOption = None,
    resample: ResampleOption = None,
    on_gap: OnGapOption = None,
    on_duplicate: OnDuplicateOption = None,
    no_header: NoHeader = False,
    folds: Annotated[
        int | None, typer.Option(min=1, help="Origins to forecast from. Default: up to 5, by the data.")
    ] = None,
    stride: Annotated[
        int | None, typer.Option(min=1, help="Steps from one origin to the next. Default: the horizon.")
    ] = None,
    align: Annotated[
        Alignment | None,
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
    watch: Annotated[
        str | None,
        typer.Option(
            metavar="LABELS",
            help="Score the alarms of watch instead of forecasts: CSV file of known faults, with the "
            "series columns, start and end.",
        ),
    ] = None,
    alarms: AlarmsOfWatch = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="Form of the report on standard output.")
    ] = "text",
    output: Annotated[
        str | None,
        output_option(
            "Table of every forecast and the actual values, its form by the ending: "
            ".csv, .tsv, .json, .ndjson, .jsonl, .parquet or .xlsx; - for CSV on standard output."
        ),
    ] = None,
    write_separator: WriteSeparator = None,
    write_decimal: WriteDecimalMark = None,
    plot: Annotated[
        Path | None, typer.Option(help="Picture with forecasts and error by step: .png, .svg or .pdf.")
    ] = None,
    show_last: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="With --plot: values drawn before the first forecast."),
    ] = None,
    html: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="HTML file with the report, and forecasts of every fold."),
    ] = None,
    cache: CacheFolder = None,
    explain: Annotated[bool, typer.Option("--explain", help="Explain every metric, and end.")] = False,
) -> None:
    """Measure accuracy on past data against simple baselines.

    Goes back to several times in the data, forecasts from what was known then, and scores the
    forecasts. Without a model, or with --refit, a model is trained for each fold on the data before
    it. A model file is scored as it is, and folds that it saw in training are marked; the built-in
    network has seen none.
    """
    from lstmcli.console.manner import output_mode
    from lstmcli.console.screen import Screen
    from lstmcli.errors import UsageError
    from lstmcli.evaluation.metrics import explanation
    from lstmcli.files.output import write_out
    from lstmcli.jobs.backtest.job import run_backtest
    from lstmcli.jobs.backtest.options import BacktestOptions, BacktestOutputs
    from lstmcli.jobs.backtest.outputs import report_text, write_outputs
    from lstmcli.model_file import files_read
    from lstmcli.tables.write.dialects import AskedDialect

    if explain:
        write_out(explanation(), "-")
        return
    if alarms is not None and watch is None:
        raise UsageError("--alarms belongs to --watch LABELS.csv")
    settings = with_reading_options(
        assignment, no_header, step=step, resample=resample, on_gap=on_gap, on_duplicate=on_duplicate,
        target=target, time=time, season=season, context=context,
    )  # fmt: skip
    options = BacktestOptions(
        data=data,
        model=model,
        config=config,
        assignments=settings,
        refit=refit,
        horizon=horizon,
        folds=folds,
        stride=stride,
        align=align,
        baselines=tuple(name.strip() for name in (baselines or "").split(",") if name.strip()),
        cache=cache,
    )
    named = (str(path) for path in (config, watch) if path is not None)
    inputs = (*files_read(data, model, "backtest"), *named)
    dialect = AskedDialect(write_separator, write_decimal)
    outputs = BacktestOutputs(output, plot, html, form, dialect, inputs, show_last)
    if watch is not None:
        policies = {"on_gap": on_gap or "mask", "on_duplicate": on_duplicate or "last"}
        reading = with_reading_options(
            assignment, no_header, step=step, resample=resample, target=target, time=time, season=season
        )
        write_out(_alarm_scores(options, outputs, (watch, alarms), policies, reading), "-")
        return
    run = run_backtest(options, Screen())
    write_outputs(run, outputs)
    in_files = form == "text" and any(named is not None for named in (output, plot, html))
    if outputs.prints_report and not (in_files and output_mode().quiet):
        write_out(report_text(run, outputs), "-")
