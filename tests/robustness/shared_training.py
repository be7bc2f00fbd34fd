"""Trainings that processes share, beside those of one process; to be started with torchrun.

    torchrun --nproc-per-node 2 tests/robustness/shared_training.py FOLDER

Ends with an AssertionError where they differ: weights of every cell, those of a training that one of the
processes was asked to stop and that went on, and the steps where the time of only one was up.
"""

import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from lstmcli.errors import Interrupted
from lstmcli.forecasting.plan import decide
from lstmcli.learning.checkpoint.control import Control
from lstmcli.learning.checkpoint.file import Checkpoint, identity_of, read_checkpoint
from lstmcli.learning.processes.group import join_group
from lstmcli.learning.train import RunOptions, train_network
from lstmcli.series.calendar import HOUR, Step
from lstmcli.series.category import Category
from lstmcli.series.panel import Panel
from lstmcli.settings.model import Settings

# A batch that no two or three processes can halve, and dropout.
SETTINGS = Settings(
    horizon=6,
    context=24,
    segment=6,
    season=12,
    hidden=6,
    steps=8,
    batch=7,
    dropout=0.3,
    refit=True,
    validation=2,
    baseline=("seasonal",),
    members=1,
    learning_rate=1e-3,  # so that rounding is not blown up by the steps that follow
)
IDENTITY = identity_of({}, "", {"lstmcli": "", "numpy": "", "torch": ""}, "")


def panel():
    """Two series; of the first a long stretch is missing, so that the losses of some windows are not
    known; a category known ahead."""
    random = np.random.default_rng(0)
    values = 5 + np.sin(np.pi * np.arange(240) / 6) + 0.1 * random.normal(size=240)
    values[30:75] = np.nan
    codes = random.integers(3, size=240)
    return Panel(
        key_names=("id",),
        keys=(("a",), ("b",)),
        step=Step("fixed", HOUR),
        starts=np.array(["2024-01-01T00:00"] * 2, "datetime64[us]"),
        offsets=np.array([0, 120, 240]),
        lengths=np.array([114, 114]),
        values=np.where(np.isin(np.arange(240) % 120, range(114, 120)), np.nan, values),
        past=np.zeros((240, 0), np.float32),
        future=np.zeros((240, 0), np.float32),
        categories=(Category("promo", "future", ("x", "y", "z"), codes),),
    )


def train(group, run=None, heard=lambda progress: None, **changed):
    settings = SETTINGS.model_copy(update=changed)
    data = panel()
    plan = replace(decide(data, settings), processes=1)
    return train_network(data, plan, heard, run or RunOptions(Control(group=group)))


def difference(one, other):
    ours, theirs = one.network.weights, other.network.weights
    assert ours.keys() == theirs.keys()
    return max(float(np.abs(ours[name] - theirs[name]).max()) for name in ours)


def check_cells(group):
    """Every cell has the weights of one process; validation and windows too."""
    for cell in ("lstm", "gru", "rnn"):
        shared = train(group, cell=cell)
        alone = train(type(group)(), cell=cell)
        apart = difference(shared, alone)
        assert 0 < apart < 1e-5, f"{cell}: {apart}"  # 0: nothing was summed in another order
        errors = [t.report["validation"]["errors"]["model"]["mae"] for t in (shared, alone)]
        assert abs(errors[0] - errors[1]) < 1e-5, errors


def check_stop(group, folder):
    """A signal to the last process stops all at one step; the next run ends with the same weights."""
    path = folder / "checkpoint"
    control = Control(group=group)

    def stop(progress):
        if progress.step == 3 and group.rank == group.world - 1:
            control.ask_to_stop(signal.SIGTERM)

    try:
        train(group, RunOptions(control, Checkpoint(path, IDENTITY, print, writes=group.is_first)), stop)
        raise AssertionError("it was not stopped")
    except Interrupted as error:
        assert error.exit_code == 143, error
    arch = decide(panel(), SETTINGS).arch
    members = group.run_on_first(lambda: read_checkpoint(path, IDENTITY, arch))
    assert members["training.0"].numbers["step"] == 4  # the next at which they ask each other
    kept = Checkpoint(path, IDENTITY, print, members, writes=group.is_first)
    assert difference(train(group, RunOptions(Control(group=group), kept)), train(group)) == 0


def check_time(group):
    """Where the time of one process is up, all stop."""
    until = time.monotonic() + (0.0 if group.rank else 1e6)
    short = train(group, RunOptions(Control(until=until, group=group)))
    assert [member["steps"] for member in short.report["members"]] == [1]
    assert short.notes, short


if __name__ == "__main__":
    with join_group() as joint:
        assert joint.world > 1, "to be started with torchrun"
        check_cells(joint)
        check_stop(joint, Path(sys.argv[1]))
        check_time(joint)
