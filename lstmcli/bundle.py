"""The model file: one .safetensors file with the weights and one JSON document.

It holds no code, no training data and no absolute path, and is read without unpickling.
"""

import glob
import json
import os
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from lstmcli.blending import Blend
from lstmcli.calendar import Step
from lstmcli.errors import DataError, InputMissing
from lstmcli.files import write_atomically
from lstmcli.forecasting import scaled_quantiles
from lstmcli.network import LEVELS, Architecture, Network, Weights
from lstmcli.options import Options
from lstmcli.scaling import Scaling, Standard, WindowScale
from lstmcli.windows import Shape, Windows, baselines_of

FORMAT = 3
_KEY = "lstmcli"
_LARGEST_HEADER = 64 * 2**20


@dataclass(frozen=True)
class Contract:
    """What the data looked like, and what prediction expects of it.

    Column roles as in `columns.Roles`. options: how files are read; time_pattern: how stamps are
    written (strftime, or None for ISO); data: the paths or patterns of the training files relative
    to the model's folder, none for standard input; known_series: see `contract.fingerprints`, ""
    where it was not kept; ends: see `contract.last_times`, none where they were not kept.
    """

    time: str
    series: tuple[str, ...]
    targets: tuple[str, ...]
    past: tuple[str, ...]
    future: tuple[str, ...]
    options: Options
    time_pattern: str | None
    step: Step
    series_count: int
    observations: int
    smallest: float
    largest: float
    data: tuple[str, ...]
    data_sha256: str
    static: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    known_series: str = ""
    ends: tuple[str, ...] = ()

    @property
    def covariates(self) -> tuple[str, ...]:
        """Columns that change with time: numbers, then categories."""
        columns = (*self.past, *self.future)
        return tuple(sorted(columns, key=lambda column: column in self.categorical))


@dataclass(frozen=True)
class Model:
    """All that is in a model file."""

    network: Network
    contract: Contract
    settings: dict[str, Any]
    report: dict[str, Any]
    versions: dict[str, str]


def write(path: Path, model: Model) -> None:
    """Raises CannotCreate or WriteFailed; an existing file is then untouched."""
    network = model.network
    document = {
        "format": FORMAT,
        "architecture": asdict(network.arch),
        "shape": asdict(network.shape),
        "scaling": asdict(network.scaling),
        "widths": network.widths,
        "blend": asdict(network.blend) if network.blend else None,
        "trust": network.trust,
        "unrest": network.unrest,
        "contract": asdict(model.contract),
        "settings": model.settings,
        "report": model.report,
        "versions": model.versions,
        "probe": probe(network),
    }
    text = json.dumps(document, sort_keys=True, allow_nan=False)
    tensors = {name: np.ascontiguousarray(w) for name, w in network.weights.items()}
    write_atomically(path, save(tensors, {_KEY: text}))


