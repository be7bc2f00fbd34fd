"""The training step beside the machine's own matrix product, measured in turn in one run.

    python tests/benchmarks/step.py --hidden 128 --hidden 256
    python tests/benchmarks/step.py --cell gru --segment 6 --calendar

Everything runs on one thread, as a member trains, and is timed by the time of the processor. The rate
of the matrix product (sgemm) is the best of several shapes that a step uses, and one larger one. The
step is that of the training loop: forward, loss, backward, clipping, AdamW, the average of the weights;
once with the drawing and cutting of its windows, once without.

Work of a step, with B windows, T recurrent steps, I inputs of one (segment x (value, missing flag,
covariates)), H units, G gates, Q quantiles: a product of (m, k) and (k, n) is 2 m k n floating-point
operations, its two gradients as many each.

    embedding   2 B T I H          x 2 (data need no gradient)
    layer       2 B T 2 H G H      x 3, for each layer
    head        2 B H horizon Q    x 3

The rest (gates, loss, optimiser, windows) counts as no work, only as time. This is the work of the
network as `lstmcli.network` states it. A step that reads fewer columns than it has units gets
by with less, as it makes one product of embedding and input weights; that is not taken off.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from lstmcli.forecasting.plan import Plan, decide
from lstmcli.learning import loop
from lstmcli.learning.processes.group import SINGLE_PROCESS
from lstmcli.learning.split import training_origins
from lstmcli.learning.train import prepare_torch
from lstmcli.network.architecture import Architecture
from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.panel import Panel
from lstmcli.settings.model import Settings
from lstmcli.windows.cut import window_rows

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
STEPS = 1000  # of the schedule


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--hidden", type=int, action="append", help="units; default: 128 and 256")
    add("--cell", choices=tuple(GATES), default="lstm")
    add("--layers", type=int, default=1)
    add("--batch", type=int, default=128)
    add("--context", type=int, default=168)
    add("--segment", type=int, default=24)
    add("--horizon", type=int, default=48)
    add("--calendar", action="store_true", help="feed features of the calendar")
    add("--precision", default="auto", help="float32 or bfloat16; default: float32")
    add("--runs", type=int, default=60, help="steps of each kind")
    args = parser.parse_args()
    prepare_torch()
    for hidden in args.hidden or (128, 256):
        settings = Settings(
            cell=args.cell, hidden=hidden, layers=args.layers, batch=args.batch, context=args.context,
            segment=args.segment, horizon=args.horizon, season=24, calendar=args.calendar,
            baseline="seasonal", transform="none", precision=args.precision, device="cpu",
        )  # fmt: skip
        measure(settings, args.runs)


def measure(settings: Settings, runs: int) -> None:
    panel = hourly()
    plan = decide(panel, settings)
    source = source_of(panel, plan)
    state = loop._start_state(loop.start_module(plan.arch, plan.learning, 0), plan.learning, STEPS, 0)
    levels = torch.tensor(plan.arch.quantiles)
    windows = source.draw(settings.batch, state.random)

    def step() -> None:
        loop._train_step(state, state.module, windows, levels, 0, settings.clip, SINGLE_PROCESS)

    def whole() -> None:
        drawn = source.draw(settings.batch, state.random)
        loop._train_step(state, state.module, drawn, levels, 0, settings.clip, SINGLE_PROCESS)

    products = [product(*shape) for shape in shapes(plan.arch, settings.batch)]
    taken = in_turn([step, whole, *(run for run, _ in products)], runs)
    rate = max(work / seconds for (_, work), seconds in zip(products, taken[2:], strict=True))
    work = work_of(plan.arch, settings.batch)
    arch = plan.arch
    print(
        f"{arch.cell} {arch.layers} x {arch.hidden}, {settings.batch} windows, {arch.steps} steps of "
        f"{arch.segment}, horizon {arch.horizon}: {work / 1e9:.3f} GFLOP; sgemm {rate / 1e9:.1f} GFLOP/s"
    )
    for name, seconds in zip(("step", "with its windows"), taken, strict=False):
        reached = work / seconds
        print(f"  {name:17}{seconds * 1e3:7.2f} ms {reached / 1e9:6.1f} GFLOP/s {reached / rate:4.0%}")


def hourly(series: int = 100, length: int = 1000) -> Panel:
    random = np.random.default_rng(0)
    time_of = np.arange(series * length)
    values = 5 + np.sin(2 * np.pi * time_of / 24) + 0.1 * random.normal(size=series * length)
    return Panel(
        key_names=("series",),
        keys=tuple((str(s),) for s in range(series)),
        step=Step("fixed", HOUR),
        starts=np.full(series, np.datetime64("2024-01-01", "us")),
        offsets=np.arange(series + 1) * length,
        lengths=np.full(series, length),
        values=values,
        past=np.zeros((series * length, 0), np.float32),
        future=np.zeros((series * length, 0), np.float32),
    )


def source_of(panel: Panel, plan: Plan) -> loop.WindowSampler:
    rows = window_rows(panel, plan.scaling, plan.shape)
    return loop.WindowSampler(rows, plan.shape, plan.scaling, *training_origins(panel, plan, plan.until))


def work_of(arch: Architecture, batch: int) -> float:
    """Floating-point operations of one step, by the formula above."""
    inputs = arch.shapes()["embed.weight"][1]
    embedding = 2 * batch * arch.steps * inputs * arch.hidden
    layer = 2 * batch * arch.steps * 2 * arch.hidden * GATES[arch.cell] * arch.hidden
    head = 2 * batch * arch.hidden * arch.horizon * len(arch.quantiles)
    return 2 * embedding + 3 * (arch.layers * layer + head)


def shapes(arch: Architecture, batch: int) -> list[tuple[int, int, int]]:
    """Products of a step: inputs of all gates, one recurrent step, the gradient of the recurrent
    weights, the head; and a large square."""
    hidden, gates, rows = arch.hidden, GATES[arch.cell] * arch.hidden, batch * arch.steps
    return [
        (rows, hidden, gates),
        (batch, hidden, gates),
        (gates, rows, hidden),
        (batch, hidden, arch.horizon * len(arch.quantiles)),
        (1024, 1024, 1024),
    ]


def product(m: int, k: int, n: int) -> tuple[Callable[[], None], float]:
    """A matrix product, and its floating-point operations."""
    a, b, made = torch.randn(m, k), torch.randn(k, n), torch.empty(m, n)

    def run() -> None:
        torch.mm(a, b, out=made)

    return run, 2.0 * m * k * n


def in_turn(kinds: list[Callable[[], None]], runs: int) -> list[float]:
    """Median seconds of each; other work on the machine then falls on all alike."""
    taken: list[list[float]] = [[] for _ in kinds]
    for _ in range(runs):
        for kind, seconds in zip(kinds, taken, strict=True):
            kind()  # its data come into the cache
            started = time.thread_time()
            kind()
            seconds.append(time.thread_time() - started)
    return [statistics.median(seconds) for seconds in taken]


if __name__ == "__main__":
    main()
