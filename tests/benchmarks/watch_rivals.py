"""Two rivals of the alarms, as the Numenta Anomaly Benchmark runs them, from their papers."""

import math

import numpy as np
from numpy.typing import NDArray

_WINDOW, _STEP = 6400, 100  # rows of the Gaussian window, and between two fits
_BINS, _ROWS, _AGREED = 5, 52, 13.277  # of relative entropy; the chi-squared value that 1 % exceed, 4 degrees


def windowed_gaussian(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 less the tail of the normal law fitted to the newest rows, (rows,) (Lavin & Ahmad 2015)."""
    scores = np.zeros(len(values))
    mean, spread = 0.0, 0.0
    for row, value in enumerate(values):
        if row and (row < _WINDOW or row % _STEP == 0):
            known = values[max(0, row - _WINDOW) : row]
            mean, spread = float(known.mean()), float(known.std()) or 1e-6
        if row:
            scores[row] = 1 - 0.5 * math.erfc(abs(value - mean) / (math.sqrt(2) * spread))
    return scores


def relative_entropy(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 where the histogram of the newest rows agrees with none before, else 0, (rows,).

    Wang, Viswanathan, Choudur, Talwar, Satterfield & Schwan (2011), Statistical techniques for online
    anomaly detection in data centers, IM. The range of values is that of the whole file, as in the benchmark.
    """
    scores = np.zeros(len(values))
    width = (values.max() - values.min()) / _BINS
    if width == 0:
        return scores
    place = np.clip(np.ceil((values - values.min()) / width).astype(int), 0, _BINS - 1)
    known: list[NDArray[np.float64]] = []
    for row in range(_ROWS - 1, len(values)):
        found = np.bincount(place[row - _ROWS + 1 : row + 1], minlength=_BINS) / _ROWS
        with np.errstate(all="ignore"):
            terms = [np.where(found > 0, found * np.log(found / other), 0.0).sum() for other in known]
        if not known or 2 * _ROWS * min(terms) >= _AGREED:
            scores[row] = float(bool(known))
            known.append(found)
    return scores
