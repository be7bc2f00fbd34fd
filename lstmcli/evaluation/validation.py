"""What the validation windows say of a trained network: errors beside simple forecasts, how far its
intervals must be stretched, and whether it has any skill."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.metrics import coverage, mae, mase, seasonal_scales, smape
from lstmcli.forecasting.forecast import (
    member_medians,
    member_shares,
    recent_errors,
    shared_error,
    window_quantiles,
)
from lstmcli.forecasting.intervals import (
    error_to_spread,
    fit_widths,
    pairs,
    stretch_intervals,
    widen_after_errors,
)
from lstmcli.forecasting.shrinkage import best_blend
from lstmcli.forecasting.simple_forecasts import last_value, seasonal_naive
from lstmcli.network.architecture import Blend, Network
from lstmcli.network.forward import combine_members
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import WindowRows, Windows, baseline_forecasts, lag_of, values_after_origin

# A power of the recent errors; 0 for equal shares, which win a tie.
_TRUSTS = (0.0, 1.0, 2.0, 4.0)


def calibrate(
    bare: Network,
    rows: WindowRows,
    windows: Windows,
    series: Indices,
    origins: Indices,
    independent: int,
    on_no_skill: str,
) -> tuple[Network, dict[str, Any]]:
    """The network with its intervals stretched, and its scores on windows it has not learned from.

    windows: those of series and origins; independent: how many do not overlap. Where the network
    is no better than a simple forecast and `on_no_skill` is "baseline", it is drawn towards that
    forecast.
    """
    levels, scaling, season = bare.arch.quantiles, bare.scaling, bare.shape.season
    middle = levels.index(0.5)
    errors = recent_errors(bare, rows, series, origins)
    network = replace(bare, error_power=_trust(bare, windows, errors))
    raw = window_quantiles(network, rows, series, origins, errors)
    target = values_after_origin(rows, series, origins, bare.shape.horizon)
    scores = score(scaling.restored(raw[:, :, middle]), rows.panel, season, series, origins)
    if on_no_skill == "baseline" and better_baseline(scores):
        network = replace(network, blend=_blend(network, raw[:, :, middle], windows))
        raw = window_quantiles(network, rows, series, origins, errors)
        alone = scores["errors"]["model"]
        scores = score(scaling.restored(raw[:, :, middle]), rows.panel, season, series, origins)
        scores["errors"]["network alone"] = alone
    network, raw = _following(network, raw, target, errors)
    scores["coverage"] = cross_coverage(target, raw, levels, max(1, independent // 2))
    return replace(network, widths=fit_widths(target, raw, levels, independent)), scores


def _following(
    network: Network, raw: NDArray[np.floating], target: NDArray[np.floating], errors: NDArray[np.floating]
) -> tuple[Network, NDArray[np.floating]]:
    """The network with its usual unrest, and its quantiles of these windows after their last errors.

    What came before these windows may be learned by heart, so its errors are held against their
    own median; what comes before a forecast is held against errors of the windows themselves.
    """
    levels = network.arch.quantiles
    median = raw[:, :, levels.index(0.5)]
    seen = np.maximum((~np.isnan(target)).sum(axis=1), 1)
    own = error_to_spread(np.nansum(np.abs(target - median), axis=1) / seen, raw, levels)
    before = error_to_spread(shared_error(errors, network.error_power), raw, levels)
    before_usual = float(np.median(before[~np.isnan(before)])) if not np.isnan(before).all() else 0.0
    own_usual = float(np.median(own))
    if not (before_usual and own_usual):
        return network, raw
    return replace(network, usual_error=own_usual), widen_after_errors(raw, levels, before / before_usual)


def _trust(network: Network, windows: Windows, errors: NDArray[np.floating]) -> float:
    """How much more a member should count that was right just before: the best on these windows."""
    medians = member_medians(network, windows)[..., None]

    def error(trust: float) -> float:
        made = combine_members(medians, member_shares(errors, trust) if trust else None)
        return float(np.nanmean(np.abs(windows.target - made[:, :, 0])))

    return min(_TRUSTS, key=error) if network.arch.members > 1 else 0.0


def better_baseline(scores: dict[str, Any]) -> str | None:
    """The best simple forecast of `score`, if the model is not better than it."""
    errors = scores["errors"]
    measure = "mae" if any(e["mase"] is None for e in errors.values()) else "mase"
    best: str = min(("seasonal naive", "last value"), key=lambda name: errors[name][measure])
    return None if errors["model"][measure] < errors[best][measure] else best


def _blend(network: Network, median: NDArray[np.floating], windows: Windows) -> Blend:
    """The best blend by errors relative to the scale of each window."""
    shape = network.shape
    kinds = tuple(k for k in ("seasonal", "last") if lag_of(k, shape.season) <= shape.context)
    simple = baseline_forecasts(windows.context, windows.missing, replace(shape, baselines=kinds))
    scaled = windows.scale.apply(median)
    return best_blend(windows.target, scaled, {k: simple[:, :, i] for i, k in enumerate(kinds)})


def score(
    median: NDArray[np.floating], panel: Panel, season: int, series: Indices, origins: Indices
) -> dict[str, Any]:
    """Errors of the model's medians (windows, horizon) and of simple forecasts, in units of the data."""
    horizon = median.shape[1]
    actual, past = _around(panel, series, origins, season * 2, horizon)
    scales = np.empty(len(series))
    for s in np.unique(series):
        scales[series == s] = seasonal_scales(panel.history(int(s)), origins[series == s], season)
    forecasts = {
        "model": median,
        "seasonal naive": seasonal_naive(past, season, horizon),
        "last value": last_value(past, horizon),
    }
    errors = {
        name: {
            "mae": mae(actual, f),
            "smape": smape(actual, f),
            "mase": _number(mase(actual, f, scales)),
        }
        for name, f in forecasts.items()
    }
    usable = bool(np.isfinite(scales).any())
    return {
        "windows": len(series),
        "season": season,
        "errors": errors,
        "skill": _skill(errors["model"], errors["seasonal naive"]),
        "by_step": {
            name: error_by_step(actual, forecasts[name], scales if usable else np.ones(len(series)))
            for name in ("model", "seasonal naive")
        },
        "by_step_measure": "MASE" if usable else "MAE",
    }


