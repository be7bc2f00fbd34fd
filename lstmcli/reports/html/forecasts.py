"""Forecasts on a page: each series with its history, intervals and numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lstmcli.forecasting.intervals import display_intervals
from lstmcli.reports.html.axes import number_axis, places, time_axis
from lstmcli.reports.html.charts import ChartBand, ChartLine, ChartPart, Mark, chart
from lstmcli.reports.html.markup import (
    MOST_CHOICES,
    aligned_numbers,
    chooser,
    details_block,
    html_table,
    joined,
    paragraph,
    section,
)
from lstmcli.series.arrays import Array
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel

_HISTORY = 5  # horizons of history before the first forecast
_FEWEST, _MOST = 60, 600  # values of history, whatever the horizon
_ROWS = 100  # steps in a table


@dataclass(frozen=True)
class OriginForecast:
    """One forecast of one series. origin: values known to it; values: (horizon, quantiles)."""

    origin: int
    quantiles: tuple[float, ...]
    values: Array


def runs_of(panel: Panel, forecast: Forecast) -> dict[int, list[OriginForecast]]:
    """The forecast of each series by its number; those that a page holds."""
    return {
        s: [OriginForecast(int(panel.lengths[s]), forecast.quantiles, forecast.values[s])]
        for s in range(min(len(panel), MOST_CHOICES))
    }


def forecasts_section(
    heading: str,
    panel: Panel,
    runs: Mapping[int, Sequence[OriginForecast]],
    target: str,
    text: str,
    numbers: bool,
    other: Forecast | None = None,
) -> str:
    """A chart for each series, chosen from a list; numbers: with a table of the last forecast; other: a
    forecast of the first series by another plan."""
    choices = [
        (panel.name(s) or target, joined(_series(panel, s, made, target, numbers, other)))
        for s, made in runs.items()
        if made
    ]
    if not choices:
        return ""
    left = len(panel) - len(choices)
    note = paragraph(f"The page shows {len(choices)} of {len(panel):,} series.", "quiet") if left else ""
    return section(heading, paragraph(text, "quiet"), note, chooser("Series", choices))


def _series(
    panel: Panel,
    series: int,
    runs: Sequence[OriginForecast],
    target: str,
    numbers: bool,
    other: Forecast | None,
) -> Iterator[str]:
    first, last = min(r.origin for r in runs), max(runs, key=lambda r: r.origin)
    horizon, length = len(last.values), int(panel.lengths[series])
    tail = min(max(_HISTORY * horizon, _FEWEST), _MOST)
    begin = max(0, first - tail)
    end = max(length, last.origin + horizon)
    times = panel.times(series, begin, end - begin)
    history = panel.history(series)[begin:]
    marks: list[ChartPart] = [
        Mark(float(places(panel.times(series, r.origin - 1, 1), panel.step, panel.zone)[0])) for r in runs
    ]
    bands = [band for run in runs for band in _bands(panel, series, run)]
    medians = [_median(panel, series, run) for run in runs]
    if other is not None:
        medians.append(_by_other_plan(panel, series, last, other))
    shown = [history, *(m.y for m in medians), *(part for b in bands for part in (b.low, b.high))]
    known = ChartLine(places(times[: len(history)], panel.step, panel.zone), history, "history", "history")
    yield chart(
        panel.name(series) or target,
        [*bands, *marks, known, *medians],
        time_axis(times, panel.step, zone=panel.zone),
        number_axis(np.concatenate(shown)),
    )
    if numbers:
        yield _in_numbers(panel, series, last)


def _bands(panel: Panel, series: int, run: OriginForecast) -> Iterator[ChartBand]:
    found = display_intervals(run.quantiles)
    looks = ("band2",) if len(found) == 1 else ("band1", "band2", "band3")
    for (low, high), look in zip(found, looks, strict=False):
        x, below = _joined(panel, series, run, low)
        _, above = _joined(panel, series, run, high)
        yield ChartBand(x, below, above, look, f"{high - low:.0%} interval")


def _median(panel: Panel, series: int, run: OriginForecast) -> ChartLine:
    x, y = _joined(panel, series, run, 0.5)
    return ChartLine(x, y, "forecast", "forecast (median)", dots=len(run.values) == 1)


def _by_other_plan(panel: Panel, series: int, run: OriginForecast, other: Forecast) -> ChartLine:
    made = OriginForecast(run.origin, other.quantiles, other.values[series])
    x, y = _joined(panel, series, made, 0.5)
    return ChartLine(x, y, "simple", "what if (median)", dots=len(made.values) == 1)


def _joined(panel: Panel, series: int, run: OriginForecast, level: float) -> tuple[Array, Array]:
    """A quantile from the last known value on."""
    before = panel.history(series)[run.origin - 1]
    line = run.values[:, run.quantiles.index(level)]
    x = places(panel.times(series, run.origin - 1, len(line) + 1), panel.step, panel.zone)
    return (x[1:], line) if np.isnan(before) else (x, np.concatenate([[before], line]))


def _in_numbers(panel: Panel, series: int, run: OriginForecast) -> str:
    levels = sorted({0.5, *(level for pair in display_intervals(run.quantiles) for level in pair)})
    count = min(len(run.values), _ROWS)
    times = panel.times(series, run.origin, count)
    columns, wide = [run.quantiles.index(level) for level in levels], len(levels)
    texts = aligned_numbers(run.values[:count, columns].ravel())
    rows = [(panel.shown_time(time), *texts[k * wide : (k + 1) * wide]) for k, time in enumerate(times)]
    names = ["median" if level == 0.5 else f"q{level:g}" for level in levels]
    more = f", the first {count} of {len(run.values):,} steps" if count < len(run.values) else ""
    return details_block(f"In numbers{more}", html_table(("time", *names), rows))
