"""What `lstmcli impute` is asked for."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli.tables.write.dialects import AS_IN_DATA, AskedDialect

if TYPE_CHECKING:  # pydantic is loaded only for the built-in network
    from lstmcli.model_file import Model
    from lstmcli.settings.model import Settings


@dataclass(frozen=True)
class ImputeOptions:
    """data     files
    form       of the output, as of `files.endings.TABLE_ENDINGS`
    dialect    what is asked of CSV
    level      of the interval, in percent
    max_gap    steps of the longest gap that is filled; None for one season
    add_rows   whether rows that are left out are written too
    policies   options of reading that differ from those of training
    settings   of the data, for the built-in network
    config     the file of these
    loaded     the model itself, where it is in no file
    """

    data: tuple[str, ...]
    model: Path
    output: str = "-"
    form: str = "csv"
    dialect: AskedDialect = AS_IN_DATA
    level: float = 80.0
    max_gap: int | None = None
    add_rows: bool = False
    policies: dict[str, Any] = field(default_factory=dict)
    settings: "Settings | None" = None
    config: Path | None = None
    loaded: "Model | None" = None
