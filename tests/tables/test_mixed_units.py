"""Columns that say that the values of a series are in several units."""

import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

DAYS = [str(day.date()) for day in pd.date_range("2024-01-01", periods=24)]


def read(tmp_path, unit, of_row, **settings):
    path = tmp_path / "data.csv"
    rows = [f"{day},{50 + n * 7 % 11}.5,{of_row(n)}" for n, day in enumerate(DAYS)]
    path.write_text("\n".join([f"date,amount,{unit}", *rows]) + "\n")
    made = Settings(**settings)
    return panel_of(read_table(str(path), made.options), made)


MIXED = {
    "energy": ("unit", lambda n: "MWh" if n % 3 == 1 else "kWh"),
    "currencies": ("Currency", lambda n: "USD" if n % 3 == 1 else "EUR"),
    "powers of ten": ("UNIT_MULT", lambda n: 6 if n % 3 == 1 else 3),
}


@pytest.mark.parametrize("case", MIXED)
def test_values_of_several_units_are_refused(tmp_path, case):
    unit, of_row = MIXED[case]
    with pytest.raises(DataError) as caught:
        read(tmp_path, unit, of_row)
    error = caught.value
    assert (error.kind, error.row, error.column) == ("mixed-units", 3, unit)
    assert f"{str(of_row(1))!r} beside {str(of_row(0))!r}" in str(error)
    assert "--set target=amount" in str(error) and not error.mends
    assert read(tmp_path, unit, of_row, target="amount")[1].targets == ("amount",)


def test_each_unit_may_be_a_series_where_they_do_not_take_turns(tmp_path):
    with pytest.raises(DataError) as caught:
        read(tmp_path, "currency", lambda n: "EUR" if n < 12 else "USD")
    assert caught.value.mends[0] == {"series": "currency"}
    panel, _ = read(tmp_path, "currency", lambda n: "EUR" if n < 12 else "USD", series="currency")
    assert panel.keys == (("EUR",), ("USD",))


@pytest.mark.parametrize(
    ("unit", "of_row"),
    [
        ("unit", lambda n: "AB"[n % 2]),  # of a plant
        ("unit", lambda n: "kWh"),
        ("unit", lambda n: ["day shift", "night shift"][n % 2]),
        ("note", lambda n: ["kWh", "MWh"][n % 2]),
    ],
)
def test_other_columns_say_nothing_of_units(tmp_path, unit, of_row):
    assert read(tmp_path, unit, of_row)[1].targets == ("amount",)
