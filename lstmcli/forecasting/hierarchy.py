"""Coherent forecasts of series and their totals: every total is the sum of its series.

Each level is forecast by itself, and the forecasts are projected to ones that add up: by minimum trace
(Wickramasuriya, Athanasopoulos & Hyndman 2019, Journal of the American Statistical Association 114:526),
with the covariance of errors on past windows, shrunk towards its diagonal (Schäfer & Strimmer 2005,
Statistical Applications in Genetics and Molecular Biology 4:1). Where that was not better on these windows,
the totals are the sums of the forecasts of the series: bottom-up.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Indices

LEAST_GAIN = 0.01  # of the error of bottom-up; less may be chance
_LEAST_SHARE = 0.01  # of the diagonal: a total of one series errs as that does


@dataclass(frozen=True)
class Levels:
    """members: of each total, the places of its series; count: of the series, which come before totals."""

    count: int
    members: tuple[Indices, ...]

    @property
    def sums(self) -> NDArray[np.float64]:
        """(series and totals, series): 1 where a series is in a total, or is itself."""
        made = np.zeros((self.count + len(self.members), self.count))
        made[: self.count] = np.eye(self.count)
        for row, members in enumerate(self.members, self.count):
            made[row, members] = 1.0
        return made

    def added(self, bottom: Array) -> NDArray[np.float64]:
        """Values of series (series, ...) with their totals behind."""
        return np.concatenate([bottom, *(bottom[members].sum(axis=0)[None] for members in self.members)])


def reconciled(made: Array, levels: Levels, covariance: Array | None) -> NDArray[np.float64]:
    """Medians (series and totals, ...) that add up. covariance: of the errors, (n, n); None for bottom-up."""
    if covariance is None:
        return levels.added(made[: levels.count])
    sums = levels.sums
    weighted = np.linalg.solve(covariance, sums).T  # S' W^-1
    flat = made.reshape(len(made), -1)
    bottom = np.linalg.solve(weighted @ sums, weighted @ flat)
    return levels.added(bottom.reshape(levels.count, *made.shape[1:]))


def error_covariance(errors: Array, independent: int) -> NDArray[np.float64]:
    """Of errors (n, origins, horizon), none missing, shrunk: (n, n). independent: how many of the origins do
    not overlap."""
    flat = errors.reshape(len(errors), -1)
    spread = np.sqrt(np.square(flat).mean(axis=1))
    spread = np.maximum(spread, 1e-9 * max(float(spread.max()), 1e-300))
    unit = flat / spread[:, None]
    found = unit @ unit.T / flat.shape[1]
    noise = (np.square(unit) @ np.square(unit).T / flat.shape[1] - found**2) / independent
    off = ~np.eye(len(found), dtype=bool)
    share = float(noise[off].sum() / max(float(np.square(found[off]).sum()), 1e-300))
    shrunk = (1 - np.clip(share, _LEAST_SHARE, 1.0)) * found
    np.fill_diagonal(shrunk, 1.0)
    return np.asarray(shrunk * np.outer(spread, spread))


def gain_of_minimum_trace(
    made: Array, actual: Array, levels: Levels, scales: Array, independent: int
) -> float:
    """The share by which it lowers the error of bottom-up on past windows: series and totals count alike.

    made, actual: (series and totals, origins, horizon); scales: what the errors of each are divided by. Each
    half of the origins is reconciled by the errors of the other.
    """
    half = made.shape[1] // 2
    totals = np.zeros(2)
    for ours, other in ((slice(half), slice(half, None)), (slice(half, None), slice(half))):
        covariance = error_covariance((actual - made)[:, other], max(1, independent // 2))
        for way, chosen in enumerate((None, covariance)):
            wrong = np.abs(reconciled(made[:, ours], levels, chosen) - actual[:, ours])
            errors = wrong.mean(axis=(1, 2)) / scales
            totals[way] += errors[: levels.count].mean() + errors[levels.count :].mean()
    return float(1 - totals[1] / max(totals[0], 1e-300))
