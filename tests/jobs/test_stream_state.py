"""A stream that is watched and goes on in another run; silent series; a model that is replaced."""

import csv
import io
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
from hourly_rows import rows_of, stamp, values, write

from lstmcli.cli.app import program
from lstmcli.errors import DataError, Locked, UsageError, WriteFailed
from lstmcli.jobs.follow import watch_stream
from lstmcli.jobs.watch import ahead
from lstmcli.model_file import watch_state

app = program()
BUILTIN = "-m", "builtin", "--alarms", "1/year"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stream(here, monkeypatch, capsys):
    """Judges lines that arrive one by one; between: is called before each; gives rows and what was said."""

    def judged(lines, *words, between=lambda: None):
        def arriving(*_, **__):
            for line in lines:
                between()
                yield [line.encode()]

        monkeypatch.setattr(watch_stream, "bursts", arriving)
        monkeypatch.setattr(watch_stream, "standard_input", lambda: 0)
        app(["predict", "-", "--follow", "--watch", *map(str, words)], standalone_mode=False)
        printed = capsys.readouterr()
        return [*csv.DictReader(io.StringIO(printed.out))], printed.err

    return judged


def two_pumps(hours, first=0):
    return [
        row
        for k in range(first, first + hours)
        for key, seed in (("a,", 1), ("b,", 2))
        for row in rows_of(values(400, seed)[k : k + 1], k, key)
    ]


@pytest.mark.parametrize("form", [2, 3])
def test_a_state_of_a_format_before_is_read(here, stream, monkeypatch, form):
    """The first does not know the grain of the values, which the next ones show; none knows closed times."""
    write(here / "past.csv", two_pumps(80), "pump,time,load")
    stream([], *BUILTIN, "--history", "past.csv", "--state", "new")
    new = watch_state.read_state(here / "new")
    remembered, arrays = watch_state._remembered, watch_state._arrays
    later = {name for since, names in watch_state._ADDED.items() if since > form for name in names}
    with monkeypatch.context() as before:
        before.setattr(watch_state, "STATE_FORMAT", form)
        before.setattr(
            watch_state,
            "_arrays",
            lambda state: {n: part for n, part in arrays(state).items() if n not in later},
        )
        watch_state.write_state(here / "old", new)
    old = watch_state.read_state(here / "old")
    assert (old.known.alarms.arrays["grain"].tolist() == [1, 1]) == (form == 2)
    assert old.closed.counts.tolist() == [0, 0]
    assert new.known.alarms.arrays["grain"].max() < 1
    for name, part in remembered(new).items():
        assert name == "alarms.grain" or np.array_equal(remembered(old)[name], part, equal_nan=True)


def test_a_stream_goes_on_where_the_last_one_ended(here, stream):
    write(here / "past.csv", two_pumps(240), "pump,time,load")
    new = two_pumps(60, 240)
    new[40] = f"a,{stamp(260)},95"
    new[91] = f"b,{stamp(285)},5"
    whole, _ = stream(new, *BUILTIN, "--history", "past.csv", "--state", "one")
    parts = stream(new[:41], *BUILTIN, "--history", "past.csv", "--state", "two")[0]
    for first, end in ((38, 41), (41, 41), (41, 50), (47, 120)):  # lines that came before are known already
        parts += stream(["pump,time,load", *new[first:end]], *BUILTIN, "--state", "two")[0]
    assert parts == whole
    assert {r["kind"] for r in whole if r["alarm"] in ("begins", "ends")} == {"point"}
    assert (here / "one").read_bytes() == (here / "two").read_bytes()


def test_rows_that_the_history_has_got_meanwhile_are_judged_too(here, stream):
    write(here / "log.csv", rows_of(values(240)))
    stream(rows_of(values(242)[240:], 240), *BUILTIN, "--history", "log.csv", "--state", "s")
    series = values(250)
    series[245] = 95
    write(here / "log.csv", rows_of(series[:248]))
    found, _ = stream(rows_of(series[247:], 247), *BUILTIN, "--history", "log.csv", "--state", "s")
    assert [(r["time"], r["kind"], r["alarm"]) for r in found] == [
        (stamp(245), "point", "begins"),
        (stamp(248), "point", "goes on"),
        (stamp(249), "point", "goes on"),
    ]


