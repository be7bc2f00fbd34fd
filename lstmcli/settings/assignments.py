"""Settings as --set takes them, and as variables of the environment."""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from lstmcli.errors.foreign import printable_line

ENVIRONMENT = "LSTMCLI_"  # begins the names of variables that are settings
MODEL_VARIABLE = "LSTMCLI_MODEL"  # which is none
_RESERVED = {"auto", "null", "true", "false"}
_PLAIN = re.compile(r"[^\W\d][\w./-]*( [\w.]+)*|[0-9]+[a-z]+=[a-z]+|[|;#.]")


class FlagText(str):
    """`key=value` of a setting that was typed as an option of its own: `--key value`."""


def assignment_place(text: str, longest: int) -> str:
    """What was typed, for a message: `--set key=value` or `--key value`; one line, no longer than
    `longest`."""
    key, _, value = text.partition("=")
    typed = f"--{key.replace('_', '-')} {value}" if isinstance(text, FlagText) else f"--set {text}"
    return printable_line(typed if len(typed) <= longest else f"{typed[:longest]}...")


def setting_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of an environment that are settings, by name, in order."""
    return {
        name: text
        for name, text in sorted(variables.items())
        if name.startswith(ENVIRONMENT) and name != MODEL_VARIABLE
    }


def written_value(value: Any) -> str:
    """As --set reads it back."""
    many = value if isinstance(value, list) else [value]
    plain = all(isinstance(v, str) and _PLAIN.fullmatch(v) for v in many)
    if plain and not _RESERVED & {v.lower() for v in many}:
        return ",".join(many)
    return json.dumps(value, ensure_ascii=False)


def set_option(name: str, columns: Sequence[str]) -> str:
    """`--set past=promo`, as it is typed in a shell."""
    return f"--set {shlex.quote(f'{name}={written_value(list(columns))}')}"


def set_text_option(name: str, text: str) -> str:
    """The same of a setting that is one text, such as `time`."""
    return f"--set {shlex.quote(f'{name}={text}')}"


def typed_setting(name: str, value: Any) -> list[str]:
    """A setting as it is typed: with its own option where that is shorter."""
    if name == "header" and value is False:
        return ["--no-header"]
    return ["--step", str(value)] if name == "step" else ["--set", f"{name}={written_value(value)}"]
