"""Context and target windows, cut from flat arrays without copying a series.

The same `cut` serves training, validation, prediction and the look into the gates, so that
all of them prepare values in one way.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.calendar import advance, features, show
from lstmcli.errors import DataError
from lstmcli.panel import Panel
from lstmcli.scaling import Scaling, WindowScale, last_observed, measure

Array = NDArray[np.floating]
Indices = NDArray[np.int64]

# Levels further than this many deviations from those of training are shown as this far.
_FAR = 3.0


@dataclass(frozen=True)
class Shape:
    """What a window holds: lengths in observations, and the baseline that is corrected.

    baselines  one per recipe: "seasonal" (the last season repeated), "lag168" (the last 168 values
               repeated), "profile" (the mean season of the context, at the level of its last one),
               "last" (the last value), "drift" (half the slope of the context, continued from the
               last value) or "none" (the location)
    """

    context: int
    horizon: int
    baselines: tuple[str, ...]
    season: int
    calendar: bool


@dataclass(frozen=True)
class Rows:
    """A panel in network units: transformed values and standardised covariates, row by row.

    values      (rows,) float64, NaN where missing
    covariates  (rows, past + future + calendar) float32
    ahead       number of covariates known ahead; they are the last ones
    """

    panel: Panel
    values: Array
    covariates: NDArray[np.float32]
    ahead: int


@dataclass(frozen=True)
class Windows:
    """A batch of windows in scaled units.

    context     (batch, context), 0 where missing     missing   (batch, context) bool
    covariates  (batch, context, covariates)          ahead     (batch, horizon, covariates known ahead)
    levels      (batch, 3), see `WindowScale.levels`   baselines  (batch, horizon, baselines)
    target      (batch, horizon), NaN where unknown
    """

    context: Array
    missing: NDArray[np.bool_]
    covariates: Array
    ahead: Array
    levels: Array
    baselines: Array
    target: Array
    scale: WindowScale

    def part(self, rows: slice | Indices) -> "Windows":
        """Some of the windows of a batch."""
        arrays = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "scale"}
        scale = WindowScale(*(getattr(self.scale, f.name)[rows] for f in fields(self.scale)))
        return Windows(**arrays, scale=scale)


def rows_of(panel: Panel, scaling: Scaling, shape: Shape) -> Rows:
    """Transforms and standardises a panel once, before any window is cut from it."""
    values = scaling.transformed(panel.values)
    known = np.concatenate([panel.past, panel.future], axis=1)
    covariates = scaling.covariates.apply(known).astype(np.float32)
    if not shape.calendar:
        return Rows(panel, values, covariates, panel.future.shape[1])
    sizes = np.diff(panel.offsets)
    places = np.arange(len(values)) - np.repeat(panel.offsets[:-1], sizes)
    calendar = features(advance(np.repeat(panel.starts, sizes), panel.step, places), panel.step)
    together = np.concatenate([covariates, calendar], axis=1)
    return Rows(panel, values, together, panel.future.shape[1] + calendar.shape[1])


def cut(rows: Rows, series: Indices, origins: Indices, shape: Shape, scaling: Scaling) -> Windows:
    """Windows whose context ends just before position `origins` of each series.

    series, origins: (batch,). Positions before the start of a series count as missing;
    target positions after its last row are unknown (NaN).
    """
    first = rows.panel.offsets[series]
    last = rows.panel.offsets[series + 1]
    middle = (first + origins)[:, None]
    back = middle - shape.context + np.arange(shape.context)
    context = rows.values[np.maximum(back, first[:, None])]
    missing = np.isnan(context) | (back < first[:, None])
    scale = measure(context, missing, scaling, shape.season)
    scaled = np.where(missing, 0.0, scale.apply(context)).astype(np.float32)
    forth = middle + np.arange(shape.horizon)
    target = values_after(rows, series, origins, shape.horizon)
    past = rows.covariates[np.maximum(back, first[:, None])]
    ahead = rows.covariates[np.minimum(forth, last[:, None] - 1)]
    return Windows(
        context=scaled,
        missing=missing,
        covariates=past,
        ahead=ahead[:, :, rows.covariates.shape[1] - rows.ahead :],
        levels=np.clip(scaling.levels.apply(scale.levels()), -_FAR, _FAR).astype(np.float32),
        baselines=baselines_of(scaled, missing, shape),
        target=scale.apply(target).astype(np.float32),
        scale=scale,
    )


def values_after(rows: Rows, series: Indices, origins: Indices, horizon: int) -> Array:
    """Transformed values from each origin on, (batch, horizon), NaN where unknown."""
    last = rows.panel.offsets[series + 1][:, None]
    at = (rows.panel.offsets[series] + origins)[:, None] + np.arange(horizon)
    return np.where(at < last, rows.values[np.minimum(at, last - 1)], np.nan)


def baselines_of(context: Array, missing: NDArray[np.bool_], shape: Shape) -> Array:
    """The forecasts that the networks correct, in scaled units, (batch, horizon, baselines)."""
    return np.stack([_baseline(kind, context, missing, shape) for kind in shape.baselines], axis=2)


def _baseline(kind: str, context: Array, missing: NDArray[np.bool_], shape: Shape) -> Array:
    if kind == "none":
        return np.zeros((len(context), shape.horizon), context.dtype)
    if kind == "last":
        return np.repeat(last_observed(context, ~missing), shape.horizon, axis=1)
    if kind == "drift":
        return _drift(context, ~missing, shape.horizon)
    if kind == "profile":
        return _profile(context, ~missing, shape)
    lag = lag_of(kind, shape.season)
    # A missing value is 0 here: the location of the window.
    return context[:, context.shape[1] - lag + np.arange(shape.horizon) % lag]


def _profile(context: Array, observed: NDArray[np.bool_], shape: Shape) -> Array:
    batch, season = len(context), shape.season
    whole = context.shape[1] // season * season
    seasons = context[:, -whole:].reshape(batch, -1, season)
    seen = observed[:, -whole:].reshape(batch, -1, season)
    mean = seasons.sum(axis=1) / np.maximum(seen.sum(axis=1), 1)  # (batch, season)
    level = seasons[:, -1].sum(axis=1) / np.maximum(seen[:, -1].sum(axis=1), 1)
    moved = mean + (level - mean.mean(axis=1))[:, None]
    return moved[:, np.arange(shape.horizon) % season]


def _drift(context: Array, observed: NDArray[np.bool_], horizon: int) -> Array:
    batch, length = context.shape
    first = np.argmax(observed, axis=1)
    last = length - 1 - np.argmax(observed[:, ::-1], axis=1)
    rows = np.arange(batch)
    rise = (context[rows, last] - context[rows, first]) / np.maximum(last - first, 1)
    # Half the slope: trends of the past seldom go on in full (Assimakopoulos & Nikolopoulos 2000).
    ahead = 0.5 * rise[:, None] * np.arange(1, horizon + 1, dtype=context.dtype)
    return (last_observed(context, observed) + ahead).astype(context.dtype)


def lag_of(kind: str, season: int) -> int:
    """How many values of the context a baseline needs to repeat; 0 for one that repeats none."""
    if kind in ("seasonal", "profile"):
        return season
    return int(kind.removeprefix("lag")) if kind.startswith("lag") else 0


def with_rows_ahead(panel: Panel, horizon: int, context: int) -> Panel:
    """The last `context` rows of each series, followed by exactly `horizon` rows ahead.

    Raises DataError where future covariates are needed and not given.
    """
    if panel.future.shape[1]:
        _check_future_rows(panel, horizon)
    keep = np.minimum(panel.lengths, context)
    skipped = panel.lengths - keep
    first = panel.offsets[:-1] + skipped
    have = np.minimum(panel.offsets[1:] - first, keep + horizon)
    offsets = np.concatenate([[0], np.cumsum(keep + horizon)])

    def laid_out(flat: NDArray[Any], fill: float) -> NDArray[Any]:
        out = np.full((offsets[-1], *flat.shape[1:]), fill, flat.dtype)
        for to, start, count in zip(offsets[:-1], first, have, strict=True):
            out[to : to + count] = flat[start : start + count]
        return out

    return replace(
        panel,
        starts=advance(panel.starts, panel.step, skipped),
        offsets=offsets,
        lengths=keep,
        values=laid_out(panel.values, np.nan),
        past=laid_out(panel.past, 0.0),
        future=laid_out(panel.future, 0.0),
    )


def _check_future_rows(panel: Panel, horizon: int) -> None:
    for s in range(len(panel)):
        given = panel.ahead(s)
        if given < horizon:
            first, last = panel.times(s, int(panel.lengths[s]) + given, horizon - given)[[0, -1]]
            raise DataError(
                "missing-future",
                f"{panel.name(s) or 'the series'}: future covariates are given for {given} steps "
                f"after the last value, {horizon} are needed; add rows {show(first)} to {show(last)} "
                "with an empty target, or ask for a shorter --horizon",
            )
