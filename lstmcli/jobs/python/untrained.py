"""The network that comes with lstmcli, from Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli.errors import UsageError
from lstmcli.jobs.builtin import open_builtin
from lstmcli.jobs.python.given import Given
from lstmcli.jobs.python.judged import Judged
from lstmcli.model_file import Model
from lstmcli.network.builtin_file import BUILTIN_FILE
from lstmcli.series.roles import NO_ROLES, Roles
from lstmcli.tables.read.for_contract import ModelData

if TYPE_CHECKING:
    from lstmcli.jobs.backtest.source import BacktestSource
    from lstmcli.jobs.check import CheckReport
    from lstmcli.settings.model import Settings


@dataclass(frozen=True, repr=False)
class UntrainedForecaster(Judged):
    """The built-in network, which forecasts any frame at once. settings: see `builtin`."""

    settings: "Settings"

    def __repr__(self) -> str:
        chosen = self.settings.model_dump(exclude_unset=True)
        return f"lstmcli.builtin({', '.join(f'{name}={value!r}' for name, value in chosen.items())})"

    @property
    def _roles(self) -> Roles:
        return NO_ROLES

    @property
    def _file(self) -> Path:
        return BUILTIN_FILE

    def _with(self, chosen: Mapping[str, Any]) -> "Settings":
        """The settings, with others where the user has chosen none."""
        own = self.settings.model_dump(exclude_unset=True)
        return type(self.settings).model_validate({**chosen, **own})

    def _open(self, given: Given, policies: Mapping[str, Any]) -> tuple[Model, ModelData]:
        return open_builtin(given.sources, self._with(policies))

    def _backtested(self, given: Given, horizon: int | None, refit: bool) -> "BacktestSource":
        from lstmcli.jobs.backtest.source import builtin_source
        from lstmcli.jobs.train.reporter import SilentReporter

        if refit:
            raise UsageError("--refit: the built-in network is never trained; lstmcli train makes a model")
        settings = self.settings.model_copy(update={} if horizon is None else {"horizon": horizon})
        return builtin_source(given.sources, settings, SilentReporter())

    def _checked(self, given: Given, horizon: int | None) -> "CheckReport":
        from lstmcli.jobs.check import check_for_builtin

        settings = self.settings.model_dump(exclude_unset=True)
        settings |= {} if horizon is None else {"horizon": horizon}
        return check_for_builtin(given.sources, type(self.settings).model_validate(settings))
