"""`lstmcli train`: a CSV file in, a model file out."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from lstmcli.cli.options import (
    MODEL_PATH,
    Assignments,
    CacheFolder,
    ContextOption,
    DataFiles,
    Horizon,
    NoHeader,
    OnDuplicateOption,
    OnGapOption,
    ResampleOption,
    SeasonOption,
    Seed,
    SettingsFile,
    StepOption,
    TargetOption,
    TimeOption,
    with_reading_options,
)
from lstmcli.network.builtin_file import model_to_write
from lstmcli.settings.assignments import MODEL_VARIABLE


def train(
    data: DataFiles,
    model: Annotated[
        Path,
        typer.Option(
            "--model",
            "-m",
            envvar=MODEL_VARIABLE,
            parser=model_to_write,
            metavar="PATH",
            help="Model file to write.",
        ),
    ] = MODEL_PATH,
    config: SettingsFile = None,
    assignment: Assignments = None,
    target: TargetOption = None,
    time: TimeOption = None,
    horizon: Horizon = None,
    season: SeasonOption = None,
    context: ContextOption = None,
    cell: Annotated[str | None, typer.Option(help="lstm, gru or rnn.")] = None,
    step: StepOption = None,
    resample: ResampleOption = None,
    on_gap: OnGapOption = None,
    on_duplicate: OnDuplicateOption = None,
    no_header: NoHeader = False,
    device: Annotated[
        str | None, typer.Option(help="Where to compute: auto, cpu, cuda or mps; auto takes a CUDA GPU.")
    ] = None,
    seed: Seed = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done; train and write nothing.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Continue from the existing model, if there is one.")
    ] = False,
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Do nothing if the model has these data and settings.")
    ] = False,
    keep_best: Annotated[
        bool, typer.Option("--keep-best", help="Replace a model only by one that is not worse.")
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
        str, typer.Option(metavar="TIME", help="How often the state is saved in MODEL.checkpoint.")
    ] = "10s",
    restart: Annotated[
        bool, typer.Option("--restart", help="Start over instead of continuing from a checkpoint.")
    ] = False,
    cache: CacheFolder = None,
    html: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="HTML file with a report: data, learning, skill, forecasts, gates."
        ),
    ] = None,
) -> None:
    """Train on the series of a CSV file and write a model file.

    Time column, series, targets, step and season are found in the data; name them with --time,
    --target, --set series=... where that guess is wrong. The last part of every series is held out
    to choose the best weights and to compare with simple forecasts.

    A training that was interrupted or killed continues where it was when the same command is run
    again, and ends with the same model.
    """
    from lstmcli.cli.commands.train_report import TrainReport
    from lstmcli.jobs.train import job
    from lstmcli.jobs.train.policy import policy_of
    from lstmcli.learning.processes.group import join_group
    from lstmcli.settings.load import load_settings

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
    flags = {"horizon": horizon, "cell": cell, "seed": seed, "device": device}
    typed = with_reading_options(
        assignment, no_header, step=step, resample=resample, on_gap=on_gap, on_duplicate=on_duplicate,
        target=target, time=time, season=season, context=context,
    )  # fmt: skip
    settings = partial(load_settings, config, flags, typed)
    request = job.TrainRequest(data, settings, model, policy, cache, html, dry_run)
    with join_group(policy.lock_wait) as group:
        report = TrainReport(group)
        report.summary(job.run_training(request, report, group), policy, data)
