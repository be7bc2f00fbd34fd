"""Which options of `inspect-gates` go together. What is not used is refused before anything is read."""

from collections.abc import Mapping

from lstmcli.errors import UsageError

_DIALECT = ("write_separator", "write_decimal")
# Options without use where another way of the command is chosen.
NOT_WITH: dict[str, tuple[str, ...]] = {
    "cells": (
        "model", "compare", "at", "series", "trace", *_DIALECT, "fail_on", "baseline", "windows", "member",
    ),
    "compare": (
        "at", "series", "out", "trace", *_DIALECT, "plot", "html", "fail_on", "baseline", "horizon", "config",
        "target", "season",
    ),
}  # fmt: skip
NEED_CELLS = ("seeds", "delays", "context")
NEED_SETTINGS = ("horizon", "config", "target", "season")  # used by --cells and the built-in network


def check_options_together(options: Mapping[str, object]) -> None:
    """options: by name, as the parameters of the command; None, False and [] are not given.

    Raises UsageError for one that would not be used.
    """
    given = [name for name, value in options.items() if value is not None and value not in (False, [])]
    for way, without in NOT_WITH.items():
        for name in given:
            if way in given and name in without:
                raise UsageError(f"{option_name(name)} cannot be combined with {option_name(way)}.")
    for name in NEED_CELLS:
        if name in given and "cells" not in given:
            raise UsageError(f"{option_name(name)} needs --cells.")


def check_settings_used(options: Mapping[str, object]) -> None:
    """Raises UsageError for an option that only --cells and the built-in network use."""
    for name in NEED_SETTINGS:
        if options[name] is not None:
            raise UsageError(f"{option_name(name)} needs --cells or -m builtin.")


def option_name(parameter: str) -> str:
    return f"--{parameter.replace('_', '-')}"
