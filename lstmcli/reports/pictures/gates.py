"""All pictures of one look into a model: one page of the most telling, or each by itself."""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lstmcli.errors.findings import plural
from lstmcli.gates.inspection import Inspection
from lstmcli.gates.report import GateReport
from lstmcli.gates.timeline import Timeline
from lstmcli.reports.pictures.inside import half_life_by_unit, recurrent_weights, states_over_time
from lstmcli.reports.pictures.lags import content, error_by_steps, factors, gradient
from lstmcli.reports.pictures.over_time import (
    gates_over_time,
    memory_gate_label,
    plot_memory_gates,
    window_strips,
)
from lstmcli.reports.pictures.style import new_figure, picture_bytes, plot_style
from lstmcli.reports.pictures.units import closed_open, plot_half_lives

_ON_PAGE = 4  # small pictures of the overview, the most telling first
_WIDE, _HIGH = 7.2, 4.3  # inches of a picture by itself: its text can be read on a phone


@dataclass(frozen=True)
class NamedPicture:
    """name: of its file, without a suffix; text: how to read it; content: its bytes."""

    name: str
    text: str
    content: bytes


def pictures(
    inspection: Inspection,
    timeline: Timeline,
    name: str,
    form: str = "png",
    only: Container[str] | None = None,
) -> list[NamedPicture]:
    """Every picture that the model and the data give, or those of some names.

    name: what the shown series is called; form: as of `picture_bytes`.
    """
    with plot_style():
        figures = [d for d in _drawn(inspection, timeline, name) if only is None or d[0] in only]
        return [NamedPicture(stem, text, picture_bytes(made, form)) for stem, text, made in figures]


def overview(inspection: Inspection, timeline: Timeline, name: str, form: str = "png") -> bytes:
    """One page: the gate that decides what stays under the series, memory, gradient, use; of one forecast,
    where that was asked for, its window. form: as of `picture_bytes`."""
    report = inspection.report
    with plot_style():
        if inspection.window is not None:
            return picture_bytes(window_strips(inspection.window, report, inspection.name or name), form)
        small = [draw for _, _, draw in _small(report)][:_ON_PAGE]
        layers, rows = report.arch.layers, (len(small) + 1) // 2
        heights = [2.0 + 2.2 * layers, 3.9 * rows]
        page = new_figure(10.5, sum(heights) + 0.5)
        grid = page.add_gridspec(2, 1, height_ratios=heights)
        upper, lower = (page.add_subfigure(grid[at]) for at in range(2))
        plot_memory_gates(upper.subplots(1 + layers, 1, sharex=True), timeline, report, name)
        places = lower.subplots(rows, 2, squeeze=False).ravel()
        for axes, draw in zip(places, small, strict=False):
            draw(axes)
        for axes in places[len(small) :]:
            axes.set_axis_off()
        page.suptitle(_heading(report), x=0.01, ha="left", fontsize=11)
        return picture_bytes(page, form)


def _heading(report: GateReport) -> str:
    arch, which = report.arch, "built-in, " if report.builtin else ""
    return (
        f"{arch.cell.upper()}, {arch.layers} x {arch.hidden} units, {which}"
        f"{report.share:.2g} of the forecast; "
        f"{plural(report.windows, 'window')} of "
        f"{arch.steps} steps; one step is {report.duration(1)}"
    )


def _drawn(inspection: Inspection, timeline: Timeline, name: str) -> Iterator[tuple[str, str, Figure]]:
    report = inspection.report
    layers = report.arch.layers
    if inspection.window is not None:
        text = (
            "One forecast. Below its window stand the gates of every step, what the final state still holds "
            "of each step, and which values the forecast depends on."
        )
        yield "window", text, window_strips(inspection.window, report, inspection.name or name)
    page = new_figure(9, 2.0 + 2.3 * layers)
    plot_memory_gates(page.subplots(1 + layers, 1, sharex=True), timeline, report, name)
    yield (
        "memory_gates_over_time",
        f"The {memory_gate_label(report.arch.cell)} of every unit while the end of the series was read.",
        page,
    )
    for stem, text, draw in _small(report):
        page = new_figure(_WIDE, _HIGH)
        draw(page.subplots())
        yield stem, text, page
    if report.arch.cell != "rnn":
        text = "Every gate of the first layer, units in the same order in each row."
        yield "gates_over_time", text, gates_over_time(timeline, report, name)
    text = "What every unit of the first layer holds, in the same order as the gates."
    yield "states_over_time", text, states_over_time(timeline, report, name)
    text = "A row is a unit: how much it listens to each of the others, and on the diagonal to itself."
    yield "recurrent_weights", text, recurrent_weights(report)


def _small(report: GateReport) -> Iterator[tuple[str, str, Callable[[Axes], None]]]:
    """Pictures that fill one pair of axes: file name, how to read it, what draws it."""
    if report.memory[0].half_lives is not None:
        text = (
            "Units to the right of a season's line still hold half of what they held a season ago. "
            "The solid line is the length of the context; beyond it a half-life is reckoned."
        )
        yield "half_lives", text, lambda axes: plot_half_lives(axes, report.memory, report)
    text = (
        "A line that falls steeply forgets: what lies further back can hardly be learned from. "
        "The band holds 8 of 10 windows."
    )
    yield "gradient_by_lag", text, lambda axes: gradient(axes, report)
    if report.gradient[0].tanh is not None and report.arch.steps > 1:
        text = "What the two parts of the recurrence make of the gradient at every step back."
        yield "factors_by_lag", text, lambda axes: factors(axes, report)
    text = (
        "Units at the lower right have a gate that is nearly always closed, at the upper left one that is "
        "nearly always open, at the origin one that is half open and mixes."
    )
    yield "closed_open", text, lambda axes: closed_open(axes, report.units, report.arch.cell)
    if report.use.horizon is not None:
        text = (
            "From the circle on the error stays within 1 % of that with all steps (grey). Where the line is "
            "in or below the grey band before it, so few steps forecast as well as all."
        )
        yield "error_by_steps", text, lambda axes: error_by_steps(axes, report)
    if report.contributions:
        text = "An exact account: the bars add up to all that the final state holds."
        yield "content_by_age", text, lambda axes: content(axes, report.contributions, report)
    if report.memory[0].half_lives is not None:
        text = "A flat line of points forgets alike; a steep one has units for short and for long memories."
        yield "half_life_by_unit", text, lambda axes: half_life_by_unit(axes, report)
