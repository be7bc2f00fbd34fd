"""One batch, and one validation, shared by the processes of a training.

Every process draws the same random numbers for the whole batch and computes on its share of it;
the sum over all processes is then that of one process, up to rounding.
"""

from typing import cast

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from lstmcli.learning.model import MemberModule
from lstmcli.learning.processes.group import ProcessGroup


def sum_over_group(array: NDArray[np.floating], group: ProcessGroup) -> NDArray[np.floating]:
    """The sum over all processes, of any shape; NaN where one of them has it."""
    if not group.is_single:
        dist.all_reduce(torch.from_numpy(array))
    return array


def mean_loss(losses: Tensor, group: ProcessGroup) -> Tensor:
    """The mean over the windows of all processes whose loss is known; losses: (windows of this one,).

    Its gradient is such that the mean over all processes, which DistributedDataParallel takes, is the
    gradient of this mean: windows without a known value may lie unevenly.
    """
    if group.is_single:
        return losses.nanmean()
    own = losses.nansum()
    totals = torch.tensor([own.item(), float((~losses.isnan()).sum())], dtype=torch.float64)
    dist.all_reduce(totals)
    total, known = totals.tolist()
    scaled = own * (group.world / known if known else torch.nan)
    return scaled + (total / known if known else torch.nan) - scaled.detach()


def share_gradients(module: MemberModule, batch: int, group: ProcessGroup) -> MemberModule:
    """The module with gradients that are averaged over all processes; the same where there is one.

    batch: windows of all processes in a step.
    """
    if group.is_single:
        return module
    if module.dropout.p:
        dropout = _ShareOfDropout(module.dropout.p, batch, group.share(batch))
        module.add_module("dropout", dropout)
    return cast(MemberModule, DistributedDataParallel(module))


class _ShareOfDropout(nn.Module):
    """Drops what dropout on the whole batch would: its random numbers are drawn by all processes."""

    def __init__(self, p: float, batch: int, share: slice) -> None:
        super().__init__()
        self.p, self._batch, self._share = p, batch, share

    def forward(self, h: Tensor) -> Tensor:
        if not self.training:
            return h
        kept = functional.dropout(h.new_ones(self._batch, h.shape[1]), self.p)
        return h * kept[self._share]
