"""The whole forecaster in NumPy: segments, recurrent layers, decoder, quantiles.

A window of `context` observations becomes `context / segment` steps of the recurrent layers;
one step reads a segment of values, their missing flags and their covariates. The final hidden
state gives the whole horizon at once, one linear map to every step and quantile; what is known
ahead joins it through a small layer that all steps of the horizon share. The result is added
to the baseline.

This is the readable statement of the model and its only form at prediction;
`learning.model` is the twin that is trained, and a test holds the two equal.
"""

from dataclasses import replace

import numpy as np

from lstmcli.network.architecture import Architecture, Weights, layer_weights, member
from lstmcli.network.cells import CellWeights, Trace, trace
from lstmcli.network.fast_lstm import hidden_states
from lstmcli.series.arrays import Array
from lstmcli.windows.covariates import Codes
from lstmcli.windows.cut import Windows


def forward(weights: Weights, arch: Architecture, windows: Windows) -> Array:
    """Quantiles of every member in scaled units, (members, batch, horizon, quantiles)."""
    return np.stack(
        [
            windows.baselines[:, :, baseline_index(m, windows)][:, :, None]
            + member_forward(member(weights, m), arch, windows)
            for m in range(arch.members)
        ]
    )


def combine_members(outputs: Array, shares: Array | None) -> Array:
    """The mean of all members, (batch, horizon, quantiles), weighted by shares (members, batch).

    Averaged quantiles have better intervals than the median of the members' quantiles.
    """
    return outputs.mean(axis=0) if shares is None else np.einsum("mbhq,mb->bhq", outputs, shares)


def baseline_index(member_index: int, windows: Windows) -> int:
    """Members correct the baselines in turn: members that differ are wrong in different places."""
    return member_index % windows.baselines.shape[2]


def member_forward(weights: Weights, arch: Architecture, windows: Windows) -> Array:
    """What one member adds to the baseline, (batch, horizon, quantiles)."""
    x, first = _first_layer(weights, arch, windows)
    x = hidden_states(arch.cell, x, first)
    for layer in range(1, arch.layers):
        x = hidden_states(arch.cell, x, layer_weights(weights, layer))
    return decode_state(weights, arch, x[:, -1], future_inputs(weights, arch, windows))


def _first_layer(weights: Weights, arch: Architecture, windows: Windows) -> tuple[Array, CellWeights]:
    """What the first layer reads, (batch, steps, columns), and its weights.

    Embedding and input weights are two linear maps in a row: they are one where that is the smaller.
    """
    first = layer_weights(weights, 0)
    weight, bias = embedding(weights), weights["embed.bias"]
    if weight.shape[1] >= arch.hidden:
        return embed_segments(weights, arch, windows), first
    through = replace(first, inputs=first.inputs @ weight, bias=first.bias + first.inputs @ bias)
    return segments(weights, arch, windows), through


def embed_segments(weights: Weights, arch: Architecture, windows: Windows) -> Array:
    """Segments of the context as inputs of the first layer, (batch, steps, hidden)."""
    read = segments(weights, arch, windows)
    x = read.reshape(-1, read.shape[2]) @ embedding(weights).T + weights["embed.bias"]
    return x.reshape(*read.shape[:2], arch.hidden)


def embedding(weights: Weights) -> Array:
    """The weights of what a step reads, (hidden, columns), see `segments`."""
    parts = ("embed.weight", "embed.levels", "embed.static")
    return np.concatenate([weights[name] for name in parts if name in weights], axis=1)


def segments(weights: Weights, arch: Architecture, windows: Windows) -> Array:
    """What each step reads, (batch, steps, columns): a segment, and what is the same for all of them.

    A segment holds its values, then their missing flags, then each covariate in turn.
    """
    batch = len(windows.context)
    read = window_features(weights, arch, windows).reshape(batch, arch.steps, arch.segment, -1).swapaxes(2, 3)
    fixed = [windows.levels]
    if arch.fixed:
        fixed += [windows.static, *look_up_embeddings(weights, "static", windows.static_codes)]
    repeated = [np.broadcast_to(f[:, None], (batch, arch.steps, f.shape[1])) for f in fixed]
    return np.concatenate([read.reshape(batch, arch.steps, -1), *repeated], axis=2)


def window_features(weights: Weights, arch: Architecture, windows: Windows) -> Array:
    """What is read at each time, (batch, context, features): value, missing flag, covariates, categories."""
    categories = [
        *look_up_embeddings(weights, "past", windows.codes[:, :, : len(arch.past_tables)]),
        *look_up_embeddings(weights, "future", windows.codes[:, :, len(arch.past_tables) :]),
    ]
    parts = [windows.context[:, :, None], windows.missing[:, :, None], windows.covariates, *categories]
    return np.concatenate([p.astype(windows.context.dtype) for p in parts], axis=2)


def look_up_embeddings(weights: Weights, role: str, codes: Codes) -> list[Array]:
    """The embedding of every code, one array (..., width) per column of codes (..., columns)."""
    return [weights[f"tables.{role}.{n}"][codes[..., n]] for n in range(codes.shape[-1])]


def future_inputs(weights: Weights, arch: Architecture, windows: Windows) -> Array:
    """What is known of each step to forecast, (batch, horizon, inputs)."""
    return np.concatenate(
        [windows.ahead, *look_up_embeddings(weights, "future", windows.codes_ahead)], axis=2
    )


def decode_state(weights: Weights, arch: Architecture, h: Array, ahead: Array) -> Array:
    """Quantiles of the whole horizon from the final hidden state h (batch, hidden)."""
    raw = (h @ weights["head.weight"].T + weights["head.bias"]).reshape(
        len(h), arch.horizon, len(arch.quantiles)
    )
    if arch.known_ahead:
        state = (h @ weights["ahead.state"].T + weights["ahead.bias"])[:, None]
        known = np.maximum(ahead @ weights["ahead.inputs"].T + state, 0)  # (batch, horizon, units)
        raw = raw + known @ weights["ahead.out"].T
    return order_quantiles(raw, arch.quantiles)


def order_quantiles(raw: Array, quantiles: tuple[float, ...]) -> Array:
    """Quantiles that never cross: the median, and positive steps outward from it on both sides."""
    middle, away, made = quantiles.index(0.5), softplus(raw), raw.copy()
    for q in range(middle + 1, len(quantiles)):
        made[..., q] = made[..., q - 1] + away[..., q]
    for q in range(middle - 1, -1, -1):
        made[..., q] = made[..., q + 1] - away[..., q]
    return made


def softplus(x: Array) -> Array:
    """log(1 + exp(x)), by functions that NumPy computes many at a time: logaddexp takes ten times as long."""
    y = -np.abs(x)
    np.exp(y, out=y)
    y += 1
    np.log(y, out=y)
    y += np.maximum(x, 0)
    return y


def traces(weights: Weights, arch: Architecture, windows: Windows) -> list[Trace]:
    """Every gate and state of every layer over the context, for one member's weights."""
    x, layers = embed_segments(weights, arch, windows), []
    for layer in range(arch.layers):
        layers.append(trace(arch.cell, x, layer_weights(weights, layer)))
        x = layers[-1].h
    return layers
