"""Columns that say of rows that they are foreseen, or on which side of an account an amount stands."""

import subprocess

import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.jobs.check.told import mends_of
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table

MONTHS = [f"{day:%Y-%m}" for day in pd.date_range("2020-01-01", periods=30, freq="MS")]


def written(tmp_path, name, of_row, value=lambda n: 40 + n * 7 % 11):
    path = tmp_path / "data.csv"
    rows = [f"{month},{of_row(n)},{value(n)}" for n, month in enumerate(MONTHS)]
    path.write_text("\n".join([f"month,{name},sold", *rows]) + "\n")
    return str(path)


def read(path, **settings):
    made = Settings(**settings)
    return panel_of(read_table(path, made.options), made)


@pytest.mark.parametrize(
    ("name", "of_row", "shown"),
    [
        ("Type", lambda n: "Actual" if n < 24 else "Forecast", "Forecast"),
        ("Scenario", lambda n: "Ist" if n < 24 else "Prognose", "Prognose"),
        ("Kind", lambda n: "Estimate" if n < 24 else "Projection", "Projection"),
        ("Kind", lambda n: "Observed" if n < 24 else "Projected", "Projected"),
        ("is_forecast", lambda n: str(n >= 24).lower(), "true"),
        ("forecast", lambda n: int(n >= 24), "1"),
    ],
)
def test_rows_that_are_foreseen_are_no_history(tmp_path, monkeypatch, name, of_row, shown):
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, name, of_row)
    with pytest.raises(DataError, match=f"'{shown}' in {name}") as raised:
        read(path)
    error = raised.value
    assert (error.kind, error.row, error.column) == ("mixed-rows", 26, name)
    with pytest.raises(DataError, match=f"'{shown}' in {name}"):
        panel_for_training([path], Settings(), Cache(tmp_path / "cache", lambda *said: None))
    assert mends_of(error) == ()  # check does not take the plan for history by itself
    command = str(error).partition("the rows before them: ")[2].partition("; ")[0]
    subprocess.run(command, shell=True, check=True, timeout=20)
    panel, _ = read("history.csv")
    assert (len(panel.values), panel.values[-1]) == (24, 40 + 23 * 7 % 11)
    assert len(read(path, target=("sold",))[0].values) == 30


def test_foreseen_rows_among_others_are_taken_out_by_hand(tmp_path):
    path = written(tmp_path, "Type", lambda n: "Budget" if n % 5 == 4 else "Actual")
    with pytest.raises(DataError, match="some rows are foreseen and no history; take them out; where all"):
        read(path)


@pytest.mark.parametrize(("column", "letters"), [("grade", "CD"), ("site", "SH"), ("plan", "DC")])
def test_letters_are_no_sides_where_no_name_speaks_of_accounts(tmp_path, column, letters):
    path = written(tmp_path, column, lambda n: letters[n % 3 == 1])
    assert read(path)[1].targets == ("sold",)


@pytest.mark.parametrize(
    "sides", ["SH", "dc", ("Debit", "Credit"), ("Soll", "Haben"), ("Income", "Expense"), ("Buy", "Sell")]
)
def test_amounts_of_two_sides_of_an_account_are_refused(tmp_path, sides):
    path = written(tmp_path, "D/C", lambda n: sides[n % 3 == 1])
    with pytest.raises(DataError, match=f"'{sides[1]}' beside '{sides[0]}' in D/C: two sides") as raised:
        read(path)
    assert (raised.value.row, mends_of(raised.value)) == (3, ())
    assert "--set target=sold" in str(raised.value)
    signed = written(tmp_path, "D/C", lambda n: sides[n % 3 == 1], lambda n: -9 if n % 3 == 1 else 9 + n)
    assert read(signed)[1].targets == ("sold",)


@pytest.mark.parametrize(
    ("name", "of_row"),
    [
        ("Read", lambda n: "Actual" if n % 5 else "Estimated"),  # readings of a meter
        ("Type", lambda n: "Actual"),
        ("Size", lambda n: "SML"[n % 3]),
        ("Plan", lambda n: ["A", "B"][n % 2]),  # of a contract
    ],
)
def test_other_texts_say_nothing_of_rows(tmp_path, name, of_row):
    assert read(written(tmp_path, name, of_row))[1].targets == ("sold",)


@pytest.mark.parametrize("name", ["Fiscal Year", "Calendar year", "Jahr der Messung", "tax_year"])
def test_years_under_a_name_that_speaks_of_years_are_times(tmp_path, name):
    path = tmp_path / "years.csv"
    path.write_text(f"{name},sold\n" + "".join(f"{1990 + n},{7 * n % 11}\n" for n in range(20)))
    panel, roles = read(str(path))
    assert (roles.time, roles.targets) == (name, ("sold",))
    assert str(panel.starts[0])[:4] == "1990" and panel.step.describe() == "one year"


def test_years_of_building_are_no_times(tmp_path):
    path = tmp_path / "houses.csv"
    path.write_text("year built,sold\n" + "".join(f"{1990 + 7 * n % 31},{7 * n % 11}\n" for n in range(20)))
    with pytest.raises(DataError, match="no column of time stamps"):
        read(str(path))
