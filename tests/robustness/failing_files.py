"""Lets each file operation of the commands fail in turn, with ENOSPC and with EIO.

    python tests/robustness/failing_files.py [--every N] [--seed N] [--only NAME ...] [--quick]

Operations on the files that are named on the command line, and on those that the program makes beside them,
are counted (`faults.py`), in every command that writes a file. The outputs must be the old or the new ones,
whole; the exit code 74, or 0 with all that is new where an operation does not matter, such as one on a
checkpoint; nothing else may be left that the next run does not remove. --every 3 takes every third, from a
start by the seed on; --quick: of the commands that end soonest, with one of both errors each.
"""

import argparse
import errno
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from faults import Faults
from warm import ended, load_everything, start, write_data

QUICK = ("hidden=4", "batch=8", "context=24", "season=24", "horizon=6", "baseline=seasonal")
TRAINED = ("steps=5", "refit=false", *QUICK)
CODES = (errno.ENOSPC, errno.EIO)
SOON = ("train", "predict", "predict --cache", "watch")


# What is there before a run, where it may be of any content.
OLD = {"out.csv": b"time,forecast\n", "out.yaml": b"# old\n", "out.onnx": b"\x08old"}
OLD |= {
    "out.html": b"<!DOCTYPE html>\n<html></html>\n",
    "out.png": b"\x89PNG\r\n\x1a\nold",
    "out.json": b"{}\n",
}
NAMES = (*OLD, "data.csv", "gap.csv", "model.safetensors", "kept", "state", "study", "gates", "pictures/")


@dataclass(frozen=True)
class Job:
    """words: of the command line; may_leave: what a run that failed keeps for the next; given: the file that
    is standard input."""

    name: str
    words: str
    may_leave: tuple[str, ...] = ()
    given: str = os.devnull


def with_settings(*settings: str) -> tuple[str, ...]:
    return tuple(part for setting in settings for part in ("--set", setting))


