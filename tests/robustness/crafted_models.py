"""Model files that are right in form, with a right sum, and absurd in content."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from mutated_models import DAY, made_contract, made_network, report, table
from safetensors.numpy import save

from lstmcli.model_file.model import KEY, SEAL, contract_document, seal_of
from lstmcli.network.architecture import Network
from lstmcli.settings.text import default_settings
from lstmcli.windows.cut import WindowSpec
from lstmcli.windows.scaling import Standardisation


def packed(network: Network, contract, changes=None, weights=None) -> bytes:
    """A file as `write_model` writes it, but for what is not checked: no forecast is made. changes: parts of
    the document by name."""
    arch = network.arch
    probe = {"context": [0] * arch.context, "forecast": [[0] * len(arch.quantiles)] * arch.horizon}
    tensors = {name: np.ascontiguousarray(w, np.float32) for name, w in (weights or network.weights).items()}
    document = {
        "format": 4,
        "architecture": asdict(arch),
        "shape": asdict(network.shape),
        "scaling": asdict(network.scaling),
        "widths": network.widths,
        "blend": None,
        "trust": network.error_power,
        "unrest": network.usual_error,
        "mix": None,
        "contract": contract_document(contract),
        "settings": default_settings() | {"cell": arch.cell},
        "report": report(),
        "versions": {"numpy": np.__version__},
        "probe": probe,
    } | (changes or {})
    document = json.loads(json.dumps(document))
    sealed = document | {SEAL: seal_of(document, tensors)}
    return save(tensors, {KEY: json.dumps(sealed)})


def plain(context=12, horizon=4, **arch) -> Network:
    """A network of zeros."""
    network = made_network("lstm", WindowSpec(context, horizon, ("last",), 1, False), {})
    network = replace(network, arch=replace(network.arch, **arch))
    return filled(network)


def filled(network: Network, value: float = 0.0) -> Network:
    weights = {
        f"members.{member}.{name}": np.full(size, value, np.float32)
        for member in range(network.arch.members)
        for name, size in network.arch.shapes().items()
    }
    return replace(network, weights=weights)


def with_columns(names: list[str]) -> bytes:
    """A model that reads so many covariates of the past."""
    count = len(names)
    network = plain(covariates=count, static=count, hidden=1, layers=1, segment=1, context=2)
    standard = Standardisation((0.0,) * count, (1.0,) * count)
    scaling = replace(network.scaling, covariates=standard, spreads=(1.0,) * count)
    return packed(filled(replace(network, scaling=scaling)), made_contract(past=tuple(names)))


ODD_REPORTS = [
    {},
    {"members": None},
    {"members": [{}], "validation": {}},
    {"members": [{"steps": "x"}], "validation": {"windows": "x", "errors": {"model": {}}}},
    {"members": 5, "validation": {"windows": -1, "skill": 1e300, "errors": {"": {"mae": None}}}},
    {"validation": {"windows": 9, "skill": 0.1, "season": 1, "errors": {"model": {"mae": 1}}}},
    {
        "validation": {
            "windows": 9,
            "skill": 0.1,
            "errors": {"\x1b[2J": {"mae": 1, "smape": 2, "mase": 3}},
            "season": 1,
        }
    },
    {"updates": "many", **report()},
    {"updates": 10**400, **report()},
    {"processes": [], "seconds": {}, "until": [[]], "loss": "x", **report()},
    report() | {"members": [{"steps": 3, "stopped": [1]}] * 3},
]


def crafted() -> Iterator[tuple[str, bytes]]:
    """By name, what each holds."""
    contract = made_contract()
    yield "whole", packed(plain(), contract)
    for number, odd in enumerate(ODD_REPORTS):
        yield f"report {number}", packed(plain(), contract, {"report": odd})
    for number, odd in enumerate([{}, {"cell": 5}, {"nothing": 1}, {"cell": "lstm", "steps": [[1]]}]):
        yield f"settings {number}", packed(plain(), contract, {"settings": odd})
    yield "10,000 layers", packed(plain(layers=10_000, hidden=1), contract)
    yield "context of 2,000,000", packed(plain(context=2_000_000, segment=1, hidden=1), contract)
    yield "horizon of 300,000", packed(plain(horizon=300_000, hidden=1), contract)
    yield "1,000,000 columns", with_columns([str(n) for n in range(1_000_000)])
    yield "columns of long names", with_columns([f"{n:05}" + "x" * 9_900 for n in range(1_000)])
    yield "3,000 members", packed(plain(members=3_000, hidden=1), contract)
    for value in (3e38, -3e38, 1e30):
        yield f"weights of {value:g}", packed(filled(plain(), value), contract)
        mixed = filled(plain(), 0.0).weights
        mixed = {
            name: np.where(np.arange(w.size).reshape(w.shape) % 2, value, w) for name, w in mixed.items()
        }
        yield f"some weights of {value:g}", packed(plain(), contract, weights=mixed)
    for value in (1e300, -1e300, 1e-99):
        scaling = asdict(plain().scaling)
        levels = {"mean": [value] * 3, "std": [abs(value)] * 3}
        yield f"levels of {value:g}", packed(plain(), contract, {"scaling": scaling | {"levels": levels}})
        yield f"least of {value:g}", packed(plain(), contract, {"scaling": scaling | {"least": abs(value)}})
    yield "values to 1e300", packed(plain(), replace(contract, smallest=-1e300, largest=1e300))
    yield "widths of 1e6", packed(plain(), contract, {"widths": [1e6] * 3, "unrest": 1e30, "trust": 100})
    long = "x" * 9_999
    named = made_contract(series=(long,), targets=(long + "y",))
    yield "long columns", packed(plain(), named)
    hostile = made_contract(targets=("y\x1b[2J\u202e",))
    yield "hostile columns", packed(plain(), hostile)
    for step in (replace(DAY, count=2**61 // 10**6 * 10**4), replace(DAY, count=1)):
        yield f"step of {step.count}", packed(plain(), replace(contract, step=step))


def write_all(folder: Path) -> list[tuple[str, Path]]:
    """The files, and the data that they forecast as data.csv."""
    (folder / "data.csv").write_text(table(made_contract()))
    made = []
    for number, (name, raw) in enumerate(crafted()):
        path = folder / f"crafted_{number}.safetensors"
        path.write_bytes(raw)
        made.append((name, path))
    return made


def commands(model: str, data: str = "data.csv") -> list[list[str]]:
    """Every command that reads a model."""
    return [
        ["verify", "-m", model],
        ["config", "show", model],
        ["predict", data, "-m", model, "--html", "predict.html", "-o", "out.csv"],
        ["check", data, "-m", model],
        ["inspect-gates", data, "-m", model],
        ["backtest", data, "-m", model, "--folds", "2", "--html", "backtest.html"],
        ["train", data, "-m", model, "--update", "-q", "--set", "steps=2"],
        ["watch", data, "-m", model, "-o", "watch.csv"],
    ]
