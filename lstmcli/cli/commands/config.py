"""`lstmcli config`: settings as YAML and as a schema, and a check of a YAML file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lstmcli.cli.options import MODEL_PATH, SchemaOutput, SettingsOutput, model_option
from lstmcli.network.builtin_file import is_builtin, named_model

if TYPE_CHECKING:
    from lstmcli.model_file import Model

HELP = "Show settings, and check a settings file."


def defaults(output: SettingsOutput = "-") -> None:
    """Print every setting with its meaning, type and default.

    The output is a YAML file that sets the defaults.
    """
    from lstmcli.files.output import write_out
    from lstmcli.settings.text import default_settings as values
    from lstmcli.settings.text import settings_as

    form = _form(output)
    head = [
        "All settings of lstmcli at their defaults, for: lstmcli train DATA -c THIS_FILE",
        "Lengths are in observations. auto: decided from the training data.",
    ]
    write_out(settings_as(form, values(), head), output)


def show(
    named: Annotated[
        Path | None, typer.Argument(metavar="MODEL", parser=named_model, help="Model file.")
    ] = None,
    model: Annotated[Path, model_option("The same as MODEL")] = MODEL_PATH,
    output: SettingsOutput = "-",
) -> None:
    """Print the settings of a model.

    Those it was trained with. Lengths, steps and scaling that were "auto" show what was decided;
    columns stay "auto", with a comment on what was found. Training with them on the same data gives
    the same model file, byte by byte. Of the network that comes with lstmcli (builtin) it prints the
    settings that it takes, at their defaults.
    """
    from lstmcli.files.output import write_out
    from lstmcli.model_file import read_model
    from lstmcli.settings.stored import stored_settings
    from lstmcli.settings.text import settings_as

    path, form = named or model, _form(output)
    if is_builtin(path):
        write_out(_of_builtin(form), output)
        return
    loaded = read_model(path)
    data = " ".join(loaded.contract.data) or "standard input or a DataFrame"
    head = [
        f"Settings of {path.name}, trained by lstmcli {loaded.versions.get('lstmcli', '')} on {data}.",
        "With this file the same data gives the same model: lstmcli train DATA -c THIS_FILE",
    ]
    values = stored_settings(loaded.settings, str(path))
    write_out(settings_as(form, values, head, _found(loaded)), output)


def schema(output: SchemaOutput = "-") -> None:
    """Print a JSON schema of the settings.

    Editors complete and check settings files with it. With yaml-language-server: write it to a
    file, and name that in the first line of a settings file:
    # yaml-language-server: $schema=lstmcli.schema.json
    """
    import json

    from lstmcli.files.checked import Output, check_outputs
    from lstmcli.files.endings import SCHEMA_ENDINGS, form_to_write
    from lstmcli.files.output import write_out
    from lstmcli.settings.schema import settings_schema as made

    form = form_to_write(output, SCHEMA_ENDINGS, "json")
    check_outputs([Output("-o", output, form)])
    write_out(json.dumps(made(), indent=1) + "\n", output)


def check(
    file: Annotated[Path, typer.Argument(help="YAML file with settings.")],
) -> None:
    """Check a settings file.

    Lists all that is wrong, each with its line, and then ends with 78.
    """
    from lstmcli.console.screen import Screen
    from lstmcli.settings.load import gather_settings, validate_settings

    settings = validate_settings(*gather_settings(file, {}, variables={}))
    count = len(settings.model_fields_set)
    Screen().say(f"{file}: {count} setting{'' if count == 1 else 's'}, fine")


def _of_builtin(form: str) -> str:
    from lstmcli.settings.text import default_settings, settings_as
    from lstmcli.settings.untrained import untrained_names

    head = [
        "Settings that the built-in network takes, at their defaults, for:",
        "lstmcli predict DATA -m builtin -c THIS_FILE",
        "Lengths are in observations. auto: found in the data.",
    ]
    names = untrained_names()
    return settings_as(form, {n: v for n, v in default_settings().items() if n in names}, head)


def _form(output: str) -> str:
    from lstmcli.files.checked import Output, check_outputs
    from lstmcli.files.endings import SETTINGS_ENDINGS, form_to_write

    form = form_to_write(output, SETTINGS_ENDINGS, "yaml")
    check_outputs([Output("-o", output, form)])
    return form


def _found(model: "Model") -> dict[str, str]:
    """What was found for settings that stay "auto", as they are found anew in each file."""
    from lstmcli.settings.text import yaml_value

    roles = model.contract.roles
    found = {"time": roles.time or "none", "series": roles.series, "target": roles.targets}
    return {
        name: f"found: {yaml_value(v)}" for name, v in found.items() if model.settings.get(name) == "auto"
    }


CONFIG_COMMANDS: dict[str, Callable[..., None]] = {
    "defaults": defaults,
    "show": show,
    "schema": schema,
    "check": check,
}
