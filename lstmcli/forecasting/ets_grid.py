"""The lattice of parameters that exponential smoothing is fitted on."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.smoothing import SeasonForm, SmoothingParameters
from lstmcli.series.arrays import Flags

_ALPHAS = {False: (0.02, 0.1, 0.25, 0.5, 0.9), True: (0.02, 0.1, 0.25, 0.45, 0.7, 0.95)}  # True: no season
_BETAS = {False: (0.02, 0.15), True: (0.02, 0.1, 0.4)}
_GAMMAS = {False: (0.01, 0.1, 0.3), True: (0.0,)}
_PHIS = (0.85, 0.97)
_LEAST_PHI, _MOST_PHI = 0.8, 0.995
_FAR = 1.2  # a move of alpha, beta and gamma, in units of log(p / (1 - p)); of log(1 - phi): 0.7 of it
_FAR_PHI = 0.7


@dataclass(frozen=True)
class SmoothingGrid:
    """Parameters to try, those of forms without trend first.

    shares   (4, candidates, series) or (4, candidates, 1): alpha, beta / alpha, gamma / (1 - alpha), phi
    trended  (candidates,)
    """

    shares: NDArray[np.float64]
    trended: Flags

    def parameters(self) -> SmoothingParameters:
        alpha, beta, gamma, phi = self.shares
        return SmoothingParameters(alpha, alpha * beta, gamma * (1 - alpha), phi)


def coarse_grid(form: SeasonForm) -> SmoothingGrid:
    """Every combination of a few values of each parameter."""
    plain = form == "none"
    level = [(a, 0.0, g, 0.0) for a, g in product(_ALPHAS[plain], _GAMMAS[plain])]
    trend = list(product(_ALPHAS[plain], _BETAS[plain], _GAMMAS[plain], _PHIS))
    shares = np.array(level + trend).T[:, :, None]
    return SmoothingGrid(shares, np.arange(len(level) + len(trend)) >= len(level))


def best_in_grid(
    candidates: SmoothingGrid, squares: NDArray[np.float64]
) -> tuple[SmoothingGrid, NDArray[np.int64]]:
    """The candidates of least squared error, one without and one with trend for each series, and their
    numbers (2, series)."""
    squares = np.where(np.isfinite(squares), squares, np.inf)
    trended = np.flatnonzero(candidates.trended)[0]  # those without trend come first
    found = np.stack([squares[:trended].argmin(axis=0), trended + squares[trended:].argmin(axis=0)])
    every = np.broadcast_to(candidates.shares, (4, *squares.shape))
    return SmoothingGrid(np.take_along_axis(every, found[None], axis=1), np.array([False, True])), found


def moved(best: SmoothingGrid, form: SeasonForm, far: float) -> SmoothingGrid:
    """The best two of each series, and each with one parameter moved down or up."""
    shares, trended = [], []
    for row, has_trend in enumerate(best.trended):
        chosen = best.shares[:, row]
        free = [0] + [1, 3] * bool(has_trend) + [2] * (form != "none")
        moves = [chosen] + [_move(chosen, k, sign * far) for k in free for sign in (-1, 1)]
        shares += moves
        trended += [has_trend] * len(moves)
    return SmoothingGrid(np.stack(shares, axis=1), np.array(trended))


def _move(shares: NDArray[np.float64], parameter: int, far: float) -> NDArray[np.float64]:
    made = shares.copy()
    value = shares[parameter]
    if parameter == 3:
        made[3] = np.clip(1 - (1 - value) * np.exp(far * _FAR_PHI), _LEAST_PHI, _MOST_PHI)
    else:
        made[parameter] = 1 / (1 + (1 - value) / value * np.exp(-far * _FAR))
    return made
