"""`predict --why`: the parts of a forecast as columns beside it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lstmcli.forecasting.closed import among_closed
from lstmcli.forecasting.reasons import ReasonParts, reason_parts, reasons
from lstmcli.forecasting.rounded import round_values
from lstmcli.forecasting.shapley import MOST_EXACT
from lstmcli.forecasting.withheld import NumericNames
from lstmcli.jobs.block_rows import BlockRows
from lstmcli.jobs.forecast import ForecastResult
from lstmcli.reports.forecast_parts import MOST_KEPT, ForecastParts, concat_parts
from lstmcli.reports.text.forecast_parts import part_lines
from lstmcli.series.forecast import Forecast
from lstmcli.tables.write.dialects import OutputDialect
from lstmcli.tables.write.forms import check_size
from lstmcli.tables.write.tables import number_columns
from lstmcli.tables.write.wide_rows import WideRows

LEVEL = "level"


@dataclass(frozen=True, kw_only=True)
class WhyRows(BlockRows):
    """kept: of the first series, for texts and pages; at: the place of each series in the panel."""

    result: ForecastResult
    parts: ReasonParts
    wide: WideRows
    at: dict[tuple[str, ...], int]
    kept: list[ForecastParts] = field(default_factory=list)

    def of(self, raw: Forecast, made: Forecast) -> Any:
        first = self.at[made.keys[0]]
        panel = self.result.panel.select(slice(first, first + len(made.keys)))
        found = reasons(self.result.model.network, panel, self.result.steps, self.parts)
        found = among_closed(found, panel, self.result.horizon)
        found = round_values(found, like=raw.values) + 0.0  # no -0.0
        rest = round_values((made.median - found.sum(axis=2))[:, :, None], like=raw.values)
        values = np.concatenate([_shown(made, self.result.quantiles), rest, found], axis=2)
        return self.wide.of_columns(made, values), ForecastParts(made, self.parts.names, rest[..., 0], found)

    def taken(self, piece: Any) -> Any:
        written, parts = piece
        if sum(len(some.forecast.keys) for some in self.kept) < MOST_KEPT:
            self.kept.append(parts)
        return written

    def beside(self) -> ForecastParts:
        return concat_parts(self.kept)

    def told(self) -> list[str]:
        count, sets = len(self.parts.names), len(self.parts.sets)
        some = [f"note: of {count} parts {sets} of {2**count:,} combinations are averaged; they still add up"]
        target = self.result.model.contract.roles.targets[0]
        lines = part_lines(self.beside(), len(self.result.panel), target, self.wide.pattern)
        return [*(some if count > MOST_EXACT else []), *lines]


def why_rows(
    form: str, result: ForecastResult, pattern: str | None, dialect: OutputDialect, block: int
) -> WhyRows:
    """Arguments and errors as of `forecast_rows`."""
    model, panel = result.model, result.panel
    roles = model.contract.roles
    numeric = NumericNames(*(roles.numeric(columns) for columns in (roles.static, roles.past, roles.future)))
    parts = reason_parts(model.network, panel, numeric)
    check_size(form, len(panel) * result.horizon)
    names = (*number_columns(result.quantiles), *why_columns(parts))
    wide = WideRows(names, form, panel.key_names, roles.time or "step", pattern, dialect)
    at = {key: s for s, key in enumerate(panel.keys)}
    return WhyRows(wide, min(block, parts.block), result=result, parts=parts, wide=wide, at=at)


def why_columns(parts: ReasonParts) -> list[str]:
    """Names of the columns; a covariate of the name of another part says that it is one."""
    others = [LEVEL, *parts.names[: -len(parts.covariates) or None]]
    taken = {*others, *(part.name for part in parts.covariates if not part.own)}
    named = [
        f"covariate_{part.name}" if part.own and part.name in taken else part.name
        for part in parts.covariates
    ]
    return [f"why_{name}" for name in (*others, *named)]


def _shown(made: Forecast, quantiles: tuple[float, ...]) -> Any:
    """The median and the quantiles of the output, (series, horizon, columns)."""
    return made.values[:, :, [made.quantiles.index(q) for q in (0.5, *quantiles)]]
