"""What training costs as the data grow: processor seconds per million windows, and peak memory.

    python tests/benchmarks/scale.py
    python tests/benchmarks/scale.py --series 1000,10000 --rows 300 --steps 50 --picture cost.png

Writes tables of that many hourly series with a season of a day, and one with a single long series,
and trains on each in whole `lstmcli train --cache` processes, one member after the other. The first
makes the cache, and its peak memory is taken: all that was resident (VmHWM, with mapped files), and what
no file backs (RssAnon, looked at every few milliseconds). Two more differ in their steps: the difference
of their processor times, over that of their windows, is the time of a window without reading and judging.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lstmcli.reports.pictures.style import BLUE, GREEN, GREY, add_title, new_figure, picture_bytes, plot_style

_MEMBERS, _BATCH, _MORE = 3, 128, 4
_SETTINGS = {
    "season": 24,
    "segment": 24,
    "context": 168,
    "calendar": "false",
    "horizon": 24,
    "batch": _BATCH,
    "processes": 1,
    "refit": "false",
    "patience": 1_000_000,
}
_SECONDS_BETWEEN_LOOKS = 0.005
_PIECE = 1_000_000  # rows written at once
_PICTURE = Path(__file__).parents[2] / "sample_data" / "pictures" / "cost.png"


@dataclass(frozen=True)
class Peak:
    """Bytes of a process: resident, and not backed by a file."""

    resident: int = 0
    anonymous: int = 0


@dataclass(frozen=True)
class Cost:
    """Processor seconds per million windows, and of the first process; float32: bytes of the values."""

    series: int
    rows: int
    seconds_per_million: float
    seconds: float
    peak: Peak

    @property
    def float32(self) -> int:
        return 4 * self.series * self.rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--series", default="1000,10000,100000", help="numbers of series; default: %(default)s")
    add("--rows", type=int, default=200, help="of each series; default: %(default)s")
    add("--long", type=int, default=10_000_000, help="rows of one long series, 0 for none")
    add("--steps", type=int, default=100, help="of the first run, a multiple of 20; default: %(default)s")
    add("--no-cache", action="store_true", help="hold the table in memory")
    add("--folder", help="where tables are written; default: a temporary folder")
    add("--picture", type=Path, default=_PICTURE)
    args = parser.parse_args()
    shapes = [(int(count), args.rows) for count in args.series.split(",")]
    shapes += [(1, args.long)] if args.long else []
    print("| series | rows | s / 1e6 windows | first run | peak | not mapped | 3 x float32 |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    costs = []
    for series, rows in shapes:
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            costs.append(measured(Path(folder), series, rows, args.steps, not args.no_cache))
        show(costs[-1])
    args.picture.write_bytes(picture_of(costs))


def measured(folder: Path, series: int, rows: int, steps: int, cache: bool) -> Cost:
    write_table(folder / "data.csv", series, rows)
    first, peak = train(folder, steps, cache)
    short, long = (train(folder, count, cache)[0] for count in (steps, _MORE * steps))
    windows = (_MORE - 1) * steps * _BATCH * _MEMBERS
    return Cost(series, rows, (long - short) / windows * 1e6, first, peak)


def write_table(path: Path, series: int, rows: int) -> None:
    """Long form. A single series has a step of ten minutes, as so many hours would end in another era."""
    random = np.random.default_rng(0)
    stamps = pd.date_range("1900-01-01", periods=rows, freq="10min" if series == 1 else "h")
    texts = stamps.strftime("%Y-%m-%d %H:%M").to_numpy()
    each = max(1, _PIECE // rows)
    for first in range(0, series, each):
        count = min(each, series - first)
        place = np.tile(np.arange(rows), count)
        level = np.repeat(random.uniform(50, 150, count), rows)
        values = level * (1 + 0.3 * np.sin(np.pi * place / 12) + 0.05 * random.normal(size=len(place)))
        names = np.char.add("s", np.arange(first, first + count).astype(str))
        part = {"id": np.repeat(names, rows), "time": np.tile(texts, count), "y": values.round(2)}
        pd.DataFrame(part).to_csv(path, index=False, mode="a", header=first == 0)


def train(folder: Path, steps: int, cache: bool) -> tuple[float, float, Peak]:
    """Processor seconds of a process and its peak memory."""
    command = [
        sys.executable,
        "-m",
        "lstmcli",
        "train",
        "data.csv",
        "-m",
        f"{steps}.safetensors",
    ]
    command += ["--cache", "cache"] if cache else []
    for name, value in (_SETTINGS | {"steps": steps}).items():
        command += ["--set", f"{name}={value}"]
    said, before, peak = folder / "said.txt", processor_seconds(), Peak()
    with said.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
        while process.poll() is None:
            peak = larger(peak, process.pid)
            time.sleep(_SECONDS_BETWEEN_LOOKS)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{said.read_text()[-3000:]}")
    return processor_seconds() - before, peak


def processor_seconds() -> float:
    """Of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def larger(peak: Peak, pid: int) -> Peak:
    """The peak so far of a process that may just have ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return peak
    sizes = {
        name: int(text.split()[0]) * 1024
        for name, text in (line.split(":", 1) for line in lines if line.startswith(("VmHWM", "RssAnon")))
    }
    return Peak(sizes.get("VmHWM", peak.resident), max(peak.anonymous, sizes.get("RssAnon", 0)))


def show(cost: Cost) -> None:
    sizes = (cost.peak.resident, cost.peak.anonymous, 3 * cost.float32)
    cells = [
        f"{cost.seconds_per_million:.1f}",
        f"{cost.seconds:.0f} s",
        *(f"{s / 1e6:,.0f} MB" for s in sizes),
    ]
    print(f"| {cost.series:,} | {cost.rows:,} | {' | '.join(cells)} |", flush=True)


def picture_of(costs: list[Cost]) -> bytes:
    """Time and memory by the number of series, the single long one as a line across."""
    many, alone = [c for c in costs if c.series > 1], [c for c in costs if c.series == 1]
    series = [c.series for c in many]
    with plot_style():
        page = new_figure(9, 3.8)
        left, right = page.subplots(1, 2)
        left.plot(series, [c.seconds_per_million for c in many], "o-", color=BLUE, label="many series")
        for cost in alone:
            label = f"one series of {cost.rows:,} rows"
            left.axhline(cost.seconds_per_million, color=GREY, linestyle="--", label=label)
        left.set_ylabel("processor seconds per million windows")
        left.set_ylim(0, 1.6 * max(c.seconds_per_million for c in costs))
        add_title(left, "Time of training", "one core, one member after another")
        right.plot(series, [c.peak.resident / 1e6 for c in many], "o-", color=BLUE, label="peak")
        right.plot(
            series, [c.peak.anonymous / 1e6 for c in many], "s-", color=GREEN, label="without mapped files"
        )
        constant = min(c.peak.resident - 3 * c.float32 for c in many[:1])
        bound = [(constant + 3 * c.float32) / 1e6 for c in many]
        right.plot(series, bound, color=GREY, linestyle=":", label="3 x data as float32 + constant")
        right.set_ylabel("MB")
        right.set_ylim(0, 1.4 * max(*bound, *(c.peak.resident / 1e6 for c in many)))
        add_title(right, "Peak memory", f"whole process, {many[0].rows} rows each")
        for axes in (left, right):
            axes.set_xscale("log")
            axes.set_xlabel("series")
            axes.legend(loc="upper left")
        return picture_bytes(page, "png")


if __name__ == "__main__":
    main()
