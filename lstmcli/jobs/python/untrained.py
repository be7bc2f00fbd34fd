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

    def _with(self, given: Given, usual: Mapping[str, Any], horizon: int | None = None) -> "Settings":
        """The settings, with those of reading. usual: where the user has chosen none."""
        own = self.settings.model_dump(exclude_unset=True)
        asked = {} if horizon is None else {"horizon": horizon}
        return type(self.settings).model_validate({**usual, **own, **given.reading, **asked})

    def _open(self, given: Given, policies: Mapping[str, Any]) -> tuple[Model, ModelData]:
        return open_builtin(given.sources, self._with(given, policies))

    def _backtested(self, given: Given, horizon: int | None, refit: bool) -> "BacktestSource":
        from lstmcli.jobs.backtest.source import builtin_source
        from lstmcli.jobs.train.reporter import SilentReporter

        if refit:
            raise UsageError("--refit: the built-in network is never trained; lstmcli train makes a model")
        return builtin_source(given.sources, self._with(given, {}, horizon), SilentReporter())

    def _checked(self, given: Given, horizon: int | None) -> "CheckReport":
        from lstmcli.jobs.check import check_for_builtin

        return check_for_builtin(given.sources, self._with(given, {}, horizon))
