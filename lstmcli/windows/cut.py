"""Context and target windows, cut from flat arrays without copying a series.

The same `cut_windows` serves training, validation, prediction and the look into the gates, so that
all of them prepare values in one way.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel
from lstmcli.settings.choices import Transform
from lstmcli.windows.covariates import Codes, Covariates, covariates_of
from lstmcli.windows.scaling import (
    Scaling,
    WindowScale,
    last_observed_value,
    measure_scale,
    transform_values,
    window_statistics,
)

# Levels further than this many deviations from those of training are shown as this far.
FAR = 3.0
# And numeric covariates so many deviations from those of their context.
FAR_COVARIATE = 10.0


@dataclass(frozen=True)
class WindowSpec:
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
    holidays: str = ""


@dataclass(frozen=True)
class WindowRows:
    """What windows are cut from: the rows of a panel, which are brought to network units in a window.

    values     (rows,) float64, NaN where missing
    transform  what is yet to be done to them
    until      (series,) rows at the start of each series that may be seen; later values are unknown
    """

    panel: Panel
    values: Array
    transform: Transform
    until: Indices
    covariates: Covariates

    def at(self, series: Indices, rows: Indices) -> Array:
        """Transformed values of flat rows (batch, n), each of one series (batch,), NaN where unknown."""
        end = (self.panel.offsets[series] + self.until[series])[:, None]
        beyond = rows >= end
        if not beyond.any():
            return transform_values(self.values[rows], self.transform)
        found = self.values[np.minimum(rows, np.maximum(end - 1, 0))]
        return np.where(beyond, np.nan, transform_values(found, self.transform))


@dataclass(frozen=True)
class Windows:
    """A batch of windows in scaled units.

    context     (batch, context), 0 where missing     missing   (batch, context) bool
    covariates  (batch, context, covariates)          ahead     (batch, horizon, covariates known ahead)
    codes       (batch, context, categories)          codes_ahead  (batch, horizon, known ahead)
    static      (batch, static covariates, then the level of each numeric one)
    static_codes  (batch, static categories)
    levels      (batch, 3), see `WindowScale.levels`   baselines  (batch, horizon, baselines)
    target      (batch, horizon), NaN where unknown
    """

    context: Array
    missing: NDArray[np.bool_]
    covariates: Array
    ahead: Array
    codes: Codes
    codes_ahead: Codes
    static: Array
    static_codes: Codes
    levels: Array
    baselines: Array
    target: Array
    scale: WindowScale

    def part(self, rows: slice | Indices) -> "Windows":
        """Some of the windows of a batch."""
        arrays = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "scale"}
        scale = WindowScale(*(getattr(self.scale, f.name)[rows] for f in fields(self.scale)))
        return Windows(**arrays, scale=scale)


def window_rows(panel: Panel, scaling: Scaling, shape: WindowSpec) -> WindowRows:
    """Prepares a panel once, before any window is cut from it; its arrays are not copied."""
    return WindowRows(
        panel,
        panel.values,
        scaling.transform,
        np.diff(panel.offsets),
        covariates_of(panel, scaling, shape.calendar, shape.holidays),
    )


def with_own_values(rows: WindowRows) -> WindowRows:
    """The same with a transformed copy of the values, into which forecasts may be written."""
    return replace(rows, values=np.array(transform_values(rows.values, rows.transform)), transform="none")


def cut_windows(
    rows: WindowRows, series: Indices, origins: Indices, shape: WindowSpec, scaling: Scaling
) -> Windows:
    """Windows whose context ends just before position `origins` of each series.

    series, origins: (batch,). Positions before the start of a series count as missing;
    target positions after its last row are unknown (NaN).
    """
    first = rows.panel.offsets[series]
    last = rows.panel.offsets[series + 1]
    middle = (first + origins)[:, None]
    back = middle - shape.context + np.arange(shape.context)
    outside = back < first[:, None]
    back = np.maximum(back, first[:, None])
    context = rows.at(series, back)
    missing = np.isnan(context) | outside
    scale = measure_scale(context, missing, scaling, shape.season)
    scaled = np.where(missing, 0.0, scale.apply(context)).astype(np.float32)
    forth = np.minimum(middle + np.arange(shape.horizon), last[:, None] - 1)
    target = values_after_origin(rows, series, origins, shape.horizon)
    known = rows.covariates
    covariates, ahead, placed = _covariates(known, series, back, forth, outside, shape, scaling)
    return Windows(
        context=scaled,
        missing=missing,
        covariates=covariates,
        ahead=ahead,
        codes=known.codes(back),
        codes_ahead=known.codes(forth)[:, :, len(known.coded) - known.codes_ahead :],
        static=np.concatenate([known.static[series], placed], axis=1),
        static_codes=known.static_codes[series],
        levels=np.clip(scaling.levels.apply(scale.levels()), -FAR, FAR).astype(np.float32),
        baselines=baseline_forecasts(scaled, missing, shape),
        target=scale.apply(target).astype(np.float32),
        scale=scale,
    )


def _covariates(
    known: Covariates,
    series: Indices,
    back: Indices,
    forth: Indices,
    outside: NDArray[np.bool_],
    shape: WindowSpec,
    scaling: Scaling,
) -> tuple[Array, Array, Array]:
    """Numbers and calendar of the context (batch, context, columns) and of future covariates
    (batch, horizon, columns), and the level of each number in the context (batch, columns)."""
    past, ahead = known.calendar.at(series, back), known.calendar.at(series, forth)
    columns = known.numbers.columns
    if not columns:
        return past, ahead, np.zeros((len(back), 0), np.float32)
    before, new = known.numbers.at(series, back), slice(columns - known.numbers.ahead, None)
    mean, spread = window_statistics(before, outside, scaling.spreads)
    scaled = np.clip((before - mean) / spread, -FAR_COVARIATE, FAR_COVARIATE)
    later = np.clip((known.numbers.at(series, forth) - mean) / spread, -FAR_COVARIATE, FAR_COVARIATE)
    departures = _departures(scaled[:, :, new], later[:, :, new], outside, shape)
    levels = np.clip(scaling.covariates.apply(mean[:, 0]), -FAR, FAR)
    return (
        np.concatenate([scaled, past], axis=2, dtype=np.float32),
        np.concatenate([departures, ahead], axis=2, dtype=np.float32),
        levels.astype(np.float32),
    )


def simple_forecasts(shape: WindowSpec) -> tuple[str, ...]:
    """Those that covariates known ahead are compared with: the baselines, and the mean of the context."""
    return tuple(dict.fromkeys(("none", *shape.baselines)))


def _departures(before: Array, later: Array, outside: NDArray[np.bool_], shape: WindowSpec) -> Array:
    """What each covariate known ahead differs from simple forecasts of it, (batch, horizon, columns).

    before: (batch, context, covariates), later: (batch, horizon, covariates), both scaled.
    """
    kinds = replace(shape, baselines=simple_forecasts(shape))
    parts = [
        later[:, :, [column]]
        - baseline_forecasts(np.where(outside, 0.0, before[:, :, column]), outside, kinds)
        for column in range(later.shape[2])
    ]
    return np.concatenate(parts, axis=2) if parts else later


def values_after_origin(rows: WindowRows, series: Indices, origins: Indices, horizon: int) -> Array:
    """Transformed values from each origin on, (batch, horizon), NaN where unknown."""
    return rows.at(series, (rows.panel.offsets[series] + origins)[:, None] + np.arange(horizon))


def baseline_forecasts(context: Array, missing: NDArray[np.bool_], shape: WindowSpec) -> Array:
    """The forecasts that the networks correct, in scaled units, (batch, horizon, baselines)."""
    return np.stack([_baseline(kind, context, missing, shape) for kind in shape.baselines], axis=2)


def _baseline(kind: str, context: Array, missing: NDArray[np.bool_], shape: WindowSpec) -> Array:
    if kind == "none":
        return np.zeros((len(context), shape.horizon), context.dtype)
    if kind == "last":
        return np.repeat(last_observed_value(context, ~missing), shape.horizon, axis=1)
    if kind == "drift":
        return _drift(context, ~missing, shape.horizon)
    if kind == "profile":
        return _profile(context, ~missing, shape)
    lag = lag_of(kind, shape.season)
    # A missing value is 0 here: the location of the window.
    return context[:, context.shape[1] - lag + np.arange(shape.horizon) % lag]


def _profile(context: Array, observed: NDArray[np.bool_], shape: WindowSpec) -> Array:
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
    return (last_observed_value(context, observed) + ahead).astype(context.dtype)


def lag_of(kind: str, season: int) -> int:
    """How many values of the context a baseline needs to repeat; 0 for one that repeats none."""
    if kind in ("seasonal", "profile"):
        return season
    return int(kind.removeprefix("lag")) if kind.startswith("lag") else 0
