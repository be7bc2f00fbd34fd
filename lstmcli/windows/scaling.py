"""Measure, apply, undo: what is done to values before the network, and reversed after it.

Values are first transformed as a whole (logarithm or nothing). Every window is then shifted
and scaled by two numbers measured on its own context, so that a series of any level, also one
the model never saw, looks alike to the network.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array
from lstmcli.settings.choices import Location, Transform

LEAST_SCALE = 1e-3


@dataclass(frozen=True)
class Standardisation:
    """Mean and standard deviation of some columns."""

    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()

    def apply(self, columns: Array) -> Array:
        """Columns (rows, columns) at mean 0 and standard deviation 1."""
        return (columns - np.asarray(self.mean)) / np.asarray(self.std) if self.mean else columns

    @classmethod
    def of(cls, columns: Array) -> "Standardisation":
        """Measured on columns (rows, columns); a constant column gets a deviation of 1."""
        mean, std = columns.mean(axis=0), columns.std(axis=0)
        std = np.where(std > least_scale(mean), std, 1.0)
        return cls(tuple(map(float, mean)), tuple(map(float, std)))


@dataclass(frozen=True)
class Scaling:
    """How values are transformed and windows scaled.

    transform           "log" or "none"
    location            what is subtracted from a window: its mean, its last observed value, or
                        the mean of its last season
    covariates          measured on the training rows, past then future columns
    spreads             the least scale of each of them in a window, as `least` of the values
    static              measured on the series
    categories          the texts that have a row in an embedding, by column
    levels              measured on training windows, see `WindowScale.levels`
    least               the least scale of a window, measured on training windows that are not flat
    bounded             whether zero is a bound: no forecast lies below it
    """

    transform: Transform
    location: Location
    covariates: Standardisation
    levels: Standardisation
    least: float = 0.0
    bounded: bool = False
    spreads: tuple[float, ...] = ()
    static: Standardisation = Standardisation()
    categories: tuple[tuple[str, ...], ...] = ()

    def transformed(self, values: Array) -> Array:
        """Values as the network sees them; NaN stays NaN.

        Under "log" a value that is not positive has no image and becomes NaN: the caller
        checks for it (`forecasting.check_positive`).
        """
        return transform_values(values, self.transform)

    def restore(self, values: Array) -> Array:
        """The units of the data again."""
        if self.transform == "log":
            return np.exp(values)
        return np.maximum(values, 0.0) if self.bounded else values


def transform_values(values: Array, transform: Transform) -> Array:
    """See `Scaling.transformed`."""
    if transform == "none":
        return values
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(values > 0, np.log(values), np.nan)


@dataclass(frozen=True)
class WindowScale:
    """What was measured on each window, (batch, 1) each.

    change      mean of |x[t] - x[t - season]|: what of the scale is not the season
    """

    location: Array
    scale: Array
    change: Array

    def apply(self, values: Array) -> Array:
        return (values - self.location) / self.scale

    def undo(self, values: Array) -> Array:
        """Takes (batch, horizon) or (batch, horizon, quantiles)."""
        extra = (1,) * (values.ndim - 2)
        shape = (-1, 1, *extra)
        return values * self.scale.reshape(shape) + self.location.reshape(shape)

    def levels(self) -> Array:
        """What scaling takes away but the network may need, (batch, 3): the level, the logarithm
        of the scale, and that of the change per scale."""
        return np.concatenate([self.location, np.log(self.scale), np.log(self.change / self.scale)], axis=1)


def measure_scale(context: Array, missing: NDArray[np.bool_], scaling: Scaling, season: int) -> WindowScale:
    """Measures the observed values of each context (batch, context)."""
    observed, location = ~missing, scaling.location
    mean, scale, change = _moments(np.where(observed, context, 0.0), observed, season, scaling.least)
    if location == "last":
        place = last_observed_value(context, observed)
    elif location == "season":
        recent = _mean_where(context[:, -season:], observed[:, -season:])
        place = np.where(observed[:, -season:].any(axis=1, keepdims=True), recent, mean)
    else:
        place = mean
    return WindowScale(place, scale, change)


def least_scale(level: Array) -> Array:
    """The least scale at a level: flatter values are measured as this flat, not as zero."""
    return LEAST_SCALE * np.maximum(np.abs(level), LEAST_SCALE)


def _moments(
    filled: Array, observed: NDArray[np.bool_], season: int, least: float
) -> tuple[Array, Array, Array]:
    """Mean, scale and mean change over a season of each row, (batch, 1) each."""
    mean = _mean_where(filled, observed)
    std = np.sqrt(_mean_where((filled - mean) ** 2, observed))
    both = observed[:, season:] & observed[:, :-season]
    change = _mean_where(np.abs(filled[:, season:] - filled[:, :-season]), both)
    change = np.where(both.any(axis=1, keepdims=True), change, std)
    # Half the spread, half the change over a season: better than either in log and plain units.
    scale = np.maximum(0.5 * (std + change), np.maximum(least_scale(mean), least))
    return mean, scale, np.maximum(change, LEAST_SCALE * scale)


def window_statistics(
    columns: Array, outside: NDArray[np.bool_], least: tuple[float, ...]
) -> tuple[Array, Array]:
    """Mean and standard deviation of covariates (batch, context, columns) in each window, without
    positions outside of the series (batch, context); (batch, 1, columns) each."""
    inside = ~outside[:, :, None]
    count = np.maximum(inside.sum(axis=1, keepdims=True), 1)
    mean = np.where(inside, columns, 0.0).sum(axis=1, keepdims=True) / count
    variance = np.where(inside, (columns - mean) ** 2, 0.0).sum(axis=1, keepdims=True) / count
    return mean, np.maximum(np.sqrt(variance), np.asarray(least))


def _mean_where(values: Array, chosen: NDArray[np.bool_]) -> Array:
    """Mean of the chosen values of each row, (batch, 1); 0 where there is none."""
    count = np.maximum(chosen.sum(axis=1, keepdims=True), 1)
    return np.where(chosen, values, 0.0).sum(axis=1, keepdims=True) / count


def last_observed_value(context: Array, observed: NDArray[np.bool_]) -> Array:
    """The last observed value of each context, (batch, 1); 0 where there is none."""
    at = context.shape[1] - 1 - np.argmax(observed[:, ::-1], axis=1)
    return np.where(observed, context, 0.0)[np.arange(len(context)), at][:, None]
