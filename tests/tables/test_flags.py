"""Numbers with a mark beside them, as statistics offices and laboratories write them."""

import json
import subprocess

import numpy as np
import pandas as pd
import pytest
from number_tables import days, table_text

from lstmcli.errors import DataError
from lstmcli.settings.load import load_settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.cache.arrays import Sizes
from lstmcli.tables.read import panel_for_contract, panel_of, read_table
from lstmcli.tables.read.for_contract import contract_of
from lstmcli.tables.read.frames import table_from_frame

NAN = float("nan")
OTHERS = "--set on_flag=missing or error otherwise"


@pytest.fixture
def read(tmp_path):
    """Numbers, and notes, of a column that is read whole, in pieces and from a DataFrame."""

    def make(cells, separator=",", **given):
        path = tmp_path / "data.csv"
        path.write_text(table_text({"v": cells}, separator), encoding="utf-8")
        settings = load_settings(None, {}, tuple(f"{name}={value}" for name, value in given.items()))
        table = read_table(str(path), settings.options)
        panel, _ = panel_of(table, settings)
        cache = Cache(tmp_path / "cache", lambda *_: None, sizes=Sizes(12, 32, 40, -1))
        kept, pieces, _ = panel_for_training([str(path)], settings, cache)
        frame = pd.DataFrame({"date": days(len(cells)), "v": cells})
        framed, _ = panel_of(table_from_frame(frame, settings.options), settings)
        np.testing.assert_array_equal(pieces.values, panel.values)
        np.testing.assert_array_equal(framed.values, panel.values)
        assert kept.notes == table.notes
        return panel.values.tolist(), table.notes

    return make


@pytest.mark.parametrize(
    "cell",
    [
        *("546.4 e", "546.4e", "546.4 E", "546.4 p", "546.4r", "546.4 b", "546.4 est.", "546.4 bep"),
        *("546.4 (P)", "546.4(r)", "546.4 (1)", "546.4 [1]", "546.4[a]", "546.4 1)", "546.4*", "546.4 **"),
        *(
            "546.4\u2020",
            "546.4 #",
            "546.4\u00b2",
            "~546.4",
            "\u2248 546.4",
            "ca. 546.4",
            "*546.4",
            "~546.4 e",
        ),
    ],
)
def test_a_mark_beside_some_numbers_is_taken_off_and_told(read, cell):
    cells = ["12.5", "13.5", cell, "1.5", cell]
    said = f"v: 2 numbers with a mark beside them are read without it (line 4: {cell!r} is 546.4; {OTHERS})"
    assert read(cells) == ([12.5, 13.5, 546.4, 1.5, 546.4], (said,))
    values, notes = read(cells, on_flag="missing")
    np.testing.assert_array_equal(values, [12.5, 13.5, NAN, 1.5, NAN])
    assert notes == (
        f"v: 2 numbers with a mark beside them are taken as missing (line 4: {cell!r}; --set on_flag=read "
        "otherwise)",
    )
    with pytest.raises(DataError, match=r"some cells have|not a number"):
        read(cells, on_flag="error")


LIMITS = {"<0.05": 0.05, ">2400": 2400.0, "\u2264 7": 7.0, "<=3": 3.0}


@pytest.mark.parametrize("cell", LIMITS)
def test_a_limit_is_read_as_such_and_told(read, cell):
    cells, value = ["0.5", cell, "0.75"], LIMITS[cell]
    said = f"v: 1 number with < or > before it is read without it (line 3: {cell!r} is {value:g}; {OTHERS})"
    assert read(cells) == ([0.5, value, 0.75], (said,))
    np.testing.assert_array_equal(read(cells, missing=json.dumps([cell]))[0], [0.5, NAN, 0.75])


def test_marks_stand_beside_numbers_of_every_form(read):
    assert read(["$1,003.25", "$12.50*", "($5.00)"])[0] == [1003.25, 12.5, -5.0]
    assert read(["12.5 %", "13.5 % p", "7 %"])[0] == [12.5, 13.5, 7.0]


def test_a_missing_value_may_have_a_mark(read):
    values, notes = read(["12.5", ".. e", "13.5", "-- (1)", "7.5 e"])
    np.testing.assert_array_equal(values, [12.5, NAN, 13.5, NAN, 7.5])
    assert "taken as missing: 1 .. e, 1 -- (1) in v" in notes


@pytest.mark.parametrize(
    "cells",
    [
        ["5 kWh", "6", "6.5"],  # units
        ["5", "6", "6.5 CR"],  # a side of an account
        ["950", "1.2b", "800"],  # thousand millions
        ["5", "6", "7 am"],
        ["5", "6", "7th"],
        ["94.5", "94.51)", "95.5"],
        ["5 e", "6 p", "7 e", "8"],  # most of them
    ],
)
def test_what_may_mean_more_is_refused(read, cells):
    with pytest.raises(DataError):
        read(cells)


