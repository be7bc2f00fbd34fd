"""Workbooks that are no XML: they are read in a process of its own, within a bound of memory."""

import struct
import zipfile

import pytest

from lstmcli.errors import DataError
from lstmcli.tables.read import read_table, workbooks


def record(number, content=b""):
    """Of an .xlsb: its kind and its length, each seven bits a byte."""
    kind = [number] if number < 128 else [number & 127 | 128, number >> 7]
    length = len(content)
    size = [length] if length < 128 else [length & 127 | 128, length >> 7]
    return bytes([*kind, *size]) + content


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_sheet(path, cells):
    """An .xlsb with one sheet. cells: row, column and value of each."""
    rows = [
        record(0, struct.pack("<I", row) + bytes(21))
        + (
            record(6, struct.pack("<II", column, 0) + wide(value))
            if isinstance(value, str)
            else record(5, struct.pack("<IId", column, 0, value))
        )
        for row, column, value in cells
    ]
    book = record(0x9C, struct.pack("<II", 0, 1) + wide("rId1") + wide("S"))
    names = "http://schemas.openxmlformats.org"
    kind = f"{names}/officeDocument/2006/relationships/worksheet"
    link = f'<Relationship Id="rId1" Type="{kind}" Target="worksheets/sheet1.bin"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{names}/package/2006/relationships">{link}</Relationships>',
        )
        opened = record(0x83) + record(0x99, bytes(12)) + record(0x8F)
        archive.writestr("xl/workbook.bin", opened + book + record(0x90) + record(0x84))
        size = record(0x94, struct.pack("<IIII", 0, 29, 0, 1))
        archive.writestr(
            "xl/worksheets/sheet1.bin",
            record(0x81) + size + record(0x91) + b"".join(rows) + record(0x92) + record(0x82),
        )
    return str(path)


def test_a_binary_workbook_is_read_within_a_bound(tmp_path, monkeypatch):
    cells = [(0, 0, "time"), (0, 1, "y")]
    for day in range(1, 29):
        cells += [(day, 0, f"2024-01-{day:02}"), (day, 1, day / 4)]
    found = read_table(binary_sheet(tmp_path / "data.xlsb", cells))
    assert [*found.frame["y"]] == [day / 4 for day in range(1, 29)]
    monkeypatch.setattr(workbooks, "_LEAST_MEMORY", 2**27)
    path = binary_sheet(tmp_path / "far.xlsb", [*cells, (2**20 - 1, 90, 1.0)])
    with pytest.raises(DataError, match=r"far.xlsb: reading it takes more than 0.1 GB of memory") as caught:
        read_table(path)
    assert caught.value.kind == "unreadable"
