"""What a method that goes through time row by row remembers of each series."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Indices


@dataclass(frozen=True)
class RunningState:
    """Named arrays whose first axis is the series. Their names and shapes are the affair of the method."""

    arrays: dict[str, NDArray[np.generic]]

    def __len__(self) -> int:
        """Series."""
        return len(next(iter(self.arrays.values())))

    def select(self, series: Indices | Sequence[int]) -> "RunningState":
        """Some series, in this order."""
        chosen = np.asarray(series, np.int64)
        return RunningState({name: part[chosen] for name, part in self.arrays.items()})

    @staticmethod
    def joined(parts: "Sequence[RunningState]") -> "RunningState":
        """The series of all parts, which are of one method."""
        names = parts[0].arrays
        return RunningState({name: np.concatenate([part.arrays[name] for part in parts]) for name in names})

    def copy(self) -> "RunningState":
        """With arrays of its own."""
        return RunningState({name: part.copy() for name, part in self.arrays.items()})
