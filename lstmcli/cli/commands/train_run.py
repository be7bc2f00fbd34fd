"""The part of `lstmcli train` that learns: checkpoint, signals, time, and whether to replace a model."""

import importlib.metadata
import math
import time
from dataclasses import replace
from typing import Any

import numpy as np

from lstmcli._version import __version__
from lstmcli.console.screen import Screen
from lstmcli.errors import ConditionFailed, TrainingDiverged
from lstmcli.files.locks import holder
from lstmcli.files.write import remove_leftovers
from lstmcli.jobs.check.cost import Estimate, estimate_cost
from lstmcli.jobs.html_reports import write_training_report
from lstmcli.jobs.train.policy import Policy
from lstmcli.jobs.train.prepare import TrainJob
from lstmcli.jobs.update import (
    keep_wider_intervals,
    model_errors,
    new_to,
    reason_to_keep,
    update_settings,
    weights_digest,
)
from lstmcli.learning.checkpoint.control import Control, stopped_by_signals
from lstmcli.learning.checkpoint.file import (
    Checkpoint,
    Snapshot,
    checkpoint_path,
    identity_of,
    read_checkpoint,
)
from lstmcli.learning.processes.group import SINGLE_PROCESS, ProcessGroup
from lstmcli.learning.split import split_panel
from lstmcli.model_file import Model, write_model
from lstmcli.reports.html.learning import LossHistory
from lstmcli.settings.durations import format_seconds


def run_job(
    job: TrainJob,
    policy: Policy,
    screen: Screen,
    until: float,
    html: str | None = None,
    ranks: ProcessGroup = SINGLE_PROCESS,
) -> Model | None:
    """Trains and writes; None where the model there is was kept. until: monotonic seconds; html: file
    of a report on a model that was written; ranks: the processes that train together, of which the
    first writes.

    Raises ConditionFailed where the skill is too low, Interrupted after a signal; the model there
    is stays as it was.
    """
    checkpoint = _checkpoint(job, policy, screen, ranks)
    from lstmcli.learning.train import RunOptions, train_network, versions

    control = Control(policy.checkpoint_every if ranks.first else math.inf, until, ranks)
    settings = update_settings(job.settings) if job.start else job.settings
    run = RunOptions(control, checkpoint, job.start.network.weights if job.start else None)
    plan, course = job.plan_to_train, LossHistory()
    with stopped_by_signals(control):
        try:
            with screen.progress(plan.arch.members) as report:
                trained = train_network(job.panel, plan, settings, course.then(report), run)
        except TrainingDiverged:
            _remove(checkpoint)
            raise
        if not ranks.first:
            return None
        screen.lap("training")
        screen.facts([("", note) for note in trained.notes])
        network, told = trained.network, trained.report
        if job.start:
            network = keep_wider_intervals(network, job.start)
            told = told | {"updates": job.start.report.get("updates", 0) + 1}
        if not ranks.alone:
            told = told | {"processes": ranks.world}
        model = Model(network, job.contract, job.effective, told, versions())
        refused = _too_little_skill(job, policy, model)
        judged = replace(model, network=trained.judged)
        replaced = refused is None and _is_replaced(job, policy, judged, screen)
        if replaced:
            write_model(job.path, model)
        _remove(checkpoint)
    if refused:
        raise refused
    if replaced and html is not None:
        notes = (*job.notes, *trained.notes)
        write_training_report(
            html, model, trained.judged, job.panel, plan.until, course, job.table.source, notes
        )
    return model if replaced else None


def _remove(checkpoint: Checkpoint | None) -> None:
    if checkpoint:
        checkpoint.remove()


def _is_file(job: TrainJob) -> bool:
    return job.path.is_file() or not job.path.exists()


def _checkpoint(job: TrainJob, policy: Policy, screen: Screen, ranks: ProcessGroup) -> Checkpoint | None:
    """Where the training is saved, with what an earlier run left there; none for a device.

    The first of the ranks reads and writes it; the others may have no such folder.
    """
    path = checkpoint_path(job.path)
    checkpoint = Checkpoint(
        path, identity(job), lambda text: screen.facts([("warning", text)]), writes=ranks.first
    )

    def found() -> dict[str, Snapshot] | None:
        remove_leftovers(job.path)
        if not _is_file(job):
            return None
        remove_leftovers(path)
        if policy.restart:
            checkpoint.remove()
        return {} if policy.restart else found_checkpoint(job)

    members = ranks.by_first(found)
    if members:
        screen.facts([("goes on", f"from {path.name}: {_reached(members)}")])
    return None if members is None else replace(checkpoint, members=members)


