"""The folder of caches: one folder for each table in it, complete or not there.

FOLDER/NAME-DIGEST/about.json    SHA-256 of the rest, then what the cache holds and of which files
FOLDER/NAME-DIGEST/values, ...   the arrays of the Panel (`panel_files`)
FOLDER/.NAME-DIGEST.XXXXXXXX.lstmcli/  one in the making; `lock` in it is held by the process that makes it

Nothing else is removed from the folder, whoever it is of.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstmcli.errors import CannotCreate, InputMissing, UsageError, WriteFailed, write_failure
from lstmcli.files.folders import HeldFolder, held_folder
from lstmcli.files.locks import try_lock, wait_for_lock
from lstmcli.files.write import make_folder, write_atomically
from lstmcli.series.panel import Panel
from lstmcli.tables.cache.panel_files import open_panel_files

_ABOUT = "about.json"
_LOCK = "lock"
_UNFINISHED = ".lstmcli"  # end of their names: no other program makes such
_OWN = re.compile(rf"\..*-[0-9a-f]{{16}}\.[a-z0-9_]{{8}}(?:\.old)?{re.escape(_UNFINISHED)}")
# What is raised where the parts of a cache are not what it says that it holds.
DAMAGED = (OSError, WriteFailed, ValueError, LookupError, TypeError, AttributeError, OverflowError)
_YOUNG = 60.0  # seconds in which an unfinished cache may not have its lock yet
_TRIES = 20  # against processes that make the same
_PACKED = 8  # times its size that a packed file may hold


def name_of(identity: dict[str, Any]) -> str:
    """The name of the folder of a cache: that of its first file, and a digest of all that it depends on."""
    stem = Path(identity["files"][0][0]).name.split(".")[0] or "table"
    return f"{stem}-{hashlib.sha256(_text(identity).encode()).hexdigest()[:16]}"


def _text(content: Any) -> str:
    return json.dumps(content, sort_keys=True, allow_nan=False)


def read_description(folder: Path) -> dict[str, Any] | None:
    """What a cache says that it holds; None for a folder that is no whole cache."""
    try:
        digest, _, text = (folder / _ABOUT).read_text(encoding="utf-8").partition("\n")
        if hashlib.sha256(text.encode()).hexdigest() != digest:
            return None
        found = json.loads(text)
        return found if isinstance(found, dict) else None
    except (OSError, ValueError):
        return None


def caches(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Those in a folder that look whole."""
    with contextlib.suppress(OSError):
        for path in sorted(folder.iterdir()):
            if not path.name.startswith(".") and path.is_dir() and (found := read_description(path)):
                yield path, found


def panel_in(folder: Path, content: dict[str, Any]) -> Panel | None:
    """None where a file is not there, not whole, or was changed."""
    try:
        return open_panel_files(folder, content["panel"])
    except DAMAGED:
        return None


def size_of(folder: Path) -> int:
    """In bytes."""
    total = 0
    with contextlib.suppress(OSError):  # another process may remove it, as one of an older state
        for path in folder.iterdir():
            total += path.lstat().st_size
    return total


@dataclass(frozen=True)
class CacheInTheMaking:
    """The folder that a cache is built in, by a name in the folder of caches; handle: of it, held open."""

    caches: HeldFolder
    name: str
    handle: int

    @property
    def path(self) -> Path:
        return self.caches.path / self.name

    def is_there(self) -> bool:
        """Whether it still has its name, and no other folder or link was put there."""
        with contextlib.suppress(OSError):
            return self.caches.has(self.name, self.handle)
        return False

    def check(self) -> None:
        """Raises CannotCreate where it has not."""
        if not self.is_there():
            raise CannotCreate(f"{self.path}: another folder was put in its place while the cache was made")

    def remove(self) -> None:
        """Removes it, and no other folder."""
        if self.is_there():
            self.caches.remove_folder(self.name)


