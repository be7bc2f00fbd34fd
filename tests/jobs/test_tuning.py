"""The search for settings: its space, its folds, its file, its end."""

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from itertools import count
from math import sin

import numpy as np
import pytest
from warm_program import warm_program

from lstmcli.console import manner, trial_progress
from lstmcli.console.manner import OutputMode, set_output_mode
from lstmcli.console.screen import Screen
from lstmcli.errors import DataError, SettingsError, SystemFailed, WriteFailed
from lstmcli.evaluation.folds import panel_before
from lstmcli.forecasting.plan import decide
from lstmcli.jobs.tune import space
from lstmcli.jobs.tune.folds import tuning_folds
from lstmcli.jobs.tune.outcome import best_facts, describe_trial, trials_table
from lstmcli.jobs.tune.space import MultipleOf, OneOf, Range, split_space
from lstmcli.jobs.tune.study import SearchTask
from lstmcli.jobs.tune.trial_process import TimeIsUp, run_in_process
from lstmcli.jobs.tune.trials import Trial, TrialProgress, decided_values
from lstmcli.learning.progress import Progress
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
    assert run_in_process(lambda _: 3, None) == 3
    started = time.monotonic()
    with pytest.raises(TimeIsUp):
        run_in_process(lambda _: time.sleep(60), time.monotonic() + 0.2)
    with pytest.raises(TimeIsUp):
        run_in_process(lambda tell: [tell(number) for number in count()], time.monotonic() + 0.2)
    assert time.monotonic() - started < 30


def test_work_apart_tells_how_far_it_is():
    told = []
    assert run_in_process(lambda tell: [tell(number) for number in range(3)], None, told.append) == [None] * 3
    assert told == [0, 1, 2]


# What is told of a trial


@pytest.fixture(scope="module")
def task():
    """A search from the defaults with another horizon, for which a hidden layer of 32 units is decided."""
    panel, (base, among) = panel_of_lengths(400), parted(horizon=5)
    plan = decide(panel, base)
    return SearchTask(base, among, plan, tuning_folds(panel, 5, 2), panel.fingerprint(), "mase", 2.0)


def trial(task, number, error, **values):
    return Trial(number, "complete", values, (error,), 1.0)


def test_a_trial_is_told_by_what_differs_from_the_defaults(task):
    decided = decided_values(task.plan)
    other = trial(task, 1, 0.75, hidden=decided["hidden"], cell="gru", layers=1, learning_rate=0.0123456)
    more = trial(task, 2, 0.9, steps=2 * decided["steps"], baseline=["seasonal", "none"])
    found = [trial(task, 0, 1.0), other, more]
    assert describe_trial(found[0], task) == "defaults"
    assert describe_trial(other, task) == "cell gru, learning_rate 0.0123"
    assert describe_trial(more, task) == f"steps {2 * decided['steps']}, baseline [seasonal, none]"
    assert best_facts(found, task) == [
        ("best", "trial 1, MASE 0.7500, 25.0% less than with the defaults (1.0000)"),
        ("", "differs from the defaults: cell lstm -> gru, learning_rate 0.006 -> 0.0123"),
    ]
    assert best_facts(found[:1], task)[0][1].endswith("the defaults; no other settings were better")
    assert trials_table(found, task).splitlines() == [
        "rank  trial     state    MASE  folds  seconds  differs from the defaults",
        "   1      1  complete  0.7500      1      1.0  cell gru, learning_rate 0.0123",
        f"   2      2  complete  0.9000      1      1.0  {describe_trial(more, task)}",
        "   3      0  complete  1.0000      1      1.0  defaults",
        "fixed in all trials: horizon 5",
        "seasonal naive MASE 2.0000",
    ]
    assert max(map(len, trials_table(found, task, 80).splitlines())) <= 80


def shown_progress(monkeypatch, capsys, **mode):
    """What is printed where the first fold of a trial takes 100 steps of a second, the second but 20."""
    clock = [0.0]
    monkeypatch.setattr(trial_progress.time, "monotonic", lambda: clock[0])
    set_output_mode(OutputMode(**mode))
    with trial_progress.trial_progress(Screen()) as show:
        for fold, steps in ((1, 100), (2, 20)):
            for step in range(1, steps + 1):
                loss = None if step % 5 else 0.5
                show(TrialProgress(3, fold, 2, 1, Progress("training", 0, step, 100, 1 / step, loss, 9.0)))
                clock[0] += 1.0
    return capsys.readouterr().err.splitlines()


@pytest.fixture
def output_modes(monkeypatch):
    monkeypatch.setattr(manner, "_chosen", [OutputMode()])


def test_progress_of_a_trial_is_a_line_in_ten_seconds(monkeypatch, capsys, output_modes):
    lines = shown_progress(monkeypatch, capsys)
    assert len(lines) == 11
    assert lines[0] == "trial 3     fold 1/2, step 15/100, loss 0.0667, validation 0.5000, 3 min left"
    assert lines[-1].startswith("trial 3     fold 2/2, step 15/100, ")


def test_progress_of_a_trial_is_silent_or_events(monkeypatch, capsys, output_modes):
    assert shown_progress(monkeypatch, capsys, quiet=True) == []
    manner._chosen[0] = OutputMode()
    events = [json.loads(line) for line in shown_progress(monkeypatch, capsys, log_json=True)]
    assert {event["event"] for event in events} == {"progress"}
    last = events[-1]
    assert (last["trial"], last["fold"], last["folds"], last["step"], last["steps"]) == (3, 2, 2, 15, 100)
    assert last["seconds_left"] == pytest.approx(114 * 0.425 / 0.575)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_of_a_trial_is_one_live_line_of_eighty_columns(monkeypatch, capsys, output_modes):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    shown_progress(monkeypatch, capsys)
    frames = [
        re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frame) for frame in re.split(r"[\r\n]", terminal.getvalue())
    ]
    told = [frame for frame in frames if "trial 3 fold 2/2" in frame]
    assert "step 20/100, loss 0.050, 79 s left" in told[-1]
    assert max(map(len, frames)) <= 80


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

    def make(*more, program=None):
        started = [warm_program()] if program is None else [sys.executable, *program]
        running = subprocess.Popen(
            [*started, "tune", *map(str, more)],
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
    words = "-c", "space.yaml", "--max-time", "1h"
    running = tune(*ARGUMENTS, *words, program=("-m", "lstmcli"))
    for line in running.stderr:
        if re.search(r" trial 1 +[0-9]", line):
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


def test_a_broken_device_under_a_study_is_no_fault_of_the_study(tmp_path, monkeypatch):
    from lstmcli.jobs.tune import journal

    def fails(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(journal, "open", fails, raising=False)
        with pytest.raises(WriteFailed, match="study"), journal.open_study(tmp_path / "study"):
            pass
    monkeypatch.setattr(journal.JournalFileBackend, "read_logs", fails)
    with pytest.raises(SystemFailed, match="study"), journal.open_study(tmp_path / "study"):
        pass
