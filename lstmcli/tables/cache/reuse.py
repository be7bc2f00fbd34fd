"""The panel of files by way of a cache: the one there is, or a new one."""

import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from lstmcli._version import __version__
from lstmcli.errors import DataError, InputMissing, UsageError
from lstmcli.series.calendar import Step
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.cache.building import PanelBuilder, begin_panel, build_panel, step_of
from lstmcli.tables.cache.columns import NotInPieces
from lstmcli.tables.cache.folder import caches, name_of, new_cache_folder, panel_in, publish_cache, size_of
from lstmcli.tables.cache.panel_files import PanelFiles, open_panel_files
from lstmcli.tables.cache.pieces import Files
from lstmcli.tables.cache.series import distinguishing_columns
from lstmcli.tables.cache.store import Store, store_rows
from lstmcli.tables.read.columns import find_roles, require_columns, time_column
from lstmcli.tables.read.files import expand_sources, read_table
from lstmcli.tables.read.panels import panel_of
from lstmcli.tables.read.survey import panel_for_contract
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.timestamps import output_pattern

CACHE_FORMAT = 1
SMALLEST_CACHED = 64_000_000  # bytes of files that may be read whole to say what is wrong with them
_PACKED = 8  # times its size that a packed file may hold
_ROLES = ("time", "series", "target", "past", "future", "static", "categorical")


@dataclass(frozen=True)
class Cache:
    """The folder of caches, and how to tell what becomes of them: a name and a text; writes: whether one
    is made where there is none."""

    folder: Path
    say: Callable[[str, str], None]
    writes: bool = True


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
    def identity(self) -> dict[str, Any]:
        """All that the content of a cache depends on, as JSON gives it back. Raises InputMissing, and
        UsageError for what is no file."""
        return {
            "format": CACHE_FORMAT,
            "version": __version__,
            "files": [_file(name) for name in self.names],
            "with_file": self.with_file or len(self.names) > 1,
            "options": asdict(self.options),
            "asked": self.asked,
        }


def panel_for_training(
    sources: Sequence[str], settings: Settings, cache: Cache
) -> tuple[Table, Panel, Roles]:
    """What `tables.read` and `panel_of` give, the table without rows. Raises as they do, WriteFailed,
    CannotCreate, and UsageError for standard input."""
    asked = {name: getattr(settings, name) for name in _ROLES}
    wanted = _Wanted(_names(sources), settings.options, False, _plain(asked), settings)
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
    return _plain({k: v for k, v in asdict(roles).items() if k != "notes"})


def _names(sources: Sequence[str]) -> tuple[str, ...]:
    if "-" in sources:
        raise UsageError("--cache keeps what files hold; standard input has no name: save it to a file first")
    return tuple(expand_sources(sources))


def _file(name: str) -> list[Any]:
    try:
        found = os.stat(name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputMissing(f"{name}: {reason.lower()}") from None
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"--cache keeps what files hold; {name} is no regular file")
    return [str(Path(name).resolve()), found.st_size, found.st_mtime_ns]


def _cached(wanted: _Wanted, cache: Cache) -> CachedTable:
    identity, folder, say = wanted.identity, cache.folder, cache.say
    for path, content in caches(folder):
        if _answers(content, identity):
            panel = panel_in(path, content)
            if panel is not None:
                say("cache", f"read from {path} ({size_of(path):,} bytes)")
                return _read(wanted, content, panel)
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
        content = _made(wanted, unfinished, say) | {"identity": identity}
        panel = open_panel_files(unfinished, content["panel"])
        path = publish_cache(unfinished, folder, name, content)
        say("cache", f"made {path} ({size_of(path):,} bytes)")
    return _read(wanted, content, panel)


def _answers(content: dict[str, Any], identity: dict[str, Any]) -> bool:
    """Whether a cache holds what is wanted; one of training also answers a model with its roles."""
    own = content.get("identity")
    if not isinstance(own, dict):
        return False
    if own == identity:
        return True
    resolved = {"roles": content.get("roles"), "step": content.get("panel", {}).get("step")}
    return own | {"asked": resolved} == identity


def _read(wanted: _Wanted, content: dict[str, Any], panel: Panel) -> CachedTable:
    kept: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in content["roles"].items()}
    roles = Roles(**kept, notes=tuple(content["role_notes"]))
    shown = wanted.names[0] if len(wanted.names) == 1 else f"{len(wanted.names)} files"
    table = Table(pd.DataFrame(), shown, (), wanted.options, tuple(content["notes"]))
    table.patterns[roles.time] = content["pattern"]
    return CachedTable(table, panel, roles, tuple(content["done"]))


