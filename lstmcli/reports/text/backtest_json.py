"""A backtest for machines: the report as JSON, every forecast as the columns of a table."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.backtest import MODEL_NAME, Results
from lstmcli.evaluation.backtest_report import BacktestReport
from lstmcli.series.calendar import Times, advance

BACKTEST_VERSION = 2  # of the JSON report: 2 names the metric "metric", not "measure"


def report_json(report: BacktestReport) -> str:
    """The whole report; null where a metric is not defined."""
    return json.dumps({"version": BACKTEST_VERSION, **asdict(report)}, indent=1, allow_nan=False) + "\n"


def forecast_columns(results: Results, time: str, written: Callable[[Times], Any]) -> dict[str, NDArray[Any]]:
    """One row per window and step: series, fold, origin (the last known time), time, step, actual,
    forecast, quantiles of the model, then each other forecaster.

    time: name of the time column; written: how time stamps are written.
    """
    panel, horizon = results.panel, results.horizon
    origins = advance(panel.starts[results.series], panel.step, results.origins - 1)
    firsts = advance(panel.starts[results.series], panel.step, results.origins)
    times = advance(firsts[:, None], panel.step, np.arange(horizon)).ravel()
    made: list[tuple[str, NDArray[Any]]] = [
        ("fold", np.repeat(results.fold, horizon)),
        ("origin", np.repeat(np.asarray(written(origins)), horizon)),
        (time or "row", np.asarray(written(times))),
        ("step", np.tile(np.arange(1, horizon + 1), len(results.fold))),
        ("actual", results.actual.ravel()),
        ("forecast", results.forecasts[MODEL_NAME].point.ravel()),
    ]
    if results.seen is not None:
        seen = np.where(results.seen, "yes", "no").astype(object)
        made.insert(2, ("seen_in_training", np.repeat(seen, horizon)))
    for k, quantile in enumerate(results.quantiles):
        made.append((f"q{quantile:g}", results.forecasts[MODEL_NAME].values[:, :, k].ravel()))
    others = [name for name in results.forecasts if name != MODEL_NAME]
    made += [(name.replace(" ", "_"), results.forecasts[name].point.ravel()) for name in others]
    columns: dict[str, NDArray[Any]] = {
        name: np.repeat(np.array([panel.keys[s][k] for s in results.series], dtype=object), horizon)
        for k, name in enumerate(panel.key_names)
    }
    for name, values in made:
        columns[name if name not in columns else f"backtest_{name}"] = values
    return columns
