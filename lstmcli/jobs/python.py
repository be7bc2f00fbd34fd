"""lstmcli from Python: `lstmcli.load` and `lstmcli.train`, with DataFrames in and out.

The same stages as the commands, and the same numbers. Only `train` imports PyTorch.
"""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli import model_file
from lstmcli.errors import SettingsError, UsageError
from lstmcli.errors.findings import Finding
from lstmcli.forecasting.intervals import interval_quantiles
from lstmcli.jobs.forecast import ForecastSource, forecast
from lstmcli.jobs.forecast_options import ForecastOptions
from lstmcli.settings.load import validate_settings
from lstmcli.tables.read import panel_for_contract, time_pattern
from lstmcli.tables.read.frames import empty_forecast, restore_types, table_from_frame, with_columns
from lstmcli.tables.write.tables import forecast_table, number_columns

if TYPE_CHECKING:
    import pandas as pd

    from lstmcli.settings.model import Settings


@dataclass(frozen=True)
class Forecaster:
    """A trained model. It can be pickled, and forecasts without PyTorch.

    model  all that is in its file
    notes  what was found and decided in training; none for a model that was loaded
    """

    model: model_file.Model
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        network, contract = self.model.network, self.model.contract
        count = len(contract.known_series) // model_file.FINGERPRINT
        series = f"{count} series, " if count else ""  # files of older versions do not list them
        cell = f"{network.arch.cell.upper()} {network.arch.layers} x {network.arch.hidden}"
        return (
            f"Forecaster({cell}, {series}step {contract.step.duration(1)}, "
            f"context {network.shape.context}, horizon {self.horizon})"
        )

    @property
    def horizon(self) -> int:
        """Steps it was trained to forecast."""
        return self.model.network.arch.horizon

    @property
    def settings(self) -> dict[str, Any]:
        """The settings it was trained with, with all that was decided."""
        return dict(self.model.settings)

    @property
    def report(self) -> dict[str, Any]:
        """What training found: steps and losses of each member; errors beside those of simple
        forecasts, skill and coverage of the intervals in validation."""
        return dict(self.model.report)

    def forecast(
        self,
        frame: "pd.DataFrame | pd.Series[Any]",
        horizon: int | None = None,
        levels: Sequence[float] = (),
        future: "pd.DataFrame | None" = None,
    ) -> "pd.DataFrame":
        """Continues every series of a frame: the table that `lstmcli predict` writes.

        frame    columns as in training; times may be the index. Without rows: no forecasts
        horizon  steps to forecast; None for the model's
        levels   central intervals in percent, as [80, 95]; none for every quantile of the model
        future   covariates known ahead, one row per series and step to forecast

        Series and times keep their types. Warns where the data is unlike that of training. Raises
        DataError for data the model cannot use, UsageError for arguments it cannot follow.
        """
        roles = self.model.contract.roles
        if horizon is not None and horizon < 1:
            raise UsageError(f"horizon {horizon}: at least one step can be forecast")
        if future is not None and not roles.future:
            raise UsageError("future: this model has no covariates that are known ahead")
        options = ForecastOptions(horizon, tuple(levels))
        given = with_columns(frame, roles.time)
        if not len(given):
            wanted = interval_quantiles(self.model.network.arch.quantiles, levels)
            names = [*roles.series, roles.time or "step", *number_columns(wanted)]
            return empty_forecast(given, roles, names)
        table = table_from_frame(given, self.model.contract.options, keys_known=True)
        panel, _ = panel_for_contract(table, roles, self.model.contract.step)
        ahead = None
        if future is not None:
            ahead = table_from_frame(with_columns(future, roles.time), table.options, keys_known=True)
        source = ForecastSource(panel, table.source, future=ahead)
        result = forecast(self.model, source, options, _warn)
        pattern = time_pattern(table, roles.time)
        written = forecast_table(result.whole(), roles.time or "step", pattern, result.quantiles)
        return restore_types(written, given, roles)

    def watch(
        self,
        frame: "pd.DataFrame | pd.Series[Any]",
        alarms: str | None = None,
        since: str | None = None,
        last: int | None = None,
        every: bool = False,
    ) -> "pd.DataFrame":
        """Rows that are not what was expected of them one step before: the table that `lstmcli watch` writes.

        frame    columns as in training; times may be the index
        alarms   budget of false alarms, as "1/week"; None for the usual one of the step
        since, last   the first time, or how many rows of each series, that are judged; neither: those newer
                 than the training
        every    all rows that were judged, not only those where an alarm begins or ends

        Columns: series and time, value, expected, lower, upper, p, kind, alarm ("begins", "goes on", "ends").
        Raises DataError for data the model cannot use, UsageError for arguments it cannot follow.
        """
        from lstmcli.jobs.watch.frames import watch_frame

        return watch_frame(self.model, frame, alarms, since, last, every)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model file, whole or not at all. Raises CannotCreate or WriteFailed."""
        model_file.write_readable_model(Path(path), self.model)


def _warn(finding: Finding) -> None:
    if finding.severity == "warning":
        warnings.warn(finding.message, stacklevel=4)  # where `Forecaster.forecast` was called


@dataclass(frozen=True)
class UntrainedForecaster:
    """The built-in network, which forecasts any frame at once. settings: of the data, see `builtin`."""

    settings: "Settings"

    def forecast(
        self, frame: "pd.DataFrame | pd.Series[Any]", horizon: int | None = None, levels: Sequence[float] = ()
    ) -> "pd.DataFrame":
        """Continues every series of a frame: the table that `lstmcli predict -m builtin` writes.

        Arguments, result and errors as of `Forecaster.forecast`; horizon: None for the usual one of the step.
        """
        from lstmcli.jobs.builtin import open_builtin_frame

        return Forecaster(open_builtin_frame(frame, self.settings)).forecast(frame, horizon, levels)

    def watch(
        self,
        frame: "pd.DataFrame | pd.Series[Any]",
        alarms: str | None = None,
        since: str | None = None,
        last: int | None = None,
        every: bool = False,
    ) -> "pd.DataFrame":
        """Rows that are not what was expected of them: the table that `lstmcli watch -m builtin` writes.

        Arguments, result and errors as of `Forecaster.watch`; since and last: neither for the last season.
        """
        from lstmcli.jobs.builtin import open_builtin_frame

        return Forecaster(open_builtin_frame(frame, self.settings)).watch(frame, alarms, since, last, every)


def builtin(**settings: Any) -> UntrainedForecaster:
    """The network that comes with lstmcli, mixed with exponential smoothing and Theta; needs no training.

    settings: of the data, and season, horizon, mix, as `lstmcli predict -m builtin --set` takes them. Raises
    SettingsError naming every wrong one.
    """
    from lstmcli.settings.untrained import untrained_names

    validated = validate_settings(settings, dict.fromkeys(settings, "builtin"))
    other = sorted(settings.keys() - set(untrained_names()))
    if other:
        raise SettingsError(f"builtin: {', '.join(other)}: of training; lstmcli.train takes it")
    return UntrainedForecaster(validated)


def load(path: str | os.PathLike[str]) -> Forecaster:
    """A model from its file. Raises InputMissing, or DataError for what is no whole model file."""
    return Forecaster(model_file.read_model(Path(path)))


def train(frame: "pd.DataFrame | pd.Series[Any]", **settings: Any) -> Forecaster:
    """Trains on the series of a frame as `lstmcli train` does on a file.

    settings: as in a YAML file, see `lstmcli config defaults`; variables of the environment do not
    count. Members are trained one after another in this process, unless `processes` says otherwise.

    Raises SettingsError naming every wrong setting, DataError, or TrainingDiverged.
    """
    from lstmcli.jobs.train import job

    request = job.TrainRequest(frame, partial(validate_settings, settings, dict.fromkeys(settings, "train")))
    result = job.run_training(request)
    assert result.model is not None  # a model that goes to no file is never kept back
    return Forecaster(result.model, result.job.notes)
