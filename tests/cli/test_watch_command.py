"""`lstmcli watch`: what is judged, what is told, and what one run tells the next."""

import io
import json
import subprocess
import sys
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hourly_rows import START, rows_of, values, write
from warm_program import warm_program

from lstmcli.cli.app import program
from lstmcli.console.nagios import asked_for
from lstmcli.errors import ConditionFailed, DataError, Locked, UsageError
from lstmcli.jobs.watch import clock

app = program()
OLD = "--max-age", "100y"  # the rows are old, and that is not the matter here


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return app([*map(str, words)], standalone_mode=False)


def watch(capsys, *words, model="builtin"):
    run("watch", "data.csv", "-m", model, "-q", *words)
    printed = capsys.readouterr().out
    return pd.read_csv(io.StringIO(printed)) if printed else None


def told(table):
    return [] if table is None else [*zip(table.time, table.kind, table.alarm, strict=True)]


def test_a_value_far_off_begins_an_alarm_that_ends(here, capsys):
    series = values(240)
    series[206] = 90
    write(here / "data.csv", rows_of(series))
    table = watch(capsys, "--last", 48, "--alarms", "1/year")
    assert told(table) == [
        ("2024-03-12 14:00", "point", "begins"),
        ("2024-03-13 19:00", "point", "ends"),  # after a season in which nothing was rare
    ]
    first = table.iloc[0]
    assert first.value == 90 and first.lower < first.expected < first.upper < 60 and first.p < 1 / 8766


def test_nothing_is_written_when_all_is_well(here, capsys):
    write(here / "data.csv", rows_of(values(240)))
    run("watch", "data.csv", "-m", "builtin", "--last", 10, "--alarms", "1/year")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "10 rows of 1 series judged from 2024-03-13 14:00:00 to 2024-03-13 23:00:00" in printed.err


def test_all_rows_that_were_judged_are_written_on_request(here, capsys):
    write(here / "data.csv", rows_of(values(240)))
    table = watch(capsys, "--last", 12, "--all", "--alarms", "1/year")
    assert [*table.time] == [line[:16] for line in rows_of(values(240))[-12:]]
    assert table.alarm.isna().all() and (table.p > 0.0001).all()


def test_rows_that_are_left_out_are_an_alarm_where_none_used_to_be(here, capsys):
    write(here / "data.csv", rows_of(values(240), skip=(228, 229)))
    table = watch(capsys, "--last", 24, "--alarms", "1/year")
    assert told(table) == [
        ("2024-03-13 12:00", "missing", "begins"),
        ("2024-03-13 14:00", "missing", "ends"),
    ]
    usual = tuple(range(3, 240, 8))
    write(here / "data.csv", rows_of(values(240), skip=usual))
    table = watch(capsys, "--last", 24, "--alarms", "10/week")
    assert "missing" not in [kind for _, kind, _ in told(table)]


def test_repeated_rows_and_rows_off_the_step_are_told_and_judged(here, capsys):
    lines = rows_of(values(240))
    lines[235] = lines[235].replace(":00,", ":07,")
    lines.insert(200, lines[200])
    write(here / "data.csv", lines)
    run("watch", "data.csv", "-m", "builtin", "--last", 12, "--alarms", "1/year")
    said = capsys.readouterr().err
    assert "not a whole number of steps" in said and "the last row of each 1h is judged" in said
    write(here / "data.csv", [*rows_of(values(240)), rows_of(values(240))[-1]])
    run("watch", "data.csv", "-m", "builtin", "--last", 12, "--alarms", "1/year")
    assert "1 row repeats a time: last taken" in capsys.readouterr().err


def test_a_state_makes_each_row_judged_once(here, capsys):
    series = values(260)
    series[245:] = 90
    write(here / "data.csv", rows_of(series[:240]))
    state = "--state", "watch.state", "--alarms", "1/year", *OLD
    assert watch(capsys, *state) is None
    write(here / "data.csv", rows_of(series[:248]))
    first = watch(capsys, *state)
    assert ("2024-03-14 05:00", "point", "begins") in told(first)
    assert watch(capsys, *state) is None  # nothing is new
    write(here / "data.csv", rows_of(series[:250]))
    assert "begins" not in [alarm for _, _, alarm in told(watch(capsys, *state))]  # it is told once


