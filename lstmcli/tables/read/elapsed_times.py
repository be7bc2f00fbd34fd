"""Numbers that rise evenly from row to row, as times since a start do: no dates, and no values."""

from typing import TYPE_CHECKING

import numpy as np
from pandas.api import types

from lstmcli.errors import DataError
from lstmcli.tables.read.column_names import is_key_name
from lstmcli.tables.read.likely_steps import likely_step, step_of_unit
from lstmcli.tables.read.time_names import NO_TIME_NAME, rank_of_name

if TYPE_CHECKING:
    import pandas as pd

_FEWEST = 3


def evenly_risen(frame: "pd.DataFrame") -> list[str]:
    """Columns of numbers that rise evenly, called like times or the first, where others are numbers."""
    columns = [str(c) for c in frame.columns]
    numbers = [c for c in columns if types.is_numeric_dtype(frame[c]) and not types.is_bool_dtype(frame[c])]
    named = [c for c in numbers if rank_of_name(c) < NO_TIME_NAME]
    first = [c for c in numbers if c == columns[0] and c not in named and not is_key_name(c)]
    return [c for c in (*named, *first) if len(numbers) > 1 and _rises_evenly(frame[c], c in named)]


def _rises_evenly(cells: "pd.Series[float]", named: bool) -> bool:
    """Whether numbers all rise by the same from row to row, and not as row numbers do: by one, from 0 or 1
    where they are named as times."""
    if len(cells) < _FEWEST:
        return False
    numbers = cells.to_numpy(np.float64)
    if not np.abs(numbers).max() < np.finfo(np.float64).max / 2:  # nor where one is missing
        return False
    apart = np.diff(numbers)
    if not (apart[0] > 0 and np.allclose(apart, apart[0], rtol=1e-3, atol=1e-9 * np.abs(numbers).max())):
        return False
    return bool(apart[0] != 1 or (named and numbers[0] not in (0, 1)))


def elapsed_error(cells: "pd.Series[float]", path: str, row: int) -> DataError:
    """What to say of numbers that rise evenly where no column holds times. path, row: of the first cell."""
    first, apart = float(cells.iloc[0]), round(float(cells.iloc[1] - cells.iloc[0]), 9)
    column = str(cells.name)
    step = step_of_unit(column, apart) or _step_of_years(cells) or "1"
    said = f"{column} rises by {apart:.15g} from row to row, as times since a start do, and {first:.15g} is "
    said += f"no date; to count rows: --set time=none --step {step}"
    error = DataError("not-a-time", said, path=path, row=row, column=column)
    return error.mended_by({"time": "none", "step": step})


def _step_of_years(cells: "pd.Series[float]") -> str:
    whole = [f"{number:.0f}" for number in cells.iloc[:_FEWEST].tolist() if float(number).is_integer()]
    return likely_step(whole) if len(whole) == _FEWEST else ""
