"""`lstmcli predict --follow` and `--max-age` as a shell sees them: pipes, signals, exit codes."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from warm_program import warm_program

from lstmcli.errors import ConditionFailed, UsageError
from lstmcli.jobs.freshness import check_freshness
from lstmcli.model_file import read_model, write_model
from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.panel import Panel
from lstmcli.tables.read.tokens import zone_shown

WAIT = 60  # seconds, for a machine that does much else


@pytest.fixture
def start(tmp_path, trained, environment):
    """Starts `lstmcli predict - --follow` on a copy of the trained model, with the start of its data."""
    begun = []
    model, history = tmp_path / "model.safetensors", tmp_path / "history.csv"
    shutil.copy(trained.model, model)
    lines = trained.data.read_text().splitlines(keepends=True)
    history.write_text("".join(lines[:301]))

    def make(*arguments):
        options = ["--history", str(history), "--horizon", "2", "--level", "80", *arguments]
        command = [sys.executable, "-m", "lstmcli", "predict", "-", "--follow", "-m", str(model), *options]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        begun.append(subprocess.Popen(command, env=environment, bufsize=0, cwd=tmp_path, **pipes))
        return begun[-1]

    yield make
    for process in begun:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


@pytest.fixture
def rows(trained):
    return [line.encode() for line in trained.data.read_text().splitlines(keepends=True)[301:]]


def read_lines(pipe, count):
    text = b""
    while text.count(b"\n") < count:
        assert select.select([pipe], [], [], WAIT)[0], f"nothing came after {text!r}"
        block = os.read(pipe.fileno(), 2**16)
        assert block, f"the output ended after {text!r}"
        text += block
    return text.decode().splitlines()


def is_silent(pipe, seconds=0.3):
    return not select.select([pipe], [], [], seconds)[0]


def test_each_row_is_answered_while_the_input_stays_open(start, rows):
    process = start("-q")
    process.stdin.write(rows[0])
    first = read_lines(process.stdout, 3)
    assert first[0] == "origin,time,forecast,q0.1,q0.9"
    assert [line.split(",")[:2] for line in first[1:]] == [
        ["2024-01-13 12:00", "2024-01-13 13:00"],
        ["2024-01-13 12:00", "2024-01-13 14:00"],
    ]
    process.stdin.write(rows[1][:12])
    assert is_silent(process.stdout)  # half a line
    process.stdin.write(rows[1][12:] + rows[2] + rows[3].rstrip())
    assert len(read_lines(process.stdout, 4)) == 4
    process.stdin.close()
    assert len(read_lines(process.stdout, 2)) == 2  # the last line without an end
    assert process.wait(WAIT) == 0
    assert process.stderr.read() == b""


def test_it_gives_what_predict_gives(start, rows, trained, environment, tmp_path):
    process = start("--format", "ndjson")
    process.stdin.write(b"".join(rows[:30]))
    process.stdin.close()
    answers = process.stdout.read().decode().splitlines()
    assert len(answers) == 2 * 30
    (tmp_path / "so_far.csv").write_text("".join(trained.data.read_text().splitlines(keepends=True)[:331]))
    command = [warm_program(), "predict", "so_far.csv", "-m", str(trained.model)]
    options = ["--horizon", "2", "--level", "80", "--format", "ndjson"]
    done = subprocess.run(
        [*command, *options], env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    origin = '"origin": "2024-01-14 17:00", '
    assert [line.replace(origin, "") for line in answers[-2:]] == done.stdout.splitlines()
    assert "30 rows, 30 answered" in process.stderr.read().decode()


def test_a_bad_row_is_said_and_ends_only_where_that_is_wanted(start, rows):
    process = start("-q")
    process.stdin.write(b"2024-01-13 12:00,much\n" + rows[0])
    assert len(read_lines(process.stdout, 3)) == 3
    said = read_lines(process.stderr, 1)
    mend = "where it stands for a missing value: --set missing=much"
    assert said == [
        f"lstmcli: standard input:1:y: 'much' is not a number; {mend}; the row is skipped [not-a-number]"
    ]
    process = start("-q", "--on-bad-row", "error")
    process.stdin.write(b"2024-01-13 12:00,much\n")
    assert process.wait(WAIT) == 65
    assert b"[not-a-number]" in process.stderr.read()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_end_it_at_once(start, rows, number, code):
    process = start()
    process.stdin.write(rows[0])
    read_lines(process.stdout, 3)
    process.send_signal(number)
    assert process.wait(5) == code


def test_it_ends_quietly_when_nobody_reads(start, rows):
    process = start("-q")
    process.stdin.write(rows[0])
    read_lines(process.stdout, 3)
    process.stdout.close()
    process.stdin.write(rows[1])
    assert process.wait(WAIT) == 0
    assert process.stderr.read() == b""


def test_a_new_model_file_is_taken_into_use(start, rows, tmp_path, trained):
    process = start()
    process.stdin.write(rows[0])
    before = read_lines(process.stdout, 3)
    made = read_model(trained.model)
    write_model(tmp_path / "new", replace(made, network=replace(made.network, error_power=1.0)))
    (tmp_path / "new").rename(tmp_path / "model.safetensors")
    process.stdin.write(rows[1])
    read_lines(process.stdout, 2)
    assert "was replaced; forecasts now use the new model" in read_lines(process.stderr, 1)[0]
    (tmp_path / "model.safetensors").write_bytes(b"no model")
    process.stdin.write(rows[2])
    assert len(read_lines(process.stdout, 2)) == 2 < len(before)
    assert "the old model stays in use" in read_lines(process.stderr, 1)[0]


def test_a_full_disk_gives_74(start, rows, trained, environment):
    command = [warm_program(), "predict", "-", "--follow", "-m", str(trained.model)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command,
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            input=b"time,y\n" + rows[0],
            check=False,
        )
    assert done.returncode == 74


def test_it_waits_without_using_the_processor_and_keeps_its_memory(start, rows):
    process = start()
    process.stdin.write(rows[0])
    read_lines(process.stdout, 3)
    used = cpu_seconds(process.pid)
    time.sleep(1)
    assert cpu_seconds(process.pid) - used <= 0.02
    process.stdin.write(b"".join(rows[1:30]))
    read_lines(process.stdout, 2 * 29)
    before = resident(process.pid)
    begin = datetime(2024, 1, 14, 18)
    text = "".join(f"{begin + timedelta(hours=n):%Y-%m-%d %H:%M},{100 + n % 24}\n" for n in range(80))
    process.stdin.write(text.encode())
    assert len(read_lines(process.stdout, 2 * 80)) == 160
    assert resident(process.pid) - before < 4  # MiB


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    """MiB."""
    with open(f"/proc/{pid}/status") as file:
        (kib,) = (int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    return kib / 1024


@pytest.fixture
def run(trained, environment, tmp_path):
    def make(*arguments, text=""):
        command = [warm_program(), "predict", *arguments, "-m", str(trained.model)]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, input=text, capture_output=True, text=True, check=False
        )

    return make


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--follow"], "reads standard input: lstmcli predict - --follow"),
        (["data.csv", "--follow"], "reads standard input"),
        (["-", "--follow", "--format", "json"], "Use ndjson"),
        (["-", "--follow", "-o", "out.csv"], "--output cannot be combined with --follow"),
        (["-", "--follow", "--max-age", "2h"], "--max-age cannot be combined with --follow"),
        (["-", "--follow", "--plot", "x.png"], "--plot cannot be combined with --follow"),
        (["--history", "x.csv"], "--history belongs to --follow"),
        (["--on-bad-row", "skip"], "--on-bad-row belongs to --follow"),
        (["--max-age", "2"], "add the unit, as 2h"),
        (["--max-age", "soon"], "'soon' is no age"),
    ],
)
def test_what_does_not_fit_gives_2(run, arguments, said):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


# --max-age


def test_old_data_gives_3_and_no_forecast(run, tmp_path):
    done = run("--max-age", "2h", "-o", "forecast.csv")
    assert (done.returncode, done.stdout) == (3, "")
    assert ": the newest value (2024-01-17 15:00:00) is " in done.stderr
    assert "days old; limit 2h.\n" in done.stderr
    assert not (tmp_path / "forecast.csv").exists()


def test_fresh_data_is_forecast(run):
    now = datetime.now().replace(minute=0)
    text = "".join(f"{now - timedelta(hours=n):%Y-%m-%d %H:%M},{100 + n % 24}\n" for n in range(48, 0, -1))
    done = run("-", "--max-age", "2h", "-q", text="time,y\n" + text)
    assert (done.returncode, done.stderr) == (0, "")
    assert run("-", "--max-age", "30min", "-q", text="time,y\n" + text).returncode == 3


HOURLY = Step("fixed", HOUR)


def panel_ending(*ends, step=HOURLY):
    count = len(ends)
    return Panel(
        key_names=("id",),
        keys=tuple((name,) for name in "abc"[:count]),
        step=step,
        starts=np.array(ends, "datetime64[us]") - np.timedelta64(1, "h"),
        offsets=np.arange(count + 1) * 2,
        lengths=np.full(count, 2),
        values=np.ones(2 * count),
        past=np.zeros((2 * count, 0), np.float32),
        future=np.zeros((2 * count, 0), np.float32),
    )


NOW = datetime.fromisoformat("2024-07-01T12:30:00+00:00")


@pytest.mark.parametrize(
    ("pattern", "zone", "end", "shown"),
    [
        ("%Y-%m-%d %H:%MZ", "", "2024-07-01T11:00", "2024-07-01 11:00:00Z"),
        ("epoch-s", "", "2024-07-01T11:00", "2024-07-01 11:00:00Z"),
        # Kept in UTC, shown by the clock of the zone.
        (
            "%Y-%m-%d %H:%M%z @Europe/Berlin",
            "Europe/Berlin",
            "2024-07-01T11:00",
            "2024-07-01 13:00:00+02:00",
        ),
        ("%Y-%m-%d", "Asia/Tokyo", "2024-07-01T20:00", "2024-07-01 20:00:00"),  # days stay local
    ],
)
def test_age_counts_from_where_the_stamps_are(pattern, zone, end, shown):
    panel = replace(panel_ending(end), zone=zone_shown(pattern))
    assert check_freshness(panel, "2h", pattern, zone, NOW) == ()
    with pytest.raises(
        ConditionFailed, match=rf"^The newest value \({re.escape(shown)}\) is 90 minutes old; limit 1h\.$"
    ):
        check_freshness(panel, "1h", pattern, zone, NOW)


def test_stamps_without_a_zone_are_times_of_this_machine(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert check_freshness(panel_ending("2024-07-01T20:00"), "2h", "%Y-%m-%d %H:%M", "", NOW) == ()
        with pytest.raises(ConditionFailed):
            check_freshness(panel_ending("2024-07-01T11:00"), "2h", "%Y-%m-%d %H:%M", "", NOW)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_newest_of_all_series_counts_and_old_ones_are_named():
    notes = check_freshness(
        panel_ending("2024-06-01", "2024-07-01T12:00", "2024-06-30"), "2h", "%Y-%m-%dZ", "", NOW
    )
    assert notes == ("2 series without a value in the last 2h: a, c",)


def test_rows_without_dates_have_no_age():
    with pytest.raises(UsageError, match="no dates"):
        check_freshness(panel_ending("2024-06-01", step=Step("plain", 1)), "2h", None, "", NOW)
