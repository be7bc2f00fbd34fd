"""Trains briefly on a panel of SERIES x ROWS values and prints its peak memory in bytes.

    python tests/training_memory.py SERIES ROWS [--mapped FILE] [--covariates]

First what is resident in all, then what is not backed by a file. mapped: values lie in a file that is
only mapped into memory, and cannot be written to.
"""

import argparse
import threading
from pathlib import Path

import numpy as np

from lstmcli.forecasting.plan import decide
from lstmcli.learning.train import train_network
from lstmcli.model_file.contract import fingerprints, last_times
from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.category import Category
from lstmcli.series.panel import Panel
from lstmcli.settings.model import Settings

_BLOCK = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("series", type=int)
    parser.add_argument("rows", type=int)
    parser.add_argument("--mapped")
    parser.add_argument("--covariates", action="store_true")
    args = parser.parse_args()
    most, ended = [0], threading.Event()
    watching = threading.Thread(target=watch, args=(most, ended))
    watching.start()
    try:
        learn(panel_of(args.series, args.rows, args.mapped, args.covariates), args.covariates)
    finally:
        ended.set()
        watching.join()
    print(resident("VmHWM"), max(most[0], resident("RssAnon")))


def learn(panel: Panel, calendar: bool) -> None:
    """All that `lstmcli train` does with a panel."""
    fixed = {"horizon": 12, "context": 48, "hidden": 4, "steps": 2, "validation": 1}
    settings = Settings(
        **fixed, members=1, baseline=("seasonal",), calendar=calendar, refit=True, processes=1
    )
    plan = decide(panel, settings)
    panel.fingerprint(), fingerprints(panel.keys), last_times(panel)
    train_network(panel, plan, lambda progress: None)


def panel_of(series: int, rows: int, mapped: str | None, covariates: bool) -> Panel:
    """Noise about a day of hours; with covariates a number known ahead and a category of the past."""
    count = series * rows
    if mapped:
        np.lib.format.open_memmap(mapped, "w+", np.float64, (count,)).flush()
    values = np.load(mapped, mmap_mode="r+") if mapped else np.empty(count)
    random = np.random.default_rng(0)
    for at in range(0, count, _BLOCK):
        block = np.arange(at, min(at + _BLOCK, count))
        values[block[0] : block[-1] + 1] = 10 + np.sin(np.pi * block / 12) + 0.1 * random.random(len(block))
    if mapped:
        del values
        values = np.load(mapped, mmap_mode="r")
    return Panel(
        key_names=("id",),
        keys=tuple((f"series {s}",) for s in range(series)),
        step=Step("fixed", HOUR),
        starts=np.full(series, np.datetime64("2000-01-01", "us")),
        offsets=np.arange(series + 1) * rows,
        lengths=np.full(series, rows),
        values=values,
        past=np.zeros((count, 0), np.float32),
        future=np.full((count, 1), 2.0, np.float32) if covariates else np.zeros((count, 0), np.float32),
        categories=(Category("sky", "past", ("fog", "sun"), np.ones(count, np.int32)),) if covariates else (),
    )


def watch(most: list[int], ended: threading.Event) -> None:
    """Keeps the largest anonymous memory seen so far."""
    while not ended.wait(0.005):
        most[0] = max(most[0], resident("RssAnon"))


def resident(what: str) -> int:
    """A size of this process by its name in the table of Linux, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


if __name__ == "__main__":
    main()
