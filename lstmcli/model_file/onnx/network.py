"""Segments, recurrent layers, decoder, quantiles: the graph of `lstmcli.network`, in single precision."""

import numpy as np
from numpy.typing import NDArray

from lstmcli.model_file.onnx.builder import FLOAT32, Tensor, concat
from lstmcli.model_file.onnx.windows import GraphWindows
from lstmcli.network.architecture import Architecture, Weights, layer_weights, member
from lstmcli.network.cells import GATES, CellWeights

# Operator of ONNX for each cell, and its order of our gates.
_OPERATORS: dict[str, tuple[str, tuple[str, ...]]] = {
    "lstm": ("LSTM", ("input", "output", "forget", "candidate")),
    "gru": ("GRU", ("update", "reset", "candidate")),
    "rnn": ("RNN", ("candidate",)),
}


def build_forward(weights: Weights, arch: Architecture, windows: GraphWindows) -> list[Tensor]:
    """Quantiles of every member in scaled units, (series, horizon, quantiles) each."""
    baselines, outputs = list(windows.baselines.values()), []
    for m in range(arch.members):
        with windows.context.builder.stage(f"member_{m}"):
            correction = build_member(member(weights, m), arch, windows)
            outputs.append(correction + baselines[m % len(baselines)].expanded(2))
    return outputs


def build_member(weights: Weights, arch: Architecture, windows: GraphWindows) -> Tensor:
    """What one member adds to the baseline, (series, horizon, quantiles)."""
    x = build_embedding(weights, arch, windows).transpose(1, 0, 2)  # (steps, series, hidden)
    for layer in range(arch.layers - 1):
        x = build_layer(arch, x, layer_weights(weights, layer), output=0).squeezed(1)
    last = build_layer(arch, x, layer_weights(weights, arch.layers - 1), output=1)
    return build_decoder(weights, arch, last.squeezed(0), build_future_inputs(weights, arch, windows))


def build_layer(arch: Architecture, x: Tensor, w: CellWeights, output: int) -> Tensor:
    """One layer over x (steps, series, input): every state (steps, 1, series, hidden) as output 0, or
    the final one (1, series, hidden) as output 1."""
    kind, order = _OPERATORS[arch.cell]
    places = [GATES[arch.cell].index(gate) for gate in order]

    def joined(array: NDArray[np.floating]) -> NDArray[np.float32]:
        """The gates one below the other, in the order of ONNX."""
        return array[places].reshape(1, -1, *array.shape[2:]).astype(np.float32)

    # ONNX adds two biases per gate; the second one of the candidate of a GRU is inside the reset gate.
    inside = np.zeros_like(w.bias)
    inside[GATES[arch.cell].index("candidate")] = w.candidate_bias if arch.cell == "gru" else 0
    bias = np.concatenate([joined(w.bias), joined(inside)], axis=1)
    constants = (x.builder.constant(a) for a in (joined(w.inputs), joined(w.recurrent), bias))
    more = {"linear_before_reset": 1} if arch.cell == "gru" else {}
    return x.builder.node(kind, x, *constants, dtype=FLOAT32, output=output, hidden_size=arch.hidden, **more)


def build_embedding(weights: Weights, arch: Architecture, windows: GraphWindows) -> Tensor:
    """Segments of the context as inputs of the first layer, (series, steps, hidden)."""
    read = build_features(weights, arch, windows)
    width = weights["embed.weight"].shape[1] // arch.segment
    # A segment holds its values, then their missing flags, then each covariate in turn.
    segments = read.reshape(-1, arch.steps, arch.segment, width).transpose(0, 1, 3, 2)
    x = segments.reshape(-1, arch.steps, arch.segment * width) @ weights["embed.weight"].T
    x = x + weights["embed.bias"] + (windows.levels @ weights["embed.levels"].T).expanded(1)
    if arch.fixed:
        fixed = [windows.static] if windows.static else []
        fixed += build_lookup(weights, "static", windows.static_codes, arch.static_tables)
        x = x + (concat(fixed, axis=1) @ weights["embed.static"].T).expanded(1)
    return x


def build_features(weights: Weights, arch: Architecture, windows: GraphWindows) -> Tensor:
    """What is read at each time, (series, context, features): value, missing flag, covariates, categories."""
    missing = (~windows.observed).cast(FLOAT32)
    parts = [windows.context.expanded(2), missing.expanded(2)]
    parts += [windows.covariates] if windows.covariates else []
    parts += build_lookup(weights, "past", windows.past_codes, arch.past_tables)
    parts += build_lookup(weights, "future", windows.future_codes, arch.future_tables)
    return concat(parts, axis=2)


def build_lookup(weights: Weights, role: str, codes: Tensor | None, tables: tuple[int, ...]) -> list[Tensor]:
    """The embedding of every code, one tensor (..., width) per column of codes (..., columns)."""
    if codes is None:
        return []
    axis = 1 if role == "static" else 2
    found = []
    for n in range(len(tables)):
        table = codes.builder.constant(weights[f"tables.{role}.{n}"])
        column = codes.part(n, n + 1, axis).squeezed(axis)
        found.append(codes.builder.node("Gather", table, column, dtype=FLOAT32, axis=0))
    return found


def build_future_inputs(weights: Weights, arch: Architecture, windows: GraphWindows) -> Tensor | None:
    """What is known of each step to forecast, (series, horizon, inputs)."""
    parts = [windows.ahead] if windows.ahead else []
    parts += build_lookup(weights, "future", windows.codes_ahead, arch.future_tables)
    return concat(parts, axis=2) if parts else None


def build_decoder(weights: Weights, arch: Architecture, h: Tensor, ahead: Tensor | None) -> Tensor:
    """Quantiles of the whole horizon from the final hidden state h (series, hidden)."""
    raw = h @ weights["head.weight"].T + weights["head.bias"]
    raw = raw.reshape(-1, arch.horizon, len(arch.quantiles))
    if ahead is not None:
        state = (h @ weights["ahead.state"].T + weights["ahead.bias"]).expanded(1)
        known = (ahead @ weights["ahead.inputs"].T + state).at_least(0)  # (series, horizon, units)
        raw = raw + known @ weights["ahead.out"].T
    return build_ordered_quantiles(raw, arch.quantiles)


def build_ordered_quantiles(raw: Tensor, quantiles: tuple[float, ...]) -> Tensor:
    """Quantiles that never cross: the median, and positive steps outward from it on both sides."""
    middle, away = quantiles.index(0.5), raw.softplus()
    median = raw.part(middle, middle + 1, axis=2)
    parts = [median]
    if middle:
        parts.insert(0, median - away.part(0, middle, axis=2).cumulative(2, reverse=True))
    if middle + 1 < len(quantiles):
        parts.append(median + away.part(middle + 1, None, axis=2).cumulative(2))
    return concat(parts, axis=2)
