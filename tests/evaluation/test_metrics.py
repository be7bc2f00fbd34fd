"""Measures of error against numbers worked by hand and slow loops that follow the textbook."""

import math

import numpy as np
import pytest

from lstmcli.evaluation.metrics import (
    METRICS,
    coverage,
    explanation,
    mae,
    mase,
    measures_apart,
    msis,
    rmse,
    rmsse,
    seasonal_scale,
    smape,
    squared_scale,
    weighted_quantile_loss,
    winkler,
)

NAN = float("nan")


@pytest.fixture
def windows():
    """Actual values (7 windows, 5 steps) with holes, forecasts, and a history of each window."""
    random = np.random.default_rng(3)
    actual = random.normal(10, 4, (7, 5))
    actual[random.random(actual.shape) < 0.3] = NAN
    actual[2] = NAN
    history = random.normal(10, 4, (7, 40))
    history[random.random(history.shape) < 0.2] = NAN
    return actual, random.normal(10, 4, (7, 5)), history


def observed(actual, *others):
    """Tuples of the values at each position where something was observed."""
    return [t for t in zip(*(a.ravel() for a in (actual, *others)), strict=True) if not math.isnan(t[0])]


def test_mae_by_hand():
    assert mae(np.array([[1.0, 5.0, 2.0]]), np.array([[2.0, 3.0, 2.0]])) == pytest.approx((1 + 2 + 0) / 3)


def test_mae_leaves_out_what_was_not_observed():
    assert mae(np.array([1.0, NAN, 2.0]), np.array([4.0, 100.0, 1.0])) == pytest.approx((3 + 1) / 2)


def test_smape_by_hand():
    # |100 - 50| / 150 = 1/3 and |2 - 4| / 6 = 1/3 and |3 - 3| / 6 = 0
    found = smape(np.array([100.0, -2.0, 3.0]), np.array([50.0, -4.0, 3.0]))
    assert found == pytest.approx(200 * (1 / 3 + 1 / 3 + 0) / 3)


def test_smape_is_zero_where_both_are_zero_and_200_where_one_is():
    assert smape(np.array([0.0]), np.array([0.0])) == 0
    assert smape(np.array([0.0]), np.array([0.1])) == pytest.approx(200)
    assert smape(np.array([5.0]), np.array([-5.0])) == pytest.approx(200)


def test_smape_leaves_out_what_was_not_observed():
    found = smape(np.array([NAN, 1.0, 0.0]), np.array([0.0, 3.0, 0.0]))
    assert found == pytest.approx(200 * (2 / 4 + 0) / 2)


def test_seasonal_scale_by_hand():
    # Season 2: |4 - 1|, |6 - 2|, |5 - 4| -> 8/3; season 1: |1|, |2|, |2|, |1| -> 6/4
    history = np.array([1.0, 2.0, 4.0, 6.0, 5.0])
    assert seasonal_scale(history, 2) == pytest.approx(8 / 3)
    assert seasonal_scale(history, 1) == pytest.approx(6 / 4)


def test_seasonal_scale_leaves_out_pairs_with_a_hole():
    # Season 2: |NaN - 1|, |6 - 2|, |5 - NaN| -> 4
    assert seasonal_scale(np.array([1.0, 2.0, NAN, 6.0, 5.0]), 2) == 4


@pytest.mark.parametrize("season", [3, 4, 99])
def test_a_series_no_longer_than_a_season_is_scaled_by_its_changes(season):
    assert seasonal_scale(np.array([1.0, 5.0, 3.0]), season) == pytest.approx((4 + 2) / 2)


@pytest.mark.parametrize(
    "history",
    [[5.0], [2.0, 2.0, 2.0], [1.0, NAN, 3.0], [NAN, NAN, NAN]],
    ids=["one", "constant", "holes", "empty"],
)
def test_a_series_without_changes_has_no_scale(history):
    assert math.isnan(seasonal_scale(np.array(history), 1))


def test_mase_by_hand():
    actual, forecast = np.array([[1.0, 3.0], [10.0, 20.0]]), np.array([[2.0, 6.0], [10.0, 12.0]])
    # Mean errors 2 and 4 over scales 4 and 1, averaged over windows.
    assert mase(actual, forecast, np.array([4.0, 1.0])) == pytest.approx((2 / 4 + 4 / 1) / 2)


def test_mase_leaves_out_windows_without_scale_or_values():
    actual = np.array([[1.0, NAN], [7.0, 7.0], [NAN, NAN]])
    forecast = np.array([[3.0, 9.0], [1.0, 1.0], [0.0, 0.0]])
    assert mase(actual, forecast, np.array([4.0, NAN, 1.0])) == pytest.approx(2 / 4)


