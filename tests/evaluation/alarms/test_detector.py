"""From forecast errors to alarms."""

import numpy as np
import pytest

from lstmcli.evaluation.alarms import errors
from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.online import OnlineWatch
from lstmcli.evaluation.alarms.rows import KINDS, ForecastRows
from lstmcli.forecasting.one_step import OneStepForecaster
from lstmcli.series.running import RunningState


def rows_of(value, expected=0.0, half=1.0):
    value = np.asarray(value, float)
    expected = np.broadcast_to(expected, value.shape).astype(float)
    return ForecastRows(value, expected, expected - half, expected + half)


def noise(rows, series, seed=3):
    return np.random.default_rng(seed).normal(size=(rows, series))


def same(judged, others):
    for name in vars(judged):
        np.testing.assert_array_equal(getattr(judged, name), getattr(others, name), name)


def test_blocks_of_any_length_give_the_same():
    value = noise(200, 3)
    value[150:153, 1] += 30
    value[20:25, 2] = np.nan
    detector = AlarmDetector(0.002)
    whole, judged = detector.update(detector.start(3), rows_of(value))
    state, begins = detector.start(3), []
    for part in np.split(value, [1, 2, 60, 151, 152]):
        state, one = detector.update(state, rows_of(part))
        begins.append(one.begins)
    np.testing.assert_array_equal(np.concatenate(begins), judged.begins)
    for name, array in whole.arrays.items():
        np.testing.assert_array_equal(array, state.arrays[name], name)
    assert judged.begins[150, 1] and KINDS[judged.kind[150, 1]] == "point" and judged.masked[150, 1]


def test_state_goes_through_a_file(tmp_path):
    detector = AlarmDetector(0.01, season=24)
    state, _ = detector.update(detector.start(2), rows_of(noise(100, 2)))
    np.savez(tmp_path / "state.npz", **state.arrays)
    with np.load(tmp_path / "state.npz") as file:
        again = RunningState(dict(file))
    other = AlarmDetector.of_settings(detector.settings())
    more = rows_of(noise(50, 2, 7) * 2)
    same(detector.update(state, more)[1], other.update(again, more)[1])


def test_series_can_turn_and_come():
    detector = AlarmDetector(0.01)
    value = noise(100, 3)
    state, _ = detector.update(detector.start(3), rows_of(value))
    more = noise(20, 3, 9) * 3
    _, wanted = detector.update(state, rows_of(more))
    turned = RunningState.joined([state.select([2, 0]), detector.start(1)])
    _, found = detector.update(turned, rows_of(more[:, [2, 0, 1]]))
    np.testing.assert_array_equal(found.p[:, :2], wanted.p[:, [2, 0]])
    assert np.isnan(found.p[:, 2]).all() and len(turned) == 3


def test_the_given_state_stays():
    detector = AlarmDetector(0.01)
    state = detector.start(1)
    kept = state.copy()
    detector.update(state, rows_of(noise(50, 1)))
    for name, array in kept.arrays.items():
        np.testing.assert_array_equal(array, state.arrays[name])


def test_bounds_hold_all_but_the_budget():
    detector = AlarmDetector(0.01)
    value = noise(1000, 20)
    state, _ = detector.update(detector.start(20), rows_of(value, 5.0, 2.0))
    _, found = detector.update(state, rows_of(noise(1000, 20, 8) + 5.0, 5.0, 2.0))
    outside = (noise(1000, 20, 8) + 5.0 > found.upper) | (noise(1000, 20, 8) + 5.0 < found.lower)
    assert 0.007 < outside.mean() < 0.014


def test_the_sure_rate_falls_with_the_rows_that_are_known():
    detector = AlarmDetector(0.002)
    value = noise(200, 2)
    value[:50, 1] = np.nan
    state, _ = detector.update(detector.start(2), rows_of(value))
    np.testing.assert_allclose(detector.sure_rate(state), [1 / 200, 1 / 150])


def test_missing_values_are_not_judged():
    detector = AlarmDetector(0.01)
    state, _ = detector.update(detector.start(1), rows_of(noise(100, 1)))
    _, found = detector.update(state, rows_of([[np.nan], [50.0]]))
    assert np.isnan(found.p[0, 0]) and not found.alarm[0, 0] and found.begins[1, 0]


def test_arrays_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="expected"):
        ForecastRows(np.zeros((2, 1)), np.zeros((2, 2)), np.zeros((2, 1)), np.zeros((2, 1)))


def test_the_grain_is_that_of_the_values():
    values = [[41.0, 0.0, 17.5, -3.25, 1e12, np.nan], [39, 1, 17.1, 0.1, 5, 2], [41, -4, 17, 1 / 3, 5, 0.007]]
    grain = np.ones(6)
    for row in values:
        grain = errors._finer(grain, np.array(row))
    assert grain == pytest.approx([1, 1, 0.1, 0, 1, 0.001])


def test_whole_numbers_that_stand_still_are_judged_by_steps_of_one():
    """Disks that stand at 41 and once moved by one: another step of one is none, a jump is an alarm."""
    value = np.full((700, 4), 41.0)
    value[100:, :2] += 1
    value[300:, 0] -= 1
    value[600:, 1:3] += [[9, 4]]
    watch = OnlineWatch(OneStepForecaster(24), AlarmDetector(1 / (8760 * 60), 24))
    state = watch.start(4)
    begins, steps = [], []
    for row in value:
        state, _, judged = watch.update(state, row[None])
        begins.append(judged.begins[0])
        steps.append(state.alarms.arrays["total"][:, 0, 0])
    assert np.argwhere(np.array(begins)[200:]).tolist() == [[400, 1], [400, 2]]
    assert np.array(steps)[500].max() < 5  # the sum of all sizes so far, in steps of one
