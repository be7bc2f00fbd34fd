"""What the training of a member reports and returns."""

from collections.abc import Callable
from dataclasses import dataclass

from lstmcli.network.architecture import Weights


@dataclass(frozen=True)
class Progress:
    """How far a member is. Losses are in scaled units; rate is in windows per second."""

    stage: str  # "training" or "refit"
    member: int
    step: int
    steps: int
    loss: float
    validation_loss: float | None
    rate: float


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True)
class Fit:
    """Weights of the best check, or of the last step where nothing was checked.

    cut_short: whether its time was up before its steps were taken.
    """

    weights: Weights
    steps: int
    best_step: int
    loss: float
    validation_loss: float | None
    cut_short: bool = False
