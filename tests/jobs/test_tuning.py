"""The search for settings: its space, its folds, its file, its end."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from math import sin

import numpy as np
import pytest

from lstmcli.errors import DataError, SettingsError
from lstmcli.evaluation.folds import panel_before
from lstmcli.jobs.tune import space
from lstmcli.jobs.tune.folds import tuning_folds
from lstmcli.jobs.tune.space import MultipleOf, OneOf, Range, split_space
from lstmcli.jobs.tune.trial_process import TimeIsUp, run_in_process
from lstmcli.series.calendar import Step
from lstmcli.series.panel import Panel
from lstmcli.settings.load import gather_settings, load_settings
from lstmcli.settings.model import Settings


def parted(**values):
    return split_space(values, {name: f"FILE:{number}" for number, name in enumerate(values, 1)})


# The space


def test_the_printed_space_is_the_default_one(tmp_path):
    (tmp_path / "space.yaml").write_text(space.space_text())
    found = split_space(*gather_settings(tmp_path / "space.yaml", {}, variables={}))
    assert found == (Settings(), space.DEFAULT_SPACE)


def test_plain_values_are_fixed_and_the_rest_of_the_default_space_is_searched():
    base, found = parted(cell="gru", horizon=3)
    assert (base.cell, base.horizon) == ("gru", 3)
    assert set(found) == set(space.DEFAULT_SPACE) - {"cell"}


def test_what_is_searched_is_said_by_a_map():
    base, found = parted(
        layers=2,
        patience={"from": 2, "to": 9},
        clip={"from": 0.1, "to": 2, "log": True},
        cell={"among": ["gru", "rnn"]},
        hidden={"times": [1, 3]},
    )
    assert base == Settings(layers=2)
    assert found == {
        "patience": Range(2, 9, False),
        "clip": Range(0.1, 2, True),
        "cell": OneOf(("gru", "rnn")),
        "hidden": MultipleOf((1, 3)),
    }
    assert (found["patience"].whole, found["clip"].whole) == (True, False)


def test_all_that_is_wrong_with_a_space_is_told_at_once():
    with pytest.raises(SettingsError) as caught:
        parted(
            layers=0,
            horizon={"among": [1, 2]},
            cell={"among": ["gru", "lsmt"]},
            clip={"from": 2, "to": 1},
            batch={"times": [1]},
            hiden={"times": [1]},
            dropout={"form": 0, "to": 1},
            weight_decay={"from": 0, "to": 1, "log": True},
        )
    lines = str(caught.value).splitlines()
    assert len(lines) == 8
    assert all(any(line.startswith(f"FILE:{number}: ") for line in lines) for number in range(1, 9))


def test_a_space_stands_in_a_study_file_as_it_always_did():
    # A study of an earlier version goes on only where this text is the same.
    found = {"layers": OneOf((1, 2)), "hidden": MultipleOf((0.5, 1)), "clip": Range(0.1, 2, True)}
    assert space.study_text(found) == (
        "{'layers': Among(values=(1, 2)), 'hidden': Times(factors=(0.5, 1)), "
        "'clip': Between(low=0.1, high=2, log=True)}"
    )


# The folds


def panel_of_lengths(*lengths):
    """Series of hours whose values count their rows, with as many series as lengths."""
    values = np.concatenate([np.arange(n, dtype=np.float64) for n in lengths])
    return Panel(
        key_names=("k",),
        keys=tuple((str(s),) for s in range(len(lengths))),
        step=Step("fixed", 3_600_000_000),
        starts=np.array(["2024-01-01"] * len(lengths), "datetime64[us]"),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        lengths=np.array(lengths, np.int64),
        values=values,
        past=np.zeros((len(values), 0), np.float32),
        future=values[:, None].astype(np.float32),
    )


def test_folds_follow_one_another_and_training_ends_where_the_block_begins():
    made = tuning_folds(panel_of_lengths(400), 10, 3)
    assert len(made) == 3
    ends = [int(fold.known.lengths[0]) for fold in made]
    starts = [int(fold.training.lengths[0]) for fold in made]
    assert ends == [400, *starts[:2]]
    assert 400 - starts[2] <= 100
    for fold, start, end in zip(made, starts, ends, strict=True):
        assert fold.training.values.max() == start - 1
        assert (fold.origins >= start).all()
        assert (fold.origins + 10 <= end).all()
        assert start in fold.origins


def test_short_series_are_left_out_of_a_fold_and_few_values_give_few_folds():
    made = tuning_folds(panel_of_lengths(100, 12), 10, 1)
    assert made[0].training.keys == (("0",),)
    assert set(made[0].series) == {0}
    assert len(tuning_folds(panel_of_lengths(45), 10, 3)) == 2
    with pytest.raises(DataError, match="29 values; a horizon of 10 needs 30"):
        tuning_folds(panel_of_lengths(29), 10, 3)


def test_a_cut_series_ends_with_a_value():
    panel = panel_of_lengths(10, 8)
    panel.values[4:6] = np.nan
    cut = panel_before(panel, np.array([6, 5]), 0)
    assert list(cut.lengths) == [4, 5]
    assert list(cut.offsets) == [0, 4, 9]
    assert list(cut.future[:, 0]) == [0, 1, 2, 3, 0, 1, 2, 3, 4]


# Work apart


def test_work_apart_returns_its_result_or_ends_in_time():
    assert run_in_process(lambda: 3, None) == 3
    started = time.monotonic()
    with pytest.raises(TimeIsUp):
        run_in_process(lambda: time.sleep(60), time.monotonic() + 0.2)
    assert time.monotonic() - started < 30


# The command

ARGUMENTS = ["hourly.csv", "--folds", "1", "--set", "horizon=4", "--set", "steps=2", "--set", "season=12"]
QUICK = """\
hidden: {among: [2, 3]}
learning_rate: {from: 1e-3, to: 1e-1, log: true}
baseline: seasonal
segment: 12
context: 12
processes: 1
"""


@pytest.fixture
def tune(tmp_path, environment):
    rows = []
    for hour in range(80):
        stamp = datetime(2024, 1, 1) + timedelta(hours=hour)
        rows.append(f"{stamp:%Y-%m-%d %H:%M},{10 + sin(hour / 2) + hour % 5 / 5:.3f}")
    (tmp_path / "hourly.csv").write_text("\n".join(["time,y", *rows, ""]))
    (tmp_path / "space.yaml").write_text(QUICK)

    def make(*more, program=("-m", "lstmcli")):
        running = subprocess.Popen(
            [sys.executable, *program, "tune", *map(str, more)],
            cwd=tmp_path,
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if "1h" in more:
            return running
        out, err = running.communicate(timeout=300)
        return subprocess.CompletedProcess(running.args, running.returncode, out, err)

    return make


@pytest.mark.slow
def test_a_study_goes_on_and_gives_what_one_run_gives(tune, tmp_path):
    whole = tune(*ARGUMENTS, "-c", "space.yaml", "--trials", 4, "--format", "json", "-o", "whole.yaml")
    assert whole.returncode == 0, whole.stderr
    made = json.loads(whole.stdout)
    first = next(trial for trial in made["trials"] if trial["trial"] == 0)
    assert (first["settings"], first["state"]) == ({}, "complete")
    best = made["trials"][0]
    assert best["error"] == min(t["error"] for t in made["trials"] if t["state"] == "complete")
    assert best["error"] <= first["error"]
    settings = load_settings(tmp_path / "whole.yaml", {})
    assert settings.model_dump(mode="json").items() >= best["settings"].items()
    assert (settings.horizon, settings.steps, settings.segment) == (4, 2, 12)

    kept = [*ARGUMENTS, "-c", "space.yaml", "--study", "study.jsonl", "-q"]
    part = tune(*kept, "--trials", 2)
    assert (part.returncode, part.stderr) == (0, "")
    with open(tmp_path / "study.jsonl", "a") as file:
        file.write('{"op_code": 5, "cut o')  # as a crash leaves it
    again = tune(*kept, "--trials", 3, "--format", "json")
    assert again.returncode == 0, again.stderr
    trials = {trial["trial"]: trial for trial in json.loads(again.stdout)["trials"]}
    assert set(trials) == {0, 1, 2}
    for number in (0, 1):
        (same,) = [t for t in made["trials"] if t["trial"] == number]
        assert (trials[number]["settings"], trials[number]["errors"]) == (same["settings"], same["errors"])
    other = tune(*kept, "--trials", 3, "--seed", 5)
    assert (other.returncode, other.stdout) == (2, "")
    assert "study of other data" in other.stderr


def test_an_interrupted_search_writes_what_it_found(tune, tmp_path):
    running = tune(*ARGUMENTS, "-c", "space.yaml", "--max-time", "1h")
    for line in running.stderr:
        if line.startswith("trial 1 "):
            break
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 143, err
    assert re.search(r"^ +1 +\d+ +complete", out, re.MULTILINE)
    assert load_settings(tmp_path / "tuned.yaml", {}).horizon == 4
    assert sorted(os.listdir(tmp_path)) == ["hourly.csv", "space.yaml", "tuned.yaml"]


WITHOUT = """
import sys, importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "optuna" else find(name, *more)
from lstmcli.__main__ import main
main()
"""


def test_what_cannot_be_done_is_told_before_any_work(tune, tmp_path):
    done = tune("none.csv", program=("-c", WITHOUT))
    assert (done.returncode, done.stdout) == (2, "")
    assert 'pip install "lstmcli[tune]"' in done.stderr
    (tmp_path / "foreign.txt").write_text("a text of the user\n")
    done = tune(*ARGUMENTS, "--study", "foreign.txt", "--trials", 1)
    assert (done.returncode, done.stdout) == (65, "")
    assert done.stderr.splitlines()[-1].endswith("[not-a-study]")
    assert (tmp_path / "foreign.txt").read_text() == "a text of the user\n"
    assert tune("--trials", 1).returncode == 2
