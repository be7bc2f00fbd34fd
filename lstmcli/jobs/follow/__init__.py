"""Forecasts of rows as they arrive on standard input.

stream -blocks of lines-> lines -rows-> follower -forecast of each row-> stream
watched_model: the model file, which may be replaced meanwhile
"""
