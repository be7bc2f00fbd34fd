"""`lstmcli predict --engine dask`: one forecast of every series of many files, by several processes."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli.cli.commands.once import check_no_follow, tell_rolling
from lstmcli.errors import UsageError
from lstmcli.jobs.forecast_options import PredictOptions, options_needing_all_data

if TYPE_CHECKING:
    from lstmcli.console.screen import Screen
    from lstmcli.jobs.many_files.blocks import BlockRows
    from lstmcli.jobs.many_files.reading import FileJob

_ADDRESS = r"((tcp|tls|ws|wss)://)?[^\s/]+:\d+"


def answer_many(asked: PredictOptions, screen: "Screen") -> None:
    """Forecasts file by file, and writes rows as they come. Raises as `once.answer_once`, and
    Unavailable."""
    from lstmcli.files.output import write_parts
    from lstmcli.jobs.many_files.order import Notes

    _check_options(asked)
    job, names = _job(asked, screen)
    notes = Notes(len(names) > 1)
    with _scheduler(asked, len(names)) as address:
        from lstmcli.jobs.many_files.cluster import connect_cluster
        from lstmcli.jobs.many_files.tasks import rows_of_files

        with connect_cluster(address()) as client:
            screen.lap("starting")
            write_parts(_content(rows_of_files(client, job, names, notes)), asked.output)
    for line in notes.lines():
        screen.say(line)
    screen.lap("forecasting")


@contextmanager
def _scheduler(asked: PredictOptions, files: int) -> Iterator[Callable[[], str]]:
    """What gives the address of the scheduler; one here starts while other things are loaded."""
    if asked.scheduler is not None:
        yield lambda: asked.scheduler or ""
        return
    from lstmcli.console.manner import output_mode
    from lstmcli.jobs.many_files.local import local_workers

    count = min(len(os.sched_getaffinity(0)), files)
    with local_workers(count, loud=output_mode().debug) as address:
        yield address


def _job(asked: PredictOptions, screen: "Screen") -> "tuple[FileJob, list[str]]":
    """What is asked of each file, and the files."""
    from lstmcli.files.write import check_can_create
    from lstmcli.forecasting.forecast import interval_quantiles
    from lstmcli.jobs.many_files.reading import FileJob
    from lstmcli.model_file import data_paths, read_model
    from lstmcli.tables.read.files import expand_sources
    from lstmcli.tables.write.forms import check_form

    check_form(asked.form)
    if asked.output != "-":
        check_can_create(Path(asked.output))
    model = read_model(asked.model)
    arch = model.network.arch
    policies: dict[str, Any] = asked.policies
    names = expand_sources(asked.data or data_paths(model, asked.model))
    tell_rolling(asked, model, screen)
    job = FileJob(
        model=model,
        options=replace(model.contract.options, **policies),
        steps=asked.horizon or arch.horizon,
        wanted=interval_quantiles(arch.quantiles, asked.levels),
        form=asked.form,
        several=len(names) > 1,
        refused=asked.refused,
    )
    return job, names


def _check_options(asked: PredictOptions) -> None:
    """Raises UsageError for what needs all files in one place, and where Dask is not installed."""
    check_no_follow(asked)
    if find_spec("distributed") is None:
        raise UsageError("--engine dask needs the package distributed: pip install 'lstmcli[dask]'")
    if asked.scheduler is not None and not re.fullmatch(_ADDRESS, asked.scheduler):
        raise UsageError(f"--scheduler {asked.scheduler}: write its address as tcp://host:8786")
    for flag, given in {"-": "-" in asked.data, **options_needing_all_data(asked)}.items():
        if given:
            hint = "; rows ahead may stand in the files, with an empty target" if "future" in flag else ""
            raise UsageError(f"--engine dask reads file by file: {flag} does not fit it{hint}")


def _content(rows: "Iterable[BlockRows]") -> "Iterator[str | bytes]":
    rest = iter(rows)
    if first := next(rest, None):
        yield from first.form.whole(part.piece for part in chain([first], rest))
