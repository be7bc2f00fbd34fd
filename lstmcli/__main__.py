"""Runs the command line; the only place that prints errors and turns them into exit codes."""

import gc
import os
import sys
import time

# All else is imported in functions: signals need a handler as early as possible, and an import can fail.
_COMPLETING = "_LSTMCLI_COMPLETE"
_SYSTEM_FAILED = 74  # that of `errors.SystemFailed`, which may fail to load
_LAST_WORDS = b"lstmcli: not enough memory or too few open files (ulimit -a) to go on\n"


def main() -> None:
    """Runs the command line and exits with a documented code, see `lstmcli.errors`."""
    started = time.perf_counter()
    if os.name != "posix":
        print("lstmcli: needs Linux or macOS; on Windows it runs in WSL (wsl --install)", file=sys.stderr)
        sys.exit(_SYSTEM_FAILED)
    # Cores compute blocks of windows (`forecasting.forecast.in_blocks`), not parts of one matrix product.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.disable()  # until the command runs: loaded modules are not garbage
    try:
        try:
            from lstmcli.console.signals import listen

            listen()
            code = _run(sys.argv[1:])
        except BaseException as error:
            code = _ended(error)
        from lstmcli.console.signals import stop_listening

        stop_listening()
        _sum_up(code, time.perf_counter() - started)
    except (MemoryError, OSError):  # not even enough left to tell an error
        os.write(2, _LAST_WORDS)
        code = _SYSTEM_FAILED
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    from lstmcli.console.streams import flush_output, prepare, silence_libraries

    prepare()
    if "--debug" not in arguments:
        silence_libraries()
    if _COMPLETING in os.environ:
        from lstmcli.cli.app import program
        from lstmcli.cli.completion import complete

        complete(os.environ[_COMPLETING], program)
        return 0
    from typer import Exit
    from typer.exceptions import TyperException

    from lstmcli.cli.app import guess_output_mode, program
    from lstmcli.console.manner import set_output_mode
    from lstmcli.errors import UsageError

    command = program(arguments)
    code = 0
    try:
        # Not Typer's own main: that ends with 1 when the reader of a pipe has left.
        with command.make_context("lstmcli", arguments) as context:
            command.invoke(context)
    except Exit as done:
        code = done.exit_code
    except TyperException as error:
        from lstmcli.cli.usage_errors import usage_message

        set_output_mode(guess_output_mode(arguments))
        raise UsageError(usage_message(error, arguments)) from None
    flush_output()
    return code


def _ended(error: BaseException) -> int:
    """Prints the error that ended the run, and gives its exit code."""
    from lstmcli.console import nagios
    from lstmcli.console.manner import output_mode
    from lstmcli.console.signals import EXIT_INTERRUPTED, EXIT_TERMINATED
    from lstmcli.console.streams import flush_output
    from lstmcli.errors import LstmcliError, ReportedElsewhere
    from lstmcli.errors.system import system_failure
    from lstmcli.files.output import give_up_stdout, to_output

    if isinstance(error, BrokenPipeError):  # the reader has closed the pipe: no error
        give_up_stdout()
        return 0
    if isinstance(error, Exception) and not isinstance(error, LstmcliError):
        error = system_failure(error) or error
    if isinstance(error, KeyboardInterrupt):
        code, kind, text = EXIT_INTERRUPTED, "interrupted", "interrupted"
    elif isinstance(error, SystemExit) and error.code == EXIT_TERMINATED:
        code, kind, text = EXIT_TERMINATED, "terminated", "terminated"
    elif isinstance(error, LstmcliError):
        code, kind, text = error.exit_code, error.kind, str(error)
    else:
        code, kind = LstmcliError.exit_code, "internal"
        text = f"internal error: {error!r}; run again with --debug for the place"
    if nagios.asked_for(sys.argv[1:]) and isinstance(error, Exception):
        code = nagios.UNKNOWN
        to_output(lambda: sys.stdout.write(nagios.plugin_line("UNKNOWN", text)))
    elif not (isinstance(error, ReportedElsewhere) and output_mode().apart):
        _complain(error, code, kind, text)
    try:
        flush_output()
    except LstmcliError:
        return code
    return code


def _complain(error: BaseException, code: int, kind: str, text: str) -> None:
    import traceback

    from lstmcli.console.events import emit
    from lstmcli.console.manner import output_mode, with_colour
    from lstmcli.console.streams import styled
    from lstmcli.errors import KINDS, ConditionFailed, DataError, SettingsError
    from lstmcli.errors.foreign import printable, printable_line

    trace = "".join(traceback.format_exception(error)) if output_mode().debug else ""
    if output_mode().log_json:
        more = {"traceback": trace} if trace else {}
        place = {"file": getattr(error, "path", "") or None, "line": getattr(error, "row", None)}
        place["column"] = getattr(error, "column", None)
        emit("error", message=text, kind=kind or KINDS.get(code, "error"), exit_code=code, **place, **more)
        return
    sys.stderr.write(trace)
    name = "\033[31mlstmcli:\033[0m" if with_colour(sys.stderr) else "lstmcli:"
    # Internal and signals have no identifier that stands in the documentation.
    lines = f"{text} [{kind}]" if isinstance(error, Exception) and kind not in ("", "internal") else text
    # These may tell several things; in the others a line feed is of a name or of what was typed.
    several = isinstance(error, ConditionFailed | DataError | SettingsError)
    made = printable(lines) if several else printable_line(lines)
    for line in made.split("\n"):
        print(f"{name} {line}", file=styled(sys.stderr))


def _sum_up(code: int, seconds: float) -> None:
    from lstmcli.console.manner import output_mode

    if output_mode().apart or not (output_mode().log_json or output_mode().verbose):
        return
    from lstmcli.files.posix import peak_bytes

    peak = peak_bytes()
    if output_mode().log_json:
        from lstmcli.console.events import emit

        emit("summary", exit_code=code, seconds=round(seconds, 3), peak_bytes=peak)
    else:
        print(
            f"{'ended':<12}with {code} after {seconds:.2f} s; {peak / 1e6:,.0f} MB at most", file=sys.stderr
        )


if __name__ == "__main__":
    main()
