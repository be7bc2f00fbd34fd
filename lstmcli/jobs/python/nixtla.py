"""A backtest as a frame of Nixtla's `cross_validation`."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lstmcli.errors import UsageError
from lstmcli.evaluation.backtest import MODEL_NAME, Results
from lstmcli.forecasting.intervals import interval_quantiles
from lstmcli.jobs.backtest.source import BacktestSource
from lstmcli.series.calendar import advance
from lstmcli.tables.write.tables import written_times


def cross_validation_frame(
    results: Results, source: BacktestSource, name: str, levels: Sequence[float]
) -> pd.DataFrame:
    """Columns as of `Backtest.cross_validation`; a series without a name is called as its target.

    Raises UsageError for a level that is not among the quantiles of the model.
    """
    wanted, given = interval_quantiles(results.quantiles, levels) if levels else (), results.quantiles
    if lacking := [q for q in wanted if q not in given]:
        known = ", ".join(f"{100 * (1 - 2 * q):g}" for q in given if q < 0.5)
        raise UsageError(f"levels: no quantile {lacking[0]:g}; the levels of this model are {known}")
    panel, horizon = results.panel, results.horizon
    before = advance(panel.starts[results.series], panel.step, results.origins - 1)
    firsts = advance(panel.starts[results.series], panel.step, results.origins)
    times = advance(firsts[:, None], panel.step, np.arange(horizon)).ravel()
    names = np.array([" ".join(key) or source.targets[0] for key in panel.keys], object)
    made = results.forecasts[MODEL_NAME]
    columns: dict[str, object] = {
        "unique_id": np.repeat(names[results.series], horizon),
        "ds": written_times(times, source.pattern, True),
        "cutoff": pd.Series(written_times(before, source.pattern, True)).repeat(horizon).array,
        "y": results.actual.ravel(),
        name: made.point.ravel(),
    }
    for level in levels:
        low, high = interval_quantiles(given, [level])
        for side, quantile in (("lo", low), ("hi", high)):
            columns[f"{name}-{side}-{level:g}"] = made.values[:, :, given.index(quantile)].ravel()
    return pd.DataFrame(columns)
