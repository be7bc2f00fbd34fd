"""Pictures along the lag: gradient, content of the state, error with the last steps only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from lstmcli.gates.contributions import Contribution
from lstmcli.gates.gradients import VANISHING_RATIO, GradientReach
from lstmcli.gates.memory import DataSeason
from lstmcli.gates.report import GateReport
from lstmcli.gates.use import USE_TOLERANCE
from lstmcli.network.cells import MEMORY_GATE, STATES, state_label
from lstmcli.reports.pictures.style import (
    BLUE,
    CYCLE,
    GREY,
    INK,
    LINES,
    ORANGE,
    RED,
    add_title,
    headroom,
    mark_seasons,
    plain_log,
    step_axis,
)
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step

_FLOOR = 1e-9  # of lag 0; smaller gradients are not shown
_MARKED = 40  # lags up to which every one has a marker
_FEW = 3  # curves that leave room for a legend
_LOGARITHMIC = 60  # steps from which on an axis of them is logarithmic


@dataclass(frozen=True)
class LagCurve:
    """A quantity by lag, index 0 is the last step of the context; drawn relative to lag 0.

    low, high  (steps,) a band around it, or None
    colour     number in the cycle of colours
    line       of matplotlib: "-", "--", ":"
    """

    name: str
    values: Array
    low: Array | None = None
    high: Array | None = None
    colour: int = 0
    line: str = "-"


def gradient_curves(layers: Sequence[GradientReach], cell: str) -> list[LagCurve]:
    """dL/dc, dL/dh and the pure path of every layer; a band in the first, or they would hide each other."""
    curves: list[LagCurve] = []
    for reach in layers:
        layer = f", layer {reach.layer + 1}" if len(layers) > 1 else ""
        line = LINES[reach.layer % len(LINES)]
        low, high = (None, None) if curves else (reach.low, reach.high)
        if reach.c is not None:
            curves.append(LagCurve(f"cell state, dL/dc{layer}", reach.c, low, high, 0, line))
            curves.append(LagCurve(f"hidden state, dL/dh{layer}", reach.h, None, None, 1, line))
        else:
            curves.append(LagCurve(f"hidden state, dL/dh{layer}", reach.h, low, high, 1, line))
        if reach.path is not None:
            curves.append(
                LagCurve(f"{MEMORY_GATE[cell]} gates alone{layer}", reach.path, None, None, 2, line)
            )
    return curves


def by_lag(
    axes: Axes, curves: Sequence[LagCurve], step: Step, segment: int, seasons: Sequence[DataSeason]
) -> None:
    """Curves relative to lag 0 on a logarithmic axis, with the line of 1/1000."""
    steps = max(len(curve.values) for curve in curves)
    lowest, cut = VANISHING_RATIO, False
    for curve in curves:
        start = curve.values[0] if curve.values[0] > 0 else 1.0
        values, low, high = (
            None if part is None else np.clip(part / start, _FLOOR, None)
            for part in (curve.values, curve.low, curve.high)
        )
        assert values is not None
        cut |= bool((curve.values / start < _FLOOR).any())
        colour, lags = CYCLE[curve.colour % len(CYCLE)], np.arange(len(values))
        marker = "o" if steps <= _MARKED else ""
        axes.plot(
            lags, values, curve.line, color=colour, marker=marker, markersize=3.5, label=curve.name, zorder=3
        )
        if low is not None and high is not None:
            axes.fill_between(lags, low, high, color=colour, alpha=0.18, linewidth=0, zorder=2)
        lowest = min(lowest, float(values.min()))
    axes.set_yscale("log")
    axes.set_xlim(*_from_zero(steps - 1))
    axes.set_ylim(max(lowest, _FLOOR) / 3, (25 if len(curves) <= _FEW else 60) * axes.get_ylim()[1])
    axes.axhline(VANISHING_RATIO, color=GREY, linewidth=1, zorder=1)
    axes.annotate(  # beside the frame: curves may go anywhere within
        "1/1000", (1, VANISHING_RATIO), xycoords=("axes fraction", "data"), xytext=(3, 0),
        textcoords="offset points", va="center", color=GREY, fontsize=8.5,
    )  # fmt: skip
    mark_seasons(axes, seasons)
    step_axis(axes, "lag in steps", step, segment)
    axes.set_ylabel(f"relative to lag 0{f', cut off at {_FLOOR:.0e}' if cut else ''}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    few = len(curves) <= _FEW
    axes.legend(loc="upper right", ncols=1 if few else 2, fontsize=9 if few else 7.5)


def gradient(axes: Axes, report: GateReport) -> None:
    """The gradient of every layer by lag."""
    by_lag(
        axes,
        gradient_curves(report.gradient, report.arch.cell),
        report.step,
        report.arch.segment,
        report.seasons,
    )
    first = report.gradient[0]
    if first.vanishes is None:
        found = f"still above 1/1000 after {report.duration(report.arch.steps - 1)}"
    else:
        found = f"below 1/1000 after {report.duration(first.vanishes)}"
    add_title(axes, "How far back the gradient of the forecast reaches", found)


def content(axes: Axes, layers: Sequence[Contribution], report: GateReport) -> None:
    """Bars: the share of the final state that comes from each past step; not for the plain RNN."""
    steps, width = report.arch.steps, 0.86 / len(layers)
    for number, layer in enumerate(layers):
        offset = (number - (len(layers) - 1) / 2) * width
        axes.bar(
            np.arange(steps) + offset,
            layer.share,
            width,
            color=CYCLE[number % len(CYCLE)],
            label=f"layer {layer.layer + 1}",
        )
    axes.set_xlim(-0.6, steps - 0.4)
    headroom(axes, 0.15)
    mark_seasons(axes, report.seasons)
    step_axis(axes, "age in steps", report.step, report.arch.segment)
    axes.set_ylabel("share of the state")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{100 * x:.3g} %"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(layers) > 1:
        axes.legend(loc="upper right")
    state = state_label(STATES[report.arch.cell][0])
    older = [1 - float(layer.share[: layer.share.size // 2].sum()) for layer in layers]
    half = report.duration(steps - steps // 2)
    parts = " and ".join(f"{part:.0%}" for part in older)
    add_title(
        axes,
        f"How old the content of the final {state} is",
        f"{parts} is from the older {half} of the context",
    )


def error_by_steps(axes: Axes, report: GateReport) -> None:
    """The error when only the last k steps are fed; not where nothing could be measured."""
    use = report.use
    assert use.error is not None and use.horizon is not None
    axes.axhspan(use.error, use.error * (1 + USE_TOLERANCE), color=GREY, alpha=0.25, linewidth=0)
    axes.plot(use.steps, use.errors, color=BLUE, marker="o", markersize=4, zorder=3)
    if report.arch.steps > _LOGARITHMIC:
        axes.set_xscale("log")
        axes.set_xlim(0.9, report.arch.steps * 1.1)
        plain_log(axes)
    else:
        axes.set_xlim(0, report.arch.steps + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.plot(
        [use.horizon],
        [use.error_with(use.horizon)],
        "o",
        markersize=11,
        markerfacecolor="none",
        markeredgecolor=INK,
    )
    headroom(axes, 0.15)
    mark_seasons(axes, report.seasons)
    step_axis(axes, "last steps fed", report.step, report.arch.segment)
    axes.set_ylabel("mean absolute error, scaled units")
    found = f"with the last {report.duration(use.horizon)} (circled) the error is within 1 % (grey)"
    if use.shortest < use.horizon:
        found = (
            f"within 1 % (grey) for good from {report.duration(use.horizon)} on (circled), "
            f"and with {report.duration(use.shortest)} too"
        )
    add_title(axes, "How much of the context the forecast needs", found)


def factors(axes: Axes, report: GateReport) -> None:
    """Of the plain RNN: what tanh' and the recurrent matrix make of the gradient, each step back."""
    for reach in report.gradient:
        assert reach.tanh is not None and reach.matrix is not None
        layer = f", layer {reach.layer + 1}" if len(report.gradient) > 1 else ""
        line = LINES[reach.layer % len(LINES)]
        lags = np.arange(1, len(reach.tanh) + 1)
        product = reach.tanh * reach.matrix
        for values, colour, name in (
            (reach.matrix, RED, "recurrent matrix"),
            (reach.tanh, ORANGE, "tanh'"),
            (product, INK, "both"),
        ):
            axes.plot(lags, values, line, color=colour, marker="o", markersize=3.5, label=f"{name}{layer}")
    axes.axhline(1, color=GREY, linewidth=1, zorder=1)
    axes.set_xlim(*_from_zero(report.arch.steps - 1))
    axes.set_ylim(0, 1.25 * max(axes.get_ylim()[1], 1))
    mark_seasons(axes, report.seasons)
    step_axis(axes, "lag in steps", report.step, report.arch.segment)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("factor per step back")
    axes.legend(loc="best")
    add_title(axes, "Why the gradient of the plain RNN changes", "below 1 it shrinks with every step back")


def _from_zero(last: int) -> tuple[float, float]:
    """Limits of an axis of lags, with room for the markers at its ends."""
    return -0.015 * max(last, 1), 1.015 * max(last, 1)
