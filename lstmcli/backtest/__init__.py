"""Rolling-origin backtests: a forecaster is shown the past of each fold alone, and its forecasts
are scored beside those of simple ones.

Panel -folds-> Fold -runs(a forecaster)-> Results -report-> BacktestReport -text, document-> output
"""
