"""Forecasts drawn with characters, for a terminal."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from lstmcli.errors.foreign import shown
from lstmcli.forecasting.closed import panel_of_rows
from lstmcli.forecasting.intervals import display_intervals
from lstmcli.series.arrays import Array, Flags
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel

_SERIES = 4  # drawn at most
_ROWS = 9  # lines of a picture
_WIDEST, _NARROWEST = 120, 40  # columns
_DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # of a Braille sign
_BRAILLE = 0x2800
_HISTORY, _FORECAST, _BAND = "", "bold cyan", "blue"


@dataclass(frozen=True)
class PreviewSigns:
    """dots: (rows, columns) of dots in one character; the rest are what is drawn."""

    dots: tuple[int, int]
    history: str
    forecast: str
    band: str
    edge: str


BRAILLE = PreviewSigns((4, 2), "\u28ff", "\u28ff", "\u2591", "\u2502")
ASCII_PREVIEW = PreviewSigns((1, 1), "*", "o", ":", "|")


def preview_signs(encoding: str, environment: Mapping[str, str]) -> PreviewSigns:
    """Braille where the terminal can show it: a UTF-8 encoding and locale, and no dumb terminal."""
    # Python writes UTF-8 under the locale C too, but the terminal of such a session may not show it.
    locale = next((environment[k] for k in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(k)), "C")
    plain = locale in ("C", "POSIX") or environment.get("TERM") == "dumb"
    return ASCII_PREVIEW if plain or encoding.lower().replace("-", "") != "utf8" else BRAILLE


def preview_of(panel: Panel, forecast: Forecast, target: str) -> Callable[[int, str], Text]:
    """What draws the first series, given the width of the screen in columns and its encoding."""
    panel = panel_of_rows(panel)

    def draw(width: int, encoding: str) -> Text:
        signs = preview_signs(encoding, os.environ)
        lines = Text()
        drawn = min(len(panel), _SERIES)
        for series in range(drawn):
            name = panel.name(series) or shown(target)
            lines.append_text(_series(panel, forecast, series, name, width, signs))
        if len(panel) > drawn:
            lines.append(f"the first {drawn} of {len(panel):,} series\n")
        lines.append_text(_legend(forecast, signs))
        return lines

    return draw


def _series(
    panel: Panel, forecast: Forecast, series: int, name: str, width: int, signs: PreviewSigns
) -> Text:
    horizon, length = forecast.horizon, int(panel.lengths[series])
    labels_width = 10
    columns = max(_NARROWEST, min(width, _WIDEST)) - labels_width - 2
    tail = min(length, max(3 * horizon, 24))
    history, median = panel.history(series)[-tail:], forecast.median[series]
    low, high = _widest(forecast, series)
    shape = (_ROWS * signs.dots[0], columns * signs.dots[1])
    bottom, top = _ends(np.concatenate([history, low, high, median]))
    place = _Place(shape, tail + horizon, bottom, top)
    ahead = np.arange(tail, tail + horizon, dtype=np.float64)
    past = place.line(np.arange(tail, dtype=np.float64), history)
    made = place.line(np.append(tail - 1, ahead), np.append(history[-1:], median))
    band = place.area(ahead, low, high)
    text = Text(f"{name}\n", style="bold")
    labels = {0: top, _ROWS // 2: (top + bottom) / 2, _ROWS - 1: bottom}
    for row in range(_ROWS):
        label = f"{labels[row]:.4g}" if row in labels else ""
        text.append(f"{label:>{labels_width}} {signs.edge}", style="not bold")
        text.append_text(_row(row, past, made, band, signs))
        text.append("\n")
    return text.append_text(_below(panel, forecast, series, tail, labels_width, columns))


def _widest(forecast: Forecast, series: int) -> tuple[Array, Array]:
    """Ends of the widest interval that is shown; the median twice where there is none."""
    found = display_intervals(forecast.quantiles)
    low, high = found[0] if found else (0.5, 0.5)
    values = forecast.values[series]
    return values[:, forecast.quantiles.index(low)], values[:, forecast.quantiles.index(high)]


def _ends(values: Array) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low - 1, high + 1)


@dataclass(frozen=True)
class _Place:
    """Turns steps and values into dots."""

    shape: tuple[int, int]
    steps: int
    bottom: float
    top: float

    def _columns(self, steps: Array) -> Array:
        return np.asarray(steps) * (self.shape[1] - 1) / max(self.steps - 1, 1)

    def _rows(self, values: Array) -> NDArray[np.int64]:
        share = (self.top - values) / (self.top - self.bottom)
        return np.clip(np.rint(share * (self.shape[0] - 1)), 0, self.shape[0] - 1).astype(np.int64)

    def line(self, steps: Array, values: Array) -> Flags:
        """A connected line; a missing value breaks it."""
        dots = np.zeros(self.shape, bool)
        rows = self._rows(np.nan_to_num(values, nan=self.bottom))
        columns = np.rint(self._columns(steps)).astype(np.int64)
        known = np.isfinite(values)
        dots[rows[known], columns[known]] = True
        for k in np.flatnonzero(known[1:] & known[:-1]):
            across = np.arange(columns[k], columns[k + 1] + 1)
            along = np.linspace(rows[k], rows[k + 1], max(len(across), abs(rows[k + 1] - rows[k]) + 1))
            places = np.linspace(columns[k], columns[k + 1], len(along))
            dots[np.rint(along).astype(np.int64), np.rint(places).astype(np.int64)] = True
        return dots

    def area(self, steps: Array, low: Array, high: Array) -> Flags:
        """All between two lines."""
        dots = np.zeros(self.shape, bool)
        at = self._columns(steps)
        every = np.arange(int(np.ceil(at[0])), self.shape[1])
        upper = self._rows(np.interp(every, at, high))
        lower = self._rows(np.interp(every, at, low))
        rows = np.arange(self.shape[0])[:, None]
        dots[:, every] = (rows >= upper) & (rows <= lower)
        return dots


def _row(row: int, past: Flags, made: Flags, band: Flags, signs: PreviewSigns) -> Text:
    """One line of characters: the forecast before history, history before the band."""
    high, wide = signs.dots
    text = Text()
    for column in range(past.shape[1] // wide):
        cell = np.s_[row * high : (row + 1) * high, column * wide : (column + 1) * wide]
        if made[cell].any():
            text.append(_sign(made[cell], signs.forecast), style=_FORECAST)
        elif past[cell].any():
            text.append(_sign(past[cell], signs.history), style=_HISTORY)
        else:
            text.append(signs.band if band[cell].mean() >= 0.5 else " ", style=_BAND)
    text.rstrip()
    return text


def _sign(dots: Flags, plain: str) -> str:
    return plain if dots.size == 1 else chr(_BRAILLE + int(_DOTS[dots].sum()))


def _below(panel: Panel, forecast: Forecast, series: int, tail: int, labels_width: int, columns: int) -> Text:
    """The first time, that of the first forecast where there is room, and the last."""
    first = panel.shown_time(panel.times(series, int(panel.lengths[series]) - tail, 1)[0])
    times = forecast.times(series)
    start, last = panel.shown_time(times[0]), panel.shown_time(times[-1])
    line = list(first.ljust(columns))
    at = round(tail / (tail + forecast.horizon) * columns)
    right = columns - len(last)
    if right > len(first):
        line[right:] = last
    if len(first) + 1 < at and at + len(start) + 1 < right:
        line[at : at + len(start)] = start
    return Text(" " * (labels_width + 2) + "".join(line).rstrip() + "\n", style="dim")


def _legend(forecast: Forecast, signs: PreviewSigns) -> Text:
    text = Text(f"{signs.history} history   ")
    text.append(f"{signs.forecast} forecast (median)", style=_FORECAST)
    found = display_intervals(forecast.quantiles)
    if found:
        low, high = found[0]
        text.append(f"   {signs.band} {high - low:.0%} interval", style=_BAND)
    return text
