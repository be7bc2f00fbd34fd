"""The folder that `--cache` names."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstmcli.console.screen import Screen
    from lstmcli.tables.cache import Cache


def cache_of(folder: Path | None, screen: "Screen", writes: bool = True) -> "Cache | None":
    """What `--cache` names; writes: whether one may be made."""
    if folder is None:
        return None
    from lstmcli.tables.cache import Cache

    return Cache(folder, lambda *fact: screen.facts([fact]), writes)
