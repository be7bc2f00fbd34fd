"""What is too large for a table, or packed in a way that is not read: refused with a place, before it fills
the memory."""

import bz2
import errno
import gzip
import io
import json
import lzma
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import zstandard

from lstmcli.errors import DataError
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import bounds, json_tables, panel_of, read_table
from lstmcli.tables.read.packed import members_of, read_input, unpack_bytes

ROWS = 40
TABLE = "time,y\n" + "".join(f"2024-01-{day % 28 + 1:02},{day}\n" for day in range(28))
LINE, HOLDS = 2**16, 2**18  # lower limits than those of the program


def zipped(content, method=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("data.csv", content)
    return made.getvalue()


PACK = {
    "csv": lambda content: content,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
    "zip": zipped,
}


@pytest.fixture
def low(monkeypatch):
    monkeypatch.setattr(bounds, "LONGEST_LINE", LINE)
    monkeypatch.setattr(bounds, "EXPANDED", HOLDS)


def cached(path):
    return panel_for_training([path], Settings(), Cache(Path(path + ".cache"), lambda *_: None))


WAYS = {"whole": read_table, "cache": cached}
BOMBS = {
    "zeros": (b"0" * 10 * LINE, "a line of more than 65,536 bytes", 1),
    "nul": (b"\0" * 10 * LINE, "a line of more than 65,536 bytes|a NUL byte", 1),
    "cell": (TABLE.encode() + b"2024-01-29," + b"1" * 10 * LINE, "a line of more than 65,536 bytes", 30),
    "quote": (
        TABLE.encode() + b'2024-01-29,"' + b"abc\n" * 3 * LINE,
        "a quote is opened here and not closed within 65,536",
        30,
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", PACK)
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_line_or_a_cell_without_an_end_is_refused(tmp_path, low, monkeypatch, bomb, form, way):
    monkeypatch.setattr(bounds, "EXPANDED", 2**30)
    content, said, row = BOMBS[bomb]
    path = tmp_path / f"data.{form}"
    path.write_bytes(PACK[form](content))
    with pytest.raises(DataError, match=said) as caught:
        WAYS[way](str(path))
    assert (caught.value.kind, caught.value.row) == ("not-a-table", row)


@pytest.mark.parametrize("form", [form for form in PACK if form != "csv"])
def test_a_file_that_holds_far_more_than_a_table_of_its_size_is_refused(tmp_path, low, form):
    path = tmp_path / f"data.{form}"
    path.write_bytes(PACK[form](b"time,y\n" + b"2024-01-01,1\n" * 500_000))
    with pytest.raises(DataError, match=r"more than 500 times its size.* unpack it first") as caught:
        read_table(str(path))
    assert caught.value.kind == "unreadable"


def test_zstandard_is_unpacked_in_small_parts():
    packed = io.BytesIO(zstandard.compress(b"0" * 2**27))
    tracemalloc.start()
    try:
        assert unpack_bytes("data.zst", packed).read(9) == b"0" * 9
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 2**26


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("blank", ["\n", "\r\n"])
def test_blank_lines_behind_one_another_have_an_end(tmp_path, monkeypatch, blank, way):
    monkeypatch.setattr(bounds, "MOST_BLANK", 2**18)
    path = tmp_path / "data.csv"
    path.write_text(TABLE + 2**16 * blank + "2024-01-29,29\n", newline="")
    assert WAYS[way](str(path)) is not None
    path.write_text(TABLE + 2**20 * blank + "2024-01-29,29\n", newline="")
    with pytest.raises(DataError, match="bytes of blank lines end here") as caught:
        WAYS[way](str(path))
    assert caught.value.kind == "not-a-table" and caught.value.row > 2**16


def test_a_json_document_of_many_small_objects_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(json_tables, "MOST_OF_JSON", 100)
    path = tmp_path / "data.json"
    path.write_text(json.dumps([{}] * 101))
    with pytest.raises(DataError, match="more than 100 objects and lists") as caught:
        read_table(str(path))
    assert caught.value.kind == "not-a-table"


def test_quotes_that_end_are_no_open_ones(tmp_path, low):
    """Also where a quote stands in a cell, ends with a separator or spans lines."""
    path = tmp_path / "data.csv"
    odd = ['5" pipe', '"a,"', '"two\nlines"', '"a ""b"""', '""', "x", 'x"']
    rows = [f"{step},{odd[step % len(odd)] if step < 21 else 'x' * 50},{step}\n" for step in range(4000)]
    for first in range(7):
        path.write_text('"step","note","y"\n' + "".join(rows[: 1 + first] + rows[21:]))
        assert len(read_table(str(path)).frame) == 4000 - 20 + first


def test_a_json_document_and_standard_input_have_bounds(tmp_path, low, monkeypatch):
    monkeypatch.setattr(json_tables, "LARGEST_JSON", 2**12)
    path = tmp_path / "data.json"
    rows = [{"time": f"2024-01-{day:02}", "y": day} for day in range(1, 29)] * 10
    path.write_text(json.dumps(rows))
    with pytest.raises(DataError, match=r"a JSON document of more than 4,096 .* jq -c '\.\[\]' FILE"):
        read_table(str(path))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))  # as jq makes it
    assert len(read_table(str(path)).frame) == 280
    with pytest.raises(DataError, match="standard input:1: a line of more than"):
        read_input("standard input", io.BytesIO(b"0" * 2**21))
    assert len(read_input("standard input", io.BytesIO(gzip.compress(bytes(range(256)) * 2**14)))) < 2**20


def damaged(place, value, size="<H"):
    """An archive with other numbers in both heads of its member."""
    raw = bytearray(zipped(TABLE))
    for mark, before in ((b"PK\x03\x04", 0), (b"PK\x01\x02", 2)):
        struct.pack_into(size, raw, raw.rfind(mark) + place + before, value)
    return bytes(raw)


def moved(places):
    """An archive whose list of members lies elsewhere than it says: the member begins before the file."""
    raw = bytearray(zipped(TABLE))
    at = raw.rfind(b"PK\x05\x06") + 16
    struct.pack_into("<I", raw, at, struct.unpack_from("<I", raw, at)[0] + places)
    return bytes(raw)


ARCHIVES = {
    "outside": (moved(40), "damaged: it points outside itself"),
    "encrypted": (damaged(6, 1), "encrypted: unpack it with its password first"),
    "patched": (damaged(6, 0x20), "packed in a way that is not read"),
    "strong": (damaged(6, 0x40), "packed in a way that is not read"),
    **{f"method {n}": (damaged(8, n), "packed in a way that is not read") for n in (9, 93, 97, 99)},
    "bzip2 it is not": (damaged(8, 12), "cannot be read"),
    "version": (damaged(4, 99), "not an archive that is read"),
    "cut": (zipped(TABLE)[:50], "cannot be read"),
}


@pytest.mark.parametrize("archive", ARCHIVES)
def test_archives_that_are_not_read_are_named(tmp_path, archive):
    path = tmp_path / "data.zip"
    content, said = ARCHIVES[archive]
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"data.zip: .*{said}") as caught:
        read_table(str(path))
    assert caught.value.kind == "unreadable"
    assert len(str(caught.value).splitlines()) == 1


