"""Sample paths: what lies inside the 80 % intervals of the sum, the maximum and the minimum of a horizon.

    python tests/benchmarks/paths.py NAME=FILE[,HORIZON[,SEASON]] ... [--horizons 6] [--untrained]
    python tests/benchmarks/paths.py --everyday FOLDER --models models
    python tests/benchmarks/paths.py NAME=FILE,HORIZON --totals 10

The last `--horizons` horizons of each series are held out, fewer where that is more than a fifth of the file
(two at least). A model is trained on the rest, or taken from the folder `--models`, where it stays; with
`--untrained` the built-in network forecasts. Origins are half a horizon apart. Ways to let the errors of the
steps move together, with the same margins:

    independent, the same     of all steps
    by lag                    0.2 + 0.8 x 0.75^lag
    usual                     the correlation that counts where no errors are known
    ar1                       rho^lag, rho fitted to the errors of neighbouring steps
    two numbers               c + (1 - c) rho^lag, fitted to the correlation of the errors
    correlation               that of the errors as it is
    schaake                   the order of the errors in one window of the past (Clark et al. 2004)
    lstmcli                   that of the errors and the usual one, by the windows that do not overlap

With `--totals N` the sums of N neighbouring series are looked at instead, at each step and over the horizon,
with errors of series that are independent, correlated as lstmcli has it, and the same.

Columns: percent of values inside the interval, means over the data sets, and the interval score (Gneiting &
Raftery 2007) over that of lstmcli, geometric mean.
"""

import argparse
import csv
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
from data_sets import without_last
from forecasters import run, sets_of

from lstmcli.evaluation.dependence import (
    USUAL_WORTH,
    dependence_of,
    independent_windows,
    past_errors,
    usual_variance,
)
from lstmcli.evaluation.scores import actual_values
from lstmcli.evaluation.window_errors import WindowErrors
from lstmcli.forecasting.forecast import forecast_at_origins
from lstmcli.forecasting.paths import Dependence, PathMaker, through_quantiles, usual_correlation
from lstmcli.jobs.builtin import open_builtin
from lstmcli.model_file import read_model
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel
from lstmcli.settings.load import validate_settings
from lstmcli.tables.read.for_contract import read_for_model

SAMPLES, MOST = 400, 300
STATISTICS: dict[str, Callable[..., Array]] = {"sum": np.sum, "maximum": np.max, "minimum": np.min}
LEVEL = 0.8


@dataclass(frozen=True)
class Trial:
    """made: (windows, horizon, quantiles); actual: (windows, horizon); errors: of windows before."""

    name: str
    made: Array
    actual: Array
    quantiles: tuple[float, ...]
    errors: WindowErrors | None


@dataclass(frozen=True)
class Task:
    name: str
    file: Path
    horizon: int
    season: int | None


def tasks(args: argparse.Namespace) -> Iterator[Task]:
    for text in args.data:
        name, _, rest = text.partition("=")
        file, *numbers = rest.split(",")
        horizon, season = [*map(int, numbers), None, None][:2]
        yield Task(name, Path(file), horizon or 12, season)
    if args.everyday:
        with (args.everyday / "tasks.csv").open() as file:
            for row in csv.DictReader(file):
                path = args.everyday / row["file"]
                yield Task(path.stem, path, int(row["horizon"]), int(row["season"]))


