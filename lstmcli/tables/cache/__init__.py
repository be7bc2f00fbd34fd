"""Tables larger than memory: read in pieces to files, which a Panel then reads in place, also in the
runs to come.

files -pieces-> rows with types -times, store-> columns on disk -series-> rows of a few series
     -building-> their Panel, as `tables.panels` makes it -panel_files, folder-> cache
"""

from lstmcli.tables.cache.reuse import Cache, panel_for_model, panel_for_training

__all__ = ["Cache", "panel_for_model", "panel_for_training"]
