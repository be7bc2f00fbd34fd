"""Windows and their scaling, on small panels whose every number can be checked by eye."""

import numpy as np
import pytest
from builders import NAN, START, panel_of

from lstmcli.errors import DataError
from lstmcli.series.horizon_rows import check_future_rows
from lstmcli.windows.cut import WindowSpec, cut_windows, window_rows
from lstmcli.windows.scaling import Scaling, Standardisation

PLAIN = Scaling("none", "mean", Standardisation(), Standardisation())


def windows_of(panel, series, origins, shape, scaling=PLAIN):
    rows = window_rows(panel, scaling, shape)
    return cut_windows(rows, np.array(series), np.array(origins), shape, scaling)


def test_context_target_and_baseline_of_a_window():
    panel = panel_of([9.0] * 5, np.arange(10.0))
    shape = WindowSpec(context=4, horizon=3, baselines=("seasonal", "last", "none"), season=2, calendar=False)
    made = windows_of(panel, [1], [6], shape)
    # Context 2 3 4 5: mean 3.5, standard deviation sqrt(1.25), change over a season 2.
    scale = 0.5 * (np.sqrt(1.25) + 2)
    assert made.scale.location.tolist() == [[3.5]]
    assert made.scale.scale[0, 0] == pytest.approx(scale)
    assert made.context[0] * scale + 3.5 == pytest.approx([2, 3, 4, 5])
    assert made.target[0] * scale + 3.5 == pytest.approx([6, 7, 8])
    back = made.baselines[0] * scale + 3.5
    assert back[:, 0] == pytest.approx([4, 5, 4])
    assert back[:, 1] == pytest.approx([5, 5, 5])
    assert back[:, 2] == pytest.approx([3.5, 3.5, 3.5])


def test_a_profile_is_the_mean_season_at_the_level_of_the_last():
    panel = panel_of([99.0, 1.0, 5.0, 3.0, 11.0, 8.0, 10.0])
    shape = WindowSpec(
        context=7, horizon=5, baselines=("profile", "lag3", "seasonal"), season=2, calendar=False
    )
    made = windows_of(panel, [0], [7], shape)
    back = made.scale.undo(made.baselines)[0]
    # Seasons 1 5, 3 11, 8 10: their mean is 4 and 8.67, the level of the last is 9.
    low, high = 9 + np.array([4, 26 / 3]) - (4 + 26 / 3) / 2
    assert back[:, 0] == pytest.approx([low, high, low, high, low])
    assert back[:, 1] == pytest.approx([11, 8, 10, 11, 8])
    assert back[:, 2] == pytest.approx([8, 10, 8, 10, 8])


def test_a_profile_leaves_out_what_is_missing():
    panel = panel_of([1.0, 5.0, NAN, 7.0, 2.0, NAN])
    shape = WindowSpec(context=6, horizon=2, baselines=("profile",), season=2, calendar=False)
    back = windows_of(panel, [0], [6], shape)
    # Phases 1 2 and 5 7 have the means 1.5 and 6; of the last season only 2 is known.
    assert back.scale.undo(back.baselines)[0, :, 0] == pytest.approx([2 - 2.25, 2 + 2.25])


def test_drift_goes_on_with_half_the_slope():
    panel = panel_of([NAN, 2.0, NAN, 8.0, 11.0, NAN])
    shape = WindowSpec(context=6, horizon=3, baselines=("drift",), season=1, calendar=False)
    made = windows_of(panel, [0], [6], shape)
    # From 2 to 11 in three steps: half of 3 a step, from the last known value.
    assert made.scale.undo(made.baselines)[0, :, 0] == pytest.approx([12.5, 14, 15.5])


def test_a_window_reaches_neither_before_nor_past_its_own_series():
    panel = panel_of([100.0, 200.0], [1.0, 2.0, 3.0], [700.0] * 4)
    shape = WindowSpec(context=4, horizon=2, baselines=("last",), season=1, calendar=False)
    made = windows_of(panel, [1], [2], shape)
    assert made.missing.tolist() == [[True, True, False, False]]
    assert made.context[0, :2].tolist() == [0, 0]
    assert made.scale.undo(made.target)[0] == pytest.approx([3, NAN], nan_ok=True)


