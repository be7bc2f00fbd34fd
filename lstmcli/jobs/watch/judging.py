"""Rows beside what was expected of them one step before, and what the detector makes of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.online import OnlineState, OnlineWatch, forecast_rows
from lstmcli.evaluation.alarms.rows import KINDS, ForecastRows, JudgedRows
from lstmcli.evaluation.alarms.told import AGAIN, BEGINS, ENDS, GOES_ON, ToldRows
from lstmcli.forecasting.forecast import forecast_at_origins
from lstmcli.forecasting.intervals import normal_quantiles
from lstmcli.forecasting.one_step import OneStepForecaster, OneStepRows
from lstmcli.forecasting.rounded import round_values
from lstmcli.model_file import Model
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.calendar import Times, advance
from lstmcli.series.panel import Panel

LEARNED = 1024  # rows before those that are judged that are looked at where nothing is known of them
FEWEST = 100  # errors of a model file that are enough
_LEAST_HISTORY = 8  # values before a row that a model forecasts
_MASKINGS = 50  # times that forecasts are made again without values that are impossible
_WINDOWS = 2048  # that a model forecasts at once


@dataclass(frozen=True)
class Judge:
    """Judges series: a trained model expects, else the forecaster. panel: all that may be looked at,
    with values that were found impossible as missing ones."""

    model: Model
    detector: AlarmDetector
    forecaster: OneStepForecaster
    panel: Panel

    @property
    def _online(self) -> OnlineWatch:
        return OnlineWatch(self.forecaster, self.detector)

    def learned(self, series: Indices, firsts: Indices) -> OnlineState:
        """The state before `firsts`, (series,): from the rows before, and the errors that the model keeps.

        An alarm that began in these rows goes on, and does not begin with the first row that is judged.
        """
        if not self.model.network.is_trained:
            return self.learned_online(series, firsts)
        values = self._values(series, firsts, np.minimum(firsts, LEARNED))
        start = self._online.start(len(series))
        forecasts, made = self.forecaster.update(start.forecasts, values)
        kept = self._kept_errors(len(series))
        if kept is not None:  # not in the order of one series: no alarm of it goes on
            return OnlineState(forecasts, self.detector.update(start.alarms, kept, judge=False)[0])
        rows = self._by_model(series, firsts, values, made)
        return OnlineState(forecasts, self.detector.update(start.alarms, rows)[0])

    def learned_online(self, series: Indices, firsts: Indices) -> OnlineState:
        """The same from what the forecaster expected of these rows, whichever the model is."""
        values = self._values(series, firsts, np.minimum(firsts, LEARNED))
        return self._online.update(self._online.start(len(series)), values)[0]

    def judged(
        self, state: OnlineState, series: Indices, firsts: Indices
    ) -> tuple[OnlineState, ToldRows, "Judge"]:
        """The state behind the last rows, and all rows from `firsts` on, of series that have as many of them;
        and the judge that does not see what was found impossible."""
        ends = self.panel.lengths[series]
        values = self._values(series, ends, ends - firsts)
        if self.model.network.is_trained:
            return self._judged_by_model(state, series, firsts, values)
        after, made, found = self._online.update(state, values)
        row, column = np.nonzero(found.masked)
        judge = self._without(series[column], firsts[column] + row)
        return after, self._told(forecast_rows(values, made), found, series, firsts), judge

    def _judged_by_model(
        self, state: OnlineState, series: Indices, firsts: Indices, given: Array
    ) -> tuple[OnlineState, ToldRows, "Judge"]:
        judge, ends = self, self.panel.lengths[series]
        masked = np.zeros(given.shape, bool)
        for _ in range(_MASKINGS):
            forecasts, made = self.forecaster.update(state.forecasts, np.where(masked, np.nan, given))
            rows = judge._by_model(series, ends, given, made)
            after, found = self.detector.update(state.alarms, rows)
            fresh = found.masked & ~masked
            if not fresh.any():
                break
            # What was forecast behind the first of them was forecast from it.
            columns = np.flatnonzero(fresh.any(axis=0))
            first = fresh[:, columns].argmax(axis=0)
            masked[first, columns] = True
            judge = judge._without(series[columns], firsts[columns] + first)
        return OnlineState(forecasts, after), self._told(rows, found, series, firsts), judge

    def _kept_errors(self, series: int) -> ForecastRows | None:
        """The errors one step ahead in validation, of all series together in order of time, as rows of each
        series; None where the model keeps too few."""
        if self.model.errors is None:
            return None
        order = np.argsort(self.model.errors.places[:, 1], kind="stable")
        errors = self.model.errors.standardised[order, 0].astype(np.float64)
        errors = errors[~np.isnan(errors)]
        if len(errors) < FEWEST:
            return None
        reach = float(normal_quantiles(self.model.network.arch.quantiles)[-1])
        value = np.repeat(errors[:, None], series, axis=1)
        even = np.zeros_like(value)
        return ForecastRows(value, even, even - reach, even + reach)

    def _without(self, series: Indices, places: Indices) -> "Judge":
        values = self.panel.values.copy()
        values[self.panel.offsets[series] + places] = np.nan
        return replace(self, panel=replace(self.panel, values=values))

    def _values(self, series: Indices, ends: Indices, counts: Indices) -> Array:
        """(rows, series) the last `counts` values before `ends`, those of each series at the bottom."""
        rows = int(counts.max(initial=0))
        places = ends + np.arange(-rows, 0)[:, None]
        known = np.arange(-rows, 0)[:, None] >= -counts
        flat = np.where(known, self.panel.offsets[series] + places, 0)
        return np.where(known, self.panel.values[flat], np.nan)

    def _by_model(self, series: Indices, ends: Indices, values: Array, made: OneStepRows) -> ForecastRows:
        """Values (rows, series) that end before `ends`, with the median and the outer quantiles of the model;
        made: what the season says of them."""
        places = ends + np.arange(-len(values), 0)[:, None]
        row, column = np.nonzero(places >= _LEAST_HISTORY)
        parts = []
        for at in range(0, len(row), _WINDOWS):
            here = row[at : at + _WINDOWS], column[at : at + _WINDOWS]
            forecast = forecast_at_origins(self.model.network, self.panel, series[here[1]], places[here])
            parts.append(forecast[:, 0])
        quantiles = self.model.network.arch.quantiles
        shown = quantiles.index(0.5), 0, len(quantiles) - 1
        found = np.full((3, *values.shape), np.nan)
        if parts:
            found[:, row, column] = np.concatenate(parts)[:, shown].T
        season = made.season_expected, made.season_lower, made.season_upper
        return ForecastRows(values, found[0], found[1], found[2], *season)

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
    expected, lower, upper = _rounded(rows.expected[here], found.lower[here], found.upper[here])
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
    return [shown[:, place] for place in range(3)]
