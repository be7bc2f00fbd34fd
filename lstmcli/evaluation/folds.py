"""Folds: the origins that forecasts start from, and how many folds the data has room for."""

from dataclasses import dataclass

import numpy as np

from lstmcli.errors import UsageError
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.calendar import positions
from lstmcli.series.panel import Panel
from lstmcli.settings.choices import Alignment

_FEWEST_VALUES = 4  # that a series needs before an origin to be scored
_USUAL_FOLDS = 5


@dataclass(frozen=True)
class Fold:
    """One origin of a panel. The origin is the last known time.

    number  from 1, the oldest first
    known   (series of the panel,) rows up to the origin, 0 for a series that starts later
    series  those that are scored: they have values up to the origin and after it
    """

    number: int
    known: Indices
    series: Indices

    @property
    def origins(self) -> Indices:
        """Rows known in each scored series; the first value to forecast follows."""
        return self.known[self.series]


def make_folds(panel: Panel, horizon: int, stride: int, count: int, align: Alignment) -> tuple[Fold, ...]:
    """`count` folds, `stride` steps apart, the last one `horizon` steps before the end.

    align: "time" for origins at one time in all series, counted from the latest end; "end" counts
    from the end of each series. Raises UsageError where the first fold would have nothing to score.
    """
    folds: list[Fold] = []
    for back in range(count):
        fold = make_fold(panel, horizon, horizon + stride * back, count - back, align)
        if not len(fold.series):
            break
        folds.append(fold)
    if (most := len(folds)) < count:
        fit = f"; {most} would fit: ask for fewer --folds, or a shorter --horizon or --stride"
        shorter = int(panel.lengths.max()) // 3  # twice as many values before it
        alone = f": with --horizon {shorter} --folds 1 there is enough" if 0 < shorter < horizon else ""
        raise UsageError(
            f"{count} fold{'s' if count > 1 else ''} of {horizon} steps, {stride} apart, need more history "
            f"than there is{fit if most else alone}"
        )
    return tuple(reversed(folds))


def make_fold(panel: Panel, horizon: int, back: int, number: int, align: Alignment) -> Fold:
    """The fold whose origin lies `back` steps before the end; there may be nothing to score in it."""
    at = panel.lengths - back if align == "end" else _same_time(panel, back)
    known = np.clip(at, 0, panel.lengths)
    seen = np.concatenate([[0], np.cumsum(~np.isnan(panel.values))])
    first, middle = panel.offsets[:-1], panel.offsets[:-1] + known
    last = panel.offsets[:-1] + np.minimum(known + horizon, panel.lengths)
    before, after = seen[middle] - seen[first], seen[last] - seen[middle]
    scored = (at == known) & (before >= _FEWEST_VALUES) & (after > 0)
    return Fold(number, known, np.flatnonzero(scored))


def _same_time(panel: Panel, back: int) -> Indices:
    """Position of one time in every series: that `back` steps before the end of the latest."""
    latest = int(np.argmax([panel.times(s, int(n) - 1, 1)[0] for s, n in enumerate(panel.lengths)]))
    time = panel.times(latest, int(panel.lengths[latest]) - back, 1)[0]
    steps, on_grid = positions(np.full(len(panel), time), panel.starts, panel.step)
    return np.asarray(steps + ~on_grid, np.int64)  # off the grid: the first row after the time


def usual_folds(panel: Panel, horizon: int, stride: int) -> int:
    """Up to five, as many as leave half of the longest series, and no less than two horizons, for
    the first fold to learn from."""
    longest = int(panel.lengths.max())
    least = max(longest // 2, 2 * horizon)
    return int(np.clip((longest - least - horizon) // stride + 1, 1, _USUAL_FOLDS))


def unseen_folds(panel: Panel, trained: Indices | None, horizon: int, stride: int) -> int:
    """How many whole folds lie after what a model was trained on, 0 where that is not known."""
    if trained is None:
        return 0
    new = int((panel.lengths - trained)[trained > 0].max(initial=0))
    return max(0, (new - horizon) // stride + 1)


def rolling_origins(lengths: Indices, held_out: Indices, horizon: int, most: int) -> tuple[Indices, Indices]:
    """Series and origins of windows over the last `held_out` values of each series.

    lengths, held_out: (series,). The windows follow one another by a horizon, or closer where that
    leaves fewer than `most` in all. A series that holds out less than a horizon gives one window, its
    target cut off.
    """
    windows = np.maximum(held_out // horizon, 1)
    stride = max(1, horizon // max(1, most // max(1, int(windows.sum()))))
    nearest = np.minimum(horizon, held_out)  # how far the last origin of each series lies from its end
    counts = np.where(held_out > 0, (held_out - nearest) // stride + 1, 0)
    series = np.repeat(np.arange(len(lengths)), counts)
    number = np.arange(len(series)) - np.repeat(np.cumsum(counts) - counts, counts)
    return series, lengths[series] - nearest[series] - number * stride


def panel_before(panel: Panel, known: Indices, horizon: int, least: int = 1) -> Panel:
    """What a model may learn from at an origin: the first `known` rows (series,) of each series up to its
    last observed value, and up to `horizon` rows of future covariates.

    Series with fewer than `least` known rows are left out.
    """
    ends = np.array([_observed(panel.history(s)[:n]) for s, n in enumerate(known)], np.int64)
    begun = np.flatnonzero((ends > 0) & (known >= least))
    return panel.select(begun, ends[begun], horizon)


def _observed(history: Array) -> int:
    """Length of a history without the missing values at its end."""
    found = np.flatnonzero(~np.isnan(history))
    return int(found[-1]) + 1 if found.size else 0
