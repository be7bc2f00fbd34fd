"""The score of the Numenta Anomaly Benchmark, worked by hand."""

import numpy as np
import pytest

from lstmcli.evaluation.alarms.nab import (
    AlarmCosts,
    alarms_in_windows,
    nab_score,
    nab_sum,
    probation_rows,
    window_worth,
)


def worth(y):
    return 2 / (1 + np.exp(5 * y)) - 1


def test_the_curve_of_the_paper():
    # Figure 2 of the paper: 0.9866 at the left edge of a window, 0 at its right, -0.9999 far behind
    np.testing.assert_allclose(
        window_worth(np.array([-1.0, 0.0, 2.0, 5.0])), [0.98661, 0.0, -0.9999, -1], atol=1e-4
    )


def test_a_window_has_the_worth_of_its_first_alarm():
    found = alarms_in_windows(np.array([[10, 19]]), np.array([14, 12, 18]))
    assert found.first.tolist() == [12] and found.late.tolist() == [2] and not len(found.false)
    assert nab_sum(found) == pytest.approx(worth(-0.8) / worth(-1))


def test_alarms_outside_cost_more_the_further_behind_a_window():
    windows = np.array([[10, 19], [50, 60]])
    found = alarms_in_windows(windows, np.array([3, 22, 49, 70]))
    assert found.false.tolist() == [3, 22, 49, 70]
    curve = -1 + worth(3 / 9) - 1 + worth(10 / 10)  # row 49 is more than three lengths behind
    assert nab_sum(found) == pytest.approx(0.11 * curve - 2)


def test_probation():
    assert probation_rows(4032) == 604 and probation_rows(22695) == 750
    found = alarms_in_windows(np.zeros((0, 2)), np.array([5, 604]), probation_rows(4032))
    assert found.false.tolist() == [604] and nab_sum(found) == pytest.approx(-0.11)


def test_score_is_between_silence_and_perfection():
    windows = np.array([[10, 19], [40, 49]])
    none = alarms_in_windows(windows, np.array([], int))
    all_found = alarms_in_windows(windows, windows[:, 0])
    one = alarms_in_windows(windows, np.array([40]))
    assert nab_score([none, none]) == 0
    assert nab_score([all_found]) == pytest.approx(100)
    assert nab_score([all_found, one]) == pytest.approx(75)
    assert nab_score([one], AlarmCosts(missed=2.0)) == pytest.approx(50)


def test_nothing_to_find_has_no_score():
    with pytest.raises(ValueError, match="window"):
        nab_score([alarms_in_windows(np.zeros((0, 2)), np.array([3]))])
