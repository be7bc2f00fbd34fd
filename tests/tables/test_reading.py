"""Files in: compression, encodings, separators, several files, and the line that each complaint names."""

import bz2
import gzip
import io
import lzma
import sys
import zipfile

import numpy as np
import pytest

from lstmcli.errors import DataError, InputMissing
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import read_table
from lstmcli.tables.read.shapes import is_clock

DAILY = "time,y\n2024-01-01,1\n2024-01-02,2.5\n2024-01-03,-3\n"
TEXT = DAILY.encode()
NO_FRAME = bytes.fromhex("28b52ffd") + b"\0" * 20  # begins as a file of Zstandard


@pytest.fixture
def table(tmp_path):
    """Writes bytes or text to a file and reads it with some options."""

    def make(content, name="data.csv", **options):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(str(path), ReadOptions(**options))

    return make


@pytest.fixture
def complaint(table, tmp_path):
    """Kind, row and message of the complaint about a file."""

    def make(content, **options):
        with pytest.raises(DataError) as caught:
            table(content, **options)
        message = str(caught.value)
        assert message.startswith(str(tmp_path))
        return caught.value.kind, caught.value.row, message.split(": ", 1)[1]

    return make


def zipped(*names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, DAILY)
    return packed.getvalue()


@pytest.mark.parametrize(
    "packed",
    [TEXT, gzip.compress(TEXT), bz2.compress(TEXT), lzma.compress(TEXT), zipped("a.csv")],
    ids=["plain", "gzip", "bz2", "xz", "zip"],  # the bytes of gzip hold the time, and workers must agree
)
@pytest.mark.parametrize("name", ["data.csv", "data.csv.gz", "data"])
def test_compression_is_told_by_the_bytes_not_by_the_name(table, packed, name):
    assert table(packed, name).frame["y"].tolist() == [1, 2.5, -3]


def test_zstandard_is_read_frame_by_frame(table, complaint):
    pack = pytest.importorskip("zstandard").ZstdCompressor().compress
    assert complaint(NO_FRAME)[0] == "unreadable"
    for packed in (pack(TEXT), pack(TEXT[:20]) + pack(b"") + pack(TEXT[20:])):
        assert table(packed).frame["y"].tolist() == [1, 2.5, -3]
    days = np.datetime64("1900-01-01") + np.arange(60_000).astype("timedelta64[D]")
    rows = [f"{day},{number % 7}" for number, day in enumerate(days)]
    long = table(pack("\n".join(["time,y", *rows, ""]).encode())).frame
    assert long["y"].tolist() == [int(row[-1]) for row in rows]


def test_zstandard_says_what_it_needs(complaint, monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    kind, _, said = complaint(NO_FRAME)
    assert kind == "unreadable"
    assert "lstmcli[zst]" in said


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_an_archive_that_breaks_off_is_unreadable(complaint, pack):
    assert complaint(pack(TEXT * 500)[:-20])[0] == "unreadable"


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_zstandard_that_breaks_off_is_unreadable(complaint, cut):
    pack = pytest.importorskip("zstandard").ZstdCompressor().compress
    random = np.random.default_rng(0).normal(size=500)
    packed = pack("\n".join(["time,y", *(f"{n},{y:.3f}" for n, y in enumerate(random)), ""]).encode())
    assert complaint(packed[:-cut])[0] == "unreadable"


def test_an_archive_of_two_files_is_refused(complaint):
    assert complaint(zipped("a.csv", "b.csv")) == ("unreadable", None, "the archive holds 2 files, not one")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_told_by_its_mark(table, encoding):
    found = table("Zeit,Größe\n2024-01-01,1\n2024-01-02,2\n".encode(encoding))
    assert list(found.frame.columns) == ["Zeit", "Größe"]


def test_other_encodings_are_named(table, complaint):
    text = "time,Größe\n2024-01-01,1\n".encode("latin-1")
    assert complaint(text)[:2] == ("encoding", 1)
    assert "encoding=latin-1" in complaint(text)[2]
    assert list(table(text, encoding="latin-1").frame.columns) == ["time", "Größe"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(table, end):
    found = table(DAILY.replace("\n", end).encode())
    assert found.frame["y"].tolist() == [1, 2.5, -3]
    assert found.place(2) == (found.source, 4)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " ", "   "])
def test_the_separator_is_found(table, separator):
    found = table(DAILY.replace(",", separator))
    assert list(found.frame.columns) == ["time", "y"]
    assert found.frame["y"].tolist() == [1, 2.5, -3]


def test_a_separator_inside_quotes_does_not_count(table):
    found = table('"a;b;c",time,y\n"1;2;3",2024-01-01,1\n"4;5;6",2024-01-02,2\n')
    assert list(found.frame.columns) == ["a;b;c", "time", "y"]


def test_a_decimal_comma_is_found_where_nothing_else_fits(table):
    found = table("time;y\n2024-01-01;1,5\n2024-01-02;2\n")
    assert found.frame["y"].tolist() == [1.5, 2]
    assert found.notes == ("a comma marks decimals (--set decimal=. where it does not)",)


@pytest.mark.parametrize("cells", [("1,234", "2,345"), ("1,5", "2.5")])
def test_a_comma_that_may_be_that_of_thousands_is_not_read(table, cells):
    found = table("time;y\n2024-01-01;{}\n2024-01-02;{}\n".format(*cells))
    assert found.frame["y"].tolist() == list(cells)
    if cells[0] == "1,234":
        said = table("time;y\n2024-01-01;{}\n2024-01-02;{}\n".format(*cells), decimal=",")
        assert said.frame["y"].tolist() == [1.234, 2.345]


