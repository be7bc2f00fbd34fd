"""The mix of a trained network with simple methods, by what each of them did on the file's own history."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lstmcli.evaluation.scores import actual_values, window_scales
from lstmcli.evaluation.validation import ValidationReport, cross_coverage, score
from lstmcli.forecasting.aligned import read_length
from lstmcli.forecasting.builtin import NEWEST
from lstmcli.forecasting.forecast import forecast_at_origins
from lstmcli.forecasting.intervals import fit_widths, stretch_intervals
from lstmcli.forecasting.mix import SIMPLE_MEMBERS, bounded, mix_members, other_members
from lstmcli.forecasting.mix_shares import fit_shares, prior_shares
from lstmcli.forecasting.second_season import second_length
from lstmcli.network.architecture import MIX_MEMBERS, Builtin, Mix, Network
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel

_SHOWN = {"network": "network alone", "builtin": "built-in", "ets": "ets", "theta": "theta"}
_ORIGINS = 8  # of a series, spread over its history, that the simple methods are tried at
_BLOCK = 1 << 20  # values looked at together
_MOST_SERIES = 64  # that give such origins


def fit_mix(
    network: Network,
    panel: Panel,
    series: Indices,
    origins: Indices,
    independent: int,
    alone: ValidationReport,
    builtin: Builtin,
) -> tuple[Network, ValidationReport]:
    """The network with its mix, and the scores of the mix beside those of its members.

    series, origins: windows that the network has not learned from, of which `independent` do not overlap;
    alone: the report of the network on them; builtin: one more member. A mix of the network alone is none.
    """
    season, horizon, levels = network.shape.season, network.shape.horizon, network.arch.quantiles
    histories = [panel.history(int(s))[:o] for s, o in zip(series, origins, strict=True)]
    seasons = (season, builtin.second)
    values = other_members(MIX_MEMBERS, builtin, histories, seasons, horizon, levels)
    values["network"] = forecast_at_origins(network, panel, series, origins)
    middle = levels.index(0.5)
    points = {name: made[:, :, middle] for name, made in values.items()}
    actual = actual_values(panel, series, origins, horizon)
    shares = fit_shares(
        prior_shares(_has_covariates(panel), panel.step, builtin.second > season),
        rolling_errors(panel, season, horizon, builtin),
        np.stack([points[name] for name in MIX_MEMBERS]),
        actual,
        _scales(panel, series, origins, season),
        independent,
    )
    if shares[0] == 1:
        return network, alone
    every = dict(zip(MIX_MEMBERS, shares.tolist(), strict=True))
    raw = mix_members(values, every, levels)
    widths = fit_widths(actual, raw, levels, independent)
    length = max(read_length(season), second_length(seasons[1]), NEWEST if every["builtin"] else 0)
    mix = Mix(length=length, windows=independent, widths=widths, second=seasons[1], **every)
    mixed = bounded(network, stretch_intervals(raw, levels, widths))
    shown = {text: points[name] for name, text in _SHOWN.items()}
    report = score(mixed[:, :, middle], panel, season, series, origins, shown, independent)
    inside = cross_coverage(actual, raw, levels, max(1, independent // 2))
    mixed_network = replace(network, mix=mix, builtin=builtin if mix.builtin else None)
    return mixed_network, replace(report, coverage=inside)


def rolling_errors(panel: Panel, season: int, horizon: int, builtin: Builtin) -> Array:
    """Scaled errors of all members but the network, (origins, 4), at origins spread over the history of each
    series."""
    chosen = np.unique(np.linspace(0, len(panel) - 1, min(len(panel), _MOST_SERIES)).astype(int))
    places = [(int(s), o) for s in chosen for o in _spread_origins(int(panel.lengths[s]), season, horizon)]
    if not places:
        return np.zeros((0, 1 + len(SIMPLE_MEMBERS)))
    series, origins = (np.array(part, np.int64) for part in zip(*places, strict=True))
    seen = [panel.history(s)[:o] for s, o in places]
    kept = np.array([not np.isnan(history).all() for history in seen])
    series, origins = series[kept], origins[kept]
    histories = [history for history, keep in zip(seen, kept, strict=True) if keep]
    actual = actual_values(panel, series, origins, horizon)
    others = ("builtin", *SIMPLE_MEMBERS)
    made = other_members(others, builtin, histories, (season, builtin.second), horizon, (0.5,))
    away = [np.abs(made[name][:, :, 0] - actual) for name in others]
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
    sizes = {s: _mean_size(panel.history(s)) for s in set(series.tolist())}
    usual = np.maximum(np.array([sizes[s] for s in series.tolist()]), 1e-290)
    return np.where((scales > 0) & np.isfinite(scales), np.maximum(scales, 1e-3 * usual), usual)


def _mean_size(values: Array) -> float:
    """The mean of |values|, of those that are known. A long series may be mapped: no copy is made of it."""
    total, count = 0.0, 0
    for at in range(0, len(values), _BLOCK):
        block = values[at : at + _BLOCK]
        known = np.abs(block[~np.isnan(block)])
        total, count = total + float(known.sum()), count + len(known)
    return total / max(count, 1)
