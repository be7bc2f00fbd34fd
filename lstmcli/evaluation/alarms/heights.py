"""What is measured of the errors of a series at each row: six heights, each large where something is wrong.

    error        |z| of the row
    up, down     max(0, h + z - 2) and with -z: cumulative sums (Page 1954, Biometrika 41)
    wide         the same of |z|
    wide ranks   the same of the normal score of the rank of |z|, less 1/2, which no single row can raise far
    slow         the smoothed deviation from what the season says

z is the error in units of its own usual size. All but the first grow and fall back: a run above zero is an
excursion, and its top is what is compared with the tops of earlier ones.
"""

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Flags

HEIGHTS = ("error", "up", "down", "wide", "wide ranks", "slow")
_ALLOWED = 2.0  # mean absolute errors that a cumulative sum takes off at each row
_OF_RANKS = 0.5
_LOWEST_SCORE, _HIGHEST_SCORE = -3.0, 5.0
_SLOW_MOST = 20.0  # of one deviation from the season
_LOG_P = np.linspace(-9, 0, 400)
_SCORES = np.array([-NormalDist().inv_cdf(min(max(10.0**p, 1e-9), 1 - 1e-9)) for p in _LOG_P])


def normal_scores(p: Array) -> NDArray[np.float64]:
    """The value that a standard normal one exceeds with probability p."""
    return np.interp(np.log10(np.maximum(p, 1e-9)), _LOG_P, _SCORES)


def next_heights(before: Array, z: Array, p: Array, slow: Array, smoothing: float) -> NDArray[np.float64]:
    """Heights (series, 6) after a row. Those of `slow` keep their sign.

    before: (series, 6); z: (series,) with its sign; p: (series,) how rare |z| is, 1 where not known; slow:
    (series,) deviation from the season in units of its usual size, NaN where not known; smoothing: its
    share of one row.
    """
    size = np.abs(z)
    scores = np.clip(normal_scores(p), _LOWEST_SCORE, _HIGHEST_SCORE)
    up = np.maximum(before[:, 1] + z - _ALLOWED, 0.0)
    down = np.maximum(before[:, 2] - z - _ALLOWED, 0.0)
    wide = np.maximum(before[:, 3] + size - _ALLOWED, 0.0)
    ranks = np.maximum(before[:, 4] + scores - _OF_RANKS, 0.0)
    moved = before[:, 5] + smoothing * (np.clip(slow, -_SLOW_MOST, _SLOW_MOST) - before[:, 5])
    return np.stack([size, up, down, wide, ranks, np.where(np.isnan(slow), before[:, 5], moved)], axis=1)


def excursion_ends(before: Array, heights: Array) -> Flags:
    """Which excursions (series, 6) are over with this row: back at zero, or of the other sign. An error is
    over at
    once."""
    over = (before != 0) & ((heights == 0) | (np.sign(before) != np.sign(heights)))
    over[:, 0] = True
    return over
