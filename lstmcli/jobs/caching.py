"""The folder that `--cache` names."""

from pathlib import Path
from typing import TYPE_CHECKING

from lstmcli.jobs.reporter import Reporter

if TYPE_CHECKING:
    from lstmcli.tables.cache import Cache


def cache_of(folder: Path | None, report: Reporter, writes: bool = True) -> "Cache | None":
    """The cache in a folder; None for no folder. writes: whether one may be made."""
    if folder is None:
        return None
    from lstmcli.tables.cache import Cache

    return Cache(folder, lambda *fact: report.facts([fact]), writes)
