"""One training run: split, fit every member, score against simple forecasts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils import deterministic

from lstmcli.baselines import last_value, seasonal_naive
from lstmcli.config import Settings
from lstmcli.errors import DataError
from lstmcli.forecasting import transformed_quantiles
from lstmcli.learning.loop import Fit, Progress, Source, fit, validation_origins
from lstmcli.metrics import coverage, mae, mase, seasonal_scale, smape
from lstmcli.network import Network
from lstmcli.panel import Panel
from lstmcli.plan import Plan
from lstmcli.windows import Indices, Rows, cut, rows_of

_VALIDATION_WINDOWS = 256


@dataclass(frozen=True)
class Trained:
    """A network, and the report that is stored with it."""

    network: Network
    report: dict[str, Any]


def train(panel: Panel, plan: Plan, settings: Settings, report: Callable[[Progress], None]) -> Trained:
    """Trains all members on everything but the validation windows at the end of each series.

    Raises DataError when no window is left to learn from, TrainingDiverged when the loss is lost.
    """
    torch.set_num_threads(plan.threads)
    torch.use_deterministic_algorithms(True)
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a tenth of the time, for debugging only
    torch.set_flush_denormal(True)  # tiny activations would slow the CPU down a hundredfold
    rows = rows_of(panel, plan.scaling, plan.shape)
    split = split_panel(panel, plan)
    source = Source(rows, plan.shape, plan.scaling, *split.training)
    validation = cut(rows, *split.validation, plan.shape, plan.scaling)
    fits: list[Fit] = []
    weights: dict[str, NDArray[np.floating]] = {}
    for member in range(plan.arch.members):
        fits.append(fit(plan.arch, source, validation, settings, plan.steps, member, report))
        weights |= {f"members.{member}.{name}": w for name, w in fits[-1].weights.items()}
    network = Network(weights, plan.arch, plan.shape, plan.scaling)
    scores = score(network, panel, rows, *split.validation)
    return Trained(network, {"members": [_summary(f) for f in fits], "validation": scores})


@dataclass(frozen=True)
class Split:
    """training: series, first and last origin of each; validation: series and origin of each window."""

    training: tuple[Indices, Indices, Indices]
    validation: tuple[Indices, Indices]


def split_panel(panel: Panel, plan: Plan) -> Split:
    """No target value of a training window lies in a validation target.

    A series too short to give both is used for training alone.
    """
    horizon, held_out = plan.shape.horizon, plan.validation * plan.shape.horizon
    # A context holds at least a third of itself, or of a short series, in observed values.
    least = np.minimum(plan.shape.context, np.maximum(panel.lengths // 3, 1))
    both = panel.lengths >= held_out + horizon + least
    last = panel.lengths - horizon - np.where(both, held_out, 0)
    usable = last >= least
    if not usable.any() or not both.any():
        raise DataError(
            f"the longest series has {int(panel.lengths.max())} values; horizon {horizon} with "
            f"{plan.validation} validation windows needs {held_out + 2 * horizon}: "
            "ask for a shorter --horizon"
        )
    chosen = np.flatnonzero(usable)
    series, origins = validation_origins(panel.lengths[both], horizon, plan.validation, _VALIDATION_WINDOWS)
    return Split((chosen, least[chosen], last[chosen]), (np.flatnonzero(both)[series], origins))


def score(network: Network, panel: Panel, rows: Rows, series: Indices, origins: Indices) -> dict[str, Any]:
    """Errors of the model and of simple forecasts on windows, in the units of the data."""
    shape, arch, horizon = network.shape, network.arch, network.shape.horizon
    quantiles = network.scaling.restored(transformed_quantiles(network, rows, series, origins))
    middle = arch.quantiles.index(0.5)
    actual, past = _around(panel, series, origins, max(shape.season, 1) * 2, horizon)
    scales = np.array(
        [seasonal_scale(panel.history(s)[:o], shape.season) for s, o in zip(series, origins, strict=True)]
    )
    forecasts = {
        "model": quantiles[:, :, middle],
        "seasonal naive": seasonal_naive(past, shape.season, horizon),
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
    inside = {
        f"{high - low:.3g}": coverage(actual, quantiles[:, :, a], quantiles[:, :, -1 - a])
        for a, (low, high) in enumerate(zip(arch.quantiles, arch.quantiles[::-1], strict=True))
        if low < 0.5 and abs(low + high - 1) < 1e-9
    }
    skill = _skill(errors["model"], errors["seasonal naive"])
    return {
        "windows": len(series),
        "season": shape.season,
        "errors": errors,
        "coverage": inside,
        "skill": skill,
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