def test_a_line_break_in_a_cell_does_not_shift_the_lines(table):
    found = table(
        'time,note,y\n2024-01-01,"two\nlines",1\n2024-01-02,x,2\n\n2024-01-04,"a\n\nb",3\n2024-01-05,,4\n'
    )
    lines = [found.place(index)[1] for index in found.frame.index]
    assert lines == [2, 4, 6, 9]


@pytest.mark.parametrize(
    ("text", "kind", "row"),
    [
        ("", "empty", None),
        ("\n\n", "empty", None),
        ("time,y\n", "empty", None),
        ("time,y\n2024-01-01,1\n2024-01-02,2,3\n", "ragged", 3),
        ("time,a,y\n2024-01-01,1,2\n2024-01-02,1\n2024-01-03,1,3\n", "ragged", 3),
        ('time,y\n2024-01-01,"1\n2024-01-02,2\n', "not-a-table", 2),
        ("time,y\n2024-01-01,1\n2024-01-02,2\0\n", "not-a-table", 3),
        ("2024-01-01,1\n2024-01-02,2\n", "no-header", 1),
    ],
)
def test_what_is_no_table_is_told_with_its_row(complaint, text, kind, row):
    assert complaint(text)[:2] == (kind, row)


def test_empty_rows_before_the_header_are_passed_over(table, complaint):
    found = table("\n\ntime,y\n2024-01-01,1\n2024-01-02,2\n")
    assert list(found.frame.columns) == ["time", "y"]
    assert [found.place(index)[1] for index in found.frame.index] == [4, 5]
    assert complaint("\n\ntime,x,y\n2024-01-01,1,1\n2024-01-02,2\n")[:2] == ("ragged", 5)


def test_a_file_without_header_gets_numbers_for_names(table):
    found = table("2024-01-01,1\n2024-01-02,x\n", header=False)
    assert list(found.frame.columns) == ["1", "2"]
    assert found.place(1) == (found.source, 2)


def test_columns_without_name_are_left_out_with_a_note(table):
    found = table(",time,y,\n0,2024-01-01,1,\n1,2024-01-02,2,\n")
    assert list(found.frame.columns) == ["time", "y"]
    assert found.notes == ("not used: columns 1, 4, which have no names",)


def test_a_name_of_blanks_is_none(table):
    found = table("\u2028,time,\x85,y\n0,2024-01-01,a,1\n1,2024-01-02,b,2\n")
    assert list(found.frame.columns) == ["time", "y"]


def test_only_an_empty_cell_is_missing_among_texts(table):
    found = table("time,land,y\n2024-01-01,NA,NA\n2024-01-01,DE,1\n2024-01-02,,-\n").frame
    assert found["land"].isna().tolist() == [False, False, True]
    assert found["y"].isna().tolist() == [True, False, True]


def test_several_files_are_one_table(tmp_path):
    (tmp_path / "a.csv").write_text("time,y\n2024-01-01,1\n")
    (tmp_path / "b.csv").write_text("y,time\n2,2024-01-02\nx,2024-01-03\n")
    for sources in ([str(tmp_path / "a.csv"), str(tmp_path / "b.csv")], [str(tmp_path / "?.csv")]):
        found = read_table(sources)
        assert found.frame["time"].astype(str).tolist() == ["2024-01-01", "2024-01-02", "2024-01-03"]
        assert found.frame["file"].tolist() == ["a", "b", "b"]
        assert found.place(2) == (str(tmp_path / "b.csv"), 3)


def test_files_of_other_columns_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("time,y\n2024-01-01,1\n")
    (tmp_path / "b.csv").write_text("time,z\n2024-01-01,1\n")
    with pytest.raises(DataError, match=r"'y' is in .*a\.csv, not in .*b\.csv") as caught:
        read_table([str(tmp_path / "a.csv"), str(tmp_path / "b.csv")])
    assert caught.value.kind == "other-columns"


def test_a_pattern_without_files_is_told(tmp_path):
    with pytest.raises(InputMissing, match="no file has such a name"):
        read_table(str(tmp_path / "*.csv"))


def test_standard_input_may_be_packed(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT))))
    assert read_table("-").frame["y"].tolist() == [1, 2.5, -3]


def test_parquet_is_read_or_says_what_it_needs(tmp_path, complaint):
    kind, _, said = complaint(b"PAR1 and no more")
    assert kind == "unreadable"
    pandas = pytest.importorskip("pandas")
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        assert "lstmcli[parquet]" in said
        return
    frame = pandas.DataFrame(
        {"time": pandas.date_range("2024-01-01", periods=3, freq="h"), "y": [1.0, None, 3]}
    )
    frame.to_parquet(tmp_path / "data.bin")
    found = read_table(str(tmp_path / "data.bin"))
    assert found.frame["time"].astype(str).tolist()[1] == "2024-01-01 01:00:00"
    assert found.place(1)[1] == 2


def test_empty_cells_are_missing_beside_numbers_beyond_64_bits(table):
    """pandas keeps them as texts there: a blank line was a row without a time."""
    found = table("time,y,code\n\n2024-01-01,1,\n2024-01-02,2,12345678901234567890\n2024-01-03,3,\n").frame
    assert found["time"].tolist() == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert found["code"].isna().tolist() == [True, False, True]


def test_a_number_of_thousands_of_digits_is_no_time_of_day():
    assert is_clock("25:00") and not is_clock("26:00")
    assert not is_clock("1" * 5000)
