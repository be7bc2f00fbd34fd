"""`predict --what-if`: the forecast by a second plan of what is known ahead, beside the first."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmcli.forecasting.forecast import forecast_like
from lstmcli.forecasting.intervals import at_quantiles
from lstmcli.forecasting.rounded import round_difference
from lstmcli.jobs.block_rows import BlockRows
from lstmcli.jobs.forecast import ForecastResult, ForecastSource, forecast
from lstmcli.jobs.forecast_options import ForecastOptions
from lstmcli.reports.forecast_parts import MOST_KEPT, ScenarioForecasts, concat_scenarios
from lstmcli.reports.text.forecast_parts import MOST_TOLD, difference_lines
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel, shown_key
from lstmcli.tables.write.dialects import OutputDialect
from lstmcli.tables.write.forms import check_size
from lstmcli.tables.write.tables import number_columns
from lstmcli.tables.write.wide_rows import WideRows

if TYPE_CHECKING:
    from lstmcli.tables.read import Table

FLAG, OTHER, DIFFERENCE = "--what-if", "_what_if", "difference"


def scenario_result(
    result: ForecastResult,
    source: ForecastSource,
    table: "Table",
    options: ForecastOptions,
    tell: Callable[..., None],
) -> ForecastResult:
    """The forecast of the same series by another plan. source: of the first one; table: the plan; tell: as of
    `told_once`, which was told of the first one. Raises as `forecast`."""
    other = replace(source, panel=_without_rows_ahead(source.panel), future=table, future_flag=FLAG)
    return forecast(result.model, other, options, partial(tell, flag=FLAG))


def _without_rows_ahead(panel: Panel) -> Panel:
    if (np.diff(panel.offsets) == panel.lengths).all():
        return panel
    return panel.select(np.arange(len(panel)), panel.lengths)


@dataclass(frozen=True, kw_only=True)
class ScenarioRows(BlockRows):
    """kept: of the first series, for texts and pages; at: the place of each series in the panels."""

    result: ForecastResult
    other: ForecastResult
    wide: WideRows
    at: dict[tuple[str, ...], int]
    kept: list[ScenarioForecasts] = field(default_factory=list)

    def of(self, raw: Forecast, made: Forecast) -> Any:
        first, count = self.at[made.keys[0]], len(made.keys)
        panel = self.other.panel.select(slice(first, first + count))
        network, rows = self.other.model.network, self.other.horizon
        whole = forecast_like(network, panel, self.other.steps, raw, rows)
        other = at_quantiles(whole, self.result.quantiles)
        places = [made.quantiles.index(q) for q in (0.5, *self.result.quantiles)]
        pairs = np.stack([made.values[:, :, places], other.values[:, :, places]], axis=3)
        apart = round_difference(pairs[:, :, :1, 1] - pairs[:, :, :1, 0], of=pairs)
        flat = pairs.reshape(*pairs.shape[:2], -1)
        values = np.concatenate([flat[:, :, :2], apart, flat[:, :, 2:]], axis=2)
        return self.wide.of_columns(made, values), ScenarioForecasts(made, other)

    def taken(self, piece: Any) -> Any:
        written, pair = piece
        if sum(len(some.plan.keys) for some in self.kept) < MOST_KEPT:
            self.kept.append(pair)
        return written

    def beside(self) -> ScenarioForecasts:
        return concat_scenarios(self.kept)

    def told(self) -> list[str]:
        found, result = self.beside(), self.result
        totals = (found.other.median - found.plan.median).sum(axis=1)
        named = {shown_key(key): float(totals[s]) for s, key in enumerate(found.plan.keys[:MOST_TOLD])}
        target = result.model.contract.roles.targets[0]
        return difference_lines(named, result.horizon, result.panel.step.of_rows, len(result.panel), target)


def scenario_rows(
    form: str,
    results: tuple[ForecastResult, ForecastResult],
    pattern: str | None,
    dialect: OutputDialect,
    block: int,
) -> ScenarioRows:
    """results: by the plan, and by the other one; the other arguments and errors as of `forecast_rows`."""
    result, other = results
    check_size(form, len(result.panel) * result.horizon)
    names = scenario_columns(result.quantiles)
    time = result.model.contract.roles.time or "step"
    wide = WideRows(names, form, result.panel.key_names, time, pattern, dialect)
    at = {key: s for s, key in enumerate(result.panel.keys)}
    return ScenarioRows(wide, block, result=result, other=other, wide=wide, at=at)


def scenario_columns(quantiles: tuple[float, ...]) -> tuple[str, ...]:
    """Names of the columns: both forecasts, their difference, and both of each quantile."""
    pairs = [(name, name + OTHER) for name in number_columns(quantiles)]
    return (*pairs[0], DIFFERENCE, *(name for pair in pairs[1:] for name in pair))
