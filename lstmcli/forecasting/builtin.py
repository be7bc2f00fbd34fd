"""Forecasts of the built-in network, which needs no training, for histories of any length and season."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from lstmcli.network.builtin import (
    MEDIAN,
    MOST_STEPS,
    QUANTILES,
    builtin_forward,
    builtin_inputs,
    builtin_weights,
)
from lstmcli.series.arrays import Array, Indices
from lstmcli.windows.histories import AHEAD, SEGMENT, Histories, Ints, fill_missing

NEWEST = 1536  # values of a history that are read at most: four years of days
# Longest season at which logarithms count too. At the ends of the training parts of M3 and tourism they
# lowered the error of years by 4 %, of quarters by 2 %, of months by 1 %; on some series of hours and days
# they raised it.
_OF_LOGARITHMS = 4
# Values that a forecast of many steps goes on from at most: four seasons as long as can be known, and more.
_GOES_ON_FROM = 8192
_BLOCK_VALUES = 50_000  # values of the series that are forecast at once


def builtin_quantiles(
    histories: Sequence[Array],
    season: int,
    second: int,
    horizon: int,
    weights: Mapping[str, Array] | None = None,
) -> Array:
    """(series, horizon, quantiles) at `network.builtin.QUANTILES`, in the units of the data.

    histories: (n,) each, NaN where missing, the last value observed; season: 1 for none; second: a longer
    season, or `season` again. The mean of the forecasts of a series and of its mirror image and, of years and
    quarters well above zero, of that and the forecast of their logarithms. Beyond AHEAD steps it continues
    from its own medians; intervals widen as errors of independent steps add up.
    """
    known = weights if weights is not None else builtin_weights()
    recent = [np.asarray(history[-NEWEST:], np.float64) for history in histories]
    made = _mirror_averaged(known, recent, season, second, horizon)
    above = np.flatnonzero([takes_logarithms(history, season) for history in recent])
    if above.size:
        logs = [np.log(recent[s]) for s in above]
        made[above] = (made[above] + np.exp(_forecast(known, logs, season, second, horizon))) / 2
    for row, history in enumerate(recent):
        if np.nanmin(history) == np.nanmax(history):  # without digits of rounding
            made[row] = np.nanmax(history)
    return made


def takes_logarithms(history: Array, season: int) -> bool:
    """Whether the logarithms are forecast too: of short seasons, where no value is below a fiftieth of the
    median. The logarithm of smaller ones would lead the forecast."""
    known = history[~np.isnan(history)]
    return bool(season <= _OF_LOGARITHMS and known.size and known.min() > np.median(known) / 50 > 0)


def _mirror_averaged(
    known: Mapping[str, Array], recent: Sequence[Array], season: int, second: int, horizon: int
) -> Array:
    both = [*recent, *(-history for history in recent)]  # one pass of the network over both
    one, other = np.split(_forecast(known, both, season, second, horizon), 2)
    return np.asarray((one - other[..., ::-1]) / 2)


def _forecast(
    known: Mapping[str, Array], recent: Sequence[Array], season: int, second: int, horizon: int
) -> Array:
    """Of the values as they are, (series, horizon, quantiles)."""
    steps = np.array([builtin_steps(len(history)) for history in recent])
    made = np.empty((len(recent), horizon, len(QUANTILES)))
    for part in _blocks(recent, steps):
        rows = history_rows([recent[s] for s in part], season, second, int(steps[part[0]]))
        made[part] = _continued(known, rows, int(steps[part[0]]), horizon)
    return made


def builtin_steps(length: int) -> int:
    """Recurrent steps over a history of so many values."""
    return min(MOST_STEPS, max(1, -(-length // SEGMENT)))


def _blocks(recent: Sequence[Array], steps: Ints) -> Iterator[Indices]:
    """Series of as many recurrent steps and of like lengths."""
    lengths = np.array([len(history) for history in recent])
    order = np.lexsort((lengths, steps))
    first = 0
    for end in range(1, len(order) + 1):
        same = end < len(order) and steps[order[end]] == steps[order[first]]
        if not same or (end - first + 1) * lengths[order[end]] > _BLOCK_VALUES:
            yield order[first:end]
            first = end


def history_rows(histories: Sequence[Array], season: int, second: int, steps: int) -> Histories:
    """The newest values of series that end together. A season that was not seen in full, and two values
    more, is none."""
    histories = [np.asarray(history[-NEWEST:], np.float64) for history in histories]
    lengths = np.array([len(history) for history in histories])
    width = max(int(lengths.max()), steps * SEGMENT)
    values = np.zeros((len(histories), width))
    observed = np.zeros(values.shape, bool)
    for row, history in enumerate(histories):
        observed[row, width - len(history) :] = ~np.isnan(history)
        values[row, width - len(history) :] = np.nan_to_num(history)
    start = np.argmax(observed, axis=1)
    length = width - start
    own = np.where(length >= season + 2, season, 1)
    longer = np.where((own > 1) & (second > season) & (length >= second + 2), second, own)
    return Histories(fill_missing(values, observed, start, own), observed, start, own, longer)


def _continued(weights: Mapping[str, Array], rows: Histories, steps: int, horizon: int) -> Array:
    blocks: list[Array] = []
    carried: Array = np.zeros(1)
    for done in range(0, horizon, AHEAD):
        end = np.full(len(rows.start), rows.values.shape[1])
        block = builtin_forward(weights, builtin_inputs(rows, end, steps))[:, 0]
        median = block[..., MEDIAN : MEDIAN + 1]
        away = block - median
        if done:
            away = np.sign(away) * np.hypot(away, carried)
        carried = away[:, -1:]
        blocks.append(median + away)
        if done + AHEAD < horizon:
            rows = _extended(rows, median[..., 0])
    return np.concatenate(blocks, axis=1)[:, :horizon]


def _extended(rows: Histories, more: Array) -> Histories:
    seen = np.ones(more.shape, bool)
    values, observed = (
        np.concatenate([rows.values, more], axis=1),
        np.concatenate([rows.observed, seen], axis=1),
    )
    gone = max(0, values.shape[1] - _GOES_ON_FROM)
    start = np.maximum(rows.start - gone, 0)
    return Histories(values[:, gone:], observed[:, gone:], start, rows.season, rows.second)
