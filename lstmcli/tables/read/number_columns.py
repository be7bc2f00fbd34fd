"""Whether a column holds numbers or texts, by its first cells."""

import re

import pandas as pd
from pandas.api import types

from lstmcli.tables.read.column_names import are_names, is_key_name

_LOOKED_AT = 1000  # cells


def mostly_numbers(column: "pd.Series[str]") -> bool:
    """Whether all or most values are numbers; the others are errors when they are read.

    A leading zero, as in 007, is that of a name.
    """
    if types.is_numeric_dtype(column):
        return not types.is_bool_dtype(column)
    probe = _filled(column).iloc[:_LOOKED_AT]
    cells = probe.tolist()
    if not cells or any(re.fullmatch(r"0\d+", str(cell)) for cell in dict.fromkeys(cells)):
        return False
    numbers = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce")
    if (
        is_key_name(str(column.name))
        and numbers.notna().all()
        and are_names([*map(str, column.dropna().unique())])
    ):
        return False
    return bool(numbers.notna().mean() > 0.5)


def mostly_texts(column: "pd.Series[str]") -> bool:
    """Whether fewer than half of the values are numbers."""
    if types.is_numeric_dtype(column):
        return False
    probe = column.dropna().iloc[:_LOOKED_AT]
    return len(probe) > 0 and bool(pd.to_numeric(probe, errors="coerce").notna().mean() < 0.5)


def _filled(column: "pd.Series[str]") -> "pd.Series[str]":
    """Some cells that are not empty: those of the first rows will do, if there are any."""
    some = column.iloc[:_LOOKED_AT].dropna()
    return column.dropna() if some.empty else some
