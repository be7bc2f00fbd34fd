"""Conditions on forecasts: their names, the series for which they hold, since when and how probably."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from builders import START, panel_of

from lstmcli.errors import ConditionFailed, UsageError
from lstmcli.forecasting.conditions import (
    first_crossings,
    forecast_condition,
    percent_notes,
    probability_below,
)
from lstmcli.jobs.forecast_watch import ForecastWatch
from lstmcli.series.calendar import DAY, HOUR, Step, advance
from lstmcli.series.forecast import Forecast
from lstmcli.series.roles import NO_ROLES, Roles

SIX_DAYS = Step("open", DAY, slots="0-5", zeros=True)
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
ROLES = Roles("time", ("id",), ("y",), ("sky",), ("heat", "sale"), static=("size", "kind"))
ROLES = replace(ROLES, categorical=("kind", "sale"))
HEAT = [0.0, 0.0, 0.0, 20.3, 20.4, 20.5, 0.0, 0.0, 10.0, 10.0, 40.7]


def forecast_around(medians, spread=2.0, key="abc"):
    """Normal forecasts, with a standard deviation for all."""
    medians = np.array(medians, float)
    scores = np.array([NormalDist().inv_cdf(q) for q in LEVELS])
    step = Step("fixed", HOUR)
    starts = np.array([advance(START, step, 3)] * len(medians))
    keys = tuple((k,) for k in key[: len(medians)])
    return Forecast(("id",), keys, step, starts, LEVELS, medians[..., None] + spread * scores)


@pytest.fixture
def panel():
    """Two series with 3 and 2 values, 3 rows ahead, a number of each, and a covariate known ahead."""
    made = panel_of([1.0, 2.0, 11.5], [5.0, 7.25], future=HEAT, ahead=3)
    return replace(made, static=np.array([[95.3], [14.0]], np.float32))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("forecast > 12", [True, False]),
        ("forecast > last", [True, False]),
        ("all(forecast < last + 5)", [True, True]),
        ("q0.95 > 16", [True, False]),
        ("size == 95.3", [True, False]),  # as it was written, not as single precision has it
        ("forecast > size", [False, False]),
        ("max(q0.95) > 0.5 * size", [False, True]),
        ("heat > 40", [False, True]),
        ("any(heat > 20.45 and forecast > 14)", [True, False]),
        ("last == 7.25", [False, True]),
    ],
)
def test_names_are_looked_up_by_series_and_step(panel, text, holds):
    made = forecast_around([[10, 13, 15], [5, 6, 7]])
    read = forecast_condition(text, LEVELS, ROLES)
    assert read.holds(made, panel).tolist() == holds
    for series in (0, 1):  # block by block the same
        part = replace(
            made,
            keys=made.keys[series : series + 1],
            starts=made.starts[:1],
            values=made.values[[series]],
        )
        assert read.holds(part, panel, series).tolist() == holds[series : series + 1]


def test_quantiles_between_those_of_the_model_are_those_of_a_level(panel):
    made = forecast_around([[10, 13, 15], [5, 6, 7]])
    exact = 15 + 2 * NormalDist().inv_cdf(0.9)
    for name, holds in (("q0.9", True), ("q0.89", False)):
        read = forecast_condition(f"{name} > {exact - 1e-4}", LEVELS, ROLES)
        assert read.holds(made, panel)[0] == holds


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("forcast > 1", r"unknown name 'forcast'\. Did you mean 'forecast'\?"),
        (
            "siz > 1",
            r"Did you mean 'size'\? Known: forecast, last, q0\.05 to q0\.95, size, heat; at character 1",
        ),
        ("q0.99 > 1", "q0.99: this model gives quantiles from q0.05 to q0.95; at character 1"),
        ("q95 > 1", "unknown name 'q95'"),
        ("1 < sky", "'sky' is not known ahead; at character 5"),
        ("kind > 1", "'kind' is a category"),
        ("sale > 1", "'sale' is a category"),
        ("y > 1", "'y' is what is forecast: write forecast, a quantile, or last"),
        ("id > 1", "'id' tells series apart"),
    ],
)
def test_names_that_are_not_there(text, complaint):
    with pytest.raises(UsageError, match=complaint):
        forecast_condition(text, LEVELS, ROLES)


def test_a_column_of_a_name_that_is_taken_stands_in_backquotes():
    roles = replace(NO_ROLES, static=("last", "q0.5", "max load"), targets=("y",))
    panel = replace(panel_of([1.0, 2.0, 3.0]), static=np.array([[7, 8, 9]], np.float32))
    read = forecast_condition("`last` == 7 and last == 3 and `q0.5` == 8 and `max load` == 9", LEVELS, roles)
    assert read.holds(forecast_around([[1, 2]]), panel).all()


@pytest.mark.parametrize("number", [6.0, 7.9, 10.0, 12.5, 13.2])
def test_the_probability_of_a_normal_forecast(number):
    values = np.array([NormalDist(10, 2).inv_cdf(q) for q in LEVELS])
    found, bound = probability_below(values, LEVELS, number)
    if number < values[0]:
        assert (found, bound) == (0.05, "<")
    else:
        assert bound == ""
        assert found == pytest.approx(NormalDist(10, 2).cdf(number), abs=1e-12)


def test_the_probability_where_quantiles_are_one():
    values = np.array([0.0, 0.0, 0.0, 4.0, 4.0])
    assert probability_below(values, LEVELS, 0.0, or_equal=True) == (pytest.approx(0.5), "")
    assert probability_below(values, LEVELS, 0.0) == (0.05, "")
    assert probability_below(values, LEVELS, 2.0)[0] == pytest.approx(NormalDist().cdf(0.6745 / 2), abs=1e-4)
    assert probability_below(values, LEVELS, 4.1) == (0.95, ">")


@pytest.mark.parametrize(
    ("text", "words", "step", "stays", "probability"),
    [
        ("forecast > 12", "above 12", 1, True, 1 - NormalDist(13, 2).cdf(12)),
        ("12 < forecast", "above 12", 1, True, 1 - NormalDist(13, 2).cdf(12)),
        ("not forecast <= 12", "above 12", 1, True, 1 - NormalDist(13, 2).cdf(12)),
        ("q0.75 >= last + 2", "q0.75 at least 13.5", 1, True, 1 - NormalDist(13, 2).cdf(13.5)),
        ("q0.25 < 10", "q0.25 below 10", 0, False, NormalDist(10, 2).cdf(10)),
        ("max(q0.95) > 0.1 * size", "q0.95 above 9.53", 0, True, 1 - NormalDist(10, 2).cdf(9.53)),
        ("size > 95 and forecast > 12", "above 12", 1, True, 1 - NormalDist(13, 2).cdf(12)),
        ("forecast > heat - 8", "above 12.4", 1, True, 1 - NormalDist(13, 2).cdf(12.4)),
        ("mean(forecast) > 12", "mean(forecast) > 12 (12.6667 and 12)", None, True, None),
        ("q0.95 - q0.05 > 6", "q0.95 - q0.05 > 6 (6.57942 and 6)", 0, True, None),
        ("last > 11", "last > 11 (11.5 and 11)", None, True, None),
        ("forecast == 13", "equal to 13", 1, False, None),
    ],
)
def test_a_crossing_says_what_since_when_and_how_probably(panel, text, words, step, stays, probability):
    made = forecast_around([[10, 13, 15], [5, 6, 7]])
    read = forecast_condition(text, LEVELS, ROLES)
    found = read.crossing(made, panel, 0)
    assert (found.words, found.step, found.stays) == (words, step, stays)
    assert found.bound == ""
    assert found.probability == (None if probability is None else pytest.approx(probability, abs=1e-6))


def test_a_few_series_are_told_and_the_others_counted():
    panel = panel_of(*[[1.0, 2.0, 3.0]] * 9)
    events = []
    made = forecast_around([[10, 13, 15]] * 7 + [[0, 0, 1]] + [[90, 91, 89]], key="abcdefghi")
    watch = ForecastWatch(
        forecast_condition("forecast > 12", LEVELS),
        panel,
        "%Y-%m-%d %H:%M",
        "y",
        lambda event, **fields: events.append((event, fields)),
    )
    watch.check()
    watch.see(made)
    with pytest.raises(ConditionFailed) as caught:
        watch.check()
    lines = str(caught.value).splitlines()
    assert lines[0] == "--fail-on 'forecast > 12' holds for 8 of 9 series:"
    assert lines[1] == "a: above 12 from 2024-01-01 04:00 on, 69.1 % at that step"
    assert len(lines) == 7
    assert lines[-1] == "and 3 more; --log-json tells all"
    assert [event for event, _ in events] == ["crossing"] * 8
    assert events[0][1] == {
        "series": "a",
        "at": "2024-01-01 04:00",
        "probability": 0.6915,
        "ever": None,
        "message": lines[1],
    }
    assert events[-1][1]["message"] == "i: above 12 from 2024-01-01 03:00 on, more than 95 % at that step"


def test_the_first_step_that_crosses():
    values = np.array([[[1, 5], [3, 1], [2, 9]], [[0, 0], [0, 0], [0, 4]]], float)
    opened = np.ones((2, 3), bool)
    assert first_crossings(values, ">", 2, opened).tolist() == [[1, 0], [-1, 2]]
    assert first_crossings(values, "<", 2, opened).tolist() == [[0, 1], [0, 0]]
    opened[1, 0] = False
    assert first_crossings(values, "<", 2, opened).tolist() == [[0, 1], [1, 1]]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("forecast < 5", [False, True]),
        ("all(forecast > 5)", [True, False]),
        ("min(forecast) < 5", [False, True]),
        ("max(q0.95) < 0.5", [False, False]),
        ("mean(forecast) > 9", [True, False]),
        ("sum(forecast) < 13", [False, True]),
        ("not forecast > 5", [False, True]),
        ("any(forecast == 0)", [False, False]),
    ],
)
def test_closed_days_meet_no_condition(text, holds):
    """The first series goes on from Sunday, the other from Saturday: both have a Sunday of zeros."""
    panel = replace(panel_of([1.0, 2.0, 3.0], [4.0, 5.0]), step=SIX_DAYS, closed=np.zeros(2, np.int64))
    days = np.array(["2024-01-07", "2024-01-06"], "M8[us]")
    made = replace(forecast_around([[0, 10, 11], [8, 0, 4]]), starts=days, step=Step("fixed", DAY))
    made.values[0, 0] = made.values[1, 1] = 0.0
    read = forecast_condition(text, LEVELS)
    assert read.holds(made, panel).tolist() == holds
    for series in np.flatnonzero(holds).tolist():
        found = read.crossing(made, panel, series)
        assert found.step is None or made.times(series)[found.step].item().weekday() < 6
        assert found.step is None or found.last == (found.step == 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("max(q0.9) > 90 %", "90 % is 0.9, and the values are about 60; where these are percents, type 90 "),
        ("5% > forecast", "5% is 0.05, and the values are about 60; where these are percents, type 5 "),
        ("forecast > 90", ""),
        ("forecast > 90 % * last", ""),
        ("forecast / last > 90 %", ""),
    ],
)
def test_a_percentage_beside_values_that_are_percents_is_told(text, told):
    found = forecast_condition(text, LEVELS, ROLES).condition
    assert "".join(percent_notes(found, np.array([40.0, 60.0, np.nan, 84.0])))[: len(told) or 1] == told
    assert not [*percent_notes(found, np.array([0.4, 0.6, 0.84]))]
