"""Standard input, output and error, set up for the rest of the program.

Output is UTF-8 whatever the locale; only PYTHONIOENCODING names another encoding. Writing to standard
error never raises: the work goes on unseen. A stream that the caller closed is replaced, so that no
file that is opened later takes its number and receives what was meant for the stream.

Nothing foreign steers a terminal: whatever is written as text on standard error, and on an output that is a
terminal, goes through `errors.foreign.printable`. Codes of our own go to `styled`.
"""

import contextlib
import io
import os
import sys
import warnings
from typing import TextIO, cast

from lstmcli.errors import InputMissing
from lstmcli.errors.foreign import printable
from lstmcli.files.output import ToldOutput, to_output


def prepare() -> None:
    """Sets the streams up; called before anything is read or written."""
    if sys.stdin is None:
        _occupy(0, os.O_WRONLY)
        sys.stdin = io.TextIOWrapper(io.BufferedReader(_ClosedInput()))
    if sys.stdout is None:
        # Read-only: what is written fails, as it would on the closed one.
        _occupy(1, os.O_RDONLY)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        named = os.environ.get("PYTHONIOENCODING", "").partition(":")[0]
        sys.stdout.reconfigure(encoding=None if named else "utf-8", errors="backslashreplace")
        sys.stdout = _told(sys.stdout)
    if sys.stderr is None:
        _occupy(2, os.O_WRONLY)
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    sys.stderr = _Cautious(_NullOutput(2, "wb", closefd=False), encoding)


def styled(stream: TextIO) -> TextIO:
    """The stream for text that is printable already, with codes of our own."""
    return cast(TextIO, _Styled(stream)) if isinstance(stream, _Cautious) else stream


def silence_libraries() -> None:
    """What libraries warn of is for those who program with them; -W or PYTHONWARNINGS still shows it."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def flush_output() -> None:
    """Writes what is buffered, while a failure can still be reported. Raises WriteFailed, but not where
    the reader has closed the pipe."""
    to_output(lambda: None)


def _told(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    """The stream, whose failures say what they are; itself where a test holds it in memory.

    It has a buffer also where Python was told to have none (PYTHONUNBUFFERED): without one, a write of
    which a full disk takes a part counts as done.
    """
    raw = getattr(stream.buffer, "raw", stream.buffer)
    if type(raw) is not io.FileIO:
        return stream
    stream.flush()
    told = ToldOutput(raw.fileno(), "wb", closefd=False)
    if stream.isatty():
        return _Cautious(told, stream.encoding)
    return io.TextIOWrapper(
        io.BufferedWriter(told),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _occupy(number: int, flags: int) -> None:
    handle = os.open(os.devnull, flags)
    if handle != number:
        os.dup2(handle, number)
        os.close(handle)


class _Cautious(io.TextIOWrapper):
    """Writes printable text alone."""

    def __init__(self, raw: io.FileIO, encoding: str) -> None:
        buffer = io.BufferedWriter(raw)
        super().__init__(buffer, encoding=encoding, errors="backslashreplace", line_buffering=True)

    def write(self, text: str) -> int:
        super().write(printable(text))
        return len(text)

    def write_styled(self, text: str) -> int:
        return super().write(text)


class _Styled:
    def __init__(self, stream: _Cautious) -> None:
        self._stream = stream
        self.write = stream.write_styled

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


class _ClosedInput(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, _: object) -> int:
        raise InputMissing("standard input: closed")

    def fileno(self) -> int:
        raise InputMissing("standard input: closed")


class _NullOutput(io.FileIO):
    """A file that accepts everything and drops what cannot be written."""

    def write(self, data: object) -> int:
        size = memoryview(data).nbytes  # type: ignore[arg-type]
        with contextlib.suppress(OSError):
            return super().write(data) or size  # type: ignore[arg-type]
        return size
