"""`watch` of a DataFrame."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli.jobs.watch.options import WatchOptions
from lstmcli.jobs.watch.watched import watched
from lstmcli.model_file import Model
from lstmcli.model_file.contract import options_with
from lstmcli.tables.read import panel_for_contract, time_pattern
from lstmcli.tables.read.frames import empty_forecast, restore_types, table_from_frame, with_columns
from lstmcli.tables.write.alarms import ALARM_COLUMNS, alarm_table

if TYPE_CHECKING:
    import pandas as pd


def watch_frame(
    model: Model,
    frame: "pd.DataFrame | pd.Series[Any]",
    alarms: str | None,
    since: str | None,
    last: int | None,
    every: bool,
) -> "pd.DataFrame":
    """The rows that `lstmcli watch` writes, with series and times of their types in the frame.

    Arguments and errors as of `Forecaster.watch`.
    """
    options = WatchOptions((), Path(), alarms=alarms, since=since, last=last, every=every)
    options.check()
    roles, given = model.contract.roles, with_columns(frame, model.contract.roles.time)
    reading = options_with(model.contract, {"on_gap": "mask", "on_duplicate": "last"})
    table = table_from_frame(given, reading, keys_known=True)
    panel, _ = panel_for_contract(table, roles, model.contract.step)
    found = watched(model, panel, options, time_pattern(table, roles.time), None, by_clock=False)
    rows = found.rows if every else found.rows.select(found.rows.changes)
    if not len(rows):
        columns = [*panel.key_names, roles.time or "step", *ALARM_COLUMNS]
        return empty_forecast(given, roles, columns)
    return restore_types(alarm_table(rows, found.names), given, roles)
