"""A backtest as a frame of Nixtla's `cross_validation`."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lstmcli.errors import UsageError
from lstmcli.evaluation.backtest import MODEL_NAME, Results
from lstmcli.forecasting.intervals import interval_quantiles
from lstmcli.jobs.backtest.source import BacktestSource
from lstmcli.series.calendar import advance
from lstmcli.series.roles import Roles
from lstmcli.tables.write.tables import written_times

_ID, _TIME = "unique_id", "ds"


@dataclass(frozen=True)
class CrossValidation:
    """name: of the column of the forecast; levels: in percent. Raises UsageError for a level that is not
    between two quantiles of the model."""

    results: Results
    source: BacktestSource
    name: str
    levels: tuple[float, ...]

    def __post_init__(self) -> None:
        given = self.results.quantiles
        wanted = interval_quantiles(given, self.levels) if self.levels else ()
        if lacking := [q for q in wanted if q not in given]:
            known = ", ".join(f"{100 * (1 - 2 * q):g}" for q in given if q < 0.5)
            raise UsageError(f"levels: no quantile {lacking[0]:g}; the levels of this model are {known}")

    @property
    def roles(self) -> Roles:
        """Of the columns of the data that the table has: a column of series only where it is the one name of
        each series."""
        roles = self.source.roles
        alone = len(roles.series) == 1 and self.results.panel.key_names == roles.series
        return replace(roles, series=roles.series if alone else ())

    @property
    def names(self) -> dict[str, str]:
        """What the columns of the data are called by Nixtla."""
        return {self.roles.time or "step": _TIME} | dict.fromkeys(self.roles.series, _ID)

    def written(self, typed: bool) -> pd.DataFrame:
        """A row for each series, fold and step. typed: times as such, not written."""
        results, roles, pattern = self.results, self.roles, self.source.pattern
        panel, horizon, given = results.panel, results.horizon, results.quantiles
        before = advance(panel.starts[results.series], panel.step, results.origins - 1)
        firsts = advance(panel.starts[results.series], panel.step, results.origins)
        times = advance(firsts[:, None], panel.step, np.arange(horizon)).ravel()
        keys = np.array([" ".join(key) or roles.targets[0] for key in panel.keys], object)
        made = results.forecasts[MODEL_NAME]
        columns: dict[str, object] = {
            next(iter(roles.series), _ID): np.repeat(keys[results.series], horizon),
            roles.time or "step": written_times(times, pattern, typed),
            "cutoff": pd.Series(written_times(before, pattern, typed)).repeat(horizon).array,
            "y": results.actual.ravel(),
            self.name: made.point.ravel(),
        }
        for level in self.levels:
            low, high = interval_quantiles(given, [level])
            for side, quantile in (("lo", low), ("hi", high)):
                columns[f"{self.name}-{side}-{level:g}"] = made.values[:, :, given.index(quantile)].ravel()
        return pd.DataFrame(columns)
