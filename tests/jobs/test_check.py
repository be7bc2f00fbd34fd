"""What check reports: facts, findings with their places, the cost, and settings that train takes."""

import json
import math
import shlex
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from warm_program import warm_program

from lstmcli.cli.app import program
from lstmcli.forecasting.plan import decide
from lstmcli.jobs.check import check_for_training
from lstmcli.jobs.check.cost import estimate_cost, flops
from lstmcli.jobs.check.lint import median_by, neighbour_distance
from lstmcli.network.architecture import Architecture
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

app = program()

SAMPLES = Path(__file__).parents[2] / "sample_data"


@pytest.fixture
def checked(tmp_path):
    """Checks a table of days, given as one list of values per column or series name."""

    def make(columns, **settings):
        path = tmp_path / "data.csv"
        rows = zip(*columns.values(), strict=True)
        days = (date(2024, 1, 1) + timedelta(days=k) for k in range(10_000))
        lines = [",".join([str(day), *map(str, row)]) for day, row in zip(days, rows, strict=False)]
        path.write_text("\n".join([",".join(["time", *columns]), *lines, ""]))
        return check_for_training([str(path)], Settings(**settings))

    return make


def found(report, kind):
    return [finding for finding in report.findings if finding.kind == kind]


def walk(count, seed=1):
    return [round(float(v), 3) for v in 100 + np.random.default_rng(seed).normal(size=count).cumsum()]


def season(count):
    return [round(50 + 10 * math.sin(2 * math.pi * k / 7) + (k * 37 % 11) / 50, 3) for k in range(count)]


def test_what_a_comma_is_comes_with_a_command(tmp_path):
    path = tmp_path / "data.csv"
    rows = [f"2024-01-{day:02}\t{1 + day % 3},{100 + day * 7 % 30}" for day in range(1, 30)]
    path.write_text("\n".join(["date\tv", *rows, ""]))
    report = check_for_training([str(path)], Settings())
    assert [finding.kind for finding in report.findings][:1] == ["not-a-number"]
    assert (report.settings["decimal"], report.settings["thousands"]) == (".", ",")


# Findings


def test_an_outlier_is_told_with_its_row_and_alone(checked):
    values = season(140)
    values[70] = 95.0
    (finding,) = found(checked({"y": values}), "outlier")
    assert (finding.severity, finding.count) == ("warning", 1)
    assert [(place.row, place.column) for place in finding.places] == [(72, "y")]


@pytest.mark.parametrize("values", [season(140), walk(140), [float(k) for k in range(140)], [5.0] * 140])
def test_season_walk_line_and_constant_hold_no_outlier(checked, values):
    assert found(checked({"y": values}), "outlier") == []


@pytest.mark.parametrize("at", [0, 3, 136, 139])
def test_outliers_at_the_ends_are_told(checked, at):
    values = season(140)
    values[at] = 95.0
    (finding,) = found(checked({"y": values}), "outlier")
    assert [place.row for place in finding.places] == [at + 2]


def test_distance_from_neighbours_by_hand():
    values = np.array([1.0, 2.0, 3.0, 9.0, 5.0, 7.0, 7.0])
    series = np.array([0, 0, 0, 0, 0, 1, 1])
    # 2 is between 1 and 3, 3 between 1 and 5; the others have no second middle: the nearest counts
    assert neighbour_distance(values, series, 1).tolist() == [0.0, 0.0, 0.0, 4.0, 2.0, 0.0, 0.0]


