"""Tables as pivot tables and R print them: years above their months, years as names of rows."""

import subprocess

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def read(path):
    return panel_of(read_table(str(path), Settings().options), Settings())


@pytest.mark.parametrize("sign", [",", ";"])
def test_years_above_their_months_are_refused_with_a_command(tmp_path, monkeypatch, sign):
    monkeypatch.chdir(tmp_path)
    rows = [f"Row Labels{sign}Sum"]
    for year in (2021, 2022, 2023):
        rows += [f"{year}{sign}999", *(f"{name}{sign}{year % 100 * 20 + k}" for k, name in enumerate(NAMES))]
    path = tmp_path / "pivot.csv"
    path.write_text("\n".join([*rows, f"Grand Total{sign}2997"]) + "\n")
    with pytest.raises(DataError, match="'2021' stands above its months, as 'Jan' in row 3") as raised:
        read(path)
    subprocess.run(str(raised.value).partition("each month: ")[2], shell=True, check=True, timeout=20)
    panel, roles = read("months.csv")
    assert (roles.time, str(panel.step), str(panel.starts[0])[:7]) == ("Row Labels", "month", "2021-01")
    assert (len(panel.values), panel.values[0], panel.values[-1]) == (36, 420, 471)


@pytest.mark.parametrize(
    ("names", "first"), [(NAMES, "month"), (("Qtr1", "Qtr2", "Qtr3", "Qtr4"), "quarter")]
)
def test_years_as_names_of_rows_are_the_years_of_their_parts(tmp_path, names, first):
    lines = ["     " + " ".join(f"{name:>6}" for name in names)]
    for year in range(2015, 2021):
        lines.append(f"{year} " + " ".join(f"{year % 100 + k / 10:6.1f}" for k in range(len(names))))
    path = tmp_path / "ts.txt"
    path.write_text("\n".join(lines) + "\n")
    panel, roles = read(path)
    assert (roles.targets, len(panel.values)) == (("value",), 6 * len(names))
    assert panel.values[:3].tolist() == [15.0, 15.1, 15.2] and str(panel.starts[0])[:7] == "2015-01"
    assert str(panel.step) == ("month" if len(names) == 12 else "quarter")


def test_parts_of_times_with_a_point_are_told_by_the_name(tmp_path):
    for name, cells, step in (
        ("Kal.woche", [f"{k % 52 + 1:02}.{2023 + k // 52}" for k in range(60)], "week"),
        ("Kalenderwoche", [f"{2023 + k // 52}.{k % 52 + 1:02}" for k in range(60)], "week"),
        ("Periode", [f"0{k % 12 + 1:02}.{2019 + k // 12}" for k in range(40)], "month"),
        ("month", [f"{2019 + k // 12}.{k % 12 + 1}" for k in range(40)], "month"),
    ):
        path = tmp_path / "data.csv"
        path.write_text("\n".join([f"{name},y", *(f"{cell},{k % 7}.5" for k, cell in enumerate(cells))]))
        panel, roles = read(path)
        assert (roles.time, roles.targets, str(panel.step)) == (name, ("y",), step)


def test_days_and_months_without_signs_and_a_year_are_refused(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["date,y", *(f"{k % 28 + 1:02}{k // 28 + 1:02},{k % 7}" for k in range(60))]))
    with pytest.raises(DataError, match=r"'0101' is not a time stamp: it has no year.*--step 1d"):
        read(path)
