"""`lstmcli inspect-gates`: what the gates of a model do on data, how long it remembers, what it uses."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.commands.inspect_rules import check_options_together, check_settings_used
from lstmcli.cli.options import (
    MODEL_PATH,
    ContextOption,
    DataFilesOrThoseOfTraining,
    NoHeader,
    OnDuplicateOption,
    OnGapOption,
    ReportForm,
    ReportOutput,
    ResampleOption,
    SeasonOption,
    StepOption,
    TargetOption,
    TimeOption,
    WriteDecimalMark,
    WriteSeparator,
    model_option,
    with_reading_options,
)
from lstmcli.network.builtin_file import is_builtin, named_model

if TYPE_CHECKING:
    from lstmcli.files.checked import Output
    from lstmcli.jobs.gate_files import GateFiles
    from lstmcli.jobs.inspect import GateInspection, InspectOptions


def inspect_gates(
    data: DataFilesOrThoseOfTraining = None,
    model: Annotated[Path | None, model_option("Model file to look into")] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Explain one forecast: the one made when the value of this time was the last.",
        ),
    ] = None,
    series: Annotated[
        list[str] | None,
        typer.Option(
            help="The series of --at, where there are several; without --at one of those that the page of "
            "--html holds, and may be repeated."
        ),
    ] = None,
    form: ReportForm = None,
    output: ReportOutput = "-",
    out: Annotated[
        Path | None, typer.Option(help="Folder for summary.json and a CSV file of every table.")
    ] = None,
    trace: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Table of every gate, c and h at each step of each series' last window, or "
            "of the one of --at: .csv, .tsv, .json, .ndjson, .jsonl, .parquet or .xlsx.",
        ),
    ] = None,
    write_separator: WriteSeparator = None,
    write_decimal: WriteDecimalMark = None,
    plot: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Picture (.png, .svg, .pdf) with an overview, with --at of that forecast; or a folder "
            "for every picture: DIR/ for PNG, DIR/.svg or DIR/.pdf for these.",
        ),
    ] = None,
    html: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="HTML file with everything: the cell to explore, findings, tables, pictures."
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION", help="End with code 3 where this holds, as 'dead > 0.2 or reach < 24'."
        ),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="A summary.json of before: show what has changed since.")
    ] = None,
    windows: Annotated[
        int | None, typer.Option(min=1, help="Windows that the figures are taken over, 500 by default.")
    ] = None,
    member: Annotated[
        int | None, typer.Option(min=1, help="Which member of an ensemble, from 1, the first by default.")
    ] = None,
    compare: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="MODEL",
            parser=named_model,
            help="Another model to show beside --model; may be repeated.",
        ),
    ] = None,
    cells: Annotated[
        bool,
        typer.Option(
            "--cells",
            help="The lesson: train RNN, GRU and LSTM on DATA and on a task of memory; takes minutes.",
        ),
    ] = False,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="With --cells: networks per cell, 3 by default.")
    ] = None,
    delays: Annotated[
        str | None,
        typer.Option(
            metavar="STEPS",
            help="With --cells: steps over which a value is to be recalled; 10,50,100 by default.",
        ),
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(help="With --cells or -m builtin: steps to forecast.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="With --cells or -m builtin: YAML file with settings."),
    ] = None,
    target: TargetOption = None,
    time: TimeOption = None,
    season: SeasonOption = None,
    context: ContextOption = None,
    step: StepOption = None,
    resample: ResampleOption = None,
    on_gap: OnGapOption = None,
    on_duplicate: OnDuplicateOption = None,
    no_header: NoHeader = False,
    assignment: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="One setting of how files are read, with --cells of training, with -m builtin of the "
            "forecast too; may be repeated.",
        ),
    ] = None,
) -> None:
    """Show what the gates keep and forget, and for how long.

    Replays windows of the data through the network: how open every gate is, the half-life of
    each unit against the seasons of the data, how far the gradient reaches, which steps and
    gates the forecast needs, and what stands out. Without a model it shows the network that
    comes with lstmcli.
    """
    # Its matrices are small: a second thread saves a tenth of the time on an idle machine and makes
    # it three times as long on a busy one. NumPy's OpenBLAS reads this when it is first loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    options: dict[str, object] = {
        "model": model, "compare": compare, "cells": cells, "at": at, "series": series, "out": out,
        "trace": trace, "write_separator": write_separator, "write_decimal": write_decimal, "plot": plot,
        "html": html, "fail_on": fail_on, "baseline": baseline, "windows": windows, "member": member,
        "seeds": seeds, "delays": delays, "horizon": horizon, "config": config,
        "target": target, "season": season, "context": context,
    }  # fmt: skip
    check_options_together(options)
    from lstmcli.files.checked import Output, check_outputs
    from lstmcli.files.endings import REPORT_ENDINGS, check_picture_ending, form_to_write
    from lstmcli.model_file import files_read

    written = form_to_write(output, REPORT_ENDINGS, "text", form)
    report = Output("-o", output, written)
    settings = with_reading_options(
        assignment, no_header, step=step, resample=resample, on_gap=on_gap, on_duplicate=on_duplicate,
        target=target, time=time, season=season, context=context,
    )  # fmt: skip
    if plot is not None:
        check_picture_ending(plot, folders=not cells)
    if cells:
        from lstmcli.cli.commands.cells import inspect_cells

        inspect_cells(data, config, settings, horizon, seeds or 3, delays, written, output, out, plot, html)
        return
    if compare:
        from lstmcli.cli.commands.compare import inspect_several

        models = [model or MODEL_PATH, *compare]
        check_outputs([report], [*files_read(data, models[0], "inspect-gates"), *compare])
        inspect_several(models, data, windows or 500, member or 1, settings, written, output)
        return
    from lstmcli.console.screen import Screen
    from lstmcli.jobs.gate_files import GateFiles
    from lstmcli.jobs.inspect import InspectOptions
    from lstmcli.jobs.model_choice import usual_model
    from lstmcli.tables.write.dialects import AskedDialect

    path = model or usual_model(
        MODEL_PATH, data, Screen(always=True).say, "the built-in network is shown", "inspect-gates"
    )
    if not is_builtin(path):
        check_settings_used(options)
    named = (str(path) for path in (config, baseline) if path is not None)
    files = GateFiles(out, trace, plot, html, AskedDialect(write_separator, write_decimal))
    files.check()
    files.check_folders()
    inputs = [*files_read(data, path, "inspect-gates"), *named]
    check_outputs([report, *files.outputs], inputs)
    page = html is not None or written == "html"
    asked = InspectOptions(
        windows or 500, member or 1, at, tuple(series or ()),
        fail_on, baseline, settings, config, horizon, page,
    )  # fmt: skip
    _inspect_one(path, data, asked, report, files, inputs)


def _inspect_one(
    model: Path,
    data: list[str] | None,
    asked: "InspectOptions",
    report: "Output",
    files: "GateFiles",
    inputs: list[str],
) -> None:
    """Writes the report and all files. Raises ConditionFailed at the end."""
    from lstmcli.console.screen import Screen
    from lstmcli.files.output import write_out
    from lstmcli.jobs.gate_files import write_gate_files
    from lstmcli.jobs.inspect import inspect_model

    screen = Screen()
    found = inspect_model(model, data, asked, screen.lap)
    for note in found.notes:
        screen.say(f"note: {note}")
    output = str(report.path)
    write_out(_report(found, report.form, output), output)
    write_gate_files(found, files, report, inputs)
    screen.lap("writing")
    found.check(model)


def _report(found: "GateInspection", form: str, output: str) -> str:
    """The report in a form, with the signs that the output can show."""
    from lstmcli.jobs.gate_files import gate_html
    from lstmcli.reports.forms import report_in
    from lstmcli.reports.text.explanation import explanation_text
    from lstmcli.reports.text.gates import bar_signs, gate_report_text
    from lstmcli.reports.text.gates_json import summary_text

    inspection = found.inspection

    def text() -> str:
        signs = bar_signs("utf-8" if output != "-" else getattr(sys.stdout, "encoding", None))
        if inspection.window:
            return explanation_text(inspection, inspection.window, signs)
        report = gate_report_text(inspection, signs)
        return f"{report}\n{found.one_value}" if found.one_value else report

    return report_in(form, "Gates", text, lambda: summary_text(inspection), lambda: gate_html(found))
