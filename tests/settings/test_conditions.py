"""Conditions: what they mean, for single figures and over the steps of series; what is said of wrong ones."""

import numpy as np
import pytest

from lstmcli.errors import ConditionFailed, UsageError
from lstmcli.settings.conditions import KnownNames, condition, threshold

VALUES = {"dead": 0.3, "reach": 12.0, "use": None}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("dead > 0.2", True),
        ("dead > 30%", False),
        ("dead >= 30%", True),
        ("reach<24", True),
        ("24 > reach", True),
        ("reach == 12 and dead != 0.3", False),
        ("reach == 12 or dead != 0.3", True),
        ("not dead > 0.2", False),
        ("not not dead > 0.2", True),
        ("dead > 1 and reach < 1 or reach > 1", True),
        ("dead > 1 and (reach < 1 or reach > 1)", False),
        ("not (dead > 1 or reach > 20)", True),
        ("dead > -1 and reach < 1.5e1", True),
        ("dead <= .3", True),
    ],
)
def test_conditions_mean_what_they_say(text, holds):
    read = condition(text, VALUES)
    if holds:
        with pytest.raises(ConditionFailed) as caught:
            read.check(VALUES)
        assert caught.value.exit_code == 3
    else:
        read.check(VALUES)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("daed > 0.2", r"unknown figure 'daed'\. Did you mean 'dead'\?.*character 1"),
        ("dead > 0.2 or", r"expected a name or a number at character 14"),
        ("", "expected a name or a number at character 1"),
        ("dead", "expected one of < <= >"),
        ("dead > 0.2 reach", "unexpected 'reach' at character 12"),
        ("(dead > 0.2", "a parenthesis is not closed"),
        ("dead > 0.2)", r"unexpected '\)' at character 11"),
        ("dead > __import__('os')", "unknown function '__import__'"),
        ("dead > 1; reach", "unexpected ';' at character 9"),
        ("1 < dead < 2", "unexpected '<'"),
        ("(" * 2000 + "dead > 1", "too many parentheses"),
        ("not " * 2000 + "dead > 1", "too many parentheses"),
        ("or > 1", "expected a name or a number"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(text, complaint):
    with pytest.raises(UsageError, match=complaint):
        condition(text, VALUES)


def test_a_condition_tells_the_figures_it_looked_at():
    with pytest.raises(ConditionFailed, match=r"dead = 0\.3, reach = 12$"):
        condition("dead > 0.2 or reach < dead", VALUES).check(VALUES)


def test_a_figure_without_a_value_is_no_condition():
    with pytest.raises(UsageError, match="no 'use' for this model"):
        condition("use < 3", VALUES).check(VALUES)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("reach - 2 * 5 == 2", True),
        ("(reach - 2) * 5 == 50", True),
        ("reach - 4 - 3 == 5", True),
        ("reach / 3 / 2 == 2", True),
        ("reach -1 == 11", True),
        ("-reach * -1 + - -1 == 13", True),
        ("(dead) > 0.2 and ((reach)) == (12)", True),
        ("dead + 20 % == 50%", True),
        ("max(reach) == 12 and mean(dead) == .3 and any(dead > 0.2) and all(min(dead) < sum(reach))", True),
        ("reach / 0 > 5", True),
        ("0 / (reach - 12) != 5 or not 0 / (reach - 12) != 5", False),  # no number compares
    ],
)
def test_figures_are_computed_with(text, holds):
    read = condition(text, VALUES)
    if not holds:
        return read.check(VALUES)
    with pytest.raises(ConditionFailed):
        read.check(VALUES)


