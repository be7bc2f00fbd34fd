"""What is compared: simple forecasts, the models of statsforecast, and lstmcli as a user runs it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from data_sets import DataSet, Unusable
from numpy.typing import NDArray

from lstmcli import model_file
from lstmcli.forecasting.simple_forecasts import drift_forecast, last_value, seasonal_naive

Array = NDArray[np.floating]

INTERVALS = (20, 40, 60, 80, 95)  # percent; the first four bound the deciles
TENTHS = tuple(q / 10 for q in range(1, 10))
QUANTILES = (0.025, *TENTHS, 0.975)
STATISTICAL = ("AutoETS", "AutoARIMA", "AutoTheta")
_PROCESSES = 2

# Forecasts (series, horizon) from histories (series, n), a season and a horizon.
SIMPLE: dict[str, Callable[[Array, int, int], Array]] = {
    "last value": lambda past, _, horizon: last_value(past, horizon),
    "drift": lambda past, _, horizon: drift_forecast(past, horizon),
    "seasonal naive": seasonal_naive,
}


@dataclass(frozen=True)
class TimedForecast:
    """Forecasts of a data set and what they cost.

    point      (series, horizon): the median, or the mean of a statistical model
    quantiles  (series, horizon) by level of QUANTILES; empty for a point forecast
    """

    point: Array
    quantiles: dict[float, Array] = field(default_factory=dict)
    train_seconds: float = np.nan
    predict_seconds: float = np.nan
    parameters: float = np.nan


@dataclass(frozen=True)
class Runs:
    """How lstmcli is run: every cell (None for the default) with seeds 0 to seeds - 1."""

    seeds: int
    cells: tuple[str | None, ...]
    settings: tuple[str, ...]


def simple(data: DataSet, name: str) -> TimedForecast:
    forecast = SIMPLE[name]
    made = [forecast(past[None], data.source.season, data.horizon) for past in data.histories]
    return TimedForecast(np.concatenate(made))


def statistical(data: DataSet, name: str) -> TimedForecast:
    """A model of statsforecast with its own prediction intervals. Values missing in a history are
    interpolated. The seconds of training are those of fitting and forecasting together."""
    from statsforecast import StatsForecast, models

    histories = [pd.Series(past).interpolate(limit_direction="both") for past in data.histories]
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat(np.arange(len(histories)), [len(past) for past in histories]),
            "ds": np.concatenate([np.arange(len(past)) for past in histories]),
            "y": np.concatenate(histories),
        }
    )
    model = getattr(models, name)(season_length=data.source.season)
    started = time.perf_counter()
    runner = StatsForecast([model], freq=1, n_jobs=min(_PROCESSES, len(histories)))
    made = runner.forecast(df=frame, h=data.horizon, level=list(INTERVALS))
    seconds = time.perf_counter() - started
    made = made.sort_values(["unique_id", "ds"])

    def column(suffix: str) -> Array:
        return made[f"{name}{suffix}"].to_numpy(float).reshape(len(histories), data.horizon)

    point = column("")
    quantiles = {0.5: point}
    for level in INTERVALS:
        tail = (100 - level) / 200
        quantiles[tail], quantiles[1 - tail] = column(f"-lo-{level}"), column(f"-hi-{level}")
    return TimedForecast(
        point, {q: quantiles[min(quantiles, key=lambda p: abs(p - q))] for q in QUANTILES}, seconds
    )


def lstmcli(data: DataSet, runs: Runs, cell: str | None, seed: int, folder: Path) -> TimedForecast:
    """Trains and predicts with two commands, as a user would.

    Raises Unusable where the forecasts are not of the rows that are known.
    """
    model, output = folder / "model.safetensors", folder / "forecast.csv"
    trained = train(data.file, model, data.horizon, runs.settings, cell, seed)
    levels = [word for level in INTERVALS for word in ("--level", str(level))]
    predicted = run("predict", data.file, "-m", str(model), "-q", "-o", str(output), *levels)
    groups = _forecasts(output, data)

    def column(name: str) -> Array:
        return np.stack([groups[key][name].to_numpy(float) for key in data.keys])

    point = column("forecast")
    quantiles = {q: point if q == 0.5 else column(f"q{q:g}") for q in QUANTILES}
    return TimedForecast(point, quantiles, trained, predicted, parameters(model))


def train(
    file: str, model: Path, horizon: int, settings: tuple[str, ...], cell: str | None, seed: int
) -> float:
    """Runs `lstmcli train` and returns its seconds as a whole process."""
    words = ["--horizon", horizon, "--seed", seed, *(["--cell", cell] if cell else [])]
    return run("train", file, "-m", model, "-q", *words, *sets_of(settings))


def probed(file: str, folder: Path, *words: object) -> model_file.Model:
    """What lstmcli decides about a file, as a model that has learned nothing."""
    tiny = sets_of(["steps=1", "hidden=4"])
    run("train", file, "-m", folder / "probe", "-q", *tiny, *words)
    return model_file.read_model(folder / "probe")


def sets_of(settings: Iterable[str]) -> list[str]:
    """Settings as options of a command."""
    return [word for setting in settings for word in ("--set", setting)]


def run(*words: object) -> float:
    """Runs lstmcli and returns the seconds it took as a whole process."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "lstmcli", *map(str, words)], check=True)
    return time.perf_counter() - started


def parameters(model: Path) -> int:
    """Numbers in the weights of a model file. A tensor of zeros is no weight: an LSTM carries the
    candidate bias of a GRU as zeros."""
    weights = model_file.read_model(model).network.weights
    return sum(tensor.size for tensor in weights.values() if tensor.any())


def _forecasts(output: Path, data: DataSet) -> dict[str, pd.DataFrame]:
    """Rows that lstmcli wrote, by series; texts."""
    table = pd.read_csv(output, dtype=str, keep_default_na=False)
    single = table.columns[1] == "forecast"  # one series has no column that tells it apart
    keys = pd.Series(data.keys[0], index=table.index) if single else table.iloc[:, 0]
    groups = dict(list(table.groupby(keys, sort=False)))
    for key, start in zip(data.keys, data.starts, strict=True):
        if key not in groups:
            raise Unusable(f"{data.file}: series {key}: lstmcli made no forecast; has {', '.join(groups)}")
        found = groups[key].iloc[0, 0 if single else 1]
        if not _same_time(found, start):
            raise Unusable(f"{data.file}: series {key}: the forecast starts at {found}, the test at {start}")
    return groups


def _same_time(one: str, other: str) -> bool:
    """Whether two texts are the same stamp, perhaps written differently."""
    times = pd.to_datetime(pd.Series([one, other]), format="mixed", errors="coerce")
    return one == other or (times.notna().all() and times[0] == times[1])
