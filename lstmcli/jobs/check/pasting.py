"""Settings that were found and decided, ready to be pasted: a command line, a YAML file."""

import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from lstmcli.network.builtin_file import BUILTIN_NAME
from lstmcli.series.roles import Roles
from lstmcli.settings.assignments import typed_setting, written_value

_DATA = ("time", "series", "target", "past", "future", "static", "categorical")
_DECIDED = ("horizon", "context", "segment", "season", "calendar", "transform", "baseline", "hidden", "steps")


def decided_settings(
    values: Mapping[str, Any], roles: Roles, given: Collection[str], parts: Sequence[str] = ()
) -> dict[str, Any]:
    """Settings as found, decided and given.

    values: of all settings, with nothing left to decide; given: names of settings that the user gave;
    parts: the columns that are the time together, none where it is one.
    """
    columns: dict[str, Any] = {
        "time": ",".join(parts) or roles.time or "none",
        "series": list(roles.series),
        "target": list(roles.targets),
        "past": list(roles.past),
        "future": list(roles.future),
        "static": list(roles.static),
        "categorical": list(roles.categorical),
    }
    kept = [name for name in values if (name in _DECIDED or name in given) and name not in columns]
    return columns | {name: values[name] for name in kept}


def explicit_command(
    sources: Sequence[str], chosen: dict[str, Any], given: Collection[str], untrained: bool = False
) -> str:
    """A command line that says what was found, apart from what training decides alike.

    untrained: of predict with the built-in network, not of train.
    """
    model = ["-m", BUILTIN_NAME] if untrained else []
    command = "predict" if untrained else "train"
    words = ["lstmcli", command, *sources, *model, "--horizon", str(chosen["horizon"])]
    for name, value in chosen.items():
        wanted = name in (*_DATA, "season") or name in given
        if name != "horizon" and wanted and value != []:
            words += typed_setting(name, value)
    return shlex.join(words)


def predict_command(
    sources: Sequence[str], model: Path, horizon: int | None, typed: Mapping[str, Any]
) -> str:
    """A command line of predict with options of reading."""
    ahead = [] if horizon is None else ["--horizon", str(horizon)]
    given = [part for name, value in typed.items() for part in ("--set", f"{name}={written_value(value)}")]
    return shlex.join(["lstmcli", "predict", *sources, "-m", str(model), *ahead, *given])


def yaml_of(source: str, chosen: dict[str, Any], command: str = "train") -> str:
    """The settings as a file for -c of a command. Every JSON value is a YAML value."""
    model = "" if command == "train" else f" -m {BUILTIN_NAME}"
    lines = [f"# For: lstmcli {command} {shlex.quote(source)}{model} -c THIS_FILE"]
    for name, value in chosen.items():
        lines.append(f"{name}: {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"
