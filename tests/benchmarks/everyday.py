"""Accuracy on single everyday series, beside exponential smoothing and Theta.

    python tests/benchmarks/everyday.py FOLDER [--series NAME ...] [--set KEY=VALUE ...] [--seed 0]
    python tests/benchmarks/everyday.py FOLDER --simple

FOLDER holds tasks.csv, with the columns file, horizon and season, and the files with the columns ds and y.
Every series has two origins: the last `horizon` values are forecast, and the `horizon` before them, each from
all that lies before. `lstmcli train` and `predict` run as a user would run them. The error of a task is the
mean absolute one over that of seasonal naive; the last line has the geometric mean over all tasks, the
worst task, the series (mean of its two origins) that is worst beside the better of AutoETS and Theta (of
statsforecast, else of lstmcli), and the share of values inside the 80 % interval with two standard errors
by a bootstrap over series. --simple leaves out the training.
"""

import argparse
import csv
import importlib.util
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from forecasters import run, sets_of

from lstmcli.forecasting.classical import CLASSICAL_METHODS, classical_forecast
from lstmcli.forecasting.intervals import spread_quantiles
from lstmcli.forecasting.mix import mix_forecast
from lstmcli.forecasting.mix_shares import untrained_shares, untrained_width
from lstmcli.forecasting.simple_forecasts import seasonal_naive
from lstmcli.forecasting.untrained import NETWORK_ALONE, SeasonPair, untrained_network
from lstmcli.network.builtin import QUANTILES as ALL_QUANTILES
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step
from lstmcli.series.seasonality import second_season

QUANTILES = (0.1, 0.9)
STATISTICAL = {"AutoETS": "AutoETS", "DOTheta": "DynamicOptimizedTheta"}
_RESAMPLES = 2000


@dataclass(frozen=True)
class Task:
    """One origin of a series. past, actual: tables with ds and y."""

    name: str
    season: int
    horizon: int
    past: pd.DataFrame
    actual: Array


@dataclass(frozen=True)
class Answer:
    """point (horizon,); low, high: of the 80 % interval."""

    point: Array
    low: Array
    high: Array


def tasks_of(folder: Path, chosen: Sequence[str]) -> list[Task]:
    with (folder / "tasks.csv").open() as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        name, horizon = Path(row["file"]).stem, int(row["horizon"])
        if chosen and name not in chosen:
            continue
        table = pd.read_csv(folder / row["file"])
        for back in (2, 1):
            end = len(table) - (back - 1) * horizon
            past, actual = table[: end - horizon], table["y"].to_numpy(float)[end - horizon : end]
            found.append(Task(f"{name} {3 - back}", int(row["season"]), horizon, past, actual))
    return found


def classical(task: Task) -> dict[str, Answer]:
    found = {}
    for name in CLASSICAL_METHODS:
        made = classical_forecast(name, [task.past["y"].to_numpy(float)], task.season, task.horizon)
        low, high = spread_quantiles(made, QUANTILES)[0].T
        found[name] = Answer(made.point[0], low, high)
    return found | {"mean": mean_of(list(found.values()))}


def step_of(task: Task) -> Step:
    """By the median distance of the times."""
    times = pd.to_datetime(task.past["ds"], format="mixed", errors="coerce")
    seconds = float(times.diff().dt.total_seconds().median())
    months = next((m for m, days in ((12, 300), (3, 80), (1, 27)) if seconds > days * 86400), 0)
    if not seconds >= 1:  # no times
        return Step("plain", 1)
    return Step("month", months, 1) if months else Step("fixed", round(seconds * 1_000_000))


def untrained(task: Task) -> dict[str, Answer]:
    """The built-in network alone, and by its shares with the classical methods."""
    history, step, found = task.past["y"].to_numpy(float), step_of(task), {}
    second = second_season([history], step, task.season) if task.season > 1 else 0
    seasons, two = SeasonPair(task.season, second or task.season), bool(second)
    for name, shares in (("built-in", NETWORK_ALONE), ("its mix", untrained_shares(step, two))):
        network = untrained_network(seasons, task.horizon, len(history), shares, untrained_width(step, two))
        made = mix_forecast(network, None, [history], task.horizon)[0]
        point, low, high = (made[:, ALL_QUANTILES.index(q)] for q in (0.5, *QUANTILES))
        found[name] = Answer(point, low, high)
    return found


