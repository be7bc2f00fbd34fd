"""Messages in the words of Python: jobs speak of options and commands, which nobody has typed here.

All that reaches Python goes through `python_words`: errors by the decorator `in_python_words`, warnings and
notes by `tell`.
"""

import json
import logging
import re
import sys
import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from lstmcli.errors import LstmcliError, SettingsError
from lstmcli.errors.findings import Finding
from lstmcli.series.endings import ENDED
from lstmcli.settings.load import gather_settings

_P = ParamSpec("_P")
_R = TypeVar("_R")
LOGGER = logging.getLogger("lstmcli")

_SET = r"--set (?:'[^']*'|[a-z_]+=(?:[.,;|](?![\w.,])|(?:[^\s;),]|,(?=\S))*)?)"
_CHOICES = "mask|fill|error|first|last|mean|time|end|cpu|rnn|gru|lstm"
_VALUE = rf"(?: (?:'[^']*'|[A-Z]+\b|(?:{_CHOICES})\b|\S*\d(?:[^\s;,:)]*[^\s;,:).])?|[^\s:]+(?=:(?:\s|$))))?"
_ONE = rf"(?:{_SET}|--[a-z]+(?:-[a-z]+)*{_VALUE})"
_OPTIONS = re.compile(rf"(?<![\w-]){_ONE}(?: {_ONE})*")
_EACH = re.compile(_ONE)
# Options of another name or form here; the others are keywords of their names.
_NAMES = {"all": "every", "level": "levels", "max_time": "time"}
_LISTS = ("levels", "series", "baselines")
_SWITCHES = {"no-header": "header=False", "refit": "refit=True", "all": "every=True"}
# Whole phrases, the longest first.
_PHRASES = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (
            r"with --future FILE; --make-future (\d+) prints that file",
            r"with future=; .make_future(data, \1) gives that frame",
        ),
        (
            r"to the file of --what-if; --make-future (\d+) prints that file",
            r"to what_if=; .make_future(data, \1) gives that frame",
        ),
        (r"fetch it first: curl -L ADDRESS \| lstmcli train -", "read it first: pandas.read_csv(ADDRESS)"),
        (r"lstmcli train DATA -m (\S+?)(?=[.,;]*(?:\s|$))", r'lstmcli.train(data).save("\1")'),
        (r"; without a model: lstmcli \S+ DATA", "; without a model: lstmcli.builtin()"),
        (r"lstmcli (train|tune|check) DATA", r"lstmcli.\1(data)"),
        (r"lstmcli (?:predict|watch|backtest) DATA", "lstmcli.builtin()"),
        (r"lstmcli (train|tune|check)\b", r"lstmcli.\1"),
        (r"lstmcli inspect-gates --out DIR", ".gates()"),
        (r"-m builtin\b", "lstmcli.builtin()"),
        (r"^with the command below:", "with .settings:"),
        (r"name a file with -o\b", "name a file"),
        (r"; -o names this file already", "; another output has this file already"),
    )
)


def python_words(text: str) -> str:
    """The message as one of Python: `horizon=12` where a shell has `--horizon 12`, `lstmcli.train(data)`."""
    for pattern, said in _PHRASES:
        text = pattern.sub(said, text)
    text = _OPTIONS.sub(_keywords, text)
    return re.sub(r"^(\w+)=:", r"\1:", text)  # where an argument is what the message is about


def _keywords(found: re.Match[str]) -> str:
    """Options that stand side by side."""
    made = []
    at = found.start()
    while (one := _EACH.match(found.string, at)) and at < found.end():
        made.append(_keyword(one[0]))
        at = one.end() + 1
    return ", ".join(made)


def _keyword(option: str) -> str:
    """`--set target=sales` as `target="sales"`, `--on-gap mask` as `on_gap="mask"`."""
    name, _, value = option.removeprefix("--").partition(" ")
    if name in _SWITCHES and not value:
        return _SWITCHES[name]
    if name == "set":
        name, _, value = value.strip("'").partition("=")
        return f"{name}={_setting(name, value)}"
    name = name.replace("-", "_")
    name = _NAMES.get(name, name)
    if not value:
        return f"{name}="
    text = _literal(value.strip("'"))
    return f"{name}=[{text}]" if name in _LISTS else f"{name}={text}"


def _setting(name: str, value: str) -> str:
    """The value that `--set` reads, as a literal."""
    if value in ("", "..."):
        return value
    if not re.search(r"[A-Z]{4}", value):  # else it stands for a name
        try:
            return _written(gather_settings(None, {}, (f"{name}={value}",), {})[0][name])
        except SettingsError:
            return _written(value)
    return _written(value.split(",") if "," in value else value)


def _literal(value: str) -> str:
    if re.fullmatch(r"-?\d+", value):
        return value
    try:
        return f"{float(value):g}"
    except ValueError:
        return _written(value)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value).replace("'", '"')


def in_python_words(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The function, whose errors say what to type in Python."""

    @wraps(function)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except LstmcliError as error:
            error.args = (python_words(str(error)),)
            raise

    return called


def tell(finding: Finding) -> None:
    """Warns of a warning, where the user called us; a note is an entry of the log `lstmcli`."""
    if finding.severity != "warning":
        LOGGER.info("%s", python_words(finding.message))
        return
    warnings.warn(python_words(finding.message), stacklevel=_outside())


def note(text: str) -> None:
    """What was assumed in reading. That a series ended long ago is told as a warning."""
    said = python_words(text.removeprefix("note: "))
    if ENDED in said:
        warnings.warn(said, stacklevel=_outside())
        return
    LOGGER.info("%s", said)


def _outside() -> int:
    """How many calls of `tell` lie above in this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("lstmcli."):
        level, frame = level + 1, frame.f_back
    return level
