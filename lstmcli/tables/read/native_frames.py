"""Frames of Polars, Arrow and others as pandas' and back, column by column: no library needs another."""

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from lstmcli.errors import UsageError

_TAKEN = "a DataFrame or Series of pandas, a DataFrame of Polars, a Table of Arrow, or a path"


def pandas_of(data: Any) -> pd.DataFrame:
    """The frame as one of pandas. Raises UsageError for what is no frame, or one that is not computed yet."""
    native = nw.from_native(data, pass_through=True)
    if isinstance(native, nw.LazyFrame):
        raise UsageError(f"{type(data).__name__}: compute it first: frame.collect()")
    if not isinstance(native, nw.DataFrame):
        raise UsageError(f"{type(data).__name__} is no table: give {_TAKEN}")
    return pd.DataFrame({name: _column(native[name]) for name in native.columns}, index=range(len(native)))


def _column(cells: "nw.Series[Any]") -> "pd.Series[Any]":
    """Numbers and times as such, all else as objects."""
    kind = cells.dtype
    if isinstance(kind, nw.Datetime) and kind.time_zone:
        instants = cells.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return _column(instants).dt.tz_localize("UTC").dt.tz_convert(kind.time_zone)
    if isinstance(kind, nw.Datetime | nw.Date):
        unit = getattr(kind, "time_unit", "s")
        return pd.Series(cells.to_numpy().astype(f"datetime64[{unit}]"))
    if kind.is_numeric() and not kind.is_decimal():
        return pd.Series((cells.cast(nw.Float64()) if cells.null_count() else cells).to_numpy())
    return pd.Series(cells.to_list(), dtype=object)


def native_of(made: pd.DataFrame, like: Any, same: Mapping[str, str]) -> Any:
    """A table of the kind of `like`. same: columns, and those of `like` whose types they have."""
    given = nw.from_native(like, eager_only=True)
    kinds = {name: given.schema.get(same.get(name, "")) for name in made.columns}
    columns = [_native(made[name], name, kinds[name], given) for name in made.columns]
    return columns[0].to_frame().with_columns(*columns[1:]).to_native()


def with_native_columns(like: Any, made: pd.DataFrame, places: Mapping[str, int]) -> Any:
    """A table with some of its columns replaced, and others behind them. places: which columns of `like`
    columns of `made` replace, by their number."""
    given = nw.from_native(like, eager_only=True)
    names = {name: given.columns[place] for name, place in places.items()}
    columns = [_native(made[name], names.get(name, name), None, given) for name in made.columns]
    return given.with_columns(*columns).to_native()


def _native(
    cells: "pd.Series[Any]", name: str, kind: "nw.dtypes.DType | None", given: "nw.DataFrame[Any]"
) -> "nw.Series[Any]":
    backend, zone = given.implementation, None
    values: Any
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        zone, cells = str(cells.dt.tz), cells.dt.tz_convert("UTC").dt.tz_localize(None)
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        values = cells.to_numpy().astype(f"datetime64[{getattr(kind, 'time_unit', 'us')}]")
    elif pd.api.types.is_numeric_dtype(cells.dtype) and not cells.isna().any():
        values = cells.to_numpy()
    elif pd.api.types.is_numeric_dtype(cells.dtype):  # missing is null, not NaN
        numbers = [None if gone else float(cell) for cell, gone in zip(cells, cells.isna(), strict=True)]
        return nw.Series.from_iterable(name, numbers, nw.Float64(), backend=backend)
    else:
        values = [None if gone else cell for cell, gone in zip(cells.tolist(), cells.isna(), strict=True)]
    column = _series(name, values, backend)
    if zone:
        column = column.dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    if kind is None or isinstance(kind, nw.Datetime):  # of its unit and zone already
        return column
    return column.cast(kind)


def _series(name: str, values: Any, backend: Any) -> "nw.Series[Any]":
    if isinstance(values, np.ndarray):
        return nw.Series.from_numpy(name, values, backend=backend)
    texts = all(isinstance(cell, str) or cell is None for cell in values)
    return nw.Series.from_iterable(name, values, nw.String() if texts else None, backend=backend)