def statistical(task: Task) -> dict[str, Answer]:
    """Models of statsforecast; one that fails is left out of the task."""
    from statsforecast import models

    values = task.past["y"].interpolate(limit_direction="both").to_numpy(float)
    found = {}
    for short, name in STATISTICAL.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = getattr(models, name)(season_length=task.season).forecast(
                y=values, h=task.horizon, level=[80]
            )
        found[short] = Answer(*(np.asarray(made[key]) for key in ("mean", "lo-80", "hi-80")))
    return found | {"their mean": mean_of(list(found.values()))}


def mean_of(answers: Sequence[Answer]) -> Answer:
    return Answer(
        *(np.mean([getattr(a, name) for a in answers], axis=0) for name in ("point", "low", "high"))
    )


def trained(task: Task, settings: Sequence[str], seed: int) -> dict[str, Answer]:
    with tempfile.TemporaryDirectory() as folder:
        data, model, output = (Path(folder) / name for name in ("data.csv", "m.safetensors", "f.csv"))
        task.past.to_csv(data, index=False)
        words = ["--horizon", task.horizon, "--seed", seed, "--set", f"season={task.season}"]
        run("train", data, "-m", model, "-q", *words, *sets_of(settings))
        run("predict", data, "-m", model, "-q", "-o", output, "--level", 80)
        made = pd.read_csv(output)
        return {"lstmcli": Answer(*(made[key].to_numpy(float) for key in ("forecast", "q0.1", "q0.9")))}


def relative_error(task: Task, answer: Answer) -> float:
    naive = seasonal_naive(task.past["y"].to_numpy(float)[None], task.season, task.horizon)[0]
    return float(np.nanmean(np.abs(answer.point - task.actual)) / np.nanmean(np.abs(naive - task.actual)))


def inside(task: Task, answer: Answer) -> float:
    return float(np.mean((answer.low <= task.actual) & (task.actual <= answer.high)))


def print_summary(tasks: Sequence[Task], answers: Sequence[dict[str, Answer]]) -> None:
    names = list(answers[0])
    errors = np.array(
        [[relative_error(t, a[name]) for name in names] for t, a in zip(tasks, answers, strict=True)]
    )
    print(f"{'geometric mean':<32}" + "".join(f"{e:>11.3f}" for e in np.exp(np.log(errors).mean(axis=0))))
    print(f"{'worst task':<32}" + "".join(f"{e:>11.3f}" for e in errors.max(axis=0)))
    by_series = np.exp(np.log(errors).reshape(-1, 2, len(names)).mean(axis=1))
    rivals = [n for n in ("AutoETS", "DOTheta") if n in names] or list(CLASSICAL_METHODS)
    better = by_series[:, [names.index(n) for n in rivals]].min(axis=1, keepdims=True)
    worst = (by_series / better).max(axis=0)
    print(f"{'worst series / better of both':<32}" + "".join(f"{e:>11.3f}" for e in worst))
    shares = np.array([[inside(t, a[n]) for n in names] for t, a in zip(tasks, answers, strict=True)])
    series = shares.reshape(-1, 2, len(names)).mean(axis=1)
    random = np.random.default_rng(0)
    drawn = series[random.integers(0, len(series), (_RESAMPLES, len(series)))].mean(axis=1).std(axis=0)
    print(f"{'inside 80 %':<32}" + "".join(f"{s:>11.1%}" for s in series.mean(axis=0)))
    print(f"{'  two standard errors':<32}" + "".join(f"{2 * s:>11.1%}" for s in drawn))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--series", nargs="*", default=[])
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of train")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--simple", action="store_true", help="train nothing")
    args = parser.parse_args()
    tasks, answers = tasks_of(args.folder, args.series), []
    theirs = importlib.util.find_spec("statsforecast") is not None
    for task in tasks:
        made = {} if args.simple else trained(task, args.set, args.seed)
        made |= untrained(task) | classical(task) | (statistical(task) if theirs else {})
        if not answers:
            print(f"{'error / seasonal naive':<32}" + "".join(f"{name:>11}" for name in made))
        answers.append(made)
        errors = "".join(f"{relative_error(task, answer):>11.3f}" for answer in made.values())
        print(f"{task.name:<32}{errors}", flush=True)
    print_summary(tasks, answers)


if __name__ == "__main__":
    main()
