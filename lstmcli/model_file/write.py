"""Writing a model file: the document and the weights, sealed, whole or not at all."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from lstmcli.evaluation.window_errors import WindowErrors
from lstmcli.files.write import write_atomically
from lstmcli.model_file.model import (
    BUILTIN_PREFIX,
    KEY,
    MODEL_FORMAT,
    PLACES,
    SEAL,
    STANDARDISED,
    UNKNOWN_ERROR,
    Model,
    as_text,
    contract_document,
    seal_of,
)
from lstmcli.model_file.probe import probe
from lstmcli.model_file.read import check_readable
from lstmcli.network.architecture import Builtin, Mix, Weights


def write_model(path: Path, model: Model) -> None:
    """Raises CannotCreate or WriteFailed; an existing file is then untouched."""
    write_atomically(path, _bytes_of(model))


def write_readable_model(path: Path, model: Model) -> None:
    """Reads what it is about to write, too. Raises DataError for what could not be read again, CannotCreate
    or WriteFailed; an existing file is then untouched."""
    raw = _bytes_of(model)
    check_readable(raw, path)
    write_atomically(path, raw)


def _bytes_of(model: Model) -> bytes:
    from safetensors.numpy import save  # not needed to read

    network = model.network
    document = {
        "format": MODEL_FORMAT,
        "architecture": asdict(network.arch),
        "shape": asdict(network.shape),
        "scaling": asdict(network.scaling),
        "widths": network.widths,
        "blend": asdict(network.blend) if network.blend else None,
        "trust": network.error_power,
        "unrest": network.usual_error,
        "mix": _mix_document(network.mix) if network.mix else None,
        **_builtin_document(network.builtin),
        "contract": contract_document(model.contract),
        "settings": model.settings,
        "report": model.report,
        **({"errors": _errors_document(model.errors)} if model.errors else {}),
        "versions": model.versions,
        "probe": asdict(probe(network)),
    }
    tensors = {name: np.ascontiguousarray(w, np.float32) for name, w in network.weights.items()}
    if network.builtin:
        tensors |= _builtin_tensors(network.builtin.weights)
    if model.errors:
        tensors |= _error_tensors(model.errors)
    sealed = document | {SEAL: seal_of(document, tensors)}
    made: bytes = save(tensors, {KEY: as_text(sealed)})
    return made


def _builtin_tensors(weights: Weights) -> dict[str, Any]:
    """The weights of the built-in network as they are written: in half precision, as it comes."""
    return {f"{BUILTIN_PREFIX}{name}": np.ascontiguousarray(w, np.float16) for name, w in weights.items()}


def _errors_document(errors: WindowErrors) -> dict[str, Any]:
    return {"windows": len(errors.places), "across": round(errors.across, 6), "origins": errors.origins}


def _error_tensors(errors: WindowErrors) -> dict[str, Any]:
    known = np.nan_to_num(errors.standardised, nan=UNKNOWN_ERROR)
    return {STANDARDISED: np.ascontiguousarray(known), PLACES: np.ascontiguousarray(errors.places)}


def _builtin_document(builtin: Builtin | None) -> dict[str, Any]:
    return {"builtin": {"season": builtin.season, "second": builtin.second}} if builtin else {}


def _mix_document(mix: Mix) -> dict[str, Any]:
    """The mix as it is written; without the built-in network where it has no share."""
    document = asdict(mix)
    return document if mix.builtin else {k: v for k, v in document.items() if k != "builtin"}
