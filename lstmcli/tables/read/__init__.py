"""Tables in: CSV to Panel. Every complaint names file, row and column.

file -reading-> Table -columns-> Roles -timestamps, grid-> rows of each series
     -resampling or gaps-> one row per step -panels-> Panel
"""

from lstmcli.tables.read.files import read_table
from lstmcli.tables.read.future import static_texts, with_future
from lstmcli.tables.read.panels import panel_and_notes, panel_of, panel_with
from lstmcli.tables.read.survey import panel_for_contract
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.timestamps import time_pattern

__all__ = [
    "Table",
    "panel_and_notes",
    "panel_for_contract",
    "panel_of",
    "panel_with",
    "read_table",
    "static_texts",
    "time_pattern",
    "with_future",
]
