"""A trained model."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli import model_file
from lstmcli.files.checked import Output, check_outputs
from lstmcli.jobs.python.applied import columns_of_forecast
from lstmcli.jobs.python.described import described
from lstmcli.jobs.python.given import Given
from lstmcli.jobs.python.judged import Judged
from lstmcli.jobs.python.words import in_python_words
from lstmcli.model_file import Model, relative_data_paths
from lstmcli.network.builtin_file import IN_MEMORY
from lstmcli.series.roles import Roles
from lstmcli.tables.read.for_contract import ModelData, read_for_model

if TYPE_CHECKING:
    from lstmcli.jobs.backtest.source import BacktestSource
    from lstmcli.jobs.check import CheckReport


@dataclass(frozen=True, repr=False)
class Forecaster(Judged):
    """A trained model. It can be pickled, and forecasts without PyTorch.

    model    all that is in its file
    notes    what was found and decided in training; none for a model that was loaded
    sources  paths that it was trained on; none for frames and a model that was loaded
    """

    model: Model
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return described(self.model)

    @property
    def horizon(self) -> int:
        """Rows that it forecasts where no other number is asked for."""
        return self.model.horizon

    @property
    def settings(self) -> dict[str, Any]:
        """The settings it was trained with, with all that was decided."""
        return dict(self.model.settings)

    @property
    def training(self) -> dict[str, Any]:
        """What training found: `members` with steps and losses; `validation` with errors beside those of
        simple forecasts, skill (0.2: a fifth less error than seasonal naive), coverage of the intervals."""
        return dict(self.model.report)

    @in_python_words
    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model file, whole or not at all. Raises CannotCreate or WriteFailed."""
        target, contract = Path(path), self.model.contract
        check_outputs([Output("save", target, "model")])
        if self.sources:  # so that the commands find them without their names
            contract = replace(contract, data=relative_data_paths(self.sources, target))
        model_file.write_model(target, replace(self.model, contract=contract))

    @property
    def _roles(self) -> Roles:
        return self.model.contract.roles

    @property
    def _file(self) -> Path:
        return Path(IN_MEMORY)

    def _open(self, given: Given, policies: Mapping[str, Any]) -> tuple[Model, ModelData]:
        asked = {**policies, **given.reading}
        return self.model, read_for_model(self.model, self._file, given.sources, asked)

    def _backtested(self, given: Given, horizon: int | None, refit: bool) -> "BacktestSource":
        from lstmcli.jobs.backtest.source import model_source, refit_source, settings_of
        from lstmcli.jobs.train.reporter import SilentReporter
        from lstmcli.settings.load import validate_settings

        if not refit:
            return model_source(*self._open(given, {}), horizon)
        asked = {**given.reading, **({} if horizon is None else {"horizon": horizon})}
        chosen = validate_settings(asked, dict.fromkeys(asked, "backtest"))
        return refit_source(given.sources, settings_of(self.model, chosen), SilentReporter())

    def _checked(self, given: Given, horizon: int | None) -> "CheckReport":
        from lstmcli.jobs.check.for_model import check_with_model

        return check_with_model(given.sources, self.model, self._file, horizon, dict(given.reading))

    def _nothing(self, levels: Sequence[float]) -> list[str] | None:
        return columns_of_forecast(self.model, levels)
