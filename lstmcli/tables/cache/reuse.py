"""The panel of files by way of a cache: the one there is, or a new one."""

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from lstmcli._version import __version__
from lstmcli.errors import DataError, UsageError
from lstmcli.files.read import read_once
from lstmcli.series.calendar import Step
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.series.totals import with_totals
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.cache.arrays import NotInPieces, Sizes, as_work_failure
from lstmcli.tables.cache.building import begin_panel, build_panel, step_of
from lstmcli.tables.cache.folder import (
    DAMAGED,
    caches,
    file_identity,
    name_of,
    new_cache_folder,
    panel_in,
    publish_cache,
    size_of,
    unpacked_size,
)
from lstmcli.tables.cache.kept import answers, describe_table, table_from
from lstmcli.tables.cache.panel_files import PanelFiles, open_panel_files
from lstmcli.tables.cache.series import StagedRows, staged_as_written
from lstmcli.tables.cache.staging import Staged, stage
from lstmcli.tables.read.columns import find_roles
from lstmcli.tables.read.files import TableFiles, read_table
from lstmcli.tables.read.panels import panel_of
from lstmcli.tables.read.reading import learned_options
from lstmcli.tables.read.renamed_columns import require_known_columns
from lstmcli.tables.read.sources import TableSource, expand_sources
from lstmcli.tables.read.survey import panel_for_contract
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.time_columns import find_time_column
from lstmcli.tables.read.time_forms import TimeForm

CACHE_FORMAT = 5
_SIZES = Sizes()
_ROLES = ("time", "series", "target", "past", "future", "static", "categorical")


@dataclass(frozen=True)
class Cache:
    """The folder of caches, and how to report what becomes of them: a name and a text; writes: whether one
    is made where there is none."""

    folder: Path
    say: Callable[[str, str], None]
    writes: bool = True
    sizes: Sizes = _SIZES


@dataclass(frozen=True)
class CachedTable:
    """A table without its rows, their panel, the roles of the columns, and what was done to times."""

    table: Table
    panel: Panel
    roles: Roles
    done: tuple[str, ...]


@dataclass(frozen=True)
class _Wanted:
    """asked: what the roles of columns follow from; roles, step: where they are known, of a model."""

    names: tuple[str, ...]
    options: ReadOptions
    with_file: bool
    asked: dict[str, Any]
    settings: Settings | None = None
    roles: Roles | None = None
    step: Step | None = None

    @property
    def shown(self) -> str:
        return self.names[0] if len(self.names) == 1 else f"{len(self.names)} files"

    @property
    def identity(self) -> dict[str, Any]:
        """All that the content of a cache depends on, as JSON gives it back. Raises InputMissing, and
        UsageError for what is no file."""
        return {
            "format": CACHE_FORMAT,
            "version": __version__,
            "files": [file_identity(name) for name in self.names],
            "with_file": self.with_file or len(self.names) > 1,
            "options": _plain(asdict(self.options)),
            "asked": self.asked,
        }


def panel_for_training(
    sources: Sequence[str], settings: Settings, cache: Cache, step: Step | None = None
) -> tuple[Table, Panel, Roles]:
    """What `tables.read` and `panel_of` give, the table without rows. Raises as they do, WriteFailed,
    CannotCreate, and UsageError for standard input."""
    asked = {name: getattr(settings, name) for name in _ROLES} | ({"step": asdict(step)} if step else {})
    wanted = _Wanted(_names(sources), settings.options, False, _plain(asked), settings, None, step)
    found = _cached(wanted, cache)
    return found.table, found.panel, replace(found.roles, notes=(*found.roles.notes, *found.done))


def panel_for_model(
    sources: Sequence[str], options: ReadOptions, with_file: bool, roles: Roles, step: Step, cache: Cache
) -> tuple[Table, Panel, tuple[str, ...]]:
    """What `read_table` and `panel_for_contract` give, without rows. Raises as `panel_for_training`."""
    asked = _plain({"roles": _named(roles), "step": asdict(step)})
    found = _cached(_Wanted(_names(sources), options, with_file, asked, None, roles, step), cache)
    return found.table, found.panel, found.done


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    """As JSON gives it back."""
    return {
        k: _plain(v) if isinstance(v, dict) else list(v) if isinstance(v, tuple) else v
        for k, v in content.items()
    }


def _named(roles: Roles) -> dict[str, Any]:
    return _plain({k: v for k, v in asdict(roles).items() if k not in ("notes", "tried", "bare_notes")})


def _names(sources: Sequence[str]) -> tuple[str, ...]:
    if read_once(sources):
        raise UsageError("--cache keeps what files hold: save standard input, or a pipe, to a file first")
    return tuple(expand_sources(sources))


def _cached(wanted: _Wanted, cache: Cache) -> CachedTable:
    identity, folder, say = wanted.identity, cache.folder, cache.say
    for path, content in caches(folder):
        if found := _found(wanted, path, content, identity):
            say("cache", f"read from {path} ({size_of(path):,} bytes)")
            return found
    name = name_of(identity)
    damaged = (folder / name).exists()
    if not cache.writes:
        why = f"{folder / name} is damaged" if damaged else f"there is none in {folder}"
        say("cache", f"{why}: the table is read at once, into memory")
        table, panel, roles, done = _at_once(wanted)
        return CachedTable(table.without_rows(), panel, roles, done)
    if damaged:
        say("cache", f"{folder / name} is damaged: made anew")
    with new_cache_folder(folder, name) as unfinished:
        content = _made(wanted, unfinished.path, cache) | {"identity": identity}
        panel = open_panel_files(unfinished.path, content["panel"], checked=True)
        path = publish_cache(unfinished, folder, name, content)
        say("cache", f"made {path} ({size_of(path):,} bytes)")
    return _read(wanted, content, panel)


