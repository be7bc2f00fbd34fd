"""Completion of the command line. The shell's script (`scripts`) starts the program with the typed line.

Protocol: the variable _LSTMCLI_COMPLETE names the shell, _LSTMCLI_LINE holds the line up to the
cursor, _LSTMCLI_BREAKS the characters at which bash splits words. The answer is a line `files` or
`words`, and for words a line `value TAB description` for each.
"""

import contextlib
import os
from collections.abc import Callable, Sequence
from typing import Any

from lstmcli.cli.completion.candidates import Candidates, candidates
from lstmcli.cli.completion.line import CommandLine, parse_line, quote_word


def complete(shell: str, program: Callable[[Sequence[str]], Any]) -> None:
    """Prints the answer to a shell. program: gives Typer's command that understands some words.

    Errors are dropped: they would be printed into the line that is being typed.
    """
    with contextlib.suppress(Exception):
        line = parse_line(os.environ.get("_LSTMCLI_LINE", ""), os.environ.get("_LSTMCLI_BREAKS", "=:"))
        words = line.words[1:]
        found = candidates(program(words), words, line.current)
        print("\n".join(_lines(found, line, shell)))


def _lines(found: Candidates, line: CommandLine, shell: str) -> list[str]:
    if found.files:
        return ["files"]
    rows = [(value, text) for value, text in found.words if value.startswith(line.current)]
    if shell == "bash":  # replaces only what stands behind the last break
        return ["words", *(quote_word(value[line.cut :], line.quote) for value, _ in rows)]
    return ["words", *(f"{value}\t{' '.join(text.split())}" for value, text in rows)]
