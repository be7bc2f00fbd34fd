"""What an update is worth: a model left as it is, one that is updated, and one that is trained anew.

    python tests/benchmarks/update.py sample_data/temperature.csv --rounds 4 --folds 5

The last rows of every series come in blocks of some horizons. Before each block the second model is
trained on with `--update`, and the third from nothing, on all rows there are by then; all three then
forecast the block, from one origin per horizon. The table gives the mean absolute scaled error of each
block, and the median seconds of both trainings as whole processes.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from data_sets import without_last
from forecasters import probed, run, sets_of

MODELS = ("left as it is", "updated", "trained anew")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("data")
    add("--rounds", type=int, default=4, help="blocks, and updates")
    add("--folds", type=int, default=5, help="horizons in a block")
    add("--config", help="YAML file with settings")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of lstmcli")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(args, Path(folder))


def measure(args: argparse.Namespace, folder: Path) -> None:
    settings = [*sets_of(args.set), *(["--config", args.config] if args.config else [])]
    old, updated, anew = (folder / name for name in ("old", "updated", "anew"))
    probe = probed(args.data, folder, *settings)
    block = args.folds * probe.network.arch.horizon
    frame = pd.read_csv(args.data, dtype=str, keep_default_na=False)

    def without(blocks: int) -> Path:
        """The file without the last blocks of every series."""
        path = folder / f"without_{blocks}.csv"
        without_last(frame, probe.contract.roles.series, blocks * block).to_csv(path, index=False)
        return path

    def train(data: Path, model: Path, *words: str) -> float:
        return run("train", data, "-m", model, "-q", *words)

    train(without(args.rounds + 1), old, *settings)
    shutil.copy(old, updated)
    print(f"{'block':<16}{MODELS[0]:>16}{MODELS[1]:>16}{MODELS[2]:>16}", flush=True)
    errors, seconds = [], []
    for left in range(args.rounds, 0, -1):
        seen, more = without(left), without(left - 1)
        seconds.append([train(seen, updated, "--update"), train(seen, anew, *settings)])
        errors.append([error(more, model, args.folds) for model in (old, updated, anew)])
        print(line(str(args.rounds - left + 1), errors[-1]), flush=True)
    print(line("mean", np.mean(errors, axis=0)))
    print(f"{'seconds':<32}" + "".join(f"{s:16.1f}" for s in np.median(seconds, axis=0)))


def error(data: Path, model: Path, folds: int) -> float:
    command = [sys.executable, "-m", "lstmcli", "backtest", data, "-m", model, "--format", "json", "-q"]
    done = subprocess.run([*map(str, command), "--folds", str(folds)], check=True, capture_output=True)
    return float(np.mean([fold["scores"]["model"]["mase"] for fold in json.loads(done.stdout)["folds"]]))


def line(name: str, errors: Iterable[float]) -> str:
    return f"{name:<16}" + "".join(f"{e:16.4f}" for e in errors)


if __name__ == "__main__":
    main()
