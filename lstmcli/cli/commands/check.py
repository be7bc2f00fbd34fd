"""`lstmcli check`: what is in a CSV file, and whether `train` or `predict` accepts it."""

import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.options import (
    OR_BUILTIN,
    Assignments,
    DataFiles,
    Horizon,
    NoHeader,
    OnDuplicateOption,
    OnGapOption,
    ReportOutput,
    ResampleOption,
    SettingsFile,
    StepOption,
    with_reading_options,
)
from lstmcli.errors.foreign import MOST_OF_PATH, shown
from lstmcli.network.builtin_file import is_builtin, named_model
from lstmcli.settings.choices import ReportFormat
from lstmcli.settings.durations import format_estimate

if TYPE_CHECKING:
    from lstmcli.jobs.check import CheckReport

CHECK_VERSION = 1  # of the JSON report
_WIDTH = 80
_COLUMNS_SHOWN = 20


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
    """Describe a CSV file and whether train accepts it; nothing is changed.

    Lists columns and their roles, step, seasons, lengths, and problems: gaps, repeated times,
    missing values, outliers, covariates that leak the target; the cost of training; and the
    command line for it. Exits with 65 if train (with -m: predict) would refuse the data.
    """
    from lstmcli.console.screen import Screen
    from lstmcli.errors import UsageError
    from lstmcli.files.endings import REPORT_ENDINGS, form_to_write
    from lstmcli.files.output import write_out
    from lstmcli.files.write import check_output
    from lstmcli.jobs.check import check_for_builtin, check_for_model, check_for_training

    written = form_to_write(output, REPORT_ENDINGS, "text", form)
    check_output(output, [*data, *filter(None, [model, config])])
    screen = Screen()
    settings = with_reading_options(
        assignment, no_header, step=step, resample=resample, on_gap=on_gap, on_duplicate=on_duplicate
    )
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
    from lstmcli.reports.forms import report_in

    def document() -> str:
        import json
        from dataclasses import asdict

        return json.dumps({"version": CHECK_VERSION, **asdict(report)}, indent=1, allow_nan=False) + "\n"

    def text() -> str:
        return "\n".join([*_facts(report), *_findings(report), *_verdict(report, command)]) + "\n"

    return report_in(form, f"Check of {report.data}", text, document)


def _facts(report: "CheckReport") -> Iterator[str]:
    size = "" if report.rows is None else f": {report.rows:,} rows, {len(report.columns):,} columns"
    yield from _entry("data", f"{shown(report.data, MOST_OF_PATH)}{size}")
    by_role: dict[str, list[str]] = {}
    for column in report.columns:
        by_role.setdefault(column.role, []).append(
            shown(column.name) + (f" ({column.empty:,} empty)" if column.empty else "")
        )
    for name, (role, names) in zip(["columns", *[""] * len(by_role)], by_role.items(), strict=False):
        more = ", ..." if len(names) > _COLUMNS_SHOWN else ""
        yield from _entry(name, f"{role}: {', '.join(names[:_COLUMNS_SHOWN])}{more}")
    if report.facts is None:
        return
    facts = report.facts
    yield from _entry("time", f"step {facts.step}; {facts.first} to {facts.last}")
    for season in report.seasons:
        used = ", used" if season.used else ""
        yield from _entry(
            "season", f"{season.length} ({season.duration}): strength {season.strength:.2f}{used}"
        )
    what = "rows" if facts.missing is None else "values"
    few = f"{facts.shortest:,}" + (f" to {facts.longest:,}" if facts.longest > facts.shortest else "")
    median = f", median {facts.median:,.0f}" if facts.longest > facts.shortest else ""
    missing = "" if facts.missing is None else f"; {facts.missing:,} missing"
    yield from _entry("series", f"{facts.series:,} of {few} {what}{median}{missing}")
    if report.estimate:
        cost = report.estimate
        at_once = f", {cost.processes} processes" if cost.processes > 1 else ""
        yield from _entry(
            "training",
            f"about {format_estimate(cost.seconds)}, at most {format_estimate(cost.longest)}; "
            f"about {cost.bytes / 1e9:.1f} GB of memory{at_once} (estimates)",
        )


def _entry(name: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=f"{name:<12}", subsequent_indent=" " * 12, break_on_hyphens=False
    )


def _findings(report: "CheckReport") -> Iterator[str]:
    if report.findings:
        yield ""
    for finding in report.findings:
        text = f"{finding.message} [{finding.kind}]"
        yield from _entry(finding.severity, text)
        several = len(finding.series) > 1 or finding.count > 1
        if several and any(series.count > 1 for series in finding.series):
            most = (f"{shown(series.name)} ({series.count:,})" for series in finding.series)
            yield from _entry("", "most in " + ", ".join(most))
        if finding.places and not finding.message.startswith(str(finding.places[0])):
            yield from _entry("", "at " + ", ".join(map(str, finding.places)))


def _verdict(report: "CheckReport", command: str) -> Iterator[str]:
    yield ""
    if report.accepted:
        yield "Ready to train. Explicit command:" if command == "train" else "Ready to forecast. Command:"
    elif report.command:
        yield f"{command} refuses this file; it would accept:"
    else:
        yield f"{command} refuses this file."
    if report.command:
        yield from _command_lines(report.command)


def _command_lines(command: str) -> Iterator[str]:
    """The command on lines that a shell joins again; an option and its value stay together."""
    parts: list[str] = []
    for word in shlex.split(command):
        if word.startswith("-") or not parts:
            parts.append(shlex.quote(word))
        else:
            parts[-1] += f" {shlex.quote(word)}"
    line = " "
    for part in parts:
        if len(line) + len(part) + 3 > _WIDTH and line.strip():
            yield f"{line} \\"
            line = "   "
        line += f" {part}"
    yield line
