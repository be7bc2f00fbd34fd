"""Accuracy over every test window of a wide table: the protocol of long-horizon benchmarks.

A table is split by rows into train, validation and test. Each column is standardised by the mean
and standard deviation of its train rows, and errors are means over all windows of the test rows,
one at every row, over all steps and columns. The context of a window may reach back into the rows
before the test. The weighted quantile loss, too, is in standardised units.

lstmcli is trained on the train and validation rows in the units of the table; the validation rows
are its validation windows, and it does not refit, so that weights learn from the train rows alone.
It keeps at most a quarter of the rows aside: a longer validation part would be learned from.
"""

import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from data_sets import Source, Unusable
from forecasters import INTERVALS, TENTHS, Runs, parameters, train
from numpy.typing import NDArray
from scores import Row, print_heading, print_models, print_row

from lstmcli import model_file
from lstmcli.forecasting.forecast import window_quantiles
from lstmcli.forecasting.intervals import at_quantiles, interval_quantiles
from lstmcli.forecasting.simple_forecasts import last_value, seasonal_naive
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel
from lstmcli.settings.load import load_settings
from lstmcli.tables import read as tables
from lstmcli.windows.cut import window_rows

Array = NDArray[np.floating]
Sums = dict[str, Array]

COLUMNS = ("MSE", "MAE", "wQL", "cover80", "cover95", "train s", "evaluate s", "parameters")


@dataclass(frozen=True)
class Split:
    """Rows of each part of a table, in order."""

    train: int
    validation: int
    test: int


@dataclass(frozen=True)
class Test:
    """What every forecaster is measured on.

    values   (rows, columns) standardised, NaN where missing
    mean, std  (columns,) in the units of the table
    origins  (windows,) row of the first value to forecast
    """

    panel: Panel
    values: Array
    mean: Array
    std: Array
    origins: NDArray[np.int64]
    season: int
    horizon: int

    def actual(self, column: int) -> Array:
        """(windows, horizon) standardised."""
        return self.values[self.origins[:, None] + np.arange(self.horizon), column]

    def past(self, column: int, length: int) -> Array:
        """(windows, length) standardised: the values before each origin."""
        return self.values[self.origins[:, None] - length + np.arange(length), column]


