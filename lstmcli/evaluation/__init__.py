"""How good forecasts are: metrics, folds, scores, significance. NumPy alone.

Panel -folds-> Fold -backtest(a forecaster)-> Results -backtest_report-> BacktestReport
"""
