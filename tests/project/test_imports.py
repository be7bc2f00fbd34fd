"""Imports point one way, and heavy packages stay behind their doors."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "lstmcli"
# The rooms, in the order in which data flows; each may import from itself and from those before it.
ROOMS = [
    "errors",
    "files",
    "series",
    "settings",
    "windows",
    "network",
    "forecasting",
    "evaluation",
    "model_file",
    "gates",
    "learning",
    "tables",
    "reports",
    "jobs",
    "console",
    "cli",
]
ORDER = ["_version", *ROOMS, "__main__"]
# The only homes of large packages.
HEAVY = {
    "fcntl": {"files"},
    "resource": {"files"},
    "ctypes": {"files"},
    "torch": {"learning"},
    "pandas": {"tables", "jobs"},
    "narwhals": {"tables", "jobs"},
    "pyarrow": {"tables"},
    "jinja2": {"reports"},
    "matplotlib": {"reports"},
    "safetensors": {"model_file", "learning"},
    "yaml": {"settings"},
    "onnx": {"model_file"},
    "onnxruntime": {"model_file"},
    "pydantic": {"settings"},
    "statsforecast": {"evaluation"},
    "optuna": {"jobs"},
    "dask": {"jobs"},
    "distributed": {"jobs"},
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
            if node.module == "lstmcli":  # a room as a name
                yield from (f"lstmcli.{alias.name}" for alias in node.names)
            else:
                yield node.module


def rank(room):
    return ORDER.index(room)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    for name in imported(path):
        if name == "lstmcli":
            assert path.name == "cluster.py"  # asks a worker, in code that runs there, which version it has
        elif name.startswith("lstmcli.") and room_of(path) != "lstmcli":
            # `__init__` is the front door: it opens `jobs.python` when a name is asked for, see test_api.py
            other = name.split(".")[1]
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
    assert "lstmcli.learning.processes.group" in graph["lstmcli.learning.processes.sharing"]
    graph["lstmcli"].remove("lstmcli.jobs.python")  # the front door, see above
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules


def test_no_module_is_left_over():
    files = {name_of(path): path for path in modules()}
    assert len(files) == len(modules())  # a folder hides the module of its name
    used = {name for path in modules() for name in imports_of(path, files.keys())}
    commands = {name for name in files if name.startswith("lstmcli.cli.commands.")}  # loaded by name
    alone = {n for n, path in files.items() if path.name not in ("__init__.py", "__main__.py")}
    assert alone - used - commands == set()


def test_no_public_name_means_two_things():
    owners = {}
    for path in modules():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                owners.setdefault(node.name, set()).add(name_of(path))
    twice = {name for name, found in owners.items() if len(found) > 1}
    # Commands and what Python calls by the same names.
    assert twice == {"main", "train", "check", "tune", "impute"}


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_packages_stay_behind_their_doors(path):
    for name in imported(path):
        allowed = HEAVY.get(name.split(".")[0])
        assert allowed is None or room_of(path) in allowed, f"{path} imports {name}"


def without_unit(node):
    """Whether a node is a time of NumPy, or a time span, whose unit nothing tells: `np.datetime64("NaT")`."""
    match node:
        case ast.Call(ast.Attribute(attr="datetime64"), [ast.Constant("NaT")]):
            return True
        case ast.Call(ast.Attribute(attr="timedelta64"), [_]):
            return True
    return False


def test_times_of_numpy_have_their_unit():
    """From 2.5 on, which needs Python 3.12, NumPy warns of those without; it will refuse them."""
    assert without_unit(ast.parse('np.timedelta64("NaT")').body[0].value)
    found = [
        f"{path}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if without_unit(node)
    ]
    assert not found


def test_there_are_sixteen_rooms_and_three_modules_beside_them():
    names = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))}
    assert names == {*ROOMS, "__init__", "__main__", "_version"}
    assert len(ROOMS) == 16


def test_no_file_is_too_long():
    """A file that does not fit on a few screens holds more than one thing."""
    lengths = {path: len(path.read_text().splitlines()) for path in sorted(PACKAGE.rglob("*.py"))}
    assert not {path: length for path, length in lengths.items() if length >= 300}
