"""`predict --fail-on` and `predict --cross`: what is written, what is said, and the exit code."""

import csv
import io
import json
import math
import re
import subprocess
from datetime import date, timedelta

import pytest
from warm_program import warm_program

from lstmcli.cli.app import program
from lstmcli.console.manner import OutputMode, set_output_mode
from lstmcli.console.screen import Screen
from lstmcli.errors import ConditionFailed, UsageError
from lstmcli.jobs.forecast_files import forecast_files
from lstmcli.jobs.forecast_options import ForecastOptions, PredictOptions
from lstmcli.network.builtin_file import BUILTIN_FILE

app = program()
DISKS = 9
FILL = "--fail-on", "forecast > 95"


@pytest.fixture(autouse=True)
def as_before():
    yield
    set_output_mode(OutputMode())


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with disks that fill: the first soon, the last ones never."""
    rows = ["disk,day,used"]
    for disk in range(DISKS):
        for day in range(120):
            used = 90 - 4 * disk + (day - 119) * (0.6 - 0.1 * disk) + math.sin(2 * math.pi * day / 7)
            rows.append(f"{'abcdefghi'[disk]},{date(2024, 1, 1) + timedelta(days=day)},{used:.3f}")
    (tmp_path / "disks.csv").write_text("\n".join([*rows, ""]))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return app(["predict", "disks.csv", "-m", "builtin", "-q", *words], standalone_mode=False)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def first_times(rows, crosses, columns=("forecast", "q0.1", "q0.9")):
    """The slow way: by disk and column the first day in a forecast as it is written."""
    found = {}
    for row in rows:
        times = found.setdefault(row["disk"], dict.fromkeys(columns, ""))
        for name in columns:
            if not times[name] and crosses(float(row[name])):
                times[name] = row["day"]
    return [{"disk": disk, **times} for disk, times in found.items()]


def test_the_forecast_is_written_and_then_the_run_fails(here, capsys):
    run("--horizon", "14")
    whole = capsys.readouterr().out
    with pytest.raises(ConditionFailed) as caught:
        run("--horizon", "14", *FILL)
    assert caught.value.exit_code == 3
    assert capsys.readouterr().out == whole
    with pytest.raises(ConditionFailed):
        run("--horizon", "14", *FILL, "-o", "out.csv", "--level", "80")
    assert [row["day"] for row in rows_of((here / "out.csv").read_text())] == [
        row["day"] for row in rows_of(whole)
    ]
    when = first_times(rows_of(whole), lambda value: value > 95, ("forecast",))
    told = str(caught.value).splitlines()
    assert told[0] == "--fail-on 'forecast > 95' holds for 1 of 9 series:"
    assert (
        f"a: above 95 from {when[0]['forecast']} on, " in told[1]
        or "first at " + when[0]["forecast"] in told[1]
    )
    assert told[1].endswith(" % within the horizon")
    run("--horizon", "14", "--fail-on", "all(forecast > 95)")  # it does not hold


def test_the_process_ends_with_3_and_says_which_series(here, environment):
    command = [warm_program(), "predict", "disks.csv", "-m", "builtin", "-q"]
    done = subprocess.run(
        [*command, "--log-json", "--fail-on", "q0.9 > last"],
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 1 + DISKS * 14
    events = [json.loads(line) for line in done.stderr.splitlines()]
    crossings = [event for event in events if event["event"] == "crossing"]
    assert [event["event"] for event in events] == ["crossing"] * len(crossings) + [
        "wrote",
        "error",
        "summary",
    ]
    assert len(crossings) >= 5
    assert (crossings[0]["series"], crossings[0]["at"]) == ("a", "2024-04-30")
    assert 0.1 <= crossings[0]["probability"] <= 1
    assert events[-2]["exit_code"] == 3
    closed = subprocess.run(
        ["sh", "-c", f"{{ {' '.join(command)} --fail-on 'forecast > 0'; echo $? >&2; }} | head -n 1"],
        env=environment,
        capture_output=True,
        check=False,
    )
    said = closed.stderr.decode().splitlines()
    assert said[0].endswith(f"holds for {DISKS} of {DISKS} series:")  # all are judged, though none is read
    assert said[-2:] == ["lstmcli: and 4 more; --log-json tells all", "3"]


def test_blocks_are_judged_as_the_whole(here):
    options = PredictOptions(
        ("disks.csv",),
        BUILTIN_FILE,
        ForecastOptions(levels=(80,)),
        output="out.csv",
        fail_on="q0.9 > last + 1 or min(forecast) < last - 0.5",
    )
    told = []
    for block in (2, 256):
        with pytest.raises(ConditionFailed) as caught:
            forecast_files(options, Screen(), block).check()
        told.append(str(caught.value))
    assert told[0] == told[1]
    assert "of 9 series" in told[0]


@pytest.mark.parametrize(
    ("value", "crosses"),
    [
        ("90", lambda v: v > 90),
        (">90", lambda v: v > 90),
        ("<60", lambda v: v < 60),
        ("-5", lambda v: v > -5),
    ],
)
def test_the_first_times_replace_the_forecast(here, capsys, value, crosses):
    run("--level", "80")
    wanted = first_times(rows_of(capsys.readouterr().out), crosses)
    run("--level", "80", "--cross", value)
    rows = rows_of(capsys.readouterr().out)
    chances = [row.pop("probability") for row in rows]
    assert rows == wanted
    run("--level", "80", "--cross", value, "--format", "ndjson")
    empty = [
        {name: cell or None for name, cell in row.items()} | {"probability": float(chance)}
        for row, chance in zip(wanted, chances, strict=True)
    ]
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == empty
    run("--level", "80", "--cross", value, "--format", "json")
    assert json.loads(capsys.readouterr().out) == empty
    run("--level", "80", "--cross", value, "-o", "out.tsv")
    lines = [[*row.values(), chance] for row, chance in zip(wanted, chances, strict=True)]
    assert (here / "out.tsv").read_text() == "".join(
        "\t".join(row) + "\n" for row in [[*wanted[0], "probability"], *lines]
    )


def test_the_probability_of_ever_crossing_is_the_share_of_paths(here, capsys):
    run("--horizon", "14", "--cross", "88.5")
    chances = {row["disk"]: float(row["probability"]) for row in rows_of(capsys.readouterr().out)}
    run("--horizon", "14", "--samples", "2000")
    highest = {}
    for row in rows_of(capsys.readouterr().out):
        path = row["disk"], row["sample"]
        highest[path] = max(highest.get(path, -math.inf), float(row["value"]))
    for disk, chance in chances.items():
        crossed = [value > 88.5 for (name, _), value in highest.items() if name == disk]
        assert sum(crossed) / 2000 == pytest.approx(chance, abs=0.04)
    assert any(0.05 < chance < 0.95 for chance in chances.values())


def test_it_is_told_beside_that_of_the_step(here):
    with pytest.raises(ConditionFailed) as caught:
        run("--horizon", "14", *FILL)
    step, ever = re.search(r", (.*) % at that step, (.*) % within the horizon", str(caught.value)).groups()
    assert float(step) <= float(ever.removeprefix("more than "))


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_times_are_times_in_tables_that_have_them(here, capsys, ending):
    pd = pytest.importorskip("pandas")
    pytest.importorskip({"parquet": "pyarrow", "xlsx": "openpyxl"}[ending])
    run("--level", "80", "--cross", "90")
    wanted = rows_of(capsys.readouterr().out)
    run("--level", "80", "--cross", "90", "-o", f"out.{ending}")
    made = (
        pd.read_parquet("out.parquet")
        if ending == "parquet"
        else pd.read_excel("out.xlsx", engine="openpyxl")
    )
    for name in ("forecast", "q0.1", "q0.9"):
        texts = pd.to_datetime(made[name]).dt.strftime("%Y-%m-%d").fillna("")
        assert texts.tolist() == [row[name] for row in wanted]


def test_rows_without_dates_have_numbers(here, capsys):
    (here / "disks.csv").write_text("\n".join(["used", *map(str, range(1, 61)), ""]))
    run("--step", "1", "--level", "80", "--horizon", "9", "--cross", "65")
    (row,) = rows_of(capsys.readouterr().out)
    assert row["forecast"] == "66"
    run("--step", "1", "--level", "80", "--horizon", "9", "--cross", "1000", "--format", "ndjson")
    assert json.loads(capsys.readouterr().out) == {
        "forecast": None,
        "q0.1": None,
        "q0.9": None,
        "probability": 0,
    }
    with pytest.raises(ConditionFailed, match="used: above 65 from 66 on"):
        run("--step", "1", "--horizon", "9", "--cross", "65", "--fail-on", "forecast > 65")
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gone.csv", "--fail-on", "forcast > 1"], "Did you mean 'forecast'"),
        (["gone.csv", "--fail-on", "q0.999 > 1"], "this model gives quantiles from q0.025 to q0.975"),
        (["gone.csv", "--fail-on", "capacity > 1"], "unknown name 'capacity'"),
        (["gone.csv", "--cross", "9,5"], "write a value, as 95"),
        (
            ["gone.csv", "--make-future", "3", "--fail-on", "last > 1"],
            "leave --fail-on to the run with --future",
        ),
        (["gone.csv", "--make-future", "3", "--cross", "1"], "leave --cross to the run with --future"),
        (["-", "--follow", "--cross", "<5"], "--fail-on 'forecast < 5' marks every answer"),
        (["-", "--follow", "--history", "disks.csv", "--fail-on", "forecst > 1"], "Did you mean 'forecast'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_read(here, words, said):
    with pytest.raises(UsageError, match=said):
        app(["predict", "-m", "builtin", "-q", *words], standalone_mode=False)


@pytest.mark.parametrize("flag", ["--fail-on", "--cross"])
def test_file_by_file_there_is_neither(here, flag):
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match=f"{flag} cannot be combined with --engine dask"):
        run("--engine", "dask", flag, "95")
