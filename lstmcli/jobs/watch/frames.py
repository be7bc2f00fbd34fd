"""`watch` of data in memory."""

from pathlib import Path

from lstmcli.evaluation.alarms.told import ToldRows
from lstmcli.jobs.watch.options import WatchOptions
from lstmcli.jobs.watch.watched import watched
from lstmcli.model_file import Model
from lstmcli.tables.read.for_contract import ModelData
from lstmcli.tables.write.alarms import AlarmNames


def watch_rows(
    model: Model, read: ModelData, alarms: str | None, since: str | None, last: int | None, every: bool
) -> tuple[ToldRows, AlarmNames]:
    """The rows that `lstmcli watch` writes, and what their columns are called.

    Arguments and errors as of `Forecaster.watch`.
    """
    options = WatchOptions((), Path(), alarms=alarms, since=since, last=last, every=every)
    options.check()
    found = watched(model, read, options, None, by_clock=False)
    return found.rows if every else found.rows.select(found.rows.changes), found.names