def test_names_of_things_keep_their_letters(tmp_path):
    path = tmp_path / "data.csv"
    rows = [(day, house) for day in days(12) for house in ("12", "12a", "14", "16")]
    path.write_text("date,house,y\n" + "".join(f"{d},{h},{n}.5\n" for n, (d, h) in enumerate(rows)))
    settings = load_settings(None, {}, ("series=house",))
    panel, _ = panel_of(read_table(str(path), settings.options), settings)
    assert panel.keys == (("12",), ("12a",), ("14",), ("16",))


def test_a_model_takes_marks_in_later_files(tmp_path):
    path = tmp_path / "data.csv"
    for trained in (["12.5", "13.5 e", "1.5"], ["12.5", "13.5", "1.5"]):
        path.write_text(table_text({"v": trained}))
        settings = load_settings(None, {}, ())
        table = read_table(str(path), settings.options)
        panel, roles = panel_of(table, settings)
        contract = contract_of(table, panel, roles)
        path.write_text(table_text({"v": ["12.5", "7.5", "1.5 p"]}))
        later = panel_for_contract(read_table(str(path), contract.options), roles, panel.step)[0]
        assert later.values.tolist() == [12.5, 7.5, 1.5]


MARKED_TIMES = [("2023 Q2", "2023 Q3 p", "p"), ("2023-05", "2023-06*", "*")]


@pytest.mark.parametrize(("usual", "marked", "mark"), MARKED_TIMES)
def test_a_mark_beside_a_time_is_named(tmp_path, usual, marked, mark):
    path = tmp_path / "data.csv"
    before = [usual.replace("2023", str(year)) for year in range(2013, 2024)]
    path.write_text("time,v\n" + "".join(f"{cell},1.5\n" for cell in (*before, marked, *before)))
    rest = marked.removesuffix(mark).strip()
    said = f"unlike {before[0]!r} in the first row; {mark!r} is a mark beside it: write {rest}"
    settings = load_settings(None, {}, ())
    with pytest.raises(DataError) as raised:
        panel_of(read_table(str(path), settings.options), settings)
    assert str(raised.value).endswith(said)


def test_names_that_are_written_once_are_filled_down_by_the_command_that_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{shop if n == 0 else ''},{day},{n}.5\n" for shop in "AB" for n, day in enumerate(days(12))]
    (tmp_path / "data.csv").write_text("shop,date,v\n" + "".join(rows))
    settings = load_settings(None, {}, ())
    with pytest.raises(DataError, match="shop stands once for the rows below it: awk") as raised:
        panel_of(read_table("data.csv", settings.options), settings)
    subprocess.run(str(raised.value).partition("below it: ")[2], shell=True, check=True, timeout=20)
    panel, _ = panel_of(read_table("filled.csv", settings.options), settings)
    assert panel.keys == (("A",), ("B",)) and panel.observations == 24


def test_a_key_of_a_few_decimals_is_offered(tmp_path):
    """As a series that is not there at most times may be a measured value as well."""
    depths = ([0.5, 1.5], [1.5, 2.5], [2.5, 3.5])
    rows = [f"{day},{d},{n * 7 % 50}.5\n" for n, day in enumerate(days(24)) for d in depths[n // 8]]
    (tmp_path / "data.csv").write_text("date,depth,v\n" + "".join(rows))
    settings = load_settings(None, {}, ())
    with pytest.raises(DataError, match="--set series=depth") as raised:
        panel_of(read_table(str(tmp_path / "data.csv"), settings.options), settings)
    settings = load_settings(None, raised.value.mends[0], ())
    panel, _ = panel_of(read_table(str(tmp_path / "data.csv"), settings.options), settings)
    assert panel.keys == (("0.5",), ("1.5",), ("2.5",), ("3.5",))


def test_times_that_are_written_once_are_filled_down_by_the_command_that_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{day},A,1.5\n,B,2.5\n" for day in days(12)]
    (tmp_path / "data.csv").write_text("date,shop,v\n" + "".join(rows))
    settings = load_settings(None, {}, ())
    with pytest.raises(DataError, match="where it stands once for the rows below it: awk") as raised:
        panel_of(read_table("data.csv", settings.options), settings)
    subprocess.run(str(raised.value).partition("below it: ")[2], shell=True, check=True, timeout=20)
    panel, _ = panel_of(read_table("filled.csv", settings.options), settings)
    assert panel.keys == (("A",), ("B",)) and panel.observations == 24


def test_a_model_of_years_with_marks_reads_its_own_file(tmp_path):
    path = tmp_path / "data.csv"
    rows = [f"{1990 + k}{'*' if k > 20 else ''},{k * 7 % 5}.5" for k in range(30)]
    path.write_text("\n".join(["Year,v", *rows]))
    table = read_table(str(path))
    panel, roles = panel_of(table, load_settings(None, {}, ()))
    contract = contract_of(table, panel, roles)
    again, _ = panel_for_contract(read_table(str(path), contract.options), roles, panel.step)
    assert again.starts.tolist() == panel.starts.tolist()
    assert again.values.tolist() == panel.values.tolist()
