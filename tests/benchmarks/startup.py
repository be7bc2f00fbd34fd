"""How long each command takes as a process, beside the least that it could take.

    python tests/benchmarks/startup.py
    python tests/benchmarks/startup.py --runs 11 --large m4_hourly_train.csv.gz --large-horizon 48

Trains small models in a folder of its own, then runs every command in turn with `python -c pass` and
`python -c "import numpy, pandas"`, and prints medians of wall and processor time (user and system,
of all threads). On a machine that does other things too, only processor times can be compared.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "sample_data" / "temperature.csv"
PROGRAM = [sys.executable, "-m", "lstmcli"]
FLOORS = {
    "python -c pass": "pass",
    "import typer, pydantic": "import typer, pydantic.main",
    "import numpy, pandas": "import numpy, pandas",
}
COMMANDS = {
    "--help": ["--help"],
    "predict --help": ["predict", "--help"],
    "predict": ["predict", str(SAMPLE), "-m", "small.safetensors"],
    "predict -": ["predict", "-", "-m", "small.safetensors"],
    "check": ["check", str(SAMPLE)],
    "verify": ["verify", "-m", "small.safetensors"],
    "inspect-gates": ["inspect-gates", str(SAMPLE), "-m", "small.safetensors"],
    "config show": ["config", "show", "small.safetensors"],
    "config defaults": ["config", "defaults"],
    "train --dry-run": ["train", str(SAMPLE), "--dry-run"],
    "completion bash": ["completion", "bash"],
    "Tab key": [],
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", default="", help="commands, separated by commas")
    parser.add_argument("--large", type=Path, help="another file to forecast")
    parser.add_argument("--large-horizon", default="24")
    args = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled
    lines = {name: [sys.executable, "-c", code] for name, code in FLOORS.items()}
    lines |= {name: [*PROGRAM, *words] for name, words in COMMANDS.items()}
    with tempfile.TemporaryDirectory() as folder:
        train(SAMPLE, "small.safetensors", "24", folder)
        if args.large:
            train(args.large.resolve(), "large.safetensors", args.large_horizon, folder)
            lines["predict, large"] = [
                *PROGRAM,
                "predict",
                str(args.large.resolve()),
                "-m",
                "large.safetensors",
            ]
        if args.only:
            lines = {n: c for n, c in lines.items() if n in FLOORS or n in args.only.split(",")}
        show(lines, args.runs, folder)


def train(data: Path, model: str, horizon: str, folder: str) -> None:
    words = ["train", str(data), "-m", model, "--horizon", horizon, "--set", "steps=20", "-q"]
    subprocess.run([*PROGRAM, *words], cwd=folder, check=True)


def show(lines: dict[str, list[str]], runs: int, folder: str) -> None:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in lines}
    for run in range(runs + 1):
        for name, line in lines.items():
            found = timed(name, line, folder)
            times[name] += [found] if run else []  # the first fills caches
    print(f"medians of {runs} runs, seconds\n{'':<24}{'wall':>8}{'processor':>12}{'least':>8}")
    for name, found in times.items():
        wall, processor = (statistics.median(part) for part in zip(*found, strict=True))
        least = min(processor for _, processor in found)
        print(f"{name:<24}{wall:>8.3f}{processor:>12.3f}{least:>8.3f}")


def timed(name: str, line: list[str], folder: str) -> tuple[float, float]:
    """Seconds of wall and of processor."""
    asked = (
        {"_LSTMCLI_COMPLETE": "bash", "_LSTMCLI_LINE": "lstmcli predict --fo"} if name == "Tab key" else {}
    )
    source = SAMPLE if "-" in line else os.devnull
    with open(source, "rb") as given:
        started = time.perf_counter()
        process = subprocess.Popen(
            line,
            cwd=folder,
            env={**os.environ, **asked},
            stdin=given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{name} failed: {' '.join(line)}")
    return time.perf_counter() - started, used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
