"""The built-in network as a model: fitted to nothing, with a contract made from the data it is applied to."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lstmcli._version import __version__
from lstmcli.errors import UsageError
from lstmcli.forecasting.horizon import steps_of, usual_rows
from lstmcli.forecasting.mix_shares import untrained_shares, untrained_width
from lstmcli.forecasting.untrained import NETWORK_ALONE, SeasonPair, season_pair, untrained_network
from lstmcli.model_file import Contract, Model
from lstmcli.network.architecture import MEMBER_TEXTS, Network
from lstmcli.network.builtin_file import BUILTIN_NAME
from lstmcli.series.closed_zeros import has_closed_zeros
from lstmcli.series.endings import ending_notes
from lstmcli.series.panel import Panel
from lstmcli.series.totals import total_notes
from lstmcli.tables.read.fast_path import read_plain_series
from lstmcli.tables.read.for_contract import ModelData, contract_of, plain_contract
from lstmcli.tables.read.frame_source import frame_in

if TYPE_CHECKING:  # pandas and pydantic are not needed for a small plain file
    from lstmcli.series.roles import Roles
    from lstmcli.settings.model import Settings
    from lstmcli.tables.cache import Cache
    from lstmcli.tables.read import Table

_LONGEST = 1024  # values of a series that nothing is known of


def open_builtin(
    sources: Sequence[str], settings: "Settings | None" = None, cache: "Cache | None" = None
) -> tuple[Model, ModelData]:
    """Reads files as training does, and makes the model for them. settings: None for the usual ones.

    Raises UsageError without files, and what reading raises.
    """
    if not sources:
        raise UsageError(f"-m {BUILTIN_NAME}: name a file: the built-in network was not trained on yours")
    simple = settings is None and cache is None and len(sources) == 1 and frame_in(sources) is None
    if simple and (plain := read_plain_series(sources[0])) and not has_closed_zeros(plain.panel):
        model, notes = _model(plain.panel, plain_contract(plain), None)
        endings = ending_notes(plain.panel)
        notes = (*endings, *notes)
        return model, ModelData(plain.panel, plain.source, notes, plain.pattern)
    from lstmcli.jobs.train.prepare import read_data
    from lstmcli.settings.untrained import untrained_settings

    settings = settings or untrained_settings(None, {})
    return model_of_table(*read_data(list(sources), settings, cache), settings)


def model_of_table(
    table: "Table", panel: Panel, roles: "Roles", settings: "Settings"
) -> tuple[Model, ModelData]:
    """The model for a table that was read by the settings, and what it is applied to."""
    endings = ending_notes(panel)
    notes = (*table.notes, *roles.without_covariates().notes, *endings, *total_notes(panel))
    if roles.covariates:
        notes = (*notes, *covariate_notes(roles))
        panel, roles = panel.without_covariates(), roles.without_covariates()
    contract = contract_of(table, panel, roles)
    model, said = _model(panel, contract, settings)
    return model, ModelData(panel, table.source, (*notes, *said), contract.time_pattern, table)


def builtin_by_contract(contract: Contract, season: int, second: int) -> Model:
    """The model of a contract, with seasons that are known, see `SeasonPair`."""
    two, pair = second > season, SeasonPair(season, second)
    shares, width = untrained_shares(contract.step, two), untrained_width(contract.step, two)
    horizon = steps_of(contract.step, usual_rows(contract.step, season))
    network = untrained_network(pair, horizon, _LONGEST, shares, width)
    versions = {"lstmcli": __version__, "python": sys.version.split()[0]}
    return Model(network, contract, {}, {}, versions)


def _model(panel: Panel, contract: Contract, settings: "Settings | None") -> tuple[Model, tuple[str, ...]]:
    """The model and a note on its shares."""
    network = builtin_network(panel, settings)
    season = network.shape.season
    decided = {"season": season, "horizon": builtin_rows(panel, season, settings)}
    chosen = settings.model_dump(mode="json", exclude_unset=True) if settings else {}
    versions = {"lstmcli": __version__, "python": sys.version.split()[0]}
    note = shares_note(network)
    return Model(network, contract, chosen | decided, {}, versions), (note,)


def covariate_notes(roles: "Roles") -> tuple[str, ...]:
    """That covariates are not used, where there are some."""
    names = roles.covariates
    said = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} not used"
    return (f"the built-in network reads the series alone: {said}",) if names else ()


def builtin_network(panel: Panel, settings: "Settings | None" = None) -> Network:
    """The forecaster without training for a panel."""
    season = settings.season if settings is not None and settings.season != "auto" else None
    pair = season_pair(panel, season)
    horizon = steps_of(panel.step, builtin_rows(panel, pair.season, settings))
    alone = settings is not None and settings.mix == "network"
    longest = int(panel.lengths.max())
    if alone:
        return untrained_network(pair, horizon, longest, NETWORK_ALONE)
    two = pair.second > pair.season
    shares, width = untrained_shares(panel.step, two), untrained_width(panel.step, two)
    return untrained_network(pair, horizon, longest, shares, width)


def builtin_rows(panel: Panel, season: int, settings: "Settings | None" = None) -> int:
    """The rows that it forecasts where no other number is asked for. season: in steps."""
    if settings is not None and settings.horizon != "auto":
        return settings.horizon
    return usual_rows(panel.step, season)


def shares_note(network: Network) -> str:
    """What forecasts, for the user."""
    return f"forecast by {shares_text(network)} (shares); lstmcli train fits a network to the file"


def shares_text(network: Network) -> str:
    """The members of a mix with their shares, the largest first."""
    assert network.mix
    shares = sorted(network.mix.shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{MEMBER_TEXTS.get(name, name)} {share:.2g}" for name, share in shares)
