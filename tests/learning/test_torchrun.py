"""Training under torchrun: the model of one process; one voice; all stop together; restarts go on."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import torch.distributed as dist
from warm_program import warm_program

import lstmcli
from lstmcli.errors import ReportedElsewhere, UsageError
from lstmcli.learning.processes.distributed import round_of
from lstmcli.learning.processes.group import SINGLE_PROCESS, ProcessGroup, group_from_environment, join_group
from lstmcli.learning.processes.sharing import mean_loss

ROBUSTNESS = Path(__file__).parents[1] / "robustness"
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
LSTMCLI = [sys.executable, "-m", "lstmcli"]
SETTINGS = ["steps=30", "hidden=6", "batch=9", "dropout=0.2", "baseline=seasonal", "members=2", "refit=false"]
TRAIN = ["train", "data.csv", "--on-gap", "mask", *(p for s in SETTINGS for p in ("--set", s))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A CSV file of two series, one of which misses two days."""
    path = tmp_path_factory.mktemp("torchrun")
    random = np.random.default_rng(1)
    rows = ["time,shop,y"]
    for shop in "ab":
        for hour in range(300):
            if shop == "b" or not 100 <= hour < 148:
                time = np.datetime64("2024-01-01T00") + np.timedelta64(hour, "h")
                rows.append(f"{time},{shop},{9 + np.sin(np.pi * hour / 12) + 0.1 * random.normal():.4f}")
    (path / "data.csv").write_text("\n".join([*rows, ""]))
    return path


@pytest.fixture(scope="module")
def run(folder, environment):
    """Runs a command in the folder with the data."""

    def run(command):
        variables = {**environment, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
        return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)

    return run


def shared(run, model):
    """What training with two processes of torchrun said."""
    done = run([*TORCHRUN, "-m", "lstmcli", *TRAIN, "-m", model])
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done.stderr


def test_two_processes_train_the_model_of_one_and_one_speaks(run, folder):
    said = shared(run, "shared.safetensors")
    for line in (
        "data  ",
        "processes   2 of torchrun, which share every step of 9 windows",
        "trained  ",
        "wrote  ",
    ):
        assert [re.match(rf"[-0-9]+ [:0-9]+ {line}", told) for told in said.splitlines()].count(None) == (
            len(said.splitlines()) - 1
        ), said
    assert "Warning" not in said
    alone = run([warm_program(), *TRAIN, "-m", "alone.safetensors"])
    assert alone.returncode == 0, alone.stderr
    models = [lstmcli.load(folder / f"{name}.safetensors") for name in ("alone", "shared")]
    ours, theirs = (model.model.network.weights for model in models)
    apart = max(np.abs(ours[name] - theirs[name]).max() for name in ours)
    assert 0 < apart < 1e-5
    frame = pd.read_csv(folder / "data.csv")
    frame = frame[frame.shop == "b"]
    forecasts = [model.forecast(frame).select_dtypes("number").to_numpy() for model in models]
    assert np.abs(forecasts[0] - forecasts[1]).max() < 1e-4
    assert models[1].training["processes"] == 2
    assert "processes" not in models[0].training


@pytest.mark.slow
def test_a_killed_process_is_started_again_and_the_model_is_the_same(run, folder):
    shared(run, "shared.safetensors")
    wanted = (folder / "shared.safetensors").read_bytes()
    script = [str(ROBUSTNESS / "killed_once.py"), "killed.safetensors.checkpoint"]
    arguments = [*TRAIN, "-m", "killed.safetensors", "--checkpoint-every", "0.01s"]
    done = run([*TORCHRUN, "--max-restarts", "1", *script, *arguments])
    assert done.returncode == 0, done.stderr
    assert "another process of torchrun has ended" in done.stderr
    assert "goes on     from killed.safetensors.checkpoint" in done.stderr
    assert (folder / "killed.safetensors").read_bytes() == wanted
    assert not list(folder.glob("*killed*check*"))


@pytest.mark.slow
def test_every_cell_every_stop(run, tmp_path):
    """The script that torchrun starts, by hand with more processes: it compares within."""
    done = run([*TORCHRUN, str(ROBUSTNESS / "shared_training.py"), str(tmp_path)])
    assert done.returncode == 0, done.stderr


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def started(folder, environment):
    """Starts `lstmcli` once per list of arguments, as the processes of one training; no torchrun."""
    running = []

    def started(*each):
        about = {"WORLD_SIZE": str(len(each)), "LOCAL_WORLD_SIZE": str(len(each))}
        about |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
        about |= {"PYTHONPATH": os.pathsep.join(sys.path)}
        for rank, arguments in enumerate(each):
            variables = {**environment, **about, "RANK": str(rank), "LOCAL_RANK": str(rank)}
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            running.append(subprocess.Popen([*LSTMCLI, *arguments], cwd=folder, env=variables, **pipes))
        return running

    yield started
    for process in running:
        process.kill()
        process.communicate()


