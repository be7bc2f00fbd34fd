"""Workbooks and JSON are read as CSV is; what is no table is named in one line."""

import json
import re
import zipfile
from datetime import date, datetime, timedelta

import pytest

from lstmcli.errors import DataError, InputMissing
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table, time_pattern

DAYS = [date(2024, 1, 1) + timedelta(days=k) for k in range(40)]


def read(path, **settings):
    made = Settings(**settings)
    table = read_table(str(path), made.options)
    panel, roles = panel_of(table, made)
    return table, panel, roles


def workbook(path, **sheets):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("python_calamine")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_the_first_sheet_with_a_table_is_read_between_title_and_total(tmp_path):
    rows = [
        ["Sales"],
        [],
        ["Datum", "Umsatz"],
        *[[day, k + 0.125] for k, day in enumerate(DAYS)],
        ["Total", 99],
    ]
    path = workbook(tmp_path / "a.xlsx", Notes=[["Read me"]], Data=rows, Other=rows[2:30])
    table, panel, roles = read(path)
    assert table.notes == (
        "sheet 'Data' is read; others: 'Notes', 'Other' (--set sheet=NAME)",
        "not in the table: line 1, above the header ('Sales')",
        "not in the table: line 44, below the data ('Total')",
    )
    assert (roles.time, roles.targets, time_pattern(table, "Datum")) == ("Datum", ("Umsatz",), "%Y-%m-%d")
    assert panel.values.tolist() == [k + 0.125 for k in range(40)]
    assert len(read(path, sheet="Other")[1].values) == 27
    with pytest.raises(
        DataError, match=r"there is no sheet 'Othr'. Did you mean 'Other'\? Sheets: Notes, Data, Other"
    ):
        read(path, sheet="Othr")


def test_cells_of_a_sheet_are_what_they_are(tmp_path):
    hours = [datetime(2024, 1, 1) + timedelta(hours=k) for k in range(30)]
    rows = [
        ["time", "v", "text", "gap"],
        *[[t, (1.003, 987)[k % 2], f"1.23{k % 7},5", "#N/A" if k == 3 else k] for k, t in enumerate(hours)],
    ]
    table, panel, roles = read(workbook(tmp_path / "a.xlsx", S=rows))
    assert roles.targets == ("v", "text", "gap")
    values = panel.values.reshape(3, 30)
    assert values[0, :2].tolist() == [1.003, 987]  # not thousands: typed
    assert values[1, :8].tolist() == [1230.5 + k % 7 for k in range(8)]
    assert values[2, :3].tolist() == [0, 1, 2] and str(values[2, 3]) == "nan"
    assert time_pattern(table, "time") == "%Y-%m-%d %H:%M:%S"


def test_errors_in_cells_of_a_sheet_are_counted(tmp_path):
    rows = [["time", "v"], *[[day, k + 0.5] for k, day in enumerate(DAYS)]]
    rows[5][1] = rows[9][1] = "#DIV/0!"
    rows[7][1] = "#N/A"
    table, panel, _ = read(workbook(tmp_path / "a.xlsx", Notes=[["Read me"]], S=rows))
    assert table.notes[0] == "taken as missing: 2 #DIV/0!, 1 #N/A in v"
    assert panel.observations == 37


def test_errors_name_row_and_column_of_the_sheet(tmp_path):
    rows = [[], ["Report"], ["time", "v"], *[[day, k] for k, day in enumerate(DAYS)]]
    rows[12][1] = "oops"
    path = workbook(tmp_path / "a.xlsx", S=rows)
    with pytest.raises(DataError) as error:
        read(path)
    assert (error.value.row, error.value.column) == (13, "v")
    with pytest.raises(DataError) as again:
        panel_for_training([str(path)], Settings(), Cache(tmp_path / "kept", lambda *_: None))
    assert str(again.value) == str(error.value)


def test_a_cache_of_a_sheet_holds_the_same(tmp_path):
    path = workbook(tmp_path / "a.xlsx", S=[["time", "v"], *[[day, k + 0.5] for k, day in enumerate(DAYS)]])
    kept = panel_for_training([str(path)], Settings(), Cache(tmp_path / "kept", lambda *_: None))[1]
    assert kept.values.tolist() == read(path)[1].values.tolist()