def jobs() -> Iterator[Job]:
    model, checkpoint = "model.safetensors", ("model.safetensors.checkpoint",)
    trained, train = (
        " ".join(with_settings(*TRAINED)),
        f"train data.csv -m {model} --checkpoint-every 0.000001",
    )
    yield Job("train", f"{train} {trained} --set seed=2", checkpoint)
    yield Job("predict", f"predict data.csv -m {model} -o out.csv")
    yield Job("predict --cache", f"predict data.csv -m {model} -o out.csv --cache kept", ("kept",))
    yield Job("watch", f"watch data.csv -m {model} -o out.csv --state state")
    yield Job("backtest", f"backtest data.csv -m {model} -o out.csv --plot out.png --html out.html -q")
    yield Job("train --html", f"{train} {trained} --set seed=2 --html out.html", checkpoint)
    yield Job("update", f"{train} --update --set steps=2", checkpoint)
    yield Job("pages", f"predict data.csv -m {model} -o out.json --plot out.png --html out.html")
    yield Job("watch --html", f"watch data.csv -m {model} -o out.csv --html out.html --state state")
    follow = f"predict - --follow --watch --history data.csv -m {model} --state state"
    yield Job("follow", follow, given="rows.csv")
    yield Job("impute", f"impute gap.csv -m {model} -o out.csv")
    yield Job("check", f"check data.csv -m {model} -o out.html")
    yield Job("settings", "check data.csv --format yaml -o out.yaml")
    yield Job("verify", f"verify -m {model} -o out.json")
    yield Job("config", "config defaults -o out.yaml")
    gates = f"inspect-gates data.csv -m {model} --windows 20 -o out.json --out gates --trace out.csv"
    yield Job("gates", gates)
    yield Job(
        "gate pages", f"inspect-gates data.csv -m {model} --windows 20 --html out.html --plot pictures/ -q"
    )
    if find_spec("onnxruntime"):
        yield Job("export", f"export -m {model} out.onnx")
    if find_spec("optuna"):
        tune = "tune data.csv --study study --trials 1 --folds 1 -o out.yaml"
        yield Job("tune", f"{tune} {trained}", ("study",))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Bench:
    """A folder with a model and its data, laid out anew before each run."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder, self.out = root, root / "folder", root / "out"
        self.folder.mkdir()
        write_data(self.folder / "data.csv", 170)
        rows = (self.folder / "data.csv").read_text().splitlines(keepends=True)
        (self.folder / "rows.csv").write_text("".join(rows[151:]))
        rows = rows[:151]
        (self.folder / "data.csv").write_text("".join(rows))
        rows[80:83] = [row[: row.index(",") + 1] + "\n" for row in rows[80:83]]
        (self.folder / "gap.csv").write_text("".join(rows))
        train = Job(
            "", " ".join(("train data.csv -m model.safetensors", *with_settings(*TRAINED, "mix=network")))
        )
        assert ended(self.begun(train)) == 0, self.out.read_text()
        self.base = contents(self.folder)

    def words(self, job: Job) -> list[str]:
        """With whole paths for the files."""
        return [f"{self.folder}/{word}" if word in NAMES else word for word in job.words.split()]

    def lay(self, files: dict[str, bytes]) -> None:
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        for name, content in files.items():
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_bytes(content)

    def old(self, job: Job) -> dict[str, bytes]:
        """What is there before a run."""
        return self.base | {name: OLD[name] for name in job.words.split() if name in OLD}

    def begun(self, job: Job, prepare: Callable[[], None] = lambda: None) -> int:
        """The process of a run."""

        def prepared() -> None:
            os.dup2(os.open(self.folder / job.given, os.O_RDONLY), 0)
            prepare()

        return start(self.words(job), self.out, prepared)


def complaints(
    job: Job,
    code: int,
    hit: str,
    said: str,
    left: dict[str, bytes],
    old: dict[str, bytes],
    new: dict[str, bytes],
) -> Iterator[str]:
    """What is wrong with how a run ended."""
    if code not in (0, 74):
        yield f"exit code {code}: {said.strip()[-200:]}"
    kept = job.may_leave or ("\0",)
    outputs = {name for name in new if new[name] != old.get(name) and not name.startswith(kept)}
    for name in outputs:
        found = left.get(name)
        if found not in (old.get(name), new[name]):
            yield f"{name} is neither the old nor the new one"
        elif code == 0 and found != new[name]:
            yield f"{name} is not the new one, and nothing is said"
    if code == 74 and not said.strip():
        yield "nothing is said"
    for name in left.keys() - old.keys() - outputs:
        # A lock that could not be looked at is not removed; it locks nothing.
        if not name.startswith(kept) and not hit.startswith("unlink") and hit != f"read {name}":
            yield f"left {name}"


def every_operation(
    bench: Bench, job: Job, every: int, draw: random.Random, codes: Sequence[int]
) -> tuple[Counter[str], int]:
    """Fails one operation after the other until none is left; what was hit, and how many ended wrongly."""
    hits, wrong, old = Counter[str](), 0, bench.old(job)
    told = bench.root / "told"
    bench.lay(old)
    assert ended(bench.begun(job)) == 0, bench.out.read_text()
    new = contents(bench.folder)
    for code in codes:
        at = draw.randint(1, every)
        while True:
            bench.lay(old)
            told.unlink(missing_ok=True)
            faults = Faults(bench.folder, at, code, told)
            ended_with = ended(bench.begun(job, faults.install))
            if not told.exists():
                break
            hit = told.read_text()
            hits[hit.split()[0]] += 1
            said = bench.out.read_text(errors="replace")
            for complaint in complaints(job, ended_with, hit, said, contents(bench.folder), old, new):
                wrong += 1
                print(f"{job.name}: {errno.errorcode[code]} {at} ({hit}): {complaint}", flush=True)
            at += every
    return hits, wrong


def run(every: int, seed: int, only: list[str] | None, quick: bool) -> int:
    load_everything()
    failed, draw = 0, random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name).resolve())
        for job in jobs():
            if (only is None or job.name in only) and (job.name in SOON or not quick):
                codes = [draw.choice(CODES)] if quick else CODES
                hits, wrong = every_operation(bench, job, every, draw, codes)
                kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(hits.items()))
                print(
                    f"{job.name}: {sum(hits.values())} operations failed ({kinds}), {wrong} ended wrongly",
                    flush=True,
                )
                failed += wrong
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[job.name for job in jobs()])
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    sys.exit(run(given.every, given.seed, given.only, given.quick))
