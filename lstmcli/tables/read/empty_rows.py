"""Rows of a frame that hold nothing: blank lines, and lines that are left out as they are no rows."""

from collections.abc import Collection

import numpy as np
import pandas as pd
from pandas.api.types import is_float_dtype, is_string_dtype

from lstmcli.tables.read.text import FILE

_LARGEST = 2**53  # whole numbers up to this one are the same as floats


def without_empty_rows(frame: pd.DataFrame, whole: Collection[str] = ()) -> pd.DataFrame:
    """Looks at columns of numbers first, where empty cells are found fastest.

    whole: columns that were seen to be written as whole numbers; empty rows alone made them floats.
    """
    empty = np.ones(len(frame), bool)
    columns = [column for name, column in frame.items() if name != FILE]
    for column in sorted(columns, key=lambda column: is_string_dtype(column.dtype)):
        empty &= column.isna().to_numpy()
        if not empty.any():
            return frame
    frame = frame[~empty]
    made = {c: frame[c].astype("int64") for c in whole if c in frame.columns and _are_whole(frame[c])}
    return frame.assign(**made) if made else frame


def _are_whole(column: "pd.Series[float]") -> bool:
    if not is_float_dtype(column) or column.isna().any():
        return False
    return bool(((column == column.round()) & (column.abs() < _LARGEST)).all())
