"""The data contract of a model: made from the table of training, and how other tables are read for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli.errors import DataError
from lstmcli.model_file import Contract, Model, data_paths
from lstmcli.model_file.contract import fingerprints, last_times, options_with
from lstmcli.series.endings import ending_notes
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.fast_path import PlainFile, read_plain_file
from lstmcli.tables.read.frame_source import frame_in
from lstmcli.tables.read.text import FILE
from lstmcli.tables.read.trained_range import check_trained_range

if TYPE_CHECKING:
    from lstmcli.tables.cache import Cache
    from lstmcli.tables.read.table import Table

# What is wrong where the first row of data is taken for the names of columns.
_WITHOUT_HEADER = ("no-header", "unknown-column", "empty")
_MOST_NAMES = 1000  # that a model remembers


@dataclass(frozen=True)
class ModelData:
    """What a model is applied to.

    source   name of the file, or how many there are
    notes    what was assumed in reading, for the user
    pattern  how time stamps are written, see `patterns`; None for plain steps
    table    None where pandas was not needed; without rows where a cache was used
    """

    panel: Panel
    source: str
    notes: tuple[str, ...]
    pattern: str | None
    table: "Table | None" = None


def contract_of(table: "Table", panel: Panel, roles: Roles, data: Sequence[str] = ()) -> Contract:
    """data: the training files relative to the model's folder, none where they cannot be read again."""
    from lstmcli.tables.read.reading import learned_options
    from lstmcli.tables.read.timestamps import time_pattern

    pattern = time_pattern(table, roles.time)
    options = learned_options(table.options, table.reading, roles, pattern)
    return _contract(panel, roles, replace(options, names=_header_of(table)), pattern, data)


def _header_of(table: "Table") -> tuple[str, ...]:
    """The names of the columns by their place, () where no row of the file holds them."""
    dialect = table.parts[0].dialect if table.parts else None
    return (
        dialect.names if dialect is not None and dialect.header and len(dialect.names) <= _MOST_NAMES else ()
    )


def plain_contract(plain: PlainFile) -> Contract:
    """The contract of a file that `read_plain_series` has read."""
    return _contract(plain.panel, plain.roles, ReadOptions(names=plain.columns), plain.pattern)


def _contract(
    panel: Panel, roles: Roles, options: ReadOptions, pattern: str | None, data: Sequence[str] = ()
) -> Contract:
    return Contract(
        roles=replace(roles, notes=(), tried=(), bare_notes={}),
        options=options,
        time_pattern=pattern,
        step=panel.step,
        series_count=len(panel),
        observations=panel.observations,
        smallest=panel.smallest,
        largest=panel.largest,
        data=tuple(data),
        data_sha256=panel.fingerprint(),
        known_series=fingerprints(panel.keys),
        ends=last_times(panel),
    )


def read_for_model(
    model: Model,
    path: Path,
    sources: Sequence[str] | None,
    policies: Mapping[str, Any] | None = None,
    cache: "Cache | None" = None,
    command: str = "predict",
    new_rows: bool = False,
) -> ModelData:
    """The data for a model that stands in `path`: without pandas where the file is small and plain.

    sources: files or a frame, or none for those of training; policies: options of reading that differ
    from those of training; cache: where panels are kept; command: see `data_paths`; new_rows: as of
    `panel_for_contract`. Raises InputMissing or
    DataError, with a cache also WriteFailed, CannotCreate, and UsageError for standard input.
    """
    names = sources or data_paths(model, path, command)
    return read_by_contract(
        model.contract, names, options_with(model.contract, policies or {}), cache, new_rows
    )


def read_by_contract(
    contract: Contract,
    names: Sequence[str],
    options: ReadOptions,
    cache: "Cache | None" = None,
    new_rows: bool = False,
) -> ModelData:
    """`read_for_model` of files by a contract alone. new_rows: as of `panel_for_contract`.

    Files that name no columns, as a log that goes on in a new file, have them in the order of training.
    """
    try:
        return _read(contract, names, options, cache, new_rows)
    except DataError as error:
        if not (options.names and options.header) or error.kind not in _WITHOUT_HEADER:
            raise
        try:
            given = _read(contract, names, replace(options, header=False), cache, new_rows)
        except DataError:
            raise error from None
    said = f"{given.source} names no columns: they are taken to be {', '.join(options.names)}"
    return replace(given, notes=(said, *given.notes))


def _read(
    contract: Contract,
    names: Sequence[str],
    options: ReadOptions,
    cache: "Cache | None",
    new_rows: bool,
) -> ModelData:
    roles = contract.roles
    with_file = FILE in roles.series
    if cache is None and frame_in(names) is None and (plain := read_plain_file(contract, options, names)):
        check_trained_range(plain.panel, contract, options, plain.source)
        return ModelData(plain.panel, plain.source, ending_notes(plain.panel), plain.pattern)
    from lstmcli.tables.read.timestamps import time_pattern

    if cache is not None:
        from lstmcli.tables.cache import panel_for_model

        table, panel, notes = panel_for_model(names, options, with_file, roles, contract.step, cache)
    else:
        from lstmcli.tables.read.files import read_table
        from lstmcli.tables.read.survey import panel_for_contract

        table = read_table(names, options, with_file, keys_known=True)
        panel, notes = panel_for_contract(table, roles, contract.step, new_rows)
    check_trained_range(panel, contract, options, table.source)
    notes = (*table.notes, *notes, *ending_notes(panel))
    return ModelData(panel, table.source, notes, time_pattern(table, roles.time), table)
