"""Tables out: every form holds the same table, to the last bit, with times as they came in."""

import csv
import io
import json
import math
import os
import sys

import numpy as np
import pandas as pd
import pytest
from builders import forecast_of

from lstmcli.errors import CannotCreate, DataError, WriteFailed
from lstmcli.files.output import ToldOutput, write_out, write_parts
from lstmcli.series.calendar import DAY, HOUR, Step
from lstmcli.series.forecast import Forecast
from lstmcli.tables.write.tables import forecast_table, text_of
from lstmcli.tables.write.times import format_stamps

LEVELS = (0.1, 0.5, 0.9)


@pytest.fixture
def two_series():
    """Two series, two steps, three levels; numbers that are hard to write in decimal."""
    values = [[[0.1, 0.1 + 0.2, 1 / 3], [-1e-300, 5e-324, 1.7976931348623157e308]], [[1, 2, 3], [4, 5, 6]]]
    starts = np.array(["2024-01-31T23:00", "2024-02-29T00:00"], "datetime64[us]")
    names = ("shop", "item")
    return forecast_of(values, starts, Step("fixed", HOUR), names, (("a, b", 'say "x"'), ("é", "7")))


@pytest.fixture
def table(two_series):
    return forecast_table(two_series, "time", "%Y-%m-%d %H:%M", LEVELS)


def from_csv(text):
    rows = csv.DictReader(io.StringIO(text))
    return [{k: v if k in ("shop", "item", "time") else float(v) for k, v in row.items()} for row in rows]


def from_ndjson(text):
    return [json.loads(line) for line in text.splitlines()]


READERS = {"csv": from_csv, "ndjson": from_ndjson}


def test_a_row_is_a_series_and_a_step(table):
    assert list(table.columns) == ["shop", "item", "time", "forecast", "q0.1", "q0.5", "q0.9"]
    assert table.to_dict("records")[1:3] == [
        {
            "shop": "a, b",
            "item": 'say "x"',
            "time": "2024-02-01 00:00",
            "forecast": 5e-324,
            "q0.1": -1e-300,
            "q0.5": 5e-324,
            "q0.9": 1.7976931348623157e308,
        },
        {
            "shop": "é",
            "item": "7",
            "time": "2024-02-29 00:00",
            "forecast": 2,
            "q0.1": 1,
            "q0.5": 2,
            "q0.9": 3,
        },
    ]


@pytest.mark.parametrize("form", READERS)
def test_numbers_and_texts_come_back_as_they_were(table, form):
    assert READERS[form](text_of(table, form)) == table.to_dict("records")


def test_random_numbers_come_back_to_the_last_bit():
    random = np.random.default_rng(0)
    values = random.normal(size=(1, 500, 3)) * 10.0 ** random.integers(-200, 200, (1, 500, 3))
    made = forecast_of(values, np.array([0]), Step("plain", 1))
    frame = forecast_table(made, "step", None, LEVELS)
    for form, reader in READERS.items():
        rows = reader(text_of(frame, form))
        assert [[row["q0.1"], row["q0.5"], row["q0.9"]] for row in rows] == values[0].tolist(), form


@pytest.mark.parametrize("form", READERS)
def test_the_text_is_lines_that_end(table, form):
    text = text_of(table, form)
    assert text.endswith("\n")
    assert "\r" not in text
    assert len(text.splitlines()) == {"csv": 5, "ndjson": 4}[form]


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_json_refuses_what_is_not_a_number(value):
    with pytest.raises(ValueError, match="not JSON compliant"):
        text_of(pd.DataFrame({"x": [1.0, value]}), "ndjson")


def test_only_the_wanted_quantiles_are_written(two_series):
    frame = forecast_table(two_series, "time", None, (0.9,))
    assert list(frame.columns) == ["shop", "item", "time", "forecast", "q0.9"]
    assert frame["forecast"].tolist()[2:] == [2, 5]
    assert frame["q0.9"].tolist()[2:] == [3, 6]


