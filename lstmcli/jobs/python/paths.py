"""Sample paths and totals as a table."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from lstmcli.forecasting.forecast import BLOCK_WINDOWS
from lstmcli.forecasting.intervals import at_quantiles
from lstmcli.jobs.forecast import ForecastResult
from lstmcli.jobs.forecast_options import ForecastOptions, PredictOptions, check_paths
from lstmcli.jobs.forecast_rows import forecast_rows
from lstmcli.jobs.python.words import note
from lstmcli.series.forecast import Forecast
from lstmcli.series.roles import Roles
from lstmcli.tables.write.dialects import PLAIN_DIALECT
from lstmcli.tables.write.samples import UNTYPED
from lstmcli.tables.write.tables import forecast_table


@dataclass(frozen=True)
class PathTable:
    """What `predict --samples` and `--sum-over` write. levels, samples, seed, sum_over: as there."""

    result: ForecastResult
    pattern: str | None
    levels: tuple[float, ...]
    samples: int | None
    seed: int | None
    sum_over: tuple[str, ...]

    def written(self, typed: bool) -> pd.DataFrame:
        """typed: times as such. Raises as `forecast_rows`, and UsageError for arguments that do not fit."""
        form = (
            "parquet" if typed or self.samples is None else UNTYPED
        )  # whose pieces are forecasts, or tables
        options = PredictOptions(
            data=(),
            model=Path(),
            forecast=ForecastOptions(levels=self.levels),
            form=form,
            samples=self.samples,
            seed=self.seed,
            sum_over=self.sum_over,
        )
        check_paths(options)
        rows = forecast_rows(options, self.result, self.pattern, PLAIN_DIALECT, BLOCK_WINDOWS, note)

        def finish(raw: Forecast) -> Any:
            return rows.of(raw, at_quantiles(raw, self.result.quantiles))

        pieces = [rows.taken(piece) for piece in self.result.model_blocks(finish, rows.block)]
        pieces += rows.rest()
        if self.samples is None:
            time, quantiles = self.result.model.contract.roles.time or "step", self.result.quantiles
            pieces = [forecast_table(p, time, self.pattern, quantiles, typed=typed) for p in pieces]
        return pd.concat(pieces, ignore_index=True)

    @property
    def kept_roles(self) -> Roles:
        """The roles without the columns that are summed over, which become texts."""
        roles = self.result.model.contract.roles
        summed = {name.strip() for text in self.sum_over for name in text.split(",")}
        return replace(roles, series=tuple(name for name in roles.series if name not in summed))
