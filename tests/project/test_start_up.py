"""Every command loads what it needs and nothing else: the time before its work begins is theirs."""

import subprocess
import sys

import pytest

# Runs the command line of its arguments and writes what that loaded into the file MODULES.
LISTING = """
import os, sys
from lstmcli.__main__ import main
sys.argv[0] = "lstmcli"
try:
    main()
finally:
    with open(os.environ["MODULES"], "w") as file:
        print(*sys.modules, file=file)
"""
# What takes long to load. pandas may load pyarrow.
WATCHED = {
    *("torch", "numpy", "pandas", "pydantic", "matplotlib", "rich", "yaml", "safetensors"),
    *(
        "onnx",
        "onnxruntime",
        "optuna",
        "scipy",
        "statsforecast",
        "holidays",
        "dask",
        "asyncio",
        "ssl",
        "multiprocessing",
    ),
    *("lstmcli.settings.model", "lstmcli.tables.read.files", "lstmcli.reports.html", "lstmcli.gates"),
}
SETTINGS = {"numpy", "pydantic", "lstmcli.settings.model"}
TABLES = {"numpy", "pandas", "lstmcli.tables.read.files"}
NEEDED = {
    "--help": set(),
    "--version": set(),
    "completion bash": set(),
    "train --help": set(),
    "predict --help": set(),
    "verify": {"numpy"},
    "config defaults": SETTINGS,
    "config show MODEL": SETTINGS,
    "predict": {"numpy"},
    "predict -": {"numpy"},
    "predict --horizon 30": {"numpy", "rich"},  # has something to say
    "predict --format ndjson -q --horizon 30": {"numpy"},
    "predict DATA --set-nothing": set(),  # ends with 2
    "predict GAPS --on-gap mask -q": TABLES,
    "check DATA": TABLES | SETTINGS | {"yaml"},
    "inspect-gates": {"numpy", "lstmcli.gates"},
    "backtest -m MODEL --folds 1 -q": {"numpy"},
}
KEYS = {"lstmcli pre": "predict", "lstmcli predict --fo": "--follow", "lstmcli train --set cell=g": "gru"}


@pytest.fixture
def loaded(tmp_path, environment, trained):
    """A function: runs a command line, and gives what was loaded of that which is watched."""
    rows = trained.data.read_text().splitlines(keepends=True)
    (tmp_path / "gaps.csv").write_text("".join(rows[:300] + rows[301:]))
    (tmp_path / "model.safetensors").write_bytes(trained.model.read_bytes())
    (tmp_path / trained.data.name).write_bytes(trained.data.read_bytes())
    names = {"MODEL": "model.safetensors", "DATA": trained.data.name, "GAPS": "gaps.csv"}

    def run(line, code=0, **variables):
        words = [names.get(word, word) for word in line.split()]
        done = subprocess.run(
            [sys.executable, "-c", LISTING, *words],
            cwd=tmp_path,
            env={**environment, **variables, "MODULES": str(tmp_path / "modules")},
            input="".join(rows),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == code, done.stderr
        return WATCHED & set((tmp_path / "modules").read_text().split()), done.stdout + done.stderr

    return run


@pytest.mark.parametrize("line", NEEDED)
def test_a_command_loads_what_it_needs(loaded, line):
    assert loaded(line, 2 if "--set-nothing" in line else 0)[0] == NEEDED[line]


@pytest.mark.parametrize("line", KEYS)
def test_the_tab_key_waits_for_nothing(loaded, line):
    modules, answer = loaded("", _LSTMCLI_COMPLETE="bash", _LSTMCLI_LINE=line)
    assert KEYS[line] in answer
    assert not modules


def test_only_the_command_that_is_named_is_loaded(loaded, tmp_path):
    loaded("-q predict")
    modules = (tmp_path / "modules").read_text().split()
    assert "lstmcli.cli.commands.predict" in modules
    assert not {"lstmcli.cli.commands.train", "lstmcli.cli.commands.tune"} & set(modules)


def test_the_help_in_front_of_a_command_lists_them_all(loaded):
    assert "inspect-gates" in loaded("--help predict")[1]


def test_a_wrong_command_is_compared_with_all(loaded):
    assert "Did you mean 'train'?" in loaded("trian predict", 2)[1]
