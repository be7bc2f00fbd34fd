"""The table whose gaps are filled, with its rows, and the networks that forecast both sides of a gap."""

from dataclasses import dataclass, replace

from lstmcli.errors import UsageError
from lstmcli.forecasting.untrained import season_pair
from lstmcli.jobs.builtin import builtin_by_contract, model_of_table
from lstmcli.jobs.impute.options import ImputeOptions
from lstmcli.model_file import read_model
from lstmcli.model_file.contract import options_with
from lstmcli.network.architecture import Network
from lstmcli.network.builtin_file import is_builtin
from lstmcli.series.endings import ending_notes
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.untrained import untrained_settings
from lstmcli.tables.read import Table, panel_for_contract, panel_of, read_table, time_pattern
from lstmcli.tables.read.gaps import GAPS_IN_TIME
from lstmcli.tables.read.missing_cells import LEFT_MISSING
from lstmcli.tables.read.text import FILE
from lstmcli.tables.read.trained_range import check_trained_range

MODEL_NOTE = (
    "a model knows one direction of time: it forecasts from before a gap, the built-in network from behind it"
)
_TURNED = "the rows are written in the long form in which the table was read, a row for each value"
_TOLD_ELSEWHERE = (LEFT_MISSING, GAPS_IN_TIME)  # what is filled and what is left is told when it is known


@dataclass(frozen=True)
class OpenTable:
    """pattern: how time stamps are written; notes: for the user"""

    table: Table
    panel: Panel
    roles: Roles
    pattern: str | None
    forward: Network
    backward: Network
    notes: tuple[str, ...]


def open_table_with_gaps(options: ImputeOptions) -> OpenTable:
    """Raises the errors of reading, and UsageError where reading makes rows of its own."""
    untrained = options.loaded is None and is_builtin(options.model)
    opened = _by_builtin(options) if untrained else _by_model(options)
    said = [note for note in opened.notes if not note.startswith(_TOLD_ELSEWHERE)]
    turned = any(part.source.places is not None for part in opened.table.parts)
    said += [_TURNED] if turned else []
    return replace(opened, notes=tuple(said))


def _by_builtin(options: ImputeOptions) -> OpenTable:
    settings = options.settings or untrained_settings(None, {"on_gap": "mask"})
    _check_bins(settings.options)
    table = read_table(list(options.data), settings.options)
    panel, roles = panel_of(table, settings)
    model, given = model_of_table(table, panel, roles, settings)
    network, roles = model.network, roles.without_covariates()
    endings = ending_notes(given.panel)  # of where a forecast begins
    notes = tuple(note for note in given.notes if note not in endings)
    return OpenTable(table, given.panel, roles, given.pattern, network, network, notes)


def _by_model(options: ImputeOptions) -> OpenTable:
    model = options.loaded or read_model(options.model)
    contract, roles = model.contract, model.contract.roles
    read = options_with(contract, options.policies)
    _check_bins(read)
    table = read_table(list(options.data), read, FILE in roles.series, keys_known=True)
    panel, notes = panel_for_contract(table, roles, contract.step)
    check_trained_range(panel, contract, read, table.source)
    pair = season_pair(panel, model.network.shape.season)
    backward = builtin_by_contract(contract, pair.season, pair.second).network
    notes = (*table.notes, *notes, MODEL_NOTE)
    return OpenTable(table, panel, roles, time_pattern(table, roles.time), model.network, backward, notes)


def _check_bins(options: ReadOptions) -> None:
    if options.resampling:
        said = "impute writes the rows of the file, and resample makes others"
        raise UsageError(f"resample={options.resample}: {said}; write the bins first, or leave it out")
