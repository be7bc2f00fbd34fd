"""What a command writes, checked before its work: nothing of the user's own is lost by a name mistaken.

An output takes the place of no file that is read, of no other output, and of no file of another kind.
"""

import glob
import io
import os
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lstmcli.errors import SYSTEM_ERRNOS, CannotCreate, UsageError, WriteFailed, reason_of, write_failure
from lstmcli.files.endings import (
    PICTURE_ENDINGS,
    REPORT_ENDINGS,
    TABLE_ENDINGS,
    as_hyphen,
    check_picture_ending,
    form_of_picture,
)
from lstmcli.files.kinds import KIND_OF_FORM, NAMES_OF_KINDS, kind_of_file
from lstmcli.files.posix import give_up, is_full
from lstmcli.files.read import files_matching


@dataclass(frozen=True)
class Output:
    """A file that is to be written.

    flag: the option that names it; path: None for none, "-" for standard output; form: of `KIND_OF_FORM`,
    "" where the file may hold anything; goes_on: whether it is written on, and not replaced.
    """

    flag: str
    path: str | Path | None
    form: str = ""
    goes_on: bool = False

    @property
    def name(self) -> str:
        return as_hyphen(str(self.path))


def check_outputs(outputs: Iterable[Output], inputs: Iterable[str | Path] = ()) -> None:
    """inputs: files and patterns that are read.

    Raises CannotCreate and WriteFailed as `check_can_create`; UsageError where an output is a file that is
    read, or that another output names, or one that is there and of another kind, and where two go to
    standard output.
    """
    there, read = [output for output in outputs if output.path is not None], [str(name) for name in inputs]
    for place, output in enumerate(there):
        for other in there[:place]:
            _check_apart(output, other)
        if output.name == "-":
            _check_standard_output()
            continue
        if not output.path:
            raise UsageError(f"{output.flag} '': name a file")
        check_can_create(Path(output.name))
        if os.path.isfile(output.name):
            _check_not_read(output, read)
            _check_kind(output)
            if output.goes_on and not os.access(output.name, os.R_OK | os.W_OK):
                raise CannotCreate(f"{output.path}: cannot be written: no permission")


def check_can_create(path: Path) -> None:
    """Better known before the work: raises CannotCreate or WriteFailed where a file surely cannot be
    written."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError) as error:  # links in a circle, a name too long, a NUL in it
        reason = reason_of(error) if isinstance(error, OSError) else "a NUL byte in its name"
        raise CannotCreate(f"{path}: cannot be written: {reason}") from None
    target = Path(os.path.realpath(path))
    folder, named = target.parent, path.parent if not path.is_symlink() else target.parent
    if path.is_dir():
        raise CannotCreate(f"{path}: cannot be written: is a folder")
    if path.exists() and not path.is_file():
        _check_device(path)
        return
    if not folder.is_dir():
        raise CannotCreate(f"{path}: cannot be written: there is no folder {named}")
    _check_takes_files(folder, path, named)


def check_can_make_folder(path: Path) -> None:
    """As `check_can_create`, of a folder for output: of the one that is there, it or one above it."""
    there = Path(os.path.realpath(path))
    while not os.path.lexists(there):
        there = there.parent
    if not there.is_dir():
        which = "" if there == Path(os.path.realpath(path)) else f"{there} "
        raise CannotCreate(f"{path}: cannot be written: {which}is no folder; name another")
    _check_takes_files(there, path, there)


def _check_takes_files(folder: Path, path: Path, named: Path) -> None:
    """named: the folder as the user knows it."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotCreate(f"{path}: cannot be written: no permission in {named}")
    if is_full(folder):
        raise WriteFailed(f"{path}: no space left on device; nothing was replaced")


def _check_device(path: Path) -> None:
    """A device that refuses no bytes at all, such as /dev/full, takes none. A pipe is not opened: its reader
    would meet the end."""
    if not os.access(path, os.W_OK):
        raise CannotCreate(f"{path}: cannot be written: no permission")
    if not path.is_char_device():
        return
    try:
        device = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            os.write(device, b"")
        finally:
            os.close(device)
    except OSError as error:
        raise write_failure(path, error) from None


def _check_standard_output() -> None:
    """Raises WriteFailed where it is a device that takes nothing."""
    try:
        handle = sys.stdout.fileno()
        if stat.S_ISCHR(os.fstat(handle).st_mode):
            os.write(handle, b"")
    except (ValueError, AttributeError, io.UnsupportedOperation):
        return  # in memory
    except OSError as error:
        if error.errno in SYSTEM_ERRNOS:
            give_up(handle)  # what tells of it must not fail there too
            raise WriteFailed(f"standard output: {reason_of(error)}") from None


def _check_apart(output: Output, other: Output) -> None:
    ours, theirs = output.name, other.name
    if ours == theirs == "-":
        said = f"{output.flag} and {other.flag} both go to standard output"
        raise UsageError(f"{said}: name a file for one of them")
    if "-" in (ours, theirs) or (os.path.exists(ours) and not os.path.isfile(ours)):
        return  # a device, such as /dev/null, takes several
    same = os.path.realpath(ours) == os.path.realpath(theirs)
    if same or (os.path.exists(ours) and os.path.exists(theirs) and os.path.samefile(ours, theirs)):
        raise UsageError(f"{output.flag} {ours}: {other.flag} names this file already; name another")


def _check_not_read(output: Output, inputs: Iterable[str]) -> None:
    for name in inputs:
        for read in files_matching(name) if glob.has_magic(name) else [name]:
            if os.path.isfile(read) and os.path.samefile(output.name, read):
                raise UsageError(
                    f"{output.flag} {output.name}: this file is read too, and would be lost; name another"
                )


def _check_kind(output: Output) -> None:
    if not output.form:
        return
    kind, wanted = kind_of_file(output.name), KIND_OF_FORM[output.form]
    if kind not in ("", wanted):
        what = f"is {NAMES_OF_KINDS[kind]}, not {NAMES_OF_KINDS[wanted]}"
        raise UsageError(
            f"{output.flag} {output.name}: this file {what}, and would be lost; name another, or remove it"
        )


def picture_output(path: str | Path | None) -> Output:
    """The picture of --plot, a file. Raises UsageError for another ending than those of pictures."""
    if path is None:
        return Output("--plot", None)
    check_picture_ending(path)
    return Output("--plot", path, form_of_picture(path))


def page_output(path: str | None) -> Output:
    """The page of --html. Raises UsageError for an ending that stands for another form."""
    ending = os.path.splitext(path or "")[1].lower()
    others = {*TABLE_ENDINGS, *REPORT_ENDINGS, *PICTURE_ENDINGS, ".onnx", ".safetensors"} - {".html"}
    if ending in others:
        raise UsageError(f"--html {path}: a page ends in .html, not {ending}")
    return Output("--html", path, "html")
