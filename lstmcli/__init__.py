"""Forecasts time series with a recurrent network whose gates can be seen.

    import lstmcli

    model = lstmcli.train(frame, horizon=24)      # a pandas DataFrame
    model.save("model.safetensors")
    lstmcli.load("model.safetensors").forecast(frame, levels=[80])
    lstmcli.builtin().forecast(frame)             # without training

Importing it loads none of the large libraries.
"""

from typing import TYPE_CHECKING, Any

from lstmcli import errors
from lstmcli._version import __version__

if TYPE_CHECKING:
    from lstmcli.jobs.python import Forecaster, UntrainedForecaster, builtin, load, train

__all__ = ["Forecaster", "UntrainedForecaster", "__version__", "builtin", "errors", "load", "train"]


def __getattr__(name: str) -> Any:
    if name not in ("Forecaster", "UntrainedForecaster", "builtin", "load", "train"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lstmcli.jobs import python as api

    return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
