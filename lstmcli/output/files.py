"""What a command writes: files, whole or not at all, or standard output."""

import sys
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from lstmcli.files import make_folder, written_whole
from lstmcli.terminal.streams import to_output


def write_out(content: str | bytes, path: str) -> bool:
    """To a file, whole or not at all, or to standard output for "-".

    A reader that closed the pipe ends the output quietly; says whether more may be written.
    Raises CannotCreate or WriteFailed.
    """
    return write_parts([content], path)


def write_parts(parts: Iterable[str | bytes], path: str) -> bool:
    """Like `write_out`, part by part; nothing is created before the first part is there.

    What the parts raise is raised, and a file then left as it was.
    """
    if path == "-":
        return all(map(_to_stdout, parts))
    parts = iter(parts)
    first = next(parts, "")
    with written_whole(Path(path)) as write:
        for part in chain([first], parts):
            # Names of files may hold bytes that are no text.
            write(part if isinstance(part, bytes) else part.encode(errors="backslashreplace"))
    return True


def _to_stdout(content: str | bytes) -> bool:
    if isinstance(content, bytes):
        return to_output(lambda: sys.stdout.buffer.write(content))
    return to_output(lambda: sys.stdout.write(content))


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Files by name in a folder, which is made; each whole or not at all.

    Raises CannotCreate or WriteFailed.
    """
    make_folder(folder)
    for name, text in texts.items():
        write_out(text, str(folder / name))
