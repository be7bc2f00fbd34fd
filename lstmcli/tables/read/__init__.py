"""Tables in: CSV to Panel. Every error names file, row and column.

file -files-> Table -columns-> Roles -timestamps, grid-> rows of each series
     -resampling or gaps-> one row per step -panels-> Panel

`for_contract.read_for_model` reads for a model, small plain files without pandas (`fast_path`). So that
pandas is loaded only where it is needed, the names below are imported when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lstmcli.tables.read.files import read_table
    from lstmcli.tables.read.future import future_at_open_times, static_texts, with_future
    from lstmcli.tables.read.panels import panel_and_notes, panel_of, panel_with
    from lstmcli.tables.read.survey import panel_for_contract
    from lstmcli.tables.read.table import Table
    from lstmcli.tables.read.timestamps import time_pattern

_MODULES = {
    "Table": "table",
    "future_at_open_times": "future",
    "grain_of": "timestamps",
    "panel_and_notes": "panels",
    "panel_for_contract": "survey",
    "panel_of": "panels",
    "panel_with": "panels",
    "read_table": "files",
    "static_texts": "future",
    "time_pattern": "timestamps",
    "with_future": "future",
}
__all__ = [
    "Table",
    "future_at_open_times",
    "grain_of",
    "panel_and_notes",
    "panel_for_contract",
    "panel_of",
    "panel_with",
    "read_table",
    "static_texts",
    "time_pattern",
    "with_future",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
