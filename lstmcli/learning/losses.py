"""What training minimises."""

import torch
from torch import Tensor


def pinball(quantiles: Tensor, forecast: Tensor, target: Tensor) -> Tensor:
    """Twice the mean quantile loss (Koenker & Bassett 1978); for the median alone, the absolute error.

    quantiles: (quantiles,) levels; forecast: (batch, horizon, quantiles); target: (batch,
    horizon), NaN where unknown, which counts for nothing. Returns (batch,) in scaled units, NaN
    where nothing is known.
    """
    known = ~torch.isnan(target)
    count = known.sum(1, keepdim=True)
    error = target.nan_to_num(0.0)[:, :, None] - forecast
    # The loss is linear in the error but for the kink at 0: its slope there is a constant.
    weight = known * (2 / len(quantiles) / count.clamp(min=1))
    slope = (quantiles - (error.detach() < 0).to(error.dtype)) * weight[:, :, None]
    loss = (slope * error).sum((1, 2))
    return torch.where(count[:, 0] > 0, loss, torch.nan)
