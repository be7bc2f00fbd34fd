"""Side files that are links, or files of others, are neither followed nor emptied."""

import errno
import fcntl
import os

import numpy as np
import pytest

from lstmcli.errors import CannotCreate, DataError, InputMissing
from lstmcli.files import locks
from lstmcli.files.locks import hold_lock, holder, lock_path
from lstmcli.files.write import remove_leftovers, write_atomically
from lstmcli.learning.checkpoint.file import Checkpoint, Snapshot, read_checkpoint

VICTIM = b"of a victim\n"


@pytest.fixture
def victim(tmp_path):
    path = tmp_path / "victim"
    path.write_bytes(VICTIM)
    return path


@pytest.mark.parametrize("target", ["victim", "made elsewhere"])
def test_a_lock_that_is_a_link_is_not_followed(tmp_path, victim, target):
    model = tmp_path / "m"
    lock_path(model).symlink_to(tmp_path / target)
    with pytest.raises(CannotCreate, match="is a link; remove it"), hold_lock(model):
        pass
    assert holder(model) is None
    assert victim.read_bytes() == VICTIM
    assert not (tmp_path / "made elsewhere").exists()
    assert lock_path(model).is_symlink()


def test_a_lock_that_is_a_file_of_others_is_neither_emptied_nor_removed(tmp_path, victim):
    model = tmp_path / "m"
    for make in (lambda path: os.link(victim, path), lambda path: path.write_bytes(VICTIM), os.mkfifo):
        make(lock_path(model))
        before = os.lstat(lock_path(model))
        with pytest.raises(CannotCreate, match="is no lock of lstmcli"), hold_lock(model):
            pass
        assert (os.lstat(lock_path(model)).st_ino, victim.read_bytes()) == (before.st_ino, VICTIM)
        lock_path(model).unlink()


def test_a_lock_of_a_killed_run_is_taken_over(tmp_path):
    lock_path(tmp_path / "m").write_text("process 1 since 2024-01-01 00:00:00+00:00\n")
    with hold_lock(tmp_path / "m"):
        assert holder(tmp_path / "m").startswith(f"process {os.getpid()} ")
    assert not lock_path(tmp_path / "m").exists()


@pytest.mark.parametrize("early", [True, False], ids=["before the lock", "while it is held"])
def test_a_folder_that_is_swapped_for_a_link_stays_the_one_that_is_locked(tmp_path, monkeypatch, early):
    folder, moved, other = (tmp_path / name for name in ("folder", "moved", "other"))
    folder.mkdir()
    other.mkdir()
    (other / ".m.lock").write_bytes(VICTIM)

    def swap():
        folder.rename(moved)
        folder.symlink_to(other)

    opened = locks._opened
    monkeypatch.setattr(locks, "_opened", lambda *given: (swap() if early else None, opened(*given))[1])
    with hold_lock(folder / "m"):
        if not early:
            swap()
        assert holder(moved / "m").startswith(f"process {os.getpid()} ")
    assert os.listdir(moved) == []
    assert (other / ".m.lock").read_bytes() == VICTIM


@pytest.mark.parametrize("target", ["victim", "made elsewhere"])
def test_a_checkpoint_that_is_a_link_is_replaced_and_not_followed(tmp_path, victim, target):
    path = tmp_path / "m.checkpoint"
    path.symlink_to(tmp_path / target)
    with pytest.raises(InputMissing, match="is a link"):
        read_checkpoint(path, {}, None)
    said = []
    checkpoint = Checkpoint(path, {}, said.append)
    checkpoint.add("fit", 0, Snapshot({"a": np.zeros(2)}, {}))
    checkpoint.save()
    assert (said, path.is_symlink()) == ([], False)
    checkpoint.remove()
    assert sorted(os.listdir(tmp_path)) == ["victim"]
    assert victim.read_bytes() == VICTIM


def test_a_checkpoint_that_is_none_is_not_called_damaged(tmp_path, made_arch):
    (tmp_path / "c").write_bytes(VICTIM)
    with pytest.raises(DataError, match="no checkpoint of a training; move or remove it"):
        read_checkpoint(tmp_path / "c", {}, made_arch)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputMissing, match="is a pipe"):
        read_checkpoint(tmp_path / "pipe", {}, made_arch)


@pytest.fixture
def made_arch():
    from builders import ARCH

    return ARCH


def test_links_among_unfinished_files_are_left_alone(tmp_path, victim):
    (tmp_path / ".m.abcd_123.lstmcli").symlink_to(victim)
    remove_leftovers(tmp_path / "m")
    write_atomically(tmp_path / "m", b"new")
    assert victim.read_bytes() == VICTIM
    assert (tmp_path / ".m.abcd_123.lstmcli").is_symlink()


def test_where_there_are_no_locks_work_goes_on_only_where_that_is_safe(tmp_path, monkeypatch):
    def none(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    said = []
    with hold_lock(tmp_path / "m", unlocked=said.append):
        write_atomically(tmp_path / "m", b"new")
    assert len(said) == 1
    assert "this file system has no locks" in said[0]
    with pytest.raises(CannotCreate, match="this file system has no locks"), hold_lock(tmp_path / "m"):
        pass
    assert os.listdir(tmp_path) == ["m"]