def print_table(source: Source, split: Split, runs: Runs) -> None:
    """A row for each simple forecast and each run of lstmcli.

    Raises Unusable for a table that is not wide or too short, DataError for one lstmcli refuses.
    """
    test = _test(source, split, runs.settings)
    windows, columns = len(test.origins), test.values.shape[1]
    print(f"\n{source.name}: {windows:,} windows x {columns} columns, horizon {test.horizon}")
    print_heading(COLUMNS)
    simple = {
        "last value": lambda past: last_value(past, test.horizon),
        "seasonal naive": lambda past: seasonal_naive(past, test.season, test.horizon),
    }
    for name, forecast in simple.items():
        parts = [_sums(test.actual(c), forecast(test.past(c, 2 * test.season)), None) for c in range(columns)]
        print_row(name, _row(parts), COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        file, model = str(Path(folder) / "train.csv"), Path(folder) / "model.safetensors"
        known = split.train + split.validation
        pd.read_csv(source.train, dtype=str, nrows=known).to_csv(file, index=False)
        kept_aside = (f"validation={-(-split.validation // test.horizon)}", "refit=false")

        def measure(cell: str | None, seed: int) -> Row:
            seconds = train(file, model, test.horizon, (*kept_aside, *runs.settings), cell, seed)
            started = time.perf_counter()
            row = _row(_model_sums(model_file.read_model(model), test))
            evaluated = time.perf_counter() - started
            return row | {"train s": seconds, "evaluate s": evaluated, "parameters": parameters(model)}

        print_models(runs, COLUMNS, measure)


def _test(source: Source, split: Split, settings: tuple[str, ...]) -> Test:
    if source.horizon is None:
        raise Unusable("--windows needs a --horizon")
    table = tables.read_table(source.train)
    panel, roles = tables.panel_of(table, load_settings(None, {}, settings))
    horizon, known = source.horizon, split.train + split.validation
    rows = known + split.test
    if roles.series:
        raise Unusable(f"{source.train}: is a long table; --windows reads wide ones")
    if rows > len(table.frame) or split.test < horizon or known < 2 * source.season:
        raise Unusable(
            f"{source.train}: has {len(table.frame)} rows; --rows asks for {known} and {split.test} to test "
            f"a horizon of {horizon}"
        )
    values = np.full((len(table.frame), len(panel)), np.nan)
    for column, lead in enumerate(_leads(panel, len(values))):
        values[lead:, column] = panel.values[panel.offsets[column] : panel.offsets[column + 1]]
    mean, std = np.nanmean(values[: split.train], axis=0), np.nanstd(values[: split.train], axis=0)
    origins = np.arange(known, rows - horizon + 1)
    return Test(panel, (values - mean) / std, mean, std, origins, source.season, horizon)


def _leads(panel: Panel, rows: int) -> NDArray[np.int64]:
    """Rows of the table before the first value of each series, (series,)."""
    return rows - np.diff(panel.offsets)


def _model_sums(model: model_file.Model, test: Test) -> list[Sums]:
    """Sums of the forecasts of every column, by a process per core.

    Each computes on one thread: matrix products of threads that share cores with other programs
    wait for each other, which was measured to be several times as slow.
    """
    columns = np.arange(test.values.shape[1])
    cores = min(len(os.sched_getaffinity(0)), len(columns))
    with (
        patch.dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1"),
        ProcessPoolExecutor(cores, get_context("spawn")) as pool,
    ):
        parts = pool.map(partial(_column_sums, model, test), np.array_split(columns, cores))
        return [sums for part in parts for sums in part]


def _column_sums(model: model_file.Model, test: Test, columns: NDArray[np.int64]) -> list[Sums]:
    """Forecasts as `lstmcli predict` makes them, from every origin of some columns."""
    network = model.network
    rows = window_rows(test.panel, network.scaling, network.shape)
    wanted = interval_quantiles(network.arch.quantiles, INTERVALS)
    leads, parts = _leads(test.panel, len(test.values)), []
    for column in columns:
        origins = test.origins - leads[column]
        raw = window_quantiles(network, rows, np.full(len(origins), column), origins)
        made = Forecast(
            key_names=(),
            keys=(),
            step=test.panel.step,
            starts=test.panel.starts[:1],
            quantiles=network.arch.quantiles,
            values=(network.scaling.restore(raw) - test.mean[column]) / test.std[column],
        )
        if not np.isfinite(made.values).all():
            raise Unusable(f"column {column}: a forecast is not finite")
        parts.append(_sums(test.actual(column), made.median, at_quantiles(made, wanted)))
    return parts


def _sums(actual: Array, point: Array, made: Forecast | None) -> Sums:
    """Sums over the windows of one column; actual and point are (windows, horizon)."""
    error = actual - point
    sums = {
        "values": np.sum(~np.isnan(actual)),
        "squared": np.nansum(error**2),
        "absolute": np.nansum(np.abs(error)),
    }
    if made is None:
        return sums
    level = dict(zip(made.quantiles, np.moveaxis(made.values, 2, 0), strict=True))
    for percent, low, high in ((80, 0.1, 0.9), (95, 0.025, 0.975)):
        sums[f"inside{percent}"] = np.sum((actual >= level[low]) & (actual <= level[high]))
    pinball = [np.nansum(np.maximum(q * (actual - level[q]), (q - 1) * (actual - level[q]))) for q in TENTHS]
    return sums | {"pinball": np.array(pinball), "size": np.nansum(np.abs(actual))}


def _row(parts: list[Sums]) -> Row:
    """The measures of all columns together."""
    total = {name: sum(part[name] for part in parts) for name in parts[0]}
    count = total["values"]
    row = {"MSE": total["squared"] / count, "MAE": total["absolute"] / count}
    if "pinball" in total:
        row["wQL"] = np.mean(2 * total["pinball"] / total["size"])
        row |= {f"cover{percent}": total[f"inside{percent}"] / count for percent in (80, 95)}
    return {name: float(value) for name, value in row.items()}
