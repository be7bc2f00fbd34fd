"""Durations on the command line: 90, 30s, 10m, 1.5h, 1d."""

import re

from lstmcli.errors import UsageError

_SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def seconds_of(text: str, option: str) -> float:
    """Seconds. option: its name, for the UsageError that is raised for what is no duration above zero."""
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([a-z]*)\s*", text)
    seconds = float(match[1]) * _SECONDS.get(match[2], 0) if match else 0.0
    if seconds <= 0:
        raise UsageError(f"{option} {text}: write a duration as 90, 30s, 10m, 2h or 1d")
    return seconds


def format_seconds(seconds: float) -> str:
    """A duration with its unit: 45 s, 10 min, 2.5 h."""
    if seconds < 100:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 6000 else f"{seconds / 3600:.3g} h"


def format_estimate(seconds: float) -> str:
    """An estimate without decimals: 45 s, 10 min."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
