"""How far a simple method errs at each step: from the errors it would have made before."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array, Indices

# Independent errors that the growth with the horizon by the formula of the model counts for.
_FORMULA = 2.0
_LEAST_FREEDOM = 1.0


def spread_ahead(
    errors: Callable[[int], Array], reach: int, growth: Array, counts: Indices, parameters: Array
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard deviation of the errors at each step (horizon, series), and degrees of freedom (series,).

    errors: those at k steps from all origins of the past, (origins, series), NaN where unknown; reach: steps
    at which there may be some; growth: (horizon, series) variance at each step per that at the first, by the
    formula of the model; counts: observed values; parameters: fitted ones, (series,).

    Errors of k steps from neighbouring origins overlap, so that n of them are worth n / k. The fewer there
    are, the more the formula counts. Fitted errors are too small by the fitted parameters: their squares
    are taken times n / (n - parameters). The spread never falls with the horizon.
    """
    freedom = np.maximum(counts - parameters, _LEAST_FREEDOM)
    variance, first = np.empty(growth.shape), np.zeros(growth.shape[1])
    for step in range(min(reach, len(growth))):
        wrong = errors(step + 1)
        known = ~np.isnan(wrong)
        found = known.sum(axis=0)
        mean = np.where(known, wrong, 0.0) ** 2
        mean = mean.sum(axis=0) / np.maximum(found, 1)
        if step == 0:
            first = mean
        worth = found / (step + 1)
        variance[step] = (worth * mean + _FORMULA * first * growth[step]) / (worth + _FORMULA)
    variance[reach:] = first * growth[reach:]  # the formula alone
    variance *= np.maximum(counts, 1) / freedom
    return np.sqrt(np.maximum.accumulate(variance, axis=0)), freedom
