"""Accuracy of the command line on any data with a known future, beside simple forecasts.

    python tests/benchmarks/accuracy.py TRAIN TEST [--seeds 3] [--season 24] [--set KEY=VALUE ...]

TRAIN and TEST are long CSV files with the columns unique_id, ds and y; TEST holds the rows that
follow. Trains and predicts with `lstmcli` as a user would and prints sMAPE, MASE and OWA by the
definitions of the M4 competition, the weighted quantile loss, and coverage and mean scaled
interval score (MSIS) of the 80 and 95 % intervals. OWA needs the errors of the competition's
benchmark, `--naive2 SMAPE MASE`: 18.383 2.395 for M4 Hourly.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from lstmcli.baselines import drift, last_value, seasonal_naive
from lstmcli.metrics import coverage, mase, seasonal_scale, smape, weighted_quantile_loss

COLUMNS = ("sMAPE", "MASE", "OWA", "wQL", "cover80", "cover95", "MSIS80", "MSIS95", "train s", "predict s")
TENTHS = [q / 10 for q in range(1, 10)]


def run(*words: str) -> float:
    """Runs lstmcli and returns the seconds it took as a whole process."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "lstmcli", *words], check=True)
    return time.perf_counter() - started


def by_series(path: str) -> dict[str, np.ndarray]:
    table = pd.read_csv(path, dtype={"unique_id": str}).sort_values(["unique_id", "ds"], kind="stable")
    return {key: group.y.to_numpy(float) for key, group in table.groupby("unique_id", sort=False)}


def interval_score(
    actual: np.ndarray, low: np.ndarray, high: np.ndarray, level: float, scales: np.ndarray
) -> float:
    """Mean scaled interval score (Gneiting & Raftery 2007, scaled as in M4); NaN scales are left out."""
    penalty = 2 / (1 - level)
    below, above = np.maximum(low - actual, 0), np.maximum(actual - high, 0)
    return float(np.nanmean((high - low + penalty * (below + above)).mean(axis=1) / scales))


def point_scores(
    actual: np.ndarray, made: np.ndarray, scales: np.ndarray, naive2: list[float] | None
) -> list[float]:
    s, m = smape(actual, made), mase(actual, made, scales)
    return [s, m, (s / naive2[0] + m / naive2[1]) / 2 if naive2 else np.nan]


def model_scores(
    args: argparse.Namespace, seed: int, actual: np.ndarray, scales: np.ndarray, keys: list[str]
) -> list[float]:
    horizon = actual.shape[1]
    with tempfile.TemporaryDirectory() as folder:
        model, output = str(Path(folder) / "model"), str(Path(folder) / "forecast.csv")
        settings = [word for s in args.set for word in ("--set", s)]
        trained = run(
            "train", args.train, "-m", model, "--horizon", str(horizon), "--seed", str(seed), "-q", *settings
        )
        levels = [word for level in (20, 40, 60, 80, 95) for word in ("--level", str(level))]
        predicted = run("predict", args.train, "-m", model, "-q", "-o", output, *levels)
        table = pd.read_csv(output, dtype={"unique_id": str})
    groups = dict(list(table.groupby("unique_id", sort=False)))

    def column(name: str) -> np.ndarray:
        return np.stack([groups[key][name].to_numpy() for key in keys])

    median = column("forecast")
    tenths = np.stack([median if q == 0.5 else column(f"q{q:g}") for q in TENTHS], axis=2)
    scores = point_scores(actual, median, scales, args.naive2)
    scores.append(weighted_quantile_loss(actual, tenths, np.array(TENTHS)))
    bounds = {0.8: (column("q0.1"), column("q0.9")), 0.95: (column("q0.025"), column("q0.975"))}
    scores += [coverage(actual, low, high) for low, high in bounds.values()]
    scores += [interval_score(actual, low, high, level, scales) for level, (low, high) in bounds.items()]
    return [*scores, trained, predicted]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--season", type=int, default=24)
    parser.add_argument("--naive2", type=float, nargs=2, metavar=("SMAPE", "MASE"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    args = parser.parse_args()
    history, future = by_series(args.train), by_series(args.test)
    keys, horizon = list(future), min(len(y) for y in future.values())
    actual = np.stack([future[key][:horizon] for key in keys])
    scales = np.array([seasonal_scale(history[key], args.season) for key in keys])
    print(f"{'':<16}" + "".join(f"{name:>10}" for name in COLUMNS))
    simple = {
        "last value": lambda past: last_value(past, horizon),
        "drift": lambda past: drift(past, horizon),
        "seasonal naive": lambda past: seasonal_naive(past, args.season, horizon),
    }
    for name, forecast in simple.items():
        made = np.concatenate([forecast(history[key][None]) for key in keys])
        print(f"{name:<16}" + "".join(f"{v:>10.4f}" for v in point_scores(actual, made, scales, args.naive2)))
    rows = []
    for seed in range(args.seeds):
        rows.append(model_scores(args, seed, actual, scales, keys))
        print(f"{f'lstmcli seed {seed}':<16}" + "".join(f"{v:>10.4f}" for v in rows[-1]), flush=True)
    print(f"{'median':<16}" + "".join(f"{v:>10.4f}" for v in np.median(rows, axis=0)))


if __name__ == "__main__":
    main()
