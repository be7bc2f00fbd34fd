"""Where the series of a panel end, where that is not plain: what train and predict say of it."""

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import advance, positions
from lstmcli.series.panel import Panel

ENDED = "series end before the newest value"  # of the note on it
_LONG_BEFORE = 3  # steps


def rows_ahead(panel: Panel) -> Indices:
    """(series,) rows after the last value of each."""
    return np.asarray(np.diff(panel.offsets) - panel.lengths)


def ending_notes(panel: Panel) -> tuple[str, ...]:
    """Series that end long before the newest, and rows after the last value."""
    return (*_rows_after(panel), *_ended(panel))


def _rows_after(panel: Panel) -> tuple[str, ...]:
    ahead = rows_ahead(panel)
    if not ahead.any():
        return ()
    which = np.flatnonzero(ahead)
    first = int(which[0])
    start = panel.shown_time(advance(panel.starts[first], panel.step, int(panel.lengths[first]))[()])
    rows = plural(int(ahead.sum()), "row")
    if len(panel) == 1:
        return (f"{rows} after the last value: the forecast begins there, at {start}",)
    some = plural(len(which), "series", "series")
    named = f"{panel.name(first)} at {start}"
    return (f"{rows} after the last values of {some}: forecasts begin there, as that of {named}",)


def _ended(panel: Panel) -> tuple[str, ...]:
    """Series of rows without dates have no common time."""
    if len(panel) < 2 or panel.step.plain:
        return ()
    ends = panel.ends
    newest, first = ends.max(), int(np.argmin(ends))
    behind, _ = positions(np.full(len(ends), newest), ends, panel.step)
    count = int((behind >= _LONG_BEFORE).sum())
    if not count:
        return ()
    ended = f"{count:,} of {len(panel):,} {ENDED}, {panel.shown_time(newest)}"
    end = panel.shown_time(ends[first])
    return (f"{ended}: {panel.name(first)} at {end}; each goes on from its own end",)
