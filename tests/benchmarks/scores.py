"""Rows of a table: how forecasts are scored, and how rows and their medians are printed."""

from collections.abc import Callable, Sequence

import numpy as np
from data_sets import DataSet, Unusable
from forecasters import TENTHS, Runs, TimedForecast
from numpy.typing import NDArray

from lstmcli.evaluation.metrics import coverage, mase, smape, weighted_quantile_loss

Array = NDArray[np.floating]
Row = dict[str, float]

COLUMNS = (
    *("sMAPE", "MASE", "OWA", "wQL", "cover80", "cover95", "MSIS80", "MSIS95"),
    *("train s", "predict s", "parameters"),
)
SUMMARISED = "MASE"
REFERENCE = "seasonal naive"


def score(data: DataSet, made: TimedForecast) -> Row:
    """Everything that can be said of a forecast, by column; what cannot is left out or NaN.

    Raises Unusable for a forecast that is not finite: the measures would pass over it.
    """
    if not all(np.isfinite(values).all() for values in (made.point, *made.quantiles.values())):
        raise Unusable("a forecast is not finite")
    actual, naive2 = data.actual, data.source.naive2
    row = {"sMAPE": smape(actual, made.point), "MASE": mase(actual, made.point, data.scales)}
    if naive2:
        row["OWA"] = (row["sMAPE"] / naive2[0] + row["MASE"] / naive2[1]) / 2
    if made.quantiles:
        tenths = np.stack([made.quantiles[q] for q in TENTHS], axis=2)
        row["wQL"] = weighted_quantile_loss(actual, tenths, np.array(TENTHS))
        for level, tails in {80: (0.1, 0.9), 95: (0.025, 0.975)}.items():
            low, high = (made.quantiles[q] for q in tails)
            row[f"cover{level}"] = coverage(actual, low, high)
            row[f"MSIS{level}"] = interval_score(actual, low, high, level / 100, data.scales)
    return row | {
        "train s": made.train_seconds,
        "predict s": made.predict_seconds,
        "parameters": made.parameters,
    }


def interval_score(actual: Array, low: Array, high: Array, level: float, scales: Array) -> float:
    """Mean scaled interval score (Gneiting & Raftery 2007, scaled as in M4), without series whose
    scale is NaN. actual, low, high: (series, horizon); scales: (series,)."""
    penalty = 2 / (1 - level)
    outside = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    usable = ~np.isnan(scales) & ~np.isnan(actual).all(axis=1)
    if not usable.any():
        return float("nan")
    score = np.nanmean((high - low + penalty * outside)[usable], axis=1)
    return float(np.mean(score / scales[usable]))


def print_heading(columns: Sequence[str]) -> None:
    print(f"{'':<16}" + "".join(f"{name:>11}" for name in columns), flush=True)


def print_row(name: str, row: Row, columns: Sequence[str]) -> None:
    cells = [_cell(row.get(column, np.nan), column) for column in columns]
    print(f"{name:<16}" + "".join(f"{cell:>11}" for cell in cells), flush=True)


def _cell(value: float, column: str) -> str:
    if not np.isfinite(value):
        return "-"
    if column == "parameters":
        return f"{value:,.0f}"
    return f"{value:.1f}" if column.endswith(" s") else f"{value:.4f}"


def print_models(
    runs: Runs, columns: Sequence[str], measure: Callable[[str | None, int], Row]
) -> dict[str, Row]:
    """A block of rows per cell, one per seed, and their medians, which are returned by cell.

    measure: the row of a cell (None for the default) and a seed.
    """
    medians = {}
    for cell in runs.cells:
        name, rows = cell or "lstmcli", []
        for seed in range(runs.seeds):
            rows.append(measure(cell, seed))
            print_row(f"{name} seed {seed}", rows[-1], columns)
        medians[name] = {column: float(np.median([row[column] for row in rows])) for column in rows[0]}
        print_row(f"{name} median", medians[name], columns)
    return medians


def print_summary(results: dict[str, dict[str, Row]]) -> None:
    """MASE of every data set and forecaster, and the geometric mean over data sets of the ratio to
    the seasonal naive forecast's. results: by data set, then by forecaster."""
    forecasters = list(dict.fromkeys(name for rows in results.values() for name in rows))
    width = max(16, *(len(name) for name in results))
    print(f"\n{SUMMARISED:<{width}}" + "".join(f"{name:>16}" for name in forecasters))

    def line(name: str, values: Sequence[float]) -> None:
        cells = [_cell(value, SUMMARISED) for value in values]
        print(f"{name:<{width}}" + "".join(f"{cell:>16}" for cell in cells))

    def values(name: str) -> Array:
        return np.array([rows.get(name, {}).get(SUMMARISED, np.nan) for rows in results.values()])

    for data, rows in results.items():
        line(data, [rows.get(name, {}).get(SUMMARISED, np.nan) for name in forecasters])
    line("geometric ratio", [geometric_ratio(values(name), values(REFERENCE)) for name in forecasters])


def geometric_ratio(values: Array, reference: Array) -> float:
    """exp(mean(log(values / reference))) over the places where both are positive; NaN for none."""
    usable = (values > 0) & (reference > 0)
    return float(np.exp(np.log(values[usable] / reference[usable]).mean())) if usable.any() else float("nan")
