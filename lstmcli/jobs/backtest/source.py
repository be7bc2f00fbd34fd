"""The data of a backtest and what forecasts each fold: a model as it is, or one trained for the fold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lstmcli.evaluation.backtest import FoldHistory
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.jobs.backtest.options import BacktestOptions
from lstmcli.jobs.caching import cache_of
from lstmcli.jobs.reporter import ProgressReporter
from lstmcli.model_file import Contract, data_paths, read_model
from lstmcli.model_file.contract import trained_lengths
from lstmcli.series.arrays import Indices
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel
from lstmcli.settings.read_assignments import read_assignments
from lstmcli.tables.write.dialects import PLAIN_DIALECT, OutputDialect, dialect_of_table

if TYPE_CHECKING:  # pydantic is loaded only where models are trained
    from lstmcli.settings.model import Settings
    from lstmcli.tables.read.for_contract import ModelData

_USUAL_VALIDATION = 256  # windows of a training


@dataclass(frozen=True)
class BacktestSource:
    """The data, and how each fold is forecast.

    targets        columns that are forecast
    time, pattern  name of the time column, and how stamps are written
    season         of the folds, from what is known at the first one
    trained        (series,) rows of each that the model has seen, None where that is not known
    dialect        of the data as CSV
    unit           beside the numbers of the targets, "" for none
    """

    source: str
    targets: tuple[str, ...]
    time: str
    pattern: str | None
    panel: Panel
    horizon: int
    season: Callable[[FoldHistory], int]
    forecast: Callable[[FoldHistory], Forecast]
    trained: Indices | None
    dialect: OutputDialect = PLAIN_DIALECT
    unit: str = ""


def source_of(options: BacktestOptions, reporter: ProgressReporter) -> BacktestSource:
    """Reads the data. Raises DataError, SettingsError and InputMissing."""
    if options.is_builtin:
        return _builtin(options, reporter)
    return _refits(options, reporter) if options.trains else _model_as_it_is(options, reporter)


def _builtin(options: BacktestOptions, reporter: ProgressReporter) -> BacktestSource:
    """The built-in network, whose seasons are found for each fold in what is known by then."""
    from lstmcli.forecasting.untrained import season_pair
    from lstmcli.jobs.builtin import builtin_network, open_builtin
    from lstmcli.settings.untrained import untrained_settings

    settings = untrained_settings(options.config, {"horizon": options.horizon}, options.assignments)
    model, found = open_builtin(options.data or (), settings, cache_of(options.cache, reporter))
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


def _model_as_it_is(options: BacktestOptions, reporter: ProgressReporter) -> BacktestSource:
    from lstmcli.tables.read.for_contract import read_for_model

    assert options.model is not None
    model = read_model(options.model)
    network = model.network
    typed = read_assignments(options.assignments, "; add --refit to train")
    found = read_for_model(model, options.model, options.data, typed, cache_of(options.cache, reporter))
    for note in found.notes:
        reporter.say(f"note: {note}")
    horizon = options.horizon or network.arch.horizon
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
        targets=contract.roles.targets,
        time=contract.roles.time,
        pattern=found.pattern,
        panel=found.panel,
        horizon=horizon,
        season=season,
        forecast=forecast,
        trained=trained,
        dialect=dialect_of_table(found.table),
        unit=contract.options.known.unit_of(contract.roles.targets),
    )


def _refits(options: BacktestOptions, reporter: ProgressReporter) -> BacktestSource:
    """A model is trained for each fold on what is known by then."""
    from lstmcli.forecasting.plan import decide
    from lstmcli.jobs.check.cost import estimate_cost
    from lstmcli.jobs.train.prepare import read_data
    from lstmcli.settings.durations import format_estimate
    from lstmcli.tables.read import time_pattern

    settings = _settings(options, reporter)
    table, panel, roles = read_data(_paths(options), settings, cache_of(options.cache, reporter))
    for note in (*table.notes, *roles.notes):
        reporter.say(f"note: {note}")
    # The horizon alone is taken from all of the data: folds must have one.
    plan = decide(panel, settings)
    settings = settings.model_copy(update={"horizon": plan.shape.horizon})
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
        targets=roles.targets,
        time=roles.time,
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
    from lstmcli.settings.model import Settings

    chosen = load_settings(options.config, {"horizon": options.horizon}, options.assignments)
    if options.model is None:
        return chosen
    reporter.say(
        "note: settings that were decided automatically for the model were decided from all its data"
    )
    base = Settings.model_validate(read_model(options.model).settings)
    return base.model_copy(update={name: getattr(chosen, name) for name in chosen.model_fields_set})


def _paths(options: BacktestOptions) -> list[str]:
    if options.data:
        return options.data
    assert options.model is not None
    return data_paths(read_model(options.model), options.model)
