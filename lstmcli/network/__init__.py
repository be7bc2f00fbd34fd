"""The network in NumPy: cells -> fast_lstm (the same for speed), architecture -> forward."""
