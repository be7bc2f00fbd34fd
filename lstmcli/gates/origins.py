"""Which windows of a panel are looked at."""

import numpy as np

from lstmcli.forecasting.builtin import builtin_steps
from lstmcli.network.architecture import Architecture, Network
from lstmcli.network.builtin import MOST_STEPS
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import WindowSpec
from lstmcli.windows.histories import SEGMENT

_LEAST_KNOWN = 4  # values before an origin, where there are more; fewer have no changes to measure errors by
_SOME, _FEWEST, _SOME_STEPS, _USUAL_UNITS = 256, 64, 8192, 128  # see `some_of`


def usual_origins(network: Network, panel: Panel, count: int) -> tuple[Indices, Indices]:
    """The windows that a report is made of, at most `count`: (windows,) series, (windows,) origins."""
    if network.is_trained:
        return spread_origins(panel, network.shape, count)
    return even_origins(panel, network.arch.horizon, count)


def spread_origins(panel: Panel, shape: WindowSpec, count: int) -> tuple[Indices, Indices]:
    """`count` windows spread evenly over all series: (windows,) series, (windows,) origins.

    Each has a full context and a known horizon where its series is long enough; a window that
    would come twice is taken once.
    """
    first = np.minimum(shape.context, panel.lengths)
    return _spread(first, np.maximum(first, panel.lengths - shape.horizon), count)


def even_origins(panel: Panel, horizon: int, count: int) -> tuple[Indices, Indices]:
    """As `spread_origins`, for the built-in network: it reads all that is known, so the windows are
    those with as many recurrent steps as a series of the usual length has, less a horizon that is known.

    Series that are shorter are left out.
    """
    usual = int(np.median(panel.lengths))
    steps = builtin_steps(usual - min(horizon, usual // 3))
    least = max((steps - 1) * SEGMENT + 1, _LEAST_KNOWN if usual >= 2 * _LEAST_KNOWN else 1)
    series = np.flatnonzero(panel.lengths >= least)
    lengths = panel.lengths[series]
    most = lengths if steps == MOST_STEPS else np.minimum(lengths, steps * SEGMENT)
    last = np.clip(lengths - np.minimum(horizon, lengths // 3), least, most)
    number, origins = _spread(np.full(len(series), least), last, count)
    return series[number], origins


def _spread(first: Indices, last: Indices, count: int) -> tuple[Indices, Indices]:
    """first, last: (series,) the earliest and the latest origin of each."""
    total, many = max(count, 1), len(first)
    number = np.arange(total)
    series = number * many // total if total > many else np.linspace(0, many - 1, total)
    series = series.astype(np.int64)
    each = np.bincount(series, minlength=many)[series]
    place = number - np.searchsorted(series, series)
    part = np.where(each > 1, place / np.maximum(each - 1, 1), 1.0)
    origins = (first[series] + part * (last - first)[series]).astype(np.int64)
    pairs = np.unique(np.stack([series, origins], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def some_of(windows: int, arch: Architecture) -> Indices:
    """Windows, spread evenly, for what takes many passes: 256, or fewer of many steps or units. More
    would not change what is seen."""
    many = _SOME_STEPS // (arch.steps * max(1, arch.hidden // _USUAL_UNITS))
    count = min(windows, max(_FEWEST, min(_SOME, many)))
    return np.linspace(0, windows - 1, count).astype(np.int64)
