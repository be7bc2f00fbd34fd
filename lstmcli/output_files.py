"""What a command writes: files, whole or not at all, or standard output."""

import errno
import sys
from collections.abc import Mapping
from pathlib import Path

from lstmcli.errors import WriteFailed
from lstmcli.files import give_up_stdout, make_folder, write_atomically


def write_out(content: str | bytes, path: str) -> bool:
    """To a file, whole or not at all, or to standard output for "-".

    A reader that closed the pipe ends the output quietly; says whether more may be written.
    Raises CannotCreate or WriteFailed.
    """
    if path != "-":
        # Names of files may hold bytes that are no text.
        raw = content if isinstance(content, bytes) else content.encode(errors="backslashreplace")
        write_atomically(Path(path), raw)
        return True
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
