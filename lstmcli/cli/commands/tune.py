"""`lstmcli tune`: a CSV file in, better settings for it out."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.options import (
    Assignments,
    ContextOption,
    DataFilesIfAny,
    Horizon,
    NoHeader,
    OnDuplicateOption,
    OnGapOption,
    ResampleOption,
    SeasonOption,
    Seed,
    StepOption,
    TargetOption,
    TimeOption,
    output_option,
    with_reading_options,
)
from lstmcli.settings.choices import ReportFormat

if TYPE_CHECKING:
    from lstmcli.console.screen import Screen
    from lstmcli.jobs.tune.study import SearchTask
    from lstmcli.jobs.tune.trials import Trial


def tune(
    data: DataFilesIfAny = None,
    max_time: Annotated[
        str | None, typer.Option(metavar="TIME", help="How long, as 90s, 10m or 2h. Default: 10m.")
    ] = None,
    trials: Annotated[
        int | None, typer.Option(min=1, help="How many trials in all, those in --study counted.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="YAML file with settings and what to search, see --space."),
    ] = None,
    assignment: Assignments = None,
    target: TargetOption = None,
    time: TimeOption = None,
    horizon: Horizon = None,
    season: SeasonOption = None,
    context: ContextOption = None,
    step: StepOption = None,
    resample: ResampleOption = None,
    on_gap: OnGapOption = None,
    on_duplicate: OnDuplicateOption = None,
    no_header: NoHeader = False,
    output: Annotated[
        str,
        output_option("File for the best settings, .yaml or .json, or - for standard output."),
    ] = "tuned.yaml",
    study: Annotated[
        Path | None, typer.Option(help="File that keeps the trials; tune resumes one that is there.")
    ] = None,
    folds: Annotated[int, typer.Option(min=1, help="Times that each trial is trained and tested.")] = 3,
    seed: Seed = None,
    form: Annotated[ReportFormat, typer.Option("--format", help="Form of the list of trials.")] = "text",
    space: Annotated[bool, typer.Option("--space", help="Print what is searched, as YAML, and end.")] = False,
) -> None:
    """Search for better settings.

    Tries settings by training on the beginnings of the data and forecasting what follows. The
    defaults are the first trial. Writes the best settings for train -c, and prints all trials.
    An interrupted search writes what it has found.
    """
    from lstmcli.console.manner import terminal_columns
    from lstmcli.console.screen import Screen
    from lstmcli.console.trial_progress import trial_progress
    from lstmcli.files.checked import Output, check_outputs
    from lstmcli.files.endings import SETTINGS_ENDINGS, YAML_ENDINGS, form_to_write
    from lstmcli.files.output import write_out
    from lstmcli.jobs.tune.job import SearchOptions, prepare_search, search_budget, write_search
    from lstmcli.jobs.tune.space import space_text

    if space:
        form_to_write(output, YAML_ENDINGS, "yaml")
        place = output if output != "tuned.yaml" else "-"
        check_outputs([Output("-o", place, "yaml")])
        write_out(space_text(), place)
        return
    written = form_to_write(output, SETTINGS_ENDINGS, "yaml")
    check_no_duration(time)
    until = search_budget(max_time, trials)  # refuses where Optuna is missing
    from lstmcli.jobs.tune.study import search

    flags = {"horizon": horizon, "seed": seed}
    settings = with_reading_options(
        assignment, no_header, step=step, resample=resample, on_gap=on_gap, on_duplicate=on_duplicate,
        target=target, time=time, season=season, context=context,
    )  # fmt: skip
    options = SearchOptions(data or [], config, flags, settings, folds, output, written, study)
    task = prepare_search(options)
    screen, found = Screen(dated=True, wraps=True), list["Trial"]()
    _print_task(task, screen)
    try:
        with trial_progress(screen) as show:
            for trial in search(task, until, study, show):
                found.append(trial)
                _print_trial(trial, found, task, screen)
    finally:
        write_search(found, task, options, form, screen, terminal_columns(sys.stdout))


def check_no_duration(time: str | None) -> None:
    """Raises UsageError where the column of the time stamps is called as a duration is written."""
    from lstmcli.errors import UsageError

    if time is not None and re.fullmatch(r"[0-9]+[smhd]?", time):
        raise UsageError(f"--time names the column of the time stamps; how long to search: --max-time {time}")


def _print_task(task: "SearchTask", screen: "Screen") -> None:
    from lstmcli.jobs.tune.outcome import fixed_text

    windows = sum(len(fold.origins) for fold in task.folds)
    horizon = task.plan.shape.horizon
    screen.facts(
        [
            ("search", ", ".join(task.space)),
            *([("fixed", fixed)] if (fixed := fixed_text(task)) else []),
            ("folds", f"{len(task.folds)}, of {windows} forecasts of {horizon} values in all"),
            ("naive", f"{task.metric.upper()} {task.naive:.4f} of seasonal naive"),
        ],
    )


def _print_trial(trial: "Trial", found: "list[Trial]", task: "SearchTask", screen: "Screen") -> None:
    """The trial that has just ended; found: all up to it."""
    from lstmcli.jobs.tune.outcome import best_of, describe_trial

    error = trial.state if trial.state in ("refused", "cut off") else f"{trial.error:.4f}"
    mark = " best" if trial is best_of(found) else f" {trial.state}" if trial.state == "pruned" else ""
    text = f"{error}{mark}  {describe_trial(trial, task)}  {trial.reason}".rstrip()
    screen.facts([(f"trial {trial.number}", text)])
