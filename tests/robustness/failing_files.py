"""Lets each file operation of train and of predict -o fail in turn, with ENOSPC and with EIO.

    python tests/robustness/failing_files.py [--every N]

Operations in the folder of the model are counted: opening for writing, writing, syncing, renaming,
syncing the folder. The model must be the old or the new one, whole; the exit code right; nothing
else may be left. A checkpoint that fails must not end the training. --every 3 takes every third.
"""

import argparse
import builtins
import errno
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from warm import ended, load_everything, start, write_data

QUICK = ("steps=3", "hidden=4", "batch=8", "context=24", "season=24", "horizon=6", "baseline=seasonal")


class Faults:
    """Counts the operations on files of a folder; the one numbered `at` fails with `code`."""

    def __init__(self, folder: Path, at: int, code: int, told: Path) -> None:
        self.folder, self.at, self.code, self.told = str(folder), at, code, told
        self.count = 0
        self.renamed = ""  # a folder is synced for the file that was renamed last
        self.names: dict[int, str] = {}

    def install(self) -> None:
        opened, closed = os.open, os.close
        os.open = self._open(opened)
        os.close = self._close(closed)
        os.write = self._on_handle("write", os.write)
        os.fsync = self._on_handle("fsync", os.fsync)
        os.ftruncate = self._on_handle("truncate", os.ftruncate)
        os.replace = self._on_path("rename", os.replace)
        builtins.open = self._builtin_open(builtins.open)

    def _counted(self, what: str, path: str) -> None:
        self.count += 1
        if self.count == self.at:
            self.told.write_text(f"{what} {os.path.basename(path)}")
            raise OSError(self.code, os.strerror(self.code))

    def _ours(self, path: Any) -> bool:
        return not isinstance(path, int) and os.fspath(path).startswith(self.folder)

    def _open(self, plain: Callable[..., int]) -> Callable[..., int]:
        def opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
            # Also folders, which are opened to be synced, but nothing else that is only read.
            if not self._ours(path) or not (flags & (os.O_WRONLY | os.O_RDWR) or os.path.isdir(path)):
                return plain(path, flags, *more, **named)
            name = self.renamed if os.path.isdir(path) else os.fspath(path)
            self._counted("open", name)
            handle = plain(path, flags, *more, **named)
            self.names[handle] = name
            return handle

        return opened

    def _close(self, plain: Callable[[int], None]) -> Callable[[int], None]:
        def closed(handle: int) -> None:
            self.names.pop(handle, None)
            plain(handle)

        return closed

    def _on_handle(self, what: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        def done(handle: int, *more: Any) -> Any:
            if handle in self.names:
                self._counted(what, self.names[handle])
            return plain(handle, *more)

        return done

    def _on_path(self, what: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        def done(source: Any, target: Any, **named: Any) -> Any:
            if self._ours(target):
                self._counted(what, os.fspath(target))
                self.renamed = os.fspath(target)
            return plain(source, target, **named)

        return done

    def _builtin_open(self, plain: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
            if self._ours(file) and set(mode) & set("wax+"):
                self._counted("open", os.fspath(file))
            return plain(file, mode, *more, **named)

        return opened


def train_command(folder: Path, seed: int) -> list[str]:
    settings = [part for setting in (*QUICK, "refit=false", f"seed={seed}") for part in ("--set", setting)]
    model = str(folder / "model.safetensors")
    return ["train", str(folder / "data.csv"), "-m", model, "--checkpoint-every", "0.000001", *settings]


def complaints(told: str, code: int, made: bytes, old: bytes, new: bytes, left: set[str]) -> list[str]:
    """What is wrong with how a run ended whose operation `told` failed."""
    wrong = []
    if made not in (old, new):
        wrong.append("the file is neither the old nor the new one")
    survives = ".checkpoint" in told
    if survives and made != new:
        wrong.append("a checkpoint that failed ended the training")
    if code != (0 if survives else 74):
        wrong.append(f"exit code {code}")
    # A training that ended early may go on from its checkpoint.
    allowed = set() if survives else {"model.safetensors.checkpoint"}
    if left - allowed:
        wrong.append(f"left {sorted(left - allowed)}")
    return wrong


def every_operation(
    command: list[str], output: str, folder: Path, old: bytes, new: bytes, every: int
) -> tuple[Counter[str], int]:
    """Fails one operation after the other until none is left; what was hit, and how many ended wrongly."""
    hits, wrong = Counter[str](), 0
    inputs = {"data.csv", "model.safetensors"}
    for code in (errno.ENOSPC, errno.EIO):
        at = 1
        while True:
            for name in set(os.listdir(folder)) - inputs:
                (folder / name).unlink()
            (folder / output).write_bytes(old)
            told = folder.parent / "told"
            told.unlink(missing_ok=True)
            faults = Faults(folder, at, code, told)
            left_with = ended(start(command, folder.parent / "out", faults.install))
            if not told.exists():
                assert left_with == 0 and (folder / output).read_bytes() == new
                break
            hit = told.read_text()
            hits[hit.split()[0]] += 1
            left = set(os.listdir(folder)) - inputs - {output}
            made = (folder / output).read_bytes()
            for complaint in complaints(hit, left_with, made, old, new, left):
                wrong += 1
                print(f"{errno.errorcode[code]} {at} ({hit}): {complaint}", flush=True)
            at += every
    return hits, wrong


def run(every: int) -> int:
    load_everything()
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve() / "folder"
        folder.mkdir()
        write_data(folder / "data.csv", 150)
        out, model = folder.parent / "out", folder / "model.safetensors"
        made = {}
        for seed in (1, 2):
            assert ended(start(train_command(folder, seed), out)) == 0, out.read_text()
            made[seed] = model.read_bytes()
        jobs = [("train", train_command(folder, 2), model.name, made[1], made[2])]
        forecast = folder / "forecast.csv"
        predict = ["predict", str(folder / "data.csv"), "-m", str(model), "-o", str(forecast)]
        assert ended(start(predict, out)) == 0, out.read_text()
        jobs.append(("predict -o", predict, forecast.name, b"time,forecast\n", forecast.read_bytes()))
        forecast.unlink()
        for what, command, output, old, new in jobs:
            hits, wrong = every_operation(command, output, folder, old, new, every)
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(hits.items()))
            print(f"{what}: {sum(hits.values())} operations failed ({kinds}), {wrong} ended wrongly")
            failed += wrong
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    sys.exit(run(parser.parse_args().every))
