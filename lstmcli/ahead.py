"""The rows to forecast: those after the last value of each series, and what must be known of them."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.calendar import advance, show
from lstmcli.errors import DataError
from lstmcli.panel import Category, Panel

Indices = NDArray[np.int64]

_NAMED = 3  # series, or times of one, that a message names


def with_rows_ahead(panel: Panel, horizon: int, context: int) -> Panel:
    """The last `context` rows of each series, followed by exactly `horizon` rows ahead.

    In those rows numeric past covariates stay at their last value, and categories are unknown: a
    forecast that rolls on reads them. Raises DataError where future covariates are needed and not
    given.
    """
    check_rows_ahead(panel, horizon)
    keep = np.minimum(panel.lengths, context)
    skipped = panel.lengths - keep
    first = panel.offsets[:-1] + skipped
    have = np.minimum(panel.offsets[1:] - first, keep + horizon)
    offsets = np.concatenate([[0], np.cumsum(keep + horizon)])

    def laid_out(flat: NDArray[Any], fill: float) -> NDArray[Any]:
        out = np.full((offsets[-1], *flat.shape[1:]), fill, flat.dtype)
        if not out.size:
            return out
        for to, start, count in zip(offsets[:-1], first, have, strict=True):
            out[to : to + count] = flat[start : start + count]
        return out

    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], keep + horizon)
    beyond = place >= np.repeat(keep, keep + horizon)
    last = np.repeat(panel.offsets[:-1] + panel.lengths - 1, keep + horizon)

    def category_ahead(category: Category) -> Category:
        if category.role == "static":
            return category
        codes = laid_out(category.codes, -1)
        return replace(category, codes=np.where(beyond, -1, codes) if category.role == "past" else codes)

    return replace(
        panel,
        starts=advance(panel.starts, panel.step, skipped),
        offsets=offsets,
        lengths=keep,
        values=laid_out(panel.values, np.nan),
        past=np.where(beyond[:, None], panel.past[last], laid_out(panel.past, 0.0)),
        future=laid_out(panel.future, 0.0),
        categories=tuple(map(category_ahead, panel.categories)),
    )


def missing_ahead(panel: Panel, horizon: int) -> list[Indices]:
    """Positions in each series of the steps after its last value for which what is known ahead is
    not given."""
    unknown = np.asarray(np.isnan(panel.future).any(axis=1))
    for category in panel.categories:
        if category.role == "future":
            unknown |= category.codes < 0
    missing = []
    for first, last, length in zip(panel.offsets[:-1], panel.offsets[1:], panel.lengths, strict=True):
        needed = np.arange(length, length + horizon)
        given = needed < last - first
        given[given] = ~unknown[first + needed[given]]
        missing.append(needed[~given])
    return missing


def check_rows_ahead(panel: Panel, horizon: int) -> None:
    """Raises DataError where future covariates are needed and not given."""
    if not (panel.future.shape[1] or any(c.role == "future" for c in panel.categories)):
        return
    missing = missing_ahead(panel, horizon)
    count = sum(map(len, missing))
    if not count:
        return
    lacking = [s for s, places in enumerate(missing) if len(places)]
    few = "; ".join(_rows_named(panel, s, missing[s]) for s in lacking[:_NAMED])
    more = f"; and {len(lacking) - _NAMED} more series" if len(lacking) > _NAMED else ""
    raise DataError(
        "missing-future",
        f"what is known ahead is missing in {count:,} row{'s' if count > 1 else ''}: {few}{more}. "
        "Add them with an empty target, or give them with --future FILE; "
        f"--make-future {horizon} prints that file to fill in",
    )


def _rows_named(panel: Panel, series: int, places: Indices) -> str:
    """A series and the first times that it lacks; a run of times by its ends."""
    name = f"{panel.name(series)} " if panel.name(series) else ""
    times = [show(panel.times(series, int(place), 1)[0]) for place in (places[0], places[-1])]
    if len(places) == 1:
        return f"{name}{times[0]}"
    if places[-1] - places[0] == len(places) - 1:
        return f"{name}{times[0]} to {times[1]}"
    few = [show(panel.times(series, int(place), 1)[0]) for place in places[:_NAMED]]
    return f"{name}{', '.join(few)}{', ...' if len(places) > _NAMED else ''} ({len(places)} rows)"
