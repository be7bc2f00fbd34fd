"""What a command writes: files, whole or not at all, or standard output."""

import errno
import sys
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from lstmcli.errors import WriteFailed
from lstmcli.files import give_up_stdout, make_folder, write_atomically, written_whole


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
    if sys.__stdout__ is None:
        raise WriteFailed("standard output: closed")
    try:
        if isinstance(content, bytes):
            sys.stdout.buffer.write(content)
        else:
            sys.stdout.write(content)
        sys.stdout.flush()
    except BrokenPipeError:
        give_up_stdout()
        return False
    except OSError as error:
        give_up_stdout()
        reason = (error.strerror or errno.errorcode.get(error.errno or 0, str(error))).lower()
        raise WriteFailed(f"standard output: {reason}") from None
    return True


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Files by name in a folder, which is made; each whole or not at all.

    Raises CannotCreate or WriteFailed.
    """
    make_folder(folder)
    for name, text in texts.items():
        write_atomically(folder / name, text.encode(errors="backslashreplace"))
