"""Forecasts time series with a recurrent network whose gates can be seen.

    import lstmcli

    model = lstmcli.train(frame, horizon=24)      # of pandas, Polars or Arrow, or a path
    model.save("model.safetensors")
    lstmcli.load("model.safetensors").predict(frame, levels=[80])
    lstmcli.builtin().predict(frame)              # without training

Importing it loads none of the large libraries.
"""

from typing import TYPE_CHECKING, Any

from lstmcli import errors
from lstmcli._version import __version__

if TYPE_CHECKING:
    from lstmcli.jobs.python import (
        Backtest,
        Check,
        Forecaster,
        Gates,
        Picture,
        Tuned,
        UntrainedForecaster,
        builtin,
        check,
        impute,
        load,
        train,
        tune,
    )

__all__ = [
    "Backtest",
    "Check",
    "Forecaster",
    "Gates",
    "Picture",
    "Tuned",
    "UntrainedForecaster",
    "__version__",
    "builtin",
    "check",
    "errors",
    "impute",
    "load",
    "train",
    "tune",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lstmcli.jobs import python as api

    return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
