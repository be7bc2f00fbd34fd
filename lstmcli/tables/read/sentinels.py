"""Numbers that stand for a missing value in many tables, as -9999: counted and said, never removed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_USUAL = (-99, -200, -999, -9999, -99999, -999999, 999, 9999, 99999, 999999)
_WITH_FRACTION = (-99.9, -999.9, -9999.9, -99.99, -999.99, 99.99, 999.9, 999.99, 9999.9, 9999.99)
_LIMITS = (32767, -32768, 65535, 2147483647, -2147483648, 4294967295)  # of whole numbers in a computer
_ONLY_OFTEN = (85, 99, -9, -88, -888, -8888, 6999, 7999)  # as 85, which a thermometer says at its start
_FILLS = (1e20, -1e20, 1e30, -1e30)  # of which one is enough
_ROUND = (-200,)  # which one value may be by chance, unlike nines
SENTINELS = np.array([*_USUAL, *_WITH_FRACTION, *_LIMITS, *_ONLY_OFTEN, *_FILLS], np.float64)
_MOST_NAMED = 4
_OFTEN = 5  # values that stand apart
# How far one value alone lies from the others, in ranges of these: below zero where none is, below, above.
_ALONE_BELOW_ZERO, _ALONE_BELOW, _ALONE_ABOVE = 0.5, 2.0, 10.0
_NEAREST, _APART = 20, 0.05  # other values they stand apart from; of the range of all others


@dataclass
class ColumnSentinels:
    """counts: of values that may stand for missing ones; low, high: of all other values; ends: some of the
    lowest and the highest of these."""

    counts: dict[float, int] = field(default_factory=dict)
    low: float = np.inf
    high: float = -np.inf
    ends: set[float] = field(default_factory=set)

    def add(self, values: NDArray[np.float64]) -> None:
        """Takes the next values. One far outside all others is the lowest or the highest of its part."""
        low, high = (float(least(values, initial=np.nan)) for least in (np.fmin.reduce, np.fmax.reduce))
        if low in SENTINELS or high in SENTINELS:
            may_be = np.isin(values, SENTINELS)
            found, counts = np.unique(values[may_be], return_counts=True)
            for value, count in zip(found.tolist(), counts.tolist(), strict=True):
                self.counts[value] = self.counts.get(value, 0) + count
            others = values[~may_be]
            low, high = (float(least(others, initial=np.nan)) for least in (np.fmin.reduce, np.fmax.reduce))
            different = np.unique(others[~np.isnan(others)])
            self.ends.update(different[:_NEAREST].tolist(), different[-_NEAREST:].tolist())
        self.ends.update((low, high))
        self.low, self.high = float(np.fmin(self.low, low)), float(np.fmax(self.high, high))

    def far(self) -> dict[float, int]:
        """Those that lie farther from all other values than these from one another, or below zero where no
        other does; one of a value must lie much farther. Those that come often need only stand apart."""
        return {value: count for value, count in self.counts.items() if self._is_far(value, count)}

    def _is_far(self, value: float, count: int) -> bool:
        beyond, outside = self._beyond(value), self.is_outside(value)
        if not self.low <= self.high or beyond <= 0:
            return False
        if outside and value not in _ONLY_OFTEN:
            return count > 1 or value in _FILLS or self._is_far_alone(value)
        return count >= _OFTEN and (outside or beyond > self._usual_gap(value))

    def _beyond(self, value: float) -> float:
        return max(self.low - value, value - self.high)

    def is_outside(self, value: float) -> bool:
        """Whether a value is farther from all others than they from one another, or alone below zero."""
        return self._beyond(value) > self.high - self.low or value < 0 <= self.low

    def _is_far_alone(self, value: float) -> bool:
        """Whether one value alone cannot be one of the column, whose other values differ."""
        below = _ALONE_BELOW_ZERO if self.low >= 0 else _ALONE_BELOW
        ranges = below if value < 0 else _ALONE_ABOVE
        far = self._beyond(value) > ranges * (self.high - self.low)
        return value not in _ROUND and far and self.high > self.low

    def _usual_gap(self, value: float) -> float:
        """How far apart the other values are that are nearest to one outside, at most, and not less than a
        small part of all."""
        ends = np.sort([end for end in self.ends if not np.isnan(end)])
        nearest = ends[:_NEAREST] if value < self.low else ends[-_NEAREST:]
        least = _APART * (self.high - self.low)
        return max(least, float(np.diff(nearest).max())) if len(nearest) > 2 else np.inf


def sentinel_notes(columns: Mapping[str, ColumnSentinels]) -> tuple[str, ...]:
    """A line for each number that stands far outside all others."""
    far = {name: found for name, cells in columns.items() if (found := cells.far())}
    values = dict.fromkeys(value for found in far.values() for value in found)
    by_value = {value: {n: found[value] for n, found in far.items() if value in found} for value in values}
    return tuple(_note(value, counts, columns) for value, counts in by_value.items())


def _note(value: float, counts: Mapping[str, int], columns: Mapping[str, ColumnSentinels]) -> str:
    total, named = sum(counts.values()), list(counts)
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    others = f" ({columns[named[0]].low:g} to {columns[named[0]].high:g})" if len(named) == 1 else ""
    what = f"{total:,} value{'s' * (total > 1)} of {value:.15g} in {', '.join(named[:_MOST_NAMED])}{more}"
    where = "far outside" if all(columns[name].is_outside(value) for name in named) else "apart from"
    verb = "lie" if total > 1 else "lies"
    return f"{what} {verb} {where} all others{others}; if missing is meant: --set missing={value:.15g}"


def sentinels_in(numbers: Mapping[str, NDArray[np.float64]], names: Iterable[str]) -> tuple[str, ...]:
    """The notes on some columns of a table."""
    columns = {name: ColumnSentinels() for name in names}
    for name, found in columns.items():
        found.add(numbers[name])
    return sentinel_notes(columns)
