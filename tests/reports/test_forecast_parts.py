"""What is told and drawn of the parts of forecasts and of two plans."""

import numpy as np
import pytest
from builders import START, Page, forecast_of, panel_of

from lstmcli.forecasting.reasons import ReasonParts
from lstmcli.forecasting.rounded import round_difference
from lstmcli.forecasting.shapley import shapley_weights
from lstmcli.forecasting.withheld import CALENDAR, CovariatePart
from lstmcli.jobs.forecast_reasons import why_columns
from lstmcli.reports.forecast_parts import ForecastParts, ScenarioForecasts
from lstmcli.reports.html.forecast_beside import beside_sections
from lstmcli.reports.text.forecast_parts import difference_lines, part_lines
from lstmcli.series.calendar import DAY, HOUR, Step

DAYS = Step("fixed", DAY)


def parts_of(level, parts, names):
    """One series of days."""
    parts = np.array([parts], float)
    level = np.array([level], float)
    values = np.repeat((level + parts.sum(axis=2))[:, :, None], 3, axis=2)
    made = forecast_of(values, np.array([START]), DAYS, ("shop",), (("A",),))
    return ForecastParts(made, names, level, parts)


def lines(found, series=1):
    return part_lines(found, series, "sales", "%Y-%m-%d")


def test_the_step_furthest_from_its_level_is_told_in_numbers_that_add_up():
    found = parts_of([300, 300.4], [[1, -2, 0.2], [90.3, -3.4, 25.4]], ("season", "last", "promo"))
    assert lines(found) == [
        "why: A 2024-01-02: 412.7 = 300.4 level + 90.3 season + 25.4 promo - 3.4 last values"
    ]
    odd = parts_of([1000.6], [[1000.4, 1000.4, 0.4]], ("season", "last", "promo"))
    assert lines(odd) == ["why: A 2024-01-01: 3,002 = 1,002 level + 1,000 season + 1,000 last values"]
    assert lines(odd, 7)[1:] == ["why: and 2 more series"]


def test_of_many_parts_the_largest_are_told_and_the_sum_of_the_others():
    names = ("season", "last", *"abcdef")
    found = parts_of([50], [[1, 8, 7, 6, -5, 4, 3, -2]], names)
    assert lines(found) == [
        "why: A 2024-01-01: 72.00 = 50.00 level + 8.00 last values + 7.00 a + 6.00 b - 5.00 c + 4.00 d "
        "+ 2.00 from 3 others"
    ]


def test_totals_of_two_plans_are_told():
    totals = {"A": 1234.4, "": -0.056, "C": 0.0}
    assert difference_lines(totals, 3, DAYS, 9, "sales") == [
        "what if: A: +1,234 over 3 days",
        "what if: sales: -0.05600 over 3 days",
        "what if: C: 0 over 3 days",
        "what if: and 4 more series",
    ]


def test_a_picture_stacks_parts_and_joins_the_smallest():
    names = ("season", "last", *"abcdefg")
    steps = [[k + 1.0 if k % 2 else -k - 1.0 for k in range(9)]] * 3
    (page,) = beside_sections(panel_of([1.0, 2.0]), parts_of([10] * 3, steps, names), "sales")
    text = Page(page).all_text()
    assert "3 others" in text
    assert 'class="part7"' in page
    assert 'class="part8"' not in page
    assert "forecast less its level" in text


def test_a_page_has_both_plans_in_numbers():
    values = np.repeat([[[1.0], [2.0]]], 3, axis=2)
    both = [
        forecast_of(v, np.array([START]), Step("fixed", HOUR), ("id",), (("a",),))
        for v in (values, 3 + values)
    ]
    (page,) = beside_sections(panel_of([1.0, 2.0]), ScenarioForecasts(*both), "sales")
    text = Page(page).all_text()
    assert "+6 over 2 hours" in text
    assert "difference" in text


def test_names_of_covariates_do_not_meet_those_of_parts():
    own = ("season", "level", "calendar", "promo")
    covariates = (*map(CovariatePart, own), CovariatePart(CALENDAR, own=False))
    names = why_columns(ReasonParts(covariates, *shapley_weights(7)))
    assert names == [
        *("why_level", "why_season", "why_last", "why_covariate_season", "why_covariate_level"),
        *("why_covariate_calendar", "why_promo", "why_calendar"),
    ]


@pytest.mark.parametrize(("low", "high"), [(0.1, 0.4), (1e6 + 0.1, 1e6 + 0.4), (0.0, 0.3), (7e-9, 7e-9)])
def test_differences_of_decimals_are_decimals(low, high):
    found = round_difference(np.array([[high - low]]), of=np.array([[low, high]]))
    assert found[0, 0] in (0.3, 0.0)
