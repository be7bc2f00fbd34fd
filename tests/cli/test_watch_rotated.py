"""`lstmcli watch --state` of files that hold new rows alone: the state says how they are read."""

import csv
import io

import numpy as np
import pandas as pd
import pytest

from lstmcli.cli.app import program
from lstmcli.errors import DataError, UsageError

app = program()
FIRST = 150  # rows of the first run


def open_hours():
    times = pd.date_range("2024-03-04", periods=2000, freq="h")
    return times[(times.hour >= 9) & (times.hour < 17) & (times.day_of_week < 5)]


TIMES = {
    "hours": pd.date_range("2024-03-04", periods=200, freq="h").strftime("%Y-%m-%d %H:%M"),
    "days, the day first": pd.date_range("2024-03-04", periods=200).strftime("%d/%m/%Y"),
    "business days": pd.bdate_range("2024-03-04", periods=200).strftime("%Y-%m-%d"),
    "open hours": open_hours().strftime("%Y-%m-%d %H:%M"),
    "ends of months": pd.date_range("2004-03-01", periods=200, freq="ME").strftime("%Y-%m-%d"),
    "quarters": [f"{1960 + k // 4} Q{k % 4 + 1}" for k in range(200)],
    "seconds": pd.date_range("2024-03-04", periods=200, freq="10s").strftime("%Y-%m-%dT%H:%M:%SZ"),
    "whole numbers": [str(10000 + 5 * k) for k in range(200)],
}


@pytest.fixture
def judged(tmp_path, monkeypatch, capsys):
    """What is told of some rows of each series."""
    monkeypatch.chdir(tmp_path)
    values = 50 + np.random.default_rng(5).normal(0, 0.5, 200)

    def run(times, first, end, series=("",), *words):
        """Without "pump" where the one series has no name."""
        head = "pump," * bool(series[0]) + "time,load"
        rows = [
            f"{name + ',' if name else ''}{times[k]},{values[k]:.2f}"
            for name in series
            for k in range(first, end)
        ]
        (tmp_path / "data.csv").write_text("\n".join([head, *rows, ""]))
        command = ["watch", "data.csv", "-m", "builtin", "-q", "--state", "s", "--all", *words]
        app(command, standalone_mode=False)
        return [*csv.DictReader(io.StringIO(capsys.readouterr().out))]

    return run


@pytest.mark.parametrize(("kind", "series"), [(k, ("a", "b")[: n % 2 + 1]) for n, k in enumerate(TIMES)])
def test_new_rows_alone_are_judged_by_the_step_of_the_state(judged, kind, series):
    times = TIMES[kind]
    words = () if kind == "whole numbers" else ("--max-age", "900y")
    judged(times, 0, FIRST, series, *words)
    for first, end in ((150, 151), (151, 153)):
        rows = judged(times, first, end, series, *words)
        assert [row["time"] for row in rows] == [t for t in times[first:end] for _ in series]
        assert all(row["p"] for row in rows)
    rows = judged(times, 155, 156, series, *words)
    missing = [(row["time"], row["alarm"]) for row in rows if row["kind"] == "missing"]
    assert sorted({*missing}) == sorted([(times[153], "begins"), (times[155], "ends")])
    assert len(missing) == 2 * len(series) and len(rows) == 3 * len(series)


def test_few_rows_with_a_gap_between_them_are_of_the_step_of_the_state(judged):
    times, words = TIMES["hours"], ("--max-age", "900y")
    judged(times, 0, FIRST, ("",), *words)
    rows = judged(times[::3], 50, 55, ("",), *words)
    assert [row["time"] for row in rows if row["value"]] == list(times[150:163:3])
    days = pd.date_range("2024-03-20", periods=40).strftime("%Y-%m-%d 00:00")
    with pytest.raises(DataError, match=r"rows are one day apart.*the state s is of other data") as refused:
        judged(days, 0, 40, ("",), *words)
    assert refused.value.kind == "other-step"


