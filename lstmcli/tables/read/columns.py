"""What the columns of a table are for: time, series, targets, covariates.

Columns that the settings name are used as they say. The others are found by their content and, where
several would do, by usual names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.errors import DataError, SettingsError, did_you_mean
from lstmcli.series.roles import Roles
from lstmcli.tables.read.text import FILE
from lstmcli.tables.read.time_columns import find_time_column

if TYPE_CHECKING:
    from lstmcli.settings.model import Settings

TARGET_NAMES = ("y", "target", "value", "values")
_FEW_REPEATS = 0.01
CodeColumn = Callable[[str], tuple[NDArray[Any], NDArray[Any]]]


def find_roles(
    frame: pd.DataFrame,
    settings: "Settings",
    source: str,
    codes: CodeColumn | None = None,
    rows: "AllRows | None" = None,
) -> Roles:
    """The role of every column of a table.

    codes: `Table.codes`, to number the cells of a column only once. rows: what to ask of all rows, where
    `frame` holds only some of them.

    Raises DataError where a named column is not there or no column suits a role.
    """
    covariates = (*settings.static, *settings.past, *settings.future)
    untimed = settings.time == "none" and "none" not in frame.columns
    named = (() if untimed else (settings.time,), settings.series, settings.target)
    for names in (*named, covariates, settings.categorical):
        if names and names not in ("auto", ("auto",)):
            require_columns(frame, names, source)
    time = _time_of_rows(frame, settings, source, untimed)
    named_targets = () if settings.target == "auto" else settings.target
    rest = [c for c in frame.columns if c not in {time, *covariates, *named_targets}]

    series = settings.series
    if series == "auto":
        series = _series_columns(frame, time, rest, FrameRows(frame, codes) if rows is None else rows)
    numeric = [c for c in rest if c not in series and mostly_numbers(frame[c])]
    targets = named_targets or _target_columns(numeric)
    _check_single_roles((*filter(None, [time]), *series, *targets, *covariates), source)
    if not targets:
        raise DataError(
            "no-target", "no column of numbers to forecast; name it with --set target=COLUMN", path=source
        )
    return Roles(
        time,
        series,
        targets,
        settings.past,
        settings.future,
        _notes(frame, time, series, targets, covariates),
        settings.static,
        _categorical(frame, covariates, settings.categorical),
    )


def _time_of_rows(frame: pd.DataFrame, settings: "Settings", source: str, untimed: bool) -> str:
    """The time column, "" where rows have no time stamps. Raises DataError."""
    if settings.time == "auto":
        return find_time_column(frame, settings, source)
    if not untimed:
        return settings.time
    if settings.step == "auto":
        said = "time stamps are declined (time: none); say how far apart rows are, as --step 1h"
        raise DataError("no-time-column", said, path=source)
    return ""


def _categorical(frame: pd.DataFrame, covariates: Sequence[str], named: Sequence[str]) -> tuple[str, ...]:
    """Covariates that are categories: those named, and those that are texts."""
    for name in named:
        if name not in covariates:
            raise SettingsError(
                f"categorical: {name!r} is no covariate; name it in past, future or static as well"
            )
    return tuple(c for c in covariates if c in named or _is_text(frame[c]))


def _is_text(column: "pd.Series[str]") -> bool:
    """Whether fewer than half of the values are numbers."""
    if types.is_numeric_dtype(column):
        return False
    probe = column.dropna().iloc[:1000]
    return len(probe) > 0 and bool(pd.to_numeric(probe, errors="coerce").notna().mean() < 0.5)


def _check_single_roles(names: Sequence[str], source: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise DataError("two-roles", f"the column {name!r} is named for two roles", path=source, row=1)


def require_columns(frame: pd.DataFrame, names: Sequence[str], source: str) -> None:
    """Raises DataError for the first name that is no column of the table."""
    for name in names:
        if name not in frame.columns:
            have = ", ".join(map(str, frame.columns[:20]))
            hint = did_you_mean(name, map(str, frame.columns))
            raise DataError(
                "unknown-column", f"there is no column {name!r}.{hint} Columns: {have}", path=source, row=1
            )


class AllRows(Protocol):
    """What is asked of all rows of a table to find the columns that tell series apart."""

    def __len__(self) -> int: ...

    def distinct(self, column: str) -> int:
        """How many different values there are, apart from empty cells."""

    def repeats(self, column: str, time: str = "") -> bool:
        """Whether a value, or one with a time, stands in two rows."""


@dataclass(frozen=True)
class FrameRows:
    """Those of a frame; codes: `Table.codes`, None to find them here."""

    frame: pd.DataFrame
    codes: CodeColumn | None = None

    def __len__(self) -> int:
        return len(self.frame)

    def _numbered(self, column: str) -> tuple[NDArray[Any], NDArray[Any]]:
        if self.codes is not None:
            return self.codes(column)
        numbers, values = pd.factorize(self.frame[column])
        return numbers, values.to_numpy()

    def distinct(self, column: str) -> int:
        return len(self) if _rises(self.frame[column]) else len(self._numbered(column)[1])

    def repeats(self, column: str, time: str = "") -> bool:
        if not time:
            return _repeats(self._numbered(column)[0])
        times, stamps = self._numbered(time)
        pairs = self._numbered(column)[0].astype(np.int64)
        pairs *= len(stamps)  # in place: a long table has many rows
        pairs += times
        return _repeats(pairs)


def _series_columns(frame: pd.DataFrame, time: str, rest: Sequence[str], rows: AllRows) -> tuple[str, ...]:
    """The columns that make (series, time) unique: the first that does alone, or all texts.

    Without time stamps: all texts that repeat.
    """
    texts = [c for c in rest if not mostly_numbers(frame[c])]
    if not time:
        return tuple(c for c in texts if rows.repeats(c))
    if len(rows) - rows.distinct(time) <= _FEW_REPEATS * len(rows):
        return ()
    whole = (c for c in rest if types.is_integer_dtype(frame[c]) and rows.distinct(c) <= len(rows) // 2)
    alone = (column for column in chain(texts, whole) if not rows.repeats(column, time))
    return next(((column,) for column in alone), tuple(texts))


def _rises(column: "pd.Series[str]") -> bool:
    """Whether each cell is greater than the one before; looked at from the start, so that what does
    not rise is seen at once."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return False
    cells = column.to_numpy()
    try:
        return all(bool((part[1:] > part[:-1]).all()) for part in (cells[:1000], cells))
    except TypeError:  # texts beside empty cells
        return False