def trial(task: Task, args: argparse.Namespace, folder: Path) -> Trial:
    data, past = folder / f"{task.name}.csv", folder / f"{task.name}.past.csv"
    frame = pd.read_csv(task.file, dtype=str)
    columns = list(frame.columns[:-2])  # series, time, value
    groups = [g for _, g in frame.groupby(columns, sort=False)] if columns else [frame]
    groups = groups[: args.series]
    held = max(2, min(args.horizons, min(map(len, groups)) // (5 * task.horizon)))
    pd.concat(groups).to_csv(data, index=False)
    without_last(pd.concat(groups), columns, held * task.horizon).to_csv(past, index=False)
    if args.untrained:
        settings = {"horizon": task.horizon} | ({"season": task.season} if task.season else {})
        model, given = open_builtin([str(data)], validate_settings(settings, dict.fromkeys(settings, "-")))
        network, panel = model.network, given.panel
        before = panel.select(np.arange(len(panel)), panel.lengths - held * task.horizon)
        errors = past_errors(network, before, task.horizon)
    else:
        network, panel, errors = trained(task, args, data, past, folder)
    if args.totals:
        print_totals(task, held, network, panel, errors, args.totals)
    return scored(task, held, network, panel, errors)


def trained(
    task: Task, args: argparse.Namespace, data: Path, past: Path, folder: Path
) -> tuple[Network, Panel, WindowErrors | None]:
    path = (args.models or folder) / f"{task.name}.safetensors"
    if not path.exists():
        words = [f"--set=season={task.season}"] if task.season and task.season > 1 else []
        run("train", past, "-m", path, "-q", "--horizon", task.horizon, *words, *sets_of(args.set))
    model = read_model(path)
    return model.network, read_for_model(model, path, [str(data)], {}, None).panel, model.errors


def scored(task: Task, held: int, network: Network, panel: Panel, errors: WindowErrors | None) -> Trial:
    back = np.arange(held * task.horizon, task.horizon - 1, -max(1, task.horizon // 2))
    series = np.repeat(np.arange(len(panel)), len(back))
    origins = panel.lengths[series] - np.tile(back, len(panel))
    some = np.unique(np.linspace(0, len(series) - 1, MOST).astype(int))
    series, origins = series[some], origins[some]
    made = forecast_at_origins(network, panel, series, origins)
    actual = actual_values(panel, series, origins, task.horizon)
    known = ~np.isnan(actual).any(axis=1)
    return Trial(task.name, made[known], actual[known], network.arch.quantiles, errors)


def print_totals(
    task: Task, held: int, network: Network, panel: Panel, errors: WindowErrors | None, size: int
) -> None:
    """Coverage of the sums of groups of series from each origin."""
    back = np.arange(held * task.horizon, task.horizon - 1, -max(1, task.horizon // 2))
    groups = [np.arange(first, min(first + size, len(panel))) for first in range(0, len(panel), size)]
    ends = np.arange(len(panel)), panel.lengths - back[0]
    variance = usual_variance(forecast_at_origins(network, panel, *ends), network.arch.quantiles)
    own = dependence_of(errors, variance)
    inside: dict[str, list[tuple[float, float, float]]] = {}
    for origin in back:
        series = np.arange(len(panel))
        ends = panel.lengths - origin
        made = forecast_at_origins(network, panel, series, ends)
        actual = actual_values(panel, series, ends, task.horizon)
        starts = np.zeros(len(panel), np.int64)
        dated = Forecast(panel.key_names, panel.keys, panel.step, starts, network.arch.quantiles, made)
        for name, across in (("independent", 0.0), ("lstmcli", own.across), ("the same", 0.999)):
            maker = PathMaker(Dependence(own.steps, across), 2 * SAMPLES, mirrored=True)
            for group in groups:
                paths = np.sum([maker.paths(dated, s) for s in group], axis=0)
                total = actual[group].sum(axis=0)
                low, high = np.quantile(paths, ((1 - LEVEL) / 2, (1 + LEVEL) / 2), axis=0)
                lower, upper = np.quantile(paths.sum(axis=1), ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
                steps = ((low <= total) & (total <= high)).mean()
                width = float((high - low).mean())
                inside.setdefault(name, []).append((steps, lower <= total.sum() <= upper, width))
    for name, rows in inside.items():
        steps, whole, width = np.mean(rows, axis=0)
        wide = width / np.mean(inside["lstmcli"], axis=0)[2]
        print(
            f"{task.name:<16}{name:<14}{len(rows):>5} totals, inside: {100 * steps:3.0f} at a step, "
            f"{100 * whole:3.0f} over the horizon; width {wide:.2f}, correlation {own.across:.2f}",
            flush=True,
        )


def ways(trial: Trial) -> dict[str, Array]:
    """Normal numbers (samples, horizon) by the name of the way."""
    horizon, random = trial.actual.shape[1], np.random.default_rng(0)
    lag = np.abs(np.subtract.outer(np.arange(horizon), np.arange(horizon)))
    variance = usual_variance(trial.made, trial.quantiles)
    usual, own = usual_correlation(variance), dependence_of(trial.errors, variance)
    by_lag = usual_correlation(np.ones(horizon))
    found = {"independent": np.eye(horizon), "by lag": by_lag, "usual": usual}
    if own.windows:
        pure = own.steps + (own.steps - usual) * USUAL_WORTH / own.windows
        rho = float(np.clip(np.diag(pure, 1).mean(), 0, 0.99))
        found |= {"ar1": rho**lag, "two numbers": two_numbers(pure, lag), "correlation": pure}
    found["lstmcli"] = own.steps
    base = random.standard_normal((SAMPLES, horizon))
    drawn = {"the same": np.repeat(base[:, :1], horizon, axis=1)}
    for name, steps in found.items():
        values, vectors = np.linalg.eigh(steps)
        drawn[name] = base @ (vectors * np.sqrt(np.maximum(values, 0))).T
    if trial.errors is not None:
        drawn["schaake"] = ranks(trial.errors)[random.integers(0, len(trial.errors.places), SAMPLES)]
    return drawn


def two_numbers(steps: Array, lag: Array) -> Array:
    grid = [c + (1 - c) * rho**lag for c in np.arange(0, 1, 0.05) for rho in np.arange(0, 1, 0.05)]
    return min(grid, key=lambda tried: float(np.square(tried - steps).sum()))


def ranks(errors: WindowErrors) -> Array:
    """Errors of each step as normal numbers by their order, (windows, horizon)."""
    order = np.argsort(np.argsort(np.nan_to_num(errors.standardised.astype(float)), axis=0), axis=0)
    known = np.array([NormalDist().inv_cdf((n + 0.5) / len(order)) for n in range(len(order))])
    return known[order]


def inside_and_score(trial: Trial, scores: Array) -> Array:
    """(windows, statistics, 2): whether the value is inside, and the interval score."""
    low, high = (1 - LEVEL) / 2, (1 + LEVEL) / 2
    found = []
    for made, actual in zip(trial.made, trial.actual, strict=True):
        paths = through_quantiles(made, trial.quantiles, scores)
        row = []
        for function in STATISTICS.values():
            value, (lower, upper) = function(actual), np.quantile(function(paths, axis=1), (low, high))
            missed = max(lower - value, 0) + max(value - upper, 0)
            row.append((lower <= value <= upper, upper - lower + missed / low))
        found.append(row)
    return np.array(found, float)


def print_table(results: list[dict[str, Array]]) -> None:
    print(f"{'':<14}" + "".join(f"{name:>10}{'score':>8}" for name in STATISTICS))
    for name in results[0]:
        row = f"{name:<14}"
        for at in range(len(STATISTICS)):
            having = [r for r in results if name in r]
            inside = np.mean([r[name][:, at, 0].mean() for r in having])
            ratio = [r[name][:, at, 1].mean() / r["lstmcli"][:, at, 1].mean() for r in having]
            row += f"{100 * inside:>10.1f}{np.exp(np.mean(np.log(ratio))):>8.3f}"
        print(row)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("data", nargs="*", metavar="NAME=FILE[,HORIZON[,SEASON]]", help="columns: series, time, value")
    add("--everyday", type=Path, metavar="FOLDER", help="with tasks.csv, see everyday.py")
    add("--series", type=int, default=150, help="of a file, the first ones")
    add("--horizons", type=int, default=6, help="held out at most")
    add("--untrained", action="store_true")
    add("--totals", type=int, default=0, metavar="N", help="look at sums of so many series")
    add("--models", type=Path, help="folder of models that are kept")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of train")
    args = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for task in tasks(args):
            one = trial(task, args, Path(folder))
            if args.totals:
                continue
            results.append({name: inside_and_score(one, drawn) for name, drawn in ways(one).items()})
            errors = one.errors
            windows = independent_windows(errors.places, task.horizon) if errors else 0
            inside = " ".join(f"{100 * part:3.0f}" for part in results[-1]["lstmcli"][:, :, 0].mean(axis=0))
            print(
                f"{task.name:<28} {len(one.actual):>4} windows, {windows:>3} before; inside: {inside}",
                flush=True,
            )
    if results:
        print_table(results)


if __name__ == "__main__":
    main()
