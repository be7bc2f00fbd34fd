"""A forecast as the mix of networks and simple methods: exponential smoothing, Theta, seasonal naive.

The point is the median of the members by their shares, interpolated: a member that is far off alone moves it
little, and with all of the share it is that member. The distances of the quantiles from it are the means of
those of the members by their shares, wider where the members differ, stretched by the widths of the mix. All
in the units of the data.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.aligned import AlignedHistories, SpreadForecast, forecast_aligned
from lstmcli.forecasting.builtin import builtin_quantiles
from lstmcli.forecasting.classical import CLASSICAL_METHODS
from lstmcli.forecasting.intervals import (
    interpolated_quantiles,
    normal_quantiles,
    normal_spread,
    spread_quantiles,
    stretch_intervals,
)
from lstmcli.forecasting.naive import naive_forecast
from lstmcli.forecasting.second_season import take_out_second
from lstmcli.network.architecture import MIX_MEMBERS, Builtin, Network
from lstmcli.network.builtin import QUANTILES
from lstmcli.series.arrays import Array, Indices

SIMPLE_MEMBERS = CLASSICAL_METHODS | {"naive": naive_forecast}


def mix_forecast(
    network: Network, made: Array | None, histories: Sequence[Array], horizon: int
) -> NDArray[np.float64]:
    """The forecast of a network with a mix, (series, horizon, quantiles), from that of the network alone.

    made: None where there is no network but the built-in one; histories: of each series up to the origin,
    (n,), NaN where missing.
    """
    return mixed_with(network, made, members_beside(network, histories, horizon), histories)


def members_beside(network: Network, histories: Sequence[Array], horizon: int) -> dict[str, Array]:
    """Quantiles (series, horizon, quantiles) of the members of a mix beside the file's own network."""
    mix = network.mix
    assert mix
    seasons = network.shape.season, mix.second
    return other_members(mix.shares, network.builtin, histories, seasons, horizon, network.arch.quantiles)


def mixed_with(
    network: Network, made: Array | None, members: Mapping[str, Array], histories: Sequence[Array]
) -> NDArray[np.float64]:
    """The forecast of a mix from those of its members; arguments as of `mix_forecast`."""
    mix, levels = network.mix, network.arch.quantiles
    assert mix
    every = members if made is None else {**members, "network": made}
    mixed = stretch_intervals(mix_members(every, mix.shares, levels), levels, mix.widths)
    return bounded(network, mixed) if made is not None else _as_histories_bounded(mixed, histories)


def _as_histories_bounded(values: Array, histories: Sequence[Array]) -> NDArray[np.float64]:
    """Values that are not below zero for a series that never was."""
    never = np.array([not (history < 0).any() for history in histories])
    return np.where(never[:, None, None], np.maximum(values, 0.0), values)


def other_members(
    names: Iterable[str],
    builtin: Builtin | None,
    histories: Sequence[Array],
    seasons: tuple[int, int],
    horizon: int,
    levels: tuple[float, ...],
) -> dict[str, Array]:
    """Quantiles (series, horizon, quantiles) of those members that are not the file's own network.

    seasons: the season and a second one that is taken out before, see `take_out_second`.
    """
    made, season = {}, seasons[0]
    histories, second = take_out_second(histories, *seasons)
    for name in names:
        if name in SIMPLE_MEMBERS:
            made[name] = member_quantiles(SIMPLE_MEMBERS[name], histories, season, horizon, levels)
        elif name == "builtin":
            assert builtin
            made[name] = builtin_member(builtin, histories, horizon, levels)
    return {name: second.ahead(values) for name, values in made.items()} if second else made


def builtin_member(
    builtin: Builtin, histories: Sequence[Array], horizon: int, levels: tuple[float, ...]
) -> Array:
    """Quantiles of the built-in network, (series, horizon, quantiles)."""
    made = builtin_quantiles(
        histories_of_values(histories), builtin.season, builtin.second, horizon, builtin.weights
    )
    return made if levels == QUANTILES else interpolated_quantiles(made, QUANTILES, levels)


def histories_of_values(histories: Sequence[Array]) -> list[Array]:
    """The histories; one without values is a zero."""
    return [history if not np.isnan(history).all() else np.zeros(1) for history in histories]


def mix_members(
    members: Mapping[str, Array], shares: Mapping[str, float], levels: tuple[float, ...]
) -> NDArray[np.float64]:
    """Quantiles of members (windows, horizon, quantiles), mixed. levels: of the quantiles."""
    middle = levels.index(0.5)
    counted = [name for name in MIX_MEMBERS if shares.get(name)]
    medians = np.stack([members[name][:, :, middle] for name in counted])
    given = np.array([shares[name] for name in counted])
    point = weighted_median(medians, given)
    away = np.zeros(members[counted[0]].shape)
    for name, share in zip(counted, given, strict=True):
        away += share * (members[name] - members[name][:, :, middle : middle + 1])
    apart = np.sqrt(np.einsum("m,mwh->wh", given, np.square(medians - point)))
    return point[:, :, None] + _spread_apart(away, apart, levels)


def _spread_apart(away: Array, apart: Array, levels: tuple[float, ...]) -> Array:
    """Distances of quantiles from the median (windows, horizon, quantiles), wider where members differ: to
    their variance that between the medians is added, as in a pool of distributions. apart: (windows, horizon)
    standard deviation between the medians."""
    spread = normal_spread(away, levels)
    if spread is None:
        return away
    return away + normal_quantiles(levels) * (np.hypot(spread, apart) - spread)[..., None]


def weighted_median(values: Array, shares: Array) -> NDArray[np.float64]:
    """The median over the first axis by shares (members,): where half of the shares lie below, each share
    centred on its value and straight lines between them."""
    order = np.argsort(values, axis=0, kind="stable")
    sorted_values = np.take_along_axis(values, order, axis=0).astype(np.float64)
    if len(values) == 1:
        return sorted_values[0]
    sizes = np.asarray(shares / shares.sum())[order]
    centres = np.cumsum(sizes, axis=0) - sizes / 2
    below = np.clip((centres <= 0.5).sum(axis=0) - 1, 0, len(values) - 2)[None]

    def at(array: Array, place: Indices) -> Array:
        return np.take_along_axis(array, place, axis=0)[0]

    first, second = at(centres, below), at(centres, below + 1)
    part = np.clip((0.5 - first) / (second - first), 0.0, 1.0)
    low = at(sorted_values, below)
    return np.asarray(low + part * (at(sorted_values, below + 1) - low))


def member_quantiles(
    method: Callable[[AlignedHistories, int, int], SpreadForecast],
    histories: Sequence[Array],
    season: int,
    horizon: int,
    levels: tuple[float, ...],
) -> Array:
    """Quantiles of one simple member, (series, horizon, quantiles). A history without values has zeros."""
    made = forecast_aligned(method, histories_of_values(histories), season, horizon)
    return spread_quantiles(made, levels)


def bounded(network: Network, values: Array) -> NDArray[np.float64]:
    """Values that are kept at zero or above where those of the network are."""
    low = network.scaling.bounded or network.scaling.transform == "log"
    return np.asarray(np.maximum(values, 0.0) if low else values, np.float64)
