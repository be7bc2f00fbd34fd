"""Pictures as PNG files; the only home of matplotlib.

style is common to all. units, lags and over_time draw one kind of picture each, gates puts those of
inspect-gates together; cells, forecasts and backtests draw one picture of one command each.
"""

import lstmcli.reports.pictures.own_matplotlib  # noqa: F401  # before any other module loads it