def _repeats(numbers: NDArray[Any]) -> bool:
    rising = bool((numbers[1:] > numbers[:-1]).all())
    return not rising and bool(pd.Series(numbers).duplicated().any())


def _filled(column: "pd.Series[str]") -> "pd.Series[str]":
    """Some cells that are not empty: those of the first rows will do, if there are any."""
    some = column.iloc[:1000].dropna()
    return column.dropna() if some.empty else some


def _target_columns(numeric: Sequence[str]) -> tuple[str, ...]:
    usual = [c for c in numeric if str(c).lower() in TARGET_NAMES]
    return (usual[0],) if usual else tuple(numeric)


def _is_numeric(column: "pd.Series[str]") -> bool:
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)


def mostly_numbers(column: "pd.Series[str]") -> bool:
    """Whether all or most values are numbers; the others are errors when they are read.

    A leading zero, as in 007, is that of a name.
    """
    if types.is_numeric_dtype(column):
        return _is_numeric(column)
    probe = _filled(column).iloc[:1000]
    if not len(probe) or probe.astype(str).str.fullmatch(r"0\d+").any():
        return False
    return bool(pd.to_numeric(probe, errors="coerce").notna().mean() > 0.5)


def _notes(
    frame: pd.DataFrame, time: str, series: Sequence[str], targets: Sequence[str], covariates: Sequence[str]
) -> tuple[str, ...]:
    known = {time, FILE, *series, *targets, *covariates}
    unused = [str(c) for c in frame.columns if c not in known]
    if not unused:
        return ()
    few = ", ".join(unused[:8]) + (", ..." if len(unused) > 8 else "")
    return (f"not used: {few} (name covariates with --set past=..., future=... or static=...)",)
