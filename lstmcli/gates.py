"""What the gates of a model do on data: how open they are, and how long the memory lasts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.cells import GATES, KEEP_GATE, Trace
from lstmcli.network import Network, member, traces
from lstmcli.panel import Panel
from lstmcli.windows import Indices, Shape, cut, rows_of

Array = NDArray[np.floating]

CLOSED, OPEN = 0.1, 0.9
_BLOCK = 128


@dataclass(frozen=True)
class GateSummary:
    """One gate of one layer over all windows, steps and units.

    closed, open: share of values below 0.1 and above 0.9. A candidate runs from -1 to 1; for
    it they are the shares below -0.9 and above 0.9: how often tanh saturates.
    """

    layer: int
    gate: str
    mean: float
    p5: float
    p50: float
    p95: float
    closed: float
    open: float


@dataclass(frozen=True)
class LayerMemory:
    """How long each unit of a layer remembers, in steps.

    half_lives  (hidden,) -ln 2 / mean(ln keep): the steps after which half of a cell's
                content is left, at the geometric mean of its keep gate; None for the plain
                RNN, which has no such gate
    """

    layer: int
    half_lives: NDArray[np.float64] | None


@dataclass(frozen=True)
class GateTrace:
    """Gates and states of a set of windows: `layers[l].gates[name]` is (windows, steps, hidden)."""

    series: Indices
    origins: Indices
    layers: list[Trace]


def spread_origins(panel: Panel, shape: Shape, count: int) -> tuple[Indices, Indices]:
    """About `count` windows spread evenly over all series, each with a full context if it can be."""
    each = max(1, count // len(panel))
    chosen = np.unique(np.linspace(0, len(panel) - 1, min(len(panel), count)).astype(np.int64))
    series = np.repeat(chosen, each)
    part = np.tile(np.linspace(0, 1, each) if each > 1 else np.ones(1), len(chosen))
    lengths = panel.lengths[series]
    first = np.minimum(shape.context, lengths)
    return series, (first + part * (lengths - first)).astype(np.int64)


def trace_windows(
    network: Network, panel: Panel, series: Indices, origins: Indices, index: int = 0
) -> GateTrace:
    """Replays windows through member `index` in float64 and keeps every gate and state."""
    arch, blocks = network.arch, []
    rows = rows_of(panel, network.scaling, network.shape)
    precise = {name: w.astype(np.float64) for name, w in member(network.weights, index).items()}
    for at in range(0, len(series), _BLOCK):
        block = slice(at, at + _BLOCK)
        windows = cut(rows, series[block], origins[block], network.shape, network.scaling)
        blocks.append(traces(precise, arch, windows))
    layers = [
        Trace(
            {g: np.concatenate([b[layer].gates[g] for b in blocks]) for g in GATES[arch.cell]},
            np.concatenate([b[layer].h for b in blocks]),
            np.concatenate([b[layer].c for b in blocks]),
        )
        for layer in range(arch.layers)
    ]
    return GateTrace(series, origins, layers)


def summaries(traced: GateTrace, cell: str) -> list[GateSummary]:
    """One row per layer and gate, in the order of the equations."""
    return [
        _summary(number, gate, layer.gates[gate])
        for number, layer in enumerate(traced.layers)
        for gate in GATES[cell]
    ]


def _summary(layer: int, gate: str, values: Array) -> GateSummary:
    low = -OPEN if gate == "candidate" else CLOSED
    p5, p50, p95 = np.percentile(values, [5, 50, 95])
    return GateSummary(
        layer=layer,
        gate=gate,
        mean=float(values.mean()),
        p5=float(p5),
        p50=float(p50),
        p95=float(p95),
        closed=float((values < low).mean()),
        open=float((values > OPEN).mean()),
    )


def memory(traced: GateTrace, cell: str) -> list[LayerMemory]:
    """Half-life of every unit of every layer."""
    keep = KEEP_GATE[cell]
    return [
        LayerMemory(number, half_lives(layer.gates[keep]) if keep else None)
        for number, layer in enumerate(traced.layers)
    ]


def half_lives(keep: Array) -> NDArray[np.float64]:
    """-ln 2 / mean(ln keep) of each unit, in steps; keep: (windows, steps, hidden)."""
    logarithm = np.log(np.clip(keep.astype(np.float64), 1e-12, 1 - 1e-12))
    return np.asarray(-np.log(2) / logarithm.mean(axis=(0, 1)))
