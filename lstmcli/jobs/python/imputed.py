"""Gaps of a table filled, from Python."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from lstmcli.errors import UsageError
from lstmcli.jobs.python.arguments import check_whole
from lstmcli.jobs.python.forecaster import Forecaster
from lstmcli.jobs.python.front import builtin, load
from lstmcli.jobs.python.given import FrameT, Given, given_data
from lstmcli.jobs.python.reading import reading_options
from lstmcli.jobs.python.words import in_python_words, note
from lstmcli.jobs.train.reporter import SilentReporter
from lstmcli.network.builtin_file import BUILTIN_FILE, IN_MEMORY

if TYPE_CHECKING:
    import pandas as pd

    from lstmcli.jobs.impute.options import ImputeOptions
    from lstmcli.jobs.impute.output import FilledTable
    from lstmcli.jobs.python.given import PandasData
    from lstmcli.series.roles import Roles

    GivenModel = Forecaster | str | os.PathLike[str] | None


@overload
def impute(
    data: "PandasData",
    model: "GivenModel" = None,
    *,
    level: float = 80.0,
    max_gap: int | None = None,
    add_rows: bool = False,
    **settings: Any,
) -> "pd.DataFrame": ...


@overload
def impute(
    data: FrameT,
    model: "GivenModel" = None,
    *,
    level: float = 80.0,
    max_gap: int | None = None,
    add_rows: bool = False,
    **settings: Any,
) -> FrameT: ...


@in_python_words
def impute(
    data: Any,
    model: "GivenModel" = None,
    *,
    level: float = 80.0,
    max_gap: int | None = None,
    add_rows: bool = False,
    **settings: Any,
) -> Any:
    """The table with the gaps between observed values filled, each from both sides, as `lstmcli impute` does.

    data      DataFrame or Series of pandas, DataFrame of Polars, Table of Arrow, a path or a list of paths
    model     that forecasts forward: of `train` or `load`, or its path; None for the built-in network
    level     of the interval of `lower` and `upper`, in percent
    max_gap   steps of the longest gap to fill; None for one season, else 7
    add_rows  whether rows for times that are left out within gaps are added
    settings  of the data, as of `builtin`; with a model those of reading alone

    Gives a frame of the kind that came in, of pandas for paths and with an index as columns: rows in their
    order, targets filled, and the columns `imputed` (1 or 0), `lower` and `upper` in the units of the
    target (NaN or null where nothing was filled). With several targets their names stand before these.

    Raises UsageError for a level that the networks do not give, SettingsError, and DataError as `train`, and
    where the table has one of these columns.
    """
    from lstmcli.jobs.impute.job import fill_table

    check_whole(max_gap=max_gap)
    given = given_data(data)
    options = replace(
        _options(given, model, settings), level=float(level), max_gap=max_gap, add_rows=add_rows
    )
    opened, made, _ = fill_table(options, _Notes())
    return made.frame() if given.frame is None else _answer(given, given.frame, made, opened.roles)


class _Notes(SilentReporter):
    """Notes go to the log `lstmcli`."""

    def say(self, text: str) -> None:
        note(text)


def _options(given: Given, model: "GivenModel", settings: dict[str, Any]) -> "ImputeOptions":
    from lstmcli.jobs.impute.options import ImputeOptions

    for name, why in (("on_gap", "fills gaps by itself"), ("resample", "gives the rows of the table")):
        if name in settings:
            raise UsageError(f"impute: {name}={settings[name]!r}: impute {why}; leave it out")
    data = tuple(given.sources)
    if model is None:
        chosen = builtin(**settings, on_gap="mask").settings
        return ImputeOptions(data, BUILTIN_FILE, form="parquet", settings=chosen)
    loaded = (model if isinstance(model, Forecaster) else load(model)).model
    policies = {**reading_options(settings, impute), "on_gap": "mask"}
    return ImputeOptions(data, Path(IN_MEMORY), form="parquet", policies=policies, loaded=loaded)


def _answer(given: Given, frame: "pd.DataFrame", made: "FilledTable", roles: "Roles") -> Any:
    """The frame with what was filled, in its own kind."""
    from lstmcli.tables.read.native_frames import with_native_columns

    new = _new_columns(frame, made)
    if given.native is not None and len(made.rows.rows) == len(frame):
        places = {name: number for number, name in enumerate(frame.columns) if name in new.columns}
        return with_native_columns(given.native, new, places)
    answer = frame.reset_index(drop=True)
    if len(made.rows.rows) > len(frame):
        answer = _with_added_rows(answer, made, roles)
    else:
        answer.index = frame.index
    for name in map(str, new.columns):
        answer[name] = new[name].array
    return given.answer(answer, {name: name for name in frame.columns if name not in new.columns})


def _new_columns(frame: "pd.DataFrame", made: "FilledTable") -> "pd.DataFrame":
    """The targets with filled cells, and the columns that are added."""
    import pandas as pd

    from lstmcli.jobs.impute.output import new_names

    new: dict[str, Any] = {}
    for column in made.columns:
        if column.imputed.any():
            own = frame[column.name].dtype
            new[column.name] = column.values.astype(own if own == np.float32 else np.float64)
    names = new_names([column.name for column in made.columns])
    for column, (imputed, lower, upper) in zip(made.columns, names.values(), strict=True):
        new |= {imputed: column.imputed.astype(np.int64), lower: column.lower, upper: column.upper}
    return pd.DataFrame(new)


def _with_added_rows(frame: "pd.DataFrame", made: "FilledTable", roles: "Roles") -> "pd.DataFrame":
    """With the rows that the frame leaves out: series, time and what is the same in a series of its types,
    other cells missing."""
    import pandas as pd

    from lstmcli.tables.read.frames import restore_types

    rows = made.rows
    places = {name: rows.names.index(name) for name in (*roles.series, roles.time)}
    cells = [row.cells for row in rows.rows if row.index < 0]
    texts = pd.DataFrame({name: [row[place] for row in cells] for name, place in places.items()})
    called = frame.set_axis(
        [name or old for name, old in zip(rows.names, frame.columns, strict=True)], axis=1
    )
    added = restore_types(texts, called, roles)
    for name in made.same:
        place = rows.names.index(name)
        known = dict(zip((r.cells[place] for r in rows.rows if r.index >= 0), called[name], strict=True))
        added[name] = pd.Series([known[row[place]] for row in cells], dtype=called[name].dtype)
    whole = pd.concat([called, added], ignore_index=True)
    order = np.where(rows.index >= 0, rows.index, len(frame) + np.cumsum(rows.index < 0) - 1)
    return whole.iloc[order].reset_index(drop=True)
