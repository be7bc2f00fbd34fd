"""Rows beside what was expected of them one step before, and what the detector makes of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.online import OnlineState, OnlineWatch, rows_to_judge
from lstmcli.evaluation.alarms.rows import KINDS, ForecastRows, JudgedRows
from lstmcli.evaluation.alarms.told import AGAIN, BEGINS, ENDS, GOES_ON, ToldRows
from lstmcli.forecasting.one_step import OneStepForecaster
from lstmcli.forecasting.rounded import round_values
from lstmcli.model_file import Model
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.calendar import Times, advance
from lstmcli.series.panel import Panel

LEARNED = 1024  # rows before those that are judged that are looked at where nothing is known of them


@dataclass(frozen=True)
class Judge:
    """Judges the series of a panel by what the forecaster expected of each row.

    The forecaster and not a network expects: one step ahead its error was a quarter smaller than that of the
    built-in network on M4 Hourly, at a hundredth of the time (docs/accuracy.md).
    """

    detector: AlarmDetector
    forecaster: OneStepForecaster
    panel: Panel

    @property
    def _online(self) -> OnlineWatch:
        return OnlineWatch(self.forecaster, self.detector)

    def learned(self, series: Indices, firsts: Indices) -> OnlineState:
        """The state before `firsts`, (series,): from the rows before.

        An alarm that began in these rows goes on, and does not begin with the first row that is judged.
        """
        values = self._values(series, firsts, np.minimum(firsts, LEARNED))
        return self._online.update(self._online.start(len(series)), values)[0]

    def behind_gaps(self, state: OnlineState, rows: Indices) -> OnlineState:
        """The state after so many rows (series,) that are left out.

        All series with a gap go through it together, those with a shorter one from a later row on.
        """
        gaps = np.minimum(rows, LEARNED)
        ends = np.unique(np.append(gaps, 0))[::-1]
        for longer, shorter in pairwise(ends.tolist()):
            group, rest = np.flatnonzero(gaps >= longer), np.flatnonzero(gaps < longer)
            empty = np.full((longer - shorter, len(group)), np.nan)
            after = self._online.update(state.select(group), empty)[0]
            order = np.argsort(np.concatenate([rest, group]))
            state = OnlineState.joined([state.select(rest), after]).select(order)
        return state

    def judged(self, state: OnlineState, series: Indices, firsts: Indices) -> tuple[OnlineState, ToldRows]:
        """The state behind the last rows, and all rows from `firsts` on, of series with as many of them."""
        ends = self.panel.lengths[series]
        values = self._values(series, ends, ends - firsts)
        after, made, found = self._online.update(state, values)
        return after, self._told(rows_to_judge(values, made), found, series, firsts)

    def _values(self, series: Indices, ends: Indices, counts: Indices) -> Array:
        """(rows, series) the last `counts` values before `ends`, those of each series at the bottom."""
        rows = int(counts.max(initial=0))
        places = ends + np.arange(-rows, 0)[:, None]
        known = np.arange(-rows, 0)[:, None] >= -counts
        flat = np.where(known, self.panel.offsets[series] + places, 0)
        return np.where(known, self.panel.values[flat], np.nan)

    def _told(self, rows: ForecastRows, found: JudgedRows, series: Indices, firsts: Indices) -> ToldRows:
        """All rows, series by series."""
        places = firsts + np.arange(len(rows.value))[:, None]
        starts = np.broadcast_to(self.panel.starts[series], places.shape)
        times = advance(starts.ravel(), self.panel.step, places.ravel()).reshape(places.shape)
        return told_rows(rows, found, series, times)


def told_rows(rows: ForecastRows, found: JudgedRows, series: Indices, times: Times) -> ToldRows:
    """Judged rows (rows, series), series by series; series: their numbers; times: (rows, series)."""
    count = len(rows.value)
    column, row = np.repeat(np.arange(len(series)), count), np.tile(np.arange(count), len(series))
    here = row, column
    alarm = np.where(found.alarm[here], GOES_ON, "").astype(object)
    for told, word in ((found.further, AGAIN), (found.begins, BEGINS), (found.ends, ENDS)):
        alarm[told[here]] = word
    lowest = np.where(np.isnan(found.lower[here]), -np.inf, found.lower[here])
    expected = np.maximum(rows.expected[here], lowest)  # the bounds are kept at zero where values are
    expected, lower, upper = _rounded(expected, found.lower[here], found.upper[here])
    return ToldRows(
        series=series[column],
        time=times[here],
        value=np.asarray(rows.value[here], np.float64),
        expected=expected,
        lower=lower,
        upper=upper,
        p=found.p[here],
        kind=np.array(KINDS, object)[found.kind[here]],
        alarm=alarm,
    )


def forecaster_for(model: Model) -> OneStepForecaster:
    """With the seasons of a model."""
    network = model.network
    season = max(network.shape.season, 1)
    second = network.mix.second if network.mix else season
    return OneStepForecaster(season, max(second, season))


def groups_of(counts: Indices) -> Iterator[Indices]:
    """The places of series with as many rows, together."""
    for count in np.unique(counts):
        yield np.flatnonzero(counts == count)


def _rounded(expected: Array, lower: Array, upper: Array) -> list[NDArray[np.float64]]:
    """Without digits that are noise beside the width of the bounds."""
    shown = np.stack([expected, lower, upper], axis=-1).astype(np.float64)
    known = np.isfinite(shown).all(axis=-1)
    shown[known] = round_values(shown[known][:, None, :])[:, 0]
    shown[~known, 0] = [float(f"{value:.7g}") for value in shown[~known, 0].tolist()]
    return [shown[:, place] for place in range(3)]
