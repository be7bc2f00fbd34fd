"""Workbooks and Parquet that would take far more memory than their tables need, or that are damaged."""

import io
import zipfile
from pathlib import Path

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


NUMBER = "<v>1</v></c>"
HIDDEN = f"""<c x=' r="A1"'>{NUMBER}"""


def repacked(path, changed, before=()):
    """Members of a workbook changed by a function of their name and text, behind others."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in [*before, *(changed(*member) for member in members.items())]:
            archive.writestr(name, text)
    return str(path)


@pytest.mark.parametrize(
    "rows",
    [
        f"<row r='1048576'><c r='BZ1048576'>{NUMBER}</row>",
        f'<row r="1048576"><c r="bz1048576">{NUMBER}</row>',
        f'<row r="1048576"><c r = "BZ1048576">{NUMBER}</row>',
        f'<row>{f"<c>{NUMBER}" * 90}</row><row r="1048576"><c>{NUMBER}</row>',
        f'<row>{HIDDEN * 90}</row><row r="1048576"><c>{NUMBER}</row>',
    ],
)
def test_a_far_cell_is_seen_however_it_is_written(tmp_path, monkeypatch, rows):
    monkeypatch.setattr(sheet_bounds, "_MOST_CELLS", 2**20)

    def changed(name, text):
        return name, text.replace("</sheetData>", f"{rows}</sheetData>")

    with pytest.raises(DataError, match=r"its cells are spread over 1,048,[56]\d\d rows and \d+ columns"):
        read_table(repacked(sheet(tmp_path / "data.xlsx"), changed))


def test_a_far_cell_is_seen_in_any_part_and_behind_damage(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet_bounds, "_MOST_CELLS", 2**20)
    path = sheet(tmp_path / "data.xlsx", "A1048576")
    repacked(
        path,
        lambda name, text: (name.replace("worksheets", "w"), text.replace("worksheets", "w")),
        [("a.xml", "<a/>" * 99)],
    )
    raw = bytearray((tmp_path / "data.xlsx").read_bytes())
    raw[36] ^= 255  # of the first part
    (tmp_path / "data.xlsx").write_bytes(raw)
    with pytest.raises(DataError, match=r"spread over 1,048,576 rows and 2 columns, but only 59 are there"):
        read_table(path)


def test_a_long_text_that_many_cells_share_is_refused(tmp_path, monkeypatch):
    path = sheet(tmp_path / "data.xlsx")
    shared = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>a</t></si><si><t>%s</t></si></sst>'
    again = "".join(f'<row r="{row}"><c r="C{row}" t="s"><v>%s</v></c></row>' for row in range(2, 12))

    def with_cells(place):
        sheet(path)
        texts = [("xl/sharedStrings.xml", shared % ("x" * 5000))]
        return repacked(
            path,
            lambda name, text: (
                name,
                text.replace("</sheetData>", again.replace("%s", place) + "</sheetData>"),
            ),
            texts,
        )

    monkeypatch.setattr(sheet_bounds, "_MOST_TEXT", 50_000)
    for place in ("1", " 1 ", "<!-- -->1", "&#49;"):
        with pytest.raises(DataError, match=r"the texts of its cells have 5[05],\d{3} bytes"):
            read_table(with_cells(place))
    sheet_bounds.check_sheets(path, Path(with_cells("0")).read_bytes())


def test_merged_cells_that_overlap_are_filled_once(tmp_path):
    book = openpyxl.Workbook()
    for row in [
        ["time", "shop", "y"],
        *([f"2024-01-{day:02}", "a" if day in (1, 15) else "", day] for day in range(1, 29)),
    ]:
        book.active.append(row)
    book.active["B16"] = "b" * 1001  # no name
    book.save(path := tmp_path / "data.xlsx")
    merges = "".join(f'<mergeCell ref="{cells}"/>' for cells in ["B2:B15", *["B3:B15"] * 9, "B16:B29"])
    repacked(
        path,
        lambda name, text: (
            name,
            text.replace("</sheetData>", f"</sheetData><mergeCells>{merges}</mergeCells>"),
        ),
    )
    table = read_table(str(path))
    assert table.frame["shop"].eq("a").sum() == 14
    assert "merged cells hold for all their rows: 13 cells filled (the first: B3)" in table.notes


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


@pytest.mark.parametrize(
    "again",
    [
        "<table:table-row table:number-rows-repeated='1048566'>%s</table:table-row>",
        "<table:table-row table:x='>' table:number-rows-repeated = '1048566'>%s</table:table-row>",
        '<table:table-row/><table:table-row table:number-rows-repeated="1048566">%s</table:table-row>',
    ],
)
def test_rows_that_come_again_are_seen_however_they_are_written(tmp_path, again):
    rows = [ROW % ("", CELL % ("", 2000 + k) + CELL % ("", k)) for k in range(9)]
    cells = CELL % (" table:number-columns-repeated='9'", 1)
    with pytest.raises(DataError, match=r"a.ods: its cells are spread over"):
        read_table(document(tmp_path / "a.ods", rows, again % cells))


def test_what_comes_again_is_bounded_in_each_sheet_and_its_texts(tmp_path, monkeypatch):
    cell = '<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>'
    rows = [ROW % ("", cell % "t" + cell % "y")]
    rows += [ROW % ("", CELL % ("", 2000 + k) + CELL % ("", k)) for k in range(9)]
    empty = ROW % (' table:number-rows-repeated="1048566"', "<table:table-cell/>")
    second = f'{empty}</table:table><table:table table:name="T">{rows[0] * 9}'
    assert len(read_table(document(tmp_path / "a.ods", rows, second)).frame) == 9
    monkeypatch.setattr(sheet_bounds, "_MOST_TEXT", 2**16)
    again = ROW % (' table:number-rows-repeated="99"', cell % ("x" * 1000))
    with pytest.raises(DataError, match=r"b.ods: the texts of its cells have 1[01]\d,\d{3} bytes"):
        read_table(document(tmp_path / "b.ods", rows, again))
    with pytest.raises(DataError, match=r"c.ods: content.xml in it has comments"):
        read_table(document(tmp_path / "c.ods", rows, "<!-- </table:table-row> -->"))


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


def test_a_text_that_parquet_stores_once_for_many_rows_is_bounded(tmp_path, monkeypatch):
    frame = pd.DataFrame(
        {"shop": ["b", "a"] * 500, "time": range(1000), "y": 1.0, "note": ["x" * 2000] * 999 + [None]}
    )
    frame.to_parquet(path := tmp_path / "data.parquet")
    found = read_table(str(path)).frame
    assert [*found["shop"].cat.categories] == ["a", "b"] and found["note"].isna().sum() == 1
    monkeypatch.setattr(parse, "EXPANDED", 10**6)
    monkeypatch.setattr(parse, "MOST_EXPANSION", 1)
    with pytest.raises(DataError, match="its texts have 1,999,000 characters"):
        read_table(str(path))
