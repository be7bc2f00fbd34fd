"""Accuracy on past data: a model file, or a model trained for each fold, beside simple forecasters.

BacktestOptions -source-> data and a forecaster -job-> results and report -outputs-> files
"""
