"""A time as somebody types it."""

from datetime import datetime
from typing import Any

import numpy as np

from lstmcli.errors import UsageError


def moment_of(text: str, pattern: str | None, dated: bool, option: str) -> Any:
    """A datetime64 of microseconds, or a whole number where times are not `dated`.

    text: as in the data (pattern, strftime), in ISO, or a whole number; option: its name, for the
    UsageError that is raised for another text.
    """
    try:
        if not dated:
            return int(text)
        if pattern is not None:
            try:
                return np.datetime64(datetime.strptime(text, pattern).replace(tzinfo=None), "us")
            except ValueError:
                pass
        return np.datetime64(datetime.fromisoformat(text).replace(tzinfo=None), "us")
    except ValueError:
        like = "a whole number" if not dated else "a time such as 2024-12-31 18:00"
        raise UsageError(f"{option} {text!r}: is not {like}") from None
