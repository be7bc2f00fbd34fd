"""Rows that are judged as they arrive: what `watch` says of a file, said row by row."""

import csv
import io
import json
import os

import numpy as np
import pytest
from hourly_rows import rows_of, stamp, values, write

from lstmcli.cli.app import program
from lstmcli.errors import DataError, UsageError
from lstmcli.jobs.follow import arrivals, watch_stream, watcher

app = program()
BUILTIN = "-m", "builtin", "--alarms", "1/year"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def stream(here, monkeypatch, capsys):
    """Judges lines that arrive in bursts; gives the records and what was said."""

    def judged(bursts, *words):
        blocks = [block if isinstance(block, list) else [block] for block in bursts]
        texts = [[line.encode() for line in block] for block in blocks]
        monkeypatch.setattr(watch_stream, "bursts", lambda *_, **__: iter(texts))
        monkeypatch.setattr(watch_stream, "standard_input", lambda: 0)
        app(["predict", "-", "--follow", "--watch", *map(str, words)], standalone_mode=False)
        printed = capsys.readouterr()
        return [*csv.DictReader(io.StringIO(printed.out))], printed.err

    return judged


def alarms(records):
    return [(r["time"], r["kind"], r["alarm"]) for r in records if r["alarm"] in ("begins", "ends")]


def of_file(capsys, *words):
    app(["watch", "all.csv", "-q", *map(str, words)], standalone_mode=False)
    return [*csv.DictReader(io.StringIO(capsys.readouterr().out))]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_rows_are_judged_as_watch_judges_those_of_the_file(here, stream, capsys, size):
    series = {name: values(300, seed) for seed, name in enumerate("abc")}
    series["b"][250], series["c"][270:] = 95, 90
    whole = [
        line
        for k in range(300)
        for name in series
        for line in rows_of(series[name][k : k + 1], k, f"{name},")
    ]
    whole.remove(f"a,{stamp(280)},{series['a'][280]:.2f}")
    header = "pump,time,load"
    write(here / "all.csv", whole, header)
    write(here / "past.csv", whole[:720], header)
    new = whole[720:]
    found, _ = stream(
        [new[k : k + size] for k in range(0, len(new), size)], *BUILTIN, "--history", "past.csv"
    )
    expected = of_file(capsys, *BUILTIN, "--since", stamp(240), "--all")
    expected = [r for r in expected if r["value"] or r["alarm"] in ("begins", "ends")]

    def order(record):
        return record["time"], record["pump"], record["value"]

    assert sorted(found, key=order) == sorted(expected, key=order)
    assert ("a", stamp(280), "missing", "begins") in [
        (r["pump"], r["time"], r["kind"], r["alarm"]) for r in found
    ]
    assert {r["pump"] for r in found if r["alarm"] == "begins"} == {"a", "b", "c"}
    assert [r["time"] for r in found if r["value"]] == [line.split(",")[1] for line in new]


def test_rows_that_are_left_out_and_empty_cells_are_one_alarm(here, stream):
    write(here / "past.csv", rows_of(values(240)))
    rows = [f"{stamp(240)},50.5", f"{stamp(242)},", f"{stamp(244)},63.2"]
    found, _ = stream(rows, *BUILTIN, "--history", "past.csv")
    assert [(r["time"], r["value"], r["kind"], r["alarm"]) for r in found] == [
        (stamp(240), "50.5", "", ""),
        (stamp(242), "", "", ""),
        (stamp(241), "", "missing", "begins"),
        (stamp(244), "", "missing", "ends"),
        (stamp(244), "63.2", found[-1]["kind"], found[-1]["alarm"]),
    ]


def test_times_of_a_stream_are_told_by_the_clock_of_its_zone(here, stream):
    write(here / "past.csv", rows_of(values(240)))
    rows = [f"{stamp(242)},60", f"{stamp(242)},60", f"{stamp(241)},60"]
    _, said = stream(rows, *BUILTIN, "--history", "past.csv", "--set", "timezone=Asia/Tokyo")
    assert "2024-03-14 02:00:00+09:00 repeats a time; the row is skipped" in said
    assert "2024-03-14 01:00:00+09:00 is older than 2024-03-14 02:00:00+09:00, the newest" in said


