"""What is known of series of which rows were left out between two runs of `watch`."""

import numpy as np
import pytest

from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.online import OnlineState, OnlineWatch
from lstmcli.forecasting.one_step import OneStepForecaster
from lstmcli.jobs.watch import judging
from lstmcli.jobs.watch.judging import Judge


@pytest.fixture
def judge():
    return Judge(AlarmDetector(0.001, 7), OneStepForecaster(7, 7), panel=None)


def known(judge, series):
    values = 10 + np.random.default_rng(1).normal(size=(60, series))
    return judge._online.update(judge._online.start(series), values)[0]


def as_arrays(state: OnlineState):
    return [*state.forecasts.arrays.values(), *state.alarms.arrays.values()]


def test_each_series_goes_through_its_own_gap(judge, monkeypatch):
    monkeypatch.setattr(judging, "LEARNED", 20)
    rows = np.array([3, 0, 25, 1, 3, 2**61])
    state, one_row = known(judge, len(rows)), np.full((1, 1), np.nan)
    found = as_arrays(judge.behind_gaps(state, rows))
    for number, count in enumerate(rows.tolist()):
        alone = state.select(np.array([number]))
        for _ in range(min(count, 20)):
            alone = judge._online.update(alone, one_row)[0]
        for part, wanted in zip(found, as_arrays(alone), strict=True):
            np.testing.assert_array_equal(part[number], wanted[0])


def test_gaps_of_many_lengths_take_no_longer_than_the_longest(judge, monkeypatch):
    state, updated = known(judge, 300), []
    update = OnlineWatch.update

    def counted(self, state, values, judge=True):
        updated.append(len(values))
        return update(self, state, values, judge)

    monkeypatch.setattr(OnlineWatch, "update", counted)
    judge.behind_gaps(state, np.arange(300) + 10)
    assert sum(updated) == 309
