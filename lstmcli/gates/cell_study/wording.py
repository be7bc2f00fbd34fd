"""How the study of cells writes names, numbers and lists."""

import numpy as np

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


def steps_of(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def start_words(cell: str, start: float | str) -> str:
    """How the recurrence of a cell starts."""
    if cell == "rnn":
        return "orthogonal"
    if start == "chrono":
        return "chrono"
    return f"bias of f {start:g}" if cell == "lstm" else "orthogonal"
