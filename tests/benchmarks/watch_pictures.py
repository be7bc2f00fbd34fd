"""Pictures of the alarms on a series: windows that were found or missed, and alarms outside."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

mpl.use("Agg")

from matplotlib.figure import Figure

from lstmcli.evaluation.alarms.nab import WindowAlarms, probation_rows


def draw_alarms(
    path: Path, name: str, times: NDArray[np.datetime64], values: NDArray[np.float64], alarms: WindowAlarms
) -> None:
    """Windows that were found are green, missed ones orange; alarms are lines, those outside red."""
    figure = Figure(figsize=(12, 3), layout="constrained")
    axes = figure.add_subplot()
    axes.plot(times, values, color="0.3", linewidth=0.6)
    axes.axvspan(times[0], times[probation_rows(len(values))], color="0.9")
    for (first, last), alarm in zip(alarms.windows, alarms.first, strict=True):
        axes.axvspan(times[first], times[last], color="tab:green" if alarm >= 0 else "tab:orange", alpha=0.25)
        if alarm >= 0:
            axes.axvline(times[alarm], color="tab:green", linewidth=1.2)
    for row in alarms.false:
        axes.axvline(times[row], color="tab:red", linewidth=1, linestyle="--")
    found = int((alarms.first >= 0).sum())
    axes.set_title(
        f"{name}: {found} of {len(alarms.windows)} windows found, {len(alarms.false)} false alarms"
    )
    figure.savefig(path, dpi=80)