def _made(wanted: _Wanted, folder: Path, say: Callable[[str, str], None]) -> dict[str, Any]:
    """Builds the panel in a folder and tells what is in it."""
    try:
        if wanted.options.resample:
            raise NotInPieces("--resample works on the whole table")
        return _in_pieces(wanted, folder)
    except NotInPieces as why:
        say("cache", f"the table is read at once, into memory: {why}")
    except DataError:
        # The whole table tells of all rows what a piece tells of its own.
        if sum(map(_bytes, wanted.names)) > SMALLEST_CACHED:
            raise
    table, panel, roles, done = _at_once(wanted)
    made = PanelFiles(folder)
    made.add(panel)
    return _content(made, table, roles, done)


def _bytes(name: str) -> int:
    size = os.path.getsize(name)
    return size * _PACKED if Path(name).suffix in (".gz", ".bz2", ".xz", ".zip", ".zst") else size


def _at_once(wanted: _Wanted) -> tuple[Table, Panel, Roles, tuple[str, ...]]:
    """The whole table, its panel, the roles of its columns, and what was done to times."""
    table = read_table(wanted.names, wanted.options, wanted.with_file)
    if wanted.settings is not None:
        return table, *panel_of(table, wanted.settings), ()
    assert wanted.roles is not None and wanted.step is not None
    panel, done = panel_for_contract(table, wanted.roles, wanted.step)
    return table, panel, wanted.roles, done


def _in_pieces(wanted: _Wanted, folder: Path) -> dict[str, Any]:
    work = folder / "work"
    work.mkdir()
    files = Files(wanted.names, wanted.options, wanted.with_file)
    store = _stored(wanted, files, work)
    roles = wanted.roles or _roles(wanted, store)
    needed = (*filter(None, [roles.time]), *roles.series, *roles.targets, *roles.covariates)
    require_columns(store.first_rows(), needed, files.shown)
    if roles.time != store.time:
        store = store_rows(files, work, lambda _: roles.time, None)
    building = begin_panel(store, roles)
    made = PanelFiles(folder, len(roles.targets))
    _, done = build_panel(building, wanted.step, made)
    _check_step(wanted, building)
    table = files.table()
    if building.final is not None:
        table.patterns[roles.time] = output_pattern(table, building.final.stamps)
    content = _content(made, table, roles, done)
    for path in work.iterdir():
        path.unlink()
    work.rmdir()
    return content


def _stored(wanted: _Wanted, files: Files, work: Path) -> Store:
    """All cells that may be needed."""
    settings = wanted.settings
    if settings is None:
        assert wanted.roles is not None
        roles = wanted.roles
        used = (roles.time, *roles.series, *roles.targets, *roles.covariates)
        return store_rows(files, work, lambda piece: roles.time if roles.time in piece.columns else "", used)

    def time_of(piece: pd.DataFrame) -> str:
        if settings.time != "auto":
            return settings.time if settings.time in piece.columns else ""
        return time_column(piece, settings, files.shown)

    if "auto" in (settings.time, settings.series, settings.target):
        return store_rows(files, work, time_of, None)
    covariates = (*settings.past, *settings.future, *settings.static)
    return store_rows(files, work, time_of, (settings.time, *settings.series, *settings.target, *covariates))


def _roles(wanted: _Wanted, store: Store) -> Roles:
    assert wanted.settings is not None
    return find_roles(
        store.first_rows(),
        wanted.settings,
        store.files.shown,
        telling_apart=lambda time, rest: distinguishing_columns(store, time, rest),
    )


def _check_step(wanted: _Wanted, building: PanelBuilder) -> None:
    """What `survey.panel_for_contract` asks of a table with gaps; the whole table tells what is wrong."""
    if wanted.step is None or wanted.options.on_gap == "error" or building.fits:
        return
    with suppress(DataError):
        if step_of(building, one_row_per_time=False) != wanted.step:
            raise NotInPieces("its rows do not keep the step of the model")


def _content(made: PanelFiles, table: Table, roles: Roles, done: tuple[str, ...]) -> dict[str, Any]:
    return {
        "panel": made.finish(),
        "roles": _named(roles),
        "role_notes": roles.notes,
        "done": done,
        "notes": table.notes,
        "pattern": table.patterns.get(roles.time),
    }
