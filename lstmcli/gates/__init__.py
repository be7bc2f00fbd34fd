"""What the gates of a model do on data: every figure of `inspect-gates`, in NumPy and float64.

    trace -> statistics, memory, backward, contributions -> gradients, attribution, use, identities
          -> report -> figures -> findings, conditions, drift -> inspection -> text, summary, tables

`inspection.inspect_member` does all of it and gives an Inspection; text and strips (for a terminal),
summary (JSON) and tables (CSV) only show what is in it. `explanation.explain` looks at one window.

One vocabulary for all cells: the *keep* gate is f of the LSTM and z of the GRU, the *write* gate
is i, the *candidate* is g or n, the *show* gate is o.
"""
