"""`predict --samples` and `--sum-over`: sample paths as rows, rows of totals behind those of the series."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.forecasting.paths import PathMaker
from lstmcli.forecasting.totals import TotalSums, total_forecast, total_key, total_levels
from lstmcli.jobs.block_rows import BlockRows
from lstmcli.jobs.forecast import ForecastResult
from lstmcli.jobs.forecast_options import PredictOptions
from lstmcli.jobs.sample_paths import OF_TOTALS, block_of, dependence_text, path_maker
from lstmcli.model_file import FINGERPRINT
from lstmcli.model_file.contract import known_keys
from lstmcli.series.arrays import Array
from lstmcli.series.forecast import Forecast
from lstmcli.tables.write.dialects import OutputDialect
from lstmcli.tables.write.forms import OutputForm, check_size, form_of
from lstmcli.tables.write.samples import SampleRows


@dataclass(frozen=True, kw_only=True)
class RowsWithTotals(BlockRows):
    """quantiles: of a total; say: receives notes on totals."""

    maker: PathMaker
    sums: TotalSums
    quantiles: tuple[float, ...]
    say: Callable[[str], None]

    def of(self, raw: Forecast, made: Forecast) -> Any:
        drawn = (self.maker.paths(raw, series) for series in range(len(raw.keys)))
        if not isinstance(self.form, SampleRows):
            return self.form.of(made), self.sums.part(made, drawn), made
        paths = np.stack(list(drawn))
        return self.form.of_paths(raw, paths), self.sums.part(made, iter(paths)), made

    def taken(self, piece: Any) -> Any:
        written, part, made = piece
        self.sums.add(part, made)
        return written

    def rest(self) -> Iterator[Any]:
        totals, notes = self.sums.totals()
        for note in notes:
            self.say(f"note: {note}")
        for total in totals:
            made = total_forecast(total, self.quantiles, self.sums.like)
            if isinstance(self.form, SampleRows):
                yield self.form.of_paths(made, total.paths[None])
            else:
                yield self.form.of(made)


def sample_rows(
    options: PredictOptions,
    result: ForecastResult,
    pattern: str | None,
    dialect: OutputDialect,
    block: int,
    say: Callable[[str], None],
) -> BlockRows:
    """Arguments and errors as of `forecast_rows`."""
    assert options.samples is not None
    maker = path_maker(result, options.samples, options.seed or 0)
    say(f"note: {_paths_text(maker, result, totals=False)}")
    check_size(options.form, len(result.panel) * result.horizon * maker.samples)
    form = _samples_form(options, result, maker, pattern, dialect)
    return BlockRows(form, block_of(maker.samples, result.horizon, block), of_model=True)


def rows_with_totals(
    options: PredictOptions,
    result: ForecastResult,
    pattern: str | None,
    dialect: OutputDialect,
    block: int,
    say: Callable[[str], None],
) -> BlockRows:
    """Arguments as of `forecast_rows`. Raises as `total_levels`, too."""
    panel, horizon = result.panel, result.horizon
    levels = total_levels(
        options.sum_over, panel, result.model.contract.roles, result.model.network.is_trained
    )
    totals = len({total_key(key, level) for key in panel.keys for level in levels})
    if options.samples is None:
        maker = path_maker(result, OF_TOTALS, mirrored=True)
        time = result.model.contract.roles.time or "step"
        form = form_of(options.form, panel.key_names, time, pattern, result.quantiles, dialect)
        rows = 1
    else:
        maker = path_maker(result, options.samples, options.seed or 0)
        form, rows = _samples_form(options, result, maker, pattern, dialect), maker.samples
    say(f"note: {_paths_text(maker, result, totals=True)}")
    if not options.samples:
        say("note: a total is the median of sums: the forecasts of its series need not add up to it")
    if note := _missing_text(result):
        say(f"note: {note}")
    check_size(options.form, (len(panel) + totals) * horizon * rows)
    size = block_of(maker.samples, horizon, block)
    quantiles = result.quantiles
    return RowsWithTotals(form, size, maker=maker, sums=TotalSums(levels), quantiles=quantiles, say=say)


def _samples_form(
    options: PredictOptions,
    result: ForecastResult,
    maker: PathMaker,
    pattern: str | None,
    dialect: OutputDialect,
) -> OutputForm:
    def draw(made: Forecast) -> Array:
        return np.stack([maker.paths(made, series) for series in range(len(made.keys))])

    time = result.model.contract.roles.time or "step"
    return SampleRows(draw, options.form, result.panel.key_names, time, pattern, dialect)


def _paths_text(maker: PathMaker, result: ForecastResult, totals: bool) -> str:
    return dependence_text(maker.dependence, result.model.network.is_trained, totals)


def _missing_text(result: ForecastResult) -> str:
    """Of series of the training that are not in the totals."""
    contract = result.model.contract
    trained = len(contract.known_series) // FINGERPRINT
    missing = trained - int(known_keys(result.panel.keys, contract).sum()) if trained else 0
    if missing <= 0:
        return ""
    return f"totals are without {plural(missing, 'series', 'series')} of the training that the data lacks"
