"""What a trained network takes from windows that it has not learned from: how members are weighed, a
blend with a simple forecast, and the usual error that widens or narrows its intervals."""

from dataclasses import replace

import numpy as np

from lstmcli.forecasting.forecast import member_medians, member_shares, shared_error
from lstmcli.forecasting.intervals import error_to_spread, widen_after_errors
from lstmcli.forecasting.shrinkage import best_blend
from lstmcli.network.architecture import Blend, Network
from lstmcli.network.forward import combine_members
from lstmcli.series.arrays import Array
from lstmcli.windows.cut import Windows, baseline_forecasts, lag_of

# Powers of the recent errors of a member; 0 gives all members the same weight, and wins a tie.
_POWERS = (0.0, 1.0, 2.0, 4.0)


def fit_error_power(network: Network, windows: Windows, errors: Array) -> float:
    """The power of recent errors that weighs the members best on these windows.

    errors: (windows, members) just before each window.
    """
    medians = member_medians(network, windows)[..., None]

    def error(power: float) -> float:
        made = combine_members(medians, member_shares(errors, power) if power else None)
        return float(np.nanmean(np.abs(windows.target - made[:, :, 0])))

    return min(_POWERS, key=error) if network.arch.members > 1 else 0.0


def fit_blend(network: Network, median: Array, windows: Windows) -> Blend:
    """The best blend of the median (windows, horizon) with a simple forecast, by errors relative to the
    scale of each window."""
    shape = network.shape
    kinds = tuple(k for k in ("seasonal", "last") if lag_of(k, shape.season) <= shape.context)
    simple = baseline_forecasts(windows.context, windows.missing, replace(shape, baselines=kinds))
    scaled = windows.scale.apply(median)
    return best_blend(windows.target, scaled, {k: simple[:, :, i] for i, k in enumerate(kinds)})


def fit_usual_error(network: Network, raw: Array, target: Array, errors: Array) -> tuple[Network, Array]:
    """The network with its usual error, and its quantiles of these windows after their last errors.

    raw: (windows, horizon, quantiles); target: (windows, horizon), both in transformed units; errors:
    (windows, members) just before each window. The network may have memorised what came before these
    windows, so the errors there are compared with their own median; before a forecast they are compared
    with the errors of the windows themselves.
    """
    quantiles = network.arch.quantiles
    median = raw[:, :, quantiles.index(0.5)]
    known = np.maximum((~np.isnan(target)).sum(axis=1), 1)
    own = error_to_spread(np.nansum(np.abs(target - median), axis=1) / known, raw, quantiles)
    before = error_to_spread(shared_error(errors, network.error_power), raw, quantiles)
    before_usual = float(np.median(before[~np.isnan(before)])) if not np.isnan(before).all() else 0.0
    own_usual = float(np.median(own))
    if not (before_usual and own_usual):
        return network, raw
    return replace(network, usual_error=own_usual), widen_after_errors(raw, quantiles, before / before_usual)
