"""Training inside a process that may use PyTorch for other things too."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.utils import deterministic

from lstmcli.forecasting.plan import Plan
from lstmcli.learning.progress import Progress
from lstmcli.learning.train import TrainingResult, train_network
from lstmcli.series.panel import Panel
from lstmcli.settings.model import Settings


def train_here(panel: Panel, plan: Plan, settings: Settings) -> TrainingResult:
    """`training.train`, after which PyTorch is set as it was before. Raises as that does."""
    with _settings_kept():
        return train_network(panel, plan, settings, _unheard)


def _unheard(_: Progress) -> None:
    pass


@contextmanager
def _settings_kept() -> Iterator[None]:
    threads = torch.get_num_threads()
    certain = torch.get_deterministic_debug_mode()
    filled = deterministic.fill_uninitialized_memory  # type: ignore[attr-defined]
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_deterministic_debug_mode(certain)
        deterministic.fill_uninitialized_memory = filled  # type: ignore[attr-defined]
        torch.set_flush_denormal(False)  # as PyTorch starts; it does not tell
