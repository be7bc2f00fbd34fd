"""The estimate of memory that `check` and `train --dry-run` give, beside what a training takes.

    python tests/benchmarks/memory.py
    python tests/benchmarks/memory.py --only "1,000 x 300" --set processes=1

Tables of several shapes are written and trained on for a few steps, each in a whole process. Memory is
the most that was resident in it (VmHWM) or, where members train side by side, in all processes together
at one time: what no file backs, shared pages by their share, and the files of the first.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from forecasters import sets_of
from scale import write_table

_SAMPLE = Path(__file__).parents[2] / "sample_data" / "temperature.csv"
_SECONDS_BETWEEN_LOOKS = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--only", help="one of the shapes")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of all trainings")
    args = parser.parse_args()
    print("| data | settings | estimate | resident | estimate / resident |")
    print("| :--- | :--- | ---: | ---: | ---: |")
    for name, (write, settings) in SHAPES.items():
        if args.only in (None, name):
            show(name, write, [*settings, *args.set])


def show(name: str, write: Callable[[Path], None], settings: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.csv"
        write(data)
        estimate = estimated(data, sets_of(settings))
        taken = resident(data, sets_of([*settings, "steps=40"]))
    cells = f"{estimate / 1e6:,.0f} MB | {taken / 1e6:,.0f} MB | {estimate / taken:.2f}"
    shown = ", ".join(setting for setting in settings if len(setting) < 30)
    print(f"| {name} | {shown} | {cells} |", flush=True)


def estimated(data: Path, settings: list[str]) -> float:
    """Bytes."""
    command = [sys.executable, "-m", "lstmcli", "check", str(data), "--format", "json", *settings]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)["estimate"]["bytes"])


def resident(data: Path, settings: list[str]) -> int:
    """Bytes that a training takes at most."""
    command = [sys.executable, "-m", "lstmcli", "train", data.name, "-q", *settings]
    process = subprocess.Popen(command, cwd=data.parent)
    most = 0
    while process.poll() is None:
        most = max(most, of_all(process.pid))
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    if process.returncode:
        raise SystemExit(" ".join(command))
    return most


def of_all(pid: int) -> int:
    """Bytes of a process, at most so far, or of it and its children, now."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        alone = sizes(Path(f"/proc/{pid}/status"))
        anonymous = [sizes(Path(f"/proc/{one}/smaps_rollup"))["Pss_Anon"] for one in (pid, *children)]
        return max(alone["VmHWM"], alone["RssFile"] + sum(anonymous))
    except (OSError, KeyError):  # one has just ended
        return 0


def sizes(path: Path) -> dict[str, int]:
    lines = (line.split(":", 1) for line in path.read_text().splitlines() if line.endswith(" kB"))
    return {name: int(text.split()[0]) * 1024 for name, text in lines}


def sample(path: Path) -> None:
    path.write_bytes(_SAMPLE.read_bytes())


def table(series: int, rows: int) -> Callable[[Path], None]:
    return lambda path: write_table(path, series, rows)


def columns(series: int, rows: int, count: int) -> Callable[[Path], None]:
    """Long form with further columns of numbers; for one series without its name."""

    def write(path: Path) -> None:
        random = np.random.default_rng(0)
        stamps = pd.date_range("2024-01-01", periods=rows, freq="h").strftime("%Y-%m-%d %H:%M")
        made = pd.DataFrame({"time": np.tile(stamps, series)})
        for k in range(count):
            made[f"x{k}"] = random.normal(100, 5, len(made)).round(3)
        wave = 100 + 20 * np.sin(np.arange(len(made)) * np.pi / 12)
        made["y"] = (wave + random.normal(size=len(made))).round(3)
        if series > 1:
            made.insert(0, "id", np.repeat(np.arange(series), rows))
        made.to_csv(path, index=False)

    return write


def named(count: int) -> str:
    return ",".join(f"x{k}" for k in range(count))


SHAPES: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "temperature.csv": (sample, []),
    "1,000 x 300": (table(1000, 300), []),
    "20,000 x 200": (table(20_000, 200), []),
    "1 x 500,000": (table(1, 500_000), []),
    "200 x 1,000, 20 covariates": (columns(200, 1000, 20), [f"future={named(20)}"]),
    "the same, long windows": (
        columns(200, 1000, 20),
        [f"future={named(20)}", "context=336", "validation=10"],
    ),
    "100 targets x 20,000": (columns(1, 20_000, 99), [f"target={named(99)},y"]),
    "temperature.csv, large network": (sample, ["hidden=512", "batch=512"]),
}


if __name__ == "__main__":
    main()
