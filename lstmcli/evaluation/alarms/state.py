"""What a detector remembers of each series."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Indices


@dataclass(frozen=True)
class AlarmState:
    """Named arrays whose first axis is the series. Their names and shapes are the detector's own affair."""

    arrays: dict[str, NDArray[np.generic]]

    def __len__(self) -> int:
        """Series."""
        return len(next(iter(self.arrays.values())))

    def select(self, series: Indices | Sequence[int]) -> "AlarmState":
        """Some series, in this order."""
        chosen = np.asarray(series, np.int64)
        return AlarmState({name: part[chosen] for name, part in self.arrays.items()})

    @staticmethod
    def joined(parts: "Sequence[AlarmState]") -> "AlarmState":
        """The series of all parts, which are of one detector."""
        names = parts[0].arrays
        return AlarmState({name: np.concatenate([part.arrays[name] for part in parts]) for name in names})

    def copy(self) -> "AlarmState":
        """With arrays of its own."""
        return AlarmState({name: part.copy() for name, part in self.arrays.items()})