def ended(processes):
    """Exit code and what was said, of each."""
    said = [process.communicate(timeout=120) for process in processes]
    return [(process.returncode, err) for process, (_, err) in zip(processes, said, strict=True)]


@pytest.mark.slow
def test_what_is_wrong_for_all_is_told_once(started, folder):
    (folder / "bad.csv").write_text("time,y\n2024-01-01,1\n2024-01-02,x\n2024-01-03,3\n")
    (code, said), (other_code, other_said) = ended(started(*[["train", "bad.csv", "-m", "bad"]] * 2))
    assert (code, other_code) == (65, 65)
    assert said.startswith("lstmcli: bad.csv:3:y: ")
    assert other_said == ""


@pytest.mark.slow
def test_one_process_with_other_data_ends_all(started, folder):
    text = (folder / "data.csv").read_text()
    (folder / "other.csv").write_text(text.replace("9.", "8.", 1))
    other = [argument.replace("data.csv", "other.csv") for argument in TRAIN]
    (code, said), (other_code, other_said) = ended(
        started([*TRAIN, "-m", "model"], [*other, "-m", "model", "--seed", "1"])
    )
    assert (code, other_code) == (78, 78)
    assert other_said == (
        "lstmcli: process 1 of torchrun: different from the first process: "
        "seed (first process: 0, here: 1), the data\n"
    )
    assert said.splitlines()[-1] == "lstmcli: ended, as process 1 of torchrun was: see what it says"
    assert not list(folder.glob("model*"))


@pytest.mark.slow
def test_a_signal_to_one_process_stops_all(started, folder):
    """The first saves; it is not ended before."""
    long = [argument.replace("steps=30", "steps=100000") for argument in TRAIN]
    long += ["--set", "patience=100000", "-m", "long", "--checkpoint-every", "0.1s"]
    processes = started(long, [*long, "--log-json", "-v"])
    until = time.monotonic() + 60
    while not (folder / "long.checkpoint").exists() and time.monotonic() < until:
        time.sleep(0.02)
    processes[1].send_signal(signal.SIGTERM)
    (code, said), (other_code, other_said) = ended(processes)
    assert (code, other_code) == (143, 143)
    assert said.splitlines()[-1] == (
        "lstmcli: interrupted; long.checkpoint is saved: the same command continues from there"
    )
    assert other_said == ""


def test_ranks_are_those_of_the_environment():
    told = {"RANK": "1", "WORLD_SIZE": "3", "MASTER_ADDR": "a", "MASTER_PORT": "1"}
    assert group_from_environment(told) == ProcessGroup(1, 3)
    for missing in told:
        assert group_from_environment({**told, missing: ""}) == SINGLE_PROCESS
    assert group_from_environment({**told, "RANK": "3"}) == SINGLE_PROCESS
    assert group_from_environment({**told, "RANK": "x"}) == SINGLE_PROCESS
    with join_group() as group:
        assert group == SINGLE_PROCESS


@pytest.mark.parametrize("world", [1, 2, 3, 7])
def test_shares_are_a_batch_and_about_equal(world):
    for count in (1, 7, 128):
        shares = [range(count)[ProcessGroup(rank, world).share(count)] for rank in range(world)]
        assert [window for share in shares for window in share] == list(range(count))
        assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_one_process_agrees_with_itself():
    assert SINGLE_PROCESS.broadcast("a") == "a"
    assert SINGLE_PROCESS.maximum(3, 4) == (3, 4)
    for make in (SINGLE_PROCESS.run_on_first, SINGLE_PROCESS.run_on_all):
        assert make(lambda: 5) == 5
        with pytest.raises(UsageError):
            make(lambda: (_ for _ in ()).throw(UsageError("no")))
    losses = torch.tensor([1.0, float("nan"), 4.0])
    assert mean_loss(losses, SINGLE_PROCESS).item() == 2.5


def test_an_error_elsewhere_keeps_its_exit_code():
    assert ReportedElsewhere(2, 65).exit_code == 65


def test_marks_of_processes_that_are_gone_fool_nobody():
    """What torchrun's store holds after a restart: also answers that the dead gave each other."""
    store = dist.HashStore()
    stale = "1234 5678 9abc"
    for name in ("marks", "found 1", "found 2"):
        store.set(name, stale)
    store.set("mark 1", "5678")
    store.set("mark 2", "9abc")
    store.set(f"all found {stale}", "")
    names = {}

    def meet(rank):
        time.sleep(0.2 * (rank == 2))  # the first finds what the dead left for a while
        names[rank] = round_of(store, rank, 3, 20)

    threads = [threading.Thread(target=meet, args=(rank,)) for rank in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names.values())) == 1, names
    assert names[0] != stale
    with pytest.raises(RuntimeError, match="not all processes"):
        round_of(store, 1, 3, 0.2)
