"""How train is run, and when it replaces a model: locks, limits, updates."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from builders import QUICK, panel_of, wave
from typer.testing import CliRunner

from lstmcli.cli.app import application
from lstmcli.errors import ConditionFailed, DataError, Locked, LstmcliError, SettingsError, UsageError
from lstmcli.files.locks import hold_lock, holder, lock_path
from lstmcli.files.write import remove_leftovers, write_atomically
from lstmcli.forecasting.plan import decide
from lstmcli.jobs.train.policy import Policy
from lstmcli.jobs.train.prepare import prepare_job
from lstmcli.jobs.update import new_to
from lstmcli.learning.checkpoint.control import Control
from lstmcli.learning.checkpoint.file import pack_checkpoint
from lstmcli.learning.loop import start_module
from lstmcli.learning.model import export_weights
from lstmcli.learning.train import RunOptions, train_network
from lstmcli.model_file import read_model
from lstmcli.model_file.contract import fingerprints, last_times
from lstmcli.settings.durations import format_seconds, seconds_of
from lstmcli.settings.load import validate_settings

SETTINGS = ["steps=6", "hidden=8", "batch=16", "processes=1", "mix=network"]


@pytest.fixture
def run(tmp_path, trained, monkeypatch):
    """Runs train in an empty folder, in this process; the error it raises, and what it said."""
    (tmp_path / "data.csv").write_bytes(trained.data.read_bytes())
    monkeypatch.chdir(tmp_path)

    def make(*arguments, data="data.csv", settings=SETTINGS):
        given = [part for setting in settings for part in ("--set", setting)]
        done = CliRunner().invoke(
            application(), ["train", data, *given, *map(str, arguments)], standalone_mode=False
        )
        assert done.exception is None or isinstance(done.exception, LstmcliError), done.exception
        return done.exception, done.output

    return make


@pytest.fixture
def model(tmp_path, run):
    """A model of the data, in the folder that `run` uses."""
    assert run()[0] is None
    return tmp_path / "model.safetensors"


def longer(folder, rows=24):
    """A file with rows added; the wave goes on."""
    lines = (folder / "data.csv").read_text().splitlines()
    times = np.datetime64("2024-01-01T00") + np.arange(400, 400 + rows)
    added = [
        f"{str(t).replace('T', ' ')}:00,{100 + 20 * np.sin(np.pi * h / 12):.3f}"
        for h, t in enumerate(times, 400)
    ]
    (folder / "longer.csv").write_text("\n".join([*lines, *added, ""]))
    return "longer.csv"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("30s", 30), ("10m", 600), ("1.5h", 5400), ("1d", 86400), (".5", 0.5)]
)
def test_lengths_of_time(text, seconds):
    assert seconds_of(text, "--max-time") == seconds


@pytest.mark.parametrize("text", ["", "0", "-1", "10 minutes", "m", "1e3", "nan"])
def test_what_is_no_length_of_time_is_refused(text):
    with pytest.raises(UsageError, match="--max-time"):
        seconds_of(text, "--max-time")


def test_lengths_of_time_are_shown_for_people():
    assert [format_seconds(s) for s in (45, 600, 9000)] == ["45 s", "10 min", "2.5 h"]


def test_a_second_writer_is_told_who_holds_the_lock(tmp_path):
    path = tmp_path / "model"
    with hold_lock(path):
        assert holder(path).startswith(f"process {os.getpid()} since 20")
        with pytest.raises(Locked, match=f"by process {os.getpid()} since .*--lock-wait"), hold_lock(path):
            pass
    assert holder(path) is None
    assert os.listdir(tmp_path) == []


def test_a_lock_is_waited_for(tmp_path):
    path, order = tmp_path / "model", []

    def hold():
        with hold_lock(path):
            order.append("first")
            ready.set()
            time.sleep(0.3)
            order.append("gives it back")

    ready = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    ready.wait()
    with hold_lock(path, 30):
        order.append("second")
    thread.join()
    assert order == ["first", "gives it back", "second"]
    assert os.listdir(tmp_path) == []


def test_a_lock_of_a_process_that_was_killed_locks_nothing(tmp_path):
    path = tmp_path / "model"
    lock_path(path).write_text("process 1 since ever\n")
    assert holder(path) is None
    with hold_lock(path):
        assert holder(path).startswith(f"process {os.getpid()}")
    assert os.listdir(tmp_path) == []


def test_a_lock_that_ends_within_a_moment_is_no_reason_to_give_up(tmp_path):
    """The processes of a run that was killed hold it until they are gone."""
    code = (
        "import time; from pathlib import Path; from lstmcli.files.locks import hold_lock\n"
        f"with hold_lock(Path({str(tmp_path / 'model')!r})): print(flush=True); time.sleep(0.3)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline()
        with hold_lock(tmp_path / "model"):
            pass


def test_a_lock_file_that_was_removed_meanwhile_is_no_lock(tmp_path, monkeypatch):
    """Between opening and locking it the holder removes it: another may have made a new one."""
    path, calls, plain = tmp_path / "model", [], fcntl.flock

    def slow(handle, how):
        if not calls:
            lock_path(path).unlink()
        calls.append(handle)
        plain(handle, how)

    monkeypatch.setattr(fcntl, "flock", slow)
    with hold_lock(path):
        assert len(calls) == 2
        assert lock_path(path).stat().st_ino == os.fstat(calls[1]).st_ino


def test_a_child_does_not_hold_the_lock_of_its_parent(tmp_path):
    """A parent that is killed must not leave the lock to its training processes."""
    code = (
        "import os, sys, time; from pathlib import Path; from lstmcli.files.locks import hold_lock\n"
        f"with hold_lock(Path({str(tmp_path / 'model')!r})):\n"
        "    if not os.fork(): sys.stdout.close(); os.close(1); time.sleep(20); os._exit(0)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=False)
    with hold_lock(tmp_path / "model"):
        pass


def test_train_says_who_trains(run, tmp_path):
    with hold_lock(tmp_path / "model.safetensors"):
        error, _ = run()
        assert isinstance(error, Locked)
        assert "held by process" in run("--dry-run")[1]
    assert os.listdir(tmp_path) == ["data.csv"]


def test_unfinished_files_of_a_killed_run_are_removed(run, tmp_path):
    for name in (".model.safetensors.abcd_123.lstmcli", ".model.safetensors.checkpoint.abcd_123.lstmcli"):
        (tmp_path / name).write_bytes(b"half")
    kept = (
        ".model.safetensors.lstmcli",
        ".model.safetensors.abcd_123.tmp",
        ".other.abcd_123.lstmcli",
        ".model.safetensors.mine.lstmcli",
    )
    for name in kept:
        (tmp_path / name).write_bytes(b"of others")
    remove_leftovers(tmp_path / "none" / "file")  # no folder, nothing to do
    assert run()[0] is None
    assert sorted(os.listdir(tmp_path)) == sorted([*kept, "data.csv", "model.safetensors"])


def test_the_time_limit_gives_a_model_of_what_was_learned():
    settings = QUICK.model_copy(update={"steps": 100_000, "members": 3, "patience": 10**6, "refit": True})
    panel = panel_of(wave())
    for processes in (1, 2):
        plan = replace(decide(panel, settings), processes=processes)
        begun = time.monotonic()
        made = train_network(panel, plan, lambda p: None, RunOptions(Control(until=begun + 1.5)))
        assert 1.4 < time.monotonic() - begun < 30
        assert all(member["steps"] < 100_000 for member in made.report["members"])
        assert made.report["validation"]["coverage"]
        assert made.notes == (
            "time is up: 9 of 9 members stopped early",
            "time is up: not trained again on all data",
        )


def test_a_time_limit_that_is_not_reached_changes_nothing(run, tmp_path, model):
    assert run("--max-time", "1h", "-m", "other.safetensors")[0] is None
    assert (tmp_path / "other.safetensors").read_bytes() == model.read_bytes()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_weights_that_are_taken_over_are_the_same_weights(cell):
    panel = panel_of(wave())
    settings = QUICK.model_copy(update={"cell": cell, "layers": 2})
    plan = decide(panel, settings)
    arch = plan.arch
    random = np.random.default_rng(0)
    weights = {n: random.normal(size=s).astype(np.float32) for n, s in arch.shapes().items()}
    if cell != "gru":  # the bias inside the reset gate is the GRU's alone
        weights = {n: w * (0 if n.endswith("candidate_bias") else 1) for n, w in weights.items()}
    made = export_weights(start_module(arch, plan.learning, 0, weights))
    assert made.keys() == weights.keys()
    for name, weight in weights.items():
        assert np.array_equal(made[name], weight), name


def test_an_update_starts_from_the_model_with_its_settings(run, tmp_path, model):
    before = read_model(model)
    error, said = run("--update", data=longer(tmp_path), settings=[])
    assert error is None
    after = read_model(model)
    assert "kept" in said or "wrote" in said
    if "wrote" in said:
        assert after.report["updates"] == 1
        assert after.report["members"][0]["steps"] == 1  # a tenth of six, but one at least
        assert after.settings["hidden"] == 8
        assert after.network.scaling == before.network.scaling
        assert all(a >= b for a, b in zip(after.network.widths, before.network.widths, strict=True))


def test_an_update_ends_with_all_rows_unless_the_user_says_otherwise(run, tmp_path):
    assert run(settings=[*SETTINGS, "refit=false"])[0] is None
    old = read_model(tmp_path / "model.safetensors")

    def update(**chosen):
        settings = validate_settings(chosen, dict.fromkeys(chosen, "--set"))
        return prepare_job(
            ["data.csv"], tmp_path / "model.safetensors", settings, Policy(update=True), old
        ).update

    assert update().refit
    assert not update(refit=False).refit


def test_an_update_without_a_model_trains_from_scratch(run, tmp_path):
    error, said = run("--update")
    assert error is None
    assert "there is no model.safetensors yet: trained from scratch" in said
    assert "updates" not in read_model(tmp_path / "model.safetensors").report


@pytest.mark.parametrize("cache", [(), ("--cache", "kept")])
def test_an_update_keeps_open_times_that_few_rows_do_not_show(run, tmp_path, cache):
    hours = np.datetime64("2024-01-01T00") + np.arange(24 * 7 * 8)
    day, hour = np.arange(len(hours)) // 24 % 7, np.arange(len(hours)) % 24
    rows = [
        f"{str(t).replace('T', ' ')}:00,{k % 7 + 0.1 * (k % 3)}"
        for k, t in enumerate(hours[(day < 5) & (hour >= 9) & (hour < 16)])
    ]
    for name, part in (("shop.csv", rows[:210]), ("week.csv", rows[210:])):
        (tmp_path / name).write_text("\n".join(["time,y", *part, ""]))
    assert run(*cache, data="shop.csv")[0] is None
    step = read_model(tmp_path / "model.safetensors").contract.step
    assert step.slots == "9-15 33-39 57-63 81-87 105-111"
    assert isinstance(run("-m", "other", data="week.csv")[0], DataError)
    assert run("--update", *cache, data="week.csv", settings=[])[0] is None
    model = read_model(tmp_path / "model.safetensors")
    assert (model.contract.step, model.contract.observations) == (step, 70)
    error, _ = run("--update", "--set", "open=always", "--on-gap", "mask", data="week.csv", settings=[])
    assert "step" in str(error)


def test_an_update_of_another_shape_names_what_differs(run, model):
    before = model.read_bytes()
    error, _ = run("--update", "--cell", "gru", settings=["hidden=4"])
    assert isinstance(error, SettingsError)
    assert "cell (model: lstm; now: gru), hidden (model: 8; now: 4)" in str(error)
    assert model.read_bytes() == before


def test_an_update_of_a_damaged_model_is_refused(run, model):
    model.write_bytes(model.read_bytes()[:-9])
    assert isinstance(run("--update")[0], DataError)


def test_nothing_is_done_where_nothing_has_changed(run, tmp_path, model):
    before = model.stat().st_mtime_ns
    error, said = run("--if-changed")
    assert error is None
    assert said == "unchanged   model.safetensors has these data and settings: nothing is done\n"
    assert run("--if-changed", "--set", "processes=2")[1] == said
    assert model.stat().st_mtime_ns == before
    assert "wrote" in run("--if-changed", "--seed", "3")[1]
    assert "wrote" in run("--if-changed", "--seed", "3", data=longer(tmp_path))[1]


def test_the_better_model_is_kept(run, model):
    before = model.read_bytes()
    error, said = run("--keep-best", settings=["steps=1", *SETTINGS[1:]])
    assert error is None
    assert "kept        model.safetensors as it was: its MASE on the same windows is" in said
    assert model.read_bytes() == before
    assert "wrote" in run("--keep-best", settings=["steps=60", *SETTINGS[1:]])[1]
    assert model.read_bytes() != before


def test_models_are_compared_on_windows_that_are_new_to_both(run, tmp_path, model):
    settings = ["steps=1", "on_no_skill=warn", *SETTINGS[1:]]  # a simple forecast would be better
    said = run("--keep-best", data=longer(tmp_path), settings=settings)[1]
    assert "kept        model.safetensors as it was: its MASE on windows that are new to both is" in said
    said = run("--keep-best", data=longer(tmp_path, rows=23), settings=settings)[1]  # a horizon is 24
    assert "kept        model.safetensors as it was: its MASE on the same windows is" in said


def test_a_window_is_new_whose_whole_target_is(model):
    old = read_model(model)
    first = panel_of(wave(400), wave(400)[:300])
    old = replace(
        old, contract=replace(old.contract, ends=last_times(first), known_series=fingerprints(first.keys))
    )
    more = panel_of(*(np.append(first.history(s), wave(50)) for s in range(2)), wave(60))
    series, origins = np.array([0, 0, 0, 1, 1, 2]), np.array([399, 400, 420, 299, 300, 12])
    found = new_to(old, more, series, origins)
    assert found.new
    assert list(zip(found.series, found.origins, strict=True)) == [(0, 400), (0, 420), (1, 300), (2, 12)]
    seen = new_to(old, more, series[:1], origins[:1])
    assert (seen.new, list(seen.origins)) == (False, [399])
    silent = replace(old, contract=replace(old.contract, ends=(), data_sha256="0" * 64))
    assert not new_to(silent, more, series, origins).new


def test_a_model_that_cannot_forecast_the_data_is_replaced(run, model):
    error, said = run("--keep-best", "--horizon", "30")
    assert error is None
    assert "the model there was cannot forecast these data: it forecasts 24 steps" in said
    assert "wrote" in said


def test_a_model_without_the_skill_that_is_required_is_not_written(run, tmp_path, model):
    before = model.read_bytes()
    error, _ = run("--require-skill", "0.99", "--seed", "4")
    assert isinstance(error, ConditionFailed)
    assert "not written: the skill against seasonal naive" in str(error)
    assert model.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["data.csv", "model.safetensors"]
    assert run("--require-skill", "-99", "--seed", "4")[0] is None
    assert model.read_bytes() != before


def test_a_dry_run_tells_and_writes_nothing(run, tmp_path):
    error, said = run("--dry-run", "--max-time", "10m")
    assert error is None
    for part in ("about", "10 min at the latest", "none to go on from", "could be written", "nothing was"):
        assert part in said
    assert os.listdir(tmp_path) == ["data.csv"]
    (tmp_path / "model.safetensors.checkpoint").write_bytes(pack_checkpoint({}, {})[:-1])
    assert "--restart" in str(run("--dry-run")[0])
    assert run("--restart")[0] is None
    assert sorted(os.listdir(tmp_path)) == ["data.csv", "model.safetensors"]


def everything(folder):
    """Every file with its time and size, every folder with its time."""
    found = [path.stat() for path in sorted(folder.rglob("*"))]
    return sorted(folder.rglob("*")), [(stat.st_mtime_ns, stat.st_size) for stat in found]


def test_a_dry_run_makes_no_cache_but_reads_the_one_there_is(run, tmp_path):
    error, said = run("--dry-run", "--cache", "kept")
    assert error is None
    assert "there is none in kept" in said
    assert os.listdir(tmp_path) == ["data.csv"]
    assert run("--cache", "kept")[0] is None
    before = everything(tmp_path)
    assert "read from kept/data-" in run("--dry-run", "--cache", "kept")[1]
    assert everything(tmp_path) == before
    (values,) = tmp_path.glob("kept/data-*/values")
    values.unlink()
    before = everything(tmp_path)
    assert "is damaged" in run("--dry-run", "--cache", "kept")[1]
    assert everything(tmp_path) == before


def test_a_dry_run_and_an_unchanged_model_load_no_torch(model, environment):
    listing = (
        "import sys; from lstmcli.__main__ import main\n"
        "try: main()\nfinally: print('torch' in sys.modules, file=sys.stderr)"
    )
    settings = [part for setting in SETTINGS for part in ("--set", setting)]
    for option in ("--dry-run", "--if-changed"):
        command = [sys.executable, "-c", listing, "train", "data.csv", option, *settings]
        done = subprocess.run(command, cwd=model.parent, env=environment, capture_output=True, check=False)
        assert done.returncode == 0
        assert done.stderr.splitlines()[-1] == b"False"


def test_the_owner_of_a_file_is_kept_where_that_is_possible(tmp_path, monkeypatch):
    path, given = tmp_path / "file", []
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fchown", lambda handle, user, group: given.append((user, group)))
    write_atomically(path, b"new")
    assert given == [(path.stat().st_uid, path.stat().st_gid)]
