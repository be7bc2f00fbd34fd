"""Columns without a name: what is said of them, and which of them holds the times."""

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from pandas.api import types

from lstmcli.tables.read.time_columns import looks_like_dates

if TYPE_CHECKING:
    import pandas as pd

UNNAMED_TIME = "time"  # what a column of times without a name is called
UNNAMED_TIME_NOTE = f"the column without a name is taken as {UNNAMED_TIME!r}: it holds times"
_FEW = 3  # columns whose places are told
_LETTERS = 26


def is_nameless(column: str) -> bool:
    """Whether it is what pandas calls a column without a name."""
    return not column or re.fullmatch(r"Unnamed: \d+", column) is not None


def nameless_note(columns: Sequence[str], in_sheet: bool = False) -> str:
    """columns: as pandas calls them, by their places from 0; in_sheet: shows letters."""
    if len(columns) > _FEW or not all(re.fullmatch(r"Unnamed: \d+", c) for c in columns):
        return f"not used: {len(columns)} column{'s' if len(columns) > 1 else ''} without a name"
    places = [int(c.rpartition(" ")[2]) + 1 for c in columns]
    shown = [chr(64 + place) if in_sheet and place <= _LETTERS else str(place) for place in places]
    said = f"column{'s' * (len(shown) > 1)} {', '.join(shown)}"
    return f"not used: {said}, which ha{'ve no names' if len(shown) > 1 else 's no name'}"


def unnamed_time_column(
    rows: "pd.DataFrame", nameless: Sequence[str], numbers: Collection[str] = ()
) -> str | None:
    """Of columns without a name the one that holds times, where no column with a name does; None for none.
    numbers: columns that are known to hold these alone.

    An index that pandas or R wrote has no name.
    """
    may_be = [c for c in rows.columns if c not in numbers and _may_be_time(rows[c])]
    if UNNAMED_TIME in rows.columns or not {*may_be} <= {*nameless}:
        return None
    return next(iter(may_be), None)


def _may_be_time(column: "pd.Series[Any]") -> bool:
    return not types.is_numeric_dtype(column) and looks_like_dates(column)
