"""How open the gates are: per layer and gate, and per unit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.gates.replay import GateTrace
from lstmcli.network.cells import GATES, MEMORY_GATE
from lstmcli.series.arrays import Array

CLOSED_BELOW, OPEN_ABOVE = 0.1, 0.9
BINS = 8  # of a histogram


@dataclass(frozen=True)
class GateSummary:
    """One gate of one layer over all windows, steps and units.

    gate          forget, input, candidate or output; of a GRU reset, update or candidate
    closed, open  share of values below 0.1 and above 0.9. A candidate runs from -1 to 1; for it
                  they are the shares below -0.9 and above 0.9: how often tanh saturates
    seasonal      of the forget gate (GRU: update gate): share of values of at least
                  0.5 ** (1 / season), with which half of the state is left after a season; None
                  for other gates and without a season
    histogram     shares of values in 8 bins from 0 (candidate: -1) to 1
    """

    layer: int
    gate: str
    mean: float
    p5: float
    p50: float
    p95: float
    closed: float
    open: float
    seasonal: float | None
    histogram: tuple[float, ...]


@dataclass(frozen=True)
class LayerUnits:
    """What each unit of a layer does over all windows and steps; every array is (hidden,).

    mean, deviation, closed, open  by gate; as in `GateSummary`, per unit
    output_deviation               standard deviation of h
    twin                           the other unit whose h is most alike, and
    likeness                       the absolute correlation with it (0 for a unit without variance)
    """

    layer: int
    mean: dict[str, Array]
    deviation: dict[str, Array]
    closed: dict[str, Array]
    open: dict[str, Array]
    output_deviation: Array
    twin: NDArray[np.int64]
    likeness: Array


def closed_below(gate: str) -> float:
    """Below this a gate counts as closed; a candidate as saturated."""
    return -OPEN_ABOVE if gate == "candidate" else CLOSED_BELOW


def summaries(traced: GateTrace, cell: str, season_steps: float = 0.0) -> list[GateSummary]:
    """One row per layer and gate, in the order of the equations.

    season_steps: the season in recurrent steps, 0 for none.
    """
    return [
        _summary(number, gate, layer.gates[gate], season_steps if gate == MEMORY_GATE[cell] else 0.0)
        for number, layer in enumerate(traced.layers)
        for gate in GATES[cell]
    ]


def _summary(layer: int, gate: str, values: Array, season_steps: float) -> GateSummary:
    p5, p50, p95 = np.percentile(values, [5, 50, 95])
    start = -1.0 if gate == "candidate" else 0.0
    places = ((values - start) * (BINS / (1 - start))).astype(np.int64).ravel()
    counts = np.bincount(np.clip(places, 0, BINS - 1), minlength=BINS)
    return GateSummary(
        layer=layer,
        gate=gate,
        mean=float(values.mean()),
        p5=float(p5),
        p50=float(p50),
        p95=float(p95),
        closed=float((values < closed_below(gate)).mean()),
        open=float((values > OPEN_ABOVE).mean()),
        seasonal=float((values >= 0.5 ** (1 / season_steps)).mean()) if season_steps > 0 else None,
        histogram=tuple((counts / counts.sum()).tolist()),
    )


def measure_units(traced: GateTrace, cell: str) -> list[LayerUnits]:
    """What each unit does, layer by layer."""
    made = []
    for number, layer in enumerate(traced.layers):
        gates = {name: layer.gates[name] for name in GATES[cell]}
        twin, likeness = twins(layer.h)
        made.append(
            LayerUnits(
                layer=number,
                mean={name: v.mean(axis=(0, 1)) for name, v in gates.items()},
                deviation={name: v.std(axis=(0, 1)) for name, v in gates.items()},
                closed={name: (v < closed_below(name)).mean(axis=(0, 1)) for name, v in gates.items()},
                open={name: (v > OPEN_ABOVE).mean(axis=(0, 1)) for name, v in gates.items()},
                output_deviation=layer.h.std(axis=(0, 1)),
                twin=twin,
                likeness=likeness,
            )
        )
    return made


def twins(h: Array) -> tuple[NDArray[np.int64], Array]:
    """For each unit the one whose h is most alike, and |correlation| with it; h: (windows, steps, hidden)."""
    flat = h.reshape(-1, h.shape[2])
    centred = flat - flat.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    moving = size > 1e-9 * np.sqrt(len(flat))
    scaled = centred / np.where(moving, size, 1.0)
    likeness = np.abs(scaled.T @ scaled) * moving * moving[:, None]
    np.fill_diagonal(likeness, 0.0)
    other = likeness.argmax(axis=1)
    return other, np.minimum(likeness[np.arange(len(other)), other], 1.0)


def memory_gates(traced: GateTrace, cell: str) -> list[Array] | None:
    """The forget gate (GRU: update gate) of each layer, (windows, steps, hidden); None for the plain RNN."""
    name = MEMORY_GATE[cell]
    return [layer.gates[name] for layer in traced.layers] if name else None