def test_a_file_and_a_stream_share_a_state(here, stream, capsys):
    write(here / "data.csv", rows_of(values(240)))
    command = ["watch", "data.csv", "-m", "builtin", "--all", "-q", "--state", "s", "--max-age", "99y"]
    app(command, standalone_mode=False)
    capsys.readouterr()
    found, _ = stream(["time,load", *rows_of(values(242)[240:], 240)], *BUILTIN, "--state", "s")
    assert [(r["time"], bool(r["p"])) for r in found] == [(stamp(240), True), (stamp(241), True)]
    write(here / "data.csv", rows_of(values(244)))
    app(command, standalone_mode=False)
    rows = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert [r["time"] for r in rows] == [stamp(242), stamp(243)]


def test_a_series_that_the_others_leave_behind_is_silent_until_it_is_back(here, stream):
    write(here / "past.csv", two_pumps(240), "pump,time,load")
    rows = [*two_pumps(2, 240), *(f"a,{row[2:]}" for row in two_pumps(8, 242)[::2]), *two_pumps(2, 250)]
    for cut, state in ((len(rows), "s"), (8, "t")):
        found = stream(rows[:cut], *BUILTIN, "--history", "past.csv", "--state", state)[0]
        found += stream(["pump,time,load", *rows[cut:]], *BUILTIN, "--state", state)[0]
        assert [(r["pump"], r["time"], r["alarm"]) for r in found if r["kind"] == "silent"] == [
            ("b", stamp(242), "begins"),
            ("b", stamp(250), "ends"),
        ]
        assert "missing" not in {r["kind"] for r in found}
    at = [r["time"] for r in found].index(stamp(242))
    assert found[at]["pump"] == "a"  # the alarm comes when the third row is there without it


def test_a_series_whose_silence_nobody_was_told_of_does_not_end_it(here, stream, capsys):
    rows = [*two_pumps(200), *(f"a,{row[2:]}" for row in two_pumps(40, 200)[::2])]
    back = two_pumps(2, 240)
    for goes_on in ("stream", "file"):
        write(here / "data.csv", rows, "pump,time,load")
        command = ["watch", "data.csv", *BUILTIN, "-q", "--state", "s", "--max-age", "99y"]
        (here / "s").unlink(missing_ok=True)
        app(command, standalone_mode=False)
        assert "silent" not in capsys.readouterr().out
        if goes_on == "stream":
            found, _ = stream(["pump,time,load", *back], *BUILTIN, "--state", "s")
        else:
            write(here / "data.csv", [*rows, *back], "pump,time,load")
            app(command, standalone_mode=False)
            found = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
        assert [r for r in found if r["kind"] == "silent"] == []


def test_no_series_is_silent_as_its_row_comes_behind_that_of_another(here, stream):
    """Both have three hours without rows each day."""
    rows = [row for row in two_pumps(240) if int(row.split(" ")[1][:2]) >= 3]
    write(here / "past.csv", rows[:336], "pump,time,load")
    words = "--history", "past.csv", "--set", "open=always", "--on-gap", "mask"
    found, _ = stream(rows[336:], *BUILTIN, *words)
    assert len(found) == len(rows) - 336 and "silent" not in {row["kind"] for row in found}


