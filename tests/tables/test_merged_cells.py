"""Merged cells of a workbook: names that stand once for several rows."""

from datetime import datetime

import pytest

from lstmcli.tables.read import read_table

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("python_calamine")
FILLED = "merged cells hold for all their rows: "


@pytest.fixture
def read(tmp_path):
    def of(rows, *merged):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for cells in merged:
            book.active.merge_cells(cells)
        book.save(tmp_path / "book.xlsx")
        table = read_table([str(tmp_path / "book.xlsx")])
        return table.frame, table.notes

    return of


MONTHS = [datetime(2024, month, 1) for month in range(1, 7)]
SHOPS = [
    ["Sales"],
    ["Region", "Shop", *MONTHS],
    ["North", "A", 1, 2, 3, 4, 5, 6],
    [None, "B", 2, 3, 4, 5, 6, 7],
    ["South", "C", 3, 4, 5, 6, 7, 8],
    [None, "D", 4, 5, 6, 7, 8, 9],
    [None, "E", 5, 6, 7, 8, 9, 10],
]


def test_each_row_has_the_name_that_is_merged_over_it(read):
    frame, notes = read(SHOPS, "A1:D1", "A3:A4", "A5:A7")
    assert frame["Region"].tolist() == ["North"] * 12 + ["South"] * 18
    assert f"{FILLED}3 cells filled (the first: A4)" in notes


def test_cells_that_are_not_merged_stay_empty(read):
    frame, notes = read(SHOPS)
    assert frame["Region"].tolist() == ["North"] * 6 + ["-"] * 6 + ["South"] * 6 + ["-"] * 12
    assert not [note for note in notes if note.startswith(FILLED)]


def test_years_and_months_are_filled_and_numbers_are_not(read):
    rows = [["Year", "Month", "Shop", "Sold", "Staff"]]
    for month in ("Jan", "Feb"):
        rows += [[2024, month, "A", 5.5, 7], [None, None, "B", 6.5, None]]
    frame, notes = read(rows, "A2:A5", "B2:B3", "B4:B5", "E2:E3", "E4:E5")
    assert frame["Year"].tolist() == [2024] * 4
    assert frame["Month"].tolist() == ["Jan", "Jan", "Feb", "Feb"]
    assert frame["Staff"].isna().tolist() == [False, True, False, True]
    assert f"{FILLED}5 cells filled (the first: A3)" in notes


def test_a_name_merged_over_two_rows_of_a_header_is_no_row(read):
    rows = [["Month", "Shop A", None], [None, "Sold", "Staff"], *([day, 1.5, 2] for day in MONTHS)]
    frame, notes = read(rows, "A1:A2", "B1:C1")
    assert list(frame) == ["Month", "Shop A Sold", "Shop A Staff"]
    assert len(frame) == 6
    assert not [note for note in notes if note.startswith(FILLED)]
