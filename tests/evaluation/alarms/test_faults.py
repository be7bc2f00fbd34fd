"""Planted faults are found, told by their kind, and kept from later forecasts."""

import numpy as np
import pytest

from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.online import OnlineWatch
from lstmcli.evaluation.alarms.rows import KINDS
from lstmcli.forecasting.one_step import OneStepForecaster

ROWS, AT, SEASON = 1000, 900, 24
WATCH = OnlineWatch(OneStepForecaster(SEASON), AlarmDetector(1 / 2000, SEASON))


@pytest.fixture(scope="module")
def usual():
    """Three series with a daily season and noise, (rows, series)."""
    random = np.random.default_rng(11)
    day = 10 * np.sin(2 * np.pi * np.arange(ROWS)[:, None] / SEASON + np.array([0.0, 1.0, 2.0]))
    return 50 + day + random.normal(size=(ROWS, 3))


@pytest.fixture(scope="module")
def before(usual):
    return WATCH.update(WATCH.start(3), usual[:AT], judge=False)[0]


def found(before, value):
    """First alarm of the first series behind AT, its kind, and what was judged."""
    _, made, judged = WATCH.update(before, value[AT:])
    assert not judged.begins[:, 1:].any()  # the others are as usual
    first = np.flatnonzero(judged.begins[:, 0])
    if not len(first):
        return -1, "", made, judged
    return int(first[0]), KINDS[judged.kind[first[0], 0]], made, judged


def test_nothing_is_found_where_all_is_usual(usual, before):
    assert found(before, usual)[0] == -1


def test_a_single_row(usual, before):
    value = usual.copy()
    value[AT + 7, 0] += 12
    first, kind, made, judged = found(before, value)
    clean = found(before, usual)[2]
    assert (first, kind) == (7, "point")
    assert judged.masked[:, 0].sum() == 1 and judged.masked[7, 0]
    np.testing.assert_allclose(made.expected[8:12, 0], clean.expected[8:12, 0], atol=1.5)


@pytest.mark.parametrize("noise", ["normal", "poisson"])
def test_a_jump_beyond_all_before_is_found_with_the_lowest_budget(noise):
    random = np.random.default_rng(3)
    value = 50.0 + getattr(random, noise)(2.0, size=(692, 4))
    value[690:] += 100
    watch = OnlineWatch(OneStepForecaster(SEASON), AlarmDetector(1 / 8760 / 60, SEASON))
    state, _, _ = watch.update(watch.start(4), value[:690], judge=False)
    _, _, judged = watch.update(state, value[690:])
    assert judged.begins[0].all() and (judged.kind[0] == KINDS.index("point")).all()


@pytest.mark.parametrize("size", [4.0, -6.0])
def test_a_shift(usual, before, size):
    value = usual.copy()
    value[AT + 10 :, 0] += size
    first, kind, _, _ = found(before, value)
    assert 10 <= first <= 20 and kind in ("point", "shift")


def test_a_slow_shift(usual, before):
    value = usual.copy()
    value[AT + 10 :, 0] += 0.25 * np.arange(ROWS - AT - 10)
    first, kind, _, _ = found(before, value)
    assert 10 < first < 60 and kind == "shift"


def test_a_wider_spread(usual, before):
    value = usual.copy()
    value[AT + 10 :, 0] += 3 * np.random.default_rng(5).normal(size=ROWS - AT - 10)
    first, kind, _, _ = found(before, value)
    assert 10 <= first < 30 and kind in ("spread", "point")


@pytest.mark.parametrize("rows", [3, 10, 90])
def test_a_stuck_value(usual, before, rows):
    value = usual.copy()
    value[AT + 10 : AT + 10 + rows, 0] = value[AT + 9, 0]
    first, kind, _, _ = found(before, value)
    assert 10 < first <= 12 and kind == "stuck"


def test_values_that_stay_as_forecast_are_not_stuck():
    night = np.where(np.arange(2000) % 24 < 8, 0.0, np.random.default_rng(1).normal(20, 2, 2000))
    state, _, _ = WATCH.update(WATCH.start(1), night[:1500, None], judge=False)
    _, _, judged = WATCH.update(state, night[1500:, None])
    assert not (judged.kind == KINDS.index("stuck")).any()


WAVES = {
    "flat": lambda t: np.full(len(t), 45.0),
    "square": lambda t: 20.0 + 60 * (t % 96 < 40),
    "saw": lambda t: t % 24.0,
}


@pytest.mark.parametrize("wave", WAVES.values(), ids=WAVES)
def test_no_alarm_without_noise(wave):
    watch = OnlineWatch(OneStepForecaster(96), AlarmDetector(1 / 500, 96))
    value = wave(np.arange(1200))[:, None]
    _, made, judged = watch.update(watch.start(1), value)
    assert not judged.begins[300:].any()
    assert np.abs(made.expected[300:] - value[300:]).mean() < 1


def test_an_alarm_is_told_once_and_ends(usual, before):
    value = usual.copy()
    value[AT + 7 : AT + 12, 0] += 15
    _, _, judged = WATCH.update(before, value[AT:])
    on, begins, ends = (np.flatnonzero(part[:, 0]) for part in (judged.alarm, judged.begins, judged.ends))
    assert len(begins) == len(ends) == 1
    assert on[0] == begins[0] and on[-1] + 1 == ends[0]
