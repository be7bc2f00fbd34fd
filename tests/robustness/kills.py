"""Kills trainings at random times: the next run must end with the model of one that was left alone.

    python tests/robustness/kills.py [KILLS] [--seed N]

Of the kills a third hit while a checkpoint is being written, and one in ten is followed at once by
another. Prints a line per kill that did not serve and every ten, and figures; ends with 1 if a model differs.
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
from pathlib import Path

from warm import ended, load_everything, start, train_arguments, write_data


def killed(arguments: list[str], folder: Path, chance: random.Random, usual_seconds: float) -> str:
    """Runs and kills the whole group, again where it ended before; what was hit."""
    while True:
        saves = chance.random() < 1 / 3
        pid = start(arguments, folder / "out")
        until = time.monotonic() + chance.uniform(0.05, 1.0) * usual_seconds
        # A save is waited for half a second at most.
        while time.monotonic() < until + 0.5 * saves and not has_ended(pid):
            if saves and time.monotonic() > until and unfinished(folder):
                break
            time.sleep(0.0003)
        if not has_ended(pid):
            break
        ended(pid)
        (folder / "model.safetensors").unlink()
        usual_seconds *= 0.8  # the machine is quicker than before
    os.killpg(pid, signal.SIGKILL)
    ended(pid)
    if unfinished(folder):
        return "while saving"
    return "with a checkpoint" if list(folder.glob("*.checkpoint")) else "before the first checkpoint"


def has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def unfinished(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.endswith(".lstmcli")]


def one(number: int, chance: random.Random, data: Path, usual_seconds: float, wanted: bytes) -> list[str]:
    """Kills once or twice, then runs to the end; what was hit, and `wrong: ...` where it failed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(data, folder / data.name)  # its place beside the model is written into the model
        data, model = folder / data.name, folder / "model.safetensors"
        arguments = train_arguments(data, model)
        hits = [killed(arguments, folder, chance, usual_seconds) for _ in range(2 if number % 10 == 9 else 1)]
        code = ended(start(arguments, folder / "out"))
        if code:
            return [*hits, f"wrong: exit code {code}: {(folder / 'out').read_text()}"]
        if model.read_bytes() != wanted:
            return [*hits, "wrong: another model"]
        left = sorted(set(os.listdir(folder)) - {"out", data.name, model.name})
        return [*hits, f"wrong: left {left}"] if left else hits


def run(kills: int, seed: int) -> int:
    load_everything()
    chance, counts, wrong = random.Random(seed), Counter[str](), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data.csv"
        write_data(data)
        model, started = folder / "model.safetensors", time.monotonic()
        assert ended(start(train_arguments(data, model), folder / "out")) == 0, (folder / "out").read_text()
        usual, wanted = time.monotonic() - started, model.read_bytes()
        for number in range(kills):
            for hit in one(number, chance, data, usual, wanted):
                if hit.startswith("wrong"):
                    wrong += 1
                    print(f"kill {number}: {hit}", flush=True)
                else:
                    counts[hit] += 1
            if number % 10 == 9:
                print(f"{number + 1} of {kills}: {wrong} wrong, {dict(counts)}", flush=True)
    hits = ", ".join(f"{count} {hit}" for hit, count in sorted(counts.items()))
    print(f"{sum(counts.values())} kills in {kills} trainings of {usual:.1f} s: {hits}")
    print(f"{kills - wrong} of {kills} models are byte for byte that of an uninterrupted training")
    return 1 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", nargs="?", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    sys.exit(run(given.kills, given.seed))
