"""What the gates of a model do on data: every figure of `inspect-gates`, in NumPy and float64.

    replay -> trace -> statistics, memory, backward, contributions -> gradients, attribution, use, identities
          -> report -> figures -> findings, conditions, drift -> inspection -> text, summary, tables

`inspection.inspect_member` does all of it and gives an Inspection; `reports.text` only writes what is in
it. `explanation.explain` looks at one window.

The *memory gate* is the one that decides what of the state stays: f of the LSTM, z of the GRU (z near 1
keeps h). The plain RNN has none.
"""
