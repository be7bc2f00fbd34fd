"""The option `--cache` of the commands that read files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lstmcli.tables.cache import Cache
    from lstmcli.terminal.screen import Screen

CacheFolder = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        metavar="DIR",
        help="Read files in pieces into this folder, and from it while they do not change.",
    ),
]


def cache_of(folder: Path | None, screen: "Screen", writes: bool = True) -> "Cache | None":
    """What `--cache` names; writes: whether one may be made."""
    if folder is None:
        return None
    from lstmcli.tables.cache import Cache

    return Cache(folder, lambda *fact: screen.facts([fact]), writes)
