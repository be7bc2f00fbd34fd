"""`lstmcli backtest --watch`: the alarms of watch beside known faults."""

import json
from datetime import datetime, timedelta

import numpy as np
import pytest

from lstmcli.cli.app import program
from lstmcli.errors import DataError, InputMissing, UsageError
from lstmcli.evaluation.alarm_scores import false_alarm_rate, median_late
from lstmcli.evaluation.alarms.nab import WindowAlarms

app = program()
START = datetime(2024, 3, 4)


def stamp(hour):
    return f"{START + timedelta(hours=hour):%Y-%m-%d %H:%M}"


def values(seed, faults=()):
    t = np.arange(400)
    made = 50 + 10 * np.sin(2 * np.pi * t / 24) + np.random.default_rng(seed).normal(0, 0.5, 400)
    made[list(faults)] = 100 * 3 ** np.arange(len(faults))
    return made


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{name},{stamp(k)},{value:.2f}"
        for name, series in (("a", values(3, [203, 330])), ("b", values(0)))
        for k, value in enumerate(series)
    ]
    (tmp_path / "data.csv").write_text("\n".join(["pump,time,load", *rows, ""]))
    return tmp_path


def run(*words):
    return app(["backtest", "data.csv", "-m", "builtin", *map(str, words)], standalone_mode=False)


def label(here, *rows, header="pump,start,end"):
    (here / "labels.csv").write_text("\n".join([header, *rows, ""]))


def test_alarms_are_scored_beside_the_faults(here, capsys):
    rows = f"b,{stamp(300)},{stamp(310)}", f"a,{stamp(200)},{stamp(209)}", f"b,{stamp(5)},{stamp(9)}"
    label(here, *rows)
    run("--watch", "labels.csv", "--alarms", "1/year", "--format", "json")
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert (found["found"], found["missed"], found["left_out"]) == (1, 1, 1)
    assert found["faults"] == [
        {
            "series": "a",
            "start": stamp(200),
            "end": stamp(209),
            "alarm": stamp(203),
            "kind": "point",
            "late": 3,
        },
        {"series": "b", "start": stamp(300), "end": stamp(310), "alarm": None, "kind": None, "late": None},
    ]
    assert found["false_alarms"] == [{"series": "a", "time": stamp(330), "kind": "point"}]
    assert (found["rows"], found["counted"]) == (800, 680)  # less 15 % of each series
    assert (found["late_rows"], found["late"]) == (3, "3 hours")
    assert found["false_rate"] == pytest.approx(1 / (340 / 168)) and found["false_unit"] == "week"
    # Lavin & Ahmad: the found one at -0.7 of its window, over its worth at the first row; the false one is
    # 13 window lengths behind it.
    worth = (2 / (1 + np.exp(5 * -0.7)) - 1) / (2 / (1 + np.exp(-5)) - 1)
    assert found["nab"] == pytest.approx(100 * (worth - 1 - 0.11 + 2) / 4)
    assert "1 fault in the first rows of a series, which do not count, left out" in printed.err


def test_the_report_is_for_people_too(here, capsys):
    label(here, f"a,{stamp(200)},{stamp(209)}")
    run("--watch", "labels.csv", "--alarms", "1/year")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "data        data.csv: 2 series, 800 rows, of which 680 count (behind the probation)"
    assert "found       1 of 1 fault, 3 hours late (median)" in lines
    assert "false       1 alarm, 0.49 in a week" in lines
    assert f"a       {stamp(200)}  {stamp(209)}  {stamp(203)}  point  3" in lines
    assert lines[-1] == f"a            {stamp(330)}  point"


