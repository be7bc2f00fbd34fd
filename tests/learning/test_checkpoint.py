"""A training that was interrupted goes on and ends with the model of one that was not."""

import json
import os
import signal
import struct
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders import QUICK, panel_of, wave

from lstmcli.errors import DataError, Interrupted, SettingsError, WriteFailed
from lstmcli.forecasting.plan import decide
from lstmcli.learning.checkpoint import file as checkpoints
from lstmcli.learning.checkpoint.control import Control, stopped_by_signals
from lstmcli.learning.checkpoint.file import (
    Checkpoint,
    Snapshot,
    identity_of,
    pack_checkpoint,
    read_checkpoint,
)
from lstmcli.learning.train import RunOptions, train_network

ROBUSTNESS = Path(__file__).parents[1] / "robustness"
IDENTITY = identity_of({"horizon": 6}, "abc", {"lstmcli": "1", "numpy": "2", "torch": "3"}, "")
SMALL = QUICK.model_copy(
    update={
        "steps": 12,
        "hidden": 4,
        "batch": 8,
        "members": 2,
        "dropout": 0.2,
        "refit": True,
        "validation": 2,
    }
)


@pytest.fixture(scope="module")
def uninterrupted():
    panel = panel_of(wave(120))
    plan = decide(panel, SMALL)
    return panel, plan, train_network(panel, plan, lambda progress: None)


def same(one, other):
    assert one.report == other.report
    assert one.network.widths == other.network.widths
    for name, weight in one.network.weights.items():
        assert np.array_equal(weight, other.network.weights[name]), name


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(("stage", "step"), [("training", 5), ("training", 11), ("refit", 1)])
def test_an_interrupted_training_ends_with_the_same_model(tmp_path, uninterrupted, processes, stage, step):
    panel, plan, wanted = uninterrupted
    plan = replace(plan, processes=processes)
    path, control = tmp_path / "checkpoint", Control()

    def interrupt(progress):
        if progress.stage == stage and progress.step >= step:
            control.ask_to_stop(signal.SIGTERM)

    with pytest.raises(Interrupted, match="the same command continues") as caught:
        train_network(panel, plan, interrupt, RunOptions(control, Checkpoint(path, IDENTITY, pytest.fail)))
    assert caught.value.exit_code == 143
    again = Checkpoint(path, IDENTITY, pytest.fail, members=read_checkpoint(path, IDENTITY, plan.arch))
    assert any("finished" not in member.numbers for member in again.members.values())
    steps = []
    same(
        wanted,
        train_network(panel, plan, lambda p: steps.append((p.stage, p.step)), RunOptions(Control(), again)),
    )
    if (stage, processes) == ("refit", 1):
        assert {name for name, _ in steps} == {"refit"}  # what was trained is not trained again


def test_saving_at_every_step_changes_nothing(tmp_path, uninterrupted):
    panel, plan, wanted = uninterrupted
    kept = Checkpoint(tmp_path / "checkpoint", IDENTITY, pytest.fail)
    same(
        wanted,
        train_network(panel, plan, lambda progress: None, RunOptions(Control(every=1e-6), kept)),
    )
    assert kept.saved


def test_a_save_that_fails_is_told_once_and_ends_nothing(tmp_path, uninterrupted, monkeypatch):
    def full(path, content, **_):
        raise WriteFailed("no space left on device")

    monkeypatch.setattr(checkpoints, "write_atomically", full)
    panel, plan, wanted = uninterrupted
    told = []
    kept = Checkpoint(tmp_path / "checkpoint", IDENTITY, told.append)
    same(
        wanted,
        train_network(panel, plan, lambda progress: None, RunOptions(Control(every=1e-6), kept)),
    )
    assert told == ["no checkpoint can be saved, training goes on: no space left on device"]


@pytest.fixture
def saved(tmp_path, uninterrupted):
    """A checkpoint of one member, its file."""
    arrays = {"a": np.arange(3, dtype=np.float32), "step": np.float32(4).reshape(())}
    path = tmp_path / "model.checkpoint"
    path.write_bytes(
        pack_checkpoint(IDENTITY, {"training.0": Snapshot(arrays, {"step": 7, "loss": float("0.1")})})
    )
    return path, uninterrupted[1].arch


def test_what_is_read_is_what_was_saved(saved):
    (member,) = read_checkpoint(saved[0], IDENTITY, saved[1]).values()
    assert member.numbers == {"step": 7, "loss": 0.1}
    assert member.arrays["a"].tolist() == [0, 1, 2]
    assert member.arrays["step"].shape == ()


