"""What `lstmcli backtest` forecasts with: a model as it is, or one that is trained anew for each fold."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstmcli.console.screen import Screen
    from lstmcli.evaluation.backtest import FoldHistory
    from lstmcli.series.arrays import Indices
    from lstmcli.series.panel import Forecast, Panel
    from lstmcli.settings.model import Settings

_CHECKED = 256  # validation windows that training usually takes


@dataclass(frozen=True)
class BacktestInput:
    """The data, and how each fold is forecast; both differ with and without --refit.

    targets: columns that are forecast
    time, pattern: name of the time column, and how stamps are written; season: of the model, or a
    function of the first fold where it is decided from the data; trained: rows of each series that
    the model has seen, None where that is not known
    """

    source: str
    targets: tuple[str, ...]
    time: str
    pattern: str | None
    panel: "Panel"
    horizon: int
    season: "Callable[[FoldHistory], int]"
    forecast: "Callable[[FoldHistory], Forecast]"
    trained: "Indices | None"


def sources_of(data: list[str] | None, model: Path | None) -> list[str]:
    if data:
        return data
    from lstmcli.model_file import data_paths, read_model

    assert model is not None
    return data_paths(read_model(model), model)


def prepare_model(
    data: list[str] | None, path: Path, horizon: int | None, screen: "Screen", cache: Path | None = None
) -> BacktestInput:
    """A model as it is."""
    from lstmcli.forecasting.forecast import forecast_panel
    from lstmcli.jobs.caching import cache_of
    from lstmcli.model_file import read_model
    from lstmcli.model_file.contract import trained_lengths
    from lstmcli.tables.read.for_contract import read_for_model, roles_of

    loaded = read_model(path)
    contract, roles = loaded.contract, roles_of(loaded.contract)
    found = read_for_model(loaded, path, data, cache=cache_of(cache, screen))
    for note in found.notes:
        screen.say(f"note: {note}")
    steps = horizon or loaded.network.arch.horizon
    return BacktestInput(
        source=found.source,
        targets=roles.targets,
        time=roles.time,
        pattern=found.pattern,
        panel=found.panel,
        horizon=steps,
        season=lambda _: loaded.network.shape.season,
        forecast=lambda known: forecast_panel(loaded.network, known.panel, steps),
        trained=trained_lengths(found.panel, contract),
    )


def backtest_settings(
    model: Path | None,
    config: Path | None,
    horizon: int | None,
    assignments: tuple[str, ...],
    screen: "Screen",
) -> "Settings":
    """Those of the sources that `train` reads, on top of the model's where one is given."""
    from lstmcli.settings.model import Settings, load_settings

    chosen = load_settings(config, {"horizon": horizon}, assignments)
    if model is None:
        return chosen
    from lstmcli.model_file import read_model

    screen.say("note: settings that were decided automatically for the model were decided from all its data")
    base = Settings.model_validate(read_model(model).settings)
    return base.model_copy(update={name: getattr(chosen, name) for name in chosen.model_fields_set})


def prepare_refits(
    sources: list[str], settings: "Settings", screen: "Screen", cache: Path | None = None
) -> BacktestInput:
    """A model trained anew for each fold on what is known by then."""
    import numpy as np

    from lstmcli.forecasting.forecast import forecast_panel
    from lstmcli.forecasting.plan import decide
    from lstmcli.jobs.caching import cache_of
    from lstmcli.jobs.check.cost import estimate_cost
    from lstmcli.jobs.train.prepare import read_data
    from lstmcli.settings.durations import format_estimate
    from lstmcli.tables.read import time_pattern

    table, panel, roles = read_data(sources, settings, cache_of(cache, screen))
    for note in (*table.notes, *roles.notes):
        screen.say(f"note: {note}")
    # The horizon alone is taken from all of the data: folds must have one.
    plan = decide(panel, settings)
    settings = settings.model_copy(update={"horizon": plan.shape.horizon})
    cost = estimate_cost(plan, panel, _CHECKED)
    screen.say(f"trains anew for each fold: about {format_estimate(cost.seconds)} each (an estimate)")

    def made(known: "FoldHistory") -> "Forecast":
        from lstmcli.learning.train import train_network as learn

        plan = decide(known.training, settings)
        with screen.progress(plan.arch.members) as report:
            trained = learn(known.training, plan, report)
        return forecast_panel(trained.network, known.panel, plan.shape.horizon)

    return BacktestInput(
        source=table.source,
        targets=roles.targets,
        time=roles.time,
        pattern=time_pattern(table, roles.time),
        panel=panel,
        horizon=plan.shape.horizon,
        season=lambda known: decide(known.training, settings).shape.season,
        forecast=made,
        trained=np.zeros(len(panel), np.int64),  # no fold is shown what it is scored on
    )
