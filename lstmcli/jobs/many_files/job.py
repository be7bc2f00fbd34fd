"""`lstmcli predict --engine dask`: every series of many files, by several processes."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec

from lstmcli.errors import UsageError
from lstmcli.files.checked import check_outputs
from lstmcli.files.output import write_parts
from lstmcli.files.posix import usable_cores
from lstmcli.files.read import read_once
from lstmcli.forecasting.intervals import interval_quantiles
from lstmcli.jobs.forecast import rolling_note
from lstmcli.jobs.forecast_options import PredictOptions, check_no_follow, options_needing_all_data
from lstmcli.jobs.many_files.file_task import FileForecast, FileJob
from lstmcli.jobs.many_files.local import local_forecasts
from lstmcli.jobs.many_files.together import FileNotes, content_of
from lstmcli.jobs.reporter import Reporter
from lstmcli.model_file import Model, data_paths, read_model
from lstmcli.model_file.contract import options_with
from lstmcli.network.builtin_file import is_builtin
from lstmcli.tables.read.sources import expand_sources
from lstmcli.tables.write.forms import check_form

_ADDRESS = r"((tcp|tls|ws|wss)://)?[^\s/]+:\d+"


def forecast_many(options: PredictOptions, report: Reporter) -> None:
    """Forecasts file by file, and writes rows as they come.

    Raises as `forecast_files`, Unavailable where the scheduler or its workers fail, and SystemFailed where
    a process here is killed.
    """
    check_options(options)
    job, names = _job(options, report)
    notes = FileNotes(len(names) > 1)
    with _forecasts(options.scheduler, job, names) as forecasts:
        report.lap("starting")
        write_parts(content_of(forecasts, notes), options.output)
    for line in notes.lines():
        report.say(line)
    report.lap("forecasting")


@contextmanager
def _forecasts(scheduler: str | None, job: FileJob, names: list[str]) -> Iterator[Iterator[FileForecast]]:
    """The forecasts of all files, by the workers of a scheduler or by processes here."""
    if scheduler is None:
        with closing(local_forecasts(job, names, min(usable_cores(), len(names)))) as forecasts:
            yield forecasts
        return
    from lstmcli.jobs.many_files.cluster import connect_cluster, forecasts_of_files

    with connect_cluster(scheduler) as client:
        yield forecasts_of_files(client, job, names)


def _job(options: PredictOptions, report: Reporter) -> tuple[FileJob, list[str]]:
    """What is done with each file, and the files."""
    check_form(options.form, options.output, options.dialect)
    check_outputs(options.outputs, options.inputs)
    model = _builtin(options, report) if is_builtin(options.model) else read_model(options.model)
    interval_quantiles(model.network.arch.quantiles, options.forecast.levels)  # raises before workers start
    names = expand_sources(options.data or data_paths(model, options.model))
    if note := rolling_note(model, options.forecast.horizon):
        report.say(note)
    reading = options_with(model.contract, options.policies)
    check_outputs(options.outputs, names)
    how = options.form, len(names) > 1, options.dialect, options.output
    return FileJob(model, reading, options.forecast, *how), names


def _builtin(options: PredictOptions, report: Reporter) -> Model:
    """The built-in network for the columns, the step and the season of the first file."""
    from lstmcli.jobs.builtin import open_builtin

    first = expand_sources(options.data)[:1]
    model, given = open_builtin(first, options.settings)
    report.say(f"note: columns, step and season are those of {given.source}")
    for note in given.notes:
        report.say(f"note: {note}")
    return model


def check_options(options: PredictOptions) -> None:
    """Raises UsageError for what needs all files in one place, and where Dask is not installed."""
    check_no_follow(options)
    if options.scheduler is not None and find_spec("distributed") is None:
        raise UsageError("--scheduler needs the package distributed: pip install 'lstmcli[dask]'")
    if options.scheduler is not None and not re.fullmatch(_ADDRESS, options.scheduler):
        raise UsageError(f"--scheduler {options.scheduler}: write its address as tcp://host:8786")
    conditions = {"--fail-on": options.fail_on is not None, "--cross": options.cross is not None}
    unfit = {
        **dict.fromkeys(read_once(options.data), True),
        **options_needing_all_data(options),
        **conditions,
    }
    for flag, given in unfit.items():
        if given:
            hint = " Future rows may be in the files, with an empty target." if "future" in flag else ""
            raise UsageError(f"{flag} cannot be combined with --engine dask, which reads file by file.{hint}")
