"""How rare a size is among past ones: counted, and beyond most of them by the law of their tail.

Sizes of a series are counted in classes of growing width, so that the memory of a series never grows. For the
largest share of them

    P(size > x) = P(size > u) exp(-(x - u) / mean excess over u)    for x > u

which is peaks over threshold (Siffer, Fouque, Termier & Largouet 2017, Anomaly detection in streams with
extreme value theory, KDD) with the exponential law: the limit for tails as light as the normal, and what
holds for the height of a random walk that falls (Siegmund 1985, Sequential analysis, ch. 8).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Flags, Indices

CLASSES = 128
_LEAST, _MOST = 1e-3, 1e6  # sizes of the first and the last class
_EDGES = np.concatenate([[0.0], np.geomspace(_LEAST, _MOST, CLASSES - 1), [np.inf]])
_WIDTHS = np.append(np.diff(_EDGES[:-1]), 1.0)
_HEAVY = 4.0  # power of the heaviest tail that is believed
_LOG_RATIO = np.log(_MOST / _LEAST) / (CLASSES - 2)


def start_sizes(series: int, kinds: int) -> dict[str, NDArray[np.generic]]:
    """above: how many sizes lie in a class or a larger one; total: their sum; (series, kinds, CLASSES + 1)
    each."""
    shape = series, kinds, CLASSES + 1
    return {"above": np.zeros(shape, np.float32), "total": np.zeros(shape, np.float32)}


def add_sizes(known: dict[str, Any], first: int, sizes: Array, chosen: Flags) -> None:
    """Adds the chosen sizes (series, kinds from `first`), in place."""
    series, kind = np.nonzero(chosen)
    if not len(series):
        return
    added = sizes[series, kind]
    reached = np.arange(CLASSES + 1) <= _class_of(added)[:, None]
    known["above"][series, kind + first] += reached
    known["total"][series, kind + first] += reached * added[:, None]


def _class_of(sizes: Array) -> Indices:
    """The class of each size, at least 0."""
    place = np.floor(np.log(np.maximum(sizes, _LEAST / 2) / _LEAST) / _LOG_RATIO)
    return np.asarray(np.clip(place, -1, CLASSES - 2), np.int64) + 1


@dataclass(frozen=True)
class SizeTails:
    """Tails of sizes, each (series, kinds).

    above      (series, kinds, CLASSES + 1) of `start_sizes`
    threshold  u, where the tail begins
    over       sizes above it
    excess     their mean excess over it
    """

    above: NDArray[np.float32]
    threshold: NDArray[np.float64]
    over: NDArray[np.float64]
    excess: NDArray[np.float64]

    @staticmethod
    def of(known: dict[str, Any], shares: Array, fewest: int) -> "SizeTails":
        """shares: (kinds,) of the sizes that make the tail, `fewest` at least."""
        above = known["above"]
        wanted = np.maximum(fewest, shares * above[..., 0])
        start = np.maximum(np.count_nonzero(above[..., :-1] >= wanted[..., None], axis=2) - 1, 0)
        over = np.asarray(_taken(above, start), np.float64)
        threshold = _EDGES[start]
        mean = _taken(known["total"], start) / np.maximum(over, 1)
        return SizeTails(above, threshold, over, np.maximum(mean - threshold, 0.0))

    def count(self, sizes: Array, first: int = 0) -> NDArray[np.float64]:
        """How many sizes are as large as these (series, kinds from `first`) or larger; below one far out."""
        kinds = slice(first, first + sizes.shape[1])
        above, threshold, place = self.above[:, kinds], self.threshold[:, kinds], _class_of(sizes)
        inside = np.minimum((sizes - _EDGES[place]) / _WIDTHS[place], 1.0)
        of_class, higher = _taken(above, place), _taken(above, place + 1)
        counted = higher + (of_class - higher) * (1 - inside) + 1
        excess = np.maximum(self.excess[:, kinds], 1e-9 * (1 + threshold))
        tail = (self.over[:, kinds] + 1) * np.exp(-np.maximum(sizes - threshold, 0.0) / excess)
        return np.where(sizes > threshold, tail, counted)

    def heavy_count(self, sizes: Array, kind: int = 0) -> NDArray[np.float64]:
        """As `count`, of sizes (series,) of one kind: beyond the largest no fewer than

            P(size > k largest) = P(size > largest) / k^4

        which is the tail of Student's law with 4 degrees of freedom.
        """
        largest = _EDGES[np.minimum(np.count_nonzero(self.above[:, kind] > 0, axis=1), CLASSES - 1)]
        heavy = np.maximum(sizes / np.maximum(largest, _LEAST), 1.0) ** -_HEAVY
        return np.maximum(heavy, self.count(sizes[:, None], kind)[:, 0])

    def size(self, count: Array, kind: int = 0) -> NDArray[np.float64]:
        """The size that so many (series,) exceed, where that is beyond the threshold."""
        ratio = np.log((self.over[:, kind] + 1) / count)
        return np.asarray(self.threshold[:, kind] + self.excess[:, kind] * np.maximum(ratio, 0.0))


def _taken(table: Array, place: Indices) -> Array:
    """table (series, kinds, classes) at places (series, kinds)."""
    series, kinds = place.shape
    return np.asarray(table[np.arange(series)[:, None], np.arange(kinds), place])
