"""The stage that learns. The only one that loads torch, and only when it is called."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from lstmcli.errors import TrainingDiverged
from lstmcli.jobs.train.prepare import TrainJob
from lstmcli.jobs.update import keep_wider_intervals
from lstmcli.learning.checkpoint.control import Control
from lstmcli.learning.checkpoint.file import Checkpoint
from lstmcli.learning.progress import Progress
from lstmcli.model_file import Model

if TYPE_CHECKING:
    from lstmcli.learning.train import TrainingResult


def import_torch() -> None:
    """It takes seconds, in which a signal ends the program at once."""
    import lstmcli.learning.train  # noqa: F401


def learn(
    job: TrainJob,
    control: Control,
    checkpoint: Checkpoint | None,
    progress: Callable[[Progress], None],
) -> "TrainingResult":
    """Trains by the plan of a job. Where no file is written, torch is left as it was before.

    Raises as `train_network`; a training that diverged leaves no checkpoint.
    """
    from lstmcli.learning.processes.isolated import torch_unchanged
    from lstmcli.learning.train import RunOptions, train_network

    start = job.start.network.weights if job.start else None
    with torch_unchanged() if job.path is None else nullcontext():
        try:
            options = RunOptions(control, checkpoint, start)
            return train_network(job.panel, job.plan_to_train, progress, options)
        except TrainingDiverged:
            if checkpoint:
                checkpoint.remove()
            raise


def trained_model(job: TrainJob, trained: "TrainingResult", processes: int) -> Model:
    """The model of a training, with all that is stored beside its weights."""
    from lstmcli.learning.train import versions

    network, about = trained.network, trained.report
    if job.start:
        network = keep_wider_intervals(network, job.start)
        about = about | {"updates": job.start.report.get("updates", 0) + 1}
    if processes > 1:
        about = about | {"processes": processes}
    return Model(network, job.contract, job.plan.settings, about, versions(), errors=trained.errors)