def test_a_broken_device_is_no_damaged_archive():
    class Broken(io.BytesIO):
        def read(self, *_):
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        members_of("data.zip", Broken(zipped(TABLE)))


def test_a_member_without_a_name_is_read(tmp_path):
    path = tmp_path / "data.zip"
    path.write_bytes(zipped(TABLE).replace(b"data.csv", b"\0ata.csv"))
    assert len(read_table(str(path)).frame) == 28


def wide(columns, rows=5, width=None, last="c0"):
    names = [f"column_{'x' * 150}_{k}" for k in range(columns - 1)] + [last]
    cells = ["1"] * columns
    lines = [",".join(["time", *names])] + [",".join([f"2024-01-{d:02}", *cells]) for d in range(1, rows)]
    return "\n".join([*lines, ",".join([f"2024-01-{rows:02}", *cells[: width or columns]]), ""])


def test_a_long_header_hides_no_short_row_and_no_column_of_one_name(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text(wide(1_000, width=900))
    assert len(path.read_text().splitlines()[0]) > 2**17
    with pytest.raises(DataError, match=r"data.csv:6: the row has 901 cells, the header 1001"):
        read_table(str(path))
    path.write_text(wide(1_000, last=f"column_{'x' * 150}_7"))
    table = read_table(str(path))
    (note,) = [note for note in table.notes if note.startswith("two columns are called 'column_xxx")]
    assert note.endswith("_7.1'")


def test_names_and_columns_have_bounds(tmp_path, monkeypatch):
    path = tmp_path / "data.csv"
    path.write_text(TABLE.replace("y", "n" * 20_000))
    with pytest.raises(DataError, match=r"data.csv:1: the name of column 2 has 20,000 characters") as caught:
        read_table(str(path))
    (mend,) = caught.value.mends
    assert len(read_table(str(path), load_settings(None, mend).options).frame) == 28
    path.write_text("time" + ",y" * 200_000 + "\n" + TABLE)
    with pytest.raises(
        DataError, match=r"data.csv:1: the row has 200,001 cells; a table has 100,000 columns"
    ):
        read_table(str(path))


@pytest.mark.parametrize("first", [2**62, 2**63 - 30, 2**63 - 5, 2**64 - 40, -(2**62)])
def test_steps_that_would_wrap_round_are_refused(tmp_path, first):
    path = tmp_path / "data.csv"
    path.write_text("step,y\n" + "".join(f"{first + k},{k % 5}\n" for k in range(20)))
    with pytest.raises(DataError, match=r"data.csv:2:step: steps are counted up to 9,007,199,254,740,992"):
        panel_of(read_table(str(path)), Settings())
    panel = panel_of(read_table(str(path)), load_settings(None, {"time": "none", "step": "1h"}))[0]
    assert len(panel.values) == 20


def test_a_long_cell_is_read_wherever_it_stands(tmp_path):
    """The csv module takes 131,072 characters unless it is told otherwise."""
    path = tmp_path / "data.csv"
    lines = [f"2024-01-{d:02},{d},{'x' * 200_000 if d == 9 else ''}" for d in range(1, 28)]
    path.write_text("\n".join(["time,y,note", *lines, ""]))
    assert len(read_table(str(path)).frame) == 27
    path.write_text("\n".join(["time,y,note", *lines, "2024-01-28,3", ""]))
    with pytest.raises(DataError, match=r"data.csv:29: the row has 2 cells, the header 3"):
        read_table(str(path))
