"""The network in NumPy: the cells, and the forecaster around them."""
