"""The picture of `inspect-gates --cells`: the gradient by lag, what was recalled, and why."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from lstmcli.errors.findings import plural
from lstmcli.files.endings import form_of_picture
from lstmcli.files.write import write_atomically
from lstmcli.gates.cell_study.curves import CARRIERS, GradientBand
from lstmcli.gates.cell_study.lesson import factor_curves, middle_start, step_factors
from lstmcli.gates.cell_study.recall_results import RecallResult
from lstmcli.gates.cell_study.results import CellResult, Study
from lstmcli.gates.cell_study.wording import CELL_NAMES, curve_name
from lstmcli.reports.pictures.lags import LagCurve, by_lag
from lstmcli.reports.pictures.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    RED,
    add_title,
    new_figure,
    picture_bytes,
    plot_style,
)
from lstmcli.series.calendar import Step

# Colour of each cell, as its number in the cycle of colours too.
_COLOURS = {"rnn": (1, RED), "gru": (2, GREEN), "lstm": (0, BLUE)}


def cells_plot(study: Study, path: Path) -> None:
    """Four pictures on one page; two where there was no recall task. The ending of the path says whether it
    is PNG, SVG or PDF."""
    with plot_style():
        rows = 2 if study.recalled else 1
        page = new_figure(12, 4.4 * rows)
        grid = np.atleast_2d(page.subplots(rows, 2))
        if study.recalled:
            _recall_gradient(grid[0, 0], study)
            _recall_error(grid[0, 1], study)
        _data_gradient(grid[-1, 0], study)
        _factors(grid[-1, 1], study)
        picture = picture_bytes(page, form_of_picture(path))
    write_atomically(path, picture)


def _recall_gradient(axes: Axes, study: Study) -> None:
    delay = study.design.delays[-1]
    lines = [
        _curve(curve_name(cell, carrier), cell, study.recall(cell, delay).gradient(carrier, False))
        for cell, carrier in CARRIERS.items()
    ]
    path = study.recall("lstm", delay).gradient("path", False)
    lines.append(_curve(curve_name("lstm", "path"), "lstm", path, ":"))
    by_lag(axes, lines, Step("plain", 1), 1, ())
    add_title(
        axes, f"Recall over {plural(delay, 'step')}: what comes back", "gradient by lag before training"
    )


def _recall_error(axes: Axes, study: Study) -> None:
    delays = study.design.delays
    for cell, marker in zip(study.design.archs, "s^o", strict=True):
        axes.plot(
            range(len(delays)),
            [result.error for result in study.recalls(cell)],
            color=_COLOURS[cell][1],
            marker=marker,
            label=CELL_NAMES[cell],
            zorder=3,
        )
    axes.set_xticks(range(len(delays)), [str(delay) for delay in delays])
    axes.set_xlabel("steps between the value and its recall")
    axes.set_ylabel("share of the variance left")
    axes.set_ylim(-0.04, 1.25)
    axes.axhline(1, color=GREY, linewidth=1, zorder=1)
    axes.annotate(
        "nothing recalled", (0, 1), xytext=(0, 4), textcoords="offset points", color=GREY, fontsize=9
    )
    axes.legend(loc="center left")
    steps = study.design.recall.steps
    told = [f"error after {steps:,} steps of training at most", *middle_start(study)]
    add_title(axes, "Which cell learns to recall", ", ".join(told))


def _data_gradient(axes: Axes, study: Study) -> None:
    arch, step = study.design.plan.arch, study.design.panel.step
    cells = [study.cell(cell) for cell in CARRIERS]
    lines = [_curve(curve_name(c.cell, CARRIERS[c.cell]), c.cell, c.carrier()) for c in cells]
    lines += [_curve(f"{CELL_NAMES[c.cell]}, untrained", c.cell, c.carrier(False), "--") for c in cells]
    by_lag(axes, lines, step, arch.segment, ())
    add_title(axes, "Your data: what comes back", "gradient by lag, band: all seeds")


def _factors(axes: Axes, study: Study) -> None:
    """What one step back multiplies the gradient of the RNN by, and the LSTM's c."""
    text = "on your data, before training"
    rnn: RecallResult | CellResult = study.cell("rnn")
    lstm: RecallResult | CellResult = study.cell("lstm")
    if study.recalled:
        rnn, lstm = study.recalls("rnn")[-1], study.recalls("lstm")[-1]
        found = step_factors(rnn)
        text = f"RNN: {found.tanh:.2f} x {found.matrix:.2f} = {found.both:.2f} a step, before training"
    curves = factor_curves(rnn, lstm)
    for values, colour, line, name in (
        (curves.matrix, ORANGE, "--", "RNN, W"),
        (curves.tanh, GREY, "-", "RNN, tanh'"),
        (curves.both, RED, "--", "RNN, both"),
        (curves.forget, BLUE, "-", "LSTM, f"),
    ):
        axes.plot(curves.lags, values, line, color=colour, label=name, linewidth=3 if colour == GREY else 1.5)
    axes.axhline(1, color=INK, linewidth=0.8, zorder=1)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.35 * (high - low))
    axes.set_xlabel("lag in steps")
    axes.set_ylabel("factor per step back")
    axes.legend(loc="upper center", ncols=4)
    add_title(axes, "Why: what one step back multiplies the gradient by", text)


def _curve(name: str, cell: str, band: GradientBand | None, line: str = "-") -> LagCurve:
    assert band is not None  # of what the cell has
    low, high = (None, None) if line != "-" else (band.low, band.high)
    return LagCurve(name, band.median, low, high, _COLOURS[cell][0], line)
