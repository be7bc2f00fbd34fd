"""What a message says to type, as settings: `check` tries it."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

from lstmcli.errors import DataError, SettingsError
from lstmcli.settings.load import gather_settings

_OPTION = re.compile(r"--(?P<name>set|step|sheet) (?P<value>'[^']*'|[^\s;)]*(?:=,|[^\s;),:]))|--no-header")
_PLACEHOLDER = re.compile(r"\b(COLUMN|NAME|NAMES|FILE)\b|\.\.\.")
# Their mends are chosen with care: a message may name what throws rows away.
_CHOSEN = frozenset(("duplicate-time", "gap", "irregular", "mixed-rows", "mixed-step", "other-step"))


def mends_of(error: DataError) -> tuple[dict[str, Any], ...]:
    """Settings under which data may be read, most fitting first: those of an error, else those that its
    message names."""
    if error.mends or error.kind in _CHOSEN:
        return error.mends
    return tuple(_told(str(error)))


def _told(message: str) -> Iterator[dict[str, Any]]:
    """Options that stand side by side belong together; "(or false)" is a second way."""
    run: list[str] = []
    end = -1
    for found in [*_OPTION.finditer(message), None]:
        if run and (found is None or message[end : found.start()].strip()):
            yield from _settings(run)
            if message.startswith(" (or false)", end):
                yield from _settings([*run[:-1], f"{run[-1].partition('=')[0]}=false"])
            run = []
        if found is not None:
            run.append(_assignment(found))
            end = found.end()


def _assignment(found: re.Match[str]) -> str:
    if found["name"] is None:
        return "header=false"
    value = shlex.split(found["value"])[0]
    value = value if value.endswith("=.") else value.rstrip(".")
    return value if found["name"] == "set" else f"{found['name']}={value}"


def _settings(assignments: list[str]) -> Iterator[dict[str, Any]]:
    if any(map(_PLACEHOLDER.search, assignments)):
        return
    try:
        yield gather_settings(None, {}, tuple(assignments), {})[0]
    except SettingsError:
        return
