"""The checkpoint of a training: one .safetensors file beside the model, no pickle.

It holds the state of every member that has begun and the weights of those that are done, what
it belongs to (settings, data, versions), and a digest of all that. Loads no torch.
"""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from lstmcli.errors import DataError, InputMissing, LstmcliError, SettingsError, reason_of
from lstmcli.errors.foreign import MOST_OF_PATH, shown
from lstmcli.files.kinds import kind_of_bytes
from lstmcli.files.read import open_with_size
from lstmcli.files.tensors import read_header, read_tensors
from lstmcli.files.write import write_atomically
from lstmcli.network.architecture import Architecture

CHECKPOINT_FORMAT = 1
_KEY, _DIGEST = "lstmcli-checkpoint", "sha256"
_ROOM = 64 * 2**20  # bytes for what is not weights: losses, random states, the header
_COPIES = 8  # of all weights: newest, average, two moments, best; trained; with room to spare


@dataclass(frozen=True)
class Snapshot:
    """The state of one member: arrays by name, and what else there is, as JSON takes it."""

    arrays: dict[str, NDArray[Any]]
    numbers: dict[str, Any]


def checkpoint_path(model: Path) -> Path:
    """Where the checkpoint of a model stands: beside it, also where the model is a link."""
    target = model.resolve()
    return target.with_name(f"{target.name}.checkpoint")


@dataclass
class Checkpoint:
    """The states of all members, by stage and member, and the file they are saved in.

    identity: what the training is of, see `identity_of`; warn: called when the first save
    fails, which does not end the training; writes: whether this process touches the file, or only goes
    on from what another one read.
    """

    path: Path
    identity: dict[str, Any]
    warn: Callable[[str], None]
    members: dict[str, Snapshot] = field(default_factory=dict)
    writes: bool = True
    saved: bool = False  # whether the last save, if any, was written
    _warned: bool = False

    def add(self, stage: str, member: int, snapshot: Snapshot) -> None:
        self.members[f"{stage}.{member}"] = snapshot

    def get(self, stage: str, member: int) -> Snapshot | None:
        return self.members.get(f"{stage}.{member}")

    def save(self) -> None:
        if not self.writes:
            return
        try:
            write_atomically(self.path, pack_checkpoint(self.identity, self.members), named=False)
            self.saved = True
        except LstmcliError as error:
            self.saved = False
            if not self._warned:
                self._warned = True
                self.warn(f"no checkpoint can be saved, training goes on: {error}")

    def remove(self) -> None:
        """To be called when training has ended. A file that cannot be removed is a warning."""
        if not self.writes:
            return
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            self.warn(f"{self.path}: cannot be removed: {reason_of(error)}")


def identity_of(
    settings: Mapping[str, Any], data_sha256: str, versions: Mapping[str, str], start: str
) -> dict[str, Any]:
    """What must be the same for a training to go on. start: digest of the weights it started from."""
    return {
        # Not what leaves the result as it is.
        "settings": {k: v for k, v in settings.items() if k != "processes"},
        "data": data_sha256,
        "versions": {k: versions[k] for k in ("lstmcli", "numpy", "torch")},
        "start": start,
    }


def pack_checkpoint(identity: Mapping[str, Any], members: Mapping[str, Snapshot]) -> bytes:
    """The bytes of the file."""
    document = {
        "format": CHECKPOINT_FORMAT,
        "identity": identity,
        "members": {name: snapshot.numbers for name, snapshot in members.items()},
    }
    text = json.dumps(document, sort_keys=True)
    arrays = {
        f"{member}.{name}": np.ascontiguousarray(array).reshape(array.shape)  # or a number has a length
        for member, snapshot in members.items()
        for name, array in snapshot.arrays.items()
    }
    return save(arrays, {_KEY: text, _DIGEST: _digest(text, arrays)})


def read_checkpoint(path: Path, identity: Mapping[str, Any], arch: Architecture) -> dict[str, Snapshot]:
    """The members in a checkpoint, none where there is no file.

    Raises SettingsError where it is of another training, naming what differs; DataError where it
    is damaged or larger than one of this architecture can be.
    """
    if path.is_symlink():
        raise InputMissing(f"{path}: is a link, which is not followed; remove it")
    if not path.exists():
        return {}
    file, size = open_with_size(path, 0, follow=False)
    with file:
        raw = file.read(_largest(arch) + 1)
    if size > _largest(arch):
        raise damaged_checkpoint("larger than it can be", path)
    if kind_of_bytes(raw) not in ("", "checkpoint"):
        raise DataError(
            "damaged-checkpoint", "no checkpoint of a training; move or remove it", path=str(path)
        )
    document, arrays = _unpack(raw, path)
    _check_identity(document.get("identity"), identity, path)
    found: dict[str, Snapshot] = {}
    for name, numbers in document["members"].items():
        prefix = f"{name}."
        found[name] = Snapshot(
            {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}, numbers
        )
    return found


_RESTART = "start over with --restart"


def damaged_checkpoint(reason: str, path: Path | str = "") -> DataError:
    """What is raised for a checkpoint that cannot be used."""
    return DataError("damaged-checkpoint", f"damaged checkpoint: {reason}; {_RESTART}", path=str(path))


def _largest(arch: Architecture) -> int:
    weights = sum(math.prod(shape) for shape in arch.shapes().values())
    return _ROOM + 4 * _COPIES * arch.members * weights


def _unpack(raw: bytes, path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The document and the arrays, once the digest says that they are what was written."""
    file = BytesIO(raw)
    try:
        header = read_header(file, len(raw), largest=len(raw))
        text, digest = header.metadata[_KEY], header.metadata[_DIGEST]
        arrays = read_tensors(file, header, header.layouts, len(raw), finite=False)
        document = json.loads(text)
        complete = _digest(text, arrays) == digest and isinstance(document["members"], dict)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise damaged_checkpoint("incomplete or changed", path) from None
    if not complete:
        raise damaged_checkpoint("incomplete or changed", path)
    if document.get("format") != CHECKPOINT_FORMAT:
        name = shown(str(path), MOST_OF_PATH)
        raise SettingsError(f"{name}: a checkpoint of another version of lstmcli; {_RESTART}")
    return document, arrays


def _digest(text: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype} {array.shape};".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _check_identity(found: Any, wanted: Mapping[str, Any], path: Path) -> None:
    wanted = json.loads(json.dumps(wanted))  # tuples are lists in the file
    if different := differences(found, wanted, "was", "is"):
        name = shown(str(path), MOST_OF_PATH)
        raise SettingsError(f"{name}: of another training; different: {', '.join(different)}; {_RESTART}")


def differences(theirs: Mapping[str, Any], ours: Mapping[str, Any], was: str, now: str) -> list[str]:
    """What differs between two identities; was, now: words before the value of each."""
    found = [
        f"{key} ({was} {theirs[part].get(key)}, {now} {ours[part].get(key)})"
        for part in ("settings", "versions")
        for key in sorted({*ours[part], *theirs[part]})
        if ours[part].get(key) != theirs[part].get(key)
    ]
    found += ["the data"] if theirs["data"] != ours["data"] else []
    return found + (["the model to update"] if theirs["start"] != ours["start"] else [])
