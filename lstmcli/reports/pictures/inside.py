"""Pictures of the inside of a network: recurrent weights, what each unit holds and for how long."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lstmcli.gates.report import GateReport
from lstmcli.gates.timeline import Timeline
from lstmcli.network.cells import GATES, STATES, state_label
from lstmcli.reports.pictures.over_time import UnitMap, gate_title, maps_over_time, sorted_units
from lstmcli.reports.pictures.style import (
    CYCLE,
    GREY,
    SIGNED,
    add_title,
    new_figure,
    plain_log,
)
from lstmcli.series.arrays import Array

_MOST = 0.99  # of the numbers lie within the range of colours


def recurrent_weights(report: GateReport) -> Figure:
    """Heat maps of Wh of the first layer, one per gate, units sorted by half-life; one range of colours."""
    cell, gates = report.arch.cell, GATES[report.arch.cell]
    columns = min(len(gates), 2)
    rows = -(-len(gates) // columns)
    figure = new_figure(4.4 * columns, 3.9 * rows)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    order, lives = sorted_units(report.arch.hidden, report.memory[0].half_lives)
    weights = report.recurrent[0][:, order][:, :, order]  # (gates, unit, unit it reads)
    limit = _limit(weights)
    for axes, gate, matrix in zip(grid, gates, weights, strict=False):
        size = np.arange(len(matrix) + 1)
        image = axes.pcolormesh(size, size, matrix, cmap=SIGNED, vmin=-limit, vmax=limit, rasterized=True)
        axes.set_aspect("equal")
        axes.set_title(gate_title(cell, gate), fontsize=10)
        axes.set_xlabel("reads h of unit")
        axes.set_ylabel("unit")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(5, integer=True))
    for axes in grid[len(gates) :]:
        axes.set_axis_off()
    bar = figure.colorbar(image, ax=list(grid[: len(gates)]), extend="both", aspect=30, pad=0.02)
    bar.ax.tick_params(labelsize=8)
    by = "units in their own order" if lives is None else "units sorted by half-life"
    figure.suptitle(f"Recurrent weights of layer 1, {by}", x=0.01, ha="left", fontsize=11, fontweight="bold")
    return figure


def states_over_time(timeline: Timeline, report: GateReport, name: str) -> Figure:
    """The series, and below it what every unit of the first layer holds: c and h."""
    maps = []
    for state in STATES[report.arch.cell]:
        held = timeline.states[0][state]
        limit = _limit(held) if state == "c" else 1.0
        clipped = f", colours end at {limit:.2g}" if np.abs(held).max() > limit else ""
        title = f"{state_label(state)}: brown below 0, violet above{clipped}"
        maps.append(UnitMap(title, held, True, report.memory[0].half_lives, limit))
    figure = new_figure(9, 1.9 + 2.3 * len(maps))
    rows = figure.subplots(1 + len(maps), 1, sharex=True)
    maps_over_time(rows, timeline, report, name, "what the units of layer 1 hold", maps)
    return figure


def _limit(values: Array) -> float:
    return float(np.quantile(np.abs(values), _MOST)) or 1.0


def half_life_by_unit(axes: Axes, report: GateReport) -> None:
    """A point per unit, from the shortest memory to the longest; not for the plain RNN."""
    longest, clipped = 10.0 * report.arch.steps, False
    for number, layer in enumerate(report.memory):
        assert layer.half_lives is not None
        lives = np.sort(layer.half_lives)
        clipped |= bool((lives > longest).any())
        axes.plot(
            np.arange(1, len(lives) + 1), np.clip(lives, 0.01, longest), ".",
            color=CYCLE[number % len(CYCLE)],
            label=f"layer {layer.layer + 1}", markersize=5,
        )  # fmt: skip
    axes.set_yscale("log")
    axes.set_xlabel("unit, from the shortest memory to the longest")
    axes.set_ylabel("half-life in steps")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    context = report.arch.steps
    axes.axhline(context, color=GREY, linewidth=1, zorder=1)
    plain_log(axes, upright=True)
    axes.annotate(
        "context", (0, context), xycoords=("axes fraction", "data"), xytext=(4, 3),
        textcoords="offset points", color=GREY, fontsize=8.5,
    )  # fmt: skip
    if len(report.memory) > 1:
        axes.legend(loc="lower right")
    found = (
        "longer ones are drawn at ten times the context" if clipped else f"one step is {report.duration(1)}"
    )
    add_title(axes, "The half-life of each unit", found)
