"""A time as somebody types it."""

from datetime import datetime
from typing import Any

import numpy as np

from lstmcli.errors import UsageError


def moment_of(text: str, pattern: str | None, dated: bool, option: str) -> Any:
    """`read_moment` of an option. option: its name, for the UsageError that is raised for a text that is no
    time."""
    try:
        return read_moment(text, pattern, dated)
    except ValueError as error:
        raise UsageError(f"{option} {text!r}: {error}") from None


def read_moment(text: str, pattern: str | None, dated: bool) -> Any:
    """A datetime64 of microseconds, or a whole number where times are not `dated`.

    text: as in the data (pattern, strftime), in ISO, or a whole number. Raises ValueError for another one,
    with what it is not.
    """
    try:
        if not dated:
            return int(text)
        if pattern is not None:
            try:
                return np.datetime64(datetime.strptime(text, pattern).replace(tzinfo=None), "us")
            except ValueError:
                pass
        found = datetime.fromisoformat(text)
    except ValueError:
        like = "a whole number" if not dated else "a time such as 2024-12-31 18:00"
        raise ValueError(f"is not {like}") from None
    if found.tzinfo is not None:
        raise ValueError("has an offset from UTC, which the times of the data do not tell")
    return np.datetime64(found, "us")
