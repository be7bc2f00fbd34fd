"""Losses of a member, and its validations: which weights to keep, when to stop."""

import numpy as np
import torch
from numpy.typing import NDArray

from lstmcli.learning.losses import pinball
from lstmcli.learning.model import MemberModule, export_weights, tensors
from lstmcli.learning.processes.group import SINGLE_PROCESS, ProcessGroup
from lstmcli.learning.processes.sharing import sum_over_group
from lstmcli.learning.progress import Fit
from lstmcli.network.forward import baseline_index
from lstmcli.windows.cut import Windows

_BLOCK = 512  # validation windows at once


class Checks:
    """Validations of one run.

    lowest: losses of the best check, window by window; since_best: checks since then; kept: the
    weights to keep. group: the processes that share the windows.
    """

    def __init__(
        self, validation: Windows, quantiles: torch.Tensor, member: int, group: ProcessGroup = SINGLE_PROCESS
    ) -> None:
        self._validation, self._quantiles, self._member, self._group = validation, quantiles, member, group
        self.lowest: NDArray[np.floating] | None = None
        self.since_best = 0
        self.kept: Fit | None = None

    def run(self, module: MemberModule, step: int, loss: float) -> float:
        """Validates, keeps the weights where they are no worse than the best; the mean loss."""
        losses = validation_losses(module, self._validation, self._quantiles, self._member, self._group)
        mean = float(np.nanmean(losses))
        self.since_best += 1
        if self.lowest is None or mean < np.nanmean(self.lowest):
            self.lowest, self.since_best = losses, 0
        if _no_worse(losses, self.lowest):
            self.kept = Fit(export_weights(module), step, step, loss, mean)
        self.since_best = self._group.broadcast(self.since_best)
        return mean


def losses_of(module: MemberModule, windows: Windows, quantiles: torch.Tensor, member: int) -> torch.Tensor:
    """Loss of each window (windows,), NaN where none of its target is known; on the device of `quantiles`."""
    baseline = torch.from_numpy(windows.baselines[:, :, [baseline_index(member, windows)]])
    given = (*tensors(windows), baseline, torch.from_numpy(windows.target))
    *inputs, baseline, target = (_to_device(tensor, quantiles.device) for tensor in given)
    return pinball(quantiles, baseline + module(*inputs), target)


def _to_device(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    if device.type == "cuda" and tensor.numel():
        # From pinned memory the copy runs beside the computation.
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)


def _no_worse(losses: NDArray[np.floating], lowest: NDArray[np.floating]) -> bool:
    """Whether a check is within one standard error of the best, window by window.

    Of checks that differ by noise the last is kept, as its learning rate was the lowest.
    """
    worse = losses - lowest
    worse = worse[~np.isnan(worse)]
    return bool(worse.mean() <= worse.std() / np.sqrt(len(worse)))


@torch.no_grad()
def validation_losses(
    module: MemberModule,
    windows: Windows,
    quantiles: torch.Tensor,
    member: int,
    group: ProcessGroup = SINGLE_PROCESS,
) -> NDArray[np.floating]:
    """Loss of each validation window (windows,), NaN where none of its target is known.

    Each process computes a share of them.
    """
    module.eval()
    share = group.share(len(windows.context))
    losses = np.zeros(len(windows.context))
    for at in range(share.start, share.stop, _BLOCK):
        block = slice(at, min(at + _BLOCK, share.stop))
        losses[block] = losses_of(module, windows.part(block), quantiles, member).cpu().numpy()
    return sum_over_group(losses, group)