@contextmanager
def new_cache_folder(folder: Path, name: str) -> Iterator[CacheInTheMaking]:
    """An empty folder to build a cache in; gone at the end, unless it was published. Removes those that
    killed runs left.

    Raises CannotCreate or WriteFailed.
    """
    make_folder(folder)
    with contextlib.ExitStack() as stack:
        try:
            caches = stack.enter_context(held_folder(folder.resolve()))
            _remove_leftovers(caches)
            made = _made_folder(caches, name)
            handle = caches.open(made, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, handle)
            new = CacheInTheMaking(caches, made, handle)
            stack.callback(new.remove)
            lock = HeldFolder(new.path, handle).open(_LOCK, os.O_RDWR | os.O_CREAT)
            stack.callback(os.close, lock)
        except OSError as error:
            raise write_failure(folder, error) from None
        with contextlib.suppress(OSError):  # not every file system has locks
            wait_for_lock(lock)
        yield new


def _made_folder(caches: HeldFolder, name: str) -> str:
    """The name of a new folder that nobody else may enter. Raises OSError."""
    while True:
        made = f".{name}.{os.urandom(4).hex()}{_UNFINISHED}"
        with contextlib.suppress(FileExistsError):
            os.mkdir(caches.place(made), 0o700, dir_fd=caches.handle)
            return made


def _remove_leftovers(caches: HeldFolder) -> None:
    for path in caches.path.glob(f".*{_UNFINISHED}"):
        with contextlib.suppress(OSError):
            if _OWN.fullmatch(path.name) and not _is_made(caches, path.name):
                caches.remove_folder(path.name)


def _is_made(caches: HeldFolder, name: str) -> bool:
    """Whether a process may be at work in an unfinished cache. Raises OSError for what is no folder."""
    made = caches.open(name, os.O_RDONLY | os.O_DIRECTORY)
    try:
        lock = HeldFolder(caches.path / name, made).open(_LOCK, os.O_RDWR)
    except FileNotFoundError:
        return time.time() - os.fstat(made).st_mtime < _YOUNG
    finally:
        os.close(made)
    try:
        return not try_lock(lock)
    except OSError:
        return True
    finally:
        os.close(lock)


def publish_cache(new: CacheInTheMaking, folder: Path, name: str, content: dict[str, Any]) -> Path:
    """Gives a cache its name, whole, and removes those of older states of its files.

    Raises CannotCreate or WriteFailed.
    """
    text = _text(content)
    digest = hashlib.sha256(text.encode()).hexdigest()
    made, final = new.path, folder / name
    new.check()  # what was written by its path is in it
    write_atomically(made / _ABOUT, f"{digest}\n{text}".encode())
    try:
        os.unlink(_LOCK, dir_fd=new.handle)
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(new.handle, 0o777 & ~mask)
        new.check()
        _rename(made, final, text)
    except OSError as error:
        raise write_failure(final, error) from None
    for path, other in caches(folder):
        if path != final and _is_older(other.get("identity"), content["identity"]):
            shutil.rmtree(path, ignore_errors=True)
    return final


def _rename(made: Path, final: Path, text: str) -> None:
    """Where one of that name is there, it is of another process, as good as this one, or damaged."""
    aside = made.with_name(f"{made.name.removesuffix(_UNFINISHED)}.old{_UNFINISHED}")
    for _ in range(_TRIES):
        try:
            made.rename(final)
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
        if final.is_symlink() or not final.is_dir():
            raise CannotCreate(f"{final}: is no cache; remove it")
        found = read_description(final)
        if found is not None and _text(found) == text and panel_in(final, found) is not None:
            return
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            final.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def _is_older(other: Any, identity: dict[str, Any]) -> bool:
    """Whether a cache is of the same files and options, but of another time."""
    changing = ("files", "format", "version")
    if not isinstance(other, dict) or not isinstance(other.get("files"), list):
        return False
    same = {k: v for k, v in other.items() if k not in changing} == {
        k: v for k, v in identity.items() if k not in changing
    }
    return same and [file[0] for file in other["files"]] == [file[0] for file in identity["files"]]


def file_identity(name: str) -> list[Any]:
    """Path, size and time of change of a file. Raises InputMissing, and UsageError for what is no file."""
    try:
        found = os.stat(name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputMissing(f"{name}: {reason.lower()}") from None
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"--cache keeps what files hold; {name} is no regular file")
    return [str(Path(name).resolve()), found.st_size, found.st_mtime_ns]


def unpacked_size(name: str) -> int:
    """Bytes of a file, as many as it may hold where it is packed."""
    size = os.path.getsize(name)
    return size * _PACKED if Path(name).suffix in (".gz", ".bz2", ".xz", ".zip", ".zst") else size