def _found(
    wanted: _Wanted, path: Path, content: dict[str, Any], identity: dict[str, Any]
) -> CachedTable | None:
    """What is in a cache; None where it holds something else, or is damaged."""
    try:
        if answers(content, identity) and (panel := panel_in(path, content)) is not None:
            return _read(wanted, content, panel)
    except DAMAGED:
        pass
    return None


def _read(wanted: _Wanted, content: dict[str, Any], panel: Panel) -> CachedTable:
    kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in content["roles"].items()}
    roles = Roles(**kept, notes=tuple(content["role_notes"]), bare_notes=content["bare_notes"])
    table = table_from(content, roles.time, wanted.shown, wanted.options)
    panel, totals = with_totals(panel, wanted.options.totals)
    return CachedTable(table, panel, roles, (*content["done"], *totals))


def _made(wanted: _Wanted, folder: Path, cache: Cache) -> dict[str, Any]:
    """Builds the panel in a folder; gives what is in it."""
    try:
        if wanted.options.resample:
            raise NotInPieces("--resample works on the whole table")
        return _in_pieces(wanted, folder, cache.sizes)
    except NotInPieces as why:
        cache.say("cache", f"the table is read at once, into memory: {why}")
    except DataError:
        # The whole table tells of all rows what a piece tells of its own.
        if sum(map(unpacked_size, wanted.names)) > cache.sizes.small:
            raise
    table, panel, roles, done = _at_once(wanted)
    made = PanelFiles(folder)
    made.add(panel)
    return _content(made, table, roles, done)


def _at_once(wanted: _Wanted) -> tuple[Table, Panel, Roles, tuple[str, ...]]:
    """The whole table, its panel, the roles of its columns, and what was done to times."""
    table = read_table(wanted.names, wanted.options, wanted.with_file, keys_known=wanted.roles is not None)
    if wanted.settings is not None:
        return table, *panel_of(table, wanted.settings, wanted.step), ()
    assert wanted.roles is not None and wanted.step is not None
    panel, done = panel_for_contract(table, wanted.roles, wanted.step)
    return table, panel, wanted.roles, done


def _in_pieces(wanted: _Wanted, folder: Path, sizes: Sizes) -> dict[str, Any]:
    if any(TableSource(name).is_parquet for name in wanted.names):
        raise NotInPieces("Parquet is read whole")
    work = folder / "work"
    with as_work_failure(work):
        work.mkdir()
    files = TableFiles(wanted.names, wanted.options, wanted.with_file, sizes.piece)
    columns = _columns(wanted)

    def read_with(names: Sequence[str]) -> tuple[Staged, TimeForm | DataError | None]:
        return stage(files.as_written(names), work, sizes, lambda *found: _time(wanted, *found), columns)

    staged, form = read_with(()) if columns else staged_as_written(read_with)
    files = staged.files
    roles = wanted.roles or _roles(wanted, staged)
    needed = (*filter(None, [roles.time]), *roles.series, *roles.targets, *roles.covariates)
    require_known_columns(staged.first_rows(), needed, staged.files.table().source)
    if roles.time != staged.time:
        staged, form = stage(files, work, sizes, lambda *_: roles.time, columns)
    builder = begin_panel(staged, form, roles)
    made = PanelFiles(folder, len(roles.targets))
    done, fits = build_panel(builder, wanted.step, made)
    if wanted.step is not None and wanted.options.on_gap != "error" and not fits:
        # As `survey.panel_for_contract`: the whole table shows what is wrong.
        with suppress(DataError):
            if step_of(builder, one_row_per_time=False) != wanted.step:
                raise NotInPieces("its rows do not keep the step of the model")
    table = builder.table
    content = _content(made, table, roles, done)
    with as_work_failure(work):
        shutil.rmtree(work)
    return content


def _columns(wanted: _Wanted) -> tuple[str, ...] | None:
    """Those that may be needed; None for all."""
    roles, settings = wanted.roles, wanted.settings
    if roles is not None:
        return (roles.time, *roles.series, *roles.targets, *roles.covariates)
    assert settings is not None
    if "auto" in (settings.time, settings.series, settings.target):
        return None
    covariates = (*settings.past, *settings.future, *settings.static)
    parts = tuple(part.strip() for part in settings.time.split(","))
    return (settings.time, " ".join(parts), *parts, *settings.series, *settings.target, *covariates)


def _time(wanted: _Wanted, piece: pd.DataFrame, table: Table) -> str:
    """The column of time stamps, as the first piece shows it."""
    if wanted.settings is not None and table.joined is not None:
        return table.joined.name
    if wanted.settings is not None and wanted.settings.time == "auto":
        return find_time_column(piece, wanted.settings, wanted.shown, table.place)
    known = wanted.roles or wanted.settings
    assert known is not None
    return known.time if known.time in piece.columns else ""


def _roles(wanted: _Wanted, staged: Staged) -> Roles:
    assert wanted.settings is not None
    table = staged.files.table()
    return find_roles(
        staged.first_rows(),
        wanted.settings,
        wanted.shown,
        rows=StagedRows(staged),
        unread=table.unread,
        joined=table.joined,
        place=table.place,
        written=table.options.as_written,
    )


def _content(made: PanelFiles, table: Table, roles: Roles, done: tuple[str, ...]) -> dict[str, Any]:
    pattern = table.patterns.get(roles.time)
    return {
        "panel": made.finish(),
        "roles": _named(roles),
        "role_notes": roles.notes,
        "bare_notes": roles.bare_notes,
        "done": done,
        **describe_table(table, pattern),
        "learned": _plain(asdict(learned_options(table.options, table.reading, roles, pattern))),
    }
