"""The checkpoint of a training: what it belongs to, and what an earlier run left there. Loads no torch."""

import importlib.metadata
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lstmcli._version import __version__
from lstmcli.files.write import remove_leftovers
from lstmcli.jobs.reporter import Reporter
from lstmcli.jobs.train.prepare import TrainJob
from lstmcli.jobs.update import weights_digest
from lstmcli.learning.checkpoint.file import (
    Checkpoint,
    Snapshot,
    checkpoint_path,
    identity_of,
    read_checkpoint,
)
from lstmcli.learning.processes.group import ProcessGroup


def open_checkpoint(job: TrainJob, restart: bool, report: Reporter, group: ProcessGroup) -> Checkpoint | None:
    """Where a training is saved, with what an earlier run left there; None where no file is written.

    The first process of the group reads and writes it; the others may have no such folder. Raises
    as `find_checkpoint`.
    """
    if job.path is None:
        return None
    place = checkpoint_path(job.path)
    checkpoint = Checkpoint(
        place, job_identity(job), lambda text: report.facts([("warning", text)]), writes=group.is_first
    )
    members = group.run_on_first(_read_earlier, job, job.path, restart, checkpoint)
    if members:
        report.facts([("goes on", f"from {place.name}: {describe_progress(members)}")])
    return None if members is None else replace(checkpoint, members=members)


def _read_earlier(
    job: TrainJob, path: Path, restart: bool, checkpoint: Checkpoint
) -> dict[str, Snapshot] | None:
    remove_leftovers(path.resolve())
    if not can_checkpoint(path):
        return None
    remove_leftovers(checkpoint.path)
    if restart:
        checkpoint.remove()
        return {}
    return find_checkpoint(job, path)


def can_checkpoint(path: Path) -> bool:
    """Whether a model is written to a file, not to a device."""
    return path.is_file() or not path.exists()


def find_checkpoint(job: TrainJob, path: Path) -> dict[str, Snapshot]:
    """Members that an earlier run of this job left. Raises as `read_checkpoint`."""
    return read_checkpoint(checkpoint_path(path), job_identity(job), job.plan_to_train.arch)


def job_identity(job: TrainJob) -> dict[str, Any]:
    """What must be the same for a training to go on, and in all processes of one."""
    # Without torch: `--dry-run` asks too.
    versions = {
        "lstmcli": __version__,
        "numpy": np.__version__,
        "torch": importlib.metadata.version("torch"),
    }
    start = weights_digest(job.start.network) if job.start else ""
    return identity_of(job.plan.settings, job.contract.data_sha256, versions, start)


def describe_progress(members: dict[str, Snapshot]) -> str:
    """How far the members of a checkpoint are."""
    parts = []
    for name, snapshot in sorted(members.items()):
        stage, _, member = name.partition(".")
        if "finished" not in snapshot.numbers:
            parts.append(f"{stage} of member {int(member) + 1} at step {snapshot.numbers.get('step')}")
    done = sum("finished" in snapshot.numbers for snapshot in members.values())
    return ", ".join([*([f"{done} done"] if done else []), *parts])