def test_two_runs_with_a_state_judge_as_one(here, capsys):
    series = values(300, seed=8)
    series[250], series[280] = 20, 20
    state = "--alarms", "1/year", *OLD, "--all"
    write(here / "data.csv", rows_of(series[:240]))
    for name in ("one", "two"):
        watch(capsys, "--state", name, *state)
    write(here / "data.csv", rows_of(series))
    whole = watch(capsys, "--state", "one", *state)
    parts = []
    for end in (255, 256, 300):
        write(here / "data.csv", rows_of(series[:end]))
        parts.append(watch(capsys, "--state", "two", *state))
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), whole, check_dtype=False)
    assert (here / "one").read_bytes() == (here / "two").read_bytes()


@pytest.mark.parametrize(
    ("typed", "now"), [(("--set", "open=always"), "one day"), (("--step", "1h"), "one hour")]
)
def test_a_state_of_open_days_is_of_no_other_step(here, capsys, typed, now):
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(90)]
    rows = [f"{day},{0 if day.weekday() == 6 else 30 + day.weekday()}" for day in days]
    write(here / "data.csv", rows)
    watch(capsys, "--state", "s", *OLD)
    watch(capsys, "--state", "s", "--step", "1d", *OLD)
    with pytest.raises(DataError, match=f"step was one open day, and is {now}; take another --state file"):
        watch(capsys, "--state", "s", *typed, *OLD)


