"""CSV in: what is read from each kind of file, and the place that each complaint names."""

import gzip
import io
import sys

import numpy as np
import pandas as pd
import pytest

from lstmcli.errors import DataError, InputMissing
from lstmcli.series.calendar import DAY, HOUR, Step, format_time
from lstmcli.series.roles import Roles
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, panel_with, read_table, time_pattern
from lstmcli.tables.read.table_cells import number_cells

DAILY = Step("fixed", DAY)
THREE_DAYS = "time,y\n2024-01-01,1\n2024-01-02,2.5\n2024-01-03,-3\n"
LONG = "time,shop,y\n2024-01-01,n,1\n2024-01-01,s,4\n2024-01-02,n,2\n2024-01-02,s,5\n"


@pytest.fixture
def panel(tmp_path):
    """Writes a CSV file and gives the panel and the roles that are found in it."""

    def make(text, name="data.csv", **settings):
        path = tmp_path / name
        raw = text if isinstance(text, bytes) else text.encode()
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return panel_of(read_table(str(path)), Settings(**settings))

    return make


@pytest.fixture
def complaint(panel, tmp_path):
    """What is said of a CSV file, after its path: `:row:column: message`."""

    def make(text, **settings):
        with pytest.raises(DataError) as caught:
            panel(text, **settings)
        return str(caught.value).removeprefix(str(tmp_path / "data.csv")).rstrip("\n")

    return make


def values_of(panel):
    """Values by series, with None where one is missing."""
    return {
        key: [None if np.isnan(v) else float(v) for v in panel.values[first:last]]
        for key, first, last in zip(panel.keys, panel.offsets[:-1], panel.offsets[1:], strict=True)
    }


def stamps(panel, series=0):
    count = int(panel.offsets[series + 1] - panel.offsets[series])
    return [format_time(time) for time in panel.times(series, 0, count)]


# How a file is written


@pytest.mark.parametrize(
    "separator",
    [",", ";", "\t", "|", "~", "^", "\x1f"],
    ids=["comma", "semicolon", "tab", "bar", "tilde", "caret", "unit"],
)
def test_the_separator_is_found(panel, separator):
    found, roles = panel(THREE_DAYS.replace(",", separator))
    assert values_of(found) == {(): [1, 2.5, -3]}
    assert stamps(found) == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert (roles.time, roles.targets, roles.series) == ("time", ("y",), ())


@pytest.mark.parametrize(
    "text",
    [
        THREE_DAYS.encode("utf-8-sig"),
        THREE_DAYS.replace("\n", "\r\n"),
        THREE_DAYS.rstrip("\n"),
        '"time","y"\n"2024-01-01","1"\n"2024-01-02","2.5"\n"2024-01-03","-3"\n',
        "time,y\n\n2024-01-01,1\n2024-01-02,2.5\n\n\n2024-01-03,-3\n\n",
        "time,y\n2024-01-01,1e0\n2024-01-02,.25e1\n2024-01-03,-3.000\n",
        "time,y\n2024-01-03,-3\n2024-01-01,1\n2024-01-02,2.5\n",
    ],
    ids=["BOM", "CRLF", "no last newline", "quoted", "blank lines", "exponents", "unsorted"],
)
def test_the_same_table_may_be_written_in_many_ways(panel, text):
    found, roles = panel(text)
    assert roles.time == "time"
    assert values_of(found) == {(): [1, 2.5, -3]}
    assert stamps(found) == ["2024-01-01", "2024-01-02", "2024-01-03"]


@pytest.mark.parametrize("name", ["data.csv.gz", "data.gz"])
def test_a_gzipped_file_is_read(panel, name):
    assert values_of(panel(THREE_DAYS, name=name)[0]) == {(): [1, 2.5, -3]}


def test_the_separator_of_a_gzipped_file_is_found(panel):
    assert values_of(panel(THREE_DAYS.replace(",", ";"), name="data.csv.gz")[0]) == {(): [1, 2.5, -3]}


def test_a_quoted_cell_may_hold_the_separator(panel):
    found, _ = panel('time,shop,y\n2024-01-01,"a, b",1\n2024-01-02,"a, b",2\n', series="shop")
    assert found.keys == (("a, b",),)