@pytest.mark.parametrize("ahead_by", [24 * 366, 24 * 365 * 7975])
def test_a_row_far_ahead_is_not_taken_into_the_state(here, stream, monkeypatch, ahead_by):
    monkeypatch.setattr(ahead, "_now", lambda: np.datetime64(stamp(245), "us"))
    write(here / "past.csv", rows_of(values(240)))
    new = rows_of(values(246)[240:], 240)
    whole, _ = stream(new, *BUILTIN, "--history", "past.csv", "--state", "one")
    found, said = stream(
        [*new[:2], f"{stamp(ahead_by)},5", *new[2:]], *BUILTIN, "--history", "past.csv", "--state", "two"
    )
    assert found == whole and "2:time" not in said
    assert "standard input:3:time:" in said and "correct its time; the row is skipped [far-ahead]" in said
    assert (here / "one").read_bytes() == (here / "two").read_bytes()
    monkeypatch.setattr(ahead, "MOST_STEPS", 48)  # a gap of more is refused in so short a file
    write(here / "past.csv", [*rows_of(values(240)), f"{stamp(340)},5"])
    with pytest.raises(DataError, match=r"^past\.csv: 2024-03-18 04:00:00 is more than 48 steps behind"):
        app(["watch", "past.csv", *BUILTIN, "-q", "--state", "two"], standalone_mode=False)


def test_what_nobody_took_is_not_in_the_state(here, stream, monkeypatch):
    write(here / "past.csv", rows_of(values(240)))
    rows = ["time,load", *rows_of(values(243)[240:], 240)]
    stream(rows[:2], *BUILTIN, "--history", "past.csv", "--state", "s")
    before = (here / "s").read_bytes()

    def full(text, path):
        raise WriteFailed("no space left")

    for write_out in (lambda text, path: False, full):
        with monkeypatch.context() as patched:
            patched.setattr(watch_stream, "write_out", write_out)
            with suppress(WriteFailed):
                stream(rows, *BUILTIN, "--state", "s")
        assert (here / "s").read_bytes() == before
    assert [r["time"] for r in stream(rows, *BUILTIN, "--state", "s")[0]] == [stamp(241), stamp(242)]


def test_a_state_is_written_from_time_to_time_and_when_the_run_is_ended(here, environment):
    write(here / "past.csv", rows_of(values(240)))
    command = [sys.executable, "-m", "lstmcli", "predict", "-", "--follow", "--watch", *BUILTIN, "-q"]
    command += ["--history", "past.csv", "--state", "s"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, bufsize=1
    ) as run:
        run.stdin.write(rows_of(values(241)[240:], 240)[0] + "\n")
        assert [run.stdout.readline()[:4], run.stdout.readline()[:16]] == ["time", stamp(240)]
        with pytest.raises(Locked, match="is in use by process"):
            app(["predict", "-", "--follow", "--watch", *BUILTIN, "--state", "s"], standalone_mode=False)
        run.send_signal(signal.SIGTERM)
        assert run.wait() == 143
    assert (here / "s").exists() and not os.path.exists(here / ".s.lock")


def test_a_state_that_does_not_fit_is_refused(here, stream):
    write(here / "past.csv", rows_of(values(240)))
    stream([], *BUILTIN, "--history", "past.csv", "--state", "s")
    write(here / "past.csv", rows_of(values(240)), "time,power")
    with pytest.raises(DataError, match="the state s is of other data"):
        stream([], *BUILTIN, "--history", "past.csv", "--state", "s")
    with pytest.raises(UsageError, match="this file is read too"):
        stream([], *BUILTIN, "--history", "past.csv", "--state", "past.csv")
    with pytest.raises(UsageError, match="--state belongs to --follow --watch"):
        app(["predict", "past.csv", *BUILTIN[:2], "--state", "s"], standalone_mode=False)


def test_a_model_that_is_replaced_is_told(here, stream, trained):
    lines = trained.data.read_text().splitlines()
    shutil.copy(trained.model, "m.safetensors")
    count = [0]

    def replaced():
        count[0] += 1
        if count[0] == 3:
            shutil.copy(trained.model, "n.safetensors")
            os.replace("n.safetensors", "m.safetensors")
        if count[0] == 5:
            (here / "n").write_text("no model")
            os.replace("n", "m.safetensors")

    found, said = stream(lines[:6], "-m", "m.safetensors", between=replaced)
    assert len(found) == 5
    assert said.count("m.safetensors was replaced; its columns and step are the same") == 1
    assert said.count("m.safetensors was replaced, but cannot be used") == 1