def test_a_state_of_other_columns_or_with_a_changed_bit_is_refused(here, capsys):
    write(here / "data.csv", rows_of(values(240)))
    watch(capsys, "--state", "s", *OLD)
    watch(capsys, "--state", "s", "--time", "time", *OLD)
    with pytest.raises(DataError, match="time was time, and is when; take another --state file"):
        watch(capsys, "--state", "s", "--time", "when", *OLD)
    write(here / "data.csv", rows_of(values(240)), header="time,power")
    with pytest.raises(DataError, match=r"no column 'load'.*the state s is of other data: take another"):
        watch(capsys, "--state", "s", *OLD)
    write(here / "data.csv", rows_of(values(240)))
    raw = bytearray((here / "s").read_bytes())
    for place in (-5, len(raw) // 2, 12):
        changed = bytearray(raw)
        changed[place] ^= 4
        (here / "s").write_bytes(changed)
        with pytest.raises(DataError, match="not a whole state"):
            watch(capsys, "--state", "s", *OLD)
    begin = raw.index(b'"format')
    for wrong, said in (
        (b"time,load\n", "it does not begin with the length of its header"),
        (raw.replace(b"lstmcli-watch", b"lstmcli-other"), "it is the file of something else"),
        (raw[: begin - 1] + b"," + raw[begin:], r"its JSON is broken: line 1, column \d+"),
        (raw[:40] + b"\xff" + raw[41:], "its header is not UTF-8 text"),
    ):
        (here / "s").write_bytes(wrong)
        with pytest.raises(DataError, match=rf"not a whole state of lstmcli watch \({said}"):
            watch(capsys, "--state", "s", *OLD)


def test_a_state_in_use_is_not_waited_for(here, capsys):
    write(here / "data.csv", rows_of(values(240)))
    code = "import sys; from lstmcli.files.locks import hold_lock; from pathlib import Path\n"
    code += "with hold_lock(Path('s')):\n    print('held', flush=True)\n    sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Locked, match="s: is in use by process"):
            watch(capsys, "--state", "s", *OLD)
        other.communicate("")


def test_series_that_fall_silent_and_new_ones_are_told_once(here, capsys):
    def lines(lengths):
        return [
            f"{name},{line}"
            for name, length in lengths.items()
            for line in rows_of(values(length, seed=len(name)))
        ]

    state = "--state", "s", "--alarms", "1/year", *OLD
    write(here / "data.csv", lines({"a": 240, "bb": 240}), "pump,time,load")
    watch(capsys, *state)
    write(here / "data.csv", lines({"a": 250, "bb": 242, "ccc": 250}), "pump,time,load")
    table = watch(capsys, *state)
    assert [*zip(table.pump, table.time, table.kind, strict=True)] == [
        ("ccc", "2024-03-04 00:00", "new"),
        ("bb", "2024-03-14 02:00", "silent"),
    ]
    assert watch(capsys, *state) is None
    write(here / "data.csv", lines({"a": 251, "bb": 251, "ccc": 251}), "pump,time,load")
    table = watch(capsys, *state)
    ends = table[table.kind == "silent"]
    assert [*ends.alarm] == ["ends"] and [*ends.pump] == ["bb"]


def test_a_file_that_is_not_written_any_more_is_late(here, capsys):
    write(here / "data.csv", rows_of(values(240)))
    assert told(watch(capsys, "--state", "s", "--alarms", "1/year")) == [
        ("2024-03-14 00:00", "late", "begins")
    ]
    assert watch(capsys, "--state", "s", "--alarms", "1/year") is None
    assert watch(capsys, "--last", 5, "--alarms", "1/year") is None  # the past was asked about
    assert told(watch(capsys, "--last", 5, "--alarms", "1/year", "--max-age", "2h"))[0][1] == "late"
    now = datetime.now().replace(minute=0, second=0, microsecond=0)
    lines = [
        f"{now - timedelta(hours=239 - k):%Y-%m-%d %H:%M},{value:.2f}" for k, value in enumerate(values(240))
    ]
    write(here / "data.csv", lines)
    assert "late" not in [kind for _, kind, _ in told(watch(capsys, "--alarms", "1/year"))]


def test_a_clock_that_jumps_neither_ends_what_is_late_nor_loses_its_end(here, capsys, monkeypatch):
    class Clock(datetime):
        shown = START + timedelta(hours=239, minutes=30)

        @classmethod
        def now(cls, zone=None):
            return cls.shown.astimezone(zone)

    monkeypatch.setattr(clock, "datetime", Clock)

    def run_at(shown, count):
        Clock.shown = shown
        write(here / "data.csv", rows_of(values(count)))
        table = watch(capsys, "--state", "s", "--alarms", "1/year", "--all")
        rows = 0 if table is None else table.value.notna().sum()
        return rows, [event for event in told(table) if event[1] == "late"]

    hour = timedelta(hours=1)
    assert run_at(START + 239.5 * hour, 240) == (24, [])
    assert run_at(datetime(2099, 1, 1), 241) == (1, [("2024-03-14 01:00", "late", "begins")])
    assert run_at(datetime(1990, 1, 1), 241) == (0, [])  # nothing new: it goes on
    assert run_at(START + 241.5 * hour, 242) == (1, [("2024-03-14 01:00", "late", "ends")])
    assert run_at(datetime(1990, 1, 1), 245) == (3, [])


def test_an_alarm_ends_the_run_with_three_when_all_is_written(here, capsys):
    series = values(240)
    series[238] = 90
    write(here / "data.csv", rows_of(series))
    with pytest.raises(ConditionFailed, match=r"load: 90 at 2024-03-13 22:00, expected .* \[point\]"):
        watch(capsys, "--last", 24, "--alarms", "1/year", "--fail-on", "alarm", "-o", "out.csv")
    assert "point,begins" in (here / "out.csv").read_text()


def test_events_name_the_row_and_why(here, capsys):
    series = values(240)
    series[238] = 90
    write(here / "data.csv", rows_of(series))
    run("watch", "data.csv", "-m", "builtin", "--last", "24", "--alarms", "1/year", "--log-json", "-q")
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (event,) = [e for e in events if e["event"] == "alarm" and e["alarm"] == "begins"]
    assert event["at"] == "2024-03-13 22:00" and event["value"] == 90 and event["kind"] == "point"


def test_gauges_hold_the_newest_row_of_each_series(here, capsys):
    lines = [f"{name},{line}" for name in ('"a ""1"""', "b") for line in rows_of(values(240))]
    write(here / "data.csv", lines, "pump no,time,load")
    run(
        "watch",
        "data.csv",
        "-m",
        "builtin",
        "-q",
        "--last",
        2,
        "--format",
        "prom",
        "-o",
        "out.prom",
        "--alarms",
        "1/year",
    )
    text = (here / "out.prom").read_text()
    newest = float(lines[-1].rpartition(",")[2])
    assert f'lstmcli_value{{pump_no="a \\"1\\""}} {newest}\n' in text
    assert 'lstmcli_alarm{pump_no="b",kind=""} 0\n' in text
    assert text.count("# TYPE") == 7 and "lstmcli_late 0\n" in text


@pytest.mark.parametrize(
    ("place", "words", "code", "said"),
    [
        (None, (), 0, "lstmcli OK - no alarm; 24 rows of 1 series"),
        (238, (), 2, "lstmcli CRITICAL - load: 90 at 2024-03-13 22:00, expected"),
        (None, ("--last", "none"), 3, "lstmcli UNKNOWN - "),
        (None, ("--set", "nosuch=1"), 3, "lstmcli UNKNOWN - "),
    ],
)
def test_nagios_gets_one_line_and_its_codes(here, place, words, code, said):
    series = values(240)
    if place:
        series[place] = 90
    write(here / "data.csv", rows_of(series))
    command = [warm_program(), "watch", "data.csv", "-m", "builtin", "--alarms", "1/year"]
    command += ["--last", "24", "--format", "nagios", "-q", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith(said) and done.stdout.count("\n") == 1


def test_only_watch_speaks_to_nagios():
    assert asked_for(["watch", "x.csv", "--format=nagios"]) and asked_for(
        ["-q", "watch", "--format", "nagios"]
    )
    assert not asked_for(["predict", "--format", "nagios"]) and not asked_for(
        ["watch", "--", "--format=nagios"]
    )


def test_a_trained_model_judges_what_is_newer_than_its_training(here, trained, capsys):
    lines = trained.data.read_text().splitlines()
    (here / "data.csv").write_text("\n".join(lines) + "\n")
    run("watch", "data.csv", "-m", trained.model, *OLD)
    assert (
        "no row is newer than those of the training (the newest: 2024-01-17 15:00:00)"
        in capsys.readouterr().err
    )
    (here / "data.csv").write_text("\n".join([*lines, "2024-01-17 16:00,300", ""]))
    table = watch(capsys, *OLD, "--alarms", "1/year", model=trained.model)
    assert told(table) == [("2024-01-17 16:00", "point", "begins")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "2024-03-10", "--last", "3"), "--since and --last both say where to begin"),
        (("--state", "s", "--last", "3"), "leave out --last"),
        (("--since", "soon"), "--since 'soon': is not a time such as"),
        (("--alarms", "often"), "--alarms often: write alarms in a time or in rows"),
        (("--alarms", "5/hour"), "more than one in ten rows"),
        (("--format", "prom", "--all"), "--all is for tables"),
        (("--format", "nagios", "--fail-on", "alarm"), "codes of its own"),
        (("--max-age", "2"), "--max-age 2: add the unit, as 2h"),
    ],
)
def test_what_makes_no_sense_is_refused(here, words, said):
    write(here / "data.csv", rows_of(values(240)))
    with pytest.raises(UsageError, match=said):
        run("watch", "data.csv", "-m", "builtin", "-q", *words)