def test_mase_of_no_usable_window_is_not_a_number():
    assert math.isnan(mase(np.ones((2, 3)), np.zeros((2, 3)), np.array([NAN, 0.0])))


def test_weighted_quantile_loss_by_hand():
    actual = np.array([[10.0, 20.0]])
    forecast = np.array([[[8.0, 12.0], [23.0, 18.0]]])  # (1 window, 2 steps, levels 0.1 and 0.5)
    # Level 0.1: 0.1 * 2 + 0.9 * 3 = 2.9; level 0.5: 0.5 * 2 + 0.5 * 2 = 2; sum of |y| is 30.
    expected = (2 * 2.9 / 30 + 2 * 2.0 / 30) / 2
    assert weighted_quantile_loss(actual, forecast, np.array([0.1, 0.5])) == pytest.approx(expected)


def test_a_too_low_high_quantile_costs_more_than_a_too_high_one():
    actual, level = np.array([[10.0]]), np.array([0.9])
    low = weighted_quantile_loss(actual, np.array([[[8.0]]]), level)
    high = weighted_quantile_loss(actual, np.array([[[12.0]]]), level)
    assert low == pytest.approx(9 * high)


def test_coverage_by_hand():
    actual = np.array([1.0, 2.0, 3.0, NAN, 9.0])
    lower, upper = np.array([0.0, 2.0, 4.0, 0.0, 5.0]), np.array([1.0, 5.0, 8.0, 9.0, 8.0])
    assert coverage(actual, lower, upper) == pytest.approx(2 / 4)  # bounds count as inside


def test_coverage_of_nothing_is_not_a_number():
    assert math.isnan(coverage(np.array([NAN]), np.zeros(1), np.ones(1)))


def test_mae_and_smape_agree_with_a_loop(windows):
    actual, forecast, _ = windows
    pairs = observed(actual, forecast)
    assert mae(actual, forecast) == pytest.approx(sum(abs(y - f) for y, f in pairs) / len(pairs))
    assert smape(actual, forecast) == pytest.approx(
        sum(200 * abs(y - f) / (abs(y) + abs(f)) for y, f in pairs) / len(pairs)
    )


@pytest.mark.parametrize("season", [1, 7])
def test_mase_agrees_with_a_loop(windows, season):
    actual, forecast, history = windows
    ratios = []
    for y, f, past in zip(actual, forecast, history, strict=True):
        changes = [abs(past[t] - past[t - season]) for t in range(season, len(past))]
        changes = [c for c in changes if not math.isnan(c)]
        errors = [abs(a - b) for a, b in observed(y, f)]
        if errors:
            ratios.append(sum(errors) / len(errors) / (sum(changes) / len(changes)))
    scales = np.array([seasonal_scale(past, season) for past in history])
    assert len(ratios) == 6
    assert mase(actual, forecast, scales) == pytest.approx(sum(ratios) / len(ratios))


def test_quantile_loss_and_coverage_agree_with_a_loop(windows):
    actual, middle, _ = windows
    levels = (0.1, 0.5, 0.8)
    forecast = np.stack([middle - 3, middle, middle + 2], axis=2)
    losses = []
    for k, level in enumerate(levels):
        pairs = observed(actual, forecast[:, :, k])
        loss = sum(level * (y - f) if y >= f else (1 - level) * (f - y) for y, f in pairs)
        losses.append(2 * loss / sum(abs(y) for y, _ in pairs))
    assert weighted_quantile_loss(actual, forecast, np.array(levels)) == pytest.approx(sum(losses) / 3)
    triples = observed(actual, forecast[:, :, 0], forecast[:, :, 2])
    inside = [low <= y <= high for y, low, high in triples]
    assert 0 < sum(inside) < len(inside)
    assert coverage(actual, forecast[:, :, 0], forecast[:, :, 2]) == pytest.approx(sum(inside) / len(inside))


def test_rmse_by_hand():
    found = rmse(np.array([[1.0, 5.0], [2.0, NAN]]), np.array([[2.0, 3.0], [4.0, 9.0]]))
    assert found == pytest.approx(math.sqrt((1 + 4 + 4) / 3))


def test_rmsse_by_hand():
    scale = squared_scale(np.array([1.0, 4.0, 2.0, NAN, 6.0, 1.0]), 2)  # |2 - 1|, |6 - 2| -> root of 17 / 2
    assert scale == pytest.approx(math.sqrt(17 / 2))
    assert math.isnan(squared_scale(np.array([3.0, 3.0, 3.0]), 1))
    found = rmsse(np.array([[1.0, 5.0], [2.0, 2.0]]), np.array([[4.0, 1.0], [2.0, 9.0]]), np.array([2, NAN]))
    assert found == pytest.approx(math.sqrt((9 + 16) / 2) / 2)


