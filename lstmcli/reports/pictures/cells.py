"""The picture of `inspect-gates --cells`: what is left of the gradient, cell by cell."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from lstmcli.files.write import write_atomically
from lstmcli.reports.pictures.lags import LagCurve, by_lag
from lstmcli.reports.pictures.style import add_title, new_figure, plot_style, png
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step

# Lags, median, lowest and highest over seeds, by name of the cell.
Curves = Mapping[str, tuple[NDArray[Any], Array, Array, Array]]


def cells_plot(trained: Curves, untrained: Curves, step: Step, segment: int, path: Path) -> None:
    """Lines with a band over seeds are trained networks, dashed lines those that were never trained."""
    lines = [LagCurve(name, *curve[1:], colour=n) for n, (name, curve) in enumerate(trained.items())]
    lines += [
        LagCurve(f"{name}, untrained", curve[1], colour=n, line="--")
        for n, (name, curve) in enumerate(untrained.items())
    ]
    with plot_style():
        page = new_figure(9, 4.5)
        axes = page.subplots()
        by_lag(axes, lines, step, segment, ())
        add_title(axes, "How much of the gradient is left, by lag", "||dL/dh||, band: all seeds")
        axes.legend(ncols=2, loc="lower left")
        write_atomically(path, png(page))
