"""What stands on the page of a forecast beside it: its parts, or the forecast by another plan."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lstmcli.reports.forecast_parts import ForecastParts, ScenarioForecasts
from lstmcli.reports.html.axes import Axis, number_axis, places, time_axis
from lstmcli.reports.html.charts import ChartBand, ChartLine, ChartPart, chart
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
from lstmcli.series.calendar import Times
from lstmcli.series.panel import Panel

_LOOKS = 7  # of parts in the style sheet; the last is that of all others
_ROWS = 100  # steps in a table
_WHY = (
    "What the model makes of the data, step by step: how far each part moves the forecast from the level of "
    "the series. The parts and the level add up to the forecast. They do not tell what causes the values."
)
_WHAT_IF = (
    "The difference is what the model makes of the two plans. It is no measured effect: errors that both "
    "forecasts share cancel in it, and others do not."
)


def beside_sections(
    panel: Panel, beside: ForecastParts | ScenarioForecasts | None, target: str
) -> Iterator[str]:
    """target: what a series without a name is called."""
    if isinstance(beside, ForecastParts):
        choices = [
            (panel.name(s) or target, joined(_parts(panel, beside, s, panel.name(s) or target)))
            for s in range(min(len(beside.forecast.keys), MOST_CHOICES))
        ]
        yield section("Why", paragraph(_WHY, "quiet"), chooser("Series", choices))
    elif beside is not None:
        choices = [
            (panel.name(s) or target, joined(_differences(panel, beside, s)))
            for s in range(min(len(beside.plan.keys), MOST_CHOICES))
        ]
        yield section("What if", paragraph(_WHAT_IF, "quiet"), chooser("Series", choices))


def _parts(panel: Panel, beside: ForecastParts, series: int, name: str) -> Iterator[str]:
    made = beside.forecast
    times = made.times(series)
    x = places(times, made.step, panel.zone)
    drawn, names = _largest(beside.parts[series], beside.texts)
    above, below = np.maximum(drawn, 0).cumsum(axis=1), np.minimum(drawn, 0).cumsum(axis=1)
    bands: list[ChartPart] = []
    for k, text in enumerate(names):
        tops = np.where(drawn[:, k] >= 0, above[:, k], below[:, k])
        across, low, high = _bars(x, tops - drawn[:, k], tops)
        look = f"part{_LOOKS if text.endswith('others') else k + 1}"
        bands.append(ChartBand(across, low, high, look, text))
    moved = made.median[series] - beside.level[series]
    across, total, _ = _bars(x, moved, moved)
    line = ChartLine(across, total, "history", "forecast less its level")
    shown = np.concatenate([above.ravel(), below.ravel(), moved])
    up = number_axis(shown, with_zero=True)
    yield chart(name, [*bands, line], _axis(time_axis(times, made.step, zone=panel.zone), across), up)
    values = np.column_stack([made.median[series], beside.level[series], beside.parts[series]])
    yield _table(panel, times, ("forecast", "level", *beside.texts), values)


def _largest(parts: Array, texts: list[str]) -> tuple[Array, list[str]]:
    """The parts (horizon, parts) that a picture holds, in their order, and the sum of all others."""
    if len(texts) <= _LOOKS:
        return parts, texts
    kept = np.sort(np.argsort(-np.abs(parts).sum(axis=0), kind="stable")[: _LOOKS - 1])
    left = np.setdiff1d(np.arange(len(texts)), kept)
    others = parts[:, left].sum(axis=1, keepdims=True)
    return np.hstack([parts[:, kept], others]), [*(texts[k] for k in kept), f"{len(left)} others"]


def _bars(x: Array, low: Array, high: Array) -> tuple[Array, Array, Array]:
    """Steps as wide as they are apart, of two lines at places x (n,)."""
    half = np.diff(x) / 2 if len(x) > 1 else np.array([0.5])
    left, right = x - np.append(half[:1], half), x + np.append(half, half[-1:])
    return np.column_stack([left, right]).ravel(), np.repeat(low, 2), np.repeat(high, 2)


def _axis(made: Axis, across: Array) -> Axis:
    """The axis of the times, as long as their bars are."""
    return replace(made, low=float(across[0]), high=float(across[-1]))


def _differences(panel: Panel, beside: ScenarioForecasts, series: int) -> Iterator[str]:
    plan, other = beside.plan, beside.other
    apart = other.median[series] - plan.median[series]
    total, over = aligned_numbers(np.array([apart.sum()]))[0], plan.step.span(plan.horizon)
    yield paragraph(f"{'+' if apart.sum() > 0 else ''}{total} over {over}")
    values = np.column_stack([plan.median[series], other.median[series], apart])
    yield _table(panel, plan.times(series), ("forecast", "what if", "difference"), values)


def _table(panel: Panel, times: Times, names: tuple[str, ...], values: Array) -> str:
    """values: (horizon, columns)."""
    count = min(len(values), _ROWS)
    columns = aligned_numbers(values[:count].ravel())
    wide = len(names)
    rows = [(panel.shown_time(times[k]), *columns[k * wide : (k + 1) * wide]) for k in range(count)]
    more = f", the first {count} of {len(values)} steps" if count < len(values) else ""
    return details_block(f"In numbers{more}", html_table(("time", *names), rows))