def test_winkler_and_msis_by_hand():
    actual = np.array([[1.0, 5.0], [30.0, NAN]])
    low, high = np.array([[2.0, 4.0], [10.0, 0.0]]), np.array([[3.0, 8.0], [20.0, 9.0]])
    # 80 %: each unit outside costs 10. Widths 1, 4, 10; outside by 1, 0, 10.
    scores = (1 + 10, 4, 10 + 100)
    assert winkler(actual, low, high, 0.8) == pytest.approx(sum(scores) / 3)
    scaled = ((scores[0] + scores[1]) / 2 / 3 + scores[2] / 4) / 2
    assert msis(actual, low, high, 0.8, np.array([3.0, 4.0])) == pytest.approx(scaled)
    assert math.isnan(msis(actual, low, high, 0.8, np.array([NAN, NAN])))


@pytest.fixture(scope="module")
def long_tables():
    """Forecasts of 6 series, 5 steps each, as arrays and as tables of utilsforecast."""
    pandas = pytest.importorskip("pandas")
    random = np.random.default_rng(8)
    actual, history = random.normal(20, 6, (6, 5)), random.normal(20, 6, (6, 50))
    quantiles = np.sort(random.normal(20, 6, (6, 5, 3)), axis=2)
    test = pandas.DataFrame(
        {
            "unique_id": np.repeat(np.arange(6), 5),
            "ds": np.tile(np.arange(50, 55), 6),
            "y": actual.ravel(),
            "cutoff": 49,
            "m": quantiles[:, :, 1].ravel(),
            "m-lo-80": quantiles[:, :, 0].ravel(),
            "m-hi-80": quantiles[:, :, 2].ravel(),
        }
    )
    train = pandas.DataFrame(
        {"unique_id": np.repeat(np.arange(6), 50), "ds": np.tile(np.arange(50), 6), "y": history.ravel()}
    )
    return actual, quantiles, history, test, train


@pytest.mark.parametrize("season", [1, 7])
def test_measures_are_those_of_utilsforecast(long_tables, season):
    """Equal to 1e-9. Where the definitions differ by a factor it is named: its sMAPE is 0 to 1."""
    losses = pytest.importorskip("utilsforecast.losses")
    actual, quantiles, history, test, train = long_tables
    low, middle, high = np.moveaxis(quantiles, 2, 0)
    scales = np.array([seasonal_scale(past, season) for past in history])
    squares = np.array([squared_scale(past, season) for past in history])
    levels = np.array([0.1, 0.5, 0.9])
    columns = {"m": ["m-lo-80", "m", "m-hi-80"]}
    named = {"seasonality": season, "train_df": train}

    def theirs(name, **arguments):
        return getattr(losses, name)(test, **{"models": ["m"]} | arguments)["m"].to_numpy()

    def each(measure, *arrays, tail=()):
        """Our measure of each series; the last argument may be one scale for each."""
        return [measure(*(a[[s]] for a in arrays), *tail) for s in range(6)]

    pairs = {
        "mae": (theirs("mae"), each(mae, actual, middle)),
        "rmse": (theirs("rmse"), each(rmse, actual, middle)),
        "smape": (200 * theirs("smape"), each(smape, actual, middle)),
        "mase": (theirs("mase", **named), each(mase, actual, middle, scales)),
        "rmsse": (theirs("rmsse", **named), each(rmsse, actual, middle, squares)),
        "wql": (
            theirs("scaled_crps", models=columns, quantiles=levels),
            each(weighted_quantile_loss, actual, quantiles, tail=(levels,)),
        ),
        "inside": (theirs("coverage", level=80), each(coverage, actual, low, high)),
        "winkler": (theirs("winkler_score", level=80), each(winkler, actual, low, high, tail=(0.8,))),
    }
    for name, (expected, found) in pairs.items():
        assert found == pytest.approx(expected, abs=1e-9, rel=1e-9), name
    assert mase(actual, middle, scales) == pytest.approx(pairs["mase"][0].mean(), abs=1e-9)


def test_every_measure_is_explained_with_its_range_and_direction():
    parts = explanation().split("\n\n")
    assert "Shapes:" not in explanation()
    for name, measure in METRICS.items():
        at = next(k for k, part in enumerate(parts) if part.startswith(f"{name}\n"))
        text = parts[at] + parts[at + 1]
        first = (measure.__doc__ or "").splitlines()[0].strip()
        assert first in text
        assert "better" in text or "best" in text


def test_measures_that_have_other_winners_are_told():
    said = measures_apart({"model": (90.0, 0.8), "last value": (60.0, 1.0)})
    assert said.startswith("sMAPE puts last value first, MASE model: ")
    assert measures_apart({"model": (50.0, 0.8), "last value": (60.0, 1.0)}) == ""
    assert measures_apart({"model": (50.0, None), "last value": (40.0, None)}) == ""