def test_a_budget_that_so_few_rows_cannot_hold_is_told(here, capsys):
    write(here / "data.csv", rows_of(values(240)))
    for budget, told in (("1/year", "one alarm in 1.42 weeks for sure: 1/year trusts"), ("1/day", "")):
        run("watch", "data.csv", "-m", "builtin", "--last", 10, "--alarms", budget)
        said = capsys.readouterr().err
        assert told in said and ("for sure" in said) == bool(told)


def test_a_further_fault_is_told_while_an_alarm_goes_on(here, capsys):
    series = values(320)
    series[280], series[288], series[300:320] = 90, 10, 50
    write(here / "data.csv", rows_of(series))
    table = watch(capsys, "--last", 60, "--alarms", "1/year")
    assert [*zip(table.kind, table.alarm, strict=True)] == [
        ("point", "begins"),
        ("point", "again"),
        ("stuck", "again"),
    ]
    with pytest.raises(ConditionFailed, match="2 faults:"):
        watch(capsys, "--last", 35, "--alarms", "1/year", "--fail-on", "alarm")


def test_a_fault_before_the_rows_that_are_judged_begins_no_alarm(here, capsys):
    series = values(240)
    series[225] = 90
    write(here / "data.csv", rows_of(series))
    table = watch(capsys, "--last", 10, "--alarms", "1/year", "--all")
    assert {*table.alarm} == {"goes on"}
    assert watch(capsys, "--last", 10, "--alarms", "1/year") is None
    series[235] = 10
    write(here / "data.csv", rows_of(series))
    table = watch(capsys, "--last", 10, "--alarms", "1/year")
    assert told(table) == [("2024-03-13 19:00", "point", "begins")]  # the first that is told


