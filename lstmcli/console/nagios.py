"""The line that Nagios and Icinga read from a plugin, and its code for whatever went wrong."""

import itertools
from collections.abc import Sequence

from lstmcli.errors.foreign import printable

UNKNOWN = 3  # the code


def asked_for(words: Sequence[str]) -> bool:
    """Whether a command line asks for `watch --format nagios`, whatever else is wrong with it."""
    words = list(words[: words.index("--")]) if "--" in words else list(words)
    pairs = itertools.pairwise(words)
    return "watch" in words and (("--format", "nagios") in pairs or "--format=nagios" in words)


def plugin_line(word: str, text: str, figures: str = "") -> str:
    """word: OK, WARNING, CRITICAL or UNKNOWN; figures: as name=number."""
    said = printable(" ".join(text.replace("|", "/").split()))
    return f"lstmcli {word} - {said}" + (f" | {figures}" if figures else "") + "\n"
