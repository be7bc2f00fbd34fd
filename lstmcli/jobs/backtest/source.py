"""The data of a backtest and what forecasts each fold: a model as it is, or one trained for the fold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lstmcli.errors import naming
from lstmcli.evaluation.backtest import FoldHistory
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.forecasting.horizon import steps_of
from lstmcli.jobs.backtest.options import BacktestOptions
from lstmcli.jobs.caching import cache_of
from lstmcli.jobs.reporter import ProgressReporter
from lstmcli.model_file import Contract, Model, data_paths, read_model
from lstmcli.model_file.contract import trained_lengths
from lstmcli.series.arrays import Indices
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.settings.read_assignments import read_assignments
from lstmcli.tables.write.dialects import PLAIN_DIALECT, OutputDialect, dialect_of_table

if TYPE_CHECKING:  # pydantic is loaded only where models are trained
    from lstmcli.settings.model import Settings
    from lstmcli.tables.cache import Cache
    from lstmcli.tables.read.for_contract import ModelData

_USUAL_VALIDATION = 256  # windows of a training


@dataclass(frozen=True)
class BacktestSource:
    """The data, and how each fold is forecast.

    roles          of the columns
    pattern        how stamps are written
    season         of the folds, from what is known at the first one
    trained        (series,) rows of each that the model has seen, None where that is not known
    dialect        of the data as CSV
    unit           beside the numbers of the targets, "" for none
    """

    source: str
    roles: Roles
    pattern: str | None
    panel: Panel
    horizon: int
    season: Callable[[FoldHistory], int]
    forecast: Callable[[FoldHistory], Forecast]
    trained: Indices | None
    dialect: OutputDialect = PLAIN_DIALECT
    unit: str = ""

    @property
    def targets(self) -> tuple[str, ...]:
        """Columns that are forecast."""
        return self.roles.targets

    @property
    def time(self) -> str:
        """The name of the time column."""
        return self.roles.time


def source_of(options: BacktestOptions, reporter: ProgressReporter) -> BacktestSource:
    """Reads the data. Raises DataError, SettingsError and InputMissing."""
    cache = cache_of(options.cache, reporter)
    if options.is_builtin:
        from lstmcli.settings.untrained import untrained_settings

        settings = untrained_settings(options.config, {"horizon": options.horizon}, options.assignments)
        return builtin_source(options.data or (), settings, reporter, cache)
    if options.trains:
        return refit_source(_paths(options), _settings(options, reporter), reporter, cache)
    return _model_as_it_is(options, reporter, cache)


def builtin_source(
    data: Sequence[str], settings: "Settings", reporter: ProgressReporter, cache: "Cache | None" = None
) -> BacktestSource:
    """The built-in network, whose seasons are found for each fold in what is known by then."""
    from lstmcli.forecasting.untrained import season_pair
    from lstmcli.jobs.builtin import builtin_network, open_builtin

    model, found = open_builtin(data, settings, cache)
    for note in found.notes:
        reporter.say(f"note: {note}")
    horizon, fixed = model.network.arch.horizon, None if settings.season == "auto" else settings.season
    return _of_model(
        found,
        model.contract,
        horizon,
        season=lambda known: season_pair(known.panel, fixed).season,
        forecast=lambda known: forecast_panel(builtin_network(known.panel, settings), known.panel, horizon),
        trained=np.zeros(len(found.panel), np.int64),
    )


def _model_as_it_is(
    options: BacktestOptions, reporter: ProgressReporter, cache: "Cache | None"
) -> BacktestSource:
    from lstmcli.tables.read.for_contract import read_for_model

    assert options.model is not None
    model = read_model(options.model)
    typed = read_assignments(options.assignments, "; add --refit to train")
    found = read_for_model(model, options.model, options.data, typed, cache, "backtest")
    for note in found.notes:
        reporter.say(f"note: {note}")
    return model_source(model, found, options.horizon)


def model_source(model: Model, found: "ModelData", horizon: int | None) -> BacktestSource:
    """A trained model as it is. horizon: rows, None for those of the model."""
    network = model.network
    horizon = steps_of(model.contract.step, horizon or model.horizon)
    return _of_model(
        found,
        model.contract,
        horizon,
        season=lambda _: network.shape.season,
        forecast=lambda known: forecast_panel(network, known.panel, horizon),
        trained=trained_lengths(found.panel, model.contract),
    )


def _of_model(
    found: "ModelData",
    contract: Contract,
    horizon: int,
    season: Callable[[FoldHistory], int],
    forecast: Callable[[FoldHistory], Forecast],
    trained: Indices | None,
) -> BacktestSource:
    """The source of data that were read for a model."""
    return BacktestSource(
        source=found.source,
        roles=contract.roles,
        pattern=found.pattern,
        panel=found.panel,
        horizon=horizon,
        season=season,
        forecast=forecast,
        trained=trained,
        dialect=dialect_of_table(found.table),
        unit=contract.options.known.unit_of(contract.roles.targets),
    )


def refit_source(
    data: list[str], settings: "Settings", reporter: ProgressReporter, cache: "Cache | None" = None
) -> BacktestSource:
    """A model is trained for each fold on what is known by then."""
    from lstmcli.forecasting.plan import decide
    from lstmcli.jobs.check.cost import estimate_cost
    from lstmcli.jobs.train.prepare import read_data
    from lstmcli.settings.durations import format_estimate
    from lstmcli.tables.read import time_pattern

    table, panel, roles = read_data(data, settings, cache)
    for note in (*table.notes, *roles.notes):
        reporter.say(f"note: {note}")
    # The horizon alone is taken from all of the data: folds must have one.
    with naming(table.source):
        plan = decide(panel, settings)
    settings = settings.model_copy(update={"horizon": plan.settings["horizon"]})
    cost = estimate_cost(plan, panel, _USUAL_VALIDATION)
    reporter.say(f"trains a model for each fold: about {format_estimate(cost.seconds)} each (estimate)")

    def forecast(known: FoldHistory) -> Forecast:
        from lstmcli.learning.train import train_network

        plan = decide(known.training, settings)
        with reporter.progress(plan.arch.members) as report:
            trained = train_network(known.training, plan, report)
        return forecast_panel(trained.network, known.panel, plan.shape.horizon)

    return BacktestSource(
        source=table.source,
        roles=roles,
        pattern=time_pattern(table, roles.time),
        panel=panel,
        horizon=plan.shape.horizon,
        season=lambda known: decide(known.training, settings).shape.season,
        forecast=forecast,
        trained=np.zeros(len(panel), np.int64),  # no network has seen what it is scored on
        dialect=dialect_of_table(table),
        unit=table.reading.reading.unit_of(roles.targets),
    )


def _settings(options: BacktestOptions, reporter: ProgressReporter) -> "Settings":
    """Those of the sources that `train` reads, on top of the model's where one is given."""
    from lstmcli.settings.load import load_settings

    chosen = load_settings(options.config, {"horizon": options.horizon}, options.assignments)
    if options.model is None:
        return chosen
    reporter.say(
        "note: settings that were decided automatically for the model were decided from all its data"
    )
    return settings_of(read_model(options.model), chosen)


def settings_of(model: Model, chosen: "Settings") -> "Settings":
    """The settings of a model, with chosen ones instead of some."""
    from lstmcli.settings.model import Settings
    from lstmcli.settings.stored import stored_settings

    base = Settings.model_validate(stored_settings(model.settings))
    return base.model_copy(update={name: getattr(chosen, name) for name in chosen.model_fields_set})


def _paths(options: BacktestOptions) -> list[str]:
    if options.data:
        return options.data
    assert options.model is not None
    return data_paths(read_model(options.model), options.model, "backtest")
