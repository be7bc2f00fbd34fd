"""The benchmarks run: a figure that cannot be made again is worth nothing. Nothing is timed here."""

import json
import math
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICK = {
    "step": ("step.py --hidden 8 --batch 4 --runs 2", "with its windows"),
    "prediction": ("prediction.py --series 20 --hidden 8 --members 2 --errors --runs 1 --whole", "to a file"),
    "everyday": ("everyday.py {folder} --simple", "geometric mean"),
    "paths": ("paths.py --everyday {folder} --untrained", "schaake"),
    "watch": ("watch.py {labelled} --pictures {pictures}", "found 1, false"),
    "loading": ("loading.py sample_data/temperature.csv --time time", "ratio"),
}
LONG = {
    "startup": ("startup.py --runs 1", "predict"),
    "scale": (
        "scale.py --series 20,40 --rows 200 --steps 20 --long 4000 --picture {picture}",
        "| 1 | 4,000 |",
    ),
    "memory": ("memory.py --only temperature.csv", "| temperature.csv |"),
    "update": ("update.py sample_data/employment.csv --rounds 1 --folds 1 --set steps=20", "seconds"),
    "missing": ("missing.py sample_data/employment.csv --set steps=20", "MAE"),
}
ALL = [*QUICK.values(), *(pytest.param(*line, marks=pytest.mark.slow) for line in LONG.values())]


@pytest.mark.parametrize("folder", ["benchmarks", "robustness"])
def test_every_script_can_be_loaded(folder, environment):
    scripts = sorted((ROOT / "tests" / folder).glob("*.py"))
    assert len(scripts) > 5
    code = f"import {', '.join(path.stem for path in scripts)}"
    found = {**environment, "PYTHONPATH": str(ROOT / "tests" / folder)}  # as Python adds it, and no more
    done = subprocess.run(
        [sys.executable, "-c", code], env=found, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("line", "told"), ALL, ids=[*QUICK, *LONG])
def test_a_benchmark_runs(line, told, environment, tmp_path):
    everyday(tmp_path / "everyday")
    labelled(tmp_path / "labelled")
    paths = {name: tmp_path / name for name in ("everyday", "labelled", "pictures")}
    script, *words = line.format(picture=tmp_path / "cost.png", folder=paths["everyday"], **paths).split()
    done = subprocess.run(
        [sys.executable, f"tests/benchmarks/{script}", *words],
        cwd=ROOT,
        env={**environment, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert told in done.stdout


def labelled(folder):
    """A series with one fault, and its window."""
    folder.mkdir()
    start = datetime(2024, 1, 1)
    times = [start + timedelta(hours=t) for t in range(700)]
    values = [t % 24 + 0.5 * math.sin(t * t) + 40 * (t == 600) for t in range(700)]
    rows = [f"{time},{value}" for time, value in zip(times, values, strict=True)]
    (folder / "one.csv").write_text("\n".join(["timestamp,value", *rows]) + "\n")
    window = [f"{times[580]}.000000", f"{times[640]}.000000"]
    (folder / "windows.json").write_text(json.dumps({"one.csv": [window]}))


def everyday(folder):
    """Two series and their tasks."""
    folder.mkdir()
    (folder / "tasks.csv").write_text("file,horizon,season\na.csv,3,4\nb.csv,2,1\n")
    for name, factor in (("a.csv", 3), ("b.csv", 5)):
        rows = [f"{2000 + t},{t * factor % 7 + t}" for t in range(30)]
        (folder / name).write_text("\n".join(["ds,y", *rows]) + "\n")
