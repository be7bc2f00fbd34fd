"""Loading beside a bare `pandas.read_csv`, and the memory that a long table takes.

    python tests/benchmarks/loading.py data.csv --time ds
    python tests/benchmarks/loading.py --rows 10000000 --series 1000

The first prints the ratio of processor time, of reading a file to a panel to reading it with parsed
dates: medians of runs that take turns. The second writes a table of that many rows, reads it in a
process of its own, and prints its peak memory beside the size of the columns as float64.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("data", nargs="?")
    add("--time", default="time", help="column of time stamps")
    add("--runs", type=int, default=15)
    add("--rows", type=int, default=0)
    add("--series", type=int, default=1000)
    add("--peak", action="store_true", help="load DATA once and print the peak memory in bytes")
    args = parser.parse_args()
    if args.peak:
        panel_of(read_table(args.data), Settings())
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    elif args.rows:
        memory(args.rows, args.series)
    else:
        speed(args.data, args.time, args.runs)


def speed(data: str, column: str, runs: int) -> None:
    found: dict[str, list[float]] = {"read_csv": [], "lstmcli": []}
    for _ in range(runs):
        found["read_csv"].append(timed(lambda: pd.read_csv(data, parse_dates=[column])))
        found["lstmcli"].append(timed(lambda: panel_of(read_table(data), Settings())))
    bare, ours = (statistics.median(times) for times in found.values())
    print(f"read_csv {bare * 1000:.0f} ms, lstmcli {ours * 1000:.0f} ms: ratio {ours / bare:.2f}")


def timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def memory(rows: int, series: int) -> None:
    each = rows // series
    stamps = pd.date_range("2000-01-01", periods=each, freq="h").strftime("%Y-%m-%d %H:%M:%S")
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.csv"
        for number in range(series):
            part = {"id": f"series {number}", "time": stamps, "y": random.normal(size=each).round(3)}
            pd.DataFrame(part).to_csv(path, index=False, mode="a", header=number == 0)
        command = [sys.executable, __file__, str(path), "--peak"]
        peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    size = each * series * 3 * 8
    print(f"peak {peak / 2**20:,.0f} MiB; 3 x float64 + 300 MB is {(3 * size + 300e6) / 2**20:,.0f} MiB")


if __name__ == "__main__":
    main()
