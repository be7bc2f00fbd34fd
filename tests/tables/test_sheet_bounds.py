"""Workbooks and Parquet that would take far more memory than their tables need, or that are damaged."""

import io
import zipfile

import openpyxl
import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.tables.read import bounds, parse, read_table, sheet_bounds

ROW = "<table:table-row%s>%s</table:table-row>"
CELL = '<table:table-cell%s office:value-type="float" office:value="%s"/>'
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def sheet(path, far=None):
    """Some rows of time and value, and a cell far from them."""
    book = openpyxl.Workbook()
    for row in [["time", "y"], *([f"2024-01-{day:02}", day] for day in range(1, 29))]:
        book.active.append(row)
    if far:
        book.active[far] = 1
    book.save(path)
    return str(path)


@pytest.mark.parametrize("far", ["XFD1048576", "BZ1048576", "A1048576"])
def test_a_cell_far_from_a_table_takes_no_memory(tmp_path, monkeypatch, far):
    assert len(read_table(sheet(tmp_path / "data.xlsx")).frame) == 28
    monkeypatch.setattr(sheet_bounds, "_MOST_CELLS", 2**20)
    with pytest.raises(DataError, match=r"spread over 1,048,576 rows .* only 59 are there: delete") as caught:
        read_table(sheet(tmp_path / "data.xlsx", far))
    assert caught.value.kind == "not-a-table"


def document(path, rows, after=""):
    content = f"<office:document-content {SPACES}><office:body><office:spreadsheet>"
    content += f'<table:table table:name="S">{"".join(rows)}{after}</table:table>'
    content += "</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return str(path)


def test_rows_and_cells_that_come_again_are_counted(tmp_path):
    texts = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{n}</text:p></table:table-cell>' for n in "ty"
    )
    rows = [ROW % ("", texts), *(ROW % ("", CELL % ("", 2000 + k) + CELL % ("", k)) for k in range(9))]
    repeated = ' table:number-rows-repeated="1048566"'
    empty = ROW % (repeated, '<table:table-cell table:number-columns-repeated="16384"/>')
    assert (
        len(read_table(document(tmp_path / "a.ods", rows, empty)).frame) == 9
    )  # as LibreOffice ends a sheet
    for again in (
        ROW % (repeated.replace("1048566", "9" * 9), CELL % ("", 1)),
        ROW % (repeated, CELL % (' table:number-columns-repeated="16384"', 1)),
    ):
        with pytest.raises(DataError, match=r"b.ods: its cells are spread over"):
            read_table(document(tmp_path / "b.ods", rows, again))


def test_a_workbook_that_holds_many_times_its_size_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_bounds, "EXPANDED", 2**20)
    path = tmp_path / "data.xlsx"
    sheet(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/other.xml", b"0" * 2**24)
    with pytest.raises(DataError, match=r"xl/other.xml in it holds more than 500 times its size"):
        read_table(str(path))


def test_damaged_and_boundless_parquet_is_refused(tmp_path, monkeypatch):
    made = io.BytesIO()
    pd.DataFrame({"time": range(100_000), "y": 1.0}).to_parquet(made)
    path = tmp_path / "data.parquet"
    path.write_bytes(
        made.getvalue()[:1000] + b"\0" * 50 + made.getvalue()[1050:-200] + b"\xff" * 196 + b"PAR1"
    )
    with pytest.raises(DataError, match="not a whole Parquet file") as caught:
        read_table(str(path))
    assert "\n" not in str(caught.value)
    path.write_bytes(made.getvalue())
    assert len(read_table(str(path)).frame) == 100_000
    monkeypatch.setattr(parse, "_MOST_CELLS", 1)
    monkeypatch.setattr(parse, "MOST_EXPANSION", 1e-3)
    with pytest.raises(DataError, match="it says that it holds 100,000 rows"):
        read_table(str(path))
    assert bounds.MOST_EXPANSION == 500
