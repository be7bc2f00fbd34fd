"""What one run of `watch` is about."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.jobs.watch.options import WatchOptions
from lstmcli.model_file import Model
from lstmcli.model_file.watch_state import WatchState
from lstmcli.series.panel import Panel


@dataclass(frozen=True)
class WatchTask:
    """pattern  how time stamps are written, None for plain steps
    before   the state of an earlier run, None for a first one
    firsts   (series,) place of the first row that is judged
    rate     of false alarms, per row of one series
    """

    model: Model
    panel: Panel
    options: WatchOptions
    pattern: str | None
    before: WatchState | None
    firsts: NDArray[np.int64]
    rate: float
