"""The time column of a table: how its stamps are written, and what they are."""

from typing import Any

import numpy as np
import pandas as pd

from lstmcli.series.calendar import DAY, Step, Times
from lstmcli.series.steps import is_days
from lstmcli.tables.read.patterns import drop_zone
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.table_cells import NumberedCells
from lstmcli.tables.read.time_forms import TimeForm, form_in_zone
from lstmcli.tables.read.time_survey import TimeSurvey
from lstmcli.tables.read.tokens import letters_of

_SAMPLE = 1000


def time_pattern(table: Table, column: str) -> str | None:
    """How time stamps are written, for `output.tables.written_times`; None for plain steps.

    column: "" where there is none. Raises DataError where day and month cannot be told apart.
    """
    if not column:
        return None
    if column not in table.patterns:
        table.patterns[column] = output_pattern(table, parse_time_stamps(table, column)[1])
    return table.patterns[column]


def grain_of(pattern: str | None, step: Step) -> Step | None:
    """The step for `format_time`, where times are written as months, quarters or years; else None."""
    return None if pattern is None or letters_of(pattern) & {"d", "e", "j", "V"} else step


def output_pattern(table: Table, form: TimeForm) -> str | None:
    """The pattern in which times are written."""
    if table.options.resample and (form.pattern or "").startswith("%G"):
        return "%Y-%m-%d"  # a month need not start with a week
    return form.pattern


def parse_time_stamps(table: Table, column: str) -> tuple[Times, TimeForm]:
    """The time of each row, and its form; each distinct stamp is read once.

    Times are UTC where offsets or an epoch tell it, else local; whole numbers for plain steps. Raises
    DataError at a cell that is no time stamp.
    """
    raw = table.frame[column]
    numbered = table.codes(column) if table.is_numbered(column) or _repetitive(raw) else None
    empty = raw.isna().to_numpy() if numbered is None else numbered.numbers < 0
    survey = TimeSurvey(table, column)
    if empty.any():
        survey.missing = int(raw.index[empty][0])
        survey.form()  # raises
    if pd.api.types.is_datetime64_any_dtype(raw):
        return _of_dates(table, raw)
    cells = time_cells(raw if numbered is None else _first_cells(raw, numbered))
    survey.add(cells)
    form = survey.form()
    times = survey.last_times(form)
    return times if numbered is None else times[numbered.numbers], form


def _first_cells(raw: "pd.Series[Any]", numbered: NumberedCells) -> "pd.Series[Any]":
    """The different cells of a column, in the rows in which they come first."""
    dtype = None if isinstance(raw.dtype, pd.CategoricalDtype) else raw.dtype
    return pd.Series(numbered.values, raw.index[numbered.firsts], dtype)


def time_cells(raw: "pd.Series[Any]") -> "pd.Series[Any]":
    """Cells of a time column as numbers, or else as they are written."""
    keeps = pd.api.types.is_numeric_dtype(raw) or isinstance(raw.dtype, pd.StringDtype)
    return raw if keeps and not pd.api.types.is_bool_dtype(raw) else raw.astype(object)


def _of_dates(table: Table, raw: "pd.Series[pd.Timestamp]") -> tuple[Times, TimeForm]:
    """Dates of a typed file, which have no spelling of their own: written in ISO form."""
    aware = raw.dt.tz is not None
    times = drop_zone(raw.dt.tz_convert("UTC") if aware else raw)
    if aware:
        return times, TimeForm(None, pattern="%Y-%m-%d %H:%M:%SZ")
    moments = times.astype(np.int64) % DAY
    one_time = bool((moments == moments[0]).all())
    if table.step is not None and not table.options.resample:
        one_time = is_days(table.step)
    pattern = "%Y-%m-%d %H:%M:%S" if moments.any() else "%Y-%m-%d"
    return times, form_in_zone(table, pattern, one_time)


def _repetitive(raw: "pd.Series[str]") -> bool:
    """Whether many rows share a stamp, by a sample."""
    if isinstance(raw.dtype, pd.CategoricalDtype):
        return True
    sample = raw.iloc[:: max(1, len(raw) // _SAMPLE)]
    return bool(sample.nunique() < 0.9 * len(sample))
