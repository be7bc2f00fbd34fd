"""Shapley values: what each of several parts adds to a number, by exact sums or by a few orders.

The value of a part is what it adds to the parts before it, averaged over all orders of the parts (Shapley
1953; of forecasts: Lundberg & Lee 2017, arXiv:1705.07874). The values of all parts add up to the number with
all of them less the number with none. Where there are many parts, the average is over some orders, each with
its reverse: what two parts do together is then still halved between them (Mitchell et al. 2022, JMLR 23:43).
"""

from collections.abc import Iterator
from itertools import product
from math import factorial

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Flags

MOST_EXACT = 7  # parts whose 2^n sets are all tried
_PAIRS = 8  # orders with their reverse, of more parts


def shapley_weights(parts: int) -> tuple[Flags, NDArray[np.float64]]:
    """Sets of parts, and what the number with each set counts in the value of each part: both (sets, parts).

    The first set has no part, the second all of them. The values are `weights.T @ numbers`.
    """
    return _exact(parts) if parts <= MOST_EXACT else _by_orders(parts)


def _exact(parts: int) -> tuple[Flags, NDArray[np.float64]]:
    found = np.array(list(product((False, True), repeat=parts)), bool).reshape(-1, parts)
    sets = np.concatenate([found[[0, -1]], found[1:-1]]) if parts else found
    sizes = sets.sum(axis=1)
    of_size = [factorial(k) * factorial(parts - k - 1) / factorial(parts) for k in range(parts)] + [0.0]
    joined, left = np.array(of_size)[sizes - 1], np.array(of_size)[sizes]
    return sets, np.where(sets, joined[:, None], -left[:, None])


def _by_orders(parts: int) -> tuple[Flags, NDArray[np.float64]]:
    counted: dict[tuple[bool, ...], NDArray[np.float64]] = {
        (False,) * parts: np.zeros(parts),
        (True,) * parts: np.zeros(parts),
    }
    orders = list(_orders(parts))
    for order in orders:
        there = [False] * parts
        for part in order:
            counted.setdefault(tuple(there), np.zeros(parts))[part] -= 1 / len(orders)
            there[part] = True
            counted.setdefault(tuple(there), np.zeros(parts))[part] += 1 / len(orders)
    return np.array(list(counted), bool), np.array(list(counted.values()))


def _orders(parts: int) -> Iterator[list[int]]:
    """The same in every run."""
    random = np.random.default_rng(0)
    for _ in range(_PAIRS):
        order = random.permutation(parts).tolist()
        yield order
        yield order[::-1]