def test_an_hour_that_clocks_show_twice_is_told_with_its_setting(here, stream):
    times = np.datetime64("2024-10-26T22:00") + np.arange(-240, 6) * np.timedelta64(1, "h")
    lines = [f"{str(t).replace('T', ' ')},{v:.2f}" for t, v in zip(times, values(246), strict=True)]
    write(here / "past.csv", lines[:243])
    new = [lines[243], lines[244], lines[244], lines[245]]  # 02:00 comes twice
    words = *BUILTIN, "--history", "past.csv"
    found, said = stream(new, *words)
    mend = "as where clocks change: --set timezone=Europe/Berlin (or your zone) reads local times"
    assert f"2024-10-27 02:00:00 repeats a time, {mend}; the row is skipped" in said
    assert len(found) == 3
    found, said = stream(new, *words, "--set", "timezone=Europe/Berlin")
    assert len(found) == 4 and "repeats" not in said


def test_repeated_and_older_rows_are_skipped_and_off_step_ones_told_once(here, stream):
    write(here / "past.csv", rows_of(values(240)))
    new = values(244)[240:]
    rows = [
        f"{stamp(238)},1",  # the history has it
        f"{stamp(240)},{new[0]:.2f}",
        f"{stamp(240)},99",
        f"{stamp(239)},99",
        f"{stamp(241)[:-2]}07,{new[1]:.2f}",
        f"{stamp(242)[:-2]}09,{new[2]:.2f}",
    ]
    found, said = stream(rows, *BUILTIN, "--history", "past.csv")
    assert [r["time"] for r in found] == [stamp(240), stamp(241), stamp(242)]
    assert alarms(found) == []
    assert "standard input:3:time: 2024-03-14 repeats a time; the row is skipped [duplicate-time]" in said
    assert "standard input:4:time: 2024-03-13 23:00:00 is older than 2024-03-14, the newest" in said
    assert said.count("is off the step and counts at") == 1
    assert (
        "standard input:5:time: 2024-03-14 01:07:00 is off the step and counts at 2024-03-14 01:00:00" in said
    )
    assert "6 rows, 3 judged, 0 alarms began; budget 1/year; 1 already known" in said
    with pytest.raises(DataError, match=r"3:time: 2024-03-14 repeats a time"):
        stream(rows, *BUILTIN, "--history", "past.csv", "--on-bad-row", "error")


def test_a_long_gap_starts_a_series_anew(here, stream, monkeypatch):
    monkeypatch.setattr(arrivals, "MOST_LEFT_OUT", 5)
    write(here / "past.csv", rows_of(values(240)))
    found, said = stream([f"{stamp(246)},50", f"{stamp(247)},200"], *BUILTIN, "--history", "past.csv")
    assert [r["kind"] for r in found] == ["missing", "missing", "", ""]
    assert found[-1]["p"] == ""  # nothing is known of the series
    assert "6 rows left out before 2024-03-14 06:00:00; its history starts anew [gap]" in said


def test_a_series_that_was_not_there_is_new(here, stream, monkeypatch):
    past = [line for key in ("a,", "z,") for line in rows_of(values(240), key=key)]
    write(here / "past.csv", past, "pump,time,load")
    monkeypatch.setattr(arrivals, "MOST_SERIES", 3)
    rows = [f"{name},{stamp(240 + k)},51" for k, name in enumerate(("a", "z", "b", "b", "c", "a"))]
    found, said = stream(rows, *BUILTIN, "--history", "past.csv")
    assert [(r["pump"], r["time"]) for r in found if r["kind"] == "new"] == [
        ("b", stamp(242)),
        ("c", stamp(244)),
    ]
    assert "more than 3 series; the least recently seen are forgotten" in said
    assert [r["p"] == "" for r in found if r["pump"] == "a" and r["value"]] == [False, True]


def test_the_stream_wakes_when_no_row_comes_in_time(here, monkeypatch, capsys):
    write(here / "past.csv", rows_of(values(240)))
    clock = [0.0]
    monkeypatch.setattr(watcher.time, "monotonic", lambda: clock[0])

    def arriving(_, wait):
        yield [f"{stamp(240)},50.5".encode()]
        clock[0] += 7200
        assert wait() == 3600  # of three hours
        yield []  # too early
        clock[0] += 3600
        yield []
        assert wait() is None
        clock[0] += 3600
        yield []
        yield [f"{stamp(241)},52".encode()]
        assert wait() == 10800

    monkeypatch.setattr(watch_stream, "standard_input", lambda: 0)
    monkeypatch.setattr(watch_stream, "bursts", arriving)
    app(
        ["predict", "-", "--follow", "--watch", *BUILTIN, "--history", "past.csv", "-q"],
        standalone_mode=False,
    )
    found = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert [(r["time"], r["kind"], r["alarm"]) for r in found] == [
        (stamp(240), "", ""),
        (stamp(241), "late", "begins"),
        (stamp(241), "late", "ends"),
        (stamp(241), "", ""),
    ]


