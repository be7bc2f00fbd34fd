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
    error = torch.where(known, target, 0.0)[:, :, None] - forecast
    loss = torch.maximum(quantiles * error, (quantiles - 1) * error).mean(2)
    mean = 2 * (loss * known).sum(1) / known.sum(1).clamp(min=1)
    return torch.where(known.any(1), mean, torch.nan)