def found_checkpoint(job: TrainJob) -> dict[str, Snapshot]:
    """Members that an earlier run of this job left. Raises as `read_checkpoint`."""
    return read_checkpoint(checkpoint_path(job.path), identity(job), job.plan_to_train.arch)


def identity(job: TrainJob) -> dict[str, Any]:
    """What must be the same for a training to go on, and in all processes of one."""
    # Without torch: `--dry-run` asks too.
    versions = {
        "lstmcli": __version__,
        "numpy": np.__version__,
        "torch": importlib.metadata.version("torch"),
    }
    start = weights_digest(job.start.network) if job.start else ""
    return identity_of(job.effective, job.contract.data_sha256, versions, start)


def _reached(members: dict[str, Snapshot]) -> str:
    parts = []
    for name, snapshot in sorted(members.items()):
        stage, _, member = name.partition(".")
        if "finished" not in snapshot.numbers:
            parts.append(f"{stage} of member {int(member) + 1} at step {snapshot.numbers.get('step')}")
    done = sum("finished" in snapshot.numbers for snapshot in members.values())
    return ", ".join([*([f"{done} done"] if done else []), *parts])


def _too_little_skill(job: TrainJob, policy: Policy, model: Model) -> ConditionFailed | None:
    skill, least = model.report["validation"]["skill"], policy.require_skill
    if least is None or (skill is not None and skill >= least):
        return None
    found = "is not defined on these data" if skill is None else f"is {skill:.1%}"
    return ConditionFailed(
        f"{job.path}: not written: the skill against seasonal naive {found}, --require-skill is {least:.1%}"
    )


def _is_replaced(job: TrainJob, policy: Policy, judged: Model, screen: Screen) -> bool:
    """Whether the new model is to be written, or the one there is was better.

    judged: the new one, not yet trained on the rows that are held out.
    """
    if job.old is None or not (policy.keep_best or policy.update):
        return True
    windows = new_to(job.old, job.panel, *split_panel(job.panel, job.plan).validation)
    theirs, ours = (model_errors(m, job.panel, job.contract, job.plan, windows) for m in (job.old, judged))
    if isinstance(theirs, str):
        screen.facts([("replaced", f"the model there was cannot forecast these data: {theirs}")])
        return True
    assert not isinstance(ours, str)
    why = reason_to_keep(theirs, ours, windows)
    if why:
        screen.facts([("kept", f"{job.path} as it was: {why}")])
    return why is None


def say_dry_run(job: TrainJob, policy: Policy, screen: Screen) -> None:
    """The lines of --dry-run below what was found. Raises as a training would before it learns."""
    facts = [("training", _cost(job))]
    if job.update:
        facts.append(("", f"from the weights of {job.path}, {job.update.steps} steps"))
    if policy.max_time:
        facts.append(("", f"stopped after {format_seconds(policy.max_time)} at the latest"))
    if _is_file(job):
        kept = {} if policy.restart else found_checkpoint(job)
        place = checkpoint_path(job.path).name
        facts.append(
            ("checkpoint", f"{place}: would go on, {_reached(kept)}" if kept else "none to go on from")
        )
    if who := holder(job.path):
        facts.append(("lock", f"held by {who}"))
    there = "would be replaced" if job.path.exists() else "could be written"
    if policy.if_changed and job.unchanged:
        there = "has these settings and this data: nothing would be done"
    facts.append(("model", f"{job.path} {there}"))
    facts.append(("", "nothing was trained, no model was written (--dry-run)"))
    screen.facts(facts)


def _cost(job: TrainJob) -> str:
    plan = job.plan_to_train
    windows = len(split_panel(job.panel, plan).validation[0])
    targets = len(job.roles.targets)
    cost: Estimate = estimate_cost(plan, job.panel, job.settings.batch, windows, targets, job.in_pieces)
    return (
        f"about {format_seconds(round(cost.seconds))}, at most {format_seconds(round(cost.longest))}; "
        f"about {cost.bytes / 1e9:.1f} GB of memory (estimates)"
    )


def end_time(policy: Policy) -> float:
    """When a training that begins now is to end, in monotonic seconds."""
    return time.monotonic() + policy.max_time if policy.max_time is not None else math.inf
