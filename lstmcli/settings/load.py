"""Settings of all sources together: read from YAML, environment, flags, and validated.

Later sources win: defaults < YAML file < `LSTMCLI_*` variables < `--set` and other flags.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lstmcli.errors import SettingsError, did_you_mean
from lstmcli.settings.assignments import ENVIRONMENT, assignment_place, setting_variables
from lstmcli.settings.model import Settings
from lstmcli.settings.text import wanted
from lstmcli.settings.yaml import YamlSettings, read_yaml, scalar

_MOST_SHOWN = 50  # wrong settings
_LONGEST_SHOWN = 200  # characters of a wrong value


def load_settings(path: Path | None, flags: Mapping[str, Any], assignments: tuple[str, ...] = ()) -> Settings:
    """The settings of all sources together.

    path         YAML file or None
    flags        settings that have an option of their own; None where it is not used
    assignments  `key=value` texts of --set

    Raises InputMissing, or SettingsError naming every wrong key at once.
    """
    return validate_settings(*gather_settings(path, flags, assignments))


def gather_settings(
    path: Path | None,
    flags: Mapping[str, Any],
    assignments: tuple[str, ...] = (),
    variables: Mapping[str, str] = os.environ,
) -> tuple[dict[str, Any], dict[str, str], tuple[str, ...]]:
    """What all sources together give, not yet validated: values by key, the place of each, and what is
    wrong with the YAML file."""
    chosen: dict[str, Any] = {}
    places: dict[str, str] = {}

    def take(values: Mapping[str, Any], place: Mapping[str, str]) -> None:
        chosen.update(values)
        places.update(place)

    written = YamlSettings() if path is None else read_yaml(path)
    take(written.values, written.places)
    environment = {
        name.removeprefix(ENVIRONMENT).lower(): (scalar(text, name), name)
        for name, text in setting_variables(variables).items()
    }
    take({k: v for k, (v, _) in environment.items()}, {k: n for k, (_, n) in environment.items()})
    for text in assignments:
        key, equals, value = text.partition("=")
        place = assignment_place(text, _LONGEST_SHOWN)
        if not equals:
            raise SettingsError(f"{place}: write it as key=value")
        take({key.strip(): scalar(value, place)}, {key.strip(): place})
    given = {key: value for key, value in flags.items() if value is not None}
    take(given, {key: f"--{key.replace('_', '-')}" for key in given})
    return chosen, places, written.problems


def validate_settings(
    chosen: Mapping[str, Any], places: Mapping[str, str], problems: tuple[str, ...] = ()
) -> Settings:
    """The settings. Raises SettingsError naming every wrong key at once, each with its place.

    problems: messages on what is wrong already, raised together with the rest.
    """
    lines = list(problems)
    try:
        settings = Settings.model_validate(dict(chosen))
    except ValidationError as error:
        lines += _messages(error, chosen, places)
    if lines:
        more = len(lines) - _MOST_SHOWN
        raise SettingsError("\n".join(lines[:_MOST_SHOWN] + ([f"and {more:,} more"] if more > 0 else [])))
    return settings


def _messages(error: ValidationError, chosen: Mapping[str, Any], places: Mapping[str, str]) -> list[str]:
    lines: dict[str, str] = {}
    for problem in error.errors():
        key = str(problem["loc"][0])
        if problem["type"] == "extra_forbidden":
            # Looking for a name that is near takes time, and lines beyond these are counted only.
            hint = did_you_mean(key, Settings.model_fields) if len(lines) < _MOST_SHOWN else ""
            lines[key] = f"{places[key]}: unknown setting {key!r}.{hint}"
            continue
        own = problem["type"] == "value_error"  # else one of pydantic, of each branch of a union
        message = problem["msg"].removeprefix("Value error, ") if own else f"must be {wanted(key)}"
        lines[key] = f"{_named(places[key], key, message)} (found {_short_repr(chosen[key])})"
    return list(lines.values())


def _named(place: str, key: str, message: str) -> str:
    """What a setting must be, behind the place where it stands."""
    if place.startswith("--") and not place.startswith("--set "):
        return f"{place.split(maxsplit=1)[0]} {message}"
    return f"{place}: {key}{' ' if message.startswith('must ') else ': '}{message}"


def _short_repr(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:  # a whole number of thousands of digits
        return "a number of too many digits"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
