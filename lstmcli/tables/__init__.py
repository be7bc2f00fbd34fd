"""Tables in: CSV to Panel. Every complaint names file, row and column.

file -reading-> Table -columns-> Roles -timestamps, grid-> rows of each series -panels-> Panel
"""

from lstmcli.tables.panels import panel_of, panel_with
from lstmcli.tables.reading import Table, read
from lstmcli.tables.survey import for_model
from lstmcli.tables.timestamps import time_pattern

__all__ = ["Table", "for_model", "panel_of", "panel_with", "read", "time_pattern"]
