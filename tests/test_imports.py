"""Imports point one way, and heavy packages stay behind their doors."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "lstmcli"
# Each layer may import from the layers before it and from itself.
LAYERS = [
    {"lstmcli", "errors"},
    {"options"},
    {"input_files", "tensor_file"},
    {"yaml_settings"},
    {
        "durations",
        "findings",
        "files",
        "locking",
        "config",
        "calendar",
        "steps",
        "cells",
        "metrics",
    },
    {"settings_text", "settings_schema"},
    {"intervals", "blending", "seasonality"},
    {"panel", "scaling", "public_holidays", "recurrence"},
    {"time_columns", "ahead"},
    {"covariates"},
    {"windows", "baselines", "statistical"},
    {"network"},
    {"measuring"},
    {"plan", "forecasting", "gates", "backtest"},
    {"bundle", "validation"},
    {"contract", "freshness", "verification"},
    {"comparison", "which_cell", "exporting", "updating"},
    {"learning"},
    {"time_text"},
    {"plain"},
    {"tables", "output", "terminal", "plots", "pages"},
    {"checking", "following", "tuning", "api", "many_files"},
    {"completion"},
    {"commands"},
    {"command_line"},
    {"__main__"},
]
HEAVY = {
    "torch": {"learning"},
    "pandas": {"tables", "output", "api"},
    "pyarrow": {"output"},
    "matplotlib": {"plots"},
    "safetensors": {"bundle", "learning"},
    "yaml": {"yaml_settings"},
    "onnx": {"exporting"},
    "onnxruntime": {"exporting"},
    "pydantic": {"config"},
    "statsforecast": {"statistical"},
    "optuna": {"tuning"},
    "dask": {"many_files"},
    "distributed": {"many_files"},
}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path):
    """The layer name of a file: its own, or that of its folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "lstmcli" if parts == ("__init__",) else parts[0]


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module


def rank(room):
    return next(number for number, layer in enumerate(LAYERS) if room in layer)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    for name in imported(path):
        if name == "lstmcli" or name.startswith("lstmcli."):
            other = [*name.split("."), "lstmcli"][1]
            if room_of(path) == "lstmcli" and other == "api":
                continue  # the front door, opened when a name is asked for: see test_api.py
            assert rank(other) <= rank(room_of(path)), f"{room_of(path)} imports {name}"


def name_of(path):
    """What a file is imported as."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path, names):
    """Those of `names` that a file imports anywhere: also in functions and for types alone."""
    for node in ast.walk(ast.parse(path.read_text())):
        for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
            whole = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
            yield from {whole if whole in names else whole.rpartition(".")[0]} & names


def test_no_circle_of_imports():
    files = {name_of(path): path for path in modules()}
    graph = {name: set(imports_of(path, files.keys())) for name, path in files.items()}
    assert "lstmcli.learning.ranks" in graph["lstmcli.learning.sharing"]
    graph["lstmcli"].remove("lstmcli.api")  # the front door, see above
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_packages_stay_behind_their_doors(path):
    for name in imported(path):
        allowed = HEAVY.get(name.split(".")[0])
        assert allowed is None or room_of(path) in allowed, f"{path} imports {name}"


def test_every_module_has_a_place():
    rooms = {room_of(path) for path in modules()}
    assert rooms == set().union(*LAYERS)
