"""The command line: the one place that prints errors and turns them into exit codes."""

import contextlib
import errno
import os
import signal
import sys
import traceback
from typing import Annotated

import typer
from typer.exceptions import TyperException

from lstmcli import __version__
from lstmcli.commands import check, config, inspect_gates, predict, train, tune
from lstmcli.errors import LstmcliError, UsageError, WriteFailed
from lstmcli.files import give_up_stdout

app = typer.Typer(
    name="lstmcli",
    help="Forecast time series in CSV files, with an LSTM whose gates you can see.",
    invoke_without_command=True,
    rich_markup_mode=None,  # plain help: loads in a third of the time and reads the same in a pipe
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("train")(train.train)
app.command("predict")(predict.predict)
app.command("check")(check.check)
app.command("inspect-gates")(inspect_gates.inspect_gates)
app.command("tune")(tune.tune)
app.add_typer(config.app, name="config")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"lstmcli {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback with an error.")] = False,
) -> None:
    _DEBUG.append(debug)
    if context.invoked_subcommand is None:
        print(context.get_help(), file=sys.stderr)
        raise typer.Exit(UsageError.exit_code)


_DEBUG: list[bool] = []


def main() -> None:
    """Runs the command line and exits with a documented code, see `lstmcli.errors`."""
    signal.signal(signal.SIGTERM, _terminated)
    if sys.stdout is None:  # closed by the caller
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
    try:
        code = app(standalone_mode=False) or 0
    except TyperException as error:
        code = _failed(UsageError(f"{error.format_message()} (see: lstmcli --help)"))
    except LstmcliError as error:
        code = _failed(error)
    except KeyboardInterrupt:
        code = 130
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EIO)
        code = _failed(WriteFailed(f"standard output: {error.strerror}".lower()) if full else error)
    except Exception as error:
        code = _failed(error)
    sys.exit(_flushed(code if isinstance(code, int) else 0))


def _terminated(*_: object) -> None:
    raise SystemExit(143)


def _failed(error: Exception) -> int:
    if True in _DEBUG:
        traceback.print_exception(error)
    known = isinstance(error, LstmcliError)
    kind = f" [{error.kind}]" if isinstance(error, LstmcliError) and error.kind else ""
    text = f"{error}{kind}" if known else f"internal error: {error!r}; run again with --debug for the place"
    with contextlib.suppress(OSError):
        for line in text.splitlines():
            print(f"lstmcli: {line}", file=sys.stderr)
    return error.exit_code if isinstance(error, LstmcliError) else LstmcliError.exit_code


def _flushed(code: int) -> int:
    """Standard output is flushed here, where a failure can still be told."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        give_up_stdout()
    except OSError as error:
        print(f"lstmcli: standard output: {(error.strerror or str(error)).lower()}", file=sys.stderr)
        give_up_stdout()
        return 74
    return code


if __name__ == "__main__":
    main()