def test_the_end_of_an_alarm_before_the_first_run_is_not_told(here, capsys):
    series = values(280)
    series[199] = 90
    state = "--state", "s", "--alarms", "1/year", *OLD
    for end in (225, 228, 280):
        write(here / "data.csv", rows_of(series[:end]))
        assert watch(capsys, *state) is None


def test_rows_written_twice_hide_no_series(here, capsys):
    def lines(count):
        return [f"{name},{line}" for line in rows_of(values(count)) for name in ("a", "b", "c")]

    state = "--state", "s", "--alarms", "1/year", *OLD
    write(here / "data.csv", [*lines(300), *lines(300)[-12:]], "host,time,load")
    with pytest.raises(DataError, match=r"duplicate-time|series=") as refused:
        watch(capsys, *state)
    assert refused.value.kind == "duplicate-time"
    write(here / "data.csv", lines(240), "host,time,load")
    assert watch(capsys, *state) is None
    write(here / "data.csv", [*lines(246), *lines(246)[-60:]], "host,time,load")
    assert watch(capsys, *state) is None


def test_no_output_takes_the_place_of_a_file_that_is_read(here, capsys):
    write(here / "data.csv", rows_of(values(100)))
    kept = (here / "data.csv").read_bytes()
    both = ["--state", "y", "-o", "y"], ["--state", "y", "--html", "./y"], ["--html", "y", "-o", "./y"]
    for words in (["--html", "data.csv"], ["--html", "y", "-o", "y"], ["--state", "data.csv"], *both):
        with pytest.raises(UsageError, match=r"this file is read too|names this file already|a page ends in"):
            run("watch", "data.csv", "-m", "builtin", "-q", *words)
    with pytest.raises(UsageError, match="a page ends in"):
        run("predict", "data.csv", "-m", "builtin", "-q", "--html", "data.csv", "-o", "x.csv")
    assert (here / "data.csv").read_bytes() == kept


def test_a_state_goes_on_with_a_file_that_begins_later(here, capsys):
    lines = rows_of(values(1000))
    state = "--state", "s", "--alarms", "1/year", *OLD
    write(here / "data.csv", lines[:900])
    watch(capsys, *state)
    for first, end in ((880, 920), (905, 940), (930, 980)):
        write(here / "data.csv", lines[first:end])
        assert watch(capsys, *state) is None
    write(here / "data.csv", lines[990:])  # rows 980 to 989 are nowhere
    assert [line[1:] for line in told(watch(capsys, *state))] == [("missing", "begins"), ("missing", "ends")]


def test_a_series_that_stops_is_told_by_runs_of_one_row(here, capsys):
    both = [f"{name},{line}" for line in rows_of(values(200)) for name in ("a", "b")]
    more = [f"a,{line}" for line in rows_of(values(210))[200:]]
    state = "--state", "s", "--alarms", "1/year", *OLD
    found = []
    for count in range(6):
        write(here / "data.csv", [*both, *more[:count]], "pump,time,load")
        table = watch(capsys, *state)
        found += [] if table is None else [(count, *row) for row in zip(table.pump, table.kind, strict=True)]
    assert found == [(3, "b", "silent")]


def test_what_nobody_takes_is_told_again(here, environment):
    series = values(240)
    write(here / "data.csv", rows_of(series))
    command = f'"{sys.executable}" -m lstmcli watch data.csv -m builtin -q --state s --alarms 1/year'
    subprocess.run(["bash", "-c", f"{command} --max-age 100y"], check=True, env=environment)
    series[239] = 90
    write(here / "data.csv", rows_of(series[:239]))
    before = (here / "s").read_bytes()
    write(here / "data.csv", [*rows_of(series), f"{START + timedelta(hours=240):%Y-%m-%d %H:%M},90"])
    for tail, same in (("| sleep 0", True), ("| grep -q begins", False)):
        subprocess.run(["bash", "-c", f"{command} --max-age 100y {tail}"], check=True, env=environment)
        assert ((here / "s").read_bytes() == before) == same


