"""Folds of the training data: what a trial learns from, and the windows it is then scored on."""

from dataclasses import dataclass

import numpy as np

from lstmcli.errors import DataError
from lstmcli.evaluation.folds import make_fold, panel_before, rolling_origins
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel

_WINDOWS = 40  # that do not overlap, over all series and folds, where the data has as many
_MOST_WINDOWS = 256
_LARGEST_SHARE = 4  # all folds together forecast at most a quarter of a series of usual length
_SHORTEST = 6  # values to learn from


@dataclass(frozen=True)
class TuningFold:
    """training: what a trial learns from; known: that and the block after it, which is forecast from the
    `origins` (windows,) of `series` (windows,)."""

    training: Panel
    known: Panel
    series: Indices
    origins: Indices


def tuning_folds(panel: Panel, horizon: int, count: int) -> list[TuningFold]:
    """Folds over blocks at the end of every series, the newest first.

    The block of a fold is forecast from origins a horizon apart, knowing all that came before each, by a
    network that has learned from nothing in the block or after it (rolling origin evaluation, Tashman
    2000). Fewer than `count` where the series are short. Raises DataError where there is none.
    """
    usual, longest = int(np.median(panel.lengths)), int(panel.lengths.max())
    room = (longest - max(_SHORTEST, 2 * horizon)) // horizon
    count = min(count, room)
    if count < 1:
        needed = horizon + max(_SHORTEST, 2 * horizon)
        message = f"not enough data to tune: {longest} values; a horizon of {horizon} needs {needed}"
        raise DataError("short-history", message)
    most = -(-_WINDOWS // (len(panel) * count))
    windows = max(1, min(most, usual // (_LARGEST_SHARE * count * horizon)))
    return [_fold(panel, horizon, windows * horizon, newer) for newer in range(count)]


def _fold(panel: Panel, horizon: int, block: int, newer: int) -> TuningFold:
    """The fold with `newer` blocks after it."""
    before = make_fold(panel, block, (newer + 1) * block, newer, "end").known
    chosen = np.flatnonzero(before >= _SHORTEST)
    after = np.where(before >= _SHORTEST, before + block, 0)
    series, origins = rolling_origins(after[chosen], np.full(len(chosen), block), horizon, _MOST_WINDOWS)
    training = panel_before(panel, before, 0, _SHORTEST)
    return TuningFold(training, panel_before(panel, after, 0), series, origins)