ODS = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">
 <office:body><office:spreadsheet><table:table table:name="One">{rows}</table:table>
 </office:spreadsheet></office:body></office:document-content>"""


def test_an_open_document_is_known_by_its_content(tmp_path):
    pytest.importorskip("python_calamine")

    def cell(kind, value):
        held = {"string": "", "float": f' office:value="{value}"', "date": f' office:date-value="{value}"'}[
            kind
        ]
        return (
            f'<table:table-cell office:value-type="{kind}"{held}><text:p>{value}</text:p></table:table-cell>'
        )

    rows = [
        [("string", "time"), ("string", "v")],
        *[[("date", day), ("float", k + 0.5)] for k, day in enumerate(DAYS)],
    ]
    body = "".join(f"<table:table-row>{''.join(cell(*c) for c in row)}</table:table-row>" for row in rows)
    path = tmp_path / "sheet.csv"  # the name does not decide
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(rows=body))
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert read(path)[1].values.tolist() == [k + 0.5 for k in range(40)]


def test_without_the_package_the_message_says_what_to_install(tmp_path, monkeypatch):
    path = workbook(tmp_path / "a.xlsx", S=[["time", "v"], [DAYS[0], 1]])
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(DataError, match=r"this is a workbook; .* pip install 'lstmcli\[excel\]'"):
        read_table(str(path))


def records(values=range(40)):
    return [{"time": str(day), "v": value} for day, value in zip(DAYS, values, strict=True)]


JSON = {
    "a line each": "\n".join(map(json.dumps, records())),
    "a line each, some empty": "\n\n".join(map(json.dumps, records())),
    "a list": json.dumps(records()),
    "a list on many lines": json.dumps(records(), indent=2),
    "a list in an object": json.dumps({"data": records(), "about": {"n": 1}}),
    "lists by column": json.dumps({"time": list(map(str, DAYS)), "v": list(range(40))}),
    "objects in objects": json.dumps([{"time": r["time"], "a": {"v": r["v"]}} for r in records()]),
}  # fmt: skip


@pytest.mark.parametrize("case", JSON)
def test_json_is_a_table(tmp_path, case):
    path = tmp_path / "data.csv"
    path.write_text(JSON[case])
    table, panel, roles = read(path)
    assert roles.time == "time" and panel.values.tolist() == list(range(40))
    assert table.notes == (
        ("the table is the list 'data' of the JSON file",) if case[-12:] == "in an object" else ()
    )


COLUMNS = {"time": list(map(str, DAYS)), "v": list(range(40))}
INSIDE = {
    ".hourly": {"latitude": 52.5, "units": {"time": "iso8601", "v": "C"}, "hourly": COLUMNS},
    ".[1]": [{"page": 1, "total": 40}, records()],
    ".[0]": [records()],
    ".data.result": {"status": "success", "data": {"kind": "rows", "result": records()}},
    '.["two words"].rows': {"two words": {"rows": records()}},
}


@pytest.mark.parametrize("at", INSIDE)
def test_the_one_table_inside_of_json_is_taken(tmp_path, at):
    path = tmp_path / "data.json"
    path.write_text(json.dumps(INSIDE[at]))
    table, panel, roles = read(path)
    assert (roles.time, panel.values.tolist()) == ("time", list(range(40)))
    assert table.notes == (f"the table is {at} of the JSON file",)


PAIRS = [[1704067200 + 60 * k, f"{k}.5"] for k in range(40)]
NO_TABLES = {
    "it holds several, as .daily and .hourly; take one out: jq .daily FILE > table.json": {
        "daily": COLUMNS,
        "hourly": COLUMNS,
        "meta": {},
    },
    "it holds several, as .[0] and .[1]; take one out: jq '.[0]' FILE > table.json": [records(), records()],
    "the rows are lists: jq -r '.prices[] | @csv' FILE > table.csv, to be read with --no-header": {
        "prices": PAIRS
    },
    "the rows are lists: jq -r '.data.result[] | (del(.values) | tostring) as $s | .values[] | [$s, .[]] | "
    "@csv' FILE > table.csv, to be read with --no-header": {
        "data": {"result": [{"metric": {"job": name}, "values": PAIRS} for name in "ab"]}
    },
    "a list of objects is needed, or one object a line": {"n" * 5000: COLUMNS},
    "the rows are lists: jq -r '.[] | @csv' FILE > table.csv, to be read with --no-header": PAIRS,
}


@pytest.mark.parametrize("said", NO_TABLES)
def test_json_that_is_no_table_says_what_makes_one(tmp_path, said):
    path = tmp_path / "data.json"
    path.write_text(json.dumps(NO_TABLES[said]))
    with pytest.raises(DataError, match=re.escape(said)) as error:
        read(path)
    assert error.value.kind == "not-a-table"


def test_a_wrong_cell_of_json_is_at_its_line(tmp_path):
    path = tmp_path / "data.ndjson"
    path.write_text("\n".join(map(json.dumps, records([*range(7), "x", *range(32)]))))
    with pytest.raises(DataError, match=r":8:v: 'x' is not a number"):
        read(path)
    path.write_text("\n".join([*map(json.dumps, records()), "what"]))
    with pytest.raises(DataError, match=r":41: the line is no JSON object"):
        read(path)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '[{"time": 1, "v": 2},\n {"time": 2, "v": }]', "line 2, column 19: a value is expected"),
        ("a.jsonl", '{"time": 1, "v": 2}\n{"time": 2, "v"\n', "line 2, column 16: the text breaks off"),
        ("a.ndjson", '{"time": 1 "v": 2}\n{"time": 2, "v": 3}\n', "line 1, column 12: a comma or the end"),
    ],
)
def test_what_breaks_json_is_told(tmp_path, name, text, said):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(DataError, match=rf"JSON.* \({said}"):
        read(path)


OTHERS = {
    b"%PDF-1.4": "this is a PDF document; export the table as CSV",
    b"SQLite format 3\0": "this is an SQLite database; export",
    b"\0" * 8 + b"DUCK": "this is a DuckDB database; export",
    b"\x89PNG\r\n": "this is a picture;",
    b"<html><table>": "this is a web page; whatever its name ends in: open it and export the table as CSV",
    b"\n<?xml version='1.0'?><Workbook>": "this is an XML file;",
    b'{"a": 1, "b": 2}': "this JSON is no table: a list of objects is needed, or one object a line",
}


@pytest.mark.parametrize("start", OTHERS)
def test_what_is_no_table_is_named(tmp_path, start):
    path = tmp_path / "data.csv"
    path.write_bytes(start + b"\n")
    with pytest.raises(DataError) as error:
        read_table(str(path))
    assert str(error.value).startswith(f"{path}: {OTHERS[start]}") and "\n" not in str(error.value)


def test_addresses_and_folders_are_told(tmp_path):
    with pytest.raises(InputMissing, match=r"https://a.b/c.csv\?d=1: an address, not a file; fetch it first"):
        read_table("https://a.b/c.csv?d=1")
    with pytest.raises(InputMissing, match=r"is a directory; its files are named so: '.*/\*.csv'"):
        read_table(str(tmp_path))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_characters_without_a_mark(tmp_path, encoding):
    path = tmp_path / "data.csv"
    rows = "".join(f"{day}\t{k}\n" for k, day in enumerate(DAYS))
    path.write_bytes(f"Tag\tMenge €\n{rows}".encode(encoding))
    assert read(path)[2].targets == ("Menge €",)


def test_braces_and_brackets_in_a_header_are_text(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("[time],{v}\n" + "".join(f"{day},{k}\n" for k, day in enumerate(DAYS)))
    assert read(path)[2].targets == ("{v}",)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_the_encoding_that_is_named_reads_the_file(tmp_path, encoding):
    path, unit = tmp_path / "data.csv", {"latin-1": "ü", "cp1252": "€"}[encoding]
    path.write_bytes(
        (f"Tag,in {unit}\n" + "".join(f"{day},{k}\n" for k, day in enumerate(DAYS))).encode(encoding)
    )
    with pytest.raises(
        DataError,
        match=rf":1: not UTF-8 text; name the encoding, as --set encoding={encoding} .reads 'in {unit}'.$",
    ):
        read(path)
    assert read(path, encoding=encoding)[2].targets == (f"in {unit}",)
