"""`lstmcli check`: what is in a CSV file, and whether `train` or `predict` accepts it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.options import (
    OR_BUILTIN,
    Assignments,
    ContextOption,
    DataFiles,
    Horizon,
    NoHeader,
    OnDuplicateOption,
    OnGapOption,
    ReportOutput,
    ResampleOption,
    SeasonOption,
    SettingsFile,
    StepOption,
    TargetOption,
    TimeOption,
    with_reading_options,
)
from lstmcli.network.builtin_file import is_builtin, named_model
from lstmcli.settings.choices import ReportFormat

if TYPE_CHECKING:
    from lstmcli.jobs.check import CheckReport


def check(
    data: DataFiles,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model",
            "-m",
            parser=named_model,
            metavar="FILE",
            help=f"Model file: check whether predict accepts the data{OR_BUILTIN}.",
        ),
    ] = None,
    config: SettingsFile = None,
    assignment: Assignments = None,
    horizon: Horizon = None,
    target: TargetOption = None,
    time: TimeOption = None,
    season: SeasonOption = None,
    context: ContextOption = None,
    step: StepOption = None,
    resample: ResampleOption = None,
    on_gap: OnGapOption = None,
    on_duplicate: OnDuplicateOption = None,
    no_header: NoHeader = False,
    form: Annotated[
        ReportFormat | None,
        typer.Option(
            "--format",
            help="Form of the report; yaml: settings for -c. Default: by the ending of -o, else text.",
        ),
    ] = None,
    output: ReportOutput = "-",
) -> None:
    """Describe a CSV file, and whether train accepts it.

    Nothing is changed.

    Lists columns and their roles, step, seasons, lengths, and problems: gaps, repeated times,
    missing values, outliers, covariates that leak the target; the cost of training; and the
    command line for it. Exits with 65 if train (with -m: predict) would refuse the data.
    """
    from lstmcli.console.screen import Screen
    from lstmcli.errors import UsageError
    from lstmcli.files.checked import Output, check_outputs
    from lstmcli.files.endings import REPORT_ENDINGS, form_to_write
    from lstmcli.files.output import write_out
    from lstmcli.jobs.check import check_for_builtin, check_for_model, check_for_training

    written = form_to_write(output, REPORT_ENDINGS, "text", form)
    check_outputs([Output("-o", output, written)], [*data, *filter(None, [model, config])])
    screen = Screen()
    settings = with_reading_options(
        assignment, no_header, step=step, resample=resample, on_gap=on_gap, on_duplicate=on_duplicate,
        target=target, time=time, season=season, context=context,
    )  # fmt: skip
    if model is None:
        from lstmcli.settings.load import load_settings

        report = check_for_training(data, load_settings(config, {"horizon": horizon}, settings))
    elif is_builtin(model):
        from lstmcli.settings.untrained import untrained_settings

        report = check_for_builtin(data, untrained_settings(config, {"horizon": horizon}, settings))
    elif config or written == "yaml":
        raise UsageError("--model: a model has its settings; leave out --config and YAML")
    else:
        report = check_for_model(data, model, horizon, settings)
    screen.lap("checking")
    write_out(_written(report, written, "train" if model is None else "predict"), output)
    if not report.accepted:
        raise typer.Exit(65)


def _written(report: "CheckReport", form: str, command: str) -> str:
    if form == "yaml":
        from lstmcli.jobs.check.pasting import yaml_of

        return yaml_of(report.data, report.settings or {}, command)
    from lstmcli.jobs.check.text import check_json, check_text, verdict_lines
    from lstmcli.reports.forms import report_in

    def text() -> str:
        return check_text(report, verdict_lines(report, command))

    return report_in(form, f"Check of {report.data}", text, lambda: check_json(report))
