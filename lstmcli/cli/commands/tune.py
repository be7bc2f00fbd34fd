"""`lstmcli tune`: a CSV file in, better settings for it out."""

import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.options import Assignments, DataFilesIfAny, Horizon, ReportFormat, Seed
from lstmcli.errors import UsageError
from lstmcli.settings.durations import seconds_of

if TYPE_CHECKING:
    from lstmcli.console.screen import Screen
    from lstmcli.jobs.tune.study import Budget, SearchTask
    from lstmcli.jobs.tune.trials import Trial

_MINUTES = 10  # where nothing else is said


def tune(
    data: DataFilesIfAny = None,
    budget: Annotated[
        str | None, typer.Option("--time", metavar="TIME", help="How long, as 90s, 10m or 2h. Default: 10m.")
    ] = None,
    trials: Annotated[
        int | None, typer.Option(min=1, help="How many trials in all, those in --study counted.")
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="YAML file with settings and what to search, see --space."),
    ] = None,
    assignment: Assignments = None,
    horizon: Horizon = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="File for the best settings, or - for standard output.")
    ] = "tuned.yaml",
    study: Annotated[
        Path | None, typer.Option(help="File to keep the trials in; where it is there, tune goes on with it.")
    ] = None,
    folds: Annotated[int, typer.Option(min=1, help="Times that each trial is trained and tested.")] = 3,
    seed: Seed = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help="Form of the list of trials.")
    ] = ReportFormat.text,
    space: Annotated[bool, typer.Option("--space", help="Print what is searched, as YAML, and end.")] = False,
) -> None:
    """Search for better settings.

    Tries settings by training on the beginnings of the data and forecasting what follows. The
    defaults are the first trial. Writes the best settings for train -c, and prints all trials.
    Interrupted, it writes what it has found.
    """
    from lstmcli.console.screen import Screen
    from lstmcli.files.output import write_out

    if space:
        from lstmcli.jobs.tune.space import space_text

        write_out(space_text(), output if output != "tuned.yaml" else "-")
        return
    until = _budget(budget, trials)
    task = _task(data, config, {"horizon": horizon, "seed": seed}, tuple(assignment or ()), folds, output)
    found: list[Trial] = []
    try:
        _search(task, until, study, found, Screen())
    finally:
        _write(found, task, " ".join(data or ()), output, form, Screen())


def _budget(told: str | None, trials: int | None) -> "Budget":
    if find_spec("optuna") is None:
        raise UsageError('tune needs the package Optuna: pip install "lstmcli[tune]"')
    from lstmcli.jobs.tune.study import Budget

    if told is None and trials is not None:
        return Budget(trials, None)
    return Budget(trials, time.monotonic() + seconds_of(told or f"{_MINUTES}m", "--time"))


def _task(
    data: list[str] | None,
    config: Path | None,
    flags: dict[str, int | None],
    assignments: tuple[str, ...],
    folds: int,
    output: str,
) -> "SearchTask":
    """Reads settings and data, and cuts the data into folds."""
    from lstmcli.evaluation.scores import common_metric, error_of
    from lstmcli.evaluation.validation import baseline_errors
    from lstmcli.files.write import check_can_create
    from lstmcli.forecasting.plan import decide
    from lstmcli.jobs.tune.folds import tuning_folds
    from lstmcli.jobs.tune.space import split_space
    from lstmcli.jobs.tune.study import SearchTask
    from lstmcli.settings.model import gather_settings
    from lstmcli.tables.read import panel_of, read_table

    if not data:
        raise UsageError("name the data: lstmcli tune DATA")
    if output != "-":
        check_can_create(Path(output))
    base, space = split_space(*gather_settings(config, flags, assignments))
    panel, _ = panel_of(read_table(data, base.options), base)
    plan = decide(panel, base)
    shape = plan.shape
    made = tuning_folds(panel, shape.horizon, folds)
    simple = [
        baseline_errors(fold.known, shape.season, fold.series, fold.origins, shape.horizon)["seasonal naive"]
        for fold in made
    ]
    metric = common_metric(simple)
    naive = sum(error_of(errors, metric) for errors in simple) / len(simple)
    return SearchTask(base, space, plan, made, panel.fingerprint(), metric, naive)


def _search(
    task: "SearchTask", budget: "Budget", path: Path | None, found: "list[Trial]", screen: "Screen"
) -> None:
    """Adds trials to `found`, so that they are there when the search is interrupted."""
    from lstmcli.jobs.tune.outcome import best_of, describe_settings
    from lstmcli.jobs.tune.study import search

    plan, folds = task.plan, task.folds
    windows = sum(len(fold.origins) for fold in folds)
    screen.facts(
        [
            ("search", ", ".join(task.space)),
            ("folds", f"{len(folds)}, of {windows} forecasts of {plan.shape.horizon} values in all"),
            ("naive", f"{task.metric.upper()} {task.naive:.4f} of seasonal naive"),
        ]
    )
    for trial in search(task, budget, path):
        found.append(trial)
        best = best_of(found)
        error = trial.state if trial.state in ("refused", "cut off") else f"{trial.error:.4f}"
        mark = " best" if trial is best else f" {trial.state}" if trial.state == "pruned" else ""
        screen.facts(
            [
                (
                    f"trial {trial.number}",
                    f"{error}{mark}  {describe_settings(trial.settings)}  {trial.reason}".rstrip(),
                )
            ]
        )


def _write(
    found: "list[Trial]", task: "SearchTask", source: str, output: str, form: ReportFormat, screen: "Screen"
) -> None:
    from lstmcli.files.output import write_out
    from lstmcli.jobs.tune.outcome import best_of, settings_file, trials_json, trials_table

    if best_of(found) is None:
        screen.say("no trial was completed; nothing is written")
        return
    write_out(settings_file(found, task, source), output)
    listed = trials_json(found, task) if form is ReportFormat.json else trials_table(found, task)
    if output == "-":
        screen.say(listed.rstrip())
        return
    screen.say(f"wrote       {output}")
    write_out(listed, "-")
