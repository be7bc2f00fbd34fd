"""lstmcli from Python: `lstmcli.load`, `train`, `builtin`, `check`, `impute` and `tune`, with tables in
and out.

`data` -> given -> ModelData -> the jobs of the commands -> results, in the kind of frame that came in. The
same stages as the commands, and the same numbers. Only `train` and `tune` import PyTorch.
"""

from lstmcli.jobs.python.forecaster import Forecaster
from lstmcli.jobs.python.front import builtin, check, load, train, tune
from lstmcli.jobs.python.imputed import impute
from lstmcli.jobs.python.results import Backtest, Check, Gates, Picture, Tuned
from lstmcli.jobs.python.untrained import UntrainedForecaster

__all__ = [
    "Backtest",
    "Check",
    "Forecaster",
    "Gates",
    "Picture",
    "Tuned",
    "UntrainedForecaster",
    "builtin",
    "check",
    "impute",
    "load",
    "train",
    "tune",
]
