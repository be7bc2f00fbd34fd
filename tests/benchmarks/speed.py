"""Speed beside the large libraries: import, training to the same accuracy, prediction, memory.

    python tests/benchmarks/speed.py TRAIN TEST --season 24 --naive2 18.383 2.395 \\
        --peer neuralforecast=/path/to/its/python --peer gluonts=/path/to/its/python

TRAIN and TEST are long CSV files with the columns unique_id, ds and y. A peer is the name of a
program in peers/ and the Python of an environment in which its library is installed. Everything is
timed as a whole process, from the CSV file to the written model or forecast; runs of lstmcli and of
the peers take turns, and medians are printed with their ratio to lstmcli's.

Each peer is trained once as its program says, and left out where that takes longer than `--limit`
seconds. lstmcli is trained with each number of `--steps`, few
first, until its error is no larger than the peer's: that is its time to the same accuracy. It is then
trained as it comes, with no setting but the horizon.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from data_sets import DataSet, Source, read
from forecasters import sets_of

from lstmcli.evaluation.metrics import mase, smape

_SECONDS_BETWEEN_LOOKS = 0.005
PEERS = Path(__file__).parent / "peers"
IMPORTED = {"gluonts": "gluonts.torch"}  # where its own name loads nothing


@dataclass(frozen=True)
class Cost:
    """Of a whole process."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Program:
    """train and predict are command lines; {output} stands for the file of the forecast."""

    name: str
    importing: list[str]
    train: list[str]
    predict: list[str]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("train")
    add("test")
    add("--season", type=int, default=24)
    add("--naive2", type=float, nargs=2, metavar=("SMAPE", "MASE"), default=(18.383, 2.395))
    add("--peer", action="append", default=[], metavar="NAME=PYTHON")
    add(
        "--steps",
        default="20,50,100,200,500,1000",
        help="numbers of training steps tried; default: %(default)s",
    )
    add("--limit", type=float, default=900, help="seconds that training may take; default: %(default)s")
    add("--runs", type=int, default=5, help="of imports and predictions")
    args = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train, test = (str(Path(file).resolve()) for file in (args.train, args.test))
        source = Source("data", train, test, args.season, None, tuple(args.naive2))
        data = read(source, folder)
        peers = [peer(text, data, folder) for text in args.peer]
        print(f"{len(data.keys)} series, horizon {data.horizon}; {os.cpu_count()} cores", flush=True)
        whole = ours(data, folder, "whole", ())
        errors, trained = {}, {}
        for program in (*peers, whole):
            try:
                trained[program.name] = run(program.train, folder, args.limit)
            except subprocess.TimeoutExpired:
                print(f"{program.name}: not trained within {args.limit:g} s")
                continue
            errors[program.name] = owa(program, data, folder)
            print_cost("trained", program.name, trained[program.name], f"OWA {errors[program.name]:.3f}")
        peers = [program for program in peers if program.name in trained]
        for program in peers:
            to_accuracy(program, trained[program.name], errors[program.name], data, folder, args.steps)
        alternate("import", {p.name: p.importing for p in (whole, *peers)}, args.runs, folder)
        predictions = {p.name: filled(p, folder) for p in (whole, *peers)}
        alternate("predict", predictions, args.runs, folder)


def to_accuracy(
    program: Program, theirs: Cost, error: float, data: DataSet, folder: Path, steps: str
) -> None:
    """The time that lstmcli takes to an error no larger than a peer's."""
    for count in map(int, steps.split(",")):
        quick = ours(data, folder, f"steps{count}", (f"steps={count}",))
        cost = run(quick.train, folder)
        found = owa(quick, data, folder)
        print_cost("lstmcli", f"{count} steps", cost, f"OWA {found:.3f}")
        if found <= error:
            print(f"to OWA {error:.3f}: {program.name} / lstmcli = {theirs.seconds / cost.seconds:.1f}")
            return
    print(f"lstmcli did not reach the OWA of {program.name}")


def alternate(what: str, commands: dict[str, list[str]], runs: int, folder: Path) -> None:
    """Runs of all programs in turn; medians and ratios to the first."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            costs[name].append(run(command, folder))
    medians = {name: statistics.median(c.seconds for c in found) for name, found in costs.items()}
    first = next(iter(medians.values()))
    for name, found in costs.items():
        middle = Cost(medians[name], statistics.median(c.megabytes for c in found))
        print_cost(what, name, middle, f"{medians[name] / first:.1f} x")


def ours(data: DataSet, folder: Path, name: str, settings: tuple[str, ...]) -> Program:
    base = [sys.executable, "-m", "lstmcli"]
    model, words = str(folder / f"{name}.safetensors"), sets_of(settings)
    return Program(
        name="lstmcli",
        importing=[*base, "--help"],
        train=[*base, "train", data.file, "-m", model, "--horizon", str(data.horizon), "-q", *words],
        predict=[*base, "predict", data.file, "-m", model, "-q", "-o", "{output}"],
    )


def peer(text: str, data: DataSet, folder: Path) -> Program:
    name, _, python = text.partition("=")
    kept = folder / name
    kept.mkdir()
    script, words = str(PEERS / f"{name}.py"), [data.file, str(data.horizon), str(kept)]
    version = (
        f"from importlib.metadata import version as v; print('{name}', v('{name}'), 'torch', v('torch'))"
    )
    print(subprocess.run([python, "-c", version], capture_output=True, text=True, check=False).stdout.strip())
    return Program(
        name=name,
        importing=[python, "-c", f"import {IMPORTED.get(name, name)}"],
        train=[python, script, "train", *words],
        predict=[python, script, "predict", *words, "{output}"],
    )


def filled(program: Program, folder: Path) -> list[str]:
    return [word.format(output=folder / f"{program.name}.csv") for word in program.predict]


def run(command: list[str], folder: Path, limit: float | None = None) -> Cost:
    """Seconds of a command in a folder, and the peak memory of its first process.

    Raises TimeoutExpired, and SystemExit with what it said where it fails.
    """
    said = folder / "said.txt"
    started = time.perf_counter()
    with said.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        if limit is not None and time.perf_counter() - started > limit:
            process.kill()
            process.wait()
            raise subprocess.TimeoutExpired(command, limit)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}\n{said.read_text()[-3000:]}")
    return Cost(time.perf_counter() - started, peak)


def resident(pid: int) -> float:
    """Peak memory of a process so far in MB; 0 once it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def owa(program: Program, data: DataSet, folder: Path) -> float:
    """Overall weighted average of a program's forecast."""
    run(filled(program, folder), folder)
    table = pd.read_csv(folder / f"{program.name}.csv", dtype={"unique_id": str})
    groups = {key: group["forecast"].to_numpy() for key, group in table.groupby("unique_id", sort=False)}
    made = np.stack([groups[key][: data.horizon] for key in data.keys])
    assert data.source.naive2
    errors = (smape(data.actual, made), mase(data.actual, made, data.scales))
    return float(np.mean([error / simple for error, simple in zip(errors, data.source.naive2, strict=True)]))


def print_cost(what: str, name: str, cost: Cost, more: str) -> None:
    print(f"{what:<10}{name:<16}{cost.seconds:8.2f} s {cost.megabytes:8.0f} MB  {more}", flush=True)


if __name__ == "__main__":
    main()
