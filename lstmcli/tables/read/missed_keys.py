"""What to type where times repeat because a column that tells series apart was not taken for one."""

import numpy as np
import pandas as pd
from pandas.api import types

from lstmcli.series.roles import Roles
from lstmcli.settings.assignments import set_text_option
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.time_survey import fill_down

Mend = tuple[str, dict[str, str]]  # what to type in a message, and the settings that this means
_MOST, _COME_BACK = 50, 4  # different numbers that may be names; rows of each at least, on average


def missed_key(table: Table, roles: Roles) -> Mend | None:
    """A word on a key that is written once for the rows below it, or on one of a few decimal numbers; None
    where there is none, or the rows are not in memory."""
    frame = table.frame
    if roles.series or not roles.time or roles.time not in frame.columns or not len(frame):
        return None
    for column in roles.tried:
        if column in frame.columns and _written_once(frame, roles.time, column):
            command = fill_down(table, column, 1, "") or "fill its cells down in the workbook"
            return f"{column} stands once for the rows below it: {command}", {}
    for column in roles.targets:
        if len(roles.targets) > 1 and _few_numbers(frame, roles.time, column):
            said = f"with {column} times are unique: {set_text_option('series', column)}"
            return said, {"series": column}
    return None


def _written_once(frame: pd.DataFrame, time: str, column: str) -> bool:
    cells = frame[column]
    if cells.isna().iloc[0] or not cells.isna().any():
        return False
    filled = cells.astype(object).ffill()
    return not pd.DataFrame({"key": filled, "time": frame[time]}).duplicated().any()


def _few_numbers(frame: pd.DataFrame, time: str, column: str) -> bool:
    if not types.is_float_dtype(frame[column]):
        return False
    cells = frame[column].to_numpy(np.float64)
    different = len(np.unique(cells[:1000]))
    if different > _MOST or np.isnan(cells).any() or len(np.unique(cells)) * _COME_BACK > len(cells):
        return False
    return not frame[[column, time]].duplicated().any()
