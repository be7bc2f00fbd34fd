"""From a panel and a trained network to forecasts in the units of the data."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np

from lstmcli.errors import DataError
from lstmcli.files.posix import usable_cores
from lstmcli.forecasting.closed import forecast_of_rows
from lstmcli.forecasting.intervals import error_to_spread, stretch_intervals, widen_after_errors
from lstmcli.forecasting.mix import mix_forecast
from lstmcli.forecasting.rounded import round_values
from lstmcli.forecasting.shrinkage import blend_forecast
from lstmcli.network.architecture import Network, of_medians
from lstmcli.network.forward import combine_members, forward
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.calendar import Times, advance
from lstmcli.series.forecast import Forecast, concat_forecasts
from lstmcli.series.horizon_rows import check_future_rows
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import (
    WindowRows,
    Windows,
    baseline_forecasts,
    cut_windows,
    window_rows,
    with_own_values,
)
from lstmcli.windows.scaling import Scaling

_Block = TypeVar("_Block")
BLOCK_WINDOWS = 256  # windows forecast at once; keeps the activations in cache
_AHEAD = 2  # blocks for each core that are computed before they are taken
_NOISE = 1e-6  # in the units of the data; zeros have no scale of their own


def forecast_panel(network: Network, panel: Panel, horizon: int, block: int = BLOCK_WINDOWS) -> Forecast:
    """Continues every series of a panel by `horizon` steps.

    Beyond the horizon of the model it continues from its own forecasts: the medians of one horizon become
    context of the next, and its intervals are widened by those at the end of the one before, as the errors
    of independent steps add up: in squares. block: series computed at once.

    Raises DataError for a series the model cannot read, with missing future covariates, or with
    a forecast beyond all numbers.
    """
    return concat_forecasts(list(forecasts(network, panel, horizon, lambda made: made, block)))


def forecasts(
    network: Network,
    panel: Panel,
    horizon: int,
    finish: Callable[[Forecast], _Block],
    block: int = BLOCK_WINDOWS,
    rows: int | None = None,
) -> Iterator[_Block]:
    """`finish` of the forecast of each block of series, in order, on all cores.

    A few blocks are computed ahead of the one that is taken, so that memory does not grow with the
    number of series. block: series of one; rows: of each series with those of closed times, whose steps are
    the horizon, see `closed`, and whose covariates were looked for. Raises the errors of `forecast_panel`;
    all but those of a forecast beyond all numbers before the first block.
    """
    check_positive(panel, network.scaling)
    if rows is None:
        check_future_rows(panel, horizon)

    def forecast_block(series: slice) -> _Block:
        return finish(_forecast(network, panel.select(series), horizon, rows))

    return in_blocks(forecast_block, len(panel), block)


def forecast_like(
    network: Network, panel: Panel, horizon: int, like: Forecast, rows: int | None = None
) -> Forecast:
    """As `forecasts` of one block of series, with as many digits as another forecast of them."""
    return _forecast(network, panel, horizon, rows, like.values)


def _forecast(
    network: Network, panel: Panel, horizon: int, rows: int | None = None, like: Array | None = None
) -> Forecast:
    """Arguments as of `forecasts`; like: values of these series and rows whose digits are kept."""
    with np.errstate(over="ignore", invalid="ignore"):  # numbers that are not finite are refused below
        starts, values = _rolled_on(network, panel, horizon)
        whole, levels = values.astype(np.float64), network.arch.quantiles
        made = Forecast(panel.key_names, panel.keys, panel.step, starts, levels, whole)
        made = made if rows is None else forecast_of_rows(made, panel, rows)
        values = round_values(made.values, like)
    if not np.isfinite(values).all():
        raise DataError("too-large", "the forecast is beyond what numbers can hold: is this the right model?")
    return replace(made, values=values)


def _rolled_on(network: Network, panel: Panel, horizon: int) -> tuple[Times, Array]:
    """First time stamp of each series, and values (series, horizon, quantiles) with all their digits."""
    starts = advance(panel.starts, panel.step, panel.lengths)
    values = _own_values(network, panel, horizon) if network.is_trained else None
    if network.mix:
        values = mix_forecast(network, values, [panel.history(s) for s in range(len(panel))], horizon)
    assert values is not None
    return starts, _without_noise(values, panel)


def _without_noise(values: Array, panel: Panel) -> Array:
    """Zero where a network says that a series of zeros goes on, and misses it by the digits of float32."""
    near = np.flatnonzero(np.abs(values).max(axis=(1, 2)) < _NOISE)
    zeros = [s for s in near.tolist() if not np.nan_to_num(panel.history(s)).any()]
    values[zeros] = 0.0
    return values


def _own_values(network: Network, panel: Panel, horizon: int) -> Array:
    """The forecast of the network alone, (series, horizon, quantiles), horizon by horizon."""
    arch, series = network.arch, np.arange(len(panel))
    extended = panel.with_horizon(whole_horizons(horizon, arch.horizon), network.shape.context + arch.horizon)
    rows = with_own_values(window_rows(extended, network.scaling, network.shape))
    middle = arch.quantiles.index(0.5)
    carried = np.zeros((len(panel), 1, len(arch.quantiles)))
    errors = needed_errors(network, rows, series, extended.lengths)
    blocks = []
    for done in range(0, horizon, arch.horizon):
        block = window_quantiles(network, rows, series, extended.lengths + done, errors)
        median = block[:, :, middle : middle + 1]
        away = block - median
        if done:
            away = np.sign(away) * np.hypot(away, carried)
        carried = away[:, -1:]
        blocks.append(median + away)
        if done + arch.horizon < horizon:
            fill_ahead(rows, extended, done, median[:, :, 0])
    return network.scaling.restore(np.concatenate(blocks, axis=1)[:, :horizon])


def whole_horizons(horizon: int, own: int) -> int:
    """So many steps rounded up to whole horizons of a network, which reads the covariates of all of them: a
    shorter forecast is the start of a longer one. own: steps of the horizon of the network."""
    return -(-horizon // own) * own


def fill_ahead(rows: WindowRows, extended: Panel, done: int, median: Array) -> None:
    """Writes the medians (series, steps) of a block into the rows ahead, from `done` steps on."""
    at = (extended.offsets[:-1] + extended.lengths + done)[:, None] + np.arange(median.shape[1])
    rows.values[at] = median


def forecast_at_origins(network: Network, panel: Panel, series: Indices, origins: Indices) -> Array:
    """What the network, and its mix, forecast, or would have, when each series had `origins` values.

    (windows, horizon, quantiles) in the units of the data; where the horizon reaches past the end
    of a series, future covariates have to be known there.
    """
    check_positive(panel, network.scaling)
    values = None
    if network.is_trained:
        rows = window_rows(panel, network.scaling, network.shape)
        values = network.scaling.restore(window_quantiles(network, rows, series, origins))
    if network.mix:
        histories = [panel.history(int(s))[:o] for s, o in zip(series, origins, strict=True)]
        values = mix_forecast(network, values, histories, network.arch.horizon)
    assert values is not None
    return round_values(values)


def window_quantiles(
    network: Network, rows: WindowRows, series: Indices, origins: Indices, errors: Array | None = None
) -> Array:
    """Quantiles of windows of transformed values, (windows, horizon, quantiles).

    errors: those of `recent_errors` for these windows, which are computed where not given.
    """
    if errors is None:
        errors = needed_errors(network, rows, series, origins)

    def block_quantiles(block: slice) -> Array:
        windows = cut_windows(rows, series[block], origins[block], network.shape, network.scaling)
        scaled = None if errors is None else errors[:, block] / windows.scale.scale[:, 0]
        return windows.scale.undo(scaled_quantiles(network, windows, scaled))

    return np.concatenate(list(in_blocks(block_quantiles, len(series))))


def in_blocks(work: Callable[[slice], _Block], count: int, size: int = BLOCK_WINDOWS) -> Iterator[_Block]:
    """`work` for each block of `size` windows of `count`, in order, on all cores: NumPy frees Python's lock.

    At most a few blocks for each core wait to be taken.
    """
    blocks = [slice(first, min(first + size, count)) for first in range(0, count, size)]
    cores = usable_cores()
    if len(blocks) == 1 or cores == 1:
        yield from map(work, blocks)
        return
    with ThreadPoolExecutor(cores) as pool:
        begun: deque[Future[_Block]] = deque()
        try:
            for block in blocks:
                begun.append(pool.submit(work, block))
                if len(begun) > _AHEAD * cores:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()


def needed_errors(network: Network, rows: WindowRows, series: Indices, origins: Indices) -> Array | None:
    """The recent errors, for a network whose forecast depends on them."""
    return (
        recent_errors(network, rows, series, origins) if network.error_power or network.usual_error else None
    )


def recent_errors(network: Network, rows: WindowRows, series: Indices, origins: Indices) -> Array:
    """How wrong each member was just before each window, (members, windows), NaN where unknown.

    Every member forecasts the horizon that ends at the origin, which is known; the error is the
    mean absolute one of transformed values.
    """
    before = origins - network.shape.horizon
    errors = np.full((network.arch.members, len(series)), np.nan)
    known = np.flatnonzero(before >= 1)

    def measured(block: slice) -> Array:
        windows = cut_windows(
            rows, series[known[block]], before[known[block]], network.shape, network.scaling
        )
        seen = ~np.isnan(windows.target)
        wrong = np.where(seen, np.abs(windows.target - _medians(network, windows)), 0)
        wrong = wrong * windows.scale.scale
        usable = seen.any(axis=1) & ~windows.missing.all(axis=1)
        return np.where(usable, wrong.sum(axis=2) / np.maximum(seen.sum(axis=1), 1), np.nan)

    if known.size:
        errors[:, known] = np.concatenate(list(in_blocks(measured, len(known))), axis=1)
    return errors


def member_shares(errors: Array, trust: float) -> Array:
    """Shares that fall with a power of the errors (members, windows) and add up to one (Bates &
    Granger 1969); equal where the errors are not known."""
    relative = errors / np.maximum(errors.mean(axis=0), 1e-300)
    weight = np.maximum(np.where(np.isnan(relative), 1.0, relative), 1e-6) ** -trust
    shares: Array = weight / weight.sum(axis=0)
    return shares


def shared_error(errors: Array, trust: float) -> Array:
    """The recent error of all members by their shares, (windows,)."""
    mean: Array = (member_shares(errors, trust) * errors).sum(axis=0)
    return mean


def member_medians(network: Network, windows: Windows) -> Array:
    """Medians of every member in scaled units, (members, windows, horizon)."""
    parts = in_blocks(lambda block: _medians(network, windows.part(block)), len(windows.context))
    return np.concatenate(list(parts), axis=1)


def _medians(network: Network, windows: Windows) -> Array:
    return forward(*of_medians(network.weights, network.arch), windows)[..., 0]


def scaled_quantiles(network: Network, windows: Windows, errors: Array | None = None) -> Array:
    """Quantiles in scaled units, (windows, horizon, quantiles): weighted, blended, stretched.

    errors: of each member just before, (members, windows) in scaled units.
    """
    levels, blend = network.arch.quantiles, network.blend
    shares = None if errors is None else member_shares(errors, network.error_power)
    raw: Array = combine_members(forward(network.weights, network.arch, windows), shares).astype(np.float64)
    if blend:
        alone = replace(network.shape, baselines=(blend.baseline,))
        simple = baseline_forecasts(windows.context, windows.missing, alone)[:, :, 0]
        raw = blend_forecast(raw, simple, blend.weight, levels.index(0.5))
    if errors is not None and network.usual_error:
        wrong = shared_error(errors, network.error_power)
        raw = widen_after_errors(raw, levels, error_to_spread(wrong, raw, levels) / network.usual_error)
    return stretch_intervals(raw, levels, network.widths)


def check_positive(panel: Panel, scaling: Scaling) -> None:
    """Raises DataError where the model works on logarithms and a value is not positive."""
    if scaling.transform == "none" or not (panel.values <= 0).any():
        return
    row = int(np.flatnonzero(panel.values <= 0)[0])
    series = int(np.searchsorted(panel.offsets, row, side="right")) - 1
    time = panel.times(series, row - int(panel.offsets[series]), 1)[0]
    raise DataError(
        "not-positive",
        f"{panel.name(series) or 'the series'} has the value {panel.values[row]:g} at {time}, but the model "
        "works on logarithms: train it again on data that holds such values",
    )
