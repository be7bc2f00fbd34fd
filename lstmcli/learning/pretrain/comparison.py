"""The loss of weights on made-up series that no training sees: what decides whether new weights are kept."""

from collections.abc import Mapping

import numpy as np

from lstmcli.learning.pretrain.batches import Pool
from lstmcli.network.builtin import QUANTILES, builtin_forward
from lstmcli.series.arrays import Array

_SEED = 20_000_003
_BATCHES, _ROWS = 24, 64


def comparison_loss(weights: Mapping[str, Array], batches: int = _BATCHES, rows: int = _ROWS) -> float:
    """Mean pinball loss in units of the usual change of each series, errors beyond 10 units counted as 10."""
    pool = Pool(np.random.default_rng(_SEED), size=batches * rows, uses=10**9)
    levels = np.array(QUANTILES)
    losses = []
    for _ in range(batches):
        batch = pool.batch(rows)
        scale = batch.inputs.scale
        made = builtin_forward(weights, batch.inputs)
        scaled = (made - scale.loc[:, None, None, None]) / scale.unit[:, None, None, None]
        error = np.clip(batch.target[..., None] - scaled, -10, 10)
        pinball = np.maximum(levels * error, (levels - 1) * error).mean(axis=-1)
        losses.append(np.sum(pinball * batch.weight) / np.sum(batch.weight))
    return float(np.mean(losses))
