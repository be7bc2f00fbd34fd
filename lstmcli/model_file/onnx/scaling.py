"""Measure, apply, undo: the graph of `lstmcli.windows.scaling`, in double precision.

No NaN enters the arithmetic: values come with what of them was observed, and are 0 elsewhere.
"""

from dataclasses import dataclass

import numpy as np

from lstmcli.model_file.onnx.builder import Tensor, concat, where
from lstmcli.windows.scaling import LEAST_SCALE, Scaling, Standardisation


@dataclass(frozen=True)
class GraphScale:
    """What was measured on each window, (series, 1) each."""

    location: Tensor
    scale: Tensor
    change: Tensor

    def apply(self, values: Tensor) -> Tensor:
        return (values - self.location) / self.scale

    def undo(self, values: Tensor) -> Tensor:
        """Takes (series, horizon, quantiles)."""
        return values * self.scale.expanded(2) + self.location.expanded(2)

    def levels(self) -> Tensor:
        """(series, 3)"""
        return concat([self.location, self.scale.log(), (self.change / self.scale).log()], axis=1)


def build_transform(values: Tensor, scaling: Scaling) -> tuple[Tensor, Tensor]:
    """Values (series, rows) as the network sees them, 0 where missing, and which were observed."""
    if scaling.transform == "log":
        positive = values.greater(0)
        return where(positive, values, 1.0).log(), positive
    observed = ~values.builder.node("IsNaN", values, dtype=bool)
    return where(observed, values, 0.0), observed


def build_restore(values: Tensor, scaling: Scaling) -> Tensor:
    """The units of the data again."""
    back = values.exp() if scaling.transform == "log" else values
    return back.at_least(0.0) if scaling.bounded else back


def build_standardisation(columns: Tensor, standard: Standardisation, far: float | None = None) -> Tensor:
    """Columns (series, columns) at mean 0 and deviation 1, no further than `far` from 0."""
    if standard.mean:
        columns = (columns - np.asarray(standard.mean)) / np.asarray(standard.std)
    return columns if far is None else columns.clipped(-far, far)


def build_scale(filled: Tensor, observed: Tensor, scaling: Scaling, season: int, context: int) -> GraphScale:
    """Measures the observed values of each context (series, context)."""
    mean, scale, change = _moments(filled, observed, season, scaling.least, context)
    place = mean
    if scaling.location == "last":
        place = build_last_observed(filled, observed, context)
    elif scaling.location == "season":
        seen = observed.part(-season, None, axis=1)
        recent = _mean_where(filled.part(-season, None, axis=1), seen)
        place = where(seen.any(axis=1), recent, mean)
    return GraphScale(place, scale, change)


def _moments(
    filled: Tensor, observed: Tensor, season: int, least: float, context: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean, scale and mean change over a season of each row, (series, 1) each."""
    mean = _mean_where(filled, observed)
    away = filled - mean
    change = std = _mean_where(away * away, observed).sqrt()
    if season < context:
        both = observed.part(season, None, axis=1) & observed.part(0, -season, axis=1)
        moved = (filled.part(season, None, axis=1) - filled.part(0, -season, axis=1)).abs()
        change = where(both.any(axis=1), _mean_where(moved, both), std)
    flattest = LEAST_SCALE * mean.abs().at_least(LEAST_SCALE)
    scale = (0.5 * (std + change)).at_least(flattest.at_least(least))
    return mean, scale, change.at_least(LEAST_SCALE * scale)


def build_window_statistics(
    columns: Tensor, outside: Tensor, least: tuple[float, ...]
) -> tuple[Tensor, Tensor]:
    """Mean and deviation of covariates (series, context, columns) where they are not outside (series,
    context); (series, 1, columns) each."""
    inside = (~outside).expanded(2)
    mean = _mean_where(columns, inside)
    away = columns - mean
    return mean, _mean_where(away * away, inside).sqrt().at_least(np.asarray(least))


def _mean_where(values: Tensor, chosen: Tensor) -> Tensor:
    """Mean of the chosen values along axis 1; 0 where there is none."""
    count = chosen.cast(values.dtype).sum(1).at_least(1)
    return where(chosen, values, 0.0).sum(1) / count


def build_observed_span(observed: Tensor, context: int) -> tuple[Tensor, Tensor]:
    """Places of the first and the last observed value of each row, (series, 1) each."""
    places = observed.builder.constant(np.arange(context))
    return where(observed, places, context - 1).min(axis=1), where(observed, places, 0).max(axis=1)


def build_last_observed(filled: Tensor, observed: Tensor, context: int) -> Tensor:
    """The last observed value of each context, (series, 1); 0 where there is none."""
    return filled.pick(build_observed_span(observed, context)[1])
