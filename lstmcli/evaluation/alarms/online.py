"""Forecasts and alarms together, row by row: what is judged impossible is hidden from the next forecast."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.rows import ForecastRows, JudgedRows
from lstmcli.forecasting.one_step import OneStepForecaster, OneStepRows, OneStepRun
from lstmcli.series.arrays import Array, Flags, Indices
from lstmcli.series.running import RunningState


@dataclass(frozen=True)
class OnlineState:
    """What both remember."""

    forecasts: RunningState
    alarms: RunningState

    def select(self, series: Indices | Sequence[int]) -> "OnlineState":
        """Some series, in this order."""
        return OnlineState(self.forecasts.select(series), self.alarms.select(series))

    @staticmethod
    def joined(parts: "Sequence[OnlineState]") -> "OnlineState":
        """The series of all parts."""
        return OnlineState(
            RunningState.joined([part.forecasts for part in parts]),
            RunningState.joined([part.alarms for part in parts]),
        )

    @property
    def alarmed(self) -> Flags:
        """(series,) whether an alarm goes on."""
        return np.asarray(self.alarms.arrays["on"], bool)


@dataclass(frozen=True)
class OnlineWatch:
    """The forecaster that needs no model, and a detector of the same season."""

    forecaster: OneStepForecaster
    detector: AlarmDetector

    def start(self, series: int) -> OnlineState:
        """Of series of which nothing is known."""
        return OnlineState(self.forecaster.start(series), self.detector.start(series))

    def update(
        self, state: OnlineState, values: Array, judge: bool = True
    ) -> tuple[OnlineState, OneStepRows, JudgedRows]:
        """The state behind the rows, their forecasts, and what they were judged as.

        values: (rows, series), NaN where missing; judge: as in `AlarmDetector.update`.
        """
        run, alarms = OneStepRun(self.forecaster, state.forecasts), state.alarms.copy()
        made: list[OneStepRows] = []
        judged = JudgedRows.empty(*values.shape)
        for t, row in enumerate(np.asarray(values, np.float64)):
            made.append(OneStepRows(*(part[None] for part in run.expect())))
            self.detector.judge_row(alarms, rows_to_judge(row[None], made[-1]), judged, t, judge)
            run.learn(np.where(judged.masked[t], np.nan, row))
        return OnlineState(run.state, alarms), _joined(made, values.shape[1]), judged


def rows_to_judge(values: Array, made: OneStepRows) -> ForecastRows:
    """Values (rows, series) with their forecasts."""
    return ForecastRows(values, *(getattr(made, name) for name in vars(made)))


def _joined(made: Sequence[OneStepRows], series: int) -> OneStepRows:
    return OneStepRows.joined(made) if made else OneStepRows(*(np.empty((0, series)),) * 6)