def test_options_of_every_run_hold_for_rows_alone_too(judged):
    times = TIMES["business days"]
    words = "--step", "1bd", "--set", "target=load", "--set", "series=pump", "--max-age", "900y"
    judged(times, 0, FIRST, ("a",), *words)
    assert [row["time"] for row in judged(times, 150, 151, ("a",), *words)] == [times[150]]
    with pytest.raises(DataError, match="series was pump, and is load"):
        judged(times, 151, 152, ("a",), "--set", "target=pump", "--set", "series=load", "--max-age", "900y")
    with pytest.raises(DataError, match="step was one business day, and is one day"):
        judged(times, 151, 152, ("a",), "--step", "1d", "--max-age", "900y")
    with pytest.raises(UsageError, match="--since and --last"):
        judged(times, 151, 152, ("a",), "--since", "2024-01-01", "--last", "3")


# Logs that go on without a header, or without a row


HOURS = [f"2024-03-{4 + k // 24:02} {k % 24:02}:00" for k in range(200)]
VALUES = 50 + np.random.default_rng(5).normal(0, 0.5, (200, 2))
OLD = "--max-age", "900y"


@pytest.fixture
def log(tmp_path, monkeypatch, capsys):
    """Judges a log: a text, or some rows of two hosts with two columns, which a first run has seen."""
    monkeypatch.chdir(tmp_path)

    def rows(first, end):
        return "".join(
            f"{HOURS[k]},{host},{VALUES[k, 0]:.2f},{VALUES[k, 1]:.2f}\n"
            for k in range(first, end)
            for host in ("a", "b")
        )

    def run(text, *words):
        content = text if isinstance(text, str) else rows(*text)
        (tmp_path / "data.csv").write_text(content)
        command = ["watch", "data.csv", "-m", "builtin", "--state", "s", "--all", *words]
        app(command, standalone_mode=False)
        printed = capsys.readouterr()
        return [*csv.DictReader(io.StringIO(printed.out))], printed.err

    run("time,host,load,heat\n" + rows(0, FIRST), *OLD)
    return run


@pytest.mark.parametrize("words", [(), ("--no-header",)])
def test_a_log_without_a_header_has_the_columns_of_the_state(log, words):
    for first, end in ((150, 151), (151, 160)):
        found, said = log((first, end), *OLD, *words)
        assert {row["time"] for row in found} == {*HOURS[first:end]}
        assert len(found) == 4 * (end - first)
        assert [float(row["value"]) for row in found if row["series"] == "heat" and row["host"] == "b"] == [
            pytest.approx(value, abs=0.005) for value in VALUES[first:end, 1]
        ]
        taken = "note: data.csv names no columns: they are taken to be time, host, load, heat\n" in said
        assert taken == (not words)


def test_a_log_of_other_columns_is_refused_with_and_without_a_header(log):
    for text, what in (
        ("when,who,load,heat\n2024-03-10 06:00,a,1,2\n", "there is no column"),
        ("2024-03-10 06:00,a,1\n2024-03-10 07:00,a,1\n", "no column|first row looks like data"),
        ("a,2024-03-10 06:00,1,2\na,2024-03-10 07:00,1,2\n", "no column|first row looks like data"),
    ):
        with pytest.raises(DataError, match=what):
            log(text, "-q", *OLD)


@pytest.mark.parametrize("text", ["", "time,host,load,heat\n"])
def test_in_a_log_without_rows_nothing_is_new(log, text):
    found, said = log(text, *OLD)
    assert not found and ": nothing is new\n" in said and "0 rows" in said
    found, _ = log(text)
    assert [(row["time"], row["kind"], row["alarm"]) for row in found] == [(HOURS[150], "late", "begins")]
    assert log(text, "-q") == ([], "")  # told once
    found, _ = log((150, 152), *OLD)
    assert [row["alarm"] for row in found if row["kind"] == "late"] == ["ends"]


def test_without_a_state_a_log_without_rows_is_refused(log, tmp_path):
    (tmp_path / "s").unlink()
    with pytest.raises(DataError, match="the file is empty"):
        log("", "-q")
