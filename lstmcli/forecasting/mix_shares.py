"""How much each member of a mix counts: by their errors on windows of the file's own history.

Members are the network, the built-in one and three simple methods. With few windows the shares stay near
those that were good on other series; with many they follow the evidence.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step

# Independent windows that the prior shares count for: that of the network beside the other methods, whose
# windows are all at the end of the history, and those of the others, whose origins are all over it.
# 5, 10 and 20 of the network gave 0.797, 0.792 and 0.789 of the error of seasonal naive on 34 short series.
_NETWORK_WORTH, _SIMPLE_WORTH = 20.0, 2.0
_OWN, _NAIVE = 0.2, 0.02  # of the network and of seasonal naive, where a history says nothing
_MANY = 20  # independent windows from which shares of least error in combination count for half
_STEEP = 4.0  # fall of a share with the error of its member over that of the best
_GRID = 10  # steps from 0 to 1 of shares that are tried in combination
_MOST = 256  # windows that are tried
_LEAST_SHARE = 0.02  # smaller ones are not worth their time


def untrained_shares(step: Step, two_seasons: bool = False) -> dict[str, float]:
    """Shares without a network of the file's own, from how the methods did at the ends of the training parts
    of M1, M3 and tourism: of years mostly Theta (3 % less error on each of the three than 0.25, 0.34, 0.41).
    The built-in network has more beside two seasons, from the ends of M4 Hourly, loads, prices and others."""
    if step.unit()[0] == "year":
        return {"builtin": 0.2, "ets": 0.1, "theta": 0.7}
    builtin = 0.7 if two_seasons else 0.5 if step.unit()[0] == "quarter" else 0.55
    return {"builtin": builtin, "ets": 0.45 * (1 - builtin), "theta": 0.55 * (1 - builtin)}


def untrained_width(step: Step, two_seasons: bool = False) -> float:
    """How far the intervals of that mix are stretched so that they held there: 80 % of years 66 without, of
    quarters 79, of months 81; of series with two seasons 64 to 89, as the second is fitted to few cycles."""
    return 1.15 if two_seasons else 1.35 if step.unit()[0] == "year" else 1.0


def prior_shares(covariates: bool, step: Step, two_seasons: bool = False) -> NDArray[np.float64]:
    """Shares for a history that says nothing, (members,). Covariates speak for the network, which alone
    reads them.
    """
    if covariates:
        return np.array([0.8, 0.0, 0.1, 0.1, 0.0])
    others = untrained_shares(step, two_seasons)
    return np.array([_OWN, *((1 - _OWN - _NAIVE) * share for share in others.values()), _NAIVE])


def fit_shares(
    prior: Array, rolling: Array, points: Array, actual: Array, scales: Array, independent: int
) -> NDArray[np.float64]:
    """Shares of the members (members,), which add up to one.

    rolling: scaled errors of all but the network at origins of the whole history, (origins, 4); points:
    forecasts of all members on windows that the network has not learned from, (members, windows, horizon);
    actual: (windows, horizon); scales: (windows,) what the errors of each are divided by; independent: how
    many of the windows do not overlap.
    """
    known = ~np.isnan(actual).all(axis=1)
    points, actual, scales = points[:, known], actual[known], scales[known]
    if not known.any():
        return np.asarray(prior)
    errors = (np.nanmean(np.abs(points - actual), axis=2) / scales).mean(axis=1)
    if len(rolling):
        simple = _simple_shares(prior[1:], np.nanmean(rolling, axis=0), len(rolling))
    else:
        simple = _simple_shares(prior[1:], errors[1:], independent)
    ours, _ = _by_error(np.array([errors[0], errors[1:] @ simple]))
    network = (_NETWORK_WORTH * prior[0] + independent * ours) / (_NETWORK_WORTH + independent)
    few = np.concatenate([[network], (1 - network) * simple])
    sure = independent**2 / (independent**2 + _MANY**2)
    shares = (1 - sure) * few + sure * _best_together(points, actual, scales)
    shares = np.where(shares < _LEAST_SHARE, 0.0, shares)
    return np.asarray(np.round(shares / shares.sum(), 3))


def _simple_shares(prior: Array, errors: Array, origins: int) -> NDArray[np.float64]:
    """Shares of all but the network among themselves, (4,)."""
    prior = prior / prior.sum()
    return np.asarray((_SIMPLE_WORTH * prior + origins * _by_error(errors)) / (_SIMPLE_WORTH + origins))


def _by_error(errors: Array) -> NDArray[np.float64]:
    """Shares that fall with the error over the least one."""
    least = max(float(errors.min()), 1e-9 * float(errors.max()), 1e-300)
    falling = np.exp(-_STEEP * (errors / least - 1))
    return np.asarray(falling / falling.sum())


def _best_together(points: Array, actual: Array, scales: Array) -> NDArray[np.float64]:
    """The shares of least error in combination, of those on a grid."""
    some = np.unique(np.linspace(0, len(actual) - 1, _MOST).astype(int))
    away = (points[:, some] - actual[some]) / scales[some, None]
    known = ~np.isnan(away).any(axis=0)
    away = away[:, known]
    best, lowest = np.zeros(len(points)), np.inf
    for parts in itertools.product(range(_GRID + 1), repeat=len(points) - 1):
        if sum(parts) <= _GRID:
            shares = np.array([_GRID - sum(parts), *parts]) / _GRID
            error = float(np.abs(shares @ away).mean()) if away.size else 0.0
            if error < lowest:
                best, lowest = shares, error
    return best
