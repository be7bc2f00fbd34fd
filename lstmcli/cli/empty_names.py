"""An option or argument that is given an empty text, as a variable of a shell that is not set leaves it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# What is named, by how the help shows the value. Other values have messages of their own.
_NAMED = {
    **dict.fromkeys(("FILE", "PATH", "MODEL", "OUTPUT", "LABELS", "[MODEL]"), "name a file"),
    **dict.fromkeys(("DATA...", "[DATA...]"), "name a file, or - for standard input"),
    "DIR": "name a folder",
    **dict.fromkeys(("COLUMN", "COLUMNS"), "name a column"),
    "ADDRESS": "name an address",
    **dict.fromkeys(("N", "STEP", "STEP=HOW", "TEXT", "STEPS", "NAMES"), "it needs a value"),
}


def empty_name(parameters: Iterable[Any], words: Sequence[str], given: Mapping[str, Any]) -> str:
    """What is wrong where a name is empty, else "".

    words: those typed behind the command; given: the texts of each parameter by its name.
    """
    for parameter in parameters:
        texts = given.get(parameter.name)
        wanted = _NAMED.get(parameter.metavar or "")
        if wanted and "" in (texts if isinstance(texts, list | tuple) else [texts]):
            return f"{_flag(parameter, words)} '': {wanted}{_or_stdout(parameter)}"
    return ""


def _flag(parameter: Any, words: Sequence[str]) -> str:
    """The option as it was typed, or the name of an argument."""
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    for name in parameter.opts:
        if any(word == name or word.startswith(f"{name}=") for word in words):
            return str(name)
    return str(parameter.opts[-1])


def _or_stdout(parameter: Any) -> str:
    return ", or - for standard output" if "-o" in parameter.opts else ""
