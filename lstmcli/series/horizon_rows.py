"""The rows to forecast: those after the last value of each series, and what must be known of them."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import advance, format_time
from lstmcli.series.panel import Category, Panel

_NAMED = 3  # series, or times of one, that a message names


def with_future_rows(panel: Panel, horizon: int, context: int) -> Panel:
    """The last `context` rows of each series, followed by exactly `horizon` rows ahead.

    In those rows numeric past covariates stay at their last value, and categories are unknown: a
    forecast that rolls on reads them. Future covariates that are not given are unknown too: see
    `check_future_rows`.
    """
    keep = np.minimum(panel.lengths, context)
    skipped = panel.lengths - keep
    offsets = np.concatenate([[0], np.cumsum(keep + horizon)])
    series = np.repeat(np.arange(len(panel)), keep + horizon)
    rows = np.arange(offsets[-1]) + (panel.offsets[:-1] + skipped - offsets[:-1])[series]
    given = rows < panel.offsets[1:][series]
    last = (panel.offsets[:-1] + panel.lengths - 1)[series]
    beyond = rows > last

    def laid_out(flat: NDArray[Any], unknown: float) -> NDArray[Any]:
        out = np.full((offsets[-1], *flat.shape[1:]), unknown, flat.dtype)
        out[given] = flat[rows[given]]
        return out

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
        past=panel.past[np.minimum(rows, last)],
        future=laid_out(panel.future, np.nan),
        categories=tuple(map(category_ahead, panel.categories)),
    )


def missing_future(panel: Panel, horizon: int) -> list[Indices]:
    """Positions in each series of the steps after its last value for which what is known ahead is
    not given."""
    lacking = _lacking(panel, horizon)
    return [length + np.flatnonzero(steps) for length, steps in zip(panel.lengths, lacking, strict=True)]


def _lacking(panel: Panel, horizon: int) -> NDArray[np.bool_]:
    """Whether what is known ahead is not given, (series, horizon)."""
    unknown = np.asarray(np.isnan(panel.future).any(axis=1))
    for category in panel.categories:
        if category.role == "future":
            unknown |= category.codes < 0
    rows = (panel.offsets[:-1] + panel.lengths)[:, None] + np.arange(horizon)
    lacking = rows >= panel.offsets[1:, None]
    lacking[~lacking] = unknown[rows[~lacking]]
    return lacking


def check_future_rows(panel: Panel, horizon: int) -> None:
    """Raises DataError where future covariates are needed and not given."""
    if not (panel.future.shape[1] or any(c.role == "future" for c in panel.categories)):
        return
    lacking = _lacking(panel, horizon)
    count = int(lacking.sum())
    if not count:
        return
    which = np.flatnonzero(lacking.any(axis=1))
    few = "; ".join(
        _rows_named(panel, int(s), panel.lengths[s] + np.flatnonzero(lacking[s])) for s in which[:_NAMED]
    )
    more = f"; and {len(which) - _NAMED} more series" if len(which) > _NAMED else ""
    raise DataError(
        "missing-future",
        f"what is known ahead is missing in {count:,} row{'s' if count > 1 else ''}: {few}{more}. "
        "Add them with an empty target, or give them with --future FILE; "
        f"--make-future {horizon} prints that file to fill in",
    )


def _rows_named(panel: Panel, series: int, places: Indices) -> str:
    """A series and the first times that it lacks; a run of times by its ends."""
    name = f"{panel.name(series)} " if panel.name(series) else ""
    times = [format_time(panel.times(series, int(place), 1)[0]) for place in (places[0], places[-1])]
    if len(places) == 1:
        return f"{name}{times[0]}"
    if places[-1] - places[0] == len(places) - 1:
        return f"{name}{times[0]} to {times[1]}"
    few = [format_time(panel.times(series, int(place), 1)[0]) for place in places[:_NAMED]]
    return f"{name}{', '.join(few)}{', ...' if len(places) > _NAMED else ''} ({len(places)} rows)"
