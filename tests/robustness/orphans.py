"""Kills the parent alone of trainings, searches and backtests at random times: no child may stay behind.

    python tests/robustness/orphans.py [KILLS] [--seed N]

Afterwards the same command is run to its end: a training must give the model of one that was left alone,
a backtest the same output. Prints what was wrong, and figures; ends with 1 where something was.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from warm import ended, left_of, load_everything, start, train_arguments, write_data

QUICK = ("steps=20", "hidden=4", "batch=8", "context=24", "season=24", "horizon=6", "processes=2")


def settings() -> list[str]:
    members = ["--set", "baseline=seasonal,none"]  # two, which are trained side by side
    return [part for setting in QUICK for part in ("--set", setting)] + members


def backtest(folder: Path) -> list[str]:
    return ["backtest", str(folder / "data.csv"), "--folds", "2", "--refit", "-q", *settings()]


def tune(folder: Path) -> list[str]:
    files = ["--study", str(folder / "study.jsonl"), "-o", str(folder / "tuned.yaml")]
    return ["tune", str(folder / "data.csv"), *files, "--trials", "2", "-q", *settings()]


def train(folder: Path) -> list[str]:
    return train_arguments(folder / "data.csv", folder / "model.safetensors")


JOBS: dict[str, Callable[[Path], list[str]]] = {"train": train, "tune": tune, "backtest": backtest}


def made_by(job: str, folder: Path) -> bytes:
    return (folder / ("model.safetensors" if job == "train" else "out")).read_bytes()


def whole_run(job: str, folder: Path) -> tuple[bytes, float]:
    """What a run makes, and its seconds."""
    started = time.monotonic()
    code = ended(start(JOBS[job](folder), folder / "out"))
    assert code == 0, (folder / "out").read_text()
    return made_by(job, folder), time.monotonic() - started


def killed_alone(job: str, folder: Path, seconds: float) -> list[int]:
    """Kills the parent after so long; who is left of its children."""
    pid = start(JOBS[job](folder), folder / "out")
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    ended(pid)
    left = left_of(pid)
    for orphan in left:
        os.kill(orphan, signal.SIGKILL)
    return left


def run(kills: int, seed: int) -> int:
    load_everything()
    chance, orphans, others = random.Random(seed), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        write_data(base / "data.csv", 150)
        wanted = {}
        for job in JOBS:
            wanted[job] = whole_run(job, base)
            for path in base.iterdir():
                if path.name != "data.csv":
                    path.unlink()
        for number in range(kills):
            job = list(JOBS)[number % len(JOBS)]
            # A folder of one name: it stands in what is written.
            made, usual = wanted[job]
            left = killed_alone(job, base, chance.uniform(0.05, 1.0) * usual)
            orphans[job] += bool(left)
            if job != "tune":  # whose result depends on the trials that were finished
                others[job] += whole_run(job, base)[0] != made
            for path in base.iterdir():
                if path.name != "data.csv":
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            if number % 10 == 9:
                told = f"{dict(orphans)} with orphans, {dict(others)} with other results"
                print(f"{number + 1} of {kills}: {told}", flush=True)
    print(f"{kills} kills of the parent alone: {sum(orphans.values())} left orphans")
    print(f"results that differ from those of a run that was left alone: {sum(others.values())}")
    return 1 if orphans.total() + others.total() else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=99)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    sys.exit(run(given.kills, given.seed))
