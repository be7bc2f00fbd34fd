"""Children end with their parent, and tell it what ended them."""

import contextlib
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from lstmcli.errors import DataError, SystemFailed
from lstmcli.files import children
from lstmcli.files.children import start_child


@contextlib.contextmanager
def started(work, **options) -> Iterator[children.Child]:
    child = start_child(work, **options)
    try:
        yield child
    finally:
        child.end()
    assert not child.process.is_alive()


def raises(error):
    def work(send):
        raise error

    return work


def test_what_a_child_sends_is_received_in_order():
    with started(lambda send: [send(number) for number in range(3)]) as child:
        assert [child.received() for _ in range(3)] == [0, 1, 2]


def test_an_error_of_the_work_is_raised_with_its_place():
    with started(raises(DataError("gap", "a gap", path="a.csv", row=3))) as child:
        with pytest.raises(DataError, match=r"^a\.csv:3: a gap$") as raised:
            child.received()
        assert raised.value.row == 3
    with started(raises(KeyError("a bug"))) as child:
        with pytest.raises(KeyError) as raised:
            child.received()
        assert "test_children.py" in raised.value.__notes__[0]


def test_no_memory_in_a_child_is_no_bug():
    with started(raises(MemoryError())) as child, pytest.raises(SystemFailed, match="not enough memory"):
        child.received()


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (lambda send: os.kill(os.getpid(), signal.SIGKILL), r"killed \(SIGKILL\), .* memory"),
        (lambda send: os.kill(os.getpid(), signal.SIGUSR1), "ended by SIGUSR1"),
        (lambda send: os._exit(7), "with exit code 7"),
    ],
)
def test_a_child_that_ends_early_is_told(work, told):
    with started(work) as child, pytest.raises(SystemFailed, match=told) as raised:
        child.received()
    assert raised.value.exit_code == 74


def test_a_process_that_cannot_be_started_is_told(monkeypatch):
    def refused():
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refused)
    with pytest.raises(SystemFailed, match="no process can be started: resource temporarily unavailable"):
        start_child(lambda send: None)


# Two children that write for ever, and wait as soon as the pipes are full; a third forks one of its own.
PARENT = r"""
import os, sys, time
from lstmcli.files import children
if sys.argv[1] == "without the signal of Linux":
    children.end_with_parent = lambda parent: None
def writes(send):
    os.write(1, b"%d\n" % os.getpid())
    while True:
        send(b"x" * 1000)
def forks(send):
    children.start_child(writes)
    writes(send)
started = [children.start_child(writes), children.start_child(writes)]
started.append(children.start_child(forks, None, True))
time.sleep(60)
"""


def is_there(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as status:
        return status.read().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", ["with the signal of Linux", "without the signal of Linux"])
def test_no_child_outlives_a_parent_that_was_killed(how):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, how], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        found = [int(parent.stdout.readline()) for _ in range(4)]
        there = [*map(is_there, found)]
        parent.kill()
    assert there == [True] * 4
    until = time.monotonic() + 20
    while any(map(is_there, found)) and time.monotonic() < until:
        time.sleep(0.02)
    left = [pid for pid in found if is_there(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left


def test_another_system_is_told_so_in_one_line():
    script = "import os; os.name = 'nt'; import lstmcli.__main__ as program; program.main()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-S", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    told = "lstmcli needs Linux or macOS; on Windows it runs in WSL (wsl --install)"
    assert (done.returncode, done.stderr) == (74, told.replace("lstmcli needs", "lstmcli: needs") + "\n")
    command[-1] = "import os; os.name = 'nt'; import lstmcli.files.posix"
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.stderr.endswith(f"ImportError: {told}\n")
