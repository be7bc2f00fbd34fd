"""Data sets with a known future: named on the command line or in a list, read from CSV files.

A file, gzipped or not, is long (series, time, value: the columns unique_id, ds and y, or the first
three) or wide (time first, then one column per series). It is taken for long where it has those
names, or where its first column repeats itself. Time stamps are numbers or sort as text.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.evaluation.metrics import seasonal_scale

Array = NDArray[np.floating]

NAMES = ("unique_id", "ds", "y")
FIELDS = ("train", "test", "season", "horizon", "naive2_smape", "naive2_mase")


class Unusable(ValueError):
    """A data set that cannot be scored; the message says why."""


@dataclass(frozen=True)
class Source:
    """A data set as it was named.

    test     file with the rows that follow train; "" for the last `horizon` rows of train
    season   length in rows; scales MASE and MSIS and makes the seasonal naive forecast
    horizon  steps to forecast; None for all that test has of every series
    naive2   sMAPE and MASE of the benchmark that OWA is measured against, or None
    """

    name: str
    train: str
    test: str
    season: int
    horizon: int | None
    naive2: tuple[float, float] | None


@dataclass(frozen=True)
class DataSet:
    """Series with a known future.

    file       what lstmcli trains on and continues
    histories  one array (n,) per series, of its own length, NaN where missing
    actual     (series, horizon) the values that follow
    starts     time stamp of the first of them, one text per series
    scales     (series,) see `metrics.seasonal_scale`
    """

    source: Source
    file: str
    keys: list[str]
    histories: list[Array]
    actual: Array
    starts: list[str]
    scales: Array

    @property
    def horizon(self) -> int:
        return int(self.actual.shape[1])


def named(text: str, default: Source) -> Source:
    """A source written as NAME=TRAIN[,TEST[,SEASON[,HORIZON]]]; what is left out is the default's."""
    name, equals, rest = text.partition("=")
    parts = [part.strip() for part in rest.split(",")]
    if not equals or not parts[0] or len(parts) > len(FIELDS):
        raise Unusable(f"--data {text}: write it as NAME=TRAIN[,TEST[,SEASON[,HORIZON]]]")
    return _source(name, dict(zip(FIELDS, parts, strict=False)), Path(), default)


def listed(path: str, default: Source) -> list[Source]:
    """Sources from a CSV file with the columns name and FIELDS; file names are relative to its folder."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    unknown = {str(key) for row in rows for key in row} - {"name", *FIELDS}
    if unknown:
        raise Unusable(f"{path}: unknown column {min(unknown)}; known: name, {', '.join(FIELDS)}")
    return [_source(row["name"], row, Path(path).parent, default) for row in rows]


def _source(name: str, given: Mapping[str, str], folder: Path, default: Source) -> Source:
    filled = {key: value for key, value in given.items() if value}
    if "train" not in filled:
        raise Unusable(f"data set {name}: names no file to train on")
    naive2 = tuple(float(filled[key]) for key in FIELDS[4:] if key in filled)
    return replace(
        default,
        name=name,
        train=str(folder / filled["train"]),
        test=str(folder / filled["test"]) if "test" in filled else "",
        season=int(filled.get("season", default.season)),
        horizon=int(filled["horizon"]) if "horizon" in filled else default.horizon,
        naive2=naive2 if len(naive2) == 2 else default.naive2,
    )


@dataclass(frozen=True)
class _Table:
    """Texts as they stand in a file, by series and time. series is "" for a wide table."""

    frame: pd.DataFrame
    series: str
    time: str
    values: tuple[str, ...]


def read(source: Source, folder: Path) -> DataSet:
    """Reads a data set; where rows are held out, writes those to train on into the folder.

    Raises Unusable for a future without a past, or one that is too short.
    """
    table, file = _table(source.train), source.train
    if source.test:
        past, future = table, _table(source.test, long=bool(table.series))
    else:
        past, future, kept = _split(table, source)
        file = str(folder / "train.csv")
        kept.to_csv(file, index=False)
    histories, ahead = _by_series(past), _by_series(future)
    for key in ahead:
        if key not in histories:
            raise Unusable(f"{source.test or source.train}: series {key}: nothing comes before its future")
    shortest = min(len(rows) for rows in ahead.values())
    horizon = source.horizon or shortest
    if shortest < horizon:
        raise Unusable(f"{source.test or source.train}: a series has {shortest} of {horizon} rows of future")
    past_values = [histories[key].y.to_numpy(float) for key in ahead]
    return DataSet(
        source=source,
        file=file,
        keys=list(ahead),
        histories=past_values,
        actual=np.stack([rows.y.to_numpy(float)[:horizon] for rows in ahead.values()]),
        starts=[str(rows.time.iloc[0]) for rows in ahead.values()],
        scales=np.array([seasonal_scale(values, source.season) for values in past_values]),
    )


def _table(path: str, long: bool | None = None) -> _Table:
    """long: None to tell by the file itself; one row per series looks wide."""
    frame = pd.read_csv(path, dtype=str)
    columns = list(map(str, frame.columns))
    if set(NAMES) <= set(columns):
        series, time, *values = NAMES
    elif long or (long is None and frame.iloc[:, 0].duplicated().any()):
        series, time, *values = columns[:3]
    else:
        series, time, values = "", columns[0], columns[1:]
    if not values:
        raise Unusable(f"{path}: needs the columns series, time, value, or time and one per series")
    by = [series, time] if series else [time]
    return _Table(frame.sort_values(by, key=_sortable, kind="stable"), series, time, tuple(values))


def without_last(frame: pd.DataFrame, series: Sequence[str], rows: int) -> pd.DataFrame:
    """A table without the last rows of every series, which the columns `series` tell apart."""
    groups = frame.groupby(list(series), sort=False) if series else [((), frame)]
    return pd.concat([group.iloc[: len(group) - rows] for _, group in groups])


def _sortable(column: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce")
    return column if numbers.isna().any() else numbers


def _split(table: _Table, source: Source) -> tuple[_Table, _Table, pd.DataFrame]:
    """The table without the last rows of each series, those rows, and the file to train on.

    Where a long table has further columns the file keeps these rows with an empty value: lstmcli
    reads there what is known ahead.
    """
    if not source.horizon:
        raise Unusable(f"{source.train}: has no test file; say --hold-out or a horizon")
    frame = table.frame
    group = frame[table.series] if table.series else np.zeros(len(frame))
    last = frame.groupby(group, sort=False).cumcount(ascending=False) < source.horizon
    past, future = replace(table, frame=frame[~last]), replace(table, frame=frame[last])
    if not table.series or len(frame.columns) == len(NAMES):
        return past, future, past.frame
    return past, future, frame.assign(**{table.values[0]: frame[table.values[0]].mask(last)})


def _by_series(table: _Table) -> dict[str, pd.DataFrame]:
    """Rows of each series with the columns time (text) and y (number), in order of time."""
    if table.series:
        columns = [table.series, table.time, table.values[0]]
        rows = table.frame[columns].set_axis(["key", "time", "y"], axis=1)
    else:
        columns = [table.time, *table.values]
        rows = table.frame[columns].melt(table.time, var_name="key", value_name="y")
        rows = rows.rename(columns={table.time: "time"})
    rows = rows.assign(y=pd.to_numeric(rows.y))
    return {str(key): group for key, group in rows.groupby("key", sort=False)}
