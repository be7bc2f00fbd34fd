"""How a table is read, as keywords of the methods that read one."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from lstmcli.errors import UsageError, did_you_mean
from lstmcli.settings.model import Settings
from lstmcli.settings.read_assignments import read_options, reading_names
from lstmcli.settings.untrained import untrained_names


class ReadingKeywords(TypedDict, total=False):
    """Settings of reading that differ from those of the forecaster; see `lstmcli config defaults`."""

    comment: str
    day_first: bool | Literal["auto"]
    decimal: Literal["auto", ".", ","]
    encoding: str
    header: bool
    holidays: str
    missing: Sequence[str | float] | str | float
    on_duplicate: Literal["error", "first", "last", "mean"]
    on_flag: Literal["read", "missing", "error"]
    on_gap: Literal["error", "mask", "fill"]
    open: Literal["auto", "always"]
    resample: str
    separator: str
    sheet: str
    skip_rows: int | Literal["auto"]
    step: str
    thousands: Literal["auto", "none", ".", ",", "'", "space"]
    time: str
    timezone: str
    totals: Literal["keep", "drop"]


def reading_options(chosen: Mapping[str, Any], method: Callable[..., Any]) -> dict[str, Any]:
    """The options, checked. method: that they were given to.

    Raises UsageError for what is none of its keywords, SettingsError for a wrong value.
    """
    known = reading_names(Settings.model_fields)
    for name in chosen:
        if name not in known:
            others = [name for name in inspect.signature(method).parameters if name != "reading"]
            hint = _made_with(name) or did_you_mean(name, [*others, *known])
            raise UsageError(f"{method.__name__}: there is no keyword {name!r}.{hint}")
    return read_options(chosen, dict.fromkeys(chosen, method.__name__))


def _made_with(name: str) -> str:
    """Where a setting is given that is none of a method."""
    if name not in Settings.model_fields:
        return ""
    other = " and lstmcli.builtin" if name in untrained_names() else ""
    return f" It is one of lstmcli.train{other}."
