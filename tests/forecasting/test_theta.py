"""The dynamic optimised Theta method: against a slow search by its formulas, and against statsforecast."""

import numpy as np
import pytest

from lstmcli.forecasting.aligned import align, forecast_aligned
from lstmcli.forecasting.intervals import spread_quantiles
from lstmcli.forecasting.seasonal_indices import is_seasonal, seasonal_indices
from lstmcli.forecasting.theta import _ALPHAS, theta_forecast

NAN = float("nan")


def one_by_one(values, alpha, weight, level, horizon):
    """Forecasts one step ahead and beyond, as Fiorucci et al. (2016) write them."""
    made, mean, slope = [], 0.0, 0.0
    for t in range(len(values) + horizon):
        line = mean - (t + 1) / 2 * slope
        power = (1 - alpha) ** t
        d = power * line + (1 - power * (1 - alpha)) / alpha * slope if t else 0.0
        made.append(level + weight * d)
        value = values[t] if t < len(values) else made[-1]
        level = alpha * value + (1 - alpha) * level
        if t:
            slope = ((t - 1) * slope + 6 / (t + 1) * (value - mean)) / (t + 2)
        mean = (t * mean + value) / (t + 1)
    return np.array(made[: len(values)]), np.array(made[len(values) :])


def searched(values, horizon):
    """The forecast of least squared error by brute force: every alpha, many thetas, the best first level."""
    best, lowest = None, np.inf
    for alpha in _ALPHAS:
        for weight in np.linspace(0, 1, 201):
            # The errors are a straight line in the first level.
            zero, _ = one_by_one(values, alpha, weight, 0.0, 0)
            one, _ = one_by_one(values, alpha, weight, 1.0, 0)
            error, effect = (values - zero)[3:], (one - zero)[3:]
            level = (error @ effect) / (effect @ effect)
            squares = ((error - level * effect) ** 2).sum()
            if squares < lowest:
                best, lowest = one_by_one(values, alpha, weight, level, horizon)[1], squares
    return best


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_alpha_theta_and_first_level_are_the_best(seed):
    random = np.random.default_rng(seed)
    values = 20 + np.cumsum(random.normal(0.3, 1, size=30)) + random.normal(size=30)
    made = forecast_aligned(theta_forecast, [values], 1, 5).point[0]
    assert made == pytest.approx(searched(values, 5), abs=0.02)


def test_the_slope_of_the_line_is_that_of_least_squares():
    # With alpha near one and theta endless, the forecast goes on from the last value by the slope.
    values = 3.0 * np.arange(50) + 7
    made = forecast_aligned(theta_forecast, [values], 1, 4).point[0]
    assert made == pytest.approx([157, 160, 163, 166], rel=1e-3)


def test_seasonal_indices_of_a_planted_season():
    times = np.arange(40)
    added = 0.5 * times + np.array([3.0, -1.0, -2.0])[times % 3]
    multiplied = (10.0 + 0.5 * times) * np.array([1.2, 1.0, 0.8])[times % 3]
    terms = seasonal_indices(align([added, added[1:]]), 3, False)
    assert terms[:, 0] == pytest.approx([3, -1, -2])
    assert terms[:, 1] == pytest.approx([3, -1, -2])  # both end together
    factors = seasonal_indices(align([multiplied]), 3, True)[:, 0]
    assert factors == pytest.approx([1.2, 1.0, 0.8], abs=0.01)
    even = np.array([1.0, -1, 2, -2])[times % 4] + times
    assert seasonal_indices(align([even]), 4, False)[:, 0] == pytest.approx([1, -1, 2, -2])


def test_indices_of_missing_values_and_of_too_short_a_series():
    values = np.tile([4.0, 1.0, 1.0], 8)
    values[[4, 9]] = NAN
    assert seasonal_indices(align([values]), 3, False)[:, 0] == pytest.approx([2, -1, -1], abs=0.2)
    assert seasonal_indices(align([values[:2]]), 3, False)[:, 0].tolist() == [0, 0, 0]
    assert seasonal_indices(align([values[:2]]), 3, True)[:, 0].tolist() == [1, 1, 1]


def test_a_season_is_found_and_noise_is_none():
    random = np.random.default_rng(1)
    noise = random.normal(size=(200, 60))
    seasonal = noise + 2 * np.sin(2 * np.pi * np.arange(60) / 12)
    wandering = np.cumsum(noise, axis=1) + 4 * np.sin(2 * np.pi * np.arange(60) / 12)
    assert is_seasonal(align(list(noise)), 12).mean() < 0.15
    assert is_seasonal(align(list(seasonal)), 12).mean() > 0.9
    assert is_seasonal(align(list(wandering)), 12).mean() > 0.9


def test_a_season_goes_on():
    times = np.arange(60)
    for values in (
        10 * np.array([1.0, 2.0, 3.0, 2.0])[times % 4],
        np.array([-3.0, 0.0, 3.0, 0.0])[times % 4],
    ):
        made = forecast_aligned(theta_forecast, [values[:48]], 4, 12).point[0]
        assert made == pytest.approx(values[48:], abs=1e-6)


@pytest.mark.parametrize("season", [1, 2, 7, 12, 52, 168])
@pytest.mark.parametrize("length", [1, 2, 3, 8, 30, 400])
def test_any_length_and_season_gives_numbers(length, season):
    random = np.random.default_rng(length + season)
    histories = [random.normal(size=length), np.abs(random.normal(size=length)), np.zeros(length)]
    histories += [random.poisson(0.4, size=length).astype(float), np.full(length, 1e9)]
    made = forecast_aligned(theta_forecast, histories, season, 20)
    assert np.isfinite(made.point).all()
    assert np.isfinite(spread_quantiles(made, (0.1, 0.5, 0.9))).all()
    assert made.point[2].tolist() == [0] * 20
    assert made.point[4] == pytest.approx(1e9)


def test_a_series_is_forecast_the_same_alone_and_among_others():
    random = np.random.default_rng(7)
    histories = [50 + np.cumsum(random.normal(size=random.integers(3, 80))) for _ in range(40)]
    together = forecast_aligned(theta_forecast, histories, 4, 6)
    for number, history in enumerate(histories):
        alone = forecast_aligned(theta_forecast, [history], 4, 6)
        assert together.point[number] == pytest.approx(alone.point[0], rel=1e-9)
        assert together.spread[number] == pytest.approx(alone.spread[0], rel=1e-9)


def test_missing_values_are_left_out():
    whole = 100 + 2.0 * np.arange(50)
    holed = np.where(np.arange(40) % 6 == 4, NAN, whole[:40])
    made = forecast_aligned(theta_forecast, [holed, np.append(whole[:37], [NAN] * 3)], 1, 10).point
    assert made[0] == pytest.approx(whole[40:], rel=0.02)
    assert made[1] == pytest.approx(whole[40:], rel=0.02)


def test_as_accurate_as_statsforecast():
    models = pytest.importorskip("statsforecast.models")
    random = np.random.default_rng(4)
    ratios = []
    for number in range(100):
        season, length = (12, 90) if number % 2 else (1, 30)
        season_part = random.normal(size=season)[np.arange(length) % season] * 3
        values = 60 + np.cumsum(random.normal(0.2, 1, size=length)) + season_part
        past, actual = values[:-6], values[-6:]
        theirs = models.DynamicOptimizedTheta(season_length=season).forecast(y=past, h=6)["mean"]
        ours = forecast_aligned(theta_forecast, [past], season, 6).point[0]
        ratios.append(np.abs(ours - actual).mean() / np.abs(theirs - actual).mean())
    assert np.exp(np.mean(np.log(ratios))) <= 1.02
