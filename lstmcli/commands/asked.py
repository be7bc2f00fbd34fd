"""What the options of `lstmcli predict` ask for."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstmcli.tables.cache import Cache
    from lstmcli.terminal.screen import Screen


@dataclass(frozen=True)
class Asked:
    """policies: options of reading that differ from those of training; refused: kinds of findings that
    are errors; the others are the options of their names."""

    data: tuple[str, ...]
    model: Path
    output: str
    horizon: int | None
    form: str
    levels: tuple[float, ...]
    policies: dict[str, str]
    refused: frozenset[str]
    future: str | None
    make_future: int | None
    plot: Path | None
    html: str | None
    preview: bool
    max_age: str | None
    history: Path | None
    on_bad_row: str | None
    engine: str = "local"
    scheduler: str | None = None
    cache: Path | None = None


def cache_of(folder: Path | None, screen: "Screen") -> "Cache | None":
    """What `--cache` names."""
    if folder is None:
        return None
    from lstmcli.tables.cache import Cache

    return Cache(folder, lambda *fact: screen.facts([fact]))
