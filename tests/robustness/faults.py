"""Lets one operation on the files of a folder fail: open, read, write, sync, rename, close, lock, mkdir.

What Python's own files, `os` and `fcntl` do is counted; not what libraries in other languages open by
themselves, nor what memory maps read.
"""

import builtins
import fcntl
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

KINDS = ("open", "read", "write", "fsync", "truncate", "rename", "close", "flock", "mkdir", "unlink")


class Faults:
    """Counts the operations on files below a folder; the one numbered `at` fails with `code`.

    told: a file that gets the kind of the operation and the name of its file.
    """

    def __init__(self, folder: Path, at: int, code: int, told: Path) -> None:
        self.folder, self.at, self.code, self.told = str(folder), at, code, str(told)
        self.count = 0
        self.names: dict[int, str] = {}
        self._plain_open = os.open

    def install(self) -> None:
        os.open = self._open(os.open)
        for kind, name in (("read", "read"), ("read", "pread"), ("write", "write"), ("fsync", "fsync")):
            setattr(os, name, self._on_handle(kind, getattr(os, name)))
        os.ftruncate = self._on_handle("truncate", os.ftruncate)
        os.close = self._on_handle("close", os.close, ends=True)
        fcntl.flock = self._on_handle("flock", fcntl.flock)
        for kind, name in (
            ("rename", "replace"),
            ("rename", "rename"),
            ("mkdir", "mkdir"),
            ("unlink", "unlink"),
        ):
            setattr(os, name, self._on_path(kind, getattr(os, name)))
        counted = _counted_file(self)
        builtins.open = io.open = self._builtin_open(builtins.open, counted)
        from lstmcli.files import read

        read._ToldFile.__bases__ = (counted,)

    def step(self, kind: str, path: str) -> None:
        """Counts an operation, and lets it fail where its turn has come."""
        self.count += 1
        if self.count == self.at:
            handle = self._plain_open(self.told, os.O_WRONLY | os.O_CREAT, 0o666)
            os.writev(handle, [f"{kind} {os.path.basename(path)}".encode()])
            raise OSError(self.code, os.strerror(self.code), path)

    def whole(self, path: Any, folder: int | None) -> Any:
        """The path of what is named in an open folder."""
        return path if folder is None else os.path.join(self.names.get(folder, ""), os.fsdecode(path))

    def ours(self, path: Any) -> bool:
        return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(self.folder)

    def _open(self, plain: Callable[..., int]) -> Callable[..., int]:
        def opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
            place = self.whole(path, named.get("dir_fd"))
            if not self.ours(place):
                return plain(path, flags, *more, **named)
            self.step("open", os.fsdecode(place))
            handle = plain(path, flags, *more, **named)
            self.names[handle] = os.fsdecode(place)
            return handle

        return opened

    def _on_handle(self, kind: str, plain: Callable[..., Any], ends: bool = False) -> Callable[..., Any]:
        def done(handle: Any, *more: Any) -> Any:
            name = self.names.pop(handle, None) if ends else self.names.get(handle)
            try:
                if name is not None:
                    self.step(kind, name)
            except OSError:
                if ends:
                    plain(handle, *more)  # it is closed, whatever was said
                raise
            return plain(handle, *more)

        return done

    def _on_path(self, kind: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        def done(path: Any, *more: Any, **named: Any) -> Any:
            place = self.whole(path, named.get("dir_fd", named.get("src_dir_fd")))
            if self.ours(place):
                self.step(kind, os.fsdecode(more[0] if kind == "rename" else place))
            return plain(path, *more, **named)

        return done

    def _builtin_open(self, plain: Callable[..., Any], counted: type[io.FileIO]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", buffering: int = -1, *more: Any, **named: Any) -> Any:
            if not (self.ours(file) or file in self.names if isinstance(file, int) else self.ours(file)):
                return plain(file, mode, buffering, *more, **named)
            if not isinstance(file, int):
                self.step("open", os.fsdecode(file))
            raw = counted(file, mode.replace("b", "").replace("t", "") or "r", named.get("closefd", True))
            if buffering == 0:
                return raw
            reads, writes = raw.readable(), raw.writable()
            wrapped = (
                io.BufferedRandom if reads and writes else io.BufferedReader if reads else io.BufferedWriter
            )
            whole = wrapped(raw)  # type: ignore[arg-type]
            if "b" in mode:
                return whole
            text = {key: named[key] for key in ("encoding", "errors", "newline") if key in named}
            text |= dict(zip(("encoding", "errors", "newline"), more, strict=False))
            return io.TextIOWrapper(whole, **text)

        return opened


def _counted_file(faults: Faults) -> type[io.FileIO]:
    class CountedFile(io.FileIO):
        def _step(self, kind: str) -> None:
            name = faults.names.get(self.name, "") if isinstance(self.name, int) else os.fsdecode(self.name)
            if name:
                faults.step(kind, name)

        def read(self, size: int | None = -1, /) -> Any:
            self._step("read")
            return super().read(size)

        def readall(self) -> Any:
            self._step("read")
            return super().readall()

        def readinto(self, buffer: Any, /) -> int | None:
            self._step("read")
            return super().readinto(buffer)

        def write(self, content: Any, /) -> int | None:
            self._step("write")
            return super().write(content)

        def close(self) -> None:
            if self.closed:
                return
            try:
                self._step("close")
            finally:
                super().close()

    return CountedFile
