"""Traps of real files and shells; each once gave a wrong answer or a wrong exit code."""

import gzip
import os
import subprocess
import sys

import numpy as np
import pytest

from lstmcli.errors import DataError, SettingsError
from lstmcli.series.calendar import DAY, Step, positions
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

QUIETLY = {"capture_output": True, "text": True, "check": False}


def complaint(tmp_path, text, name="data.csv", **settings):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError) as caught:
        panel_of(read_table(str(path)), Settings(**settings))
    return str(caught.value).removeprefix(str(path)).rstrip("\n")


@pytest.mark.parametrize("first", ["0", "2024-01-01"])
def test_rows_with_more_cells_than_the_header_are_refused(tmp_path, first):
    complaint(tmp_path, f"step,y\n{first},1,9\n{first},2,8\n")


def test_a_truncated_gzip_file_is_bad_data(tmp_path):
    whole = gzip.compress(b"time,y\n" + os.urandom(4000).hex().encode())
    complaint(tmp_path, whole[:200], "data.csv.gz")


def test_offsets_that_change_are_read_in_utc(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text(
        "time,y\n2024-03-31T01:00:00+01:00,1\n2024-03-31T03:00:00+02:00,2\n2024-03-31T04:00:00+02:00,3\n"
    )
    assert panel_of(read_table(str(path)), Settings())[0].step == Step("fixed", DAY // 24)


def test_an_infinite_value_is_quoted_as_written(tmp_path):
    said = complaint(tmp_path, "time,y\n2024-01-01,1\n2024-01-02,inf\n")
    assert said == ":3:y: 'inf' is not a number; where it stands for a missing value: --set missing=inf"


def test_a_bad_first_time_stamp_is_named_without_a_warning(tmp_path):
    said = complaint(tmp_path, "time,y\nfoo,1\n2024-01-02,2\n", time="time")
    assert said.startswith(":2:time: 'foo' is not a time stamp that is known; read are dates as 2024-12-31,")
    assert said.endswith("or count rows, without times: set time to none and step to the time between rows")


def test_dates_with_the_day_first_give_no_warning(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("time,y\n30/01/2024,1\n31/01/2024,2\n01/02/2024,3\n")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys\nfrom lstmcli.settings.model import Settings\nfrom lstmcli.tables.read import *\n"
            "panel_of(read_table(sys.argv[1]), Settings())",
            path,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_dates_that_could_be_day_or_month_first_are_not_guessed(tmp_path):
    complaint(tmp_path, "time,y\n01/02/2020,1\n02/02/2020,2\n03/02/2020,3\n")


@pytest.mark.parametrize(
    ("step", "time"), [(Step("business day", 1), "2024-01-06"), (Step("month", 1, 31), "2024-01-15")]
)
def test_a_first_stamp_off_the_step_is_no_repetition(step, time):
    times = np.array([time], "datetime64[us]")
    steps, fits = positions(times, times[0], step)
    assert (steps.tolist(), fits.tolist()) == ([0], [False])


@pytest.mark.parametrize("text", ["horizon=yes", "members=true", "steps=010", "context=1:30"])
def test_what_is_no_whole_number_is_refused(text):
    with pytest.raises(SettingsError):
        load_settings(None, {}, (text,))


def test_a_date_that_is_none_is_a_wrong_setting():
    with pytest.raises(SettingsError):
        load_settings(None, {}, ("horizon=2020-13-45",))


@pytest.mark.parametrize("text", ["target=2020", "time=on", "target=2020-01-31"])
def test_a_column_may_be_called_like_a_number(text):
    assert text.partition("=")[2] in str(load_settings(None, {}, (text,)))


def test_a_file_may_hold_an_empty_document(tmp_path):
    (tmp_path / "s.yaml").write_text("---\n")
    assert load_settings(tmp_path / "s.yaml", {}) == Settings()


def test_names_of_series_keep_their_zeros(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("time,id,y\n2024-01-01,007,1\n2024-01-01,008,4\n2024-01-02,007,2\n2024-01-02,008,5\n")
    assert panel_of(read_table(str(path)), Settings())[0].keys == (("007",), ("008",))


def test_long_durations_have_no_exponent():
    assert "e+" not in Step("month", 1, 1).duration(2400)


@pytest.mark.parametrize("settings", [{"past": "y"}, {"target": "y,y"}])
def test_a_column_has_one_role(tmp_path, settings):
    complaint(tmp_path, "time,y\n2024-01-01,1\n2024-01-02,2\n", **{"target": "y", **settings})


@pytest.mark.parametrize("tail", ["--help > /dev/full", "--version > /dev/full"])
def test_a_full_disk_under_help_gives_74(tail):
    done = subprocess.run(
        ["bash", "-c", f'"$0" -m lstmcli {tail}', sys.executable], capture_output=True, text=True, check=False
    )
    assert done.returncode == 74


def test_a_closed_standard_output_gives_no_traceback():
    done = subprocess.run(
        ["bash", "-c", '"$0" -m lstmcli train none.csv >&-', sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (66, 1)
    assert done.stderr.startswith("lstmcli: none.csv: no such file or directory")


def test_usage_errors_are_one_line():
    done = subprocess.run(
        [sys.executable, "-m", "lstmcli", "nosuch"], capture_output=True, text=True, check=False
    )
    assert done.stderr.startswith("lstmcli: ")
    assert len(done.stderr.splitlines()) == 1
