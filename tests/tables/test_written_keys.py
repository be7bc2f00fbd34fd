"""Names of series that look like numbers or times: they are kept as they are written where they make times
unique."""

import io
from datetime import date, timedelta
from types import SimpleNamespace

import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.for_contract import contract_of, read_for_model
from lstmcli.tables.read.frames import table_from_frame

DAYS = [date(2024, 1, 1) + timedelta(days=k) for k in range(40)]
MONTHS = [f"{2020 + k // 12}-{k % 12 + 1:02}" for k in range(40)]
NAMES = {
    "numbers with a point": ["1.1", "1.2", "1.3"],
    "numbers that differ as texts alone": ["1.1", "1.2", "1.10"],
    "one number in two spellings": ["1.1", "1.10"],
    "versions": ["2.0", "2.1"],
    "persons": ["April", "May", "June"],
    "months": ["Mar", "Jun", "Sep", "Dec"],
    "weekdays": ["Mon", "Tue", "Wed"],
    "all weekdays": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    "ages": ["<1", "1-4", "5-64", "65+"],
    "ages of years": ["<1", "1", "2", "3", "4+"],
    "rooms": ["1 e", "2 e", "3 w"],
    "rooms without a blank": ["1e", "2e"],
    "leading zeros": ["0123", "0456", "789"],
    "amounts": ["$5", "$10"],
    "shares": ["5%", "10%"],
    "packs": ["500 ml", "1 l"],
    "weights": ["5 kg", "10 kg"],
    "powers": ["1e5", "2e5"],
    "negative": ["-1.5", "1.5"],
}


def read(path, header, rows, **settings):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    chosen = Settings(**settings)
    table = read_table(str(path), chosen.options)
    return table, *panel_of(table, chosen)


def rows_of(names, times=DAYS):
    return [
        (day, name, (k * 7 + n * 3) % 41 + 0.5) for k, day in enumerate(times) for n, name in enumerate(names)
    ]


@pytest.mark.parametrize("case", NAMES)
@pytest.mark.parametrize("column", ["x", "group"])
def test_names_that_make_times_unique_are_kept_as_written(tmp_path, case, column):
    names, path = NAMES[case], tmp_path / "t.csv"
    _, panel, roles = read(path, f"date,{column},y", rows_of(names))
    assert roles.series == (column,) and roles.targets == ("y",)
    assert [key[0] for key in panel.keys] == names


@pytest.mark.parametrize(
    "case", ["numbers that differ as texts alone", "persons", "rooms", "ages of years", "packs"]
)
def test_a_cache_has_the_same_names(tmp_path, case):
    path = tmp_path / "t.csv"
    _, panel, roles = read(path, "date,x,y", rows_of(NAMES[case]))
    _, kept, of_kept = panel_for_training([str(path)], Settings(), Cache(tmp_path / "kept", lambda *_: None))
    assert kept.keys == panel.keys and kept.values.tolist() == panel.values.tolist()
    assert of_kept.notes == roles.notes


@pytest.mark.parametrize("case", ["numbers that differ as texts alone", "rooms", "ages of years", "packs"])
def test_a_model_finds_its_series_again(tmp_path, case):
    names = NAMES[case]
    table, panel, roles = read(tmp_path / "t.csv", "date,x,y", rows_of(names))

    class Model:
        contract = contract_of(table, panel, roles)

    for some in (names, names[:1]):  # one of them makes times unique without a name
        read(tmp_path / "new.csv", "date,x,y", rows_of(some))
        again = read_for_model(Model, tmp_path / "m", [str(tmp_path / "new.csv")]).panel
        assert [key[0] for key in again.keys] == some


@pytest.mark.parametrize(("names", "kept"), [(["1.1", "1.2"], True), ([1.1, 1.2], True), (["<1", "1"], True)])
def test_data_frames_are_read_alike(names, kept):
    frame = pd.DataFrame(rows_of(names), columns=["date", "x", "y"])
    panel, roles = panel_of(table_from_frame(frame, Settings().options), Settings())
    assert roles.series == ("x",) and [key[0] for key in panel.keys] == [*map(str, names)]


def test_names_beside_other_keys(tmp_path):
    rows = [
        (day, shop, size, k % 13, 1.5 + k % 7)
        for k, day in enumerate(DAYS)
        for shop in "ab"
        for size in ("0.5", "1.0")
    ]
    _, panel, roles = read(tmp_path / "t.csv", "date,shop,size,price,sold", rows)
    assert roles.series == ("shop", "size") and roles.targets == ("sold",)
    assert panel.keys[1] == ("a", "1.0")


@pytest.mark.parametrize("column", ["setpoint", "rating", "x"])
def test_values_that_come_back_are_no_names(tmp_path, column):
    rows = [(day, 20.5 + (k * k + n * 3) % 3 / 2, k % 11) for k, day in enumerate(DAYS) for n in (0, 1)]
    with pytest.raises(DataError, match="appears twice"):
        read(tmp_path / "t.csv", f"date,{column},y", rows)


def test_measured_values_without_repeated_times_stay_values(tmp_path):
    rows = [(day, f"{20 + k % 3}.5", k * 7 % 11) for k, day in enumerate(DAYS)]
    assert read(tmp_path / "t.csv", "date,x,n", rows)[2].targets == ("x", "n")


def test_wanted_repeats_are_added_up(tmp_path):
    rows = [(day, 20.5 + n, k % 11) for k, day in enumerate(DAYS) for n in (0, 1)]
    assert read(tmp_path / "t.csv", "date,x,n", rows, resample="1d=sum")[2].series == ()


@pytest.mark.parametrize(
    ("times", "names"),
    [
        ([f"{2010 + k}-01-01" for k in range(12)], ["January", "February", "March", "April"]),
        ([DAYS[0] + timedelta(weeks=k) for k in range(40)], NAMES["all weekdays"]),
    ],
)  # fmt: skip
def test_parts_of_longer_times_are_no_names(tmp_path, times, names):
    with pytest.raises(DataError, match="appears twice"):
        read(tmp_path / "t.csv", "date,part,y", rows_of(names, times))


def test_persons_beside_months(tmp_path):
    assert read(tmp_path / "t.csv", "month,person,y", rows_of(NAMES["persons"], MONTHS))[2].series == (
        "person",
    )


def test_standard_input_is_read_once(tmp_path, monkeypatch):
    text = "\n".join(["date,x,y", *(",".join(map(str, row)) for row in rows_of(NAMES["rooms"]))])

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    table = read_table("-", Settings().options)
    assert panel_of(table, Settings())[1].series == ("x",)
