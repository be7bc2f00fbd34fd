"""What a command writes: files, whole or not at all, or standard output."""

import codecs
import errno
import io
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from lstmcli.errors import WriteFailed, reason_of
from lstmcli.files.checked import Output, check_outputs
from lstmcli.files.endings import as_hyphen
from lstmcli.files.posix import give_up
from lstmcli.files.write import make_folder, written_whole


def write_out(content: str | bytes, path: str, encoding: str = "utf-8") -> bool:
    """To a file, whole or not at all, or to standard output for "-".

    A reader that closed the pipe ends the output quietly; says whether more may be written.
    Raises CannotCreate or WriteFailed.
    """
    return write_parts([content], path, encoding)


def write_parts(parts: Iterable[str | bytes], path: str, encoding: str = "utf-8") -> bool:
    """Like `write_out`, part by part; nothing is created before the first part is there. Texts are in the
    encoding in a file, in that of the stream on standard output.

    What the parts raise is raised, and a file then left as it was.
    """
    if as_hyphen(path) == "-":
        return all(map(_to_stdout, parts))
    parts = iter(parts)
    first = next(parts, "")
    # Names of files may hold bytes that are no text.
    encode = codecs.getincrementalencoder(encoding)("backslashreplace").encode
    with written_whole(Path(path)) as write:
        for part in chain([first], parts):
            write(part if isinstance(part, bytes) else encode(part))
    return True


def _to_stdout(content: str | bytes) -> bool:
    if isinstance(content, bytes):
        return to_output(lambda: sys.stdout.buffer.write(content))
    return to_output(lambda: sys.stdout.write(content))


def write_folder(
    folder: Path,
    contents: Mapping[str, str | bytes],
    others: Sequence[Output] = (),
    inputs: Sequence[str] = (),
    flag: str = "--out",
) -> None:
    """Files by name in a folder, which is made; each whole or not at all.

    others, inputs: what else is written, and files that are read. Raises CannotCreate or WriteFailed; and as
    `check_outputs`, before anything is written.
    """
    make_folder(folder)
    files = [Output(flag, folder / name, Path(name).suffix[1:]) for name in contents]
    check_outputs([*others, *files], inputs)
    for name, content in contents.items():
        write_out(content, str(folder / name))


def to_output(write: Callable[[], object]) -> bool:
    """Does what writes to standard output, and sees it through: False where the reader has left.

    Raises WriteFailed.
    """
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        give_up_stdout()
        return False
    return True


class ToldOutput(io.FileIO):
    """Standard output below its buffer: a failure says so, and is taken for none of a file.

    What is left to write is then dropped, so that Python does not fail once more when it ends.
    """

    def write(self, data: Any) -> int | None:  # type: ignore[override]
        if not memoryview(data).nbytes:  # Typer asks so whether there is a stream
            return 0
        try:
            return super().write(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            give_up(self.fileno())
            reason = "closed" if error.errno == errno.EBADF else reason_of(error)
            raise WriteFailed(f"standard output: {reason}") from None


def give_up_stdout() -> None:
    """Nothing can be written any more, not even what Python flushes when it ends."""
    give_up(sys.stdout.fileno())
