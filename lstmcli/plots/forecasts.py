"""Forecasts with their history."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from lstmcli.files import write_atomically
from lstmcli.panel import Forecast, Panel
from lstmcli.plots.style import BLUE, GREY, INK, figure, png, stamped, styled

_SHOWN_SERIES = 6
_COLUMNS_FROM = 4  # series from which on they stand in two columns
_USUAL = (0.5, 0.8, 0.95)  # intervals drawn where there are many
_SHADES = ("#D3E5F1", "#A3C9E2", "#6BA8D0")  # from the widest interval to the narrowest


def forecast_plot(panel: Panel, forecast: Forecast, targets: tuple[str, ...], path: Path) -> None:
    """History and forecast of at most six series, with bands between matching quantiles."""
    with styled():
        write_atomically(path, _drawn(panel, forecast, targets))


def _drawn(panel: Panel, forecast: Forecast, targets: tuple[str, ...]) -> bytes:
    shown = min(len(panel), _SHOWN_SERIES)
    columns = 2 if shown >= _COLUMNS_FROM else 1
    rows = -(-shown // columns)
    page = figure(9 if columns == 1 else 11, 3.6 if rows == 1 else 2.3 * rows + 0.7)
    grid = np.atleast_1d(page.subplots(rows, columns)).ravel()
    for series, axes in enumerate(grid[:shown]):
        _series(axes, panel, forecast, series)
        axes.set_title(panel.name(series) or targets[0])
    for axes in grid[shown:]:
        axes.set_axis_off()
    handles, names = grid[0].get_legend_handles_labels()
    page.legend(handles, names, loc="outside lower center", ncols=len(names))
    if len(panel) > shown:
        page.suptitle(f"the first {shown} of {len(panel)} series", x=0.01, ha="left", fontsize=10, color=GREY)
    return png(page)


def _series(axes: Axes, panel: Panel, forecast: Forecast, series: int) -> None:
    horizon, length = forecast.horizon, int(panel.lengths[series])
    tail = min(length, 4 * horizon)
    past, ahead = panel.times(series, length - tail, tail), forecast.times(series)
    axes.plot(past, panel.history(series)[-tail:], color=INK, linewidth=1, label="history")
    for (low, high), shade in zip(bands(forecast.quantiles), shades(forecast.quantiles), strict=True):
        below, above = (forecast.values[series, :, forecast.quantiles.index(q)] for q in (low, high))
        axes.fill_between(ahead, below, above, color=shade, linewidth=0, label=f"{high - low:.0%} interval")
    axes.plot(ahead, forecast.median[series], color=BLUE, linewidth=1.6, label="forecast (median)")
    stamped(axes, past)


def bands(quantiles: tuple[float, ...]) -> list[tuple[float, float]]:
    """Pairs of matching quantiles, the widest first; only the usual ones where there are more than three."""
    pairs = [
        (low, high)
        for low, high in zip(quantiles, quantiles[::-1], strict=True)
        if low < 0.5 and abs(low + high - 1) < 1e-9
    ]
    if len(pairs) <= len(_SHADES):
        return pairs
    usual = [p for p in pairs if round(p[1] - p[0], 3) in _USUAL]
    return usual or [pairs[0], pairs[len(pairs) // 2], pairs[-1]]


def shades(quantiles: tuple[float, ...]) -> tuple[str, ...]:
    """A shade for each band, the darkest for the narrowest."""
    count = len(bands(quantiles))
    return _SHADES[1:2] if count == 1 else _SHADES[:count]
