"""The training files of a model, where they may be read without being named.

A model may be from elsewhere, and with it the paths that it records: what it names must not be a device, a
pipe, a walk through the whole disk, nor a file that whoever made the model has no business with.
"""

import os
import shlex
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path

from lstmcli.errors import DataError, InputMissing
from lstmcli.errors.foreign import shown
from lstmcli.files.read import read_once
from lstmcli.model_file.model import Model
from lstmcli.model_file.read import read_model
from lstmcli.network.builtin_file import is_builtin

MOST_FILES = 1000  # that are read without being named
_MOST_LOOKED_AT = 50_000  # names in folders that a pattern may be held against
_MOST_TYPED = 5  # files in a command that is shown


class _NotFollowed(Exception):
    """Why the files are not read; the text goes on behind "its training data"."""


def relative_data_paths(sources: Sequence[str], model: Path) -> tuple[str, ...]:
    """The training files as seen from the model's folder; none if one is standard input or a pipe."""
    folder = model.resolve().parent
    return () if read_once(sources) else tuple(os.path.relpath(os.path.realpath(s), folder) for s in sources)


def data_paths(model: Model, path: Path, command: str = "predict") -> list[str]:
    """The training files of a model, which nobody named: regular files below its folder.

    command: the one that is shown with the files. Raises InputMissing if one is not there, DataError where
    they are elsewhere, no regular files, or too many.
    """
    recorded = model.contract.data
    if not recorded:
        raise InputMissing(f"{path}: was trained on standard input or a pipe; name the data to forecast from")
    try:
        found = [os.path.relpath(file) for file in _followed(recorded, path)]
    except _NotFollowed as why:
        text = f"its training data {why}, and is only read where it is named: "
        raise DataError(
            "unnamed-data", text + command_with_data(recorded, path, command), path=str(path)
        ) from None
    return ["./-" if file == "-" else file for file in found]


def files_read(data: Sequence[str] | None, path: Path | None, command: str) -> list[str]:
    """The files that a command reads: the model, where it is a file, and DATA or the training files.

    Raises what `read_model` and `data_paths` raise.
    """
    if path is None or is_builtin(path):
        return list(data or ())
    return [str(path), *(data or data_paths(read_model(path), path, command))]


def unfollowed_note(recorded: Sequence[str], path: Path) -> str:
    """What `train` says of a model whose data every command must be told; else nothing."""
    try:
        if recorded:
            list(_followed(recorded, path))
    except _NotFollowed as why:
        return f"the training data {why}; name it: {command_with_data(recorded, path, 'predict')}"
    except InputMissing:
        pass
    return ""


def command_with_data(recorded: Sequence[str], path: Path, command: str) -> str:
    """The command line that names the data; DATA where there are many files, or signs that no terminal
    should get."""
    files = [
        os.path.relpath(os.path.join(path.resolve().parent, name)) for name in recorded[: _MOST_TYPED + 1]
    ]
    words = [*files, str(path)]
    if len(files) > _MOST_TYPED or not all(name.isprintable() and len(name) <= 1000 for name in words):
        return f"lstmcli {command} DATA -m MODEL"
    # A pattern is quoted, and so left to the command.
    files = [f"./{name}" if name.startswith("-") else name for name in files]
    return shlex.join(["lstmcli", command, *files, "-m", str(path)])


def _followed(recorded: Sequence[str], path: Path) -> Iterator[str]:
    """Absolute paths, one after the other. Raises _NotFollowed and InputMissing."""
    folder, count = os.path.realpath(path.resolve().parent), 0
    if len(recorded) > MOST_FILES:
        raise _NotFollowed(f"is of more than {MOST_FILES:,} files")
    for name in recorded:
        whole = os.path.normpath(os.path.join(folder, name))
        if os.path.commonpath([folder, whole]) != folder:
            raise _NotFollowed(f"'{shown(name)}' is outside the folder of the model")
        found = [whole] if os.path.lexists(whole) else list(_matching(folder, name))
        if not found:
            raise InputMissing(f"{path}: its training data is no longer at '{shown(name)}'; name the data")
        count += len(found)
        if count > MOST_FILES:
            raise _NotFollowed(f"is of more than {MOST_FILES:,} files")
        for file in found:
            _check_regular(file, folder, name)
            yield file


def _matching(folder: str, pattern: str) -> Iterator[str]:
    """The files that a pattern stands for, in order, those one too many at most."""
    if not has_magic(pattern):
        return
    parts = os.path.normpath(pattern).split(os.sep)
    if any("**" in part for part in parts):
        raise _NotFollowed(f"'{shown(pattern)}' is any number of folders deep")
    found, looked_at = [folder], 0
    for part in parts:
        below = []
        for parent in found:
            if not has_magic(part):
                below += [os.path.join(parent, part)] if os.path.lexists(os.path.join(parent, part)) else []
                continue
            for name in _names_in(parent):
                looked_at += 1
                if looked_at > _MOST_LOOKED_AT:
                    raise _NotFollowed(f"'{shown(pattern)}' is among more than {_MOST_LOOKED_AT:,} files")
                if fnmatchcase(name, part) and not (name.startswith(".") and not part.startswith(".")):
                    below.append(os.path.join(parent, name))
        found = below
    yield from sorted(found)[: MOST_FILES + 1]


def _names_in(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                yield entry.name
    except OSError:  # no folder
        return


def _check_regular(file: str, folder: str, recorded: str) -> None:
    real = os.path.realpath(file)
    if os.path.commonpath([folder, real]) != folder:
        raise _NotFollowed(f"'{shown(recorded)}' is outside the folder of the model")
    if not os.path.isfile(real):
        raise _NotFollowed(f"'{shown(recorded)}' is no regular file")
    if not os.path.getsize(real):  # as those of /proc, which may wait for ever
        raise _NotFollowed(f"'{shown(recorded)}' is empty")
