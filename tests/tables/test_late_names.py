"""Names such as 0456 that stand behind the first rows, where a column holds plain numbers."""

from datetime import date, timedelta

import pytest

from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.for_contract import contract_of, read_for_model

DAYS = [date(2000, 1, 1) + timedelta(days=k) for k in range(1600)]
NAMES = ["12", "130", "0456"]


def written(path, header, names, quoted=False):
    sign = '"' if quoted else ""
    rows = (
        {"d": day, "k": f"{sign}{name}{sign}", "v": k % 7} for name in names for k, day in enumerate(DAYS)
    )
    places = [{"date": "d", "sold": "v"}.get(name, "k") for name in header]
    lines = [",".join(header), *(",".join(str(row[place]) for place in places) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


@pytest.mark.parametrize(
    "header", [("date", "code", "sold"), ("x", "date", "sold"), ("date", "sold", "shop")]
)
@pytest.mark.parametrize("quoted", [False, True])
def test_leading_zeros_of_later_names_are_kept(tmp_path, header, quoted):
    path = written(tmp_path / "t.csv", header, NAMES, quoted)
    panel, roles = panel_of(read_table(path, Settings().options), Settings())
    assert [key[0] for key in panel.keys] == NAMES and roles.targets == ("sold",)
    kept = panel_for_training([path], Settings(), Cache(tmp_path / "kept", lambda *_: None))[1]
    assert kept.keys == panel.keys and kept.values.tolist() == panel.values.tolist()


@pytest.mark.parametrize("header", [("date", "code", "sold"), ("x", "date", "sold")])
def test_blanks_may_stand_between_them(tmp_path, header):
    path = tmp_path / "t.csv"
    written(path, header, NAMES)
    path.write_text(path.read_text().replace(",", "  "))
    assert [key[0] for key in panel_of(read_table(str(path)), Settings())[0].keys] == NAMES


def test_a_model_knows_them(tmp_path):
    table = read_table(written(tmp_path / "t.csv", ("date", "code", "sold"), NAMES), Settings().options)

    class Model:
        contract = contract_of(table, *panel_of(table, Settings()))

    path = written(tmp_path / "new.csv", ("date", "code", "sold"), ["130", "12", "0456"])
    assert [key[0] for key in read_for_model(Model, tmp_path / "m", [path]).panel.keys] == [
        "130",
        "12",
        "0456",
    ]


def test_a_single_number_with_a_zero_before_it_is_a_value(tmp_path):
    path, settings = tmp_path / "t.csv", Settings(step="1h", time="none")
    path.write_text("\n".join(["n,v", *(f"{k * 7 % 11}.5,{k * k % 9}" for k in range(4000)), "4.5,007"]))
    panel, roles = panel_of(read_table(str(path), settings.options), settings)
    assert roles.targets == ("n", "v") and panel.values[-1] == 7
