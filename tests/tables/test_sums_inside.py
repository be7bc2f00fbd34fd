"""Totals among the rows, counts of rows below them, and other tables behind the first one."""

from datetime import date, timedelta

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table

DAYS = [str(date(2024, 1, 1) + timedelta(days=k)) for k in range(280)]
ROWS = [f"{day},{k % 9 + 20}.5" for k, day in enumerate(DAYS)]


def written(folder, *lines):
    path = folder / "data.csv"
    path.write_text("\n".join([*lines, ""]))
    return str(path)


def with_sums(label, every=7):
    lines = ["Day,Sales"]
    for k, row in enumerate(ROWS):
        lines += [row, *([f"{label(k)},150.5"] if k % every == every - 1 else [])]
    return lines


@pytest.mark.parametrize(
    "label",
    [
        lambda k: "Subtotal",
        lambda k: f"{2010 + k // 7} Total",
        lambda k: f"Total {DAYS[k][:4]}",
        lambda k: f"Summe KW {k // 7}",
        lambda k: "Page total:",
        lambda k: "小计",
    ],
)
def test_totals_among_the_rows_are_left_out_and_told(tmp_path, label):
    path = written(tmp_path, *with_sums(label))
    table = read_table(path)
    panel, _ = panel_of(table, Settings())
    assert (panel.observations, panel.values.max()) == (280, 28.5)
    assert f"not in the table: line 9, totals ({label(6)!r})" in table.notes
    assert table.place(int(table.frame.index[7]))[1] == 10
    _, kept, *_ = panel_for_training([path], Settings(), Cache(tmp_path / "cache", print))
    assert kept.observations == 280


def test_a_series_called_as_a_total_is_kept(tmp_path):
    rows = [f"{day},{name},{k % 9}.5" for k, day in enumerate(DAYS) for name in ("North", "Total")]
    table = read_table(written(tmp_path, "Day,Region,Sales", *rows))
    assert len(panel_of(table, Settings())[0]) == 2


@pytest.mark.parametrize("separator", ["|", ","])
@pytest.mark.parametrize("count", ["(280 rows)", "(280 rows affected)", "280 rows in set (0.01 sec)"])
def test_a_count_of_rows_is_no_row(tmp_path, separator, count):
    lines = ["day,value", "---,---", *ROWS]
    table = read_table(written(tmp_path, *(line.replace(",", separator) for line in lines), count))
    assert len(table.frame) == 280
    assert any(f"below the data ('{count}')" in note for note in table.notes)


@pytest.mark.parametrize(
    ("head", "behind", "said"),
    [
        ("Day,y", ["Day,z", *ROWS], "another table seems to begin in line 282: head -n 281"),
        ("Day,y", ["Store B,", "Day,y", *ROWS], "another table seems to begin in line 282"),
        (
            "Day,y",
            ["Day,forecast,q0.1,q0.9", "2024-11-01,1,2,3"],
            "a forecast, as predict writes it, .*282",
        ),
    ],
)
def test_another_table_behind_is_named(tmp_path, head, behind, said):
    with pytest.raises(DataError, match=said):
        panel_of(read_table(written(tmp_path, head, *ROWS, *behind)), Settings())


def test_a_total_below_the_header_is_none_of_its_columns(tmp_path):
    path = written(
        tmp_path, "Ad report", "Day,Clicks", "Total: Account,9000.5", *ROWS, "Total: Account,9000.5"
    )
    table = read_table(path)
    assert panel_of(table, Settings())[0].observations == 280
    assert "not in the table: line 3, totals ('Total: Account')" in table.notes


MONTHS = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober"]
DAYS_OF_WEEK = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]


@pytest.mark.parametrize("names", [MONTHS, [name[:3] + "." for name in MONTHS], DAYS_OF_WEEK])
@pytest.mark.parametrize("label", ["Summe", "Total", "Durchschnitt"])
def test_a_total_below_names_of_months_is_no_further_step(tmp_path, names, label):
    rows = [f"{name};{10 + k * k % 7};{k % 3}" for k, name in enumerate(names, 20)]
    half = len(rows) // 2
    path = written(
        tmp_path, "Monat;2023;2024", *rows[:half], f"{label};900;90", *rows[half:], f"{label};990;99"
    )
    made = Settings(time="none", step="1mo")
    panel, _ = panel_of(read_table(path, made.options), made)
    assert (panel.lengths.tolist(), panel.values.max()) == ([len(names)] * 2, 14)
