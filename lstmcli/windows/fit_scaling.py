"""What a scaling is measured on: rows and windows of the training part, or a sample of very many."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Indices
from lstmcli.series.category import Category
from lstmcli.series.panel import Panel
from lstmcli.windows.covariates import Numbers, covariate_numbers
from lstmcli.windows.cut import Windows, WindowSpec, cut_windows, window_rows
from lstmcli.windows.scaling import Scaling, Standardisation, least_scale

_MOST = 2_000_000  # rows that are looked at; more would change no more than the fourth digit
_WINDOWS = 1024
_FLAT = 0.01  # share of windows, constant ones aside, that are scaled up to the least scale


def fit_scaling(panel: Panel, shape: WindowSpec, bare: Scaling, until: Indices) -> tuple[Scaling, Windows]:
    """The scaling with covariates and levels measured on rows and windows of the training part, and
    those windows.

    until: (series,) rows of the training part. Covariates of a part of more than two million rows are
    measured on as many, drawn with a fixed seed; the categories that stand there are those of all rows.
    """
    numbers = covariate_numbers(panel, shape.holidays)
    known = _sample(numbers, panel, until)
    bare = replace(
        bare,
        covariates=Standardisation.of(known.astype(np.float64)) if numbers.columns else Standardisation(),
        static=Standardisation.of(panel.static.astype(np.float64))
        if panel.static.size
        else Standardisation(),
        categories=tuple(_seen(category, panel, until) for category in panel.categories),
        spreads=(1.0,) * numbers.columns,
    )
    series = np.linspace(0, len(panel) - 1, _WINDOWS).astype(np.int64)
    spots = np.linspace(0.2, 1, 31)[np.arange(len(series)) % 31]
    origins = np.maximum((until[series] * spots).astype(np.int64), 1)
    rows = window_rows(panel, bare, shape)
    scale = cut_windows(rows, series, origins, shape, bare).scale
    uneven = scale.scale[scale.scale > 1.001 * least_scale(scale.location)]
    # Without it a stretch of zeros in an intermittent series would make the next sale a million.
    bare = replace(
        bare,
        least=float(np.quantile(uneven, _FLAT)) if uneven.size else 0.0,
        spreads=_spreads(numbers, series, origins, shape.context, known),
    )
    windows = cut_windows(rows, series, origins, shape, bare)
    return replace(bare, levels=Standardisation.of(windows.scale.levels())), windows


def sample_values(panel: Panel) -> NDArray[np.float64]:
    """The observed values of a panel; of more than two million rows those in as many, drawn with a
    fixed seed."""
    rows = _drawn(len(panel.values))
    values = panel.values if rows is None else panel.values[rows]
    return values[~np.isnan(values)]


def _drawn(count: int) -> Indices | None:
    """Rows in rising order, None for all of them. Drawn, as steps of one length may fall on a season."""
    if count <= _MOST:
        return None
    return np.sort(np.random.default_rng(0).integers(count, size=_MOST))


def _sample(numbers: Numbers, panel: Panel, until: Indices) -> NDArray[np.float32]:
    """Numeric covariates in the training part, (rows, columns)."""
    if not numbers.columns:
        return np.zeros((0, 0), np.float32)
    chosen = _drawn(int(until.sum()))
    series, rows = _placed(panel, until, np.arange(until.sum()) if chosen is None else chosen)
    return numbers.at(series, rows[:, None])[:, 0]


def _placed(panel: Panel, until: Indices, numbers: Indices) -> tuple[Indices, Indices]:
    """Series and flat row of rows of the training part that are numbered throughout, (n,) each."""
    ends = np.cumsum(until)
    series = np.searchsorted(ends, numbers, side="right")
    return series, panel.offsets[series] + until[series] - (ends[series] - numbers)


def _spreads(
    numbers: Numbers, series: Indices, origins: Indices, context: int, known: NDArray[np.floating]
) -> tuple[float, ...]:
    """The least scale of each covariate in a window: that of few of the windows in which it is not
    constant; of a flag half its range, which no window exceeds, so that it has one scale in all.

    known: (rows of the training part, covariates)
    """
    found = _deviations(numbers, series, origins, context)
    spreads = []
    for column in range(numbers.columns):
        low, high, whole = (f(known[:, column]) for f in (np.min, np.max, np.std))
        uneven = found[:, column][found[:, column] > 1e-6 * whole]
        if np.isin(known[:, column], (low, high)).all():
            spreads.append(float(high - low) / 2 or 1.0)
        else:
            spreads.append(float(np.quantile(uneven, _FLAT)) if uneven.size else float(whole))
    return tuple(spreads)


def _deviations(numbers: Numbers, series: Indices, origins: Indices, context: int) -> NDArray[np.floating]:
    """Standard deviation of each covariate in the context of each window, (windows, covariates)."""
    found = np.zeros((len(series), numbers.columns), np.float32)
    if not numbers.columns:
        return found
    offsets = numbers.panel.offsets
    for window, (s, end) in enumerate(zip(series, offsets[series] + origins, strict=True)):
        rows = np.arange(max(end - context, offsets[s]), end)[None]
        block = numbers.at(series[window : window + 1], rows)[0]
        found[window] = [block[:, column].std() for column in range(numbers.columns)]
    return found


def _seen(category: Category, panel: Panel, until: Indices) -> tuple[str, ...]:
    """The texts of a category that stand in the training part, in the order of its names."""
    static = category.role == "static"
    counts = np.zeros(len(category.names) + 1, np.int64)
    for codes in [category.codes] if static else _training_codes(category, panel, until):
        counts += np.bincount(codes + 1, minlength=len(counts))
    return tuple(name for name, count in zip(category.names, counts[1:], strict=True) if count)


def _training_codes(category: Category, panel: Panel, until: Indices) -> Iterator[NDArray[np.int32]]:
    """Codes of a category in the training part, block by block."""
    total = int(until.sum())
    for at in range(0, total, _MOST):
        yield category.codes[_placed(panel, until, np.arange(at, min(at + _MOST, total)))[1]]