def error_by_step(
    actual: NDArray[np.floating], forecast: NDArray[np.floating], scales: NDArray[np.floating]
) -> list[float | None]:
    """Mean absolute error, each window's over its scale, of every step (horizon,).

    None where no value of a step is known. Five digits, as it stands in the model file.
    """
    errors = np.abs(actual - forecast) / scales[:, None]
    known = ~np.isnan(errors)
    sums, counts = np.where(known, errors, 0).sum(axis=0), known.sum(axis=0)
    return [float(f"{s / n:.5g}") if n else None for s, n in zip(sums, counts, strict=True)]


def cross_coverage(
    actual: NDArray[np.floating], raw: NDArray[np.floating], quantiles: tuple[float, ...], independent: int
) -> dict[str, float]:
    """Share of validation values inside each interval, by its level in percent.

    Measured on each half of the windows with the widths that the other half gives: on its own
    windows the coverage of fitted widths is right by construction. independent: windows of a
    half that do not overlap.
    """
    half = len(actual) // 2
    if not half:
        return {}
    made = np.empty_like(raw)
    for ours, other in ((slice(half), slice(half, None)), (slice(half, None), slice(half))):
        widths = fit_widths(actual[other], raw[other], quantiles, independent)
        made[ours] = stretch_intervals(raw[ours], quantiles, widths)
    return {
        f"{100 * (quantiles[high] - quantiles[low]):.4g}": coverage(actual, made[:, :, low], made[:, :, high])
        for low, high in pairs(quantiles)
    }


def _around(
    panel: Panel, series: Indices, origins: Indices, back: int, horizon: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Actual values (windows, horizon) and the values before them (windows, back)."""
    actual = np.full((len(series), horizon), np.nan)
    past = np.full((len(series), back), np.nan)
    for window, (s, origin) in enumerate(zip(series, origins, strict=True)):
        history = panel.history(int(s))
        after, before = history[origin : origin + horizon], history[max(0, origin - back) : origin]
        actual[window, : len(after)] = after
        past[window, back - len(before) :] = before
    return actual, past


def _skill(model: dict[str, float | None], naive: dict[str, float | None]) -> float | None:
    """1 - error / error of the seasonal naive: by MASE, or by MAE where MASE is not defined."""
    for measure in ("mase", "mae"):
        ours, theirs = model[measure], naive[measure]
        if ours is not None and theirs:
            return 1 - ours / theirs
    return None


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None
