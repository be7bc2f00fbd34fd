"""Tables as .xlsx: what Excel finds in the cells."""

import io
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from builders import forecast_of

from lstmcli.errors import DataError, UsageError
from lstmcli.files.output import write_parts
from lstmcli.series.calendar import HOUR, Step
from lstmcli.tables.read import read_table
from lstmcli.tables.write import workbook
from lstmcli.tables.write.forms import check_size, content_of_table, form_of
from lstmcli.tables.write.workbook import workbook_of

openpyxl = pytest.importorskip("openpyxl")
DATES, TIMES = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


def cells(content):
    """Values and looks of all cells."""
    (sheet,) = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    return [[(cell.value, cell.data_type, cell.number_format) for cell in row] for row in sheet.iter_rows()]


def two_days(names=("shop",), keys=(("07",), ("=1+1",))):
    starts = np.array(["2024-02-28", "2024-02-29"], "datetime64[us]")
    return forecast_of(
        [[[1, 2.5, 3]] * 2, [[4, -5.25, 6]] * 2], starts, Step("fixed", 24 * HOUR), names, keys
    )


def test_numbers_are_numbers_and_times_are_dates():
    form = form_of("xlsx", ("shop",), "time", "%d.%m.%Y", (0.1,))
    made = two_days()
    found = cells(b"".join(form.whole([form.of(made)])))
    general = "General"
    assert found == [
        [(name, "s", general) for name in ("shop", "time", "forecast", "q0.1")],
        *(
            [
                (shop, "s", general),
                (datetime(2024, month, day), "d", DATES),
                (middle, "n", general),
                (low, "n", general),
            ]
            for shop, month, day, middle, low in (
                ("07", 2, 28, 2.5, 1),
                ("07", 2, 29, 2.5, 1),
                ("=1+1", 2, 29, -5.25, 4),  # a text, no formula
                ("=1+1", 3, 1, -5.25, 4),
            )
        ),
    ]


def test_columns_are_wide_enough_to_show_times():
    table = pd.DataFrame(
        {"y": [1.5], "t": [pd.Timestamp("2024-01-01 10:00")], "a long name of a column": [1]}
    )
    (sheet,) = openpyxl.load_workbook(io.BytesIO(workbook_of([table]))).worksheets
    assert [sheet.column_dimensions[letter].width for letter in "ABC"] == [12, 24, 25]


def test_blocks_are_one_sheet_with_one_header():
    form = form_of("xlsx", ("shop",), "time", "%Y-%m-%d", ())
    whole = cells(b"".join(form.whole([form.of(two_days()), form.of(two_days(keys=(("x",), ("y",))))])))
    assert [row[0][0] for row in whole] == ["shop", "07", "07", "=1+1", "=1+1", "x", "x", "y", "y"]


@pytest.mark.parametrize(
    ("times", "value", "kind", "look"),
    [
        (["2024-01-01 10:30", "2024-01-02"], datetime(2024, 1, 1, 10, 30), "d", TIMES),
        (["2024-01-01 10:30:00.250"], datetime(2024, 1, 1, 10, 30, 0, 250000), "d", TIMES + ".000"),
        (["1899-12-31"], "1899-12-31 00:00:00", "s", "General"),  # Excel counts days from 1900 on
    ],
)
def test_how_times_are_shown(times, value, kind, look):
    found = cells(workbook_of([pd.DataFrame({"time": pd.to_datetime(times, format="mixed")})]))
    assert found[1] == [(value, kind, look)]


def test_a_time_of_a_zone_is_that_on_its_clock():
    zoned = pd.to_datetime(["2024-07-01 10:00"]).tz_localize("UTC").tz_convert("Europe/Berlin")
    assert cells(workbook_of([pd.DataFrame({"time": zoned})]))[1][0][0] == datetime(2024, 7, 1, 12)


def test_missing_values_are_empty_cells():
    table = pd.DataFrame(
        {"y": [1.5, np.nan], "n": [1, 2], "t": [pd.Timestamp("2024-01-01"), pd.NaT], "s": ["#N/A", None]}
    )
    found = [[value for value, *_ in row] for row in cells(content_of_table(table, "xlsx"))]
    assert found == [["y", "n", "t", "s"], [1.5, 1, datetime(2024, 1, 1), "#N/A"], [None, 2, None, None]]


def test_more_rows_than_a_sheet_holds(monkeypatch):
    said = "1,048,576 rows are more than the 1,048,575 of a sheet of .xlsx: write .csv or .parquet"
    with pytest.raises(UsageError) as error:
        check_size("xlsx", 2**20)
    assert str(error.value) == said
    check_size("xlsx", 2**20 - 1)
    check_size("csv", 2**30)
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    with pytest.raises(UsageError, match="4 rows are more than the 3"):
        workbook_of([pd.DataFrame({"y": [1, 2]}), pd.DataFrame({"y": [1, 2]})])


def test_text_that_a_workbook_cannot_hold():
    with pytest.raises(UsageError, match=r"^a workbook cannot hold the text 'a\\x01b': write .csv$"):
        workbook_of([pd.DataFrame({"s": ["a\x01b"]})])


def failing(form, made):
    yield form.of(made)
    raise DataError("too-large", "too much")


def test_whole_or_not_at_all(tmp_path, capfdbinary):
    form, path = form_of("xlsx", ("shop",), "time", "%Y-%m-%d", ()), tmp_path / "out.xlsx"
    path.write_bytes(b"old")
    for output in ("-", str(path)):
        with pytest.raises(DataError):
            write_parts(form.whole(failing(form, two_days())), output)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["out.xlsx"]
    assert capfdbinary.readouterr().out == b""


@pytest.mark.parametrize("values", [("02.01.2024", "1.284,19"), (datetime(2024, 1, 2), 1284.19)])
def test_a_sheet_of_one_sentence_is_no_table(values, tmp_path):
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    book.active["A1"] = "Please read first"
    sheet = book.create_sheet("Data")
    for row in [("Day", "Sales"), *[values] * 3]:
        sheet.append(row)
    book.save(path := tmp_path / "sales.xlsx")
    table = read_table(str(path))
    assert list(table.frame) == ["Day", "Sales"]
    assert len(table.frame) == 3
    assert any("sheet 'Data' is read" in note for note in table.notes)
