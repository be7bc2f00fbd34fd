"""Gates along time as heat maps under the values: of the end of a series, and of one window."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lstmcli.gates.explanation import Explanation
from lstmcli.gates.report import GateReport
from lstmcli.gates.timeline import Timeline
from lstmcli.network.cells import GATES, MEMORY_GATE, UPDATE_NOTE, gate_label
from lstmcli.reports.pictures.style import (
    BLUE,
    GREY,
    INK,
    RED,
    SIGNED,
    UNSIGNED,
    drawn_times,
    headroom,
    label_times,
    new_figure,
)
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step, Times, format_time

_TICKS = 5  # of an axis of units


def memory_gate_label(cell: str) -> str:
    """The gate whose picture shows what a layer remembers; for the plain RNN its hidden state."""
    gate = MEMORY_GATE[cell]
    return "hidden state h" if gate is None else gate_label(cell, gate)


def gate_title(cell: str, gate: str) -> str:
    """What a gate is called above its picture."""
    if cell == "rnn":
        return "hidden state h"
    return gate_label(cell, gate) + (f": {UPDATE_NOTE}" if gate == "update" else "")


def heat(axes: Axes, edges: Times, values: Array, signed: bool, unit: float = 1.0) -> None:
    """(steps, units) as columns of colours from bottom to top, with its own colour bar; unit: what 1 stands
    for."""
    image = axes.pcolormesh(
        edges,
        np.arange(values.shape[1] + 1),
        values.T,
        cmap=SIGNED if signed else UNSIGNED,
        vmin=-1 if signed else 0,
        vmax=1,
        rasterized=True,
    )
    axes.spines[["top", "right"]].set_visible(True)
    figure = axes.figure
    assert figure is not None
    bar = figure.colorbar(image, ax=axes, pad=0.01, aspect=14, ticks=[-1, 0, 1] if signed else [0, 0.5, 1])
    bar.ax.tick_params(labelsize=8)
    if unit != 1:
        bar.ax.set_yticklabels([f"{unit * tick:.2g}" for tick in (-1, 0, 1)])


def unit_ticks(axes: Axes, lives: Array | None, report: GateReport) -> None:
    """Half-lives in real time along the axis of units, which are sorted by them."""
    count = report.arch.hidden
    if lives is None:
        axes.set_ylabel("unit")
        return
    places = np.unique(np.linspace(0, count - 1, min(_TICKS, count)).astype(int))
    axes.set_yticks(places + 0.5, [report.duration(float(lives[k])) for k in places])
    axes.set_ylabel("half-life of unit")


def values_over_time(axes: Axes, times: Times, values: Array, name: str) -> None:
    """The series itself."""
    axes.plot(times, values, color=INK, linewidth=0.9)
    axes.set_ylabel(name)


def plot_memory_gates(rows: Sequence[Axes], timeline: Timeline, report: GateReport, name: str) -> None:
    """The series, and below it the forget gate (GRU: update gate) of each layer; the hidden state of the
    plain RNN."""
    cell = report.arch.cell
    gate = MEMORY_GATE[cell] or "candidate"
    times, edges = (drawn_times(t, report.step) for t in (timeline.times, timeline.edges))
    values_over_time(rows[0], times, timeline.values, name)
    rows[0].set_title(
        f"The end of the series, and the {memory_gate_label(cell)} while it was read", fontweight="bold"
    )
    for axes, layer, memory in zip(rows[1:], timeline.layers, report.memory, strict=True):
        order, lives = sorted_units(layer[gate].shape[1], memory.half_lives)
        heat(axes, edges, layer[gate][:, order], cell == "rnn")
        unit_ticks(axes, lives, report)
        many = f"layer {memory.layer + 1}, " if report.arch.layers > 1 else ""
        how = "" if lives is None else ", units with the longest memory at the top"
        axes.set_title(f"{many}{memory_gate_label(cell)}: {_colours(cell == 'rnn')}{how}", fontsize=10)
    rows[-1].set_xlabel(f"one column is one step of {report.duration(1)}")
    label_times(rows[-1], timeline.times, report.step)


def _colours(signed: bool) -> str:
    return "brown -1, violet 1" if signed else "yellow near 1 keeps, blue near 0 forgets"


def sorted_units(count: int, lives: Array | None) -> tuple[NDArray[np.int64], Array | None]:
    """Numbers of units from the shortest half-life to the longest, and these; None for the plain RNN."""
    if lives is None:
        return np.arange(count), None
    order = np.argsort(lives, kind="stable")
    return order, lives[order]


def gates_over_time(timeline: Timeline, report: GateReport, name: str) -> Figure:
    """The series, and every gate of the first layer below it on one axis of time."""
    cell, gates = report.arch.cell, GATES[report.arch.cell]
    figure = new_figure(9, 1.9 + 1.7 * len(gates))
    rows = figure.subplots(1 + len(gates), 1, sharex=True)
    times, edges = (drawn_times(t, report.step) for t in (timeline.times, timeline.edges))
    values_over_time(rows[0], times, timeline.values, name)
    rows[0].set_title("The end of the series, and the gates of layer 1 while it was read", fontweight="bold")
    order, lives = sorted_units(report.arch.hidden, report.memory[0].half_lives)
    for axes, gate in zip(rows[1:], gates, strict=True):
        heat(axes, edges, timeline.layers[0][gate][:, order], gate == "candidate")
        unit_ticks(axes, lives, report)
        axes.set_title(gate_title(cell, gate), fontsize=10)
    rows[-1].set_xlabel(f"one column is one step of {report.duration(1)}; units sorted by half-life")
    label_times(rows[-1], timeline.times, report.step)
    return figure


def window_strips(explanation: Explanation, report: GateReport, name: str) -> Figure:
    """One forecast: its window and what came of it; gates, content of the state and attribution by step."""
    arch = report.arch
    gates = GATES[arch.cell]
    held = len(explanation.contributions) > 0
    heights = [1.7, *[1.0] * (arch.layers * len(gates)), *([1.0] if held else []), 1.0]
    figure = new_figure(9, 1.35 * sum(heights) + 0.6)
    rows = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    _forecast(rows[0], explanation, name, report.step)
    starts = explanation.times[:: arch.segment]
    edges = drawn_times(np.append(starts, explanation.ahead[0]), report.step)
    at = 1
    for number, layer in enumerate(explanation.layers):
        for gate in gates:
            heat(rows[at], edges, layer.gates[gate][:, explanation.orders[number]], gate == "candidate")
            many = f"layer {number + 1}, " if arch.layers > 1 else ""
            rows[at].set_title(f"{many}{gate_title(arch.cell, gate)}", fontsize=10)
            rows[at].set_ylabel("unit")
            at += 1
    if held:
        _held(rows[at], edges, explanation, arch.cell)
    _depends_on(rows[-1], explanation, report.step)
    if arch.cell != "rnn":
        rows[-1].set_xlabel("units with the longest memory in this window at the top")
    label_times(rows[-1], explanation.times, report.step)
    return figure


def _forecast(axes: Axes, explanation: Explanation, name: str, step: Step) -> None:
    times, ahead = (drawn_times(t, step) for t in (explanation.times, explanation.ahead))
    axes.plot(times, explanation.values, color=INK, linewidth=1, label="window")
    axes.plot(ahead, explanation.forecast, color=BLUE, linewidth=1.6, label="forecast")
    axes.set_ylabel(name)
    headroom(axes, 0.25)
    axes.legend(loc="upper left", ncols=2)
    axes.set_title(
        f"The forecast after {format_time(explanation.times[-1])}: its window and the observed values",
        fontweight="bold",
    )


def _held(axes: Axes, edges: Times, explanation: Explanation, cell: str) -> None:
    """Of the last layer, from which the forecast is made."""
    by_step = np.abs(explanation.contributions[-1]).sum(axis=1)
    total = by_step.sum()
    axes.stairs(100 * by_step / (total if total > 0 else 1.0), edges, fill=True, color=BLUE)
    state = "cell state c" if cell == "lstm" else "hidden state h"
    axes.set_ylabel("%")
    axes.set_title(f"What the final {state} still holds of each step", fontsize=10)


def _depends_on(axes: Axes, explanation: Explanation, step: Step) -> None:
    """Gradient times input of the values; covariates all together."""
    ends = drawn_times(np.append(explanation.times, explanation.ahead[0]), step)
    axes.stairs(explanation.attribution[:, 0], ends, fill=True, color=RED, label="value")
    if explanation.attribution.shape[1] > 2:
        rest = explanation.attribution[:, 1:].sum(axis=1)
        axes.stairs(rest, ends, color=GREY, label="all else")
        axes.legend(loc="upper left", ncols=2)
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.set_ylabel("part of L")
    axes.set_title("Which values the forecast depends on: gradient x input", fontsize=10)
