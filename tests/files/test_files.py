"""Files are written whole or not at all."""

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from lstmcli.errors import CannotCreate, WriteFailed
from lstmcli.files import write
from lstmcli.files.write import remove_leftovers, write_atomically, written_whole


@pytest.fixture
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def failing(code):
    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    return fail


def test_a_new_file_holds_the_content(tmp_path):
    path = tmp_path / "new.bin"
    write_atomically(path, b"\x00one\r\n")
    assert path.read_bytes() == b"\x00one\r\n"
    assert os.listdir(tmp_path) == ["new.bin"]


def test_an_old_file_is_replaced_whole(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"a much longer text than the new one")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["file"]


def test_an_open_reader_keeps_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        write_atomically(path, b"new")
        assert reader.read() == b"old"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize(("owner", "name"), [(os, "fsync"), (os, "replace")], ids=["fsync", "rename"])
def test_the_old_file_survives_a_write_that_fails(tmp_path, monkeypatch, owner, name, code):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(owner, name, failing(code))
    with pytest.raises(WriteFailed) as caught:
        write_atomically(path, b"new")
    assert str(caught.value) == f"{path}: {os.strerror(code).lower()}; nothing was replaced"
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_no_file_is_left_by_a_first_write_that_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", failing(errno.ENOSPC))
    with pytest.raises(WriteFailed):
        write_atomically(tmp_path / "file", b"new")
    assert os.listdir(tmp_path) == []


def test_no_temporary_file_is_left_by_an_interruption(tmp_path, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_that_may_not_be_replaced_cannot_be_created(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "replace", failing(errno.EPERM))
    with pytest.raises(CannotCreate, match="operation not permitted"):
        write_atomically(tmp_path / "file", b"new")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("bits", [0o600, 0o640, 0o755])
def test_the_mode_of_an_existing_file_is_kept(tmp_path, bits):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(bits)
    write_atomically(path, b"new")
    assert mode(path) == bits


@pytest.mark.usefixtures("usual_umask")
def test_a_new_file_has_the_mode_of_the_umask(tmp_path):
    write_atomically(tmp_path / "file", b"new")
    assert mode(tmp_path / "file") == 0o644


@pytest.mark.usefixtures("usual_umask")
def test_the_umask_is_left_as_it_was(tmp_path):
    write_atomically(tmp_path / "file", b"new")
    assert os.umask(0o022) == 0o022


def test_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "folder" / "real", tmp_path / "link"
    real.parent.mkdir()
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path)) == ["folder", "link"]
    assert os.listdir(real.parent) == ["real"]


