"""A search for settings: what is needed before it starts, and what is written when it ends."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lstmcli.errors import UsageError, naming
from lstmcli.files.checked import Output, check_outputs
from lstmcli.jobs.reporter import Reporter
from lstmcli.settings.choices import ReportFormat
from lstmcli.settings.durations import seconds_of

if TYPE_CHECKING:
    from lstmcli.jobs.tune.space import Space
    from lstmcli.jobs.tune.study import Budget, SearchTask
    from lstmcli.jobs.tune.trials import Trial
    from lstmcli.settings.model import Settings

_USUAL_TIME = "10m"


@dataclass(frozen=True)
class SearchOptions:
    """data: files; config, flags, assignments: of settings, see `gather_settings`; output: file for the
    best settings, "-" for standard output; form: theirs, "yaml" or "json"; study: file of trials."""

    data: list[str]
    config: Path | None
    flags: Mapping[str, int | None]
    assignments: tuple[str, ...]
    folds: int
    output: str
    form: str = "yaml"
    study: Path | None = None


def search_budget(duration: str | None, trials: int | None) -> "Budget":
    """When the search ends; duration: a text as 10m, which is the default where no trials are given.

    Raises UsageError where Optuna is not installed, or for what is no duration.
    """
    if find_spec("optuna") is None:
        raise UsageError('tune needs the package Optuna: pip install "lstmcli[tune]"')
    from lstmcli.jobs.tune.study import Budget

    if duration is None and trials is not None:
        return Budget(trials, None)
    return Budget(trials, time.monotonic() + seconds_of(duration or _USUAL_TIME, "--max-time"))


def prepare_search(options: SearchOptions) -> "SearchTask":
    """Reads settings and data, and cuts the data into folds.

    Raises UsageError without data, CannotCreate, SettingsError, and DataError as training does.
    """
    from lstmcli.jobs.tune.space import split_space
    from lstmcli.settings.load import gather_settings

    if not options.data:
        raise UsageError("name the data: lstmcli tune DATA")
    outputs = [Output("-o", options.output, options.form), Output("--study", options.study, goes_on=True)]
    check_outputs(outputs, [*options.data, *filter(None, [options.config])])
    base, space = split_space(*gather_settings(options.config, options.flags, options.assignments))
    return search_task(options.data, base, space, options.folds)


def search_task(data: Sequence[str], base: "Settings", space: "Space", folds: int) -> "SearchTask":
    """base, space: as of `SearchTask`; folds: how many. Raises DataError."""
    from lstmcli.evaluation.scores import common_metric, error_of
    from lstmcli.evaluation.validation import baseline_errors
    from lstmcli.forecasting.plan import decide
    from lstmcli.jobs.tune.folds import tuning_folds
    from lstmcli.jobs.tune.study import SearchTask
    from lstmcli.tables.read import panel_of, read_table

    table = read_table(data, base.options)
    panel, _ = panel_of(table, base)
    with naming(table.source):
        plan = decide(panel, base)
        season, horizon = plan.shape.season, plan.shape.horizon
        cut = tuning_folds(panel, horizon, folds)
    naive = [
        baseline_errors(fold.known, season, fold.series, fold.origins, horizon)["seasonal naive"]
        for fold in cut
    ]
    metric = common_metric(naive)
    mean = sum(error_of(errors, metric) for errors in naive) / len(naive)
    return SearchTask(base, space, plan, cut, panel.fingerprint(), metric, mean)


def write_search(
    found: "Sequence[Trial]",
    task: "SearchTask",
    options: SearchOptions,
    form: ReportFormat,
    reporter: Reporter,
    width: int | None = None,
) -> None:
    """Writes the best settings, and all trials to standard output; through the reporter where the settings go
    there. width: columns of the table of trials, None for as many as it takes."""
    from lstmcli.files.output import write_out
    from lstmcli.jobs.tune.outcome import best_facts, best_of, settings_file, trials_json, trials_table
    from lstmcli.reports.forms import report_in

    if best_of(found) is None:
        reporter.say("no trial was completed; nothing is written")
        return
    write_out(settings_file(found, task, " ".join(options.data), options.form), options.output)
    reporter.facts(best_facts(found, task))
    listed = report_in(
        form, "Trials", lambda: trials_table(found, task, width), lambda: trials_json(found, task)
    )
    if options.output == "-":
        reporter.say(listed.rstrip())
        return
    reporter.facts([("wrote", options.output)])
    write_out(listed, "-")
