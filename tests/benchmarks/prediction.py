"""How many series a second `predict` forecasts, in memory and as a whole process.

    python tests/benchmarks/prediction.py --series 8000 --members 1
    python tests/benchmarks/prediction.py --series 100000 --rows 200 --whole

The network has random weights: what it forecasts is of no use, and takes as long. `--errors` weighs
members by their last errors, which are forecast too, as most models that are trained with more than
one member do. Printed are the series a second of `forecasting.forecast` from a panel, and the
floating point operations of its matrix products beside those of one large product, in single
precision, on as many cores. `--whole` writes the panel to a CSV file and runs the program from that
file to its output: seconds, processor seconds, peak memory, rows written a second, and when the first
line came out of a pipe.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does

import argparse
import math
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.model_file import Contract, Model, write_model
from lstmcli.network.architecture import LEVEL_COLUMNS, Architecture, Network
from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.windows.cut import WindowSpec
from lstmcli.windows.scaling import Scaling, Standardisation

_STEP = Step("fixed", HOUR)
_QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
_BASELINES = ("seasonal", "none", "profile", "drift")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--series", type=int, default=8000)
    add("--rows", type=int, default=264, help="of each series; default: %(default)s")
    add("--context", type=int, default=168)
    add("--segment", type=int, default=24)
    add("--hidden", type=int, default=128)
    add("--members", type=int, default=1)
    add("--horizon", type=int, default=48)
    add("--errors", action="store_true", help="members count by their last errors")
    add("--runs", type=int, default=3)
    add("--whole", action="store_true", help="time the whole program too")
    add("--form", default="csv")
    args = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled
    network, panel = network_of(args), panel_of(args.series, args.rows)
    if args.whole:  # first, as the peak of a new process is at least that of the one that starts it
        with tempfile.TemporaryDirectory() as folder:
            whole(network, panel, Path(folder), args.form)
    in_memory(network, panel, args.runs, args.errors)


def network_of(args: argparse.Namespace) -> Network:
    arch = Architecture(
        cell="lstm",
        layers=1,
        hidden=args.hidden,
        segment=args.segment,
        context=args.context,
        horizon=args.horizon,
        quantiles=_QUANTILES,
        covariates=0,
        ahead=0,
        members=args.members,
    )
    random = np.random.default_rng(0)
    weights = {
        f"members.{m}.{name}": random.normal(0, 1 / math.sqrt(shape[-1]), shape).astype(np.float32)
        for m in range(args.members)
        for name, shape in arch.shapes().items()
    }
    levels = Standardisation((4.6, -2.0, -1.0), (1.0, 1.0, 1.0))
    return Network(
        weights,
        arch,
        WindowSpec(args.context, args.horizon, _BASELINES[: args.members], 24, calendar=False),
        Scaling("log", "mean", Standardisation(), levels, least=1e-3, bounded=True),
        widths=tuple(1.0 if q == 0.5 else 1.1 for q in _QUANTILES),
        error_power=2.0 if args.errors else 0.0,
        usual_error=0.5 if args.errors else 0.0,
    )


def panel_of(series: int, rows: int) -> Panel:
    """Positive hourly series with a daily wave, of three decimals."""
    random = np.random.default_rng(1)
    phase, size = random.uniform(0, 2 * np.pi, (series, 1)), random.uniform(5, 40, (series, 1))
    wave = np.sin(np.arange(rows) * (2 * np.pi / 24) + phase) * size
    values = np.exp(random.normal(0, 0.5, (series, 1))) * (100 + wave + random.normal(0, 3, (series, rows)))
    return Panel(
        key_names=("id",),
        keys=tuple((f"series {n}",) for n in range(series)),
        step=_STEP,
        starts=np.full(series, np.datetime64("2024-01-01T00:00", "us")),
        offsets=np.arange(series + 1) * rows,
        lengths=np.full(series, rows),
        values=np.abs(values).round(3).ravel(),
        past=np.zeros((series * rows, 0), np.float32),
        future=np.zeros((series * rows, 0), np.float32),
    )


def in_memory(network: Network, panel: Panel, runs: int, errors: bool) -> None:
    rates, processor, products = [], [], []
    cores = len(os.sched_getaffinity(0))
    for _ in range(runs):
        products.append(product_rate(cores))
        started, busy = time.perf_counter(), time.process_time()
        forecast_panel(network, panel, network.arch.horizon)
        rates.append(len(panel) / (time.perf_counter() - started))
        processor.append((time.process_time() - busy) / len(panel))
    best, rate = max(products), max(rates)
    share = rate * operations(network.arch, errors) / best
    print(
        f"{len(panel):,} series, {network.arch.members} members, {cores} cores: "
        f"best of {runs} {rate:,.0f} series/s, median {statistics.median(rates):,.0f}; "
        f"{min(processor) * 1e6:.1f} processor us a series"
    )
    print(f"matrix products {rate * operations(network.arch, errors) / 1e9:.1f} of {best / 1e9:.0f} GFLOP/s")
    print(f"share of the rate of one large product {share:.0%}", flush=True)


def operations(arch: Architecture, errors: bool) -> float:
    """Floating point operations of the matrix products of one forecast, of one layer."""
    # Embedding and input weights are one product; before the first step there is no state to multiply.
    read = 2 * arch.segment + LEVEL_COLUMNS
    reading = 4 * arch.hidden * (arch.steps * read + (arch.steps - 1) * arch.hidden)
    heads = len(arch.quantiles) + (1 if errors else 0)
    each = reading * (2 if errors else 1) + arch.hidden * arch.horizon * heads
    return 2.0 * arch.members * each


def product_rate(cores: int, size: int = 1536) -> float:
    """Operations a second of one product in single precision on each core at once."""
    a = np.ones((size, size), np.float32)
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(lambda _: a @ a, range(cores)))
        started = time.perf_counter()
        list(pool.map(lambda _: a @ a, range(cores)))
    return 2.0 * cores * size**3 / (time.perf_counter() - started)


def whole(network: Network, panel: Panel, folder: Path, form: str) -> None:
    data, model = folder / "data.csv", folder / "model.safetensors"
    write_csv(panel, data)
    contract = Contract(
        roles=Roles("time", ("id",), ("y",), (), ()),
        options=ReadOptions(),
        time_pattern="%Y-%m-%d %H:%M:%S",
        step=_STEP,
        series_count=len(panel),
        observations=len(panel.values),
        smallest=float(panel.values.min()),
        largest=float(panel.values.max()),
        data=(data.name,),
        data_sha256="0" * 64,
    )
    write_model(model, Model(network, contract, {}, {}, {"lstmcli": "0"}))
    command = [
        sys.executable,
        "-m",
        "lstmcli",
        "predict",
        str(data),
        "-m",
        str(model),
        "-q",
        "--format",
        form,
    ]
    rows = len(panel) * network.arch.horizon
    for name, more in (("to a pipe", []), ("to a file", ["-o", str(folder / "out")])):
        print_rate(name, rows, [*command, *more])


def write_csv(panel: Panel, path: Path) -> None:
    with path.open("w") as file:
        file.write("id,time,y\n")
        for s, (key,) in enumerate(panel.keys):
            stamps = np.datetime_as_string(panel.times(s, 0, int(panel.lengths[s])), unit="s")
            for stamp, value in zip(stamps, panel.history(s).tolist(), strict=True):
                file.write(f"{key},{stamp.replace('T', ' ')},{value}\n")


def print_rate(name: str, rows: int, command: list[str]) -> None:
    """Runs the program and prints what it took."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    first = time.perf_counter() - started
    while process.stdout.read(2**20):
        pass
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command)}: ended with {status}")
    busy = usage.ru_utime + usage.ru_stime
    print(
        f"{name}: {seconds:.1f} s, {busy:.1f} processor s, {usage.ru_maxrss / 1024:,.0f} MiB at most, "
        f"{rows / seconds:,.0f} rows/s; first line after {first:.1f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
