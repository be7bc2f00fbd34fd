"""What `train --html`, `predict --html` and `backtest --html` write."""

import shlex
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstmcli.evaluation.backtest import Results
    from lstmcli.evaluation.backtest_report import BacktestReport
    from lstmcli.jobs.block_rows import BlockRows
    from lstmcli.model_file import Model
    from lstmcli.network.architecture import Network
    from lstmcli.reports.html.forecasts import OriginForecast
    from lstmcli.reports.html.learning import LossHistory
    from lstmcli.series.arrays import Indices
    from lstmcli.series.forecast import Forecast
    from lstmcli.series.panel import Panel

_WINDOWS = 100  # that the figures of the gates are taken over
_HELD_OUT = 3  # forecasts of each series over values held out


def write_training_report(
    path: str,
    model: "Model",
    validated: "Network",
    panel: "Panel",
    until: "Indices",
    history: "LossHistory",
    source: str,
    notes: Iterable[str],
) -> None:
    """Writes the page of `train --html`.

    validated: the network whose scores the model holds, trained without the held-out values; until:
    (series,) values at the start of each series that training saw. Raises CannotCreate or WriteFailed.
    """
    from lstmcli.files.output import write_out
    from lstmcli.gates.inspection import inspect_member
    from lstmcli.gates.timeline import timeline
    from lstmcli.reports.html.train_page import TrainingStory, train_page
    from lstmcli.reports.pictures.gates import pictures

    contract = model.contract
    gates = inspect_member(model.network, panel, _WINDOWS, known=contract.roles.changing)
    name = panel.name(0) or model.contract.roles.targets[0]
    story = TrainingStory(
        model=model,
        panel=panel,
        source=source,
        course=history,
        runs=_runs(validated, model.network, panel, until),
        gates=gates,
        pictures=pictures(
            gates,
            timeline(model.network, panel),
            name,
            "svg",
            only=("memory_gates_over_time", "half_lives"),
        ),
        notes=tuple(notes),
        command=_command(),
    )
    write_out(train_page(story), path)


def write_forecast_report(
    path: str,
    model: "Model",
    panel: "Panel",
    forecast: "Forecast",
    source: str,
    notes: Iterable[str],
    rows: "BlockRows",
) -> None:
    """Writes the page of `predict --html`. rows: what was written. Raises CannotCreate or WriteFailed."""
    from lstmcli.files.output import write_out
    from lstmcli.reports.html.forecast_page import forecast_page

    write_out(forecast_page(model, panel, forecast, source, notes, _command(), rows.beside()), path)


def backtest_html(
    results: "Results", report: "BacktestReport", targets: "tuple[str, ...]", command: str = ""
) -> str:
    """The page of `backtest --html`. command: what made it, by default the command line."""
    from lstmcli.reports.html.backtest_page import backtest_page

    return backtest_page(results, report, targets, command or _command())


def _runs(
    validated: "Network", final: "Network", panel: "Panel", until: "Indices"
) -> "dict[int, list[OriginForecast]]":
    """Forecasts over the values held out of the first series, one after the other, and beyond the end."""
    import numpy as np

    from lstmcli.errors import DataError
    from lstmcli.forecasting.forecast import forecast_at_origins, forecast_panel
    from lstmcli.reports.html.forecasts import OriginForecast, runs_of
    from lstmcli.reports.html.markup import MOST_CHOICES

    horizon = validated.arch.horizon
    try:
        runs = runs_of(panel, forecast_panel(final, panel, horizon))
    except DataError:  # covariates that are known ahead may not be given yet
        runs = {s: [] for s in range(min(len(panel), MOST_CHOICES))}
    shown = np.array(list(runs))
    many = np.clip((panel.lengths - until)[shown] // horizon, 0, _HELD_OUT)
    series = np.repeat(shown, many)
    back = np.concatenate([np.arange(n, 0, -1) for n in many])
    if len(series):
        origins = panel.lengths[series] - horizon * back
        values = forecast_at_origins(validated, panel, series, origins)
        for place in reversed(range(len(series))):
            run = OriginForecast(int(origins[place]), validated.arch.quantiles, values[place])
            runs[int(series[place])].insert(0, run)
    return runs


def _command() -> str:
    """The command line, as it was typed."""
    return shlex.join(["lstmcli", *sys.argv[1:]])
