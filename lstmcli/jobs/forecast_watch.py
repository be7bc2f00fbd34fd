"""`predict --fail-on`: which series of a forecast meet the condition, block by block."""

from collections.abc import Callable
from typing import Any

import numpy as np

from lstmcli.errors import ConditionFailed
from lstmcli.errors.findings import plural
from lstmcli.errors.foreign import shown
from lstmcli.forecasting.conditions import Crossing, ForecastCondition
from lstmcli.forecasting.paths import PathMaker
from lstmcli.jobs.sample_paths import OF_CHANCES
from lstmcli.series.calendar import advance
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel
from lstmcli.tables.write.times import format_stamps

_TOLD = 5  # series that are named at most


class ForecastWatch:
    """Judges blocks of series in their order, and keeps nothing of them but a few lines.

    panel    all series, with the rows that are known ahead
    pattern  how time stamps are written
    target   what a series without a name is called
    tell     receives "crossing" and series, at, probability, ever, message of every series for which it holds
    chance   draws the paths for the probability of ever crossing; None where none is told
    """

    def __init__(
        self,
        condition: ForecastCondition,
        panel: Panel,
        pattern: str | None,
        target: str,
        tell: Callable[..., None] | None = None,
        chance: PathMaker | None = None,
    ) -> None:
        self._condition, self._panel, self._pattern = condition, panel, pattern
        self._target, self._tell, self._chance = target, tell, chance
        self._seen = self._failed = 0
        self._lines: list[str] = []

    def see(self, made: Forecast) -> None:
        """Judges the next series. made: with the quantiles of the model."""
        for series in np.flatnonzero(self._condition.holds(made, self._panel, self._seen)).tolist():
            self._failed += 1
            if self._tell is not None or len(self._lines) < _TOLD:
                self._found(made, series)
        self._seen += len(made.keys)

    def _found(self, made: Forecast, series: int) -> None:
        crossing = self._condition.crossing(made, self._panel, series, self._seen, self._chance)
        name = self._panel.exact_name(self._seen + series) or self._target
        at = None if crossing.step is None else self._time(made, series, crossing.step)
        line = f"{shown(name)}: {_told(crossing, at)}"
        if len(self._lines) < _TOLD:
            self._lines.append(line)
        if self._tell is not None:
            chances = {"probability": _rounded(crossing.probability), "ever": _rounded(crossing.ever)}
            self._tell("crossing", series=name, at=at, **chances, message=line)

    def _time(self, made: Forecast, series: int, step: int) -> Any:
        stamp = advance(made.starts[series : series + 1], made.step, step)
        (written,) = np.asarray(format_stamps(stamp, self._pattern)).tolist()
        return written

    def check(self) -> None:
        """Raises ConditionFailed, with a line for each of the first series, where it held for any."""
        if not self._failed:
            return
        count, more = plural(self._seen, "series", "series"), self._failed - len(self._lines)
        many = f" for {self._failed:,} of {count}" if self._seen > 1 else ""
        head = f"--fail-on {self._condition.condition.text!r} holds{many}:"
        last = [f"and {more:,} more; --log-json tells all"] if more else []
        raise ConditionFailed("\n".join([head, *self._lines, *last]))


def _told(crossing: Crossing, at: Any) -> str:
    when = ""
    if at is not None:
        when = f" at {at}" if crossing.last else f" from {at} on" if crossing.stays else f" first at {at}"
    if crossing.probability is None:
        return f"{crossing.words}{when}"
    bound = {"<": "less than ", ">": "more than "}.get(crossing.bound, "")
    ever = "" if crossing.ever is None else f", {_percent(crossing.ever)} within the horizon"
    return f"{crossing.words}{when}, {bound}{100 * crossing.probability:.3g} % at that step{ever}"


def _percent(share: float) -> str:
    """Of a share of paths: none, or all of them, is no certainty."""
    least = 1 / OF_CHANCES
    if share < least:
        return f"less than {100 * least:.2g} %"
    return f"more than {100 - 100 * least:.4g} %" if share > 1 - least else f"{100 * share:.3g} %"


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, 4)
