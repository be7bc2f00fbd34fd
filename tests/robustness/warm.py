"""Runs of lstmcli that start at once: forked from a process that has loaded everything.

Each is a process group of its own, as a shell would make it. Start-up takes seconds on a small
machine, and a test of hundreds of runs would do little else.
"""

import contextlib
import gc
import math
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

SETTINGS = (
    *("steps=24", "hidden=4", "batch=8", "context=24", "season=24", "horizon=6", "baseline=seasonal,none"),
    *("validation=2", "refit=true", "processes=2", "quantiles=[0.1,0.5,0.9]"),
)


def load_everything() -> None:
    """Imports, and no computation: threads would not outlive a fork."""

    from lstmcli.learning.train import prepare_torch

    prepare_torch()
    gc.freeze()  # or every run would copy all of it


def write_data(path: Path, rows: int = 150) -> None:
    """An hourly wave of a day."""
    lines = ["time,y"]
    for hour in range(rows):
        time = datetime(2024, 1, 1) + timedelta(hours=hour)
        lines.append(f"{time:%Y-%m-%d %H:%M},{100 + 20 * math.sin(math.pi * hour / 12) + hour % 7 / 10:.3f}")
    path.write_text("\n".join([*lines, ""]))


def train_arguments(data: Path, model: Path, *more: str) -> list[str]:
    """A short training in two processes that saves its state at every chance."""
    settings = [part for setting in SETTINGS for part in ("--set", setting)]
    return ["train", str(data), "-m", str(model), "--checkpoint-every", "0.03", "-q", *settings, *more]


def start(
    arguments: list[str], out: Path, prepare: Callable[[], None] = lambda: None, err: Path | None = None
) -> int:
    """Begins a run in a process group of its own; its process id. out: where both outputs go."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        return pid
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.dup2(os.open(err, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if err else 1, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout, sys.stderr = (open(handle, "w", buffering=1, closefd=False) for handle in (1, 2))  # noqa: SIM115
    sys.argv = ["lstmcli", *arguments]
    code = 1
    try:
        prepare()
        from lstmcli.__main__ import main

        main()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def left_of(group: int, seconds: float = 3.0) -> list[int]:
    """Processes of a group whose leader was killed that are still there after some seconds."""
    until = time.monotonic() + seconds
    while (left := _living(group)) and time.monotonic() < until:
        time.sleep(0.02)
    return left


def _living(group: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                state, _, its_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                if int(its_group) == group and state != "Z":
                    found.append(int(entry.name))
    return found


def ended(pid: int, seconds: float = 120.0) -> int:
    """The exit code of a run, negative for a signal. Raises TimeoutError, and ends it, if it hangs."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise TimeoutError(f"run {pid} did not end in {seconds} s")
