"""Gates along time as heat maps under the values: of the end of a series, and of one window."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lstmcli.gates.explanation import Explanation
from lstmcli.gates.report import GateReport
from lstmcli.gates.timeline import Timeline
from lstmcli.network.cells import GATES, MEMORY_GATE, STATES, UPDATE_NOTE, gate_label, state_label
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
    without_formula,
)
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step, Times

_TICKS = 5  # of an axis of units


@dataclass(frozen=True)
class UnitMap:
    """A heat map of units over the steps of a series.

    values      (steps, units)
    signed      whether colours run from -limit to limit, else from 0 to 1
    half_lives  (units,) by which they are sorted; None for the plain RNN
    """

    title: str
    values: Array
    signed: bool
    half_lives: Array | None
    limit: float = 1.0


def memory_gate_label(cell: str) -> str:
    """The gate whose picture shows what a layer remembers; for the plain RNN its hidden state."""
    gate = MEMORY_GATE[cell]
    return state_label("h") if gate is None else gate_label(cell, gate)


def gate_title(cell: str, gate: str) -> str:
    """What a gate is called above its picture."""
    if cell == "rnn":
        return state_label("h")
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
    axes.set_ylabel(without_formula(name))


def maps_over_time(
    rows: Sequence[Axes],
    timeline: Timeline,
    report: GateReport,
    name: str,
    what: str,
    maps: Sequence[UnitMap],
    note: str = "",
) -> None:
    """The series, and maps below it on one axis of time. what: is shown, in words; note: beside the axis."""
    times, edges = (drawn_times(t, report.step, timeline.zone) for t in (timeline.times, timeline.edges))
    values_over_time(rows[0], times, timeline.values, name)
    rows[0].set_title(f"The end of the series, and {what}", fontweight="bold")
    for axes, shown in zip(rows[1:], maps, strict=True):
        order, lives = sorted_units(shown.values.shape[1], shown.half_lives)
        heat(axes, edges, shown.values[:, order] / shown.limit, shown.signed, shown.limit)
        unit_ticks(axes, lives, report)
        axes.set_title(shown.title, fontsize=10)
    rows[-1].set_xlabel(f"one column is one step of {report.duration(1)}{note}")
    label_times(rows[-1], timeline.times, report.step)


def plot_memory_gates(rows: Sequence[Axes], timeline: Timeline, report: GateReport, name: str) -> None:
    """The series, and below it the forget gate (GRU: update gate) of each layer; the hidden state of the
    plain RNN."""
    cell = report.arch.cell
    gate, label, signed = MEMORY_GATE[cell] or "candidate", memory_gate_label(cell), cell == "rnn"
    maps = []
    for layer, memory in zip(timeline.layers, report.memory, strict=True):
        many = f"layer {memory.layer + 1}, " if report.arch.layers > 1 else ""
        how = "" if memory.half_lives is None else ", units with the longest memory at the top"
        title = f"{many}{label}: {_colours(signed)}{how}"
        maps.append(UnitMap(title, layer[gate], signed, memory.half_lives))
    maps_over_time(rows, timeline, report, name, f"the {label} while it was read", maps)


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
    cell, lives, layer = report.arch.cell, report.memory[0].half_lives, timeline.layers[0]
    maps = [UnitMap(gate_title(cell, g), layer[g], g == "candidate", lives) for g in GATES[cell]]
    figure = new_figure(9, 1.9 + 1.7 * len(maps))
    rows = figure.subplots(1 + len(maps), 1, sharex=True)
    what = "the gates of layer 1 while it was read"
    maps_over_time(rows, timeline, report, name, what, maps, "; units sorted by half-life")
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
    edges = drawn_times(np.append(starts, explanation.ahead[0]), report.step, explanation.zone)
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
    times, ahead = (drawn_times(t, step, explanation.zone) for t in (explanation.times, explanation.ahead))
    axes.plot(times, explanation.values, color=INK, linewidth=1, label="window")
    if not np.isnan(explanation.observed).all():
        axes.plot(ahead, explanation.observed, color=GREY, linewidth=1, label="observed")
    if not np.isnan(explanation.whole).all():
        axes.plot(ahead, explanation.whole, color=BLUE, linewidth=1.6, label="forecast")
    axes.plot(ahead, explanation.forecast, color=RED, linewidth=1, linestyle="--", label="this network alone")
    axes.set_ylabel(without_formula(name))
    headroom(axes, 0.25)
    axes.legend(loc="upper left", ncols=4)
    axes.set_title(
        f"The forecast after {explanation.shown(explanation.times[-1])}: its window, and what came",
        fontweight="bold",
    )


def _held(axes: Axes, edges: Times, explanation: Explanation, cell: str) -> None:
    """Of the last layer, from which the forecast is made."""
    by_step = np.abs(explanation.contributions[-1]).sum(axis=1)
    total = by_step.sum()
    axes.stairs(100 * by_step / (total if total > 0 else 1.0), edges, fill=True, color=BLUE)
    axes.set_ylabel("%")
    axes.set_title(f"What the final {state_label(STATES[cell][0])} still holds of each step", fontsize=10)


def _depends_on(axes: Axes, explanation: Explanation, step: Step) -> None:
    """Gradient times input of the values; covariates all together."""
    ends = drawn_times(np.append(explanation.times, explanation.ahead[0]), step, explanation.zone)
    axes.stairs(explanation.attribution[:, 0], ends, fill=True, color=RED, label="value")
    if explanation.attribution.shape[1] > 2:
        rest = explanation.attribution[:, 1:].sum(axis=1)
        axes.stairs(rest, ends, color=GREY, label="all else")
        axes.legend(loc="upper left", ncols=2)
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.set_ylabel("part of L")
    axes.set_title("Which values the forecast depends on: gradient x input", fontsize=10)
