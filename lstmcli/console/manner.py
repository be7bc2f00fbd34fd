"""How the program is asked to speak: the options that every command has, and the environment.

They are read once, by `lstmcli.cli.app`, and asked for here by whoever prints.
"""

import os
from dataclasses import asdict, dataclass
from typing import TextIO


@dataclass(frozen=True)
class OutputMode:
    """quiet: silent on success. verbose: tell timings too. debug: a traceback with an error.
    log_json: standard error is one JSON object per line. no_color: plain text. apart: another
    process of the same run speaks, and this one only of errors that it alone has.
    """

    quiet: bool = False
    verbose: bool = False
    debug: bool = False
    log_json: bool = False
    no_color: bool = False
    apart: bool = False


_chosen = [OutputMode()]


def set_output_mode(wanted: OutputMode) -> None:
    """Adds what is wanted to what was chosen: an option counts before and after the command."""
    _chosen[0] = OutputMode(**{name: on or getattr(_chosen[0], name) for name, on in asdict(wanted).items()})


def output_mode() -> OutputMode:
    return _chosen[0]


def with_colour(stream: TextIO) -> bool:
    """--no-color and NO_COLOR win over FORCE_COLOR, that over what the terminal can do."""
    if output_mode().no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") != "0":
        return True
    return can_redraw(stream)


def can_redraw(stream: TextIO) -> bool:
    """Whether a stream is a terminal that obeys control codes."""
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
