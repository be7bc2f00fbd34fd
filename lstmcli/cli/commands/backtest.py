"""`lstmcli backtest`: accuracy on past data."""

from pathlib import Path
from typing import Annotated

import typer

from lstmcli.cli.options import (
    Assignments,
    CacheFolder,
    NoHeader,
    OnDuplicateOption,
    OnGapOption,
    ResampleOption,
    StepOption,
    WriteDecimalMark,
    WriteSeparator,
    model_option,
    output_option,
    with_reading_options,
)
from lstmcli.settings.choices import Alignment, ReportFormat


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
        str | None, typer.Option(help="HTML file with the report, and forecasts of every fold.")
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
    from lstmcli.console.screen import Screen
    from lstmcli.evaluation.metrics import explanation
    from lstmcli.files.output import write_out
    from lstmcli.jobs.backtest.job import run_backtest
    from lstmcli.jobs.backtest.options import BacktestOptions, BacktestOutputs
    from lstmcli.jobs.backtest.outputs import report_text, write_outputs
    from lstmcli.tables.write.dialects import AskedDialect

    if explain:
        write_out(explanation(), "-")
        return
    settings = with_reading_options(
        assignment, no_header, step=step, resample=resample, on_gap=on_gap, on_duplicate=on_duplicate
    )
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
    inputs = (*(data or ()), *(str(path) for path in (model, config) if path is not None))
    dialect = AskedDialect(write_separator, write_decimal)
    outputs = BacktestOutputs(output, plot, html, form, dialect, inputs, show_last)
    run = run_backtest(options, Screen())
    write_outputs(run, outputs)
    if outputs.prints_report:
        write_out(report_text(run, outputs), "-")