def test_what_goes_on_is_named_to_nagios_and_a_late_file_to_prometheus(here, capsys):
    series = values(242)
    series[235] = 90
    write(here / "data.csv", rows_of(series[:240]))
    state = "--state", "s", "--alarms", "1/year", *OLD
    watch(capsys, *state)
    write(here / "data.csv", rows_of(series))
    assert run("watch", "data.csv", "-m", "builtin", "-q", *state, "--format", "nagios") == 1
    assert "WARNING - an alarm goes on: load [point]; 2 rows" in capsys.readouterr().out
    run("watch", "data.csv", "-m", "builtin", "-q", "--format", "prom", "--state", "s", "--alarms", "1/year")
    printed = capsys.readouterr().out
    assert "lstmcli_late 1\n" in printed and 'lstmcli_alarm{series="load",kind="point"} 1\n' in printed
    with pytest.raises(UsageError, match="its ending is none of --format prom"):
        run("watch", "data.csv", "-m", "builtin", "-q", "--format", "prom", "-o", "x.csv")


def test_labels_of_gauges_are_of_one_column_each(here, capsys):
    lines = [f"p\tq,x,{line}" for line in rows_of(values(100))]
    write(here / "data.csv", lines, "a b,a_b,time,load")
    words = "--set", "series=[a b, a_b]", "--last", 2, "--format", "prom"
    run("watch", "data.csv", "-m", "builtin", "-q", *words)
    assert 'lstmcli_alarm{a_b="p\tq",a_b_="x",kind=""} 0\n' in capsys.readouterr().out


def test_a_state_whose_numbers_are_of_another_kind_is_refused(here, capsys):
    write(here / "data.csv", rows_of(values(240)))
    watch(capsys, "--state", "s", *OLD)
    raw = (here / "s").read_bytes()
    at = raw.index(b'"forecasts.rows":{"dtype":"I64"') + len(b'"forecasts.rows":{"dtype":"')
    (here / "s").write_bytes(raw[:at] + b"F64" + raw[at + 3 :])
    with pytest.raises(DataError, match="not a whole state"):
        watch(capsys, "--state", "s", *OLD)


def test_more_rows_than_there_are_may_be_asked_for(here, capsys):
    write(here / "data.csv", rows_of(values(240)))
    for count in (10**6, 10**14, 10**21):
        assert len(watch(capsys, "--last", count, "--all", "--alarms", "1/year")) == 240
    with pytest.raises(UsageError, match="write alarms in a time or in rows"):
        watch(capsys, "--alarms", f"1/{'9' * 400} rows")


@pytest.mark.parametrize(
    ("since", "words"), [("14/03/2024", ()), ("2024-03-14", ("--set", "timezone=Europe/Berlin"))]
)
def test_a_day_alone_is_judged_from_its_start(here, capsys, since, words):
    times = [f"{START + timedelta(hours=k):%d/%m/%Y %H:%M}" for k in range(270)]
    write(here / "data.csv", [f"{time},{value:.2f}" for time, value in zip(times, values(270), strict=True)])
    table = watch(capsys, "--since", since, "--all", "--alarms", "1/year", *words)
    assert [time[:16] for time in table.time] == times[240:]


def test_a_host_that_stopped_and_comes_back_is_one_alarm(here, capsys):
    """Silent; in a file that holds all rows and in one of new rows alone. A file that stopped is late."""
    lines = rows_of(values(300))
    state = "--state", "s", "--alarms", "1/year", *OLD
    for alone in (False, True):
        (here / "s").unlink(missing_ok=True)
        found = []
        for end in (200, 230, 260, 262):
            rows = [f"a,{line}" for line in lines[200 * (alone and end > 200) : end]]
            rows += [f"b,{line}" for k, line in enumerate(lines[:end]) if k < 200 * (not alone or end == 200)]
            rows += [f"b,{line}" for line in lines[250:end]]
            write(here / "data.csv", rows, "host,time,load")
            table = watch(capsys, *state)
            found += (
                [] if table is None else [*zip(table.host, table.time, table.kind, table.alarm, strict=True)]
            )
        assert found == [
            ("b", lines[200][:16], "silent", "begins"),
            ("b", lines[259][:16], "silent", "ends"),
        ]


