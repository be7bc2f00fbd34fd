"""What is wrong with a command line, in our words: each message says what may be typed instead."""

import re
from collections.abc import Sequence
from typing import Any

from typer.exceptions import TyperException

from lstmcli.cli.app import COMMAND_NAMES
from lstmcli.cli.completion.names import settings
from lstmcli.errors import did_you_mean

# What settings are called elsewhere.
_ELSEWHERE = {
    **dict.fromkeys(("epochs", "iterations", "max_steps", "max_epochs", "n_epochs"), "steps"),
    **dict.fromkeys(("lr", "rate", "alpha"), "learning_rate"),
    **dict.fromkeys(("units", "hidden_size", "neurons", "hidden_units"), "hidden"),
    **dict.fromkeys(("window", "lookback", "look_back", "input_size", "lags", "sequence_length"), "context"),
    **dict.fromkeys(("h", "fh", "periods", "forecast_horizon", "prediction_length"), "horizon"),
    **dict.fromkeys(("batch_size",), "batch"),
    **dict.fromkeys(("freq", "frequency", "interval"), "step"),
    **dict.fromkeys(("seasonality", "period", "season_length", "m"), "season"),
    **dict.fromkeys(("group", "group_by", "id", "ids", "unique_id", "key"), "series"),
    **dict.fromkeys(("date", "ds", "timestamp", "datetime", "time_column", "date_column"), "time"),
    **dict.fromkeys(("y", "value", "column", "columns", "target_column"), "target"),
    **dict.fromkeys(("tz",), "timezone"),
    **dict.fromkeys(("sep", "delimiter"), "separator"),
    **dict.fromkeys(("exog", "regressors", "covariates"), "future"),
}
_WITHOUT_TRAINING = ("predict", "watch")
_FOUND = re.compile(r"(?P<quote>'?)(?P<found>.*?)(?P=quote) is not (?:a valid|in the range|one of)", re.S)


def usage_message(error: TyperException, words: Sequence[str]) -> str:
    """words: the command line. The message ends with the command whose --help says more."""
    context = getattr(error, "ctx", None)
    command = next((word for word in words if word in COMMAND_NAMES), "")
    path = context.command_path if context is not None else f"lstmcli {command}".strip()
    return f"{_what(error, context, words)} (see: {path} --help)"


def _what(error: TyperException, context: Any, words: Sequence[str]) -> str:
    kind, parameter = type(error).__name__, getattr(error, "param", None)
    if kind == "NoSuchOption":
        return _no_such_option(error.option_name, context, words)  # type: ignore[attr-defined]
    if kind == "BadOptionUsage":
        return f"{error.option_name} needs a value"  # type: ignore[attr-defined]
    if parameter is not None:
        missing = kind == "MissingParameter"
        name = _name_of(parameter)
        return f"{name} is missing" if missing else _bad_value(name, parameter.type, str(error))
    return _wrong_words(str(error.format_message()), context)


def _wrong_words(text: str, context: Any) -> str:
    """A command that there is not, or words too many. text: what Typer says."""
    if found := re.match(r"No such command '(.*)'\.", text, re.S):
        return f"{found[1]}: no such command.{did_you_mean(found[1], context.command.list_commands(context))}"
    if found := re.match(r"Got unexpected extra argument\(s\) \((.*)\)", text, re.S):
        takes_model = any(p.name == "model" for p in context.command.params)
        hint = f"; a model file is named by -m: -m {found[1]}" if takes_model else ""
        return f"{found[1]}: more than the command takes{hint}"
    return text


def _no_such_option(typed: str, context: Any, words: Sequence[str]) -> str:
    """An option that there is not: a setting, or one like another."""
    name = typed.lstrip("-").replace("-", "_").lower()
    name, command = _ELSEWHERE.get(name, name), context.command
    if typed.startswith("--") and name in settings() and any(p.name == "assignment" for p in command.params):
        value = _value_of(typed, words)
        option = next((p.opts[0] for p in command.params if p.name == name), "")
        if option:
            return f"{typed}: no such option; use {option} {value}"
        if command.name in _WITHOUT_TRAINING and name not in _of_data():
            return f"{typed}: a setting of training, of lstmcli train: --set {name}={value}"
        return f"{typed}: a setting, not an option; use --set {name}={value}"
    known = {flag.lstrip("-"): flag for parameter in context.command.params for flag in parameter.opts}
    # The signs are alike in all.
    return f"{typed}: no such option.{did_you_mean(typed.lstrip('-'), known, known)}"


def _of_data() -> tuple[str, ...]:
    """The settings that a forecast without training has."""
    from lstmcli.settings.untrained import untrained_names  # loads pydantic

    return untrained_names()


def _value_of(typed: str, words: Sequence[str]) -> str:
    """What was typed as the value of an option."""
    for word, after in zip(words, (*words[1:], ""), strict=True):
        if word.startswith(f"{typed}="):
            return word.partition("=")[2]
        if word == typed and not after.startswith("-") and after:
            return after
    return "VALUE"


def _name_of(parameter: Any) -> str:
    """As --horizon, or DATA."""
    if parameter.param_type_name == "option":
        return str(parameter.opts[0])
    return (parameter.name or "").upper()


def _bad_value(name: str, kind: Any, message: str) -> str:
    """A value that an option does not take. message: what Typer says."""
    match = _FOUND.match(message)
    if not match:
        return f"{name}: {message}"
    found, choices = match["found"], getattr(kind, "choices", None)
    hint = f".{did_you_mean(found, map(str, choices))}" if choices else ""
    return f"{name} must be {_wanted(kind, choices)} (found {found}){hint.removesuffix('.')}"


def _wanted(kind: Any, choices: Sequence[Any] | None) -> str:
    """The values of a type, in words."""
    if choices:
        *first, last = map(str, choices)
        return f"{', '.join(first)} or {last}" if first else last
    number = "a whole number" if kind.name.startswith("int") else "a number"
    low = getattr(kind, "min", None)
    return number if low is None else f"{number} from {low}"