def test_events_name_the_line(here, stream):
    write(here / "past.csv", rows_of(values(240)))
    rows = [f"{stamp(240)},50.5", f"{stamp(241)},98"]
    _, said = stream(rows, *BUILTIN, "--history", "past.csv", "--log-json", "-q")
    (event,) = [json.loads(line) for line in said.splitlines()]
    assert (event["event"], event["kind"], event["alarm"], event["value"]) == ("alarm", "point", "begins", 98)
    assert (event["file"], event["line"], event["column"], event["at"]) == (
        "standard input",
        2,
        "load",
        stamp(241),
    )


def test_every_target_of_a_row_is_judged(here, stream):
    pairs = zip(values(240, 1), values(240, 2) + 100, strict=True)
    past = [f"{stamp(k)},{x:.2f},{y:.2f}" for k, (x, y) in enumerate(pairs)]
    write(here / "past.csv", past, "time,x,y")
    found, _ = stream(
        [f"{stamp(240)},51,151", f"{stamp(241)},52,"],
        *BUILTIN,
        "--history",
        "past.csv",
        "--set",
        "target=x,y",
    )
    assert [(r["series"], r["time"], r["value"]) for r in found] == [
        ("x", stamp(240), "51.0"),
        ("y", stamp(240), "151.0"),
        ("x", stamp(241), "52.0"),
        ("y", stamp(241), ""),
    ]


def test_a_trained_model_gives_columns_and_step(here, stream, trained):
    lines = trained.data.read_text().splitlines()
    found, said = stream([lines[0], lines[1:4], "2024-01-01 05:00,4"], "-m", trained.model)
    assert [r["time"] for r in found if r["value"]] == [line.split(",")[0] for line in lines[1:4]] + [
        "2024-01-01 05:00"
    ]
    assert "judged by what an autoregression with the season expects" in said
    assert "note" not in stream(lines[:2], "-m", trained.model, "-q")[1]
    again, _ = stream(lines[-2:], "-m", trained.model, "--history", trained.data)
    assert again == []


def test_it_says_that_no_model_judges(here, stream):
    write(here / "past.csv", rows_of(values(240)))
    _, said = stream([f"{stamp(240)},50.5"], "--history", "past.csv")
    assert "note: no model.safetensors here: rows are judged without a model; -m builtin asks for it" in said


def test_lines_are_waited_for_no_longer_than_is_said(here):
    read, write_end = os.pipe()
    waits = iter([0.0, 0.01, None, None])
    found = watch_stream.bursts(read, wait=lambda: next(waits))
    assert [next(found), next(found)] == [[], []]
    os.write(write_end, b"a\nb\n")
    assert next(found) == [b"a", b"b"]
    os.close(write_end)
    assert [*found] == []
    os.close(read)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-", "--watch"), "--watch judges rows that arrive: add --follow; lstmcli watch DATA"),
        (("-", "--follow", "--alarms", "1/week"), "--alarms belongs to --follow --watch"),
        (("past.csv", "--alarms", "1/week"), "--alarms belongs to --follow --watch"),
        (("-", "--follow", "--watch"), "give them with --history FILE"),
        (("-", "--follow", "--watch", "--horizon", "3"), "--horizon cannot be combined with --watch"),
        (
            ("-", "--follow", "--watch", "--fail-on", "forecast > 3"),
            "--fail-on cannot be combined with --watch",
        ),
        (("-", "--follow", "--watch", "--format", "xlsx"), "--format xlsx cannot be combined with --follow"),
        (
            ("-", "--follow", "--watch", "--history", "past.csv", "--alarms", "9/hour"),
            "more than one in ten rows",
        ),
        (
            ("-", "--follow", "--watch", "--history", "past.csv", "--resample", "2h=mean"),
            "they are resampled to 2h=mean",
        ),
        (
            ("-", "--follow", "--watch", "--history", "past.csv", "--max-age", "2"),
            "--max-age 2: add the unit",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(here, words, said):
    write(here / "past.csv", rows_of(values(240)))
    with pytest.raises(UsageError, match=said):
        app(["predict", "-m", "builtin", *words], standalone_mode=False)
