"""Columns that the program writes beside values, in a table that is read again."""

import re
from collections.abc import Iterable

NEW_COLUMNS = ("imputed", "lower", "upper")  # of `impute`; of several targets with their names before them
_JUDGED = ("value", "expected", "lower", "upper", "p")  # of `watch`, the first of them from the file
_QUANTILE = re.compile(r"q0\.\d+")


def own_columns(names: Iterable[str]) -> set[str]:
    """Those that `impute`, `predict` and `watch` add to values; forecasts themselves are none."""
    names = set(map(str, names))
    found: set[str] = set()
    for name in names:
        target, marked, _ = name.rpartition(NEW_COLUMNS[0])
        written = {target + column for column in NEW_COLUMNS}
        if marked and name.endswith(marked) and written <= names:
            found |= written
    if "forecast" in names:
        found |= {name for name in names if _QUANTILE.fullmatch(name)}
    return found | ({*_JUDGED[1:]} if names.issuperset(_JUDGED) else set())
