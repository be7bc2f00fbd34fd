"""Several users of one --cache whose files change and are damaged under them.

    python tests/robustness/shared_cache.py [ROUNDS] [USERS] [--seed N]

Every run must end with 0 and the same forecast as without a cache; no folder may be left unfinished.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from warm import ended, load_everything, start, write_data

TRAINED = (
    "steps=5",
    "refit=false",
    "hidden=4",
    "batch=8",
    "context=24",
    "season=24",
    "horizon=6",
    "mix=network",
)


def damage(kept: Path, draw: random.Random) -> None:
    """A byte of a file of a cache, where there is one."""
    files = [path for path in kept.glob("*/*") if path.is_file()]
    if files:
        path = draw.choice(sorted(files))
        try:
            content = bytearray(path.read_bytes())
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
            path.unlink()  # the arrays that others read stay as they are
            path.write_bytes(content)
        except (OSError, ValueError):  # it is gone, or empty
            pass


def run(rounds: int, users: int, seed: int) -> int:
    load_everything()
    draw, wrong = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        data, model, kept = folder / "data.csv", folder / "m.safetensors", folder / "kept"
        write_data(data, 150)
        settings = [part for setting in TRAINED for part in ("--set", setting)]
        assert ended(start(["train", str(data), "-m", str(model), *settings], folder / "out")) == 0
        predict = ["predict", str(data), "-m", str(model), "-q"]
        for number in range(rounds):
            write_data(data, 150 + number % 3)
            assert ended(start([*predict, "-o", str(folder / "plain.csv")], folder / "out")) == 0
            wanted = (folder / "plain.csv").read_bytes()
            names = [folder / f"user{user}" for user in range(users)]
            pids = [
                start([*predict, "--cache", str(kept)], name, err=folder / f"{name.name}.err")
                for name in names
            ]
            for _ in range(10):
                damage(kept, draw)
                time.sleep(draw.random() / 50)
            for user, pid in zip(names, pids, strict=True):
                code = ended(pid)
                if code != 0 or user.read_bytes() != wanted:
                    wrong += 1
                    print(f"round {number}: {code} {(folder / f'{user.name}.err').read_text()}", flush=True)
        left = [path.name for path in kept.iterdir() if path.name.startswith(".")]
    print(f"{rounds} rounds of {users} users: {wrong} ended wrongly, {len(left)} folders unfinished")
    return 1 if wrong or left else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=12)
    parser.add_argument("users", nargs="?", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    sys.exit(run(given.rounds, given.users, given.seed))
