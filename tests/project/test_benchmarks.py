"""The benchmarks run: a figure that cannot be made again is worth nothing. Nothing is timed here."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUICK = {
    "step": ("step.py --hidden 8 --batch 4 --runs 2", "with its windows"),
    "prediction": ("prediction.py --series 20 --hidden 8 --members 2 --errors --runs 1 --whole", "to a file"),
    "everyday": ("everyday.py {folder} --simple", "geometric mean"),
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


@pytest.mark.parametrize(("line", "told"), ALL, ids=[*QUICK, *LONG])
def test_a_benchmark_runs(line, told, environment, tmp_path):
    everyday(tmp_path / "everyday")
    script, *words = line.format(picture=tmp_path / "cost.png", folder=tmp_path / "everyday").split()
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


def everyday(folder):
    """Two series and their tasks."""
    folder.mkdir()
    (folder / "tasks.csv").write_text("file,horizon,season\na.csv,3,4\nb.csv,2,1\n")
    for name, factor in (("a.csv", 3), ("b.csv", 5)):
        rows = [f"{2000 + t},{t * factor % 7 + t}" for t in range(30)]
        (folder / name).write_text("\n".join(["ds,y", *rows]) + "\n")