def test_a_hyphen_is_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(THREE_DAYS.replace(",", ";").encode())))
    table = read_table("-")
    assert table.source == "standard input"
    assert values_of(panel_of(table, Settings())[0]) == {(): [1, 2.5, -3]}


# Series


def test_a_wide_table_is_a_series_per_column(panel):
    found, roles = panel("time,a,b\n2024-01-01,1,4\n2024-01-02,2,5\n2024-01-03,3,6\n")
    assert roles.targets == ("a", "b")
    assert found.key_names == ("series",)
    assert values_of(found) == {("a",): [1, 2, 3], ("b",): [4, 5, 6]}


def test_a_long_table_is_a_series_per_name(panel):
    found, roles = panel(LONG)
    assert roles.series == found.key_names == ("shop",)
    assert values_of(found) == {("n",): [1, 2], ("s",): [4, 5]}


def test_two_columns_may_tell_series_apart(panel):
    pairs = [(shop, item) for shop in "ns" for item in "pq"]
    rows = [f"2024-01-0{d},{s},{i},{d}{k}" for d in (1, 2) for k, (s, i) in enumerate(pairs)]
    found, roles = panel("\n".join(["time,shop,item,y", *rows]))
    assert roles.series == ("shop", "item")
    assert values_of(found) == {
        ("n", "p"): [10, 20],
        ("n", "q"): [11, 21],
        ("s", "p"): [12, 22],
        ("s", "q"): [13, 23],
    }


def test_integers_may_tell_series_apart(panel):
    found, roles = panel(LONG.replace(",n,", ",17,").replace(",s,", ",5,"))
    assert roles.series == ("shop",)
    assert values_of(found) == {("17",): [1, 2], ("5",): [4, 5]}


def test_series_are_in_order_of_appearance_whatever_the_order_of_rows(panel):
    found, _ = panel("time,shop,y\n2024-01-02,z,2\n2024-01-02,a,5\n2024-01-01,a,4\n2024-01-01,z,1\n")
    assert list(values_of(found).items()) == [(("z",), [1, 2]), (("a",), [4, 5])]


def test_several_targets_of_several_series_are_a_series_each(panel):
    found, _ = panel("time,shop,y,x\n" + "".join(f"{row},0\n" for row in LONG.split()[1:]), target="y,x")
    assert found.key_names == ("shop", "series")
    assert found.keys == (("n", "y"), ("s", "y"), ("n", "x"), ("s", "x"))


def test_series_may_start_at_different_times(panel):
    found, _ = panel("time,shop,y\n2024-01-01,n,1\n2024-01-02,n,2\n2024-01-02,s,7\n2024-01-03,s,8\n")
    assert [stamps(found, 0)[0], stamps(found, 1)[0]] == ["2024-01-01", "2024-01-02"]


# Time stamps


@pytest.mark.parametrize(
    ("cells", "step", "first", "pattern"),
    [
        (["1998", "1999", "2000"], Step("month", 12, 1), "1998-01-01", "%Y"),
        (["1", "2", "3"], Step("plain", 1), "1", None),
        (["0", "5", "10"], Step("plain", 5), "0", None),
        (["2020/01/31", "2020/02/29", "2020/03/31"], Step("month", 1, 31), "2020-01-31", "%Y/%m/%d"),
        (["2020-01", "2020-02", "2020-03"], Step("month", 1, 1), "2020-01-01", "%Y-%m"),
        (
            ["2024-01-01 22:00", "2024-01-01 23:00"],
            Step("fixed", HOUR),
            "2024-01-01 22:00:00",
            "%Y-%m-%d %H:%M",
        ),
        (
            ["2024-01-01T22:00:00Z", "2024-01-01T23:00:00Z"],
            Step("fixed", HOUR),
            "2024-01-01 22:00:00",
            "%Y-%m-%dT%H:%M:%SZ",
        ),
        (
            ["2024-01-01T01:00:00+02:00", "2024-01-01T02:00:00+02:00"],
            Step("fixed", HOUR),
            "2023-12-31 23:00:00",
            "%Y-%m-%dT%H:%M:%S%z @+02:00",
        ),
        (["01/31/2024", "02/01/2024"], DAILY, "2024-01-31", "%m/%d/%Y"),
    ],
)
def test_time_stamps_are_read_with_their_step_and_pattern(tmp_path, cells, step, first, pattern):
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["time,y", *(f"{cell},{k}" for k, cell in enumerate(cells))]))
    table = read_table(str(path))
    found, _ = panel_of(table, Settings(time="time"))
    assert found.step == step
    assert format_time(found.starts[0]) == first
    assert time_pattern(table, "time") == pattern


