"""What to say where columns do not suit their roles: rows that are counted, nothing to forecast."""

from collections.abc import Sequence

import pandas as pd

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.settings.assignments import set_text_option
from lstmcli.tables.read.no_numbers import mend_of_kind, rank_of_meant, why_no_number
from lstmcli.tables.read.text import FILE
from lstmcli.tables.read.time_columns import RowPlace


def counted_rows_error(
    frame: pd.DataFrame, time: str, parts: Sequence[str], source: str, place: RowPlace | None
) -> DataError:
    """Where rows of a day are numbered and were not taken for its hours or periods.

    parts: columns of the time, and that of the numbers last; place: `Table.place`.
    """
    path, row = place(int(frame.index[1])) if place else (source, 3)
    column, together = parts[-1], ",".join(parts)
    said = (
        f"time {frame[time].iloc[1]} appears twice; {column} numbers the rows of each day, as hours do: "
        f"{set_text_option('time', together)} takes both as the time; if it tells series apart: "
        f"{set_text_option('series', column)}"
    )
    error = DataError("duplicate-time", said, path=path, row=row, column=column)
    return error.mended_by({"time": together}, {"series": column})


def no_target_error(
    frame: pd.DataFrame, rest: Sequence[str], source: str, place: RowPlace | None
) -> DataError:
    """Where no column holds numbers: names the first cell that might have been a value.

    rest: the columns that might be forecast.
    """
    said = "no column of numbers to forecast; name it with --set target=COLUMN"
    cells = {name: frame[name].dropna() for name in rest}
    for column in sorted(rest, key=lambda name: rank_of_meant(name, cells[name])):
        filled = cells[column]
        if len(filled) and column != FILE:
            odd = filled[pd.to_numeric(filled, errors="coerce").isna()]
            shown = odd if len(odd) else filled
            path, row = place(int(shown.index[0])) if place else (source, None)
            text = str(shown.iloc[0])
            why = f"{quoted(text)} {why_no_number(text)}: {said}{mend_of_kind(text)}"
            return DataError("no-target", why, path=path, row=row, column=str(column))
    return DataError("no-target", said, path=source)
