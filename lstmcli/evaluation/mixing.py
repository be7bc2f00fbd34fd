"""The mix of a trained network with simple methods, by what each of them did on the file's own history."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lstmcli.evaluation.scores import actual_values, window_scales
from lstmcli.evaluation.validation import ValidationReport, cross_coverage, score
from lstmcli.forecasting.aligned import forecast_aligned, read_length
from lstmcli.forecasting.forecast import forecast_at_origins
from lstmcli.forecasting.intervals import fit_widths, stretch_intervals
from lstmcli.forecasting.mix import SIMPLE_MEMBERS, bounded, member_quantiles, mix_members
from lstmcli.forecasting.mix_shares import FITTED_MEMBERS, fit_shares, prior_shares
from lstmcli.network.architecture import Mix, Network
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel

_ORIGINS = 8  # of a series, spread over its history, that the simple methods are tried at
_MOST_SERIES = 64  # that give such origins


def fit_mix(
    network: Network,
    panel: Panel,
    series: Indices,
    origins: Indices,
    independent: int,
    alone: ValidationReport,
) -> tuple[Network, ValidationReport]:
    """The network with its mix, and the scores of the mix beside those of its members.

    series, origins: windows that the network has not learned from, of which `independent` do not overlap;
    alone: the report of the network on them. A mix of the network alone is none.
    """
    season, horizon, levels = network.shape.season, network.shape.horizon, network.arch.quantiles
    histories = [panel.history(int(s))[:o] for s, o in zip(series, origins, strict=True)]
    values = {"network": forecast_at_origins(network, panel, series, origins)}
    for name, method in SIMPLE_MEMBERS.items():
        values[name] = member_quantiles(method, histories, season, horizon, levels)
    middle = levels.index(0.5)
    points = {name: made[:, :, middle] for name, made in values.items()}
    actual = actual_values(panel, series, origins, horizon)
    shares = fit_shares(
        prior_shares(_has_covariates(panel)),
        rolling_errors(panel, season, horizon),
        np.stack([points[name] for name in FITTED_MEMBERS]),
        actual,
        _scales(panel, series, origins, season),
        independent,
    )
    if shares[0] == 1:
        return network, alone
    shown = {"network alone": points["network"], "ets": points["ets"], "theta": points["theta"]}
    raw = mix_members(values, dict(zip(FITTED_MEMBERS, shares.tolist(), strict=True)), middle)
    widths = fit_widths(actual, raw, levels, independent)
    ours, ets, theta, naive = map(float, shares)
    mix = Mix(ours, ets, theta, naive, read_length(season), independent, widths)
    mixed = bounded(network, stretch_intervals(raw, levels, widths))
    report = score(mixed[:, :, middle], panel, season, series, origins, shown)
    inside = cross_coverage(actual, raw, levels, max(1, independent // 2))
    return replace(network, mix=mix), replace(report, coverage=inside)


def rolling_errors(panel: Panel, season: int, horizon: int) -> Array:
    """Scaled errors of the simple methods at origins spread over the history of each series, (origins, 3)."""
    chosen = np.unique(np.linspace(0, len(panel) - 1, min(len(panel), _MOST_SERIES)).astype(int))
    places = [(int(s), o) for s in chosen for o in _spread_origins(int(panel.lengths[s]), season, horizon)]
    if not places:
        return np.zeros((0, len(SIMPLE_MEMBERS)))
    series, origins = (np.array(part, np.int64) for part in zip(*places, strict=True))
    seen = [panel.history(s)[:o] for s, o in places]
    kept = np.array([not np.isnan(history).all() for history in seen])
    series, origins = series[kept], origins[kept]
    histories = [history for history, keep in zip(seen, kept, strict=True) if keep]
    actual = actual_values(panel, series, origins, horizon)
    away = [
        np.abs(forecast_aligned(method, histories, season, horizon).point - actual)
        for method in SIMPLE_MEMBERS.values()
    ]
    known = ~np.isnan(actual).all(axis=1)
    scales = _scales(panel, series, origins, season)[known, None]
    return np.nanmean(np.stack(away, axis=1)[known], axis=2) / scales


def _has_covariates(panel: Panel) -> bool:
    dated = [category for category in panel.categories if category.role != "static"]
    return bool(panel.past.shape[1] or panel.future.shape[1] or dated)


def _spread_origins(length: int, season: int, horizon: int) -> Sequence[int]:
    """Origins at least a horizon apart, behind what the methods need and before the last horizon."""
    least = max(2 * season + horizon // 2, length // 3, 6)
    count = min(_ORIGINS, (length - least) // horizon)
    if count < 1:
        return ()
    if count == 1:
        return (length - horizon,)
    return [int(o) for o in np.linspace(least, length - horizon, count)]


def _scales(panel: Panel, series: Indices, origins: Indices, season: int) -> Array:
    """What errors are divided by: the usual change over a season, or the size of the values."""
    scales = window_scales(panel, series, origins, season)
    sizes = [np.nanmean(np.abs(panel.history(int(s)))) for s in series]
    usual = np.maximum(np.array(sizes), 1e-290)
    return np.where((scales > 0) & np.isfinite(scales), np.maximum(scales, 1e-3 * usual), usual)