def test_a_file_that_was_late_is_not_missing_too(here, capsys):
    lines = rows_of(values(300))
    (here / "s").unlink(missing_ok=True)
    found = []
    for words, rows in ((OLD, lines[:200]), ((), lines[:200]), (OLD, lines[:200] + lines[220:])):
        write(here / "data.csv", rows)
        found += told(watch(capsys, "--state", "s", "--alarms", "1/year", *words))
    assert found == [
        (lines[200][:16], "late", "begins"),
        (lines[200][:16], "late", "ends"),
    ]


@pytest.mark.parametrize("form", ["csv", "json", "prom", "nagios"])
def test_an_output_that_fails_leaves_the_state(here, form):
    series = values(240)
    write(here / "data.csv", rows_of(series[:230]))
    command = f"{warm_program()} watch data.csv -m builtin -q --state s --alarms 1/year --max-age 100y"
    subprocess.run(["bash", "-c", command], check=True)
    before = (here / "s").read_bytes()
    series[235] = 90
    write(here / "data.csv", rows_of(series))
    for tail, code in (("> /dev/full", 3 if form == "nagios" else 74), (f"--html {'x' * 300}", None)):
        done = subprocess.run(
            ["bash", "-c", f"{command} --format {form} {tail}"], capture_output=True, check=False
        )
        assert done.returncode == code or (code is None and done.returncode)
        assert b"Traceback" not in done.stderr
        assert (here / "s").read_bytes() == before
    done = subprocess.run(["bash", "-c", f"{command} --format {form}"], capture_output=True, check=False)
    assert b"point" in done.stdout and (here / "s").read_bytes() != before


def test_bounds_of_counts_are_not_below_zero(here, capsys):
    counts = np.random.default_rng(2).poisson(1.5, 400).astype(float)
    for last in (1.0, -1.0):
        write(here / "data.csv", rows_of(np.append(counts, last)))
        table = watch(capsys, "--last", 48, "--all")
        assert table.lower[:-1].min() == 0
        assert (table.lower <= table.expected).all() and (table.expected <= table.upper).all()
        assert (table.lower.iloc[-1] < 0) == (last < 0)


@pytest.mark.parametrize("change", ["2024-03-31 03:00", "2024-10-27 02:00"])
def test_local_times_at_a_change_of_the_clock_are_told_with_their_setting(here, capsys, change):
    times = np.datetime64(change) + np.arange(-300, 30) * np.timedelta64(1, "h")
    back = "-10-" in change
    times = np.append(times[:301], times[300:]) if back else np.delete(times, 299)
    texts = [str(time).replace("T", " ") for time in times]
    write(here / "data.csv", [f"{time},{v:.2f}" for time, v in zip(texts, values(len(times)), strict=True)])
    data = "watch", "data.csv", "-m", "builtin", "--last", 48
    run(*data)
    assert "clocks change to or from summer time: --set timezone=Europe/" in capsys.readouterr().err
    run(*data, "--set", "timezone=Europe/Berlin")
    assert "clocks change" not in capsys.readouterr().err


def test_what_was_judged_is_told_by_the_clock_of_the_zone(here, capsys):
    write(here / "data.csv", rows_of(values(240)))
    for words in (("--last", 2), ()):
        run("watch", "data.csv", "-m", "builtin", *words, "--set", "timezone=Asia/Tokyo")
        said = capsys.readouterr().err
        first = "22:00" if words else "00:00"
        assert f"judged from 2024-03-13 {first}".removesuffix(" 00:00") in said
        assert " to 2024-03-13 23:00:00+09:00: " in said
    assert "rows since 2024-03-13, the last 24 of each series, 1 day, are judged" in said


def test_a_host_that_was_dead_before_the_first_run_is_named_in_a_note(here, capsys):
    rows = [*rows_of(values(300), key="a,"), *rows_of(values(100, 6), key="b,")]
    write(here / "data.csv", rows, "host,time,load")
    wanted = "note: 1 series silent before the first row that is judged, which no alarm tells: b\n"
    for is_told in (True, False):
        run("watch", "data.csv", "-m", "builtin", "--state", "s", *OLD)
        printed = capsys.readouterr()
        assert "silent" not in printed.out
        assert (wanted in printed.err) == is_told
