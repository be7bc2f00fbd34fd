"""CSV in the dialect of the data: byte by byte, and read back as one table with it."""

import csv
import io
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
from builders import forecast_of

from lstmcli.errors import UsageError
from lstmcli.files.output import write_parts
from lstmcli.series.calendar import HOUR, Step
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import NumberForm
from lstmcli.tables.read import read_table
from lstmcli.tables.read.text import BLANKS, Dialect
from lstmcli.tables.write.dialects import (
    AS_IN_DATA,
    AskedDialect,
    OutputDialect,
    data_dialect,
    dialect_of_table,
    holding,
    output_dialect,
)
from lstmcli.tables.write.lines import Lines
from lstmcli.tables.write.tables import forecast_table, text_of

LEVELS = (0.1, 0.5, 0.9)
GERMAN = OutputDialect(";", ",")
AS_EXCEL = OutputDialect(";", ",", mark=True)
TABS = OutputDialect("\t", ",")
QUOTED = OutputDialect(",", ",")
PATTERN = "%d.%m.%Y %H:%M"


def two_series():
    """Numbers that are hard to write, and names that hold separators."""
    values = [
        [[0.1, 0.1 + 0.2, -1234.5], [-1e-300, 5e-324, 1.7976931348623157e308]],
        [[1, 2.5, 3], [4, -5.25, 1e-5]],
    ]
    starts = np.array(["2024-01-31T23:00", "2024-02-29T00:00"], "datetime64[us]")
    return forecast_of(values, starts, Step("fixed", HOUR), ("shop;a", "item"), (("a; b", "x,y"), ("é", '"')))


def written(made, dialect, pattern=PATTERN):
    lines = Lines("csv", made.key_names, "time", pattern, (0.1, 0.9), dialect)
    return "".join(lines.whole([lines.of(made)]))


def test_a_german_file_to_the_byte():
    assert written(two_series(), AS_EXCEL).encode() == (
        b"\xef\xbb\xbf"
        b'"shop;a";item;time;forecast;q0.1;q0.9\n'
        b'"a; b";x,y;31.01.2024 23:00;0,30000000000000004;0,1;-1234,5\n'
        b'"a; b";x,y;01.02.2024 00:00;5e-324;-1e-300;1,7976931348623157e+308\n'
        b'\xc3\xa9;"""";29.02.2024 00:00;2,5;1,0;3,0\n'
        b'\xc3\xa9;"""";29.02.2024 01:00;-5,25;4,0;1e-05\n'
    )


def test_numbers_are_quoted_where_their_mark_separates_cells():
    made = two_series()
    last = replace(made, keys=made.keys[1:], starts=made.starts[1:], values=made.values[1:])
    assert written(last, QUOTED).splitlines() == [
        "shop;a,item,time,forecast,q0.1,q0.9",
        'é,"""",29.02.2024 00:00,"2,5","1,0","3,0"',
        'é,"""",29.02.2024 01:00,"-5,25","4,0","1e-05"',
    ]


def test_a_time_with_the_separator_is_quoted():
    text = written(two_series(), GERMAN, "%Y-%m-%d; %H:%M").splitlines()[1]
    assert text.startswith('"a; b";x,y;"2024-01-31; 23:00";0,3')


def test_times_that_are_numbers_have_the_mark_of_decimals_too():
    """Days as Excel counts them; 30 January 2024 at noon is 45321.5."""
    made = forecast_of([[[1, 2.5, 3]]], np.array(["2024-01-30T12"], "datetime64[us]"), Step("fixed", HOUR))
    lines = Lines("csv", (), "time", "excel-days.6", (), GERMAN)
    assert lines.of(made) == "45321,5;2,5\n"
    table = forecast_table(made, "time", "excel-days.6", ())
    assert text_of(table, "csv", GERMAN) == "time;forecast\n45321,5;2,5\n"


@pytest.mark.parametrize("dialect", [GERMAN, AS_EXCEL, TABS, OutputDialect("|", "."), OutputDialect()])
def test_lines_are_those_of_the_whole_table(dialect):
    """And those are what Python's csv makes of numbers with another mark."""
    made = two_series()
    table = forecast_table(made, "time", PATTERN, (0.1, 0.9))
    assert written(made, dialect) == text_of(table, "csv", dialect)
    rows = csv.DictReader(
        io.StringIO(text_of(table, "csv", dialect).removeprefix("\ufeff")), delimiter=dialect.separator
    )
    back = [
        {
            k: v if k in ("shop;a", "item", "time") else float(v.replace(dialect.decimal, "."))
            for k, v in row.items()
        }
        for row in rows
    ]
    assert back == table.to_dict("records")