def test_times_between_rows_and_beyond_them_are_those_within(here, capsys):
    label(here, f"a,{stamp(200)[:-2]}30,{stamp(203)[:-2]}59", f"a,{stamp(330)},2030-01-01")
    run("--watch", "labels.csv", "--alarms", "1/year", "--format", "json")
    found = json.loads(capsys.readouterr().out)
    assert [fault["late"] for fault in found["faults"]] == [2, 0]
    assert found["false_alarms"] == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"c,{stamp(1)},{stamp(2)}", r"labels.csv:3:pump: the data has no series c\."),
        (f"a,{stamp(90)},{stamp(80)}", r"labels.csv:3:end: ends at 2024-03-07 08:00, before it starts at"),
        (
            "a,2025-01-01,2025-01-02",
            r"labels.csv:3:start: the series has no row from 2025-01-01 to 2025-01-02; ",
        ),
        ("a,2020-01-01,2020-01-02", r"its rows are from 2024-03-04 to 2024-03-20 15:00:00"),
        ("a,soon,2024-03-05", r"labels.csv:3:start: 'soon' is not a time such as"),
        (f"a,,{stamp(80)}", r"labels.csv:3:start: the cell is empty"),
        (
            f"a,{stamp(205)},{stamp(220)}",
            r"labels.csv:3:start: overlaps the fault of row 2: write both as one",
        ),
    ],
)
def test_labels_that_do_not_fit_are_refused_with_their_place(here, row, said):
    label(here, f"a,{stamp(200)},{stamp(209)}", row)
    with pytest.raises(DataError, match=said):
        run("--watch", "labels.csv", "-q")


def test_without_faults_only_false_alarms_are_counted(here, capsys):
    label(here)
    run("--watch", "labels.csv", "--alarms", "1/year", "--format", "json")
    found = json.loads(capsys.readouterr().out)
    assert [alarm["time"] for alarm in found["false_alarms"]] == [stamp(203), stamp(330)]
    assert (found["found"], found["missed"], found["nab"], found["late"]) == (0, 0, None, None)


def test_rows_that_are_left_out_are_an_alarm_too(here, capsys):
    lines = (here / "data.csv").read_text().splitlines()
    (here / "data.csv").write_text(
        "\n".join(line for line in lines if not line.startswith(f"b,{stamp(301)}"))
    )
    label(here, f"b,{stamp(300)},{stamp(310)}")
    run("--watch", "labels.csv", "--alarms", "1/year", "--format", "json")
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert (fault["alarm"], fault["kind"], fault["late"]) == (stamp(301), "missing", 1)


def test_labels_need_their_columns_and_a_file(here):
    label(here, f"a,{stamp(1)},{stamp(2)}", header="pump,start,until")
    with pytest.raises(DataError, match=r"labels.csv:1: there is no column 'end'"):
        run("--watch", "labels.csv")
    with pytest.raises(InputMissing, match=r"none\.csv"):
        run("--watch", "none.csv")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--alarms", "1/week"), "--alarms belongs to --watch LABELS.csv"),
        (("--watch", "labels.csv", "--folds", 3), "--folds cannot be combined with --watch"),
        (("--watch", "labels.csv", "--baselines", "AutoETS"), "--baselines cannot be combined with --watch"),
        (("--watch", "labels.csv", "-o", "out.csv"), "--output cannot be combined with --watch"),
        (("--watch", "labels.csv", "--alarms", "often"), "--alarms often: write alarms in a time or in rows"),
    ],
)
def test_what_makes_no_sense_is_refused(here, words, said):
    label(here, f"a,{stamp(200)},{stamp(209)}")
    with pytest.raises(UsageError, match=said):
        run(*words, "-q")


def test_rows_without_dates_have_a_rate_by_rows():
    assert false_alarm_rate(3, 1500, 2, None) == (2.0, "1000 rows")
    assert false_alarm_rate(3, 2 * 336, 2, 3600.0) == (1.5, "week")


def test_the_median_is_of_the_faults_that_were_found():
    one = WindowAlarms(np.array([[10, 20], [40, 50]]), np.array([12, -1]), np.zeros(0, np.int64))
    other = WindowAlarms(np.array([[5, 20], [60, 80]]), np.array([5, 69]), np.zeros(0, np.int64))
    assert median_late([one, other]) == 2
    assert median_late([WindowAlarms(one.windows, np.array([-1, -1]), one.false)]) is None


def test_whole_numbers_are_steps(here, capsys):
    (here / "data.csv").write_text(
        "\n".join(["n,load", *(f"{k},{v:.2f}" for k, v in enumerate(values(13, [310]), 7)), ""])
    )
    label(here, "316,318", header="start,end")
    run("--watch", "labels.csv", "--format", "json", "--set", "time=n", "--set", "season=24")
    found = json.loads(capsys.readouterr().out)
    assert found["faults"][0]["alarm"] == "317" and found["faults"][0]["late"] == 1
    assert found["false_unit"] == "1000 rows" and found["budget"] == "1/1000 rows"