# Three series of three steps; `limit` is one number a series.
STEPS = {
    "f": np.array([[1.0, 2.0, 3.0], [5.0, 4.0, 6.0], [0.0, 0.0, 9.0]]),
    "g": np.array([[3.0, 2.0, 1.0], [3.0, 3.0, 3.0], [9.0, 0.0, 1.0]]),
    "limit": np.array([[2.5], [7.0], [3.0]]),
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("f > 4", [False, True, True]),  # at any step
        ("any(f > 4)", [False, True, True]),
        ("all(f > 3)", [False, True, False]),
        ("not f > 3", [True, False, True]),  # at any step it is not
        ("not any(f > 3)", [True, False, False]),
        ("not all(f > 3)", [True, False, True]),
        ("f > 2 and g > 2", [False, True, False]),  # at the same step
        ("any(f > 2) and any(g > 2)", [True, True, True]),
        ("not (f < 9 or g < 9)", [False, False, False]),
        ("f > limit", [True, False, True]),
        ("max(f) > 1.2 * limit", [False, False, True]),
        ("max(f) < limit", [False, True, False]),
        ("min(f) < limit - 2", [False, True, True]),
        ("mean(f) == 3 or mean(f) == 5", [False, True, True]),
        ("sum(f) == 6", [True, False, False]),
        ("sum(limit) == 9", [False, False, True]),  # once for each step
        ("max(f - g) == 2", [True, False, False]),
        ("f == max(f) and g == min(g)", [True, True, False]),
        ("all(f > 3 or limit < 2.6)", [True, True, False]),
    ],
)
def test_conditions_go_over_the_steps_of_each_series(text, holds):
    read = condition(text, STEPS)
    assert read.holds({name: STEPS[name] for name in {"f", *read.names}}).tolist() == holds


@pytest.mark.parametrize(
    ("text", "series", "seen"),
    [
        ("f > 1.5", 0, "011"),
        ("max(f) > 1.5", 0, "011"),
        ("2 < max(f)", 0, "001"),
        ("max(f) < limit", 1, "111"),
        ("mean(f) > 1", 0, "1"),
        ("not any(f < 3)", 1, "111"),
        ("any(f > 2) and any(g > 2)", 0, "001"),  # from when on both were
        ("f > 2 or g > 2", 0, "101"),
        ("limit > 2 or f > 100", 0, "1"),
        ("min(f) < 1 and f > 1", 2, "001"),
    ],
)
def test_the_steps_that_show_it(text, series, seen):
    read = condition(text, STEPS)
    one = {name: values[series : series + 1] for name, values in STEPS.items()}
    assert read.holds(one).all()
    assert read.truth.seen(one).astype(int).tolist() == [list(map(int, seen))]


def test_names_that_are_no_identifiers_stand_in_backquotes():
    known = KnownNames(("disk size", "größe", "a`b", "last", "`last`", "and"), "name")
    read = condition("`disk size` > 1 or größe > `a``b` or last < `last` or `and` > 1", known)
    assert read.names == ("disk size", "größe", "a`b", "last", "`last`", "and")
    with pytest.raises(UsageError, match=r"Known: `disk size`, größe, `a``b`, last, `last`, `and`;"):
        condition("size > 1", known)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1 + (dead > 1) > 2", "expected a number and no condition at character 5"),
        ("(dead > 1) + 2 > 2", r"unexpected '\+' at character 12"),
        ("max(dead > 1) > 2", "expected a number and no condition at character 5"),
        ("dead > (reach > 1)", "expected a number and no condition at character 8"),
        ("any(dead)", "expected one of < <= > .* at character 9"),
        ("not dead", "expected one of < <= > .* at character 9"),
        ("dead and reach > 1", "expected one of < <= > .* at character 6"),
        ("maxi(dead) > 1", r"unknown function 'maxi'\. Did you mean 'max'\?.* at character 1"),
        ("max(dead > 1", "no condition at character 5"),
        ("max(dead", "a parenthesis is not closed at character 9"),
        ("dead > 2 *", "expected a name or a number at character 11"),
        ("`dead > 2", "unexpected '`' at character 1"),
        ("- " * 2000 + "dead > 1", "too many parentheses"),
        ("max(" * 2000 + "dead", "too many parentheses"),
    ],
)
def test_numbers_and_conditions_are_told_apart(text, complaint):
    with pytest.raises(UsageError, match=complaint):
        condition(text, VALUES)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("95", (">", 95)),
        (">95", (">", 95)),
        (" < 5.5 ", ("<", 5.5)),
        ("-5", (">", -5)),
        (">=1e3", (">=", 1000)),
        ("<=20 %", ("<=", 0.2)),
    ],
)
def test_a_threshold_has_a_direction(text, found):
    assert threshold(text) == found


@pytest.mark.parametrize("text", ["", "9,5", "=5", "nan", "last", "<", "1 2", "> inf", "1e999", "-1e309 %"])
def test_a_threshold_is_a_number(text):
    with pytest.raises(UsageError, match="write a value, as 95"):
        threshold(text)
