"""Dated values: the Panel that is read from a table.

A panel is cut, joined and lengthened by its methods `select`, `concat` and `with_horizon` alone: they
keep values, covariates, categories and offsets together.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.foreign import shown
from lstmcli.series.arrays import Flags, Indices
from lstmcli.series.calendar import Step, Times, advance, format_time
from lstmcli.series.category import Category, concat_categories

Key = tuple[str, ...]
_BLOCK = 1 << 20  # rows looked at together, so that no temporary array is as long as the panel


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
    closed      (series,) rows of zeros at closed times behind the last value; (0,) without `Step.zeros`
    zone        by whose clock times are shown, see `format_time`; "" where they have none

    Raises ValueError where lengths of arrays do not agree; looks at one number per series, not per row.
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
    closed: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    zone: str = ""

    def __post_init__(self) -> None:
        series, rows = len(self.keys), len(self.values)
        wanted = {"starts": series, "lengths": series, "offsets": series + 1, "past": rows, "future": rows}
        if self.static.shape != (0, 0):
            wanted["static"] = series
        if self.step.zeros:
            wanted["closed"] = series
        for name, length in wanted.items():
            _check_length(name, getattr(self, name), length)
        for category in self.categories:
            _check_length(category.column, category.codes, series if category.role == "static" else rows)
        ends = (self.offsets[0], self.offsets[-1])
        if ends != (0, rows) or (np.diff(self.offsets) < self.lengths).any():
            raise ValueError("panel: offsets and lengths of the series do not fit its rows")

    def __len__(self) -> int:
        return len(self.keys)

    def history(self, series: int) -> NDArray[np.float64]:
        """Observed values of one series (n,), NaN where one is missing; a view."""
        first = self.offsets[series]
        return self.values[first : first + self.lengths[series]]

    def times(self, series: int, first: int, count: int) -> Times:
        """`count` time stamps of a series from position `first`; may reach past its end."""
        return advance(self.starts[series], self.step, np.arange(first, first + count))

    @property
    def ends(self) -> Times:
        """(series,) the time of the last value of each."""
        return np.asarray(advance(self.starts, self.step, self.lengths - 1))

    def shown_time(self, time: Any) -> str:
        """A time stamp as messages and reports show it."""
        return format_time(time, zone=self.zone)

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
        digest.update((self.step.slots + self.step.zone).encode())
        for array in (self.starts, self.offsets, self.lengths, self.values, self.past, self.future):
            digest.update(_bytes_of(array))
        digest.update(_bytes_of(self.static))
        for category in self.categories:
            digest.update(repr((category.column, category.role, category.names)).encode())
            digest.update(_bytes_of(category.codes))
        return digest.hexdigest()

    def name(self, series: int) -> str:
        """What messages and reports call a series: its key as `errors.foreign.shown`, or nothing for a single
        series."""
        return shown_key(self.keys[series])

    def exact_name(self, series: int) -> str:
        """The same as it is written, for programs."""
        return " ".join(self.keys[series])

    def select(self, series: slice | Indices, lengths: Indices | None = None, ahead: int = 0) -> "Panel":
        """Some series. Neighbouring ones, given as a slice, are views of the same arrays.

        lengths: (chosen,) rows of each history to keep, to see the panel as it was then: later values
        and past covariates are unknown, and no more than `ahead` rows of future covariates follow. Such a
        history may end in a missing value. None keeps all rows.
        """
        if isinstance(series, slice):
            first, last, _ = series.indices(len(self))
            if lengths is None:
                rows = slice(int(self.offsets[first]), int(self.offsets[last]))
                offsets = self.offsets[first : last + 1] - self.offsets[first]
                return self._gather(slice(first, last), rows, offsets, self.lengths[first:last])
            series = np.arange(first, last)
        starts = self.offsets[series]
        sizes = self.offsets[series + 1] - starts
        if lengths is not None:
            sizes = np.minimum(lengths + ahead, sizes).astype(np.int64, copy=False)
        offsets = _offsets(sizes)
        places = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], sizes)
        if lengths is None:
            return self._gather(series, places, offsets, self.lengths[series])
        cut = self._gather(series, places, offsets, lengths.copy())
        later = places >= np.repeat(starts + lengths, sizes)
        cut.past[later] = np.nan
        cut._hide(later)
        if len(cut.closed):
            cut.closed[lengths < self.lengths[series]] = 0
        return cut

    @classmethod
    def concat(cls, panels: Sequence["Panel"]) -> "Panel":
        """The series of several panels, one behind the other.

        Raises ValueError where steps, key columns or categories of the panels differ.
        """
        first = panels[0]
        alike = {(p.key_names, p.step, tuple((c.column, c.role) for c in p.categories)) for p in panels}
        if len(alike) > 1:
            raise ValueError("panels of different steps or columns cannot be joined")
        names = ("starts", "lengths", "values", "past", "future", "static", "closed")
        arrays: dict[str, Any] = {n: np.concatenate([getattr(p, n) for p in panels]) for n in names}
        return replace(
            first,
            keys=tuple(key for panel in panels for key in panel.keys),
            offsets=_offsets(np.concatenate([np.diff(panel.offsets) for panel in panels])),
            categories=tuple(
                concat_categories([p.categories[n] for p in panels]) for n in range(len(first.categories))
            ),
            **arrays,
        )

    def with_horizon(self, horizon: int | Indices, context: int | None = None) -> "Panel":
        """The last `context` rows of each history (None: all), followed by exactly `horizon` rows ahead.

        horizon: one for all series, or (series,). In rows ahead numeric past covariates stay at their last
        value and past categories are unknown: a forecast longer than the model's horizon reads them. Future
        covariates that the panel does not hold are unknown, see `horizon_rows.check_future_rows`.
        """
        kept = self.lengths if context is None else np.minimum(self.lengths, context)
        skipped, sizes = self.lengths - kept, np.add(kept, horizon, dtype=np.int64)
        offsets = _offsets(sizes)
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[:-1] + skipped - offsets[:-1], sizes)
        ends = np.repeat(self.offsets[1:], sizes)
        last = np.repeat(self.offsets[:-1] + self.lengths - 1, sizes)
        longer = replace(
            self._gather(slice(None), np.minimum(rows, ends - 1), offsets, kept, np.minimum(rows, last)),
            starts=advance(self.starts, self.step, skipped),
        )
        longer._hide(rows > last, rows >= ends)
        return longer

    def without_covariates(self) -> "Panel":
        """The same values alone."""
        none = np.zeros((len(self.values), 0), np.float32)
        return replace(self, past=none, future=none, static=np.zeros((0, 0), np.float32), categories=())

    def fill_future(
        self, rows: Indices, numbers: NDArray[Any], categories: Sequence[Category] = ()
    ) -> "Panel":
        """The panel with other future covariates in some rows.

        rows: (n,) flat; numbers: (n, future covariates); categories: by column, codes (n,). Their new
        names follow the known ones.
        """
        future = self.future.copy()
        future[rows] = numbers
        given = {category.column: category for category in categories}
        return replace(
            self,
            future=future,
            categories=tuple(
                c.fill(rows, given[c.column]) if c.column in given else c for c in self.categories
            ),
        )

    def _gather(
        self,
        series: slice | Indices,
        rows: slice | Indices,
        offsets: Indices,
        lengths: Indices,
        past_rows: Indices | None = None,
    ) -> "Panel":
        """Series and their flat rows: views for slices, copies for indices. past_rows: of past covariates."""
        return replace(
            self,
            keys=self.keys[series] if isinstance(series, slice) else tuple(self.keys[s] for s in series),
            starts=self.starts[series],
            offsets=offsets,
            lengths=lengths,
            values=self.values[rows],
            past=self.past[rows if past_rows is None else past_rows],
            future=self.future[rows],
            static=self.static[series] if len(self.static) else self.static,
            closed=self.closed[series] if len(self.closed) else self.closed,
            categories=tuple(category.select(series, rows) for category in self.categories),
        )

    def _hide(self, later: Flags, missing: Flags | None = None) -> None:
        """Makes values and past categories of rows `later` unknown, and future covariates of rows
        `missing`; in place, on arrays that are this panel's own."""
        self.values[later] = np.nan
        if missing is not None:
            self.future[missing] = np.nan
        for category in self.categories:
            if category.role == "past":
                category.codes[later] = -1
            elif category.role == "future" and missing is not None:
                category.codes[missing] = -1


def shown_key(key: Key) -> str:
    """What messages call a series of this key; nothing for a single series."""
    return shown(" ".join(key))


def _bytes_of(array: NDArray[Any]) -> memoryview:
    """The bytes of an array in the order of its elements, without a copy of one that lies so already."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _check_length(name: str, array: NDArray[Any], wanted: int) -> None:
    if len(array) != wanted:
        raise ValueError(f"panel: {name} has {len(array):,} entries, not {wanted:,}")


def _offsets(sizes: Indices) -> Indices:
    """Where series of `sizes` rows begin when laid end to end, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64, copy=False)
