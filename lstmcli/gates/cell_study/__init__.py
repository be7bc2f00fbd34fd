"""Which cell remembers, and which forecasts: RNN, GRU and LSTM trained on the same data.

design (same data, steps, parameters) -> learning.which_cell -> results -> verdict -> report
"""
