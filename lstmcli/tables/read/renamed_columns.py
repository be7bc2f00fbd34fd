"""Columns that a model, or a state of watch, knows by another name than a table: how to rename them."""

import os
import re
import shlex
from collections.abc import Sequence
from difflib import get_close_matches

import pandas as pd

from lstmcli.errors import DataError
from lstmcli.errors.foreign import MOST_OF_PATH, quoted, shown
from lstmcli.tables.read.columns import require_columns

_PLAIN = re.compile(r"[\w %()-]+")  # what sed takes as it is
_LONGEST = 2**16  # bytes of a header that is looked at


def require_known_columns(frame: pd.DataFrame, names: Sequence[str], source: str) -> None:
    """As `require_columns`, of the columns by whose names a model reads: how to rename the one that has
    another name now, where one can be told."""
    try:
        require_columns(frame, names, source)
    except DataError as error:
        found = _renamed([str(column) for column in frame.columns], names)
        if found is None:
            raise
        new, old = found
        said = f"{_without_place(error)}; if {quoted(new)} is it now, rename it{_command(source, new, old)}"
        raise DataError(error.kind, said, path=error.path, row=error.row) from None


def _renamed(have: Sequence[str], names: Sequence[str]) -> tuple[str, str] | None:
    """The new and the old name: of the only column that is missing, the only one without a role, else that
    most alike."""
    missing = [name for name in names if name not in have]
    free = [column for column in have if column not in names]
    near = get_close_matches(missing[0], free, n=1) if missing else []
    if len(missing) == len(free) == 1:
        return free[0], missing[0]
    return (near[0], missing[0]) if near else None


def _command(source: str, new: str, old: str) -> str:
    """What renames it in a copy of a plain file, "" where no simple command does."""
    if not (_PLAIN.fullmatch(new) and _PLAIN.fullmatch(old)):
        return ""
    if not os.path.isfile(source):
        return ""
    try:
        with open(source, "rb") as file:
            header = file.readline(_LONGEST).decode("utf-8")
    except (OSError, ValueError):
        return ""
    if len(re.findall(re.escape(new), header)) != 1:
        return ""
    return f": sed {shlex.quote(f'1s/{new}/{old}/')} {shlex.quote(source)} > renamed.csv"


def _without_place(error: DataError) -> str:
    return str(error).removeprefix(f"{shown(error.path, MOST_OF_PATH)}:{error.row}: ")
