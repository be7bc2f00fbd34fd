"""Exponential smoothing: against a slow recursion, on planted series, and against statsforecast."""

import math

import numpy as np
import pytest

from lstmcli.forecasting import ets, smoothing, theta
from lstmcli.forecasting.aligned import _recent, align, forecast_aligned, read_length
from lstmcli.forecasting.ets import ets_forecast
from lstmcli.forecasting.ets_grid import coarse_grid
from lstmcli.forecasting.intervals import spread_quantiles
from lstmcli.forecasting.smoothing import SmoothingParameters, SmoothingStart, smooth
from lstmcli.forecasting.theta import theta_forecast

NAN = float("nan")


def made_up(count, season, seed=0, shortest=24, longest=140):
    """Series of exponential smoothing, half of them positive with a season that multiplies."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        length = int(random.integers(shortest, longest))
        profile = random.normal(size=season) * random.uniform(0, 0.3)
        level, trend, values = 10.0, random.normal() * 0.05, []
        for t in range(length):
            error = random.normal() * 0.3
            part = profile[t % season] * (level if number % 2 else 10)
            values.append(level + trend + part + error)
            level, trend = max(level + trend + 0.3 * error, 2.0), 0.95 * trend + 0.02 * error
        found.append(np.array(values))
    return found


def by_the_book(values, season, form, alpha, beta, gamma, phi, level, trend, indices):
    """Squared errors and last states, one value at a time."""
    seasonal, squares = list(indices), 0.0
    for t, value in enumerate(values):
        base, s = level + phi * trend, seasonal[t % len(seasonal)]
        expected = base * s if form == "multiplicative" else base + s
        error = 0.0 if math.isnan(value) else value - expected
        if form == "multiplicative":
            error /= expected
        squares += error**2
        level = base + alpha * error * (base if form == "multiplicative" else 1)
        trend = phi * trend + beta * error * (base if form == "multiplicative" else 1)
        if form == "multiplicative":
            seasonal[t % len(seasonal)] = s * (1 + gamma * error)
        elif form == "additive":
            seasonal[t % len(seasonal)] = s + gamma * error
    return squares, level, trend, seasonal


@pytest.mark.parametrize("form", ["none", "additive", "multiplicative"])
def test_the_recursion_is_that_of_the_book(form):
    values = np.array([12.0, 15.0, 9.0, NAN, 16.0, 8.0, 13.0, 17.0])
    indices = {"none": [0.0], "additive": [1.0, 3.0, -4.0], "multiplicative": [1.0, 1.3, 0.7]}[form]
    # The second series begins two steps later, at its own first states.
    other = values[2:] * 2
    histories = align([values, other])
    start = SmoothingStart(
        form, np.array([[11.0, 20.0]]), np.array([[0.5, -0.4]]), np.array([indices, indices]).T
    )
    rates = [(0.3, 0.1, 0.2, 0.9), (0.8, 0.05, 0.1, 0.95)]
    parameters = SmoothingParameters(*np.array(rates).T[:, :, None])
    (found,) = smooth(histories, [(parameters, start)], path=True)
    squares, path = found.squares, found.path
    for row, rate in enumerate(rates):
        wanted = by_the_book(values, 3, form, *rate, 11.0, 0.5, indices)
        assert squares[row, 0] == pytest.approx(wanted[0])
        assert (path.level[-1, row, 0], path.trend[-1, row, 0]) == pytest.approx(wanted[1:3])
        turned = [indices[(t + 2) % len(indices)] for t in range(len(indices))]
        wanted = by_the_book(other, 3, form, *rate, 20.0, -0.4, turned)
        assert squares[row, 1] == pytest.approx(wanted[0])
        assert path.level[-1, row, 1] == pytest.approx(wanted[1])


def test_forms_go_through_time_together_as_alone():
    """Few series are fitted by all forms at once, more of them form by form: the numbers are the same."""
    histories = align([np.where(np.arange(n) % 9 == 5, NAN, 20 + np.sin(np.arange(n))) for n in (40, 31)])
    forms = ("none", "additive", "multiplicative")
    starts = [ets._start(histories, form, 4) for form in forms]
    grids = [coarse_grid(form) for form in forms]
    parts = ets._parts(grids, starts)
    together = smooth(histories, parts, path=True)
    for part, found in zip(parts, together, strict=True):
        (alone,) = smooth(histories, [part], path=True)
        assert np.array_equal(found.squares, alone.squares)
        for name, states in vars(alone.path).items():
            assert (states is None) == (getattr(found.path, name) is None)
            assert states is None or np.array_equal(getattr(found.path, name), states)


@pytest.mark.parametrize("method", [ets_forecast, theta_forecast])
def test_few_series_are_forecast_to_the_last_digit_as_among_many(method, monkeypatch):
    histories = [*made_up(3, 12), np.where(np.arange(50) % 7 == 3, NAN, made_up(1, 12, 3, 50, 51)[0])]
    few = forecast_aligned(method, histories, 12, 6)
    monkeypatch.setattr(smoothing, "FEW_SERIES", 0)
    monkeypatch.setattr(ets, "FEW_SERIES", 0)
    monkeypatch.setattr(theta, "_AT_ONCE", 100)
    many = forecast_aligned(method, histories, 12, 6)
    assert np.array_equal(few.point, many.point)
    assert np.array_equal(few.spread, many.spread)


def point(values, season=1, horizon=3):
    return forecast_aligned(ets_forecast, [np.asarray(values, float)], season, horizon).point[0]


def test_a_straight_line_goes_on():
    assert point(5 + 2.0 * np.arange(40)) == pytest.approx([85, 87, 89], rel=0.01)


@pytest.mark.parametrize("growth", [0.0, 0.5])
def test_a_season_that_is_added_goes_on(growth):
    times = np.arange(63)
    values = growth * times + np.array([-20.0, 0, 5, -5, 10, 0, 10])[times % 7]
    made = point(values[:49], season=7, horizon=14)
    assert made == pytest.approx(values[49:], abs=1.5)  # the trend is damped a little


def test_a_season_that_multiplies_grows_with_the_level():
    times = np.arange(84)
    values = (50 + 2 * times) * np.array([0.5, 1.0, 1.5, 1.0])[times % 4]
    made = point(values[:72], season=4, horizon=12)
    assert made == pytest.approx(values[72:], rel=0.02)


@pytest.mark.parametrize("values", [[7.0] * 5, [0.0] * 30, [-3.0] * 100, [1e12] * 24])
def test_a_constant_goes_on_without_doubt(values):
    made = forecast_aligned(ets_forecast, [np.array(values)], 4, 6)
    assert made.point[0] == pytest.approx(values[0])
    assert made.spread[0] == pytest.approx(0, abs=1e-6 * abs(values[0]))


@pytest.mark.parametrize("season", [1, 2, 7, 12, 52, 168])
@pytest.mark.parametrize("length", [1, 2, 3, 8, 30, 400])
def test_any_length_and_season_gives_numbers(length, season):
    random = np.random.default_rng(length + season)
    histories = [random.normal(size=length), np.abs(random.normal(size=length)), np.zeros(length)]
    histories.append(random.poisson(0.4, size=length).astype(float))
    made = forecast_aligned(ets_forecast, histories, season, 20)
    assert np.isfinite(made.point).all()
    assert np.isfinite(spread_quantiles(made, (0.1, 0.5, 0.9))).all()


def test_a_series_is_forecast_the_same_alone_and_among_others():
    histories = made_up(30, 12) + made_up(10, 12, seed=5, shortest=3, longest=20)
    together = forecast_aligned(ets_forecast, histories, 12, 6)
    for number, history in enumerate(histories):
        alone = forecast_aligned(ets_forecast, [history], 12, 6)
        assert together.point[number] == pytest.approx(alone.point[0], rel=1e-9)
        assert together.spread[number] == pytest.approx(alone.spread[0], rel=1e-6)


def test_only_the_last_values_are_read():
    history = made_up(1, 12, shortest=300, longest=301)[0]
    assert read_length(12) == 100
    assert point(history, 12).tolist() == point(history[-100:], 12).tolist()


def test_missing_values_are_left_out():
    times = np.arange(84)
    whole = 100 + 10 * np.sin(2 * np.pi * times / 12) + times
    holed = np.where(np.arange(72) % 5 == 2, NAN, whole[:72])
    assert point(holed, 12, 12) == pytest.approx(whole[72:], rel=0.03)
    # A gap at the end is time that passes.
    assert point(np.append(whole[:70], [NAN, NAN]), 12, 12) == pytest.approx(whole[72:], rel=0.03)


def test_forecasts_move_with_the_unit():
    for history in made_up(4, 4):
        assert point(1024 * history, 4) == pytest.approx(1024 * point(history, 4), rel=1e-9)


def coverage(freedom_of, count=200, horizon=6):
    histories = made_up(count, 4, seed=3, shortest=freedom_of, longest=freedom_of + 1 + horizon)
    made = forecast_aligned(ets_forecast, [h[:-horizon] for h in histories], 4, horizon)
    values = spread_quantiles(made, (0.1, 0.9))
    actual = np.stack([history[-horizon:] for history in histories])
    return float(((values[..., 0] <= actual) & (actual <= values[..., 1])).mean())


@pytest.mark.parametrize("length", [24, 40, 90])
def test_intervals_of_80_percent_hold_about_80(length):
    assert 0.72 < coverage(length) < 0.92


def test_as_accurate_as_autoets():
    models = pytest.importorskip("statsforecast.models")
    histories = made_up(60, 12, seed=1) + made_up(40, 4, seed=2, shortest=20, longest=60)
    ratios = []
    for history, season in zip(histories, [12] * 60 + [4] * 40, strict=True):
        past, actual = history[:-6], history[-6:]
        theirs = models.AutoETS(season_length=season).forecast(y=past, h=6)["mean"]
        ours = point(past, season, 6)
        ratios.append(np.abs(ours - actual).mean() / np.abs(theirs - actual).mean())
    assert np.exp(np.mean(np.log(ratios))) <= 1.02


def test_what_is_read_of_a_history_is_found_from_its_end():
    random = np.random.default_rng(0)
    for _ in range(300):
        history = random.normal(size=random.integers(1, 40))
        history[random.random(len(history)) < random.random()] = np.nan
        seen, most = np.flatnonzero(~np.isnan(history)), int(random.integers(1, 30))
        if len(seen):
            first = seen[seen > seen[-1] - most][0]
            assert np.array_equal(_recent(history, most), history[first:], equal_nan=True)
