"""How rare a size is among past ones, beyond the largest of them too."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array

_SHARE = 0.05  # of the sizes that make the tail
_FEWEST = 8  # of them


@dataclass(frozen=True)
class PeaksTail:
    """The tail of past sizes over a threshold, one of each series (series,).

    P(size > x) = share exp(-(x - threshold) / mean excess) for x above the threshold: peaks over threshold
    with the exponential law (Siffer, Fouque, Termier & Largouet 2017, Anomaly detection in streams with
    extreme value theory, KDD).
    """

    threshold: NDArray[np.float64]
    share: NDArray[np.float64]
    excess: NDArray[np.float64]

    @staticmethod
    def of(sizes: Array, counts: Array) -> "PeaksTail":
        """sizes: (series, most), -inf behind the first `counts` (series,)."""
        most = sizes.shape[1]
        wanted = np.clip(np.ceil(_SHARE * counts), _FEWEST, most).astype(int)
        ordered = -np.sort(-sizes, axis=1)
        last = np.minimum(wanted, np.maximum(counts.astype(int) - 1, 0))
        threshold = np.take_along_axis(ordered, last[:, None], axis=1)[:, 0]
        inside = np.arange(most) < last[:, None]
        over = np.where(inside, ordered - threshold[:, None], 0.0)
        excess = over.sum(axis=1) / np.maximum(last, 1)
        return PeaksTail(
            np.asarray(threshold, np.float64), last / np.maximum(counts + 1, 1), np.maximum(excess, 1e-12)
        )

    def probability(self, sizes: Array) -> NDArray[np.float64]:
        """Of a size at least as large, (series,), where it is above the threshold."""
        return np.asarray(
            self.share * np.exp(-np.maximum(sizes - self.threshold, 0.0) / np.maximum(self.excess, 1e-300))
        )

    def size(self, probability: float) -> NDArray[np.float64]:
        """That is exceeded with this probability, (series,)."""
        ratio = np.log(np.maximum(self.share, 1e-300) / probability)
        return np.asarray(self.threshold + self.excess * np.maximum(ratio, 0.0))