def test_missing_values_are_flagged_and_left_out_of_the_scale():
    panel = panel_of([1.0, NAN, 3.0, 5.0])
    shape = WindowSpec(context=4, horizon=1, baselines=("last",), season=1, calendar=False)
    made = windows_of(panel, [0], [4], shape)
    assert made.missing.tolist() == [[False, True, False, False]]
    assert made.scale.location.tolist() == [[3.0]]
    assert made.scale.scale[0, 0] == pytest.approx(0.5 * (np.std([1, 3, 5]) + 2))


@pytest.mark.parametrize(("location", "expected"), [("mean", 2.5), ("last", 4.0), ("season", 3.5)])
def test_the_location_of_a_window(location, expected):
    panel = panel_of([1.0, 2.0, 3.0, 4.0])
    shape = WindowSpec(context=4, horizon=1, baselines=("none",), season=2, calendar=False)
    made = windows_of(panel, [0], [4], shape, Scaling("none", location, Standardisation(), Standardisation()))
    assert made.scale.location[0, 0] == expected


def test_a_logarithm_is_undone():
    panel = panel_of([1.0, 10.0, 100.0, 1000.0])
    shape = WindowSpec(context=3, horizon=1, baselines=("last",), season=1, calendar=False)
    scaling = Scaling("log", "mean", Standardisation(), Standardisation())
    made = windows_of(panel, [0], [3], shape, scaling)
    assert scaling.restore(made.scale.undo(made.target)) == pytest.approx(np.array([[1000.0]]))


def test_constant_series_are_not_divided_by_zero():
    shape = WindowSpec(context=4, horizon=2, baselines=("last",), season=1, calendar=False)
    for value in (0.0, 7.0, -1e9):
        made = windows_of(panel_of([value] * 8), [0], [4], shape)
        assert np.isfinite(made.context).all()
        assert np.isfinite(made.levels).all()
        assert made.scale.undo(made.target)[0] == pytest.approx([value, value])


def test_calendar_features_follow_the_time_stamps():
    shape = WindowSpec(context=24, horizon=6, baselines=("last",), season=1, calendar=True)
    panel = panel_of(np.arange(30.0)).with_horizon(6, 24)
    made = windows_of(panel, [0], [24], shape)
    # 30 hours after midnight it is 6 in the morning: the day's sine is 1, its cosine 0.
    assert made.ahead.shape == (1, 6, 6)
    assert made.ahead[0, 0, :2] == pytest.approx([1, 0], abs=1e-6)
    assert made.covariates[0, 18, :2] == pytest.approx([0, 1], abs=1e-6)


def test_rows_ahead_keep_the_tail_and_the_covariates_known_ahead():
    panel = panel_of([1.0, 2.0, 3.0], [5.0], [7.0, 8.0], future=range(12), ahead=2)
    cut_down = panel.with_horizon(2, 2)
    assert cut_down.values == pytest.approx([2, 3, NAN, NAN, 5, NAN, NAN, 7, 8, NAN, NAN], nan_ok=True)
    assert cut_down.future[:, 0].tolist() == list(range(1, 12))
    assert cut_down.offsets.tolist() == [0, 4, 7, 11]
    assert cut_down.lengths.tolist() == [2, 1, 2]
    assert ((cut_down.starts - START) // np.timedelta64(1, "h")).tolist() == [1, 0, 0]


def test_missing_future_covariates_name_the_rows_needed():
    panel = panel_of([1.0, 2.0, 3.0], future=range(4), ahead=1)
    with pytest.raises(DataError, match="for 2 rows: a 2024-01-01 04:00:00 to 2024-01-01 05:00:00"):
        check_future_rows(panel, 3)
    assert panel.with_horizon(3, 2).future[:, 0] == pytest.approx([1, 2, 3, NAN, NAN], nan_ok=True)