def read(path: Path) -> Model:
    """Raises InputMissing, or DataError for a damaged, foreign or newer file."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputMissing(f"{path}: {reason}; make a model with: lstmcli train DATA -m {path}") from None
    document = _document(raw, path)
    if document.get("format") != FORMAT:
        raise DataError(
            "model-format",
            f"model format {document.get('format')!r}; this version reads format {FORMAT}",
            path=str(path),
        )
    try:
        model = _model(document, load(raw))
    except (SafetensorError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError("damaged-model", f"damaged model file: {error}", path=str(path)) from None
    _check_shapes(model.network, path)
    return model


def _document(raw: bytes, path: Path) -> dict[str, Any]:
    """The JSON document in the header, read before anything is allocated for tensors."""
    foreign = DataError("foreign-model", "not a model file of lstmcli", path=str(path))
    if len(raw) < 8:
        raise foreign
    (size,) = struct.unpack("<Q", raw[:8])
    if size > min(len(raw) - 8, _LARGEST_HEADER):
        raise foreign
    try:
        document = json.loads(json.loads(raw[8 : 8 + size])["__metadata__"][_KEY])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise foreign from None
    if not isinstance(document, dict):
        raise foreign
    return document


def _model(document: dict[str, Any], weights: Weights) -> Model:
    arch = document["architecture"]
    scaling, contract = document["scaling"], document["contract"]
    standards = {
        name: Standard(tuple(scaling[name]["mean"]), tuple(scaling[name]["std"]))
        for name in ("covariates", "levels", "static")
    }
    lists_of_scaling = {
        "spreads": tuple(scaling["spreads"]),
        "categories": tuple(map(tuple, scaling["categories"])),
    }
    lists = ("series", "targets", "past", "future", "static", "categorical", "data")
    network = Network(
        weights=weights,
        arch=Architecture(**arch | {name: tuple(v) for name, v in arch.items() if isinstance(v, list)}),
        shape=Shape(**{**document["shape"], "baselines": tuple(document["shape"]["baselines"])}),
        scaling=Scaling(**{**scaling, **standards, **lists_of_scaling}),
        widths=tuple(map(float, document["widths"])),
        blend=Blend(**document["blend"]) if document["blend"] else None,
        trust=float(document["trust"]),
        unrest=float(document["unrest"]),
    )
    return Model(
        network=network,
        contract=Contract(
            **{
                **contract,
                **{k: tuple(contract[k]) for k in lists},
                "ends": tuple(contract.get("ends", ())),
                "options": Options(**contract["options"]),
                "step": Step(**contract["step"]),
            }
        ),
        settings=dict(document["settings"]),
        report=dict(document["report"]),
        versions=dict(document["versions"]),
    )


def _check_shapes(network: Network, path: Path) -> None:
    arch = network.arch
    if len(network.widths) != len(arch.quantiles):
        raise DataError(
            "damaged-model", "damaged model file: one width per quantile is needed", path=str(path)
        )
    tables = [rows for by_role in arch.tables.values() for rows in by_role]
    if tables != [1 + len(names) for names in network.scaling.categories]:
        raise DataError("damaged-model", "damaged model file: one row per category is needed", path=str(path))
    wanted = {
        f"members.{m}.{name}": shape for m in range(arch.members) for name, shape in arch.shapes().items()
    }
    for name, shape in wanted.items():
        found = network.weights.get(name)
        if found is None or found.shape != shape or not np.isfinite(found).all():
            raise DataError(
                "damaged-model", f"damaged model file: weight {name} is missing or malformed", path=str(path)
            )


def probe(network: Network) -> dict[str, Any]:
    """A made-up window and its forecast: a wave over the context, no covariates.

    Replaying it shows whether this machine computes the numbers that training saw.
    """
    arch, shape = network.arch, network.shape
    time = np.arange(arch.context)
    context = np.sin(2 * np.pi * time / max(shape.season, 4))[None].astype(np.float32)
    missing = np.zeros(context.shape, bool)
    one = np.ones((1, 1))
    windows = Windows(
        context=context,
        missing=missing,
        covariates=np.zeros((1, arch.context, arch.covariates), np.float32),
        ahead=np.zeros((1, arch.horizon, arch.ahead), np.float32),
        codes=np.zeros((1, arch.context, len(arch.past_tables) + len(arch.future_tables)), np.int64),
        codes_ahead=np.zeros((1, arch.horizon, len(arch.future_tables)), np.int64),
        static=np.zeros((1, arch.static), np.float32),
        static_codes=np.zeros((1, len(arch.static_tables)), np.int64),
        levels=np.zeros((1, LEVELS), np.float32),
        baselines=baselines_of(context, missing, shape),
        target=np.zeros((1, arch.horizon), np.float32),
        scale=WindowScale(0 * one, one, one),
    )
    quantiles = scaled_quantiles(network, windows)[0]
    return {"context": context[0].tolist(), "forecast": quantiles.tolist()}


def relative_data_paths(sources: Sequence[str], model: Path) -> tuple[str, ...]:
    """The training files as seen from the model's folder; none if one is standard input."""
    folder = model.resolve().parent
    return () if "-" in sources else tuple(os.path.relpath(os.path.realpath(s), folder) for s in sources)


def data_paths(model: Model, path: Path) -> list[str]:
    """Where the training files of a model should be. Raises InputMissing if one is not there."""
    if not model.contract.data:
        raise InputMissing(f"{path}: was trained on standard input; name the data to forecast from")
    found = []
    for recorded in model.contract.data:
        source = os.path.normpath(path.resolve().parent / recorded)
        if not os.path.isfile(source) and not glob.glob(source, recursive=True):
            raise InputMissing(f"{path}: its training data is no longer at {recorded}; name the data")
        found.append(os.path.relpath(source))
    return found
