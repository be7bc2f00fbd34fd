"""Dates before the times across a header, which describe the series or are the time of the rows."""

import pytest

from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

MONTHS = ["Jan 2021", "Feb 2021", "Mar 2021", "Apr 2021", "May 2021", "Jun 2021", "Jul 2021", "Aug 2021"]
QUARTERS = [f"{year}-T{quarter}" for year in (2015, 2016, 2017) for quarter in (1, 2, 3, 4)]


def values(first, count):
    return [str(first + (k * 7) % 5) for k in range(count)]


def read(folder, *rows, separator=","):
    path = folder / "data.csv"
    path.write_text("".join(separator.join(row) + "\n" for row in rows))
    made = Settings()
    table = read_table(str(path), made.options)
    panel, roles = panel_of(table, made)
    return panel, roles, (*table.notes, *roles.notes)


@pytest.mark.parametrize("same", [True, False])
def test_dates_that_describe_series_are_left_out(tmp_path, same):
    rows = [
        [f"Shop {name}", f"{2010 if same else 2010 + k}-03-01", *values(90 + k, 8)]
        for k, name in enumerate("ABC")
    ]
    panel, roles, notes = read(tmp_path, ["Shop", "Opened", *MONTHS], *rows)
    assert panel.keys == (("Shop A",), ("Shop B",), ("Shop C",)) and roles.series == ("Shop",)
    assert panel.values.reshape(3, 8).tolist() == [[float(cell) for cell in row[2:]] for row in rows]
    assert str(panel.starts[0])[:7] == "2021-01"
    said = "not in the table: 'Opened', dates that describe the series, not the times of values"
    assert said in notes


def test_one_series_of_an_office_with_its_codes(tmp_path):
    panel, _, notes = read(
        tmp_path,
        ["Label", "idBank", "Last update", "Period", *QUARTERS],
        ["Rate", "001688526", "15/05/2024", "", *values(8, 12)],
        ["Codes", "", "", "", *["A"] * 12],
        separator=";",
    )
    assert panel.values.tolist() == [float(cell) for cell in values(8, 12)]
    assert (panel.step.kind, panel.step.count) == ("month", 3)
    assert "not in the table: 1 row of words in place of values (row 3)" in notes


def test_numbers_name_series_beside_dates_of_no_usual_name(tmp_path):
    rows = [[str(100 + k), f"2020-01-0{k + 1}", *values(k, 8)] for k in range(4)]
    panel, roles, _ = read(tmp_path, ["id", "last_update", *MONTHS], *rows)
    assert (roles.series, panel.keys[0]) == (("id",), ("100",))


YEARS = ["2018", "2019", "2020", "2021", "2022"]


@pytest.mark.parametrize(
    ("names", "cells"),
    [
        (["date", *YEARS], lambda k: [f"2024-01-{k + 1:02}"]),
        (["note", "date", *YEARS], lambda k: [f"n{k % 3}", f"2024-01-{k + 1:02}"]),
        (["id", "date", *YEARS], lambda k: [str(k), f"2024-01-{k + 1:02}"]),
        (["name", "date", *YEARS[:3]], lambda k: [f"n{k}", f"2024-01-{k + 1:02}"]),
    ],
)
def test_dates_that_are_the_time_of_the_rows_stay_it(tmp_path, names, cells):
    rows = [[*cells(k), *values(k % 6, len(names) - len(cells(0)))] for k in range(20)]
    _, roles, _ = read(tmp_path, names, *rows)
    assert roles.time == "date"


def test_names_that_come_again_far_below_tell_no_rows_apart(tmp_path):
    rows = [
        [f"2024-01-0{day}", f"s{k}", *values(k % 6, len(YEARS))] for day in (1, 2, 3, 4) for k in range(60)
    ]
    _, roles, _ = read(tmp_path, ["date", "store", *YEARS], *rows)
    assert (roles.time, roles.series) == ("date", ("store",))
