"""`lstmcli train`: a CSV file in, a model file out."""

import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.options import MODEL_PATH, Assignments, CacheFolder, DataFiles, Horizon, Seed, SettingsFile

if TYPE_CHECKING:
    from lstmcli.jobs.train.policy import Policy
    from lstmcli.learning.processes.group import ProcessGroup
    from lstmcli.settings.model import Settings


def train(
    data: DataFiles,
    model: Annotated[
        Path, typer.Option("--model", "-m", envvar="LSTMCLI_MODEL", help="Model file to write.")
    ] = MODEL_PATH,
    config: SettingsFile = None,
    assignment: Assignments = None,
    horizon: Horizon = None,
    cell: Annotated[str | None, typer.Option(help="lstm, gru or rnn.")] = None,
    step: Annotated[
        str | None, typer.Option(help="Distance of rows, as 1h; needed where there is no time column.")
    ] = None,
    resample: Annotated[
        str | None, typer.Option(metavar="STEP=HOW", help="Take the mean, sum, ... of bins, as 1h=mean.")
    ] = None,
    on_gap: Annotated[
        str | None, typer.Option(help="Times left out: error, mask (missing values) or fill (interpolate).")
    ] = None,
    on_duplicate: Annotated[
        str | None, typer.Option(help="Several rows of one time: error, first, last or mean.")
    ] = None,
    no_header: Annotated[
        bool, typer.Option("--no-header", help="The first row is data; columns are called 1, 2, ...")
    ] = False,
    device: Annotated[
        str | None, typer.Option(help="Where to compute: auto, cpu, cuda or mps; auto takes a CUDA GPU.")
    ] = None,
    seed: Seed = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be done; train and write nothing.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Train on from the model there is, if there is one.")
    ] = False,
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Do nothing where the model has these data and settings.")
    ] = False,
    keep_best: Annotated[
        bool, typer.Option("--keep-best", help="Replace a model only by one that is no worse.")
    ] = False,
    require_skill: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Write no model with less skill than this, as 0.05; exit code 3."),
    ] = None,
    max_time: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop after 30s, 10m, 1h with the best so far.")
    ] = None,
    lock_wait: Annotated[
        str | None, typer.Option(metavar="TIME", help="Wait for another training of this model.")
    ] = None,
    checkpoint_every: Annotated[
        str, typer.Option(metavar="TIME", help="How often what is learned is saved in MODEL.checkpoint.")
    ] = "10s",
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew instead of going on from a checkpoint.")
    ] = False,
    cache: CacheFolder = None,
    html: Annotated[
        str | None, typer.Option(help="HTML file with a report: data, learning, skill, forecasts, gates.")
    ] = None,
) -> None:
    """Train on the series of a CSV file and write a model file.

    Time column, series, targets, step and season are found in the data; name them with --set
    time=..., series=..., target=... where that guess is wrong. The last part of every series is
    kept aside to choose the best weights and to compare with simple forecasts.

    A training that is interrupted or killed goes on where it was when the same command is run
    again, and ends with the same model.
    """
    from lstmcli.cli.commands.train_ranks import train_processes
    from lstmcli.jobs.train.policy import policy_of
    from lstmcli.settings.model import load_settings

    policy = policy_of(
        update=update,
        if_changed=if_changed,
        keep_best=keep_best,
        require_skill=require_skill,
        max_time=max_time,
        lock_wait=lock_wait,
        checkpoint_every=checkpoint_every,
        restart=restart,
    )
    flags = {"horizon": horizon, "cell": cell, "seed": seed, "step": step, "device": device}
    flags |= {"header": False if no_header else None}
    flags |= {"resample": resample, "on_gap": on_gap, "on_duplicate": on_duplicate}
    with train_processes(data, policy.lock_wait) as ranks:
        ranks.by_first(lambda: _check_outputs(model, html))
        settings = ranks.by_all(lambda: load_settings(config, flags, tuple(assignment or ())))
        _carry_out(data, model, settings, policy, dry_run, html, cache, ranks)


def _check_outputs(model: Path, html: str | None) -> None:
    from lstmcli.files.write import check_can_create

    for path in (model, *([Path(html)] if html not in (None, "-") else [])):
        check_can_create(path)


def _carry_out(
    data: list[str],
    model: Path,
    settings: "Settings",
    policy: "Policy",
    dry_run: bool,
    html: str | None,
    cache: Path | None,
    ranks: "ProcessGroup",
) -> None:
    from lstmcli.cli.commands.caching import cache_of
    from lstmcli.cli.commands.train_ranks import check_alike, say_processes
    from lstmcli.cli.commands.train_run import end_time, run_job, say_dry_run
    from lstmcli.cli.commands.train_summary import say_found, say_result
    from lstmcli.console.screen import Screen
    from lstmcli.files.locks import hold_lock
    from lstmcli.jobs.train.prepare import prepare_job, read_old_model

    screen = Screen()

    def say(label: str, text: str) -> None:
        screen.facts([(label, text)])

    with ExitStack() as held:
        if not dry_run:
            ranks.by_first(lambda: held.enter_context(hold_lock(model, policy.lock_wait)))
        until = end_time(policy)
        old = ranks.by_first(lambda: read_old_model(model, policy, say))
        kept = cache_of(cache, screen, writes=not dry_run)
        make = partial(prepare_job, data, model, settings, policy, old, kept)
        if kept is not None and kept.writes and not ranks.alone:
            ranks.by_first(lambda: bool(make()))  # fills the cache, which the others then find
        job = ranks.by_all(make)
        ranks.by_all(lambda: check_alike(job, ranks))
        screen.lap("reading")
        if policy.if_changed and job.unchanged and not dry_run:
            screen.facts([("unchanged", f"{model} has these data and settings: nothing is done")])
            return
        say_found(screen, job.table, job.panel, job.roles, job.plan)
        say_processes(job, ranks, screen)
        if dry_run:
            ranks.by_first(lambda: say_dry_run(job, policy, screen))
            return
        started = time.perf_counter()
        made = run_job(job, policy, screen, until, html, ranks)
        if made:
            say_result(screen, made, model, time.perf_counter() - started)
