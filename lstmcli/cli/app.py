"""The commands, and the options that all of them have.

A command is a function with Typer's annotations in the module of its name in `lstmcli.cli.commands`; it is
listed in `COMMAND_NAMES`. It parses its options, calls a job and prints through `Screen()`. The five
options of `OutputMode` are added and read here: the function neither declares nor receives them.
"""

import functools
import gc
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from importlib import import_module
from typing import Annotated, Any

import typer

from lstmcli._version import __version__
from lstmcli.cli.help import WIDEST, HelpfulCommand, HelpfulGroup
from lstmcli.console.events import warnings_as_events
from lstmcli.console.manner import OutputMode, output_mode, set_output_mode
from lstmcli.errors import UsageError

COMMAND_NAMES = (
    *(
        "train",
        "predict",
        "watch",
        "impute",
        "backtest",
        "check",
        "inspect-gates",
        "tune",
        "verify",
        "export",
        "completion",
        "help",
    ),
    "config",
)
_OPTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "quiet": (("--quiet", "-q"), "Say nothing on success."),
    "verbose": (("--verbose", "-v"), "Say more: how long each stage took."),
    "debug": (("--debug",), "Show a traceback with an error."),
    "log_json": (("--log-json",), "Write standard error as one JSON object per line."),
    "no_color": (("--no-color",), "Print without colours."),
}


def program(words: Sequence[str] = ()) -> Any:
    """The command line as Typer's command. words: those typed; only the command they name is loaded."""
    return typer.main.get_command(application(words))


def application(words: Sequence[str] = ()) -> typer.Typer:
    """The commands that the words may need, each with the common options."""
    app = _group("Forecast time series in CSV files, with an LSTM whose gates you can see.", _first, {})
    for name in _needed(words):
        module = import_module(f"lstmcli.cli.commands.{name.replace('-', '_')}")
        if name == "config":
            app.add_typer(_group(module.HELP, _help, module.CONFIG_COMMANDS), name=name)
        else:
            function = getattr(module, name.replace("-", "_"))
            app.command(name, cls=HelpfulCommand)(with_common_options(function))
    return app


def _needed(words: Sequence[str]) -> Sequence[str]:
    """The named command, if only common options stand before it; else all commands."""
    common = {flag for flags, _ in _OPTIONS.values() for flag in flags}
    first = next((word for word in words if word not in common), "")
    return (first,) if first in COMMAND_NAMES else COMMAND_NAMES


def _group(text: str, first: Callable[..., None], commands: Mapping[str, Callable[..., None]]) -> typer.Typer:
    """Commands under one name. first: runs before each of them."""
    app = typer.Typer(
        name="lstmcli",
        cls=HelpfulGroup,
        help=text,
        invoke_without_command=True,
        add_completion=False,  # it would write to dotfiles; see `lstmcli.cli.commands.completion`
        rich_markup_mode=None,  # plain help: loads in a third of the time and reads the same in a pipe
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDEST},
    )
    app.callback()(with_common_options(first))
    for name, function in commands.items():
        app.command(name, cls=HelpfulCommand)(with_common_options(function))
    return app


def with_common_options(function: Callable[..., None]) -> Callable[..., None]:
    """The function with the common options as further parameters, except those it has itself."""
    signature = inspect.signature(function)
    own = signature.parameters
    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False,
            annotation=Annotated[bool, typer.Option(*flags, help=text)],
        )
        for name, (flags, text) in _OPTIONS.items()
        if name not in own
    ]

    @functools.wraps(function)
    def run(**given: Any) -> None:
        set_output_mode(
            OutputMode(**{field.name: given.get(field.name, False) for field in fields(OutputMode)})
        )
        if output_mode().log_json:
            warnings_as_events()
        gc.enable()  # `main` has disabled it
        function(**{name: value for name, value in given.items() if name in own})

    run.__signature__ = signature.replace(parameters=[*own.values(), *added])  # type: ignore[attr-defined]
    run.__annotations__ = {**function.__annotations__, **{p.name: p.annotation for p in added}}
    return run


def guess_output_mode(arguments: list[str]) -> OutputMode:
    """The common options in a command line that could not be parsed."""
    words = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return OutputMode(**{name: any(flag in words for flag in flags) for name, (flags, _) in _OPTIONS.items()})


def _version(wanted: bool) -> None:
    if wanted:
        print(f"lstmcli {__version__}")
        raise typer.Exit


def _first(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    _help(context)


def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(UsageError.exit_code)