def test_json_always_has_a_dot():
    lines = Lines("ndjson", (), "time", "%Y", (), AS_EXCEL)
    made = forecast_of([[[1, 2.5, 3]]], np.array(["2024"], "datetime64[us]"), Step("fixed", HOUR), (), ((),))
    assert "".join(lines.whole([lines.of(made)])) == '{"time": "2024", "forecast": 2.5}\n'
    assert text_of(pd.DataFrame({"x": [2.5]}), "json", AS_EXCEL) == '[\n{"x": 2.5}\n]\n'


def test_empty_cells_are_null_in_json():
    table = pd.DataFrame({"x": [1.5, np.nan], "n": [1, 2]})
    assert text_of(table, "json") == '[\n{"x": 1.5, "n": 1},\n{"x": null, "n": 2}\n]\n'
    assert text_of(table, "ndjson") == '{"x": 1.5, "n": 1}\n{"x": null, "n": 2}\n'
    assert text_of(table, "csv", GERMAN) == "x;n\n1,5;1\n;2\n"


# Which dialect


def read(separator=",", decimal=".", mark=False):
    return Dialect(separator, decimal, (), True, 0, mark=mark)


@pytest.mark.parametrize(
    ("files", "asked", "form", "expected"),
    [
        ([], (), "csv", (",", ".")),
        ([read(";", ",")], (), "csv", (";", ",")),
        ([read("|", "."), read("|", ".")], (), "csv", ("|", ".")),
        ([read(";", "."), read(";", ",")], (), "csv", (",", ".")),
        ([read("\t", ",")], (), "csv", ("\t", ",")),
        ([read(";", ","), read(",", ".")], (), "csv", (",", ".")),
        ([read(";", ","), None], (), "csv", (",", ".")),  # the other is Parquet
        ([read(BLANKS, ",")], (), "csv", (",", ".")),
        ([read(",", ",")], (), "csv", (",", ",")),  # "1,5","2,5"
        ([read(";", ",")], (), "tsv", ("\t", ",")),
        ([read(";", ",")], ("|", None), "csv", ("|", ",")),
        ([read(";", ",")], (",", None), "csv", (",", ".")),
        ([read()], (None, ","), "csv", (";", ",")),
        ([read(";", ",")], (",", "."), "csv", (",", ".")),
        ([read()], ("tab", None), "csv", ("\t", ".")),
        ([read()], (r"\t", ","), "csv", ("\t", ",")),
    ],
)
def test_the_dialect_of_the_data_unless_another_is_asked_for(files, asked, form, expected):
    found = output_dialect(data_dialect(files), AskedDialect(*asked), form)
    assert (found.separator, found.decimal) == expected


@pytest.mark.parametrize(
    ("separator", "numbers", "decimal"),
    [
        (";", {"y": NumberForm(",", ".")}, ","),  # 1.224,98
        (";", {"y": NumberForm(".", ",")}, "."),  # 1,224.98
        (";", {"y": NumberForm(","), "n": NumberForm()}, ","),
        (";", {}, ","),  # whole numbers alone: as Excel has it
        ("\t", {}, "."),
        (",", {"y": NumberForm(",")}, ","),  # "12,5"
    ],
)
def test_columns_show_the_mark_of_decimals_that_the_first_lines_do_not(separator, numbers, decimal):
    assert data_dialect([read(separator, ".")], numbers) == OutputDialect(separator, decimal)


def test_a_file_has_the_mark_of_those_it_was_made_from(tmp_path):
    new, old = str(tmp_path / "new.csv"), tmp_path / "old.csv"
    old.touch()

    def mark(files, output):
        return output_dialect(data_dialect(files), AskedDialect(), "csv", output).mark

    marked = read(mark=True)
    assert mark([marked], new)
    assert mark([marked, marked], str(old))
    assert not mark([marked, read()], new)
    assert not mark([read()], new)
    assert not mark([], new)
    assert not mark([marked], "-")
    assert not mark([marked], "/dev/null")