def test_no_file_is_no_checkpoint(tmp_path, saved):
    assert read_checkpoint(tmp_path / "none", IDENTITY, saved[1]) == {}


def test_every_changed_byte_and_every_cut_is_refused(saved):
    path, arch = saved
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :]):
            path.write_bytes(damaged)
            with pytest.raises((DataError, SettingsError), match=r"--restart|no checkpoint of a training"):
                read_checkpoint(path, IDENTITY, arch)


def test_a_file_that_is_too_large_is_not_read(saved):
    path, arch = saved
    os.truncate(path, 2**36)  # sparse
    with pytest.raises(DataError, match="larger than it can be"):
        read_checkpoint(path, IDENTITY, arch)


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"settings": {"horizon": 12}}, r"horizon \(was 6, is 12\)"),
        ({"data": "def"}, "the data"),
        ({"versions": {"lstmcli": "1", "numpy": "2", "torch": "4"}}, r"torch \(was 3, is 4\)"),
        ({"start": "other"}, "the model to update"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(saved, other, named):
    with pytest.raises(SettingsError, match=f"{named}.*--restart"):
        read_checkpoint(saved[0], {**IDENTITY, **other}, saved[1])


def test_a_state_of_another_shape_is_refused(tmp_path, uninterrupted):
    panel, plan, _ = uninterrupted
    plan = replace(plan, processes=1)
    numbers = {"step": 1, "loss": 0.5}
    strange = {"training.0": Snapshot({"module.embed.weight": np.zeros((2, 2), np.float32)}, numbers)}
    kept = Checkpoint(tmp_path / "c", IDENTITY, pytest.fail, members=strange)
    with pytest.raises(DataError, match="damaged checkpoint"):
        train_network(panel, plan, lambda progress: None, RunOptions(Control(), kept))


def test_a_second_signal_is_not_held_back_and_handlers_are_restored():
    before = signal.getsignal(signal.SIGINT)
    control = Control()
    with pytest.raises(KeyboardInterrupt), stopped_by_signals(control):
        os.kill(os.getpid(), signal.SIGINT)
        assert control.asked_to_stop
        assert control.signal == signal.SIGINT
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_checkpoint_needs_no_pickle(saved):
    raw = saved[0].read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    assert set(json.loads(raw[8 : 8 + length])) == {"__metadata__", "training.0.a", "training.0.step"}


def test_a_signal_saves_and_the_next_run_goes_on(tmp_path, trained, environment):
    """As a shell sees it: 143, one line; no process is left; then the same bytes."""
    settings = ["steps=400", "hidden=8", "processes=2", "patience=1000", "refit=false"]
    command = [sys.executable, "-m", "lstmcli", "train", str(trained.data), "-m", "model"]
    command += [part for setting in settings for part in ("--set", setting)]
    about = {"cwd": tmp_path, "env": environment, "stderr": subprocess.PIPE, "text": True}
    run = subprocess.Popen([*command, "--checkpoint-every", "0.1"], start_new_session=True, **about)
    until = time.monotonic() + 120
    while not (tmp_path / "model.checkpoint").exists() and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGTERM)  # all of the group, as by `timeout` or a terminal
    said = run.communicate(timeout=60)[1]
    assert run.returncode == 143, said
    assert said.splitlines()[-1] == (
        "lstmcli: interrupted; model.checkpoint is saved: the same command continues from there"
    )
    with pytest.raises(ProcessLookupError):
        os.killpg(run.pid, 0)
    assert sorted(os.listdir(tmp_path)) == ["model.checkpoint"]
    other = subprocess.run([*command, "--seed", "5"], check=False, **about)
    assert other.returncode == 78
    assert "seed (was 0, is 5); start over with --restart" in other.stderr


@pytest.mark.parametrize(
    "script",
    [
        ("kills.py", "1"),
        pytest.param(("kills.py", "5"), marks=pytest.mark.slow),
        ("failing_files.py", "--every", "45", "--quick"),
        pytest.param(("failing_files.py", "--every", "3"), marks=pytest.mark.slow),
        pytest.param(("at_once.py", "3", "8"), marks=pytest.mark.slow),
        ("option_pairs.py", "--count", "8"),
        pytest.param(("option_pairs.py", "--count", "200", "--first", "8"), marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_robustness_in_short(script, environment):
    """The scripts that are run by hand, with few repetitions."""
    command = [sys.executable, str(ROBUSTNESS / script[0]), *script[1:]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
