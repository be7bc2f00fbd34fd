"""What is known of numbered series, one row after another."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.online import OnlineState, OnlineWatch, rows_to_judge
from lstmcli.evaluation.alarms.rows import JudgedRows
from lstmcli.evaluation.alarms.told import ToldRows, without_untold
from lstmcli.forecasting.one_step import OneStepForecaster
from lstmcli.jobs.follow.arrival import Arrival
from lstmcli.jobs.watch.judging import groups_of, told_rows
from lstmcli.series.arrays import Indices


class OnlineSeries:
    """state: of the series so far, by number; it is changed. No panel is built for a row: what is remembered
    of its series is all that is looked at. told: (series,) whether somebody was told of an alarm that goes
    on; where nobody was, its end is not told either."""

    def __init__(
        self, forecaster: OneStepForecaster, state: OnlineState, told: NDArray[np.bool_] | None = None
    ) -> None:
        self._forecaster, self._state = forecaster, state
        untold = state.alarmed if told is None else state.alarmed & ~told
        self._untold = set(np.flatnonzero(untold).tolist())

    def known(self, count: int) -> OnlineState:
        """Of the first series; a copy."""
        return self._state.select(np.arange(count))

    def untold(self, count: int) -> NDArray[np.bool_]:
        """(count,) whether an alarm goes on that nobody was told of."""
        return np.isin(np.arange(count), list(self._untold)) & self._state.alarmed[:count]

    @property
    def forecaster(self) -> OneStepForecaster:
        return self._forecaster

    def judged(self, arrivals: Sequence[Arrival], rate: float) -> ToldRows:
        """A row for each arrival, in their order. rate: of false alarms, per row of one series."""
        detector = AlarmDetector(rate, self._forecaster.season)
        online = OnlineWatch(self._forecaster, detector)
        parts, order = [], []
        for wave in in_waves(arrivals):
            steps = np.array([arrivals[place].steps for place in wave])
            for group in groups_of(steps):
                chosen = [wave[k] for k in group]
                order += chosen
                parts.append(self._judged_together(online, [arrivals[place] for place in chosen]))
        self._untold.difference_update(row.number for row in arrivals if not row.steps)
        if not parts:
            return ToldRows.bare(np.zeros(0, np.int64), np.zeros(0, "datetime64[us]"), "", "")
        return without_untold(ToldRows.joined(parts).select(np.argsort(order)), self._untold)

    def _judged_together(self, online: OnlineWatch, rows: Sequence[Arrival]) -> ToldRows:
        """Rows of different series, as many steps after the newest of each. Those left out are missing."""
        numbers, steps = np.array([row.number for row in rows]), rows[0].steps
        self._make_room(online, int(numbers.max()))
        start = self._state.select(numbers) if steps else online.start(len(rows))
        values = np.full((max(steps, 1), len(rows)), np.nan)
        values[-1] = [row.value for row in rows]
        after, made, found = online.update(start, values)
        self._put(numbers, after)
        last = JudgedRows(*(part[-1:] for part in vars(found).values()))
        times = np.array([row.time for row in rows])[None]
        return told_rows(rows_to_judge(values, made).part(len(values) - 1), last, numbers, times)

    def _put(self, numbers: Indices, part: OnlineState) -> None:
        for whole, new in (
            (self._state.forecasts.arrays, part.forecasts.arrays),
            (self._state.alarms.arrays, part.alarms.arrays),
        ):
            for name, values in new.items():
                whole[name][numbers] = values

    def _make_room(self, online: OnlineWatch, number: int) -> None:
        known = len(self._state.forecasts)
        if number >= known:
            more = online.start(max(number + 1 - known, known))
            self._state = OnlineState.joined([self._state, more])


def in_waves(arrivals: Sequence[Arrival]) -> Iterator[list[int]]:
    """Places of arrivals, those of different series together, those of one series one after another."""
    seen: dict[int, int] = {}
    waves: list[list[int]] = []
    for place, arrival in enumerate(arrivals):
        wave = seen[arrival.number] = seen.get(arrival.number, -1) + 1
        if wave == len(waves):
            waves.append([])
        waves[wave].append(place)
    yield from waves
