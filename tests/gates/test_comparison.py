"""Models side by side."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from warm_program import warm_program

from lstmcli.errors import UsageError
from lstmcli.gates.compare_models import check_same_series, comparison_json, comparison_text, model_figures
from lstmcli.gates.inspection import inspect_member
from lstmcli.model_file import read_model
from lstmcli.network.architecture import parameters
from lstmcli.tables.read import panel_with, read_table


@pytest.fixture(scope="module")
def looked_at(trained):
    model = read_model(trained.model)
    panel = panel_with(read_table(str(trained.data), model.contract.options), model.contract.roles)
    return model, inspect_member(model.network, panel, 50)


@pytest.fixture(scope="module")
def inspect(trained, tmp_path_factory, environment):
    folder = tmp_path_factory.mktemp("compare")

    def run(*arguments):
        command = [warm_program(), "inspect-gates", *map(str, arguments)]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    return run


def test_a_column_holds_the_figures_of_the_model(looked_at):
    model, told = looked_at
    made = model_figures("a/b/model.safetensors", model, told)
    arch, validation = model.network.arch, model.report["validation"]
    assert made.parameters == arch.members * parameters(arch)
    assert (made.mae, made.skill) == (validation["errors"]["model"]["mae"], validation["skill"])
    assert made.half_lives[1] == told.figures["half_life"]
    assert made.gates["forget"] == told.figures["forget"]
    assert made.use == told.figures["use"]
    assert set(made.gates) == {"forget", "input", "candidate", "output"}


def test_a_model_beside_itself_has_equal_columns(trained, inspect):
    done = inspect("-m", trained.model, "--compare", trained.model, "--format", "json")
    first, second = json.loads(done.stdout)["models"]
    assert first == second
    text = inspect("-m", trained.model, "--compare", trained.model).stdout
    lines = text.split("\n\n")[0].splitlines()
    assert len(lines) == 1 + 21
    assert all(line[23:37] == line[37:51] for line in lines)


def test_many_models_fit_80_columns_and_long_names_are_cut(looked_at):
    columns = [model_figures(f"a_model_with_a_long_name_{k}.safetensors", *looked_at) for k in range(6)]
    text = comparison_text(columns)
    assert max(map(len, text.splitlines())) < 80
    assert text.count("half-life, half") == 2
    assert "~_long_name_5" in text
    assert [m["name"] for m in json.loads(comparison_json(columns))["models"]] == [c.name for c in columns]


def test_what_cannot_be_compared_is_said(looked_at):
    made = model_figures("a.safetensors", *looked_at)
    text = comparison_text([made, replace(made, data="other", horizon=3)])
    assert "trained on different data: validation errors cannot be compared" in text
    assert "of different horizons: validation errors cannot be compared" in text
    assert "cannot be compared" not in comparison_text([made, made])


def test_a_plain_rnn_has_no_half_life(looked_at):
    rnn = replace(
        model_figures("a.safetensors", *looked_at), half_lives=None, reach=None, gates={"candidate": 0.1}
    )
    rows = {line[:23].strip(): line[23:].strip() for line in comparison_text([rnn]).splitlines()}
    assert [rows[f"half-life, {part}"] for part in ("quarter", "half", "3 quarters")] == ["-"] * 3
    assert (rows["mean forget gate"], rows["mean candidate"]) == ("-", "0.1")
    assert rows["gradient < 1/1000"] == "never"


def test_models_of_other_columns_are_refused(looked_at):
    contract = looked_at[0].contract
    other = replace(contract, roles=replace(contract.roles, targets=("load",)))
    with pytest.raises(UsageError, match=r"--compare b: its target columns: load; of a: y; only models"):
        check_same_series(["a", "b"], [contract, other])


def test_a_model_of_another_step_is_refused_by_the_command(trained, inspect, tmp_path, environment):
    daily = tmp_path / "daily.csv"
    rows = [f"{datetime(2024, 1, 1) + timedelta(days=day):%Y-%m-%d},{1 + day % 7}" for day in range(80)]
    daily.write_text("\n".join(["time,y", *rows, ""]))
    model = tmp_path / "daily.safetensors"
    train = [warm_program(), "train", daily, "-m", model, "-q", "--set", "steps=2"]
    subprocess.run([*train, "--set", "hidden=4"], check=True, env=environment)
    done = inspect("-m", trained.model, "--compare", model)
    assert done.returncode == 2
    assert f"--compare {model}: its step: 1 day; of {trained.model}: 1 hour" in done.stderr


def test_data_without_the_columns_of_a_model_name_the_model(trained, inspect, tmp_path):
    data = tmp_path / "other.csv"
    data.write_text("time,load\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n")
    copy = tmp_path / "copy.safetensors"
    shutil.copy(trained.model, copy)
    done = inspect(data, "-m", trained.model, "--compare", copy)
    assert done.returncode == 65
    assert f"{trained.model} cannot read this data" in done.stderr
    assert "[unknown-column]" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--cells"], "--cells trains on data: name a CSV file"),
        (["x.csv", "-m", "m.safetensors", "--set", "steps=3"], "add --cells to train"),
        (["x.csv", "--cells", "--at", "2024"], "--at cannot be combined with --cells."),
        (["x.csv", "--cells", "-m", "m.safetensors"], "--model cannot be combined with --cells."),
        (["x.csv", "--cells", "--series", "a"], "--series cannot be combined with --cells."),
        (["--compare", "b.safetensors", "--html", "x.html"], "--html cannot be combined with --compare."),
        (["--compare", "b.safetensors", "--trace", "t.csv"], "--trace cannot be combined with --compare."),
    ],
)
def test_options_without_use_are_refused(inspect, options, says):
    done = inspect(*options)
    assert done.returncode == 2
    assert says in done.stderr


def test_the_command_writes_every_form(trained, inspect, tmp_path):
    settings = [p for s in ("steps=2", "hidden=4", "context=24", "horizon=4") for p in ("--set", s)]
    folder, picture, page = tmp_path / "made", tmp_path / "cells.svg", tmp_path / "lesson.html"
    files = ["--out", folder, "--plot", picture, "--html", page]
    done = inspect(trained.data, "--cells", "--seeds", 1, "--delays", "6,3", *settings, *files)
    assert done.returncode == 0, done.stderr
    assert "trains 33 networks" in done.stderr
    assert max(map(len, done.stdout.splitlines())) < 80
    assert json.loads((folder / "cells.json").read_text())["seeds"] == [0]
    assert (
        (folder / "gradient_by_lag.csv").read_text().startswith("task,delay,cell,trained,quantity,lag_steps")
    )
    assert (folder / "recall.csv").read_text().startswith("cell,delay,units,parameters,learning_rate,seed")
    assert "<svg" in picture.read_text()
    (held,) = re.findall(r'id="summary">(.*?)</script>', page.read_text())
    assert json.loads(held) == json.loads((folder / "cells.json").read_text())
    assert [r["delay"] for r in json.loads(held)["recall"]["results"]] == [3, 6, 3, 6, 3, 6]
