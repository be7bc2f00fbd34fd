"""Folders held open, so that files in them are found whatever is put at their path meanwhile."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class HeldFolder:
    """A folder that stays the same one, whatever is put at its path meanwhile.

    handle: None where it may not be opened, and each file is found by the path
    """

    path: Path
    handle: int | None

    def place(self, name: str) -> str:
        """What names a file beside `dir_fd=handle`."""
        return name if self.handle is not None else str(self.path / name)

    def open(self, name: str, flags: int, mode: int = 0o666) -> int:
        """Opens a file in it; a link is not followed. Raises OSError."""
        return os.open(self.place(name), flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=self.handle)

    def stat(self, name: str) -> os.stat_result:
        """Of a file in it, or of the link that it is. Raises OSError."""
        return os.stat(self.place(name), dir_fd=self.handle, follow_symlinks=False)

    def has(self, name: str, handle: int) -> bool:
        """Whether an open file, or folder, still has this name. Raises OSError."""
        try:
            there, ours = self.stat(name), os.fstat(handle)
        except FileNotFoundError:
            return False
        return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)

    def unlink(self, name: str) -> None:
        """Removes a file. Raises OSError."""
        os.unlink(self.place(name), dir_fd=self.handle)

    def remove_folder(self, name: str) -> None:
        """Removes a folder in it with all that it holds, as far as that is possible; no link is followed."""
        shutil.rmtree(self.place(name), ignore_errors=True, dir_fd=self.handle)


@contextlib.contextmanager
def held_folder(path: Path) -> Iterator[HeldFolder]:
    """Raises OSError for a path that is a link, or no folder."""
    try:
        # Where there is O_PATH, a folder that may not be listed can be opened too.
        handle = os.open(path, _FOLDER | getattr(os, "O_PATH", os.O_RDONLY))
    except PermissionError:
        yield HeldFolder(path, None)
        return
    try:
        yield HeldFolder(path, handle)
    finally:
        with contextlib.suppress(OSError):
            os.close(handle)