# Missing values and rows ahead


@pytest.mark.parametrize("hole", ["", "NA", "NaN", "null", "?"])
def test_a_missing_value_is_kept_as_missing(panel, hole):
    found, _ = panel(f"time,y\n2024-01-01,1\n2024-01-02,{hole}\n2024-01-03,3\n")
    assert values_of(found) == {(): [1, None, 3]}
    assert found.lengths.tolist() == [3]
    assert found.observations == 2


def test_a_series_starts_at_its_first_value(panel):
    found, _ = panel("time,y\n2024-01-01,\n2024-01-02,\n2024-01-03,3\n2024-01-04,4\n")
    assert values_of(found) == {(): [3, 4]}
    assert stamps(found) == ["2024-01-03", "2024-01-04"]


def test_rows_after_the_last_value_are_ahead(panel):
    found, _ = panel("time,y\n2024-01-01,1\n2024-01-02,2\n2024-01-03,\n2024-01-04,\n")
    assert found.lengths.tolist() == [2]
    assert found.ahead(0) == 2
    assert found.history(0).tolist() == [1, 2]


def test_each_column_of_a_wide_table_has_its_own_start_and_end(panel):
    found, _ = panel("time,a,b\n2024-01-01,,4\n2024-01-02,2,\n2024-01-03,3,\n")
    assert values_of(found) == {("a",): [2, 3], ("b",): [4, None, None]}
    assert found.lengths.tolist() == [2, 1]
    assert [stamps(found, 0)[0], stamps(found, 1)[0]] == ["2024-01-02", "2024-01-01"]


def test_future_covariates_reach_into_the_rows_ahead(panel):
    text = "time,y,hot,sun\n2024-01-01,1,7,0\n2024-01-02,2,8,1\n2024-01-03,,9,1\n"
    found, roles = panel(text, target="y", future="sun,hot")
    assert roles.future == ("sun", "hot")
    assert found.future.tolist() == [[0, 7], [1, 8], [1, 9]]
    assert found.lengths.tolist() == [2]


def test_past_covariates_may_be_missing_ahead(panel):
    found, _ = panel("time,y,hot\n2024-01-01,1,7\n2024-01-02,2,8\n2024-01-03,,\n", target="y", past="hot")
    assert found.past[:2].tolist() == [[7], [8]]
    assert found.ahead(0) == 1


def test_covariates_are_repeated_for_each_target_and_sorted_with_it(panel):
    found, _ = panel("time,a,b,x\n2024-01-02,2,5,9\n2024-01-01,1,4,8\n", target="a,b", past="x")
    assert found.past.tolist() == [[8], [9], [8], [9]]


def test_a_covariate_may_be_missing_before_the_first_value(panel):
    found, _ = panel("time,y,x\n2024-01-01,,\n2024-01-02,2,8\n2024-01-03,3,9\n", target="y", past="x")
    assert found.past.tolist() == [[8], [9]]


# Complaints about a place


def test_a_gap_names_the_row(complaint):
    text = "time,y\n2024-01-01,1\n2024-01-02,2\n2024-01-04,3\n2024-01-05,4\n"
    said = complaint(text)
    assert said.startswith(":4:time: gap in time: expected 2024-01-03 ")
    assert said.endswith(
        "found 2024-01-04; 1 time missing; --on-gap mask leaves them missing, --on-gap fill interpolates"
    )


def test_a_gap_names_the_row_of_an_unsorted_file(complaint):
    said = complaint("time,y\n2024-01-05,5\n2024-01-04,4\n2024-01-01,1\n2024-01-02,2\n")
    assert said.startswith(":3:time: gap in time: expected 2024-01-03 ")


def test_a_gap_names_the_series(complaint):
    text = "time,shop,y\n2024-01-01,n,1\n2024-01-02,n,2\n2024-01-03,n,1\n2024-01-01,s,1\n2024-01-03,s,2\n"
    assert complaint(text).startswith(":6:time: series s: gap in time: expected 2024-01-02 ")