def test_medians_by_group_are_those_of_numpy():
    random = np.random.default_rng(2)
    values, groups = random.normal(size=99), random.integers(0, 5, 99)
    values[groups == 3] = np.nan
    wanted = [0.0 if g == 3 else sorted(values[groups == g])[(groups == g).sum() // 2] for g in range(5)]
    assert median_by(values, groups, 5).tolist() == wanted


def test_constant_and_intermittent_series_are_named(checked):
    columns = {"a": [3] * 60, "b": [k % 3 // 2 * 5 for k in range(60)], "c": walk(60)}
    report = checked(columns, target="a,b,c")
    (constant,), (sparse,) = found(report, "constant-series"), found(report, "intermittent")
    assert (constant.message, constant.severity) == ("1 series of one value only: a", "warning")
    assert sparse.message.endswith(": b")


def test_missing_values_are_counted_by_series(checked):
    values = walk(60)
    values[10:13] = ["", "NA", "?"]
    (finding,) = found(checked({"a": values, "b": walk(60)}), "missing-values")
    assert (finding.severity, finding.count) == ("note", 3)
    assert [(series.name, series.count) for series in finding.series] == [("a", 3)]
    values[:59:2] = [""] * 30
    assert found(checked({"a": values}), "missing-values")[0].severity == "warning"


@pytest.mark.parametrize(
    ("shift", "role", "severity"),
    [
        (0, "past", "note"),
        (0, "future", "warning"),
        (1, "past", "warning"),
        (7, "past", "warning"),
        (-1, "past", "note"),
    ],
)
def test_a_covariate_that_is_the_target_is_a_leak(checked, shift, role, severity):
    values = [v + s for v, s in zip(walk(110), season(110), strict=True)]
    covariate = [3 - 2 * v for v in values[10 + shift :][:90]]
    report = checked({"y": values[10:100], "x": covariate}, target="y", **{role: "x"})
    assert [finding.severity for finding in found(report, "leak")] == [severity]


@pytest.mark.parametrize("other", [walk(90, 5), list(range(90)), [1] * 90])
def test_other_covariates_are_no_leak(checked, other):
    trend = [k + v / 10 for k, v in enumerate(walk(90))]
    assert found(checked({"y": trend, "x": other}, target="y", past="x"), "leak") == []


def test_columns_without_a_role_are_told(checked):
    report = checked({"y": walk(30), "note": ["a"] * 30, "open": ["x"] * 30})
    assert found(report, "unused-column")[0].message == "left out: note, open (one value only)"
    assert [(c.name, c.role) for c in report.columns] == [
        ("time", "time"),
        ("y", "target"),
        ("note", "unused"),
        ("open", "unused"),
    ]


def test_gaps_and_repetitions_are_counted_by_series_with_their_rows(tmp_path):
    days = [str(date(2024, 1, 1) + timedelta(days=k)) for k in range(20)]
    rows = [f"{day},a,1" for k, day in enumerate(days) if k not in (5, 6, 12)]
    rows += [f"{day},b,2" for day in days] + [f"{days[3]},b,4", f"{days[3]},b,5"]
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["time,shop,y", *rows]))
    report = check_for_training([str(path)], Settings(series="shop"))
    gaps, repeated = found(report, "gap")[-1], found(report, "duplicate-time")[-1]
    assert gaps.message == "2 gaps in 1 series, 3 times left out (step: one day)"
    assert [place.row for place in gaps.places] == [7, 12]
    assert [(s.name, s.count) for s in gaps.series] == [("a", 2)]
    assert repeated.message == "2 rows in 1 series repeat a time"
    assert [place.row for place in repeated.places] == [39, 40]
    assert {finding.severity for finding in (gaps, repeated)} == {"error"}
    assert (report.facts.series, report.facts.longest, report.facts.missing) == (2, 20, 3)


# Facts, cost, settings


def test_open_times_and_rows_outside_are_told(tmp_path):
    hours = [datetime(2024, 1, 1) + timedelta(hours=k) for k in range(24 * 7 * 24)]
    rows = [t for t in hours if (t.weekday() < 5 and 9 <= t.hour < 16) or t == datetime(2024, 2, 4, 3)]
    path = tmp_path / "data.csv"
    path.write_text("time,y\n" + "".join(f"{t},{k % 7 + k % 35 / 9:.3f}\n" for k, t in enumerate(rows)))
    report = check_for_training([str(path)], Settings())
    assert report.accepted
    assert (report.facts.step, report.facts.values, report.facts.missing) == ("1 open hour", 840, 0)
    assert [fact.length for fact in report.seasons] == [7, 35]
    learned, outside, *_ = found(report, "assumed")
    assert learned.message.startswith(
        "open times: Mon-Fri 09:00 to 15:00 (35 of 168 hours); closed times are"
    )
    assert outside.message == "1 row at a closed time left out (2024-02-04 03:00:00)"
    assert not found(report, "gap")


def test_facts_and_seasons(checked):
    report = checked({"a": ["", *season(69)], "b": season(70)})
    facts = report.facts
    assert (facts.series, facts.shortest, facts.longest, facts.values) == (2, 69, 70, 139)
    assert (facts.step, facts.first, facts.last) == ("1 day", "2024-01-01", "2024-03-10")
    assert [(s.length, s.used, s.strength > 0.9) for s in report.seasons] == [(7, True, True)]


def test_operations_are_counted_by_hand():
    arch = Architecture("lstm", 1, 4, 3, 6, 2, (0.1, 0.5, 0.9), 1, 0, 1)
    steps = 2 * (3 * 3 * 4 + 8 * 16)  # embed 9 inputs into 4 units; 4 gates of 4 x 4 twice
    assert flops(arch) == 2 * (steps + 2 * 3 * 4)


def test_more_steps_cost_more(checked):
    few, many = (checked({"y": walk(300)}, steps=steps).estimate for steps in (100, 1000))
    assert 3 < few.seconds < few.longest < many.seconds < many.longest < 11 * few.longest
    assert 2e8 < few.bytes == many.bytes < 2e9


def test_memory_grows_with_data_network_and_processes():
    panel, _ = panel_of(read_table(str(SAMPLES / "temperature.csv")), Settings())

    def needed(rows=3000, series=1, in_pieces=False, **settings):
        data = replace(
            panel,
            keys=((),) * series,
            starts=panel.starts.repeat(series),
            offsets=np.arange(series + 1) * rows,
            lengths=np.full(series, rows),
            values=np.ones(rows * series),
            past=np.zeros((rows * series, 0), np.float32),
            future=np.zeros((rows * series, 0), np.float32),
            static=np.zeros((series, 0), np.float32),
        )
        plan = decide(panel, Settings(**{"processes": 1} | settings))
        return estimate_cost(plan, data, 300, in_pieces=in_pieces).bytes

    usual = needed()
    assert 2e8 < usual < 6e8
    assert usual < needed(rows=1000, series=1000) < needed(rows=1_000_000) < usual + 200e6
    assert needed(rows=9_000_000) > 1.5e9
    assert needed(rows=9_000_000, in_pieces=True) < 0.7e9
    assert needed(hidden=512) > 1.5 * usual
    assert needed(processes=2) > usual + 30e6


@pytest.mark.slow
def test_memory_is_what_a_training_takes(environment, tmp_path):
    import torch

    if torch.version.cuda:
        pytest.skip("its libraries take memory that the estimate knows nothing of")
    source = str(SAMPLES / "temperature.csv")
    settings = [part for setting in ("steps=40", "processes=1") for part in ("--set", setting)]
    command = [sys.executable, "-m", "lstmcli", "train", source, *settings, "--log-json"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    taken = json.loads(done.stderr.splitlines()[-1])["peak_bytes"]
    estimate = check_for_training([source], Settings(processes=1)).estimate
    assert 0.75 < estimate.bytes / taken < 1.25


@pytest.mark.parametrize("name", ["temperature", "employment", "seattle_weather"])
def test_the_command_and_the_file_decide_what_training_decides(name, tmp_path, capsys):
    source = str(SAMPLES / f"{name}.csv")
    table = read_table(source)
    panel, roles = panel_of(table, Settings())
    decided = decide(panel, Settings())
    program, command, data, *flags = shlex.split(check_for_training([source], Settings()).command)
    assert (program, command, data, flags[0]) == ("lstmcli", "train", source, "--horizon")
    settings = load_settings(None, {"horizon": int(flags[1])}, tuple(flags[3::2]))
    path = tmp_path / "found.yaml"
    app(["check", source, "--format", "yaml", "-o", str(path)], standalone_mode=False)
    for chosen in (settings, load_settings(path, {})):
        again, named = panel_of(table, chosen)
        assert again.fingerprint() == panel.fingerprint()
        assert (named.time, named.series, named.targets) == (roles.time, roles.series, roles.targets)
        plan = decide(again, chosen)
        assert (plan.shape, plan.scaling, plan.arch) == (decided.shape, decided.scaling, decided.arch)
        assert (plan.steps, plan.validation, plan.refit) == (decided.steps, decided.validation, decided.refit)


def test_odd_names_are_quoted_for_the_shell_and_read_back(checked):
    names = ["a,b", "it's", "2020", "auto x"]
    report = checked({f'"{name}"': walk(30) for name in names}, horizon=3)
    flags = shlex.split(report.command)[3:]
    assert load_settings(None, {}, tuple(flags[3::2])).target == tuple(names)


def test_lines_of_the_command_join_in_a_shell(checked):
    report = checked({f'"it\'s - column {k}"': walk(30) for k in range(9)})
    from lstmcli.jobs.check.text import _command_lines

    joined = "\n".join(_command_lines(report.command))
    done = subprocess.run(
        ["bash", "-c", f"printf '%s\\n' {joined}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == shlex.split(report.command)


def test_parts_of_the_time_are_named_so_that_train_takes_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"2024-03-{1 + k // 24:02},{1 + k % 24},{k % 7}" for k in range(20 * 24)]
    Path("load.csv").write_text("\n".join(["Date,Hour Ending,kWh", *rows, ""]))
    report = check_for_training(["load.csv"], Settings())
    assert 'time="Date,Hour Ending"' in shlex.split(report.command)
    assert report.settings["time"] == "Date,Hour Ending"
    assert not app([*shlex.split(report.command)[1:], "--dry-run"], standalone_mode=False)


# The report as text and JSON


def test_text_keeps_to_80_columns_and_json_to_its_fields(capsys):
    source = str(SAMPLES / "temperature.csv")
    assert not app(["check", source], standalone_mode=False)
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    for said in ("time: time", "step 1 hour", "season      24 (1 day)", "Ready to train."):
        assert said in text
    app(["check", source, "--format", "json"], standalone_mode=False)
    report = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert list(report) == [
        "version", "data", "accepted", "rows", "columns", "facts", "seasons", "findings", "estimate",
        "settings", "command",
    ]  # fmt: skip
    assert (report["version"], report["accepted"], report["rows"]) == (1, True, 3408)


def test_check_is_quick_and_changes_nothing(tmp_path, environment):
    (tmp_path / "data.csv").write_text((SAMPLES / "temperature.csv").read_text())
    listing = (
        "import sys\nfrom lstmcli.__main__ import main\nsys.argv[0] = 'lstmcli'\n"
        "try:\n    main()\nfinally:\n    print('torch' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", listing, "check", "data.csv"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "False\n")
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


def test_standard_input_is_checked(environment):
    done = subprocess.run(
        [warm_program(), "check", "-"],
        input="time,y\n" + "".join(f"{k},{k % 5}\n" for k in range(2000, 2040)),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "lstmcli train - --horizon" in done.stdout


OPTIONS = {"--step": "1h", "--resample": "1h=mean", "--on-gap": "mask", "--on-duplicate": "first"}


def test_options_that_messages_name_are_taken_by_every_command_that_trains():
    """By name, as messages write them."""
    for name in ("train", "check", "tune", "backtest", "inspect-gates"):
        taken = {option for parameter in app.commands[name].params for option in parameter.opts}
        assert {*OPTIONS, "--no-header"} <= taken, name


def test_the_bins_of_a_mend_are_told_as_such(tmp_path, capsys):
    path = tmp_path / "data.csv"
    starts = [datetime(2024, 1, 1) + timedelta(minutes=10 * k, seconds=37 * k % 90) for k in range(200)]
    path.write_text("time,y\n" + "".join(f"{t},{k % 6}.5\n" for k, t in enumerate(starts)))
    report = check_for_training([str(path)], Settings())
    assert not report.accepted
    notes = [finding.message for finding in found(report, "assumed")]
    assert any(note.startswith("with the command below: resampled to ") for note in notes)
    assert not found(report, "gap")
    assert not app(["check", str(path), "--resample", "10min=mean"], standalone_mode=False)
    assert "note        resampled to 10min=mean" in capsys.readouterr().out
