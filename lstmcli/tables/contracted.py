"""The data contract of a model, from the table it was trained on, and what it asks of other tables."""

from collections.abc import Sequence

import numpy as np

from lstmcli.bundle import Contract
from lstmcli.contract import fingerprints, last_times
from lstmcli.panel import Panel
from lstmcli.tables.columns import Roles
from lstmcli.tables.table import Table
from lstmcli.tables.timestamps import time_pattern


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
        smallest=float(np.nanmin(panel.values)),
        largest=float(np.nanmax(panel.values)),
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
