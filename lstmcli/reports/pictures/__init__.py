"""Pictures as PNG files; the only home of matplotlib.

style -> units, lags, over_time -> pictures (of inspect-gates); forecasts (of predict)
"""
