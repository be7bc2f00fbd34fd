"""Dated values: the Panel that is read from a table and the Forecast that is written to one."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import Step, Times, advance

Key = tuple[str, ...]
_BLOCK = 1 << 20  # rows looked at together, so that no temporary array is as long as the panel


@dataclass(frozen=True)
class Category:
    """A covariate that is a category, one text of a few.

    role   "static" (one code per series), "past" or "future" (one per row)
    names  the texts; a code is a place in them, -1 in rows where nothing is known
    codes  (series,) or (rows,) int32
    """

    column: str
    role: Literal["static", "past", "future"]
    names: tuple[str, ...]
    codes: NDArray[np.int32]


@dataclass(frozen=True)
class Panel:
    """One or more series of one step, laid end to end in flat arrays.

    Rows `offsets[s]` to `offsets[s + 1]` belong to series `s`. Its first `lengths[s]` rows
    are history, and end with an observed value; rows after that are ahead of the last
    observation and hold future covariates only.

    key_names   names of the columns that tell the series apart, () for a single series
    keys        one tuple of texts per series
    starts      (series,) time stamp of each first row
    values      (rows,) float64, NaN where nothing was observed
    past        (rows, past covariates) float32, NaN in rows ahead
    future      (rows, future covariates) float32, known ahead
    static      (series, static covariates) float32; no columns where there are none
    categories  covariates that are texts or codes: static, then past, then future
    """

    key_names: Key
    keys: tuple[Key, ...]
    step: Step
    starts: Times
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]
    values: NDArray[np.float64]
    past: NDArray[np.float32]
    future: NDArray[np.float32]
    static: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    categories: tuple[Category, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    def history(self, series: int) -> NDArray[np.float64]:
        """Observed values of one series (n,), NaN where one is missing; a view."""
        first = self.offsets[series]
        return self.values[first : first + self.lengths[series]]

    def times(self, series: int, first: int, count: int) -> Times:
        """`count` time stamps of a series from position `first`; may reach past its end."""
        return advance(self.starts[series], self.step, np.arange(first, first + count))

    def ahead(self, series: int) -> int:
        """Rows after the last observation."""
        return int(self.offsets[series + 1] - self.offsets[series] - self.lengths[series])

    @cached_property
    def observations(self) -> int:
        return sum(int(np.count_nonzero(~np.isnan(block))) for block in self._blocks())

    @cached_property
    def smallest(self) -> float:
        return float(np.fmin.reduce(self.values))

    @cached_property
    def largest(self) -> float:
        return float(np.fmax.reduce(self.values))

    @cached_property
    def zeros(self) -> int:
        """How many values are zero."""
        return sum(int(np.count_nonzero(block == 0)) for block in self._blocks())

    def _blocks(self) -> Iterator[NDArray[np.float64]]:
        return (self.values[at : at + _BLOCK] for at in range(0, len(self.values), _BLOCK))

    def fingerprint(self) -> str:
        """SHA-256 of all that is in the panel, whatever file it came from."""
        digest = hashlib.sha256(repr((self.key_names, self.keys, self.step)).encode())
        for array in (self.starts, self.offsets, self.lengths, self.values, self.past, self.future):
            digest.update(_bytes_of(array))
        digest.update(_bytes_of(self.static))
        for category in self.categories:
            digest.update(repr((category.column, category.role, category.names)).encode())
            digest.update(_bytes_of(category.codes))
        return digest.hexdigest()

    def name(self, series: int) -> str:
        """What messages call a series: its key, or nothing for a single series."""
        return " ".join(self.keys[series])


def _bytes_of(array: NDArray[Any]) -> memoryview:
    """The bytes of an array in the order of its elements, without a copy of one that lies so already."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def part(panel: Panel, series: slice) -> Panel:
    """Neighbouring series of a panel, as views of its arrays."""
    first, last, _ = series.indices(len(panel))
    rows = slice(int(panel.offsets[first]), int(panel.offsets[last]))
    return replace(
        panel,
        keys=panel.keys[first:last],
        starts=panel.starts[first:last],
        offsets=panel.offsets[first : last + 1] - panel.offsets[first],
        lengths=panel.lengths[first:last],
        values=panel.values[rows],
        past=panel.past[rows],
        future=panel.future[rows],
        static=panel.static[first:last],
        categories=tuple(
            replace(c, codes=c.codes[first:last] if c.role == "static" else c.codes[rows])
            for c in panel.categories
        ),
    )


def until(panel: Panel, series: NDArray[np.int64], lengths: NDArray[np.int64], ahead: int) -> Panel:
    """What was known of some series at a time: their first `lengths` rows, and up to `ahead` rows of
    what is known ahead.

    series, lengths: (chosen,). Values and past covariates after the history are unknown, whatever
    the panel holds there. Other than elsewhere, a history may end in a missing value.
    """
    first = panel.offsets[series]
    counts = np.minimum(lengths + ahead, panel.offsets[series + 1] - first)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
    rows, beyond = place + np.repeat(first, counts), place >= np.repeat(lengths, counts)

    def category_then(category: Category) -> Category:
        if category.role == "static":
            return replace(category, codes=category.codes[series])
        codes = category.codes[rows]
        return replace(category, codes=np.where(beyond, -1, codes) if category.role == "past" else codes)

    return replace(
        panel,
        keys=tuple(panel.keys[s] for s in series),
        starts=panel.starts[series],
        offsets=offsets,
        lengths=lengths.copy(),
        values=np.where(beyond, np.nan, panel.values[rows]),
        past=np.where(beyond[:, None], np.float32("nan"), panel.past[rows]),
        future=panel.future[rows],
        static=panel.static[series] if len(panel.static) else panel.static,
        categories=tuple(map(category_then, panel.categories)),
    )


@dataclass(frozen=True)
class Forecast:
    """Forecasts of every series of a panel, in the order of its keys.

    starts      (series,) time stamp of the first forecast step
    quantiles   levels in rising order; they always hold 0.5
    values      (series, horizon, quantiles) in the units of the data
    """

    key_names: Key
    keys: tuple[Key, ...]
    step: Step
    starts: Times
    quantiles: tuple[float, ...]
    values: NDArray[np.float64]

    @property
    def median(self) -> NDArray[np.float64]:
        """The point forecast, (series, horizon)."""
        return self.values[:, :, self.quantiles.index(0.5)]

    @property
    def horizon(self) -> int:
        return int(self.values.shape[1])

    def times(self, series: int) -> Times:
        return advance(self.starts[series], self.step, np.arange(self.horizon))


def concat_forecasts(parts: Sequence[Forecast]) -> Forecast:
    """Forecasts of neighbouring series as one."""
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[0],
        keys=tuple(key for part in parts for key in part.keys),
        starts=np.concatenate([part.starts for part in parts]),
        values=np.concatenate([part.values for part in parts]),
    )
