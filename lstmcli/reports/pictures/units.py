"""Pictures of the units of a layer: how open their gates are, how long they remember."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from lstmcli.gates.memory import LayerMemory
from lstmcli.gates.report import GateReport
from lstmcli.gates.statistics import LayerUnits
from lstmcli.network.cells import UPDATE_NOTE, gate_label, state_label
from lstmcli.reports.pictures.style import (
    CYCLE,
    GATE_COLOURS,
    GATE_MARKERS,
    GREY,
    add_title,
    headroom,
    mark,
    mark_seasons,
    plain_log,
    step_axis,
)

_BINS = 24
_CLOSE = 0.1  # of the context: marks that would stand on one another


def closed_open(axes: Axes, layers: Sequence[LayerUnits], cell: str) -> None:
    """A point per unit and gate: share of values closed along x, open along y.

    A candidate is no gate and left out, but for the plain RNN, which has nothing else.
    """
    for gate in layers[0].closed:
        if gate == "candidate" and cell != "rnn":
            continue
        closed, opened = (
            np.concatenate([part[gate] for part in parts])
            for parts in ([u.closed for u in layers], [u.open for u in layers])
        )
        axes.scatter(
            100 * closed,
            100 * opened,
            s=30,
            c=GATE_COLOURS[gate],
            marker=GATE_MARKERS[gate],
            alpha=0.6,
            linewidths=0.4,
            edgecolors="white",
            label=state_label("h") if cell == "rnn" else _legend(cell, gate),
            clip_on=False,
            zorder=3,
        )
    axes.plot([0, 100], [100, 0], color=GREY, linewidth=0.8, zorder=1)
    low, high = ("below -0.9", "above 0.9") if cell == "rnn" else ("closed (below 0.1)", "open (above 0.9)")
    axes.set_xlabel(f"{low}, % of steps")
    axes.set_ylabel(f"{high}, % of steps")
    axes.set(xlim=(0, 100), ylim=(0, 100))
    axes.legend(loc="upper right", handletextpad=0.2)
    what = "How often each unit saturates" if cell == "rnn" else "How often the gates are closed and open"
    add_title(axes, what, "one point is one unit; on the line it is never in between")


def _legend(cell: str, gate: str) -> str:
    return gate_label(cell, gate) + (f" ({UPDATE_NOTE})" if gate == "update" else "")


def plot_half_lives(axes: Axes, layers: Sequence[LayerMemory], report: GateReport) -> None:
    """How many units have which half-life, with the seasons of the data; not for the plain RNN."""
    lives = [layer.half_lives for layer in layers if layer.half_lives is not None]
    every = np.concatenate(lives)
    longest = 100.0 * max(report.arch.steps, *(s.steps for s in report.seasons), 1)
    shown = [np.clip(part, 0.01, longest) for part in lives]
    low = min(0.5, *(part.min() for part in shown)) / 1.1
    high = max(2.0 * report.arch.steps, *(part.max() for part in shown)) * 1.1
    axes.set_xscale("log")
    axes.hist(
        shown,
        bins=np.geomspace(low, high, _BINS + 1).tolist(),
        stacked=True,
        color=list((CYCLE * len(lives))[: len(lives)]),
        label=[f"layer {layer.layer + 1}" for layer in layers],
        edgecolor="white",
        linewidth=0.6,
    )
    axes.set_xlim(low, high)
    headroom(axes, 0.3)
    plain_log(axes)
    context = report.arch.steps
    there = [s for s in report.seasons if abs(s.steps / context - 1) < _CLOSE]  # one line, one name
    mark_seasons(axes, [s for s in report.seasons if s not in there])
    mark(axes, context, ", ".join(["context", *(s.name for s in there)]), "-")
    step_axis(axes, "half-life in steps", report.step, report.arch.segment)
    axes.set_ylabel("units")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    if len(lives) > 1:
        axes.legend(loc="upper left")
    median = report.duration(float(np.median(every)))
    add_title(axes, "How long the units remember", f"half of them have a half-life below {median}")
