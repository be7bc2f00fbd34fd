"""The command line: the one place that prints errors and turns them into exit codes."""

import contextlib
import os
import signal
import sys
import traceback
from typing import Annotated

import typer
from typer.exceptions import TyperException

from lstmcli import __version__
from lstmcli.commands import inspect_gates, predict, train
from lstmcli.errors import LstmcliError

app = typer.Typer(
    name="lstmcli",
    help="Forecast time series in CSV files, with an LSTM whose gates you can see.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: loads in a third of the time and reads the same in a pipe
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("train")(train.train)
app.command("predict")(predict.predict)
app.command("inspect-gates")(inspect_gates.inspect_gates)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"lstmcli {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback with an error.")] = False,
) -> None:
    _DEBUG.append(debug)


_DEBUG: list[bool] = []


def main() -> None:
    """Runs the command line and exits with a documented code, see `lstmcli.errors`."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code = app(standalone_mode=False) or 0
    except TyperException as error:
        code = _usage(error)
    except LstmcliError as error:
        code = _failed(error, error.exit_code)
    except KeyboardInterrupt:
        code = 130
    except Exception as error:
        code = _failed(error, LstmcliError.exit_code)
    sys.exit(_flushed(code if isinstance(code, int) else 0))


def _terminated(*_: object) -> None:
    raise SystemExit(143)


def _usage(error: TyperException) -> int:
    show = getattr(error, "show", None)
    if show is not None:
        show()
    return error.exit_code


def _failed(error: Exception, code: int) -> int:
    if True in _DEBUG:
        traceback.print_exception(error)
    known = isinstance(error, LstmcliError)
    text = str(error) if known else f"internal error: {error!r}; run again with --debug for the place"
    with contextlib.suppress(OSError):
        for line in text.splitlines():
            print(f"lstmcli: {line}", file=sys.stderr)
    return code


def _flushed(code: int) -> int:
    """Standard output is flushed here, where a failure can still be told."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"lstmcli: standard output: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 74
    return code


if __name__ == "__main__":
    main()
