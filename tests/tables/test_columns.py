"""Which column serves for what: found by content and by name, or taken at the user's word."""

import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.read.columns import find_roles

DAYS = ["2024-01-01", "2024-01-02"]
NOW_AND_AGAIN = DAYS * 2
EIGHT = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]


def roles(columns, **settings):
    return find_roles(pd.DataFrame(columns), Settings(**settings), "data.csv")


@pytest.mark.parametrize(
    ("columns", "time"),
    [
        ({"y": [1, 2], "when": DAYS}, "when"),
        ({"updated": DAYS, "date": DAYS, "y": [1, 2]}, "date"),
        ({"date": DAYS, "Timestamp": DAYS, "y": [1, 2]}, "Timestamp"),
        ({"one": DAYS, "two": DAYS, "y": [1, 2]}, "one"),
        ({"t": [1, 2], "when": DAYS, "y": [1.0, 2.0]}, "when"),
        ({"count": [5, 6], "step": [1, 2]}, "step"),
        ({"t": [1, 2], "year": [1, 2], "y": [1.0, 2.0]}, "year"),
    ],
    ids=[
        "the only dates",
        "a usual name",
        "the more usual name",
        "the first",
        "dates before integers",
        "integers with a usual name",
        "the more usual integers",
    ],
)
def test_the_time_column_is_found(columns, time):
    assert roles(columns).time == time


def test_integers_are_no_time_stamps_without_a_usual_name():
    with pytest.raises(DataError) as caught:
        roles({"n": [1, 2], "y": [1.0, 2.0]})
    assert str(caught.value) == (
        "data.csv:1: no column of time stamps found; name it with --set time=COLUMN, or if rows follow one "
        "another say how far apart they are, as --step 1h. Columns: n, y"
    )


def test_integers_are_time_stamps_where_they_are_named():
    found = roles({"n": [1, 2], "y": [1.0, 2.0]}, time="n")
    assert (found.time, found.targets) == ("n", ("y",))


def test_a_few_bad_dates_do_not_hide_the_time_column():
    assert roles({"when": ["2024-01-01", "2024-01-02", "oops"], "y": [1, 2, 3]}).time == "when"


def test_every_column_of_numbers_is_a_target():
    found = roles({"date": DAYS, "b": [1, 2], "note": ["u", "v"], "ok": [True, False], "a": [1.5, 2.5]})
    assert found.targets == ("b", "a")


@pytest.mark.parametrize("name", ["y", "Target", "VALUE", "values"])
def test_a_usual_name_is_the_only_target(name):
    assert roles({"date": DAYS, "price": [1, 2], name: [3, 4]}).targets == (name,)


def test_named_targets_are_taken_in_their_order():
    assert roles({"date": DAYS, "y": [1, 2], "a": [3, 4], "b": [5, 6]}, target="b,a").targets == ("b", "a")


def test_covariates_are_no_targets():
    found = roles({"date": DAYS, "a": [1, 2], "b": [3, 4], "c": [5, 6]}, past="a", future="c")
    assert (found.targets, found.past, found.future) == (("b",), ("a",), ("c",))
    assert found.notes == ()


@pytest.mark.parametrize("names", [["a", "a", "b", "b"], [7, 7, 9, 9]], ids=["texts", "integers"])
def test_repeated_times_make_a_column_of_names_the_series(names):
    found = roles({"date": NOW_AND_AGAIN, "shop": names, "sold": [1.0, 2.0, 3.0, 4.0]})
    assert (found.series, found.targets) == (("shop",), ("sold",))


def test_unique_times_make_one_series_whatever_texts_there_are():
    assert roles({"date": DAYS, "shop": ["a", "b"], "y": [1, 2]}).series == ()


def test_a_column_that_tells_series_apart_alone_is_enough():
    columns = {"region": list("ppppqqqq"), "shop": list("kkllmmnn"), "y": EIGHT}
    assert roles({"date": DAYS * 4, **columns}).series == ("shop",)


def test_texts_are_taken_together_where_none_does_alone():
    columns = {"shop": list("ppppqqqq"), "item": list("rrssrrss"), "y": EIGHT}
    assert roles({"date": DAYS * 4, **columns}).series == ("shop", "item")


def test_named_series_are_taken_at_their_word():
    found = roles({"date": DAYS, "shop": ["a", "b"], "code": [5, 5], "y": [1, 2]}, series="code,shop")
    assert found.series == ("code", "shop")


def test_series_are_no_targets():
    found = roles({"date": DAYS, "code": [5, 5], "sold": [1, 2]}, series="code")
    assert found.targets == ("sold",)


@pytest.mark.parametrize("role", ["time", "series", "target", "past", "future"])
def test_a_named_column_that_is_not_there_is_refused(role):
    with pytest.raises(DataError) as caught:
        roles({"date": DAYS, "sold": [1, 2]}, **{role: "solt"})
    assert str(caught.value) == (
        "data.csv:1: there is no column 'solt'. Did you mean 'sold'? Columns: date, sold"
    )


def test_no_hint_is_given_where_no_name_is_near():
    with pytest.raises(DataError, match=r"there is no column 'zzz'\. Columns: date, sold"):
        roles({"date": DAYS, "sold": [1, 2]}, target="zzz")


def test_a_table_without_numbers_has_no_target():
    with pytest.raises(DataError, match="no column of numbers to forecast; name it with --set target=COLUMN"):
        roles({"date": DAYS, "note": ["a", "b"]})


def test_columns_that_are_not_used_are_told():
    found = roles(
        {"date": DAYS * 2, "y": [1, 2, 3, 4], "note": list("abab"), "x": [3, 4, 1, 7]}, series="note"
    )
    assert found.notes == ("left out: x (number: --set past=x)",)
    found = roles({"date": DAYS, "y": [1, 2], "note": ["a", "b"], "gone": [None, None]})
    assert found.notes == ("left out: note (text); gone (empty)",)


def test_no_more_than_eight_unused_columns_are_told():
    texts = {f"c{k}": ["a", "b"] for k in range(11)}
    assert roles({"date": DAYS, "y": [1, 2], **texts}).notes == (
        "left out: c0, c1, c2, c3, c4, c5, c6, c7 and 3 more (text)",
    )


def test_where_all_is_named_the_rest_is_left_out():
    found = roles({"date": DAYS, "y": [1, 2], "b": [3, 4]}, time="date", series=(), target="y")
    assert found.notes == ("left out: b (not named)",)
