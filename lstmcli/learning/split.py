"""Where training and validation windows come from; the end of every series is held out."""

from dataclasses import dataclass, replace

import numpy as np

from lstmcli.errors import DataError
from lstmcli.evaluation.folds import rolling_origins
from lstmcli.forecasting.plan import Plan
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import WindowRows

_VALIDATION_WINDOWS = 256
_MOST_WINDOWS = 2048  # more would take longer than training, and choose no better
_SHORTEST = 4


@dataclass(frozen=True)
class Split:
    """training: series, first and last origin of each; validation: series and origin of each window,
    of which `independent` do not overlap."""

    training: tuple[Indices, Indices, Indices]
    validation: tuple[Indices, Indices]
    independent: int


def split_panel(panel: Panel, plan: Plan) -> Split:
    """Where training and validation windows may start.

    Training sees the first `plan.until` values of each series. Raises DataError when no series
    is long enough.
    """
    horizon, until = plan.shape.horizon, plan.until
    chosen, first, last = training_origins(panel, plan, until)
    held_out = panel.lengths[chosen] - until[chosen]
    series, origins = rolling_origins(panel.lengths[chosen], held_out, horizon, _VALIDATION_WINDOWS)
    if not len(origins):
        raise DataError(
            "short-history", f"no series has {_SHORTEST} values, the least that a model can learn from"
        )
    independent = int(np.maximum(held_out[held_out > 0] // horizon, 1).sum())
    if len(origins) > _MOST_WINDOWS:
        some = np.linspace(0, len(origins) - 1, _MOST_WINDOWS).astype(np.int64)
        independent = max(1, independent * _MOST_WINDOWS // len(origins))
        series, origins = series[some], origins[some]
    return Split((chosen, first, last), (chosen[series], origins), independent)


def training_origins(panel: Panel, plan: Plan, until: Indices) -> tuple[Indices, Indices, Indices]:
    """Series that give training windows, and the first and last origin of each.

    A short series gives windows whose target reaches past the values to learn from, and that
    part of the target counts for nothing.
    """
    # A context holds at least a third of itself, or of a short series, in values.
    first = np.minimum(plan.shape.context, np.maximum(until // 3, 1))
    last = until - np.minimum(plan.shape.horizon, np.maximum((until - first) // 2, 1))
    chosen = np.flatnonzero((last >= first) & (panel.lengths >= _SHORTEST))
    return chosen, first[chosen], last[chosen]


def hide_held_out(rows: WindowRows, until: Indices) -> WindowRows:
    """The rows with every value that is held out unknown."""
    return replace(rows, until=until)