@pytest.mark.parametrize(
    ("separator", "decimal", "said"),
    [
        (",", ",", "--write-decimal , would cut numbers in two: add --write-separator ';'"),
        ("x", None, "--write-separator 'x': write ',', ';', '|' or tab"),
        ("", None, "--write-separator '': write ',', ';', '|' or tab"),
        (";;", ".", "--write-separator ';;': write ',', ';', '|' or tab"),
        ('"', None, "--write-separator '\"': write ',', ';', '|' or tab"),
    ],
)
def test_what_cannot_separate_cells(separator, decimal, said):
    with pytest.raises(UsageError) as error:
        AskedDialect(separator, decimal)
    assert str(error.value) == said


def test_only_csv_has_a_dialect():
    AskedDialect(";", ",").check("csv")
    AskedDialect("tab", ",").check("tsv")
    with pytest.raises(UsageError, match=r"^--write-separator is for CSV; json is written in one way only$"):
        AskedDialect(";").check("json")
    with pytest.raises(UsageError, match=r"^--write-decimal is for CSV; xlsx is written in one way only$"):
        AskedDialect(None, ",").check("xlsx")
    with pytest.raises(UsageError, match=r"^--write-separator ;: cells of .tsv are separated by tabs"):
        AskedDialect(";").check("tsv")


@pytest.mark.parametrize(("encoding", "marked"), [("utf-8-sig", True), ("utf-8", False), ("utf-16", True)])
def test_a_reader_sees_the_mark(tmp_path, encoding, marked):
    (tmp_path / "x.csv").write_text("time;y\n1;2,5\n2;3,5\n", encoding=encoding)
    dialect = read_table(str(tmp_path / "x.csv")).parts[0].dialect
    assert (dialect.mark, dialect.separator, dialect.decimal) == (marked, ";", ",")


@pytest.mark.parametrize("dialect", [GERMAN, AS_EXCEL, TABS, QUOTED, OutputDialect("|", ".")])
def test_history_and_forecast_are_one_table(tmp_path, dialect):
    """The forecast of a file, put below it, is read with it."""
    history = pd.DataFrame({"time": [f"{day}.01.2024 12:00" for day in range(13, 31)], "y": 1.25})
    made = forecast_of(
        [[[1, 2.5, 3], [1e-5, 1234.5678, 2]]],
        np.array(["2024-01-31T12:00"], "datetime64[us]"),
        Step("fixed", 24 * HOUR),
        (),
        ((),),
    )
    lines = Lines("csv", (), "time", PATTERN, (), dialect)
    text = text_of(history, "csv", dialect)
    whole = text + lines.of(made)
    (tmp_path / "x.csv").write_text(whole)
    options = ReadOptions(decimal=",") if dialect == QUOTED else ReadOptions()
    frame = read_table(str(tmp_path / "x.csv"), options).frame
    assert frame["y"].tolist() == [1.25] * 18 + [2.5, 1234.5678]
    assert frame["time"].tolist()[-2:] == ["31.01.2024 12:00", "01.02.2024 12:00"]


def test_a_workbook_with_german_texts_gives_what_a_german_excel_opens(tmp_path):
    book = openpyxl.Workbook()
    for row in [("Datum", "Umsatz"), *((f"{day:02}.03.2024", f"1.2{day:02},5") for day in range(1, 29))]:
        book.active.append(row)
    book.save(tmp_path / "data.xlsx")
    dialect = dialect_of_table(read_table(str(tmp_path / "data.xlsx")))
    assert (dialect.separator, dialect.decimal) == (";", ",")


@pytest.mark.parametrize(("name", "encoding"), [("Köln", "cp1252"), ("Łódź", "utf-8")])
def test_a_file_is_in_the_encoding_of_the_data_where_that_has_every_character(name, encoding, tmp_path):
    (tmp_path / "x.csv").write_bytes("Tag;Geschäft\n2024-03-01;2,5\n2024-03-02;3,5\n".encode("cp1252"))
    data = dialect_of_table(read_table(str(tmp_path / "x.csv"), ReadOptions(encoding="cp1252")))
    made, path = (
        holding(output_dialect(data, AS_IN_DATA, "csv", str(tmp_path / "o.csv")), [name]),
        tmp_path / "o.csv",
    )
    assert made.encoding == encoding
    write_parts([f"{name};", "2,5\n"], str(path), made.encoding)
    assert path.read_text(encoding=encoding) == f"{name};2,5\n"
    assert output_dialect(data, AS_IN_DATA, "csv").encoding == "utf-8"
    assert output_dialect(data, AS_IN_DATA, "json", str(path)).encoding == "utf-8"
