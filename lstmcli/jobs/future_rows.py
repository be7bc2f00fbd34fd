"""The rows of covariates known ahead that a forecast needs, to fill in."""

from typing import TYPE_CHECKING

from lstmcli.forecasting.closed import steps_of_rows, steps_within
from lstmcli.model_file import Model
from lstmcli.series.horizon_rows import missing_future
from lstmcli.tables.read import static_texts
from lstmcli.tables.read.for_contract import ModelData
from lstmcli.tables.write.tables import FutureColumns, future_table

if TYPE_CHECKING:
    import pandas as pd


def future_rows(model: Model, given: ModelData, rows: int, typed: bool) -> "pd.DataFrame":
    """None of closed times. rows: that are forecast; typed: times as such, not written."""
    assert given.table is not None  # a model with covariates is never read as plain
    roles = model.contract.roles
    columns = FutureColumns(roles.time, roles.series, static_texts(given.table, roles), roles.future)
    missing = missing_future(given.panel, steps_within(given.panel, rows), steps_of_rows(given.panel, rows))
    return future_table(given.panel, missing, columns, given.pattern, typed)
