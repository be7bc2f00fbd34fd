"""The words that fit at the cursor, from the declarations of the commands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lstmcli.cli.completion.names import COLUMNS, columns, output_endings, settings


@dataclass(frozen=True)
class Candidates:
    """Words with their descriptions, or files, which the shell lists itself."""

    words: tuple[tuple[str, str], ...] = ()
    files: bool = False


@dataclass
class _Place:
    """The state at the cursor: the command, an option that needs a value, the words before."""

    command: Any
    option: Any = None
    data: list[str] = field(default_factory=list)
    given: set[str] = field(default_factory=set)
    only_data: bool = False


def candidates(tree: Any, words: Iterable[str], current: str) -> Candidates:
    """tree: Typer's command of the program. words: behind its name, without the current one."""
    place = _Place(tree)
    for word in words:
        _read(place, word)
    if place.option is not None:
        return _values(place, place.option, "", current)
    if current.startswith("-") and not place.only_data:
        name, equals, value = current.partition("=")
        option = _options(place.command).get(name)
        if equals and option is not None:
            return _values(place, option, f"{name}=", value)
        return _words((n, o.help) for n, o in _offered(place))
    if place.command.name == "help":
        place.command = _named_command(tree, place.data)
    if hasattr(place.command, "commands"):
        every = place.command.commands.items()
        return _words((name, command.get_short_help_str()) for name, command in every)
    arguments = [p for p in place.command.params if p.param_type_name == "argument"]
    taken = arguments[min(len(place.data), len(arguments) - 1)] if arguments else None
    several = taken is not None and (taken.nargs == -1 or len(place.data) < len(arguments))
    choices = _choices(taken) if several else []
    return _words((c, "") for c in choices) if choices else Candidates(files=several)


def _named_command(tree: Any, words: Iterable[str]) -> Any:
    """The command of the words behind `help`."""
    for word in words:
        tree = getattr(tree, "commands", {}).get(word, tree)
    return tree


def _read(place: _Place, word: str) -> None:
    if place.option is not None:
        place.option = None
    elif word == "--" and not place.only_data:
        place.only_data = True
    elif word.startswith("-") and word != "-" and not place.only_data:
        name, equals, _ = word.partition("=")
        option = _options(place.command).get(name)
        if option is not None and not option.multiple:
            place.given.update(option.opts)
        place.option = None if option is None or option.is_flag or equals else option
    elif hasattr(place.command, "commands"):
        place.command = place.command.commands.get(word, place.command)
    else:
        place.data.append(word)


def _options(command: Any) -> dict[str, Any]:
    return {name: p for p in command.params if p.param_type_name == "option" for name in p.opts}


def _offered(place: _Place) -> list[tuple[str, Any]]:
    """Long names of the options that may still be given."""
    offered = _options(place.command).items()
    return [(n, o) for n, o in offered if n.startswith("--") and n not in place.given and not o.hidden]


def _values(place: _Place, option: Any, before: str, current: str) -> Candidates:
    name = option.opts[0].removeprefix("--").replace("-", "_")
    if name == "set":
        return _assignments(place, before, current)
    if (endings := output_endings(place.command.name, name)) and (named := _named(endings, current)):
        return _words((before + word, "") for word in named)
    if option.metavar == "COLUMNS" or (name in COLUMNS and option.metavar == "COLUMN"):
        return _columns(place, before, current)
    choices = _choices(option) or list(settings()[name].choices if name in settings() else ())
    if choices:
        return _words((before + choice, "") for choice in choices)
    return Candidates(files=not option.type.name.startswith(("int", "float")))


def _named(endings: Iterable[str], current: str) -> list[str]:
    """A file's name, whose ending has begun, with each ending that fits."""
    stem, dot, begun = current.rpartition(".")
    if not dot or not stem or stem.endswith("/") or "/" in begun:
        return []
    return [stem + ending for ending in endings if ending.startswith(dot + begun)]


def _assignments(place: _Place, before: str, current: str) -> Candidates:
    key, equals, value = current.partition("=")
    if not equals:
        return _words((f"{before}{name}=", s.description) for name, s in settings().items())
    if key not in COLUMNS:
        choices = settings()[key].choices if key in settings() else ()
        return _words((f"{before}{key}={choice}", "") for choice in choices)
    return _columns(place, f"{before}{key}=", value)


def _columns(place: _Place, before: str, current: str) -> Candidates:
    """Columns of the data that are not yet in the list."""
    head, comma, _ = current.rpartition(",")
    taken = head.split(",")
    # A name with a comma cannot be given in a list.
    free = [name for name in columns(place.data) if name not in taken and "," not in name]
    return _words((f"{before}{head}{comma}{name}", "") for name in free)


def _choices(parameter: Any) -> list[str]:
    """The names of an enumeration."""
    return [item.value for item in parameter.shell_complete(None, "")]


def _words(rows: Iterable[tuple[str, str | None]]) -> Candidates:
    return Candidates(tuple((value, text or "") for value, text in rows))