def test_a_repeated_time_names_the_row_and_how_to_mend_it(complaint):
    said = complaint("time,y\n2024-01-01,1\n2024-01-02,2\n2024-01-02,3\n2024-01-03,3\n")
    assert said == (
        ":4:time: time 2024-01-02 appears twice; "
        "if the table holds several series, name the column with --set series=COLUMN; "
        "1 row repeats a time; --on-duplicate first, last or mean takes one"
    )


def test_a_repeated_time_in_a_named_series_tells_what_tells_series_apart(complaint):
    text = "time,shop,y\n2024-01-01,n,1\n2024-01-02,n,2\n2024-01-02,n,3\n"
    assert complaint(text, series="shop") == (
        ":4:time: series n: time 2024-01-02 appears twice in one series (series are told apart by shop); "
        "1 row repeats a time; --on-duplicate first, last or mean takes one"
    )


def test_times_that_are_all_the_same_name_the_first_row(complaint):
    assert complaint("time,y\n2024-01-01,1\n2024-01-01,2\n").startswith(
        ":2:time: all time stamps are the same"
    )


@pytest.mark.parametrize(
    ("text", "settings", "said"),
    [
        (
            "time,y\n2024-01-01,1\nfoo,2\n2024-01-03,3\n",
            {},
            ":3:time: 'foo' is not a time stamp, unlike '2024-01-01' in the first row",
        ),
        (
            "time,y\n2024-02-28,1\n2024-02-30,2\n2024-03-01,2\n",
            {},
            ":3:time: '2024-02-30' is not a time stamp",
        ),
        ("time,y\n2024-01-01,1\n,2\n", {}, ":3:time: the time stamp is missing"),
        ("time,y\n2024-01-01,1\n2024-01-02,x\n", {"target": "y"}, ":3:y: 'x' is not a number"),
        ("time,y\n2024-01-01,1\n\n\n2024-01-02,x\n", {"target": "y"}, ":5:y: 'x' is not a number"),
        ('time,y\n2024-01-01,1\n2024-01-02,"1,00,0"\n', {"target": "y"}, ":3:y: '1,00,0' is not a number"),
        (
            "time,y,x\n2024-01-01,1,a\n2024-01-02,2,8\n",
            {"target": "y", "past": "x"},
            ":2:x: 'a' is not a number",
        ),
        ("time,y,x\n2024-01-01,1,3\n2024-01-02,2,\n", {"past": "x"}, ":3:x: the covariate is missing here"),
        ("time,y,x\n2024-01-01,1,3\n2024-01-02,,\n", {"future": "x"}, ":3:x: the covariate is missing here"),
        (
            "time,y,x\n2024-01-01,1,3\n2024-01-02,,\n",
            {"static": "x"},
            ":3:x: the covariate is missing here: a static one is needed in each row of its series, also in",
        ),
        (
            "time,a,b\n2024-01-01,1,2\n2024-01-02,1,\n",
            {"target": "a", "past": "b"},
            ":3:b: the covariate is missing here",
        ),
        (
            "time,shop,y\n2024-01-01,n,1\n2024-01-01,,1\n2024-01-02,n,2\n",
            {"series": "shop"},
            ":3:shop: the name of the series is missing",
        ),
        ("time,y\n2024-01-01,\n2024-01-02,\n", {"target": "y"}, ":2:y: no value at all"),
        (
            "time,shop,y\n2024-01-01,n,1\n2024-01-01,s,\n2024-01-02,n,2\n2024-01-02,s,\n",
            {},
            ":3:y: series s: no value at all",
        ),
        ("time,y\n2024-01-01,1\n", {}, ":2:time: a series needs at least two rows to show its step"),
    ],
)
def test_a_complaint_names_row_and_column(complaint, text, settings, said):
    assert complaint(text, **settings).startswith(said)


@pytest.mark.parametrize("infinity", ["inf", "-inf", "1e400"])
def test_an_infinite_value_names_its_place(complaint, infinity):
    assert complaint(f"time,y\n2024-01-01,1\n2024-01-02,{infinity}\n").startswith(":3:y: ")


