"""Totals of series that were forecast one by one: the sums of their sample paths."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError, UsageError, did_you_mean
from lstmcli.errors.findings import first_few, plural
from lstmcli.errors.foreign import quoted, shown
from lstmcli.forecasting.rounded import round_values
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import positions
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Key, Panel
from lstmcli.series.roles import Roles
from lstmcli.series.totals import summed_series, sums_said
from lstmcli.settings.assignments import set_option

TOTAL = "(total)"  # stands in the columns that are summed over
Level = tuple[int, ...]  # places of these columns


def total_levels(
    asked: Sequence[str], panel: Panel, roles: Roles, trained: bool, flag: str = "--sum-over"
) -> tuple[Level, ...]:
    """Each text of `asked` names columns of series, with commas between them; a total is over all of them.
    roles: of the columns of the table; trained: whether a training has chosen them.

    Raises UsageError for a column that tells no series apart and for a series that sums up others, DataError
    where one is called TOTAL.
    """
    names = panel.key_names
    if not names:
        raise UsageError(f"{flag}: the data is one series; there is nothing to sum")
    levels = dict.fromkeys(_level(text, names, flag, _Reading(roles, trained)) for text in asked)
    for key in panel.keys:
        if TOTAL in key:
            column = names[key.index(TOTAL)]
            raise DataError(
                "total-name", f"{flag}: {shown(column)} has the value {TOTAL}, which names the rows of totals"
            )
    if twice := summed_series(panel, {place for level in levels for place in level}):
        said = sums_said([panel.name(series) for series in twice])
        raise UsageError(f"{flag}: {said} already and would count twice: {_dropped(len(twice), trained)}")
    return tuple(levels)


def _dropped(count: int, trained: bool) -> str:
    them = "it" if count == 1 else "them"
    option = "--set totals=drop"
    return f"train with {option} to leave {them} out" if trained else f"{option} leaves {them} out"


@dataclass(frozen=True)
class _Reading:
    """roles: of the columns of a table; trained: whether a training has chosen them."""

    roles: Roles
    trained: bool

    def mend(self, columns: Sequence[str], names: Key) -> str:
        """How to tell series apart by all these columns, as by the region of each shop. names: those
        that do."""
        series = self.roles.series  # behind them, of several targets, names has their own key
        if not all(columns) or names[: len(series)] != series or {*columns} & {*self.roles.targets}:
            return ""
        wanted = dict.fromkeys([*columns, *names])
        option = set_option("series", [c for c in wanted if c not in names[len(series) :]])
        return f" Train with {option} to have them all." if self.trained else f" {option} takes them all."


def _level(text: str, names: Key, flag: str, reading: _Reading) -> Level:
    columns = [part.strip() for part in text.split(",")]
    for column in columns:
        if column not in names:
            hint = did_you_mean(column, names) or reading.mend(columns, names)
            known = ", ".join(names)
            raise UsageError(f"{flag}: {quoted(column)} tells no series apart; these do: {known}.{hint}")
    return tuple(sorted({names.index(column) for column in columns}))


def total_key(key: Key, level: Level) -> Key:
    """What the total over `level` that a series belongs to is called."""
    return tuple(TOTAL if place in level else part for place, part in enumerate(key))


@dataclass(frozen=True)
class Total:
    """start: time stamp of its first step; paths: (samples, horizon) of the sum; alone: the forecast of the
    only series in it (horizon, quantiles), None for a sum."""

    key: Key
    start: Any
    paths: NDArray[np.float64]
    alone: NDArray[np.float64] | None


@dataclass
class _Sum:
    paths: Array
    count: int
    names: list[str]
    alone: NDArray[np.float64] | None = None


class TotalSums:
    """Sums paths block by block. Memory grows with the totals, and not with the series.

    A block is summed by `part`, on any core, and taken by `add`, in order.
    """

    def __init__(self, levels: Sequence[Level]) -> None:
        self._levels = levels
        self._sums: dict[tuple[Key, Any], _Sum] = {}
        self._like: Forecast | None = None

    @property
    def like(self) -> Forecast:
        """A forecast with the step and the quantiles of all."""
        assert self._like
        return self._like

    def part(self, made: Forecast, paths: Iterator[Array]) -> dict[tuple[Key, Any], _Sum]:
        """made: with the quantiles of the output; paths: (samples, horizon) of each series of the block."""
        found: dict[tuple[Key, Any], _Sum] = {}
        for key, start, drawn, values in zip(made.keys, made.starts, paths, made.values, strict=True):
            for level in self._levels:
                name = " ".join(part for place, part in enumerate(key) if place in level)
                _join(found, (total_key(key, level), start), _Sum(drawn, 1, [name], values))
        return found

    def add(self, part: dict[tuple[Key, Any], _Sum], made: Forecast) -> None:
        self._like = self._like or made
        for place, one in part.items():
            _join(self._sums, place, one)

    def totals(self) -> tuple[list[Total], list[str]]:
        """In order of the first series of each, over the times that the forecasts of all its series have, and
        notes on what is missing.

        A series whose forecast ends before that of the newest begins is left out.
        """
        groups: dict[Key, dict[Any, _Sum]] = {}
        for (key, start), one in self._sums.items():
            groups.setdefault(key, {})[start] = one
        found, notes = [], []
        for level in self._levels:
            for key, by_start in groups.items():
                if [place for place, part in enumerate(key) if part == TOTAL] == list(level):
                    total, said = _aligned(key, by_start, self.like)
                    found.append(total)
                    notes += said
        return found, notes


def _join(sums: dict[tuple[Key, Any], _Sum], place: tuple[Key, Any], one: _Sum) -> None:
    known = sums.get(place)
    if known is None:
        sums[place] = one
    else:
        names = [*known.names, *one.names][:10]
        sums[place] = _Sum(known.paths + one.paths, known.count + one.count, names)


def _aligned(key: Key, by_start: dict[Any, _Sum], made: Forecast) -> tuple[Total, list[str]]:
    newest = max(by_start)
    starts = np.array(list(by_start), made.starts.dtype)
    behind, on_grid = positions(np.full(len(starts), newest, starts.dtype), starts, made.step)
    horizon = by_start[newest].paths.shape[1]
    kept = [(int(b), one) for b, fits, one in zip(behind, on_grid, by_start.values(), strict=True) if fits]
    kept = [(b, one) for b, one in kept if b < horizon]
    left = horizon - max(b for b, _ in kept)
    total = sum(one.paths[:, b : b + left] for b, one in kept)
    notes, name = [], shown(" ".join(key))
    gone = [one for one in by_start.values() if all(one is not other for _, other in kept)]
    if gone:
        count, names = sum(one.count for one in gone), [name for one in gone for name in one.names]
        notes.append(
            f"total {name}: without {plural(count, 'series', 'series')} whose last value is too old for its "
            f"times: {first_few(names)}"
        )
    if left < horizon:
        late = sum(one.count for b, one in kept if b)
        notes.append(
            f"total {name}: {left} of {horizon} steps, as {plural(late, 'series ends', 'series end')} earlier"
        )
    return Total(key, newest, np.asarray(total), kept[0][1].alone if len(kept) == 1 else None), notes


def total_forecast(total: Total, quantiles: Sequence[float], like: Forecast) -> Forecast:
    """The quantiles and the median of a total."""
    levels = tuple(sorted({*quantiles, 0.5}))
    if total.alone is None:
        values = round_values(np.quantile(total.paths, levels, axis=0).T[None])
    else:
        values = total.alone[None]
    starts = np.array([total.start], like.starts.dtype)
    return replace(like, keys=(total.key,), starts=starts, quantiles=levels, values=values)
