"""`lstmcli verify`: whether a model file is what was written, and this machine computes what training saw."""

import hashlib
import math
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lstmcli._version import __version__
from lstmcli.errors import DataError
from lstmcli.model_file import Model, probe, read_and_then
from lstmcli.model_file.builtin_record import read_builtin_record, recorded_forecast
from lstmcli.network.architecture import parameters
from lstmcli.network.builtin import HIDDEN, builtin_shapes
from lstmcli.network.builtin_file import BUILTIN_FILE, BUILTIN_NAME
from lstmcli.series.arrays import Array

# Single precision keeps seven digits; sums in another order, on another processor or with another
# NumPy, agree to five or six. One weight changed by a hundredth moves more.
PROBE_TOLERANCE = 1e-4
_BLOCK = 2**20


@dataclass(frozen=True)
class Verification:
    """What was found.

    size         bytes of the file          sha256  of the whole file
    sealed       whether the file has the sum of its numbers (a file of an older version has none)
    parameters   numbers that all members have learned
    difference   of the probe's forecast from the recorded one, relative to its largest number
    verified     whether that is within the tolerance
    data_sha256  of the training data; empty for the built-in network, whose data are made up
    trained_with, installed  versions by package; notes where they differ
    """

    model: str
    format: int
    size: int
    sha256: str
    sealed: bool
    cell: str
    layers: int
    hidden: int
    members: int
    parameters: int
    data_sha256: str
    trained_with: dict[str, str]
    installed: dict[str, str]
    difference: float
    tolerance: float
    verified: bool
    notes: tuple[str, ...]


def verification(path: Path) -> Verification:
    """Reads a model file in full and replays its probe.

    Raises InputMissing, or DataError for a file that is damaged, foreign or of another format.
    """
    model, (size, sha256) = read_and_then(path, _file_sum)
    arch, away = model.network.arch, _difference(model)
    installed = _installed()
    return Verification(
        model=str(path),
        format=model.format,
        size=size,
        sha256=sha256,
        sealed=model.sealed,
        cell=arch.cell,
        layers=arch.layers,
        hidden=arch.hidden,
        members=arch.members,
        parameters=arch.members * parameters(arch),
        data_sha256=model.contract.data_sha256,
        trained_with=model.versions,
        installed=installed,
        difference=away,
        tolerance=PROBE_TOLERANCE,
        verified=away <= PROBE_TOLERANCE,
        notes=tuple(_notes(model, installed)),
    )


def builtin_verification() -> Verification:
    """Reads the weights that the program comes with in full, and repeats the forecast recorded with them.

    Raises DataError where they are damaged.
    """
    weights, record = read_builtin_record(BUILTIN_FILE)
    with open(BUILTIN_FILE, "rb") as file:
        size, sha256 = _file_sum(file)
    away = relative_difference(record.forecast, recorded_forecast(weights))
    return Verification(
        model=BUILTIN_NAME,
        format=record.format,
        size=size,
        sha256=sha256,
        sealed=True,
        cell="lstm",
        layers=1,
        hidden=HIDDEN,
        members=1,
        parameters=sum(map(math.prod, builtin_shapes().values())),
        data_sha256="",
        trained_with={},
        installed=_installed(),
        difference=away,
        tolerance=PROBE_TOLERANCE,
        verified=away <= PROBE_TOLERANCE,
        notes=(),
    )


def check_verification(found: Verification) -> None:
    """Raises DataError where the probe gave other numbers."""
    if not found.verified:
        raise DataError(
            "other-numbers",
            f"the probe gives other numbers here than in training: they differ by {found.difference:.1e}, "
            f"{found.tolerance:.0e} is allowed",
            path=found.model,
        )


def _difference(model: Model) -> float:
    assert model.probe is not None, "a model that was read has one"
    with np.errstate(over="ignore", invalid="ignore"):
        again = np.asarray(probe(model.network).forecast)
    return relative_difference(np.asarray(model.probe.forecast), again)


def relative_difference(recorded: Array, again: Array) -> float:
    """Largest difference of a forecast made again from the recorded one, relative to its largest number."""
    if again.shape != recorded.shape:
        return 1e300
    with np.errstate(over="ignore", invalid="ignore"):
        away = np.abs(again - recorded).max() / max(np.abs(recorded).max(), 1e-30)
    return float(away) if np.isfinite(away) else 1e300


def _installed() -> dict[str, str]:
    return {"lstmcli": __version__, "python": platform.python_version(), "numpy": np.__version__}


def _file_sum(file: BinaryIO) -> tuple[int, str]:
    """Bytes and SHA-256 of a file."""
    digest, size = hashlib.sha256(), 0
    while block := file.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return size, digest.hexdigest()


def _notes(model: Model, installed: dict[str, str]) -> list[str]:
    notes = []
    if not model.sealed:
        notes.append("the file has no sum of its numbers: only the probe was checked")
    for name, version in installed.items():
        if model.versions.get(name, version) != version:
            notes.append(f"{name} {version} is installed; the model was trained with {model.versions[name]}")
    return notes
