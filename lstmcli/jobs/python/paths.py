"""Sample paths, totals, and what stands beside a forecast, as a table."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from lstmcli.forecasting.forecast import BLOCK_WINDOWS
from lstmcli.forecasting.intervals import at_quantiles
from lstmcli.jobs.block_rows import BlockRows
from lstmcli.jobs.forecast import ForecastResult
from lstmcli.jobs.forecast_options import ForecastOptions, PredictOptions, check_paths
from lstmcli.jobs.forecast_rows import forecast_rows
from lstmcli.jobs.python.words import note
from lstmcli.reports.forecast_parts import ForecastParts, ScenarioForecasts
from lstmcli.series.forecast import Forecast
from lstmcli.series.roles import Roles
from lstmcli.tables.write.dialects import PLAIN_DIALECT
from lstmcli.tables.write.forms import UNTYPED
from lstmcli.tables.write.tables import forecast_table


@dataclass(frozen=True)
class PathTable:
    """What `predict --samples`, `--sum-over`, `--hierarchy`, `--why` and `--what-if` write.

    levels, samples, seed, sum_over, hierarchy, why: as there; scenario: the forecast by another plan
    """

    result: ForecastResult
    pattern: str | None
    levels: tuple[float, ...]
    samples: int | None = None
    seed: int | None = None
    sum_over: tuple[str, ...] = ()
    hierarchy: str | None = None
    why: bool = False
    scenario: ForecastResult | None = None

    def written(self, typed: bool) -> pd.DataFrame:
        """typed: times as such. Raises as `forecast_rows`, and UsageError for arguments that do not fit."""
        forecasts = self.samples is None and not self.why and self.scenario is None
        rows, pieces = self._made("parquet" if typed or forecasts else UNTYPED)  # forecasts, or tables
        for text in rows.told():
            note(text)
        if forecasts:
            time, quantiles = self.result.model.contract.roles.time or "step", self.result.quantiles
            pieces = [forecast_table(p, time, self.pattern, quantiles, typed=typed) for p in pieces]
        return pd.concat(pieces, ignore_index=True)

    def beside(self) -> ForecastParts | ScenarioForecasts | None:
        """What a page shows beside the forecast. Raises as `written`."""
        if not self.why and self.scenario is None:
            return None
        return self._made(UNTYPED)[0].beside()

    def _made(self, form: str) -> tuple[BlockRows, list[Any]]:
        """What is written, and its pieces."""
        options = PredictOptions(
            data=(),
            model=Path(),
            forecast=ForecastOptions(levels=self.levels),
            form=form,
            samples=self.samples,
            seed=self.seed,
            sum_over=self.sum_over,
            hierarchy=self.hierarchy,
            why=self.why,
            what_if=None if self.scenario is None else "what_if",
        )
        check_paths(options)
        result = self.result
        if self.hierarchy is not None:
            from lstmcli.jobs.hierarchy import coherent_result

            result = coherent_result(result, self.hierarchy, note)
        rows = forecast_rows(options, result, self.pattern, PLAIN_DIALECT, BLOCK_WINDOWS, note, self.scenario)

        def finish(raw: Forecast) -> Any:
            return rows.of(raw, at_quantiles(raw, result.quantiles))

        pieces = [rows.taken(piece) for piece in result.model_blocks(finish, rows.block)]
        return rows, [*pieces, *rows.rest()]

    @property
    def kept_roles(self) -> Roles:
        """The roles without the columns that are summed over, which become texts."""
        roles = self.result.model.contract.roles
        texts = (*self.sum_over, self.hierarchy or "")
        summed = {name.strip() for text in texts for name in text.split(",")}
        return replace(roles, series=tuple(name for name in roles.series if name not in summed))
