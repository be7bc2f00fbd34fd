"""Forecasts with their history."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from lstmcli.files.endings import form_of_picture
from lstmcli.files.write import write_atomically
from lstmcli.forecasting.closed import panel_of_rows
from lstmcli.forecasting.intervals import display_intervals
from lstmcli.reports.open_axis import leaves_out
from lstmcli.reports.pictures.style import (
    BLUE,
    GREY,
    INK,
    drawn_times,
    label_times,
    new_figure,
    picture_bytes,
    plot_style,
    series_title,
    thousands,
    without_formula,
)
from lstmcli.reports.thinning import thin_band, thin_line
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel

_SHOWN_SERIES = 12
_TWO_FROM, _THREE_FROM = 3, 7  # series from which on they stand in so many columns
_SHADES = ("#D3E5F1", "#A3C9E2", "#6BA8D0")  # from the widest interval to the narrowest
_LONGEST_NAME = {1: 90, 2: 50, 3: 38}  # characters that a column has room for


def forecast_plot(
    panel: Panel,
    forecast: Forecast,
    targets: tuple[str, ...],
    path: Path,
    last: int | None = None,
    unit: str = "",
) -> None:
    """History and forecast of at most twelve series, with bands between matching quantiles.

    last: how many values of the history are drawn, by default four horizons, and 24 at least; unit: of the
    values, "" for none.
    The ending of the path says whether it is SVG, PDF or, where it has another or none, PNG.
    """
    write_atomically(path, forecast_picture(panel, forecast, targets, form_of_picture(path), last, unit))


def forecast_picture(
    panel: Panel,
    forecast: Forecast,
    targets: tuple[str, ...],
    form: str,
    last: int | None = None,
    unit: str = "",
) -> bytes:
    """The picture of `forecast_plot` in a form, as of `picture_bytes`."""
    with plot_style():
        return _drawn(panel_of_rows(panel), forecast, targets, form, last, unit)


def _drawn(
    panel: Panel, forecast: Forecast, targets: tuple[str, ...], form: str, last: int | None, unit: str
) -> bytes:
    shown = min(len(panel), _SHOWN_SERIES)
    columns = 1 if shown < _TWO_FROM else 2 if shown < _THREE_FROM else 3
    rows = -(-shown // columns)
    page = new_figure((9, 11, 13.5)[columns - 1], 3.6 if rows == 1 else 2.3 * rows + 0.7)
    grid = np.atleast_1d(page.subplots(rows, columns)).ravel()
    for series, axes in enumerate(grid[:shown]):
        _series(axes, panel, forecast, series, last)
        name = _short(series_title(panel.name(series), targets), _LONGEST_NAME[columns])
        axes.set_title(without_formula(name), fontsize=11 if columns < 3 else 10)
        axes.set_ylabel(without_formula(unit))
    for axes in grid[shown:]:
        axes.set_axis_off()
    handles, names = grid[0].get_legend_handles_labels()
    page.legend(handles, names, loc="outside lower center", ncols=len(names))
    left = len(panel) - shown
    if left:
        text = f"the first {shown} of {len(panel):,} series; {left:,} left out"
        page.suptitle(text, x=0.01, ha="left", fontsize=10, color=GREY)
    return picture_bytes(page, form)


def _series(axes: Axes, panel: Panel, forecast: Forecast, series: int, last: int | None) -> None:
    horizon, length = forecast.horizon, int(panel.lengths[series])
    tail = min(length, last or max(4 * horizon, 24))
    past, ahead = panel.times(series, length - tail, tail), forecast.times(series)
    history = panel.history(series)[-tail:]
    # Forecast and bands begin at the last value known, so that nothing is left open between.
    begin = past[-1:] if tail else ahead[:0]
    times = drawn_times(np.concatenate([begin, ahead]), panel.step, panel.zone)
    shown = drawn_times(past, panel.step, panel.zone)
    known = history[-1:]
    axes.plot(*thin_line(shown, history), color=INK, linewidth=1, label="history")
    found = display_intervals(forecast.quantiles)
    for (low, high), shade in zip(found, shades(len(found)), strict=True):
        below, above = (
            np.concatenate([known, forecast.values[series, :, forecast.quantiles.index(q)]])
            for q in (low, high)
        )
        band = thin_band(times, below, above)
        axes.fill_between(*band, color=shade, linewidth=0, label=f"{high - low:.0%} interval")
    median = np.concatenate([known, forecast.median[series]])
    axes.plot(*thin_line(times, median), color=BLUE, linewidth=1.8, label="forecast (median)")
    axes.axvline(shown[-1], color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    axes.grid(axis="y", color="#E8E8E8", linewidth=0.6)
    axes.set_axisbelow(True)
    thousands(axes)
    label_times(axes, np.concatenate([past, ahead]) if leaves_out(panel.step) else past, panel.step)


def shades(count: int) -> tuple[str, ...]:
    """A shade for each of some bands, the darkest for the narrowest."""
    return _SHADES[1:2] if count == 1 else _SHADES[:count]


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 3]}..."
