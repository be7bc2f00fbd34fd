"""Which model a command uses, and which settings it takes beside it."""

import os
from collections.abc import Callable, Mapping, Sequence
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli.errors import InputMissing, UsageError
from lstmcli.network.builtin_file import BUILTIN_FILE, BUILTIN_NAME, is_builtin
from lstmcli.settings.assignments import setting_variables
from lstmcli.settings.read_assignments import read_assignments

if TYPE_CHECKING:  # pydantic is loaded only for the built-in network
    from lstmcli.settings.model import Settings


def usual_model(
    default: Path,
    data: Sequence[str] | None,
    say: Callable[[str], None],
    what: str = "the built-in network forecasts",
    command: str = "predict",
) -> Path:
    """The usual file or, where there is none and data is given, the built-in network, which is said.

    what: is done without a file, by which command. Raises InputMissing where there is neither file nor data.
    """
    if default.exists():
        return default
    if not data:
        said = f"{default}: no such file or directory; make a model with: lstmcli train DATA -m {default}"
        raise InputMissing(f"{said}; without a model: lstmcli {command} DATA")
    if all(name == "-" or has_magic(name) or os.path.exists(name) for name in data):  # else it is an error
        say(f"note: no {default} here: {what}; -m {BUILTIN_NAME} asks for it")
    return BUILTIN_FILE


def data_settings(
    model: Path,
    config: Path | None,
    flags: Mapping[str, Any],
    assignments: Sequence[str],
    otherwise: str = "",
) -> "tuple[Settings | None, dict[str, Any]]":
    """Settings for the built-in network, None for a model file and where none is chosen; and options of
    reading for a model file.

    flags: settings that have an option of their own, None where it is not used; otherwise: what to type for
    a setting of training. Raises UsageError for a YAML file beside a model file, and for settings that only
    training takes; SettingsError for what is no setting.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    if is_builtin(model):
        if not (config or given or assignments or setting_variables(os.environ)):
            return None, {}
        from lstmcli.settings.untrained import untrained_settings

        return untrained_settings(config, flags, assignments), {}
    if config is not None:
        raise UsageError(f"--config: {model} has its settings; -m {BUILTIN_NAME} takes others")
    return None, read_assignments(assignments, otherwise) | given
