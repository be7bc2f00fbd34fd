"""Reading a model file: nothing is taken on trust, and nothing allocated before it is known to fit."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np

from lstmcli.errors import DataError
from lstmcli.evaluation.window_errors import WindowErrors
from lstmcli.files.read import open_with_size
from lstmcli.files.tensors import Header, Layout, TensorFileError, parse_json, read_header, read_tensors
from lstmcli.model_file.document import error_fields, model_of
from lstmcli.model_file.fields import DamagedDocument
from lstmcli.model_file.model import (
    BUILTIN_PREFIX,
    KEY,
    PLACES,
    READ_FORMATS,
    SEAL,
    STANDARDISED,
    UNKNOWN_ERROR,
    Model,
    seal_of,
)
from lstmcli.model_file.probe import probe
from lstmcli.network.architecture import Network, Weights
from lstmcli.network.builtin import builtin_shapes

_Result = TypeVar("_Result")
_LARGEST_PIPE = 2**30  # bytes; a file is read in its size


def read_model(path: Path) -> Model:
    """Raises InputMissing, or DataError for a damaged, foreign or newer file."""
    return read_and_then(path, lambda file: None)[0]


def read_and_then(path: Path, do: Callable[[BinaryIO], _Result]) -> tuple[Model, _Result]:
    """The model, and what `do` makes of its file, from the start; a pipe can be read only once.

    Raises as `read_model`.
    """
    file, size = open_with_size(path, _LARGEST_PIPE, f"; make a model with: lstmcli train DATA -m {path}")
    with file:
        try:
            model = _read(file, size, path)
            file.seek(0)
            return model, do(file)
        except ValueError as error:  # among them Malformed, Damaged and what JSON and UTF-8 may raise
            known = isinstance(error, TensorFileError | DamagedDocument)
            reason = str(error) if known else "its document is not what was written"
            raise _refused(file, reason, path) from None


def check_readable(raw: bytes, path: Path) -> None:
    """Raises DataError where a model of these bytes could not be read."""
    try:
        _read(io.BytesIO(raw), len(raw), path)
    except ValueError as error:
        raise DataError("not-storable", f"no model was written: {error}", path=str(path)) from None


def _refused(file: BinaryIO, reason: str, path: Path) -> DataError:
    """A damaged model, or a file that never was one: a model names the program in its first bytes."""
    file.seek(0)
    if KEY.encode() in file.read(64):
        return DataError("damaged-model", f"damaged model file: {reason}", path=str(path))
    return DataError("foreign-model", "not a model file of lstmcli", path=str(path))


def _read(file: BinaryIO, size: int, path: Path) -> Model:
    header = read_header(file, size)
    if KEY not in header.metadata:
        raise DataError("foreign-model", "not a model file of lstmcli", path=str(path))
    document = parse_json(header.metadata[KEY])
    if document.get("format") not in READ_FORMATS:
        found, formats = repr(document.get("format"))[:40], " and ".join(map(str, READ_FORMATS))
        raise DataError("model-format", f"model format {found}; this version reads {formats}", path=str(path))
    model = model_of(document)
    about = error_fields(document)
    windows = about.pop("windows", 0)
    tensors = read_tensors(file, header, _layouts(model.network, windows, header), size)
    seal = document.pop(SEAL, None)
    right = seal_of(document, tensors)  # refuses infinite numbers anywhere, too
    if seal not in (None, right):
        raise TensorFileError("its content is not what was written: the sum is another")
    errors = _errors(tensors, about) if windows else None
    network = _with_weights(model.network, tensors)
    _check_numbers(network)
    return replace(model, errors=errors, network=network, sealed=seal is not None, format=document["format"])


def _check_numbers(network: Network) -> None:
    """Raises TensorFileError where the forecast of the probe is not finite; nothing can be where weights are
    as small as any that training finds."""
    if network.is_usual:
        return
    with np.errstate(all="ignore"):
        made = np.asarray(probe(network).forecast)
    if not np.isfinite(made).all():
        raise TensorFileError("its weights are so large that its forecasts are no numbers")


def _errors(tensors: dict[str, Any], about: dict[str, Any]) -> WindowErrors:
    """Taken out of the tensors; about: the other fields. Raises TensorFileError for an impossible window."""
    standardised, places = tensors.pop(STANDARDISED), tensors.pop(PLACES)
    if places.min() < 0:
        raise TensorFileError(f"tensor {PLACES} has a number below 0")
    unknown = standardised == np.float16(UNKNOWN_ERROR)
    return WindowErrors(np.where(unknown, np.float16(np.nan), standardised), places, **about)


def _with_weights(network: Network, tensors: Weights) -> Network:
    own = {name: w for name, w in tensors.items() if not name.startswith(BUILTIN_PREFIX)}
    builtin = network.builtin and replace(
        network.builtin,
        weights={
            name.removeprefix(BUILTIN_PREFIX): np.asarray(w, np.float32)
            for name, w in tensors.items()
            if name.startswith(BUILTIN_PREFIX)
        },
    )
    return replace(network, weights=own, builtin=builtin)


def _layouts(network: Network, windows: int, header: Header) -> dict[str, Layout]:
    """Every tensor that the networks have, and the errors of so many windows. Raises TensorFileError where
    the file has not as many."""
    arch, others = network.arch, dict[str, Layout]()
    if network.builtin:
        others = {f"{BUILTIN_PREFIX}{name}": ("F16", shape) for name, shape in builtin_shapes().items()}
    if windows:
        others |= {STANDARDISED: ("F16", (windows, arch.horizon)), PLACES: ("I32", (windows, 2))}
    most: dict[str, Any] = {"layers": arch.layers, "members": arch.members}
    for what, count in most.items():
        if count > len(header.layouts):
            raise TensorFileError(f"{count:,} {what}, but {len(header.layouts):,} tensors")
    shapes = arch.shapes()
    wanted = arch.members * len(shapes) + len(others)
    if wanted != len(header.layouts):
        raise TensorFileError(f"{len(header.layouts):,} tensors, not {wanted:,}")
    return others | {
        f"members.{member}.{name}": ("F32", shape)
        for member in range(arch.members)
        for name, shape in shapes.items()
    }
