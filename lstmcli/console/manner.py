"""How the program prints: the options that every command has, and the environment.

`lstmcli.cli.app` sets them once; whatever prints asks for them here.
"""

import os
from dataclasses import asdict, dataclass
from typing import TextIO


@dataclass(frozen=True)
class OutputMode:
    """quiet     print nothing on success
    verbose   print timings too
    debug     print a traceback with an error
    log_json  standard error is one JSON object per line
    no_color  plain text
    apart     another process of the same run prints; this one prints only errors that it alone has
    """

    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    log_json: bool = False
    no_color: bool = False
    apart: bool = False


_chosen = [OutputMode()]


def set_output_mode(wanted: OutputMode) -> None:
    """Adds options to those already set: an option counts before and after the command."""
    _chosen[0] = OutputMode(**{name: on or getattr(_chosen[0], name) for name, on in asdict(wanted).items()})


def output_mode() -> OutputMode:
    return _chosen[0]


def with_colour(stream: TextIO) -> bool:
    """Whether to print colours: --no-color and NO_COLOR before FORCE_COLOR, that before the terminal."""
    if output_mode().no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") != "0":
        return True
    return can_redraw(stream)


def wants_times(stream: TextIO) -> bool:
    """Whether lines of a long run begin with the time: neither on a terminal nor in the journal of systemd,
    which has it (JOURNAL_STREAM names the device and inode of its stream)."""
    if stream.isatty():
        return False
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") != f"{found.st_dev}:{found.st_ino}"


def terminal_columns(stream: TextIO) -> int | None:
    """The width of a terminal; None for a file or a pipe."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def can_redraw(stream: TextIO) -> bool:
    """Whether a stream is a terminal that obeys control codes."""
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
