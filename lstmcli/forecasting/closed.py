"""Forecasts of open times to rows of all times, where closed ones are zeros, see `Step.zeros`."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Flags
from lstmcli.series.calendar import Step, Times, advance
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel


def steps_within(panel: Panel, rows: int) -> int:
    """How many steps of a panel lie in so many rows after each series, at most; one at least."""
    steps = steps_of_rows(panel, rows)
    return rows if steps is None else max(1, int(steps[:, -1].max(initial=0)))


def steps_of_rows(panel: Panel, rows: int) -> NDArray[np.int64] | None:
    """(series, rows) how many steps lie in the first 1, 2, ... rows after each series; None without
    closed times, where every row is a step."""
    if not panel.step.zeros:
        return None
    times = advance(starts_of_rows(panel)[:, None], panel.step.of_rows, np.arange(rows))
    return np.cumsum(panel.step.week.holds(times.ravel()).reshape(times.shape), axis=1)


def starts_of_rows(panel: Panel) -> Times:
    """(series,) the time of the first row after each series, of a panel with closed times."""
    last = panel.ends
    return advance(last, panel.step.of_rows, panel.closed + 1)


def among_closed(values: Array, panel: Panel, rows: int, closed: float = 0.0) -> NDArray[np.float64]:
    """What was forecast for steps of a panel (series, steps, columns) as rows (series, rows, columns), with
    `closed` at closed times; the same where these have no rows. Steps behind the last row are left out."""
    steps = steps_of_rows(panel, rows)
    if steps is None:
        return np.asarray(values)
    found = np.take_along_axis(values, np.maximum(steps - 1, 0)[:, :, None], axis=1)
    opened = np.diff(steps, axis=1, prepend=0) > 0
    return np.where(opened[:, :, None], found, closed)


def open_rows(made: Forecast, step: Step) -> Flags:
    """(series, horizon) which rows of a forecast are of open times. step: of the panel."""
    if not step.zeros:
        return np.ones((len(made.keys), made.horizon), bool)
    times = advance(made.starts[:, None], made.step, np.arange(made.horizon))
    return step.week.holds(times.ravel()).reshape(times.shape)


def forecast_of_rows(made: Forecast, panel: Panel, rows: int) -> Forecast:
    """The forecast of the series of a panel with its closed times."""
    if not panel.step.zeros:
        return made
    values = among_closed(made.values, panel, rows)
    return replace(made, step=panel.step.of_rows, starts=starts_of_rows(panel), values=values)


def panel_of_rows(panel: Panel) -> Panel:
    """The histories with zeros at closed times, without covariates, to be shown."""
    if not panel.step.zeros:
        return panel
    step = panel.step.of_rows
    last = panel.ends
    sizes = (last - panel.starts).astype(np.int64) // step.count + 1 + panel.closed
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    values = np.zeros(int(offsets[-1]))
    for s, first in enumerate(offsets[:-1]):
        times = panel.times(s, 0, int(panel.lengths[s]))
        values[first + (times - times[0]).astype(np.int64) // step.count] = panel.history(s)
    none = np.zeros((len(values), 0), np.float32)
    return Panel(
        key_names=panel.key_names,
        keys=panel.keys,
        step=step,
        starts=panel.starts,
        offsets=offsets,
        lengths=sizes,
        values=values,
        past=none,
        future=none,
        zone=panel.zone,
    )
