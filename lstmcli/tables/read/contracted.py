"""The data contract of a model, from the table it was trained on, and what it asks of other tables."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli.model_file import Contract, Model, data_paths
from lstmcli.model_file.contract import fingerprints, last_times
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.tables.read.files import read_table
from lstmcli.tables.read.survey import panel_for_contract
from lstmcli.tables.read.table import FILE, Table
from lstmcli.tables.read.timestamps import time_pattern

if TYPE_CHECKING:
    from lstmcli.tables.cache import Cache


def contract_of(table: Table, panel: Panel, roles: Roles, data: Sequence[str] = ()) -> Contract:
    """data: the training files relative to the model's folder, none where they cannot be read again."""
    return Contract(
        time=roles.time,
        series=roles.series,
        targets=roles.targets,
        past=roles.past,
        future=roles.future,
        options=table.options,
        time_pattern=time_pattern(table, roles.time),
        step=panel.step,
        series_count=len(panel),
        observations=panel.observations,
        smallest=panel.smallest,
        largest=panel.largest,
        data=tuple(data),
        data_sha256=panel.fingerprint(),
        static=roles.static,
        categorical=roles.categorical,
        known_series=fingerprints(panel.keys),
        ends=last_times(panel),
    )


def roles_of(contract: Contract) -> Roles:
    """What the columns of a table must be for a model."""
    return Roles(
        time=contract.time,
        series=contract.series,
        targets=contract.targets,
        past=contract.past,
        future=contract.future,
        static=contract.static,
        categorical=contract.categorical,
    )


def read_for(
    model: Model,
    path: Path,
    sources: Sequence[str] | None,
    policies: Mapping[str, Any] | None = None,
    cache: "Cache | None" = None,
) -> tuple[Table, Panel]:
    """A table, with all that was assumed in its notes, and its panel for a model that stands in `path`.

    sources: files, or none for those of training; policies: options of reading that differ from those
    of training; cache: where the table is kept, which then has no rows here. Raises InputMissing or
    DataError, with a cache also WriteFailed, CannotCreate, and UsageError for standard input.
    """
    contract = model.contract
    options = replace(contract.options, **(policies or {}))
    names, with_file = sources or data_paths(model, path), FILE in contract.series
    if cache is not None:
        from lstmcli.tables.cache import panel_for_model

        table, panel, notes = panel_for_model(
            names, options, with_file, roles_of(contract), contract.step, cache
        )
    else:
        table = read_table(names, options, with_file=with_file)
        panel, notes = panel_for_contract(table, roles_of(contract), contract.step)
    return table.with_notes(*notes), panel
