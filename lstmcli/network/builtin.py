"""The network that comes with the program: one LSTM for every series, in NumPy.

Segments of a history are embedded and read by the LSTM of `cells`. A head mixes simple forecasts for every
step ahead, adds a correction, and gives quantiles that cannot cross. Its trainable form is
`learning.pretrain.twin`.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from lstmcli.files.tensors import Layout, read_header, read_tensors
from lstmcli.network.builtin_file import BUILTIN_FILE
from lstmcli.network.cells import CellWeights
from lstmcli.network.fast_lstm import hidden_states
from lstmcli.series.arrays import Array, Indices
from lstmcli.windows.candidates import CANDIDATES, simple_candidates
from lstmcli.windows.histories import (
    AHEAD,
    SEGMENT,
    SERIES_INPUTS,
    VALUE_INPUTS,
    Histories,
    Ints,
    Scales,
    scales,
    series_inputs,
    take,
    value_inputs,
)

QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
HIDDEN, EMBEDDED, OF_CANDIDATES, OF_HEAD = 256, 192, 128, 384  # units
MOST_STEPS = 24  # segments that are read at most
MEDIAN = QUANTILES.index(0.5)
_FACTOR, _CUBIC = 0.7978845608, 0.044715  # of `gelu`: the root of 2 / pi, and what was fitted


@dataclass(frozen=True)
class BuiltinInputs:
    """What the network computes on, of series (batch,) at origins (batch, origins) SEGMENT steps apart.

    values     (batch, steps, SEGMENT * VALUE_INPUTS); the last `origins` steps end at the origins
    series     (batch, SERIES_INPUTS)
    simple     (batch, origins, AHEAD, candidates) in the units of the data
    last       (batch, origins) the value before each origin
    scale      measured before the first origin
    """

    values: Array
    series: Array
    simple: Array
    last: Array
    scale: Scales

    @property
    def of_simple(self) -> Array:
        """The simple forecasts relative to the last value, as the head reads them."""
        away = (self.simple - self.last[..., None, None]) / self.scale.unit[:, None, None, None]
        return np.asarray(np.arcsinh(away).reshape(*self.simple.shape[:2], -1), np.float32)

    @property
    def centred(self) -> Array:
        """The simple forecasts in the units that the network forecasts in."""
        away = self.simple - self.scale.loc[:, None, None, None]
        return np.asarray(away / self.scale.unit[:, None, None, None], np.float32)

    def part(self, rows: Indices) -> "BuiltinInputs":
        """Some of the series."""
        scale = Scales(self.scale.loc[rows], self.scale.spread[rows], self.scale.unit[rows])
        return BuiltinInputs(self.values[rows], self.series[rows], self.simple[rows], self.last[rows], scale)

    @staticmethod
    def joined(parts: "Sequence[BuiltinInputs]") -> "BuiltinInputs":
        """The series of all parts."""
        values, series, simple, last = (
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("values", "series", "simple", "last")
        )
        loc, spread, unit = (
            np.concatenate([getattr(part.scale, name) for part in parts])
            for name in ("loc", "spread", "unit")
        )
        return BuiltinInputs(values, series, simple, last, Scales(loc, spread, unit))


def builtin_inputs(known: Histories, first: Ints, steps: int, origins: int = 1) -> BuiltinInputs:
    """first: (batch,) the first origin; steps: segments before it."""
    scale = scales(known, first)
    places = first[:, None] + np.arange(origins) * SEGMENT
    return BuiltinInputs(
        values=value_inputs(known, scale, places[:, -1], steps + origins - 1),
        series=series_inputs(known, scale, first),
        simple=simple_candidates(known, places),
        last=take(known.values, places - 1),
        scale=scale,
    )


def builtin_shapes() -> dict[str, tuple[int, ...]]:
    """Name and shape of every weight."""
    seen = HIDDEN + OF_CANDIDATES + EMBEDDED + SERIES_INPUTS
    return {
        "embed.0.weight": (EMBEDDED, SEGMENT * VALUE_INPUTS + SERIES_INPUTS),
        "embed.0.bias": (EMBEDDED,),
        "embed.1.weight": (EMBEDDED, EMBEDDED),
        "embed.1.bias": (EMBEDDED,),
        "layers.0.inputs": (4, HIDDEN, EMBEDDED),
        "layers.0.recurrent": (4, HIDDEN, HIDDEN),
        "layers.0.bias": (4, HIDDEN),
        "simple.weight": (OF_CANDIDATES, AHEAD * len(CANDIDATES)),
        "simple.bias": (OF_CANDIDATES,),
        "head.weight": (OF_HEAD, seen),
        "head.bias": (OF_HEAD,),
        "mix.weight": (AHEAD * len(CANDIDATES), OF_HEAD),
        "mix.bias": (AHEAD * len(CANDIDATES),),
        "quantiles.weight": (AHEAD * len(QUANTILES), OF_HEAD),
        "quantiles.bias": (AHEAD * len(QUANTILES),),
    }


def read_builtin(path: Path = BUILTIN_FILE) -> dict[str, Array]:
    """Weights as float32; the file holds half precision. Raises OSError, TensorFileError for another file."""
    wanted: dict[str, Layout] = {name: ("F16", shape) for name, shape in builtin_shapes().items()}
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        found = read_tensors(file, read_header(file, size), wanted, size)
    return {name: np.asarray(values, np.float32) for name, values in found.items()}


@cache
def builtin_weights() -> Mapping[str, Array]:
    """Those that the program comes with; read once."""
    return read_builtin()


def builtin_layer(weights: Mapping[str, Array]) -> CellWeights:
    """The recurrent layer, as `cells` computes it."""
    bias = weights["layers.0.bias"]
    return CellWeights(
        weights["layers.0.inputs"], weights["layers.0.recurrent"], bias, np.zeros(HIDDEN, bias.dtype)
    )


def embedded(weights: Mapping[str, Array], inputs: BuiltinInputs) -> Array:
    """What the recurrent layer reads: (batch, steps, EMBEDDED)."""
    steps = inputs.values.shape[1]
    series = np.repeat(inputs.series[:, None], steps, axis=1)
    first = _linear(weights, "embed.0", np.concatenate([inputs.values, series], axis=2))
    return _linear(weights, "embed.1", gelu(first))


def builtin_forward(weights: Mapping[str, Array], inputs: BuiltinInputs) -> Array:
    """Quantiles in the units of the data, (batch, origins, AHEAD, quantiles)."""
    origins = inputs.simple.shape[1]
    z = embedded(weights, inputs)  # (batch, steps, EMBEDDED)
    h = hidden_states("lstm", z, builtin_layer(weights))  # (batch, steps, HIDDEN)
    made = gelu(head_sums(weights, inputs, h[:, -origins:], z[:, -origins:]))
    base = (candidate_shares(weights, made) * inputs.centred).sum(axis=-1)  # (batch, origins, AHEAD)
    scaled = _ordered(corrections(weights, made)) + base[..., None]
    return np.asarray(scaled * inputs.scale.unit[:, None, None, None] + inputs.scale.loc[:, None, None, None])


def head_sums(weights: Mapping[str, Array], inputs: BuiltinInputs, h: Array, z: Array) -> Array:
    """What the units of the head add up at each origin, (batch, origins, OF_HEAD).

    h: (batch, origins, HIDDEN) the state there; z: (batch, origins, EMBEDDED) the segment before.
    """
    simple = _linear(weights, "simple", inputs.of_simple)  # (batch, origins, OF_CANDIDATES)
    series = np.repeat(inputs.series[:, None], h.shape[1], axis=1)
    return _linear(weights, "head", np.concatenate([h, simple, z, series], axis=2))


def candidate_shares(weights: Mapping[str, Array], made: Array) -> Array:
    """Of the simple forecasts, (batch, origins, AHEAD, candidates).

    made: by the head, (batch, origins, OF_HEAD).
    """
    return _softmax(_linear(weights, "mix", made).reshape(*made.shape[:2], AHEAD, len(CANDIDATES)))


def corrections(weights: Mapping[str, Array], made: Array) -> Array:
    """What is added to the mix for the median, and steps away from it, (batch, origins, AHEAD, quantiles)."""
    return _linear(weights, "quantiles", made).reshape(*made.shape[:2], AHEAD, len(QUANTILES))


def gelu(x: Array) -> Array:
    """x Phi(x) by its tanh form (Hendrycks & Gimpel 2016)."""
    return np.asarray(0.5 * x * (1 + np.tanh(_FACTOR * (x + _CUBIC * x * x * x))))


def gelu_slope(x: Array) -> Array:
    """The derivative of `gelu`."""
    t = np.tanh(_FACTOR * (x + _CUBIC * x * x * x))
    return np.asarray(0.5 * (1 + t) + 0.5 * x * (1 - t * t) * _FACTOR * (1 + 3 * _CUBIC * x * x))


def _linear(weights: Mapping[str, Array], name: str, x: Array) -> Array:
    return np.asarray(x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"])


def _softmax(x: Array) -> Array:
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def _ordered(raw: Array) -> Array:
    """The median, and steps away from it that are never negative."""
    up = np.logaddexp(0, raw[..., MEDIAN + 1 :]).cumsum(axis=-1)
    down = np.logaddexp(0, raw[..., :MEDIAN][..., ::-1]).cumsum(axis=-1)[..., ::-1]
    middle = raw[..., MEDIAN : MEDIAN + 1]
    return np.concatenate([middle - down, middle, middle + up], axis=-1)
