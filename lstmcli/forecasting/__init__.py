"""Forecasting: what "auto" decides, simple forecasts, forecasts of the network, their intervals."""
