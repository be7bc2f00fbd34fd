"""Automatic statistical models of statsforecast, which is loaded only when one is asked for."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from lstmcli.errors import UsageError, did_you_mean
from lstmcli.series.arrays import Array

STATISTICAL_MODELS = ("AutoETS", "AutoTheta", "AutoARIMA", "AutoCES")


def check_names(names: tuple[str, ...]) -> None:
    """Raises UsageError for a model that is not known, or where statsforecast is not installed."""
    for name in names:
        if name not in STATISTICAL_MODELS:
            known = ", ".join(STATISTICAL_MODELS)
            hint = did_you_mean(name, STATISTICAL_MODELS)
            raise UsageError(f"--baselines {name}: there is no such model; known are {known}.{hint}")
    if names:
        _models()


def _models() -> Any:
    try:
        return importlib.import_module("statsforecast.models")
    except ImportError as error:
        raise UsageError(
            f'--baselines needs statsforecast ({error}); install it with: pip install "lstmcli[baselines]"'
        ) from None


def statistical_forecaster(name: str) -> Callable[[Array, int, int, tuple[float, ...]], tuple[Array, Array]]:
    """`statistical_forecast` of one model."""
    return partial(statistical_forecast, name)


def statistical_forecast(
    name: str, history: Array, season: int, horizon: int, quantiles: tuple[float, ...]
) -> tuple[Array, Array]:
    """Forecast (horizon,) and values at the quantiles (horizon, quantiles) of one series (n,) by one of
    STATISTICAL_MODELS.

    Missing values are interpolated. Quantiles without a counterpart at 1 - q are not among those
    that the models give.
    """
    model = getattr(_models(), name)(season_length=season)
    widths = sorted({round(100 * abs(1 - 2 * q), 6) for q in quantiles if q != 0.5})
    made = model.forecast(y=_filled(history), h=horizon, level=widths)
    point = np.asarray(made["mean"], np.float64)
    columns = [point if q == 0.5 else _bound(made, q) for q in quantiles]
    return point, np.stack(columns, axis=1)


def _bound(made: dict[str, Any], q: float) -> Array:
    width = round(100 * abs(1 - 2 * q), 6)
    side = "lo" if q < 0.5 else "hi"
    names = (f"{side}-{width}", f"{side}-{width:g}")
    return np.asarray(next(made[name] for name in names if name in made), np.float64)


def _filled(history: Array) -> Array:
    seen = np.flatnonzero(~np.isnan(history))
    return np.interp(np.arange(len(history)), seen, history[seen])