@pytest.mark.parametrize("level", [0.025, 0.5, 0.975, 0.999])
def test_a_quantile_is_named_by_its_level(level):
    made = Forecast(
        (), ((),), Step("plain", 1), np.array([0]), tuple(sorted({level, 0.5})), np.ones((1, 1, 2))
    )
    assert forecast_table(made, "step", None, (level,)).columns[-1] == f"q{level}"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("%Y-%m-%d", ["2024-02-29", "2024-03-01"]),
        ("%Y/%m/%d", ["2024/02/29", "2024/03/01"]),
        ("%d.%m.%Y %H:%M", ["29.02.2024 00:00", "01.03.2024 00:00"]),
        ("%Y-%m-%dT%H:%M:%SZ", ["2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"]),
        (None, ["2024-02-29 00:00:00", "2024-03-01 00:00:00"]),
    ],
)
def test_times_are_written_by_their_pattern(pattern, expected):
    made = forecast_of(np.ones((1, 2, 3)), np.array(["2024-02-29"], "datetime64[us]"), Step("fixed", DAY))
    frame = forecast_table(made, "when", pattern, LEVELS)
    assert [line.split(",")[0] for line in text_of(frame, "csv").splitlines()] == ["when", *expected]
    assert [row["when"] for row in from_ndjson(text_of(frame, "ndjson"))] == expected


def test_plain_steps_stay_integers():
    made = forecast_of(np.ones((1, 3, 3)), np.array([95]), Step("plain", 5))
    frame = forecast_table(made, "step", None, LEVELS)
    assert [row["step"] for row in from_ndjson(text_of(frame, "ndjson"))] == [95, 100, 105]
    assert text_of(frame, "csv").splitlines()[1].startswith("95,")


def test_plain_steps_are_written_without_a_pattern():
    steps = np.array([3, 4])
    assert format_stamps(steps, None) is steps


# Where a text goes


def test_a_text_is_written_to_a_file_in_utf_8(tmp_path):
    write_out("é\n", str(tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_bytes() == b"\xc3\xa9\n"


def test_a_text_is_written_to_standard_output_for_a_hyphen(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_out("a\nb\n", "-")
    assert capsys.readouterr().out == "a\nb\n"
    assert os.listdir(tmp_path) == []


def test_a_file_in_a_missing_folder_cannot_be_created(tmp_path):
    with pytest.raises(CannotCreate, match="no such file or directory"):
        write_out("a\n", str(tmp_path / "none" / "out.csv"))


def test_a_failing_standard_output_is_a_failed_write(monkeypatch):
    with io.TextIOWrapper(io.BufferedWriter(ToldOutput("/dev/full", "w"))) as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(WriteFailed, match="standard output: no space left on device"):
            write_out("a\n", "-")


def test_a_closed_pipe_ends_quietly(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as broken:
        monkeypatch.setattr(sys, "stdout", broken)
        write_out("a\n", "-")
        assert os.fstat(broken.fileno()).st_rdev == os.stat(os.devnull).st_rdev


def parts_that_fail():
    yield "new\n"
    raise DataError("too-large", "too much")


def test_parts_are_one_file(tmp_path):
    assert write_parts(iter(["a\n", "é\n", b"c\n"]), str(tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_text() == "a\né\nc\n"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_a_file_stays_as_it_was_where_a_later_part_fails(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old\n")
    with pytest.raises(DataError):
        write_parts(parts_that_fail(), str(path))
    assert path.read_text() == "old\n"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_nothing_is_created_before_the_first_part_is_there(tmp_path):
    def parts():
        assert os.listdir(tmp_path) == []
        yield "a\n"
        assert len(os.listdir(tmp_path)) == 1
        assert not (tmp_path / "out.csv").exists()

    write_parts(parts(), str(tmp_path / "out.csv"))
    assert os.listdir(tmp_path) == ["out.csv"]


def test_parts_go_to_standard_output_as_they_come(capsys):
    with pytest.raises(DataError):
        write_parts(parts_that_fail(), "-")
    assert capsys.readouterr().out == "new\n"


def test_no_more_parts_are_made_when_nobody_reads(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    made = []
    with os.fdopen(writer, "w") as broken:
        monkeypatch.setattr(sys, "stdout", broken)
        assert not write_parts((made.append(n) or f"{n}\n" for n in range(5)), "-")
    assert made == [0]