def test_a_link_to_nothing_yet_makes_its_target(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("real")
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_missing_folder_is_named(tmp_path):
    path = tmp_path / "none" / "file"
    with pytest.raises(CannotCreate) as caught:
        write_atomically(path, b"new")
    assert str(caught.value) == f"{path}: cannot be written: no such file or directory"
    assert os.listdir(tmp_path) == []


def test_a_file_in_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(CannotCreate, match="not a directory"):
        write_atomically(tmp_path / "file" / "below", b"new")


def test_a_folder_is_not_replaced(tmp_path):
    with pytest.raises(CannotCreate, match="is a directory"):
        write_atomically(tmp_path, b"new")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(CannotCreate, match="permission denied"):
        write_atomically(tmp_path / "file", b"new")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_device_is_a_failed_write():
    with pytest.raises(WriteFailed, match="no space left on device"):
        write_atomically(Path("/dev/full"), b"new")


def test_a_device_is_written_to_and_not_replaced():
    write_atomically(Path(os.devnull), b"new")
    assert Path(os.devnull).is_char_device()


@pytest.mark.parametrize("ends", [True, False])
def test_a_folder_that_is_swapped_for_a_link_stays_the_one_written_to(tmp_path, ends):
    folder, moved, other = (tmp_path / name for name in ("folder", "moved", "other"))
    folder.mkdir()
    other.mkdir()
    (other / "file").write_bytes(b"of others")
    (folder / "file").write_bytes(b"old")
    with (
        pytest.raises(KeyboardInterrupt) if not ends else nullcontext(),
        written_whole(folder / "file") as write,
    ):
        write(b"new")
        folder.rename(moved)
        folder.symlink_to(other)
        if not ends:
            raise KeyboardInterrupt
    assert os.listdir(other) == os.listdir(moved) == ["file"]
    assert (other / "file").read_bytes() == b"of others"
    assert (moved / "file").read_bytes() == (b"new" if ends else b"old")


def test_a_folder_that_may_not_be_opened_is_written_to_by_its_path(tmp_path, monkeypatch):
    plain = os.open

    def opened(path, *more, **named):
        if Path(path) == tmp_path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return plain(path, *more, **named)

    (tmp_path / "file").write_bytes(b"old")
    (tmp_path / "file").chmod(0o640)
    monkeypatch.setattr(os, "open", opened)
    write_atomically(tmp_path / "file", b"new")
    assert ((tmp_path / "file").read_bytes(), mode(tmp_path / "file")) == (b"new", 0o640)
    monkeypatch.setattr(os, "fsync", failing(errno.EIO))
    with pytest.raises(WriteFailed):
        write_atomically(tmp_path / "file", b"newer")
    assert [path.name for path in tmp_path.glob("*")] == ["file"]


# What killed writers leave

WRITER = """
import sys, time
from pathlib import Path
from lstmcli.files.write import written_whole
with written_whole(Path(sys.argv[1])) as write:
    write(b"half")
    print("half", flush=True)
    time.sleep(60)
"""


@contextmanager
def writing(path):
    """Another process that has written a part of the file, and goes on."""
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"half\n"
        try:
            yield process
        finally:
            process.kill()


def unfinished(folder):
    return sorted(name for name in os.listdir(folder) if name.endswith(".lstmcli"))


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path):
    path = tmp_path / "file"
    with writing(path) as process:
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert len(unfinished(tmp_path)) == 1
    write_atomically(tmp_path / "other", b"new")
    assert len(unfinished(tmp_path)) == 1
    write_atomically(path, b"new")
    assert sorted(os.listdir(tmp_path)) == ["file", "other"]


def test_the_file_of_a_living_writer_is_left_alone(tmp_path):
    path = tmp_path / "file"
    with writing(path):
        left = unfinished(tmp_path)
        assert len(left) == 1
        write_atomically(path, b"new")
        remove_leftovers(path)
        assert unfinished(tmp_path) == left
        assert (tmp_path / left[0]).read_bytes() == b"half"
    remove_leftovers(path)
    assert sorted(os.listdir(tmp_path)) == ["file"]


def test_writers_of_one_process_leave_each_other_alone(tmp_path):
    path = tmp_path / "file"
    with written_whole(path) as write:
        write(b"outer")
        write_atomically(path, b"inner")
        assert path.read_bytes() == b"inner"
    assert path.read_bytes() == b"outer"
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_that_was_taken_for_a_leftover_is_made_anew(tmp_path, monkeypatch):
    path, lock, removed = tmp_path / "file", fcntl.flock, []

    def after_another(handle, how):
        if not removed:
            removed.extend(unfinished(tmp_path))
            remove_leftovers(path)  # of another process, just before this one has its lock
        lock(handle, how)

    monkeypatch.setattr(fcntl, "flock", after_another)
    write_atomically(path, b"new")
    assert len(removed) == 1
    assert os.listdir(tmp_path) == ["file"]
    assert path.read_bytes() == b"new"


def test_without_locks_files_are_written_and_nothing_is_removed(tmp_path, monkeypatch):
    (tmp_path / ".file.abcd_123.lstmcli").write_bytes(b"half")
    monkeypatch.setattr(fcntl, "flock", failing(errno.ENOLCK))
    write_atomically(tmp_path / "file", b"new")
    assert sorted(os.listdir(tmp_path)) == [".file.abcd_123.lstmcli", "file"]
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_pipe_that_nobody_reads_is_not_waited_for_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(write, "PATIENCE", 0)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CannotCreate, match="pipe: cannot be written: is a pipe that nobody reads"):
        write_atomically(tmp_path / "pipe", b"new")


def test_a_pipe_waits_for_its_reader(tmp_path, monkeypatch):
    pipe, opened = tmp_path / "pipe", []
    os.mkfifo(pipe)

    def reader_comes(seconds):
        opened.append(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))

    monkeypatch.setattr(write.time, "sleep", reader_comes)
    write_atomically(pipe, b"new")
    assert os.read(opened[0], 10) == b"new"
    os.close(opened[0])
