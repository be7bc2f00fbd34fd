"""The settings that a forecast without training has."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lstmcli.errors import UsageError
from lstmcli.settings.load import gather_settings, validate_settings
from lstmcli.settings.model import Settings
from lstmcli.settings.read_assignments import reading_names

_DATA = ("time", "series", "target", "past", "future", "static", "categorical", "holidays")
_FORECAST = ("season", "horizon", "mix")


def untrained_names() -> tuple[str, ...]:
    """Those of the data, and season, horizon and mix."""
    return tuple(dict.fromkeys([*_DATA, *reading_names(Settings.model_fields), *_FORECAST]))


def untrained_settings(
    config: Path | None, flags: Mapping[str, Any], assignments: Sequence[str] = ()
) -> Settings:
    """The settings of all sources; those that only a training uses count where typed alone, as an error.

    Arguments as of `load_settings`. Raises UsageError for such a setting, and what `load_settings` raises.
    """
    chosen, places, problems = gather_settings(config, flags, tuple(assignments))
    of_training = set(Settings.model_fields) - set(untrained_names())
    for name in of_training & chosen.keys():
        if places[name].startswith("--"):
            said = "is of training, which the built-in network has behind it; lstmcli train takes it"
            raise UsageError(f"{places[name]}: {name} {said}")
    settings = validate_settings(chosen, places, problems)
    return Settings.model_validate({n: getattr(settings, n) for n in chosen if n not in of_training})
