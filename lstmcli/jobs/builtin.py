"""The built-in network as a model: fitted to nothing, with a contract made from the data it is applied to."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lstmcli._version import __version__
from lstmcli.errors import UsageError
from lstmcli.forecasting.horizon import usual_horizon
from lstmcli.forecasting.untrained import NETWORK_ALONE, SHARES, season_pair, untrained_network
from lstmcli.jobs.train.prepare import read_data, read_frame
from lstmcli.model_file import Model
from lstmcli.network.architecture import Network
from lstmcli.network.builtin_file import BUILTIN_NAME
from lstmcli.series.endings import ending_notes
from lstmcli.series.panel import Panel
from lstmcli.settings.model import Settings
from lstmcli.tables.read import Table
from lstmcli.tables.read.for_contract import ModelData, contract_of

if TYPE_CHECKING:
    import pandas as pd

    from lstmcli.series.roles import Roles
    from lstmcli.tables.cache import Cache


def open_builtin(
    sources: Sequence[str], settings: Settings, cache: "Cache | None" = None
) -> tuple[Model, ModelData]:
    """Reads files as training does, and makes the model for them.

    Raises UsageError without files, and what reading raises.
    """
    if not sources:
        raise UsageError(f"-m {BUILTIN_NAME}: name a file: the built-in network was not trained on yours")
    table, panel, roles = read_data(list(sources), settings, cache)
    return _model(table, panel, roles, settings)


def open_builtin_frame(frame: "pd.DataFrame | pd.Series[Any]", settings: Settings) -> Model:
    """The model for a frame."""
    return _model(*read_frame(frame, settings), settings)[0]


def _model(table: Table, panel: Panel, roles: "Roles", settings: Settings) -> tuple[Model, ModelData]:
    notes = (*table.notes, *roles.notes, *ending_notes(panel))
    if roles.covariates:
        names = ", ".join(roles.covariates)
        notes = (*notes, f"the built-in network reads the series alone: {names} are not used")
        panel, roles = panel.without_covariates(), roles.without_covariates()
    network = builtin_network(panel, settings)
    notes = (*notes, f"forecast by {shares_text(network)}; lstmcli train fits a network to the file")
    contract = contract_of(table, panel, roles)
    decided = settings.model_copy(update={"season": network.shape.season, "horizon": network.arch.horizon})
    versions = {"lstmcli": __version__, "python": sys.version.split()[0]}
    model = Model(network, contract, decided.model_dump(mode="json"), {}, versions)
    return model, ModelData(panel, table.source, notes, contract.time_pattern, table)


def builtin_network(panel: Panel, settings: Settings) -> Network:
    """The forecaster without training for a panel."""
    pair = season_pair(panel, None if settings.season == "auto" else settings.season)
    horizon = usual_horizon(panel.step, pair.season) if settings.horizon == "auto" else settings.horizon
    shares = NETWORK_ALONE if settings.mix == "network" else SHARES
    return untrained_network(pair, horizon, int(panel.lengths.max()), shares)


def shares_text(network: Network) -> str:
    """The members of a mix with their shares, the largest first."""
    assert network.mix
    names = {"network": "network", "builtin": "built-in network"}
    shares = sorted(network.mix.shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{names.get(name, name)} {share:.2g}" for name, share in shares)
