"""Options of reading that are typed as --set where a model has all other settings."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from lstmcli.errors import SettingsError, UsageError, did_you_mean
from lstmcli.settings.reading import ReadOptions


def read_assignments(assignments: Sequence[str], otherwise: str = "") -> dict[str, Any]:
    """The options of `key=value` texts, checked as settings are.

    otherwise: what to type for a setting of training. Raises UsageError for one of these, SettingsError
    for one that there is not.
    """
    if not assignments:
        return {}
    # Pydantic is loaded only where something is typed.
    from lstmcli.settings.load import gather_settings

    chosen, places, _ = gather_settings(None, {}, tuple(assignments), {})
    return read_options(chosen, places, otherwise)


def read_options(chosen: Mapping[str, Any], places: Mapping[str, str], otherwise: str = "") -> dict[str, Any]:
    """The same of values. places: of each, for errors."""
    from lstmcli.settings.load import validate_settings
    from lstmcli.settings.model import Settings

    names = reading_names(Settings.model_fields)
    for key in chosen:
        if key in names:
            continue
        if key in Settings.model_fields:
            said = f"{key} is of training, and the model has it; here settings say how files are read"
            raise UsageError(f"{places[key]}: {said}{otherwise}")
        hint = did_you_mean(key, names)
        raise SettingsError(f"{places[key]}: unknown setting {key!r}.{hint} Here: {', '.join(names)}")
    settings = validate_settings(chosen, places)
    return {key: getattr(settings, key) for key in chosen}


def reading_names(settings: Any) -> tuple[str, ...]:
    """The settings that say how files are read."""
    return tuple(field.name for field in fields(ReadOptions) if field.name in settings)
