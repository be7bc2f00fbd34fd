"""One training run: split, fit every member, score against simple forecasts."""

import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils import deterministic

from lstmcli import __version__
from lstmcli.baselines import last_value, seasonal_naive
from lstmcli.config import Settings
from lstmcli.errors import DataError
from lstmcli.forecasting import transformed_quantiles
from lstmcli.intervals import fit_widths, pairs, stretched
from lstmcli.learning.loop import Fit, Progress, Source, fit, validation_origins
from lstmcli.learning.parallel import fit_members
from lstmcli.metrics import coverage, mae, mase, seasonal_scale, smape
from lstmcli.network import Network
from lstmcli.panel import Panel
from lstmcli.plan import Plan
from lstmcli.windows import Indices, Rows, cut, rows_of, values_after

_VALIDATION_WINDOWS = 256
_SHORTEST = 4


@dataclass(frozen=True)
class Trained:
    """A network, and the report that is stored with it."""

    network: Network
    report: dict[str, Any]


def train(panel: Panel, plan: Plan, settings: Settings, report: Callable[[Progress], None]) -> Trained:
    """Trains all members on everything but the validation windows at the end of each series.

    Raises DataError when no window is left to learn from, TrainingDiverged when the loss is lost.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a tenth of the time, for debugging only
    torch.set_flush_denormal(True)  # tiny activations would slow the CPU down a hundredfold
    split = split_panel(panel, plan)
    rows = rows_of(panel, plan.scaling, plan.shape)
    source = Source(seen_in_training(rows, plan.until), plan.shape, plan.scaling, *split.training)
    validation = cut(rows, *split.validation, plan.shape, plan.scaling)

    def work(member: int, report: Callable[[Progress], None]) -> Fit:
        return fit(plan.arch, source, validation, settings, plan.steps, member, report)

    fits = fit_members(work, plan.arch.members, plan.processes, report)
    weights = {
        f"members.{m}.{name}": w for m, fitted in enumerate(fits) for name, w in fitted.weights.items()
    }
    levels = plan.arch.quantiles
    bare = Network(weights, plan.arch, plan.shape, plan.scaling, (1.0,) * len(levels))
    raw = transformed_quantiles(bare, rows, *split.validation)
    target = values_after(rows, *split.validation, plan.shape.horizon)
    network = replace(bare, widths=fit_widths(target, raw, levels))
    median = plan.scaling.restored(raw[:, :, levels.index(0.5)])
    scores = score(median, panel, plan.shape.season, *split.validation)
    scores["coverage"] = cross_coverage(target, raw, levels)
    return Trained(network, {"members": [_summary(f) for f in fits], "validation": scores})


@dataclass(frozen=True)
class Split:
    """training: series, first and last origin of each; validation: series and origin of each window."""

    training: tuple[Indices, Indices, Indices]
    validation: tuple[Indices, Indices]


def split_panel(panel: Panel, plan: Plan) -> Split:
    """Where training and validation windows may start.

    Training sees the first `plan.until` values of each series; a short series gives windows
    whose target reaches past them, and that part of the target counts for nothing. Raises
    DataError when no series is long enough.
    """
    horizon, until = plan.shape.horizon, plan.until
    # A context holds at least a third of itself, or of a short series, in values.
    first = np.minimum(plan.shape.context, np.maximum(until // 3, 1))
    last = until - np.minimum(horizon, np.maximum((until - first) // 2, 1))
    chosen = np.flatnonzero((last >= first) & (panel.lengths >= _SHORTEST))
    held_out = panel.lengths[chosen] - until[chosen]
    series, origins = validation_origins(panel.lengths[chosen], held_out, horizon, _VALIDATION_WINDOWS)
    if not len(origins):
        raise DataError(f"no series has {_SHORTEST} values, the least that a model can learn from")
    return Split((chosen, first[chosen], last[chosen]), (chosen[series], origins))


def seen_in_training(rows: Rows, until: Indices) -> Rows:
    """The rows with every value that is held out made unknown."""
    values = rows.values.copy()
    offsets = rows.panel.offsets
    for start, end, seen in zip(offsets[:-1], offsets[1:], until, strict=True):
        values[start + seen : end] = np.nan
    return replace(rows, values=values)


def score(
    median: NDArray[np.floating], panel: Panel, season: int, series: Indices, origins: Indices
) -> dict[str, Any]:
    """Errors of the model's medians (windows, horizon) and of simple forecasts, in units of the data."""
    horizon = median.shape[1]
    actual, past = _around(panel, series, origins, season * 2, horizon)
    scales = np.array(
        [seasonal_scale(panel.history(s)[:o], season) for s, o in zip(series, origins, strict=True)]
    )
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
    skill = _skill(errors["model"], errors["seasonal naive"])
    return {"windows": len(series), "season": season, "errors": errors, "skill": skill}


def cross_coverage(
    actual: NDArray[np.floating], raw: NDArray[np.floating], quantiles: tuple[float, ...]
) -> dict[str, float]:
    """Share of validation values inside each interval, by its level in percent.

    Measured on each half of the windows with the widths that the other half gives: on its own
    windows the coverage of fitted widths is right by construction.
    """
    half = len(actual) // 2
    if not half:
        return {}
    made = np.empty_like(raw)
    for ours, other in ((slice(half), slice(half, None)), (slice(half, None), slice(half))):
        made[ours] = stretched(raw[ours], quantiles, fit_widths(actual[other], raw[other], quantiles))
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


def _summary(fit: Fit) -> dict[str, Any]:
    return {
        "steps": fit.steps,
        "best_step": fit.best_step,
        "loss": fit.loss,
        "validation_loss": fit.validation_loss,
    }


def versions() -> dict[str, str]:
    """What a model was made with."""
    return {
        "lstmcli": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
    }
