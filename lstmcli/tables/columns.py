"""What the columns of a table are for: time, series, targets, covariates.

Named columns are taken at their word. Columns that are not named are found by their content
and, where several would do, by the names people usually give them.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from pandas.api import types
from pandas.tseries.api import guess_datetime_format

from lstmcli.config import Settings
from lstmcli.errors import DataError, SettingsError, did_you_mean

TIME_NAMES = ("time", "timestamp", "datetime", "date", "ds", "day", "month", "quarter", "year", "step", "t")
TARGET_NAMES = ("y", "target", "value", "values")
_PROBED_ROWS = 50


@dataclass(frozen=True)
class Roles:
    """Which column serves for what; `notes` tells the user what was found and what is not used."""

    time: str
    series: tuple[str, ...]
    targets: tuple[str, ...]
    past: tuple[str, ...]
    future: tuple[str, ...]
    notes: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()  # covariates that are categories, whatever else they are

    @property
    def covariates(self) -> tuple[str, ...]:
        return (*self.static, *self.past, *self.future)

    def numeric(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Those that are not categories."""
        return tuple(c for c in columns if c not in self.categorical)


def find_roles(frame: pd.DataFrame, settings: Settings, source: str) -> Roles:
    """The role of every column of a table.

    Raises DataError where a named column is not there or no column suits a role.
    """
    covariates = (*settings.static, *settings.past, *settings.future)
    for names in ((settings.time,), settings.series, settings.target, covariates, settings.categorical):
        if names not in ("auto", ("auto",)):
            require_columns(frame, names, source)
    time = _time_column(frame, source) if settings.time == "auto" else settings.time
    named_targets = () if settings.target == "auto" else settings.target
    rest = [c for c in frame.columns if c not in {time, *covariates, *named_targets}]
    series = _series_columns(frame, time, rest) if settings.series == "auto" else settings.series
    numeric = [c for c in rest if c not in series and _mostly_numbers(frame[c])]
    targets = named_targets or _target_columns(numeric)
    _check_single_roles((time, *series, *targets, *covariates), source)
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


def _time_column(frame: pd.DataFrame, source: str) -> str:
    def rank(name: str) -> int:
        return TIME_NAMES.index(name.lower()) if name.lower() in TIME_NAMES else len(TIME_NAMES)

    columns = [str(c) for c in frame.columns]
    dates = [c for c in columns if not _is_numeric(frame[c]) and _looks_like_dates(frame[c])]
    if dates:
        return min(dates, key=rank)
    steps = [c for c in columns if types.is_integer_dtype(frame[c]) and rank(c) < len(TIME_NAMES)]
    if steps:
        return min(steps, key=rank)
    have = ", ".join(columns[:20])
    raise DataError(
        "no-time-column",
        f"no column of time stamps found; name it with --set time=COLUMN. Columns: {have}",
        path=source,
        row=1,
    )


def _looks_like_dates(column: "pd.Series[str]") -> bool:
    filled = column.dropna()
    if filled.empty:
        return False
    probe = filled.iloc[:_PROBED_ROWS].astype(str)
    return any(parsed_dates(probe, p).notna().mean() > 0.5 for p in date_patterns(probe.iloc[0]))


def date_patterns(text: str) -> list[str]:
    """The strftime patterns that a date may be written in: none if it is no date, two where
    month and day may stand in either order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of dates that fit only the other order
        found = guess_datetime_format(text)
        if found is None or found.startswith("%Y"):
            return [] if found is None else [found]
        other = guess_datetime_format(text, dayfirst=True)
    return [found] if other in (None, found) else [found, other]


def parsed_dates(column: "pd.Series[str]", pattern: str) -> "pd.Series[pd.Timestamp]":
    """Dates in UTC, NaT where a text does not follow the pattern."""
    return pd.to_datetime(column.astype(str), format=pattern, errors="coerce", utc=True)


def _series_columns(frame: pd.DataFrame, time: str, rest: Sequence[str]) -> tuple[str, ...]:
    """The columns that make (series, time) unique: the first that does alone, or all texts."""
    if not frame[time].duplicated().any():
        return ()
    texts = [c for c in rest if not _mostly_numbers(frame[c])]
    whole = [c for c in rest if types.is_integer_dtype(frame[c]) and frame[c].nunique() <= len(frame) // 2]
    for column in (*texts, *whole):
        if not frame.duplicated([column, time]).any():
            return (column,)
    return tuple(texts)


def _target_columns(numeric: Sequence[str]) -> tuple[str, ...]:
    usual = [c for c in numeric if str(c).lower() in TARGET_NAMES]
    return (usual[0],) if usual else tuple(numeric)


def _is_numeric(column: "pd.Series[str]") -> bool:
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)


def _mostly_numbers(column: "pd.Series[str]") -> bool:
    """Whether all or most values are numbers; the others are told as errors when they are read."""
    if types.is_numeric_dtype(column):
        return _is_numeric(column)
    probe = column.dropna().iloc[:1000]
    return len(probe) > 0 and bool(pd.to_numeric(probe, errors="coerce").notna().mean() > 0.5)


def _notes(
    frame: pd.DataFrame, time: str, series: Sequence[str], targets: Sequence[str], covariates: Sequence[str]
) -> tuple[str, ...]:
    unused = [str(c) for c in frame.columns if c not in {time, *series, *targets, *covariates}]
    if not unused:
        return ()
    few = ", ".join(unused[:8]) + (", ..." if len(unused) > 8 else "")
    return (f"not used: {few} (name covariates with --set past=..., future=... or static=...)",)
