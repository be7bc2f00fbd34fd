"""What the gates of a model do on data: every figure of `inspect-gates`, in NumPy and float64.

    replay (trace) -> statistics, memory, gradients, contributions, attribution, use -> findings -> report

One vocabulary for all cells: the *keep* gate is f of the LSTM and z of the GRU, the *write* gate
is i, the *candidate* is g or n, the *show* gate is o.
"""
