"""Forecasts time series with a recurrent network whose gates can be seen."""

__version__ = "0.1.0"
