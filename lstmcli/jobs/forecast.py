"""The forecast of a panel with a model: for files, DataFrames, streams and many files alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from lstmcli.errors.findings import Finding, accept_findings
from lstmcli.forecasting.closed import steps_of_rows, steps_within
from lstmcli.forecasting.forecast import BLOCK_WINDOWS, forecasts, whole_horizons
from lstmcli.forecasting.horizon import check_end, far_note, values_needed
from lstmcli.forecasting.intervals import at_quantiles, interval_quantiles
from lstmcli.jobs.forecast_options import ForecastOptions
from lstmcli.model_file import Contract, Model
from lstmcli.model_file.contract import check_covariates, check_series, unseen_categories
from lstmcli.series.forecast import Forecast, concat_forecasts
from lstmcli.series.horizon_rows import check_future_rows
from lstmcli.series.panel import Panel

if TYPE_CHECKING:
    from lstmcli.tables.read import Table

_Piece = TypeVar("_Piece")


@dataclass(frozen=True)
class ForecastSource:
    """panel   dated values, read as the contract of the model asks
    name    of the file or table, for errors
    row     of the file, for errors; None for all of it
    future  table with future covariates that are joined to the panel; None for none
    future_flag  the option that gives them, for errors
    """

    panel: Panel
    name: str
    row: int | None = None
    future: "Table | None" = None
    future_flag: str = "--future"


@dataclass(frozen=True)
class ForecastResult:
    """A forecast that is ready to be computed.

    panel      with the rows of future covariates
    horizon    rows of each series, see `forecasting.closed`
    quantiles  of the output, without the median
    """

    model: Model
    panel: Panel
    horizon: int
    quantiles: tuple[float, ...]

    @cached_property
    def steps(self) -> int:
        """That the model forecasts: without those of closed times."""
        return steps_within(self.panel, self.horizon)

    def blocks(self, finish: Callable[[Forecast], _Piece], block: int = BLOCK_WINDOWS) -> Iterator[_Piece]:
        """`finish` of the forecast of each block of series, in order, on all cores.

        Raises DataError at once for values that the model cannot read, and at its block for a forecast
        beyond all numbers.
        """

        return self.model_blocks(lambda made: finish(at_quantiles(made, self.quantiles)), block)

    def model_blocks(
        self, finish: Callable[[Forecast], _Piece], block: int = BLOCK_WINDOWS
    ) -> Iterator[_Piece]:
        """As `blocks`, but with all quantiles of the model and no others."""
        return forecasts(self.model.network, self.panel, self.steps, finish, block, self.horizon)

    def whole(self) -> Forecast:
        """The forecast of all series. Raises as `blocks`."""
        return concat_forecasts(list(self.blocks(lambda made: made)))


def forecast(
    model: Model, source: ForecastSource, options: ForecastOptions, tell: Callable[[Finding], None]
) -> ForecastResult:
    """Continues every series of a source.

    tell: receives how the data differs from that of training. Raises UsageError for a level that the
    model cannot give; DataError for a finding of a refused kind, and for future rows that are missing or
    do not fit.
    """
    network = model.network
    quantiles = interval_quantiles(network.arch.quantiles, options.levels)
    rows = options.horizon or model.horizon
    check_end(source.panel, rows)
    if note := far_note(source.panel, rows):
        tell(Finding("note", "assumed", note))
    steps = steps_within(source.panel, rows)
    roles = model.contract.roles

    def accept(found: list[Finding]) -> None:
        for finding in accept_findings(found, options.refused, source.name, source.row):
            tell(finding)

    accept(check_series(source.panel, model))  # a series that is new is named before its missing rows
    panel = _with_future(source, model.contract, whole_horizons(steps, network.arch.horizon), tell)
    accept(check_covariates(panel, model))
    if panel.categories:
        for finding in unseen_categories(panel.with_horizon(steps, network.shape.context), model):
            tell(finding)
    within = steps_of_rows(panel, rows)
    check_future_rows(panel, steps, roles.numeric(roles.future), source.future_flag, within)
    return ForecastResult(model, panel, rows, quantiles)


def _with_future(
    source: ForecastSource, contract: Contract, steps: int, tell: Callable[[Finding], None]
) -> Panel:
    if source.future is None:
        return source.panel
    from lstmcli.tables.read import future_at_open_times, with_future

    roles, panel = contract.roles, source.panel
    future, notes = future_at_open_times(source.future, panel.step, roles)
    for note in notes:
        tell(Finding("note", "assumed", note))
    return with_future(panel, future, roles, steps, contract.time_pattern)


def told_once(tell: Callable[[Finding], None]) -> Callable[..., None]:
    """The same, which leaves out what it was told before, as of another plan. flag: of what a finding is, for
    the message."""
    told: set[str] = set()

    def once(finding: Finding, flag: str = "") -> None:
        if finding.message not in told:
            told.add(finding.message)
            tell(replace(finding, message=f"{flag}: {finding.message}") if flag else finding)

    return once


def known_series_forgotten(model: Model) -> Model:
    """The model without the list of its series: none is new to it."""
    return replace(model, contract=replace(model.contract, known_series=""))


def rolling_note(model: Model, horizon: int | None, longest: int | None = None) -> str | None:
    """A note on a horizon beyond that of training. longest: values of a series, where they are known."""
    trained = model.horizon
    if horizon is None or horizon <= trained or not model.network.is_trained:
        return None
    enough = longest is None or longest >= values_needed(horizon)
    hint = f"; lstmcli train DATA --horizon {horizon} makes one for so many" if enough else ""
    return (
        f"note: horizon {horizon} is longer than the {trained} steps the model was trained for; "
        f"it continues from its own forecasts{hint}"
    )
