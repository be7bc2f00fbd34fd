"""Which values of the context the forecast depends on: gradient times input, time by feature."""

from dataclasses import dataclass

import numpy as np

from lstmcli.gates.trace import Replay
from lstmcli.network.architecture import Architecture, width
from lstmcli.network.forward import window_features
from lstmcli.series.arrays import Array


@dataclass(frozen=True)
class Attribution:
    """Mean over the windows of |dL/dx * x| for every observation and feature of the context.

    features    names of the columns: value, missing (the flag), then the covariates
    importance  (context, features) in order of time, in scaled units of L, the sum of the median
                forecast. A value counts from the location of its window, a covariate from its mean
    """

    features: tuple[str, ...]
    importance: Array

    @property
    def by_feature(self) -> Array:
        """(features,) shares that add up to 1."""
        total = self.importance.sum()
        return self.importance.sum(axis=0) / (total if total > 0 else 1.0)

    def by_lag(self, steps: int) -> Array:
        """(steps,) shares of the recurrent steps, the last step first; they add up to 1."""
        total = self.importance.sum()
        by_step = self.importance.reshape(steps, -1).sum(axis=1)[::-1]
        return np.asarray(by_step / (total if total > 0 else 1.0))


def feature_names(known: tuple[str, ...], arch: Architecture) -> tuple[str, ...]:
    """Names of all features: numeric covariates, calendar columns by number, and each part of the
    embedding of a category.

    known: columns of numbers, then of categories.
    """
    tables = (*arch.past_tables, *arch.future_tables)
    numeric = known[: max(len(known) - len(tables), 0)]
    waves = tuple(f"calendar {k + 1}" for k in range(arch.covariates - len(numeric)))
    categories = known[len(numeric) :] or tuple(f"category {k + 1}" for k in range(len(tables)))
    widths = (width(rows) for rows in tables)
    parts = [f"{name} [{k + 1}]" for name, w in zip(categories, widths, strict=True) for k in range(w)]
    return ("value", "missing", *numeric, *waves, *parts)


def input_gradient(replay: Replay, to_inputs: Array) -> Array:
    """dL/d(features): from (windows, steps, hidden) to (windows, context, features)."""
    arch = replay.arch
    flat = to_inputs.reshape(-1, arch.hidden) @ replay.weights["embed.weight"]
    # A segment holds its values, then their missing flags, then each covariate in turn.
    by_feature = flat.reshape(len(replay), arch.steps, -1, arch.segment)
    return np.asarray(by_feature.swapaxes(2, 3).reshape(len(replay), arch.context, -1))


def features_of(replay: Replay) -> Array:
    """What the network reads: (windows, context, features)."""
    return window_features(replay.weights, replay.arch, replay.windows).astype(np.float64)


def attribute_windows(replay: Replay, to_inputs: Array) -> Array:
    """dL/dx * x of every window, (windows, context, features)."""
    return input_gradient(replay, to_inputs) * features_of(replay)


def attribution(replay: Replay, to_inputs: Array, known: tuple[str, ...]) -> Attribution:
    """Over all windows; known: names of the covariate columns in the order of the model."""
    importance = np.abs(attribute_windows(replay, to_inputs)).mean(axis=0)
    return Attribution(feature_names(known, replay.arch), importance)
