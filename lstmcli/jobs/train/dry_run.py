"""What a training would do: `train --dry-run`. Loads no torch, writes nothing."""

from dataclasses import dataclass

from lstmcli.files.locks import holder
from lstmcli.jobs.check.cost import Estimate, estimate_cost
from lstmcli.jobs.train.prepare import TrainJob
from lstmcli.jobs.train.resume import can_checkpoint, describe_progress, find_checkpoint
from lstmcli.learning.checkpoint.file import checkpoint_path
from lstmcli.learning.split import split_panel


@dataclass(frozen=True)
class DryRun:
    """cost: of the training, estimated; checkpoint: the name of its file, None where none is kept;
    progress: how far an earlier run came, "" where none is to go on from; holder: of the lock of the
    model file."""

    cost: Estimate
    checkpoint: str | None
    progress: str
    holder: str | None


def preview(job: TrainJob, restart: bool) -> DryRun:
    """Raises as a training would before it learns."""
    assert job.path is not None
    path, plan = job.path, job.plan_to_train
    if plan.learning.device not in ("auto", "cpu"):
        from lstmcli.learning.device import device_of  # loads torch

        device_of(plan.learning.device)
    windows, targets = len(split_panel(job.panel, plan).validation[0]), len(job.roles.targets)
    cost = estimate_cost(plan, job.panel, windows, targets, job.in_pieces)
    if not can_checkpoint(path):
        return DryRun(cost, None, "", holder(path))
    members = {} if restart else find_checkpoint(job, path)
    return DryRun(cost, checkpoint_path(path).name, describe_progress(members), holder(path))
