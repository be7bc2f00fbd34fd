"""How the study of cells writes names, numbers and lists."""

import numpy as np

from lstmcli.network.cells import GATES, LETTERS, MEMORY_GATE
from lstmcli.series.arrays import Array

CELL_NAMES = {"rnn": "RNN", "gru": "GRU", "lstm": "LSTM"}
_LEAST_PERCENT = 1e-6


def percent(share: float) -> str:
    """Two digits without an exponent, as 12 % or 0.00016 %."""
    value = 100 * share
    if value < _LEAST_PERCENT:
        return f"less than {_LEAST_PERCENT:.6f} %"
    return f"{value:.0f} %" if value >= 10 else f"{value:.{1 - int(np.floor(np.log10(value)))}f} %"


def joined_words(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def curve_name(cell: str, quantity: str) -> str:
    """quantity: of `curves.RELATIVE`. "LSTM, dL/dc", or "LSTM, path of f"."""
    gate = MEMORY_GATE[cell]
    if quantity == "path" and gate is not None:
        return f"{CELL_NAMES[cell]}, path of {LETTERS[cell][GATES[cell].index(gate)]}"
    return f"{CELL_NAMES[cell]}, {quantity.replace('_', '/')}"


def three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def error_range(errors: Array) -> str:
    """errors: (seeds,). From the least to the most; nothing to tell of one."""
    return "-" if len(errors) == 1 else f"{three_digits(errors.min())} to {three_digits(errors.max())}"


def start_words(cell: str, start: float | str) -> str:
    """How the recurrence of a cell starts."""
    if cell == "rnn":
        return "orthogonal"
    if start == "chrono":
        return "chrono"
    return f"bias of f {start:g}" if cell == "lstm" else "orthogonal"
