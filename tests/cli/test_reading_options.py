"""`--set` of how files are read, on every command that reads with a model."""

import re
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path

import pytest

from lstmcli import tables
from lstmcli.cli.app import program
from lstmcli.errors import SettingsError, UsageError
from lstmcli.settings.model import Settings
from lstmcli.settings.read_assignments import read_assignments, reading_names
from lstmcli.settings.reading import ReadOptions

app = program()
ROWS = [f"{date(2024, 1, 1) + timedelta(days=k)},{20 + k % 7}.5" for k in range(84)]
COMMANDS = {
    "predict": ["predict", "odd.csv"],
    "check": ["check", "odd.csv"],
    "backtest": ["backtest", "odd.csv", "--folds", "1"],
    "inspect-gates": ["inspect-gates", "odd.csv", "--windows", "5"],
    "compare": ["inspect-gates", "odd.csv", "--windows", "5", "--compare", "model.safetensors"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model of a small table, and that table in another dialect with a gap."""
    where = tmp_path_factory.mktemp("reading")
    (where / "data.csv").write_text("\n".join(["time,wert", *ROWS, ""]))
    odd = [row.replace(",", "|").replace(".5", "!5").replace("!", ",") for row in ROWS[:40] + ROWS[43:]]
    (where / "odd.csv").write_bytes("\n".join(["# aus der Küche", "time|wert", *odd, ""]).encode("latin-1"))
    settings = [
        f"--set={s}" for s in ("steps=2", "hidden=4", "context=14", "horizon=4", "season=7", "refit=false")
    ]
    app(
        ["train", str(where / "data.csv"), "-m", str(where / "model.safetensors"), "-q", *settings],
        standalone_mode=False,
    )
    return where


TYPED = ["encoding=latin-1", "separator=|", "decimal=,", "skip_rows=1", "on_gap=mask"]


@pytest.mark.parametrize("name", COMMANDS)
def test_options_of_reading_are_taken(folder, monkeypatch, capsys, name):
    monkeypatch.chdir(folder)
    sets = [f"--set={text}" for text in TYPED]
    assert not app([*COMMANDS[name], "-m", "model.safetensors", *sets], standalone_mode=False)
    assert capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("typed", "error", "said"),
    [
        ("on_gapp=mask", SettingsError, "Did you mean 'on_gap'?"),
        ("on_gap=maybe", SettingsError, "on_gap"),
        ("hidden=9", UsageError, "hidden is of training, and the model has it"),
    ],
)
def test_others_are_refused(folder, monkeypatch, name, typed, error, said):
    monkeypatch.chdir(folder)
    with pytest.raises(error, match=said.replace("?", r"\?")):
        app([*COMMANDS[name], "-m", "model.safetensors", "--set", typed], standalone_mode=False)


def test_check_prints_the_command_of_predict(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    sets = [f"--set={text}" for text in TYPED[:-1]]
    app(["check", "odd.csv", "-m", "model.safetensors", *sets], standalone_mode=False)
    said = " ".join(capsys.readouterr().out.replace("\\\n", " ").split())
    assert "predict refuses this file; it would accept" in said
    assert "--set on_gap=mask" in said
    assert "--set encoding" in said


def test_every_option_of_reading_is_one():
    names = reading_names(Settings.model_fields)
    assert {"encoding", "day_first", "on_gap", "timezone"} <= {*names}
    assert {*names} == {f.name for f in fields(ReadOptions)} & {*Settings.model_fields}
    assert read_assignments(["day_first=true", "header=false"]) == {"day_first": True, "header": False}


def test_predict_has_every_option_that_messages_name(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    app(["predict", "--help"], standalone_mode=False)
    shown = capsys.readouterr().out
    source = "".join(path.read_text() for path in Path(tables.__path__[0]).rglob("*.py"))
    others = re.compile(r"lstmcli impute --add-rows")  # with its command
    named = {*re.findall(r"(?<![\w-])--[a-z][a-z-]+", others.sub("", source))}
    assert named >= {"--step", "--resample", "--no-header", "--on-gap", "--on-duplicate", "--set"}
    assert not [option for option in sorted(named) if option not in shown]


@pytest.mark.parametrize("typed", [["--step", "1d"], ["--resample", "1d=mean"]])
def test_predict_takes_the_step_of_the_model(folder, monkeypatch, capsys, typed):
    monkeypatch.chdir(folder)
    app(["predict", "data.csv", "-m", "model.safetensors", *typed], standalone_mode=False)
    assert len(capsys.readouterr().out.splitlines()) == 5


@pytest.mark.parametrize("name", ["predict", "check", "inspect-gates", "compare"])
@pytest.mark.parametrize("typed", [["--step", "2d"], ["--resample", "1w=mean"]])
def test_the_step_of_a_model_cannot_be_changed(folder, monkeypatch, name, typed):
    monkeypatch.chdir(folder)
    with pytest.raises(UsageError, match=f"{' '.join(typed)}: the step of the model is one day and cannot"):
        app([*COMMANDS[name], "-m", "model.safetensors", *typed], standalone_mode=False)


def test_the_builtin_network_counts_rows(tmp_path, capsys):
    path = tmp_path / "values.csv"
    path.write_text("".join(f"{20 + k % 7}.5\n" for k in range(84)))
    typed = ["--no-header", "--step", "1d", "--horizon", "3"]
    app(["predict", str(path), "-m", "builtin", *typed], standalone_mode=False)
    assert [row.split(",")[0] for row in capsys.readouterr().out.splitlines()] == ["step", "85", "86", "87"]


@pytest.mark.parametrize("name", ["predict", "check", "inspect-gates", "compare"])
@pytest.mark.parametrize("typed", ["--time", "--set=time"])
def test_the_times_of_a_model_are_those_of_its_column(folder, monkeypatch, name, typed):
    monkeypatch.chdir(folder)
    command = [*COMMANDS[name], "-m", "model.safetensors"]
    with pytest.raises(UsageError, match="--time other: the model takes its times from the column 'time'"):
        app([*command, f"{typed}=other"], standalone_mode=False)
    own = [part.replace("odd", "data") for part in command]
    assert not app([*own, f"{typed}=time"], standalone_mode=False)
