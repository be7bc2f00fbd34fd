"""Pictures as PNG files: forecasts with their history, gates over time."""

import io
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lstmcli.calendar import Times, advance
from lstmcli.cells import GATES
from lstmcli.files import write_atomically
from lstmcli.gates.memory import LayerMemory
from lstmcli.gates.trace import trace_windows
from lstmcli.network import Network
from lstmcli.panel import Forecast, Panel

Lags = NDArray[np.int64]
Curve = NDArray[np.floating]

# Okabe & Ito's colours can be told apart by colour-blind readers.
HISTORY, FORECAST = "#444444", "#0072B2"
_CELL_COLOURS = ("#D55E00", "#009E73", "#0072B2")
_LEAST_SHARE = 1e-12  # of a gradient; smaller ones are shown as this
_SHOWN_SERIES = 6
_SHOWN_STEPS = 60  # of the gates
_PANELS = {
    "forget": "forget gate f",
    "input": "input gate i",
    "candidate": "candidate g",
    "output": "output gate o",
}
_GRU_PANELS = {"reset": "reset gate r", "keep": "keep gate z", "candidate": "candidate n"}


def forecast_plot(panel: Panel, forecast: Forecast, targets: tuple[str, ...], path: Path) -> None:
    """History and forecast of at most six series, with bands between matching quantiles."""
    shown = min(len(panel), _SHOWN_SERIES)
    figure = Figure(figsize=(9, 3.2 if shown == 1 else 1.9 * shown + 0.8), layout="constrained")
    axes = np.atleast_1d(figure.subplots(shown, 1))
    for series in range(shown):
        _forecast_axes(axes[series], panel, forecast, series)
        name = panel.name(series) or targets[0]
        axes[series].set_title(name, loc="left", fontsize=10)
    axes[0].legend(loc="upper left", fontsize=8, frameon=False, ncols=6)
    if len(panel) > shown:
        figure.supxlabel(f"{shown} of {len(panel)} series", fontsize=9)
    _save(figure, path)


def _forecast_axes(axes: Axes, panel: Panel, forecast: Forecast, series: int) -> None:
    horizon, quantiles = forecast.horizon, forecast.quantiles
    tail = min(int(panel.lengths[series]), 4 * horizon)
    start = int(panel.lengths[series]) - tail
    past, ahead = panel.times(series, start, tail), forecast.times(series)
    axes.plot(past, panel.history(series)[-tail:], color=HISTORY, linewidth=1, label="history")
    bands = [(low, quantiles[-1 - a]) for a, low in enumerate(quantiles) if low < 0.5]
    for low, high in bands:
        if (abs(low + high - 1) < 1e-9 and round(high - low, 3) in (0.5, 0.8, 0.95)) or len(bands) <= 3:
            below, above = (forecast.values[series, :, quantiles.index(q)] for q in (low, high))
            name = f"{high - low:.0%}"
            axes.fill_between(ahead, below, above, color=FORECAST, alpha=0.2, linewidth=0, label=name)
    axes.plot(ahead, forecast.median[series], color=FORECAST, linewidth=1.5, label="forecast")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.margins(x=0.01)


def gate_plot(
    network: Network, panel: Panel, memory: LayerMemory, target: str, path: Path, member: int = 0
) -> None:
    """The first series, and below it each gate of the first layer as a heat map over time.

    A column is the gate when its segment was the newest of a full context; units are sorted
    by their half-life, the longest at the top.
    """
    arch, name = network.arch, panel.name(0) or target
    times, edges, gates = _gates_over_time(network, panel, member)
    labels = {"lstm": _PANELS, "gru": _GRU_PANELS, "rnn": {"candidate": "hidden state h"}}[arch.cell]
    order = np.arange(arch.hidden) if memory.half_lives is None else np.argsort(memory.half_lives)
    figure = Figure(figsize=(9, 1.6 + 1.6 * len(gates)), layout="constrained")
    rows = figure.subplots(1 + len(gates), 1, sharex=True)
    values = panel.history(0)[-len(times) :]
    rows[0].plot(times, values, color=HISTORY, linewidth=0.8)
    rows[0].set_title(f"{name}: the last {len(times):,} values", loc="left", fontsize=10)
    rows[0].spines[["top", "right"]].set_visible(False)
    for axes, gate in zip(rows[1:], GATES[arch.cell], strict=True):
        signed = gate == "candidate"
        image = axes.pcolormesh(
            edges,
            np.arange(arch.hidden + 1),
            gates[gate][:, order].T,
            cmap="PuOr" if signed else "cividis",
            vmin=-1 if signed else 0,
            vmax=1,
        )
        axes.set_title(labels[gate], loc="left", fontsize=10)
        axes.set_ylabel("unit", fontsize=8)
        figure.colorbar(image, ax=axes, pad=0.01).ax.tick_params(labelsize=7)
    for axes in rows:
        axes.tick_params(labelsize=8)
    how = "in order" if memory.half_lives is None else "by half-life, the longest at the top"
    figure.supxlabel(
        f"one column is one step of {panel.step.duration(arch.segment)}; units {how}", fontsize=9
    )
    _save(figure, path)


def _gates_over_time(
    network: Network, panel: Panel, member: int
) -> tuple[Times, Times, dict[str, "np.typing.NDArray[np.floating]"]]:
    """Times of the shown values, edges of the shown steps, and gates (steps, hidden) of layer 1."""
    arch, length = network.arch, int(panel.lengths[0])
    count = max(1, min(_SHOWN_STEPS, length // arch.segment))
    origins = length - arch.segment * np.arange(count)[::-1]
    traced = trace_windows(network, panel, np.zeros(count, np.int64), origins, member)
    gates = {name: values[:, -1] for name, values in traced.layers[0].gates.items()}
    first = int(origins[0]) - arch.segment
    times = panel.times(0, first, length - first)
    edges = advance(panel.starts[0], panel.step, np.append(origins - arch.segment, length))
    return times, edges, gates


def _save(figure: Figure, path: Path) -> None:
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "lstmcli"}):
        figure.savefig(buffer, format="png", dpi=120, facecolor="white", metadata={"Software": None})
    write_atomically(path, buffer.getvalue())


def cells_plot(
    trained: dict[str, tuple[Lags, Curve, Curve, Curve]],
    untrained: dict[str, tuple[Lags, Curve, Curve, Curve]],
    axis: str,
    path: Path,
) -> None:
    """The gradient by lag on a logarithmic axis: lags, median, lowest and highest by name of the cell.

    Lines and bands are trained networks, dashed lines those that were never trained.
    """
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    for colour, (name, (lags, median, low, high)) in zip(_CELL_COLOURS, trained.items(), strict=False):
        seen = [np.maximum(values, _LEAST_SHARE) for values in (median, low, high)]
        axes.fill_between(lags, seen[1], seen[2], color=colour, alpha=0.2, linewidth=0)
        axes.plot(lags, seen[0], color=colour, linewidth=1.6, label=name)
        dashed = np.maximum(untrained[name][1], _LEAST_SHARE)
        axes.plot(lags, dashed, color=colour, linewidth=1, linestyle="--", label=f"{name}, untrained")
    axes.set_yscale("log")
    axes.set_xlabel(axis, fontsize=9)
    axes.set_ylabel("gradient relative to lag 0", fontsize=9)
    axes.set_title("How much of the gradient is left, by lag", loc="left", fontsize=10)
    axes.legend(fontsize=8, frameon=False, ncols=3, loc="lower left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    axes.margins(x=0.01)
    _save(figure, path)