# Complaints about a file


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": the file is empty"),
        ("time,y\n", ": the table has a header but no rows"),
        ("time,y\n\n,\n", ": the table has a header but no rows"),
        ("time,y\n2024-01-01,1\n2024-01-02,2,3\n", ":3: the row has 3 cells, the header 2"),
        (b"time,y\n2024-01-01,\xff\n", ":2: not UTF-8 text"),
        (
            "a,b\nx,y\n",
            ":1: no column of time stamps found; name it with --set time=COLUMN, or if ",
        ),
        (
            "time,b\n2024-01-01,y\n2024-01-02,z\n",
            ":2:b: 'y' is no number: no column of numbers to forecast; name it with --set target=COLUMN",
        ),
    ],
)
def test_a_file_that_is_no_table_is_told(complaint, text, said):
    assert complaint(text).startswith(said)


def test_a_missing_file_is_named(tmp_path):
    path = tmp_path / "none.csv"
    with pytest.raises(InputMissing) as caught:
        read_table(str(path))
    assert str(caught.value) == f"{path}: no such file or directory"


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(InputMissing, match="is a directory"):
        read_table(str(tmp_path))


def test_a_broken_archive_is_bad_data(tmp_path):
    path = tmp_path / "data.csv.gz"
    path.write_bytes(gzip.compress(THREE_DAYS.encode())[:-12])
    with pytest.raises(DataError, match="cannot be read") as caught:
        read_table(str(path))
    assert caught.value.kind == "unreadable"


# A table for a model that knows its columns and its step


ROLES = Roles("time", (), ("y",), (), ())


def table_of(tmp_path, text):
    path = tmp_path / "data.csv"
    path.write_text(text)
    return read_table(str(path))


def test_one_row_is_enough_where_the_step_is_known(tmp_path):
    found = panel_with(table_of(tmp_path, "time,y\n2024-01-01,1\n"), ROLES, DAILY)
    assert found.step == DAILY
    assert values_of(found) == {(): [1]}


def test_another_step_than_the_known_one_is_refused(tmp_path):
    table = table_of(tmp_path, "time,y\n2024-01-01,1\n2024-01-08,2\n2024-01-15,3\n")
    with pytest.raises(DataError, match=r":3:time: gap in time: expected 2024-01-02 .*found 2024-01-08"):
        panel_with(table, ROLES, DAILY)


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path):
    table = table_of(tmp_path, "tme,y\n2024-01-01,1\n")
    with pytest.raises(DataError) as caught:
        panel_with(table, ROLES, DAILY)
    said = f"{table.source}:1: there is no column 'time'. Did you mean 'tme'? Columns: tme, y"
    said += f"; if 'tme' is it now, rename it: sed 1s/tme/time/ {table.source} > renamed.csv"
    assert str(caught.value) == said


def test_columns_without_a_role_are_let_alone(tmp_path):
    table = table_of(tmp_path, "time,y,note\n2024-01-01,1,\n2024-01-02,2,x\n")
    assert values_of(panel_with(table, ROLES, DAILY)) == {(): [1, 2]}


@pytest.mark.parametrize("late", ["007", "True", "", "1.50"])
def test_texts_stay_as_they_are_written_where_late_rows_look_like_numbers(tmp_path, late):
    """Pandas reads a wide table of so many cells in two pieces."""
    path, more = tmp_path / "data.csv", ",1" * 127
    header = "id" + "".join(f",c{n}" for n in range(127))
    path.write_text("\n".join([header, *[f"A1{more}"] * 8300, *[f"{late}{more}"] * 8300]))
    cells = read_table(str(path)).frame["id"]
    assert (cells.iloc[0], cells.nunique()) == ("A1", 1 + bool(late))
    assert cells.astype(object).fillna("").iloc[-1] == late


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series(["b", "a", None, "b"]),
        pd.Series(["b", "a", None, "b"], dtype="category"),
        pd.Series([None, *["b"] * 500, *["a"] * 500, *["b"] * 200, None]),
        pd.Series([np.nan, 2.0, 2.0, 1.0, np.nan]),
        pd.Series([], dtype=object),
        pd.Series([None], dtype="category"),
    ],
)
def test_cells_are_numbered_in_order_of_appearance(cells):
    numbered = number_cells(cells)
    filled = cells[cells.notna()].drop_duplicates()
    assert numbered.values.tolist() == filled.tolist()
    assert numbered.firsts.tolist() == filled.index.tolist()
    known = dict(zip(filled, range(len(filled)), strict=True))
    assert numbered.numbers.tolist() == [known.get(cell, -1) for cell in cells.astype(object)]
