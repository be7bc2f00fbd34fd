"""Budgets of false alarms."""

import pytest

from lstmcli.errors import UsageError
from lstmcli.settings.budgets import read_budget


@pytest.mark.parametrize(
    ("text", "step", "series", "rate"),
    [
        ("1/week", 3600, 1, 1 / 168),
        ("1/week", 3600, 7, 1 / 168 / 7),
        ("1/week/series", 3600, 7, 1 / 168),
        ("3/day", 300, 2, 3 / 288 / 2),
        ("1/1000 rows", 300, 414, 1 / 1000),
        ("2 / 500 rows", None, 3, 2 / 500),
        ("1/2 weeks", 86400, 1, 1 / 14),
        ("0.5/12h", 60, 1, 0.5 / 720),
    ],
)
def test_rate_per_row_of_a_series(text, step, series, rate):
    assert read_budget(text).rate(step, series) == pytest.approx(rate)


@pytest.mark.parametrize(
    "text", ["", "1", "week", "0/week", "-1/day", "1/fortnight", "1/week/all", "1/0 rows", "x/day"]
)
def test_another_text_says_what_to_type(text):
    with pytest.raises(UsageError, match="as 1/week, 3/day, 1/1000 rows"):
        read_budget(text)


def test_a_budget_in_time_needs_dates():
    with pytest.raises(UsageError, match="1/1000 rows"):
        read_budget("1/week").rate(None, 1)


def test_an_alarm_in_most_rows_is_refused():
    with pytest.raises(UsageError, match="one in ten rows"):
        read_budget("3/day").rate(86400, 1)
