"""What is measured lag by lag, over several networks of one cell."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstmcli.gates.cell_study.wording import CELL_NAMES
from lstmcli.gates.gradients import VANISHING_RATIO, GradientReach
from lstmcli.network.cells import STATES
from lstmcli.series.arrays import Array

# Quantities by lag; of the first three the share of lag 0 is shown.
RELATIVE = ("dL_dh", "dL_dc", "path")
QUANTITIES = (*RELATIVE, "tanh", "matrix")
# What carries the gradient back in each cell.
CARRIERS = {cell: f"dL_d{STATES[cell][0]}" for cell in CELL_NAMES}


@dataclass(frozen=True)
class GradientBand:
    """One curve over the seeds: (steps,) median, lowest and highest, relative to lag 0."""

    median: Array
    low: Array
    high: Array

    @property
    def vanishes(self) -> int | None:
        """First lag at which the median is below 1/1000 of lag 0."""
        gone = np.flatnonzero(self.median < VANISHING_RATIO)
        return int(gone[0]) if gone.size else None


def curve_of(reach: GradientReach, quantity: str) -> Array | None:
    """(steps,) by lag, or (steps - 1,) of the factors of the RNN; None where the cell has no such thing.

    quantity: one of QUANTITIES; "path" is the product of the forget gates (GRU: update gates) alone.
    """
    curve: Array | None = getattr(reach, {"dL_dh": "h", "dL_dc": "c"}.get(quantity, quantity))
    return curve


def gradient_band(reaches: Sequence[GradientReach], quantity: str) -> GradientBand | None:
    """One quantity over several networks; None where the cell has no such thing."""
    curves = [curve for curve in (curve_of(reach, quantity) for reach in reaches) if curve is not None]
    if not curves:
        return None
    if quantity in RELATIVE:
        curves = [curve / curve[0] if curve[0] > 0 else np.zeros_like(curve) for curve in curves]
    every = np.stack(curves)
    return GradientBand(np.median(every, axis=0), every.min(axis=0), every.max(axis=0))
