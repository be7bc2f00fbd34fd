"""Rolling forecasts of the training data: what a trial learns from, and what it then forecasts."""

from dataclasses import dataclass

import numpy as np

from lstmcli.errors import DataError
from lstmcli.evaluation.validation import score
from lstmcli.forecasting.forecast import check_positive, window_quantiles
from lstmcli.learning.split import validation_origins
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import window_rows

_WINDOWS = 40  # that do not overlap, over all series and folds, where the data has as many
_MOST_WINDOWS = 256
_LARGEST_SHARE = 4  # all folds together forecast at most a quarter of a series of usual length
_SHORTEST = 6  # values to learn from


@dataclass(frozen=True)
class TuningBlock:
    """training: what a trial may see; seen: that and the block after it, which is forecast from the
    `origins` of `series`."""

    training: Panel
    seen: Panel
    series: Indices
    origins: Indices


def tuning_blocks(panel: Panel, horizon: int, count: int) -> list[TuningBlock]:
    """Blocks at the end of every series, one before the other, the newest first.

    A fold forecasts its block from origins a horizon apart, knowing all that came before each, with
    a network that has learned from nothing in the block or after it (rolling origin evaluation,
    Tashman 2000). Fewer than `count` where the series are short. Raises DataError where there is none.
    """
    usual, longest = int(np.median(panel.lengths)), int(panel.lengths.max())
    room = (longest - max(_SHORTEST, 2 * horizon)) // horizon
    count = min(count, room)
    if count < 1:
        needed = horizon + max(_SHORTEST, 2 * horizon)
        said = f"the longest series has {longest} values; to tune for a horizon of {horizon} takes {needed}"
        raise DataError("short-history", said)
    most = -(-_WINDOWS // (len(panel) * count))
    windows = max(1, min(most, usual // (_LARGEST_SHARE * count * horizon)))
    return [_fold(panel, horizon, windows * horizon, newer) for newer in range(count)]


def _fold(panel: Panel, horizon: int, block: int, newer: int) -> TuningBlock:
    """The fold with `newer` blocks after it."""
    until = panel.lengths - (newer + 1) * block
    kept = np.flatnonzero(until >= _SHORTEST)
    training = cut_short(panel, kept, until[kept])
    seen = cut_short(panel, kept, until[kept] + block)
    ends = until[kept] + block
    series, origins = validation_origins(ends, np.full(len(kept), block), horizon, _MOST_WINDOWS)
    return TuningBlock(training, seen, series, origins)


def cut_short(panel: Panel, kept: Indices, lengths: Indices) -> Panel:
    """Some series of a panel, each to its first `lengths` rows and its last value in them."""
    ends = []
    for s, length in zip(kept, lengths, strict=True):
        known = np.flatnonzero(~np.isnan(panel.history(int(s))[:length]))
        ends.append(int(known[-1]) + 1)  # the first value of a series is known
    return panel.select(kept, np.array(ends, np.int64))


def baseline_errors(fold: TuningBlock, horizon: int, season: int) -> dict[str, dict[str, float | None]]:
    """Errors of simple forecasts in a fold, by their names, as `validation.score` gives them."""
    nothing = np.zeros((len(fold.origins), horizon))
    errors: dict[str, dict[str, float | None]] = score(nothing, fold.seen, season, fold.series, fold.origins)[
        "errors"
    ]
    return {name: found for name, found in errors.items() if name != "model"}


def trial_errors(network: Network, fold: TuningBlock, season: int) -> dict[str, dict[str, float | None]]:
    """Errors of the medians of a network in a fold beside those of simple forecasts, as
    `validation.score` gives them; season: of the scale of MASE. Raises DataError."""
    check_positive(fold.seen, network.scaling)
    rows = window_rows(fold.seen, network.scaling, network.shape)
    raw = window_quantiles(network, rows, fold.series, fold.origins)
    median = network.scaling.restored(raw[:, :, network.arch.quantiles.index(0.5)])
    errors: dict[str, dict[str, float | None]] = score(median, fold.seen, season, fold.series, fold.origins)[
        "errors"
    ]
    return errors
