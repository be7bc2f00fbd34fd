"""What the system refuses, memory, open files, a device, is one line and exit code 74, also at import."""

import glob
import os
import subprocess
import sys

import pytest
from warm_program import warm_program

from lstmcli import __main__ as program
from lstmcli.errors import DataError, InputMissing, SystemFailed, read_failure
from lstmcli.errors.system import system_failure
from lstmcli.files.read import files_matching

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")


def raised(error, cause=None):
    try:
        raise error from cause
    except Exception as seen:
        return seen


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), "not enough memory"),
        (
            MemoryError("Unable to allocate 7.45 GiB for an array with shape (1,)"),
            "not enough memory: unable to allocate 7.45 GiB for an array",
        ),
        (OSError(5, "Input/output error", "a.csv"), "a.csv: input/output error"),
        (OSError(24, "Too many open files"), "too many open files"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "not enough memory"),
        (raised(ValueError("a library"), MemoryError()), "not enough memory"),
        (ImportError("x.so: failed to map segment from shared object"), "not enough memory"),
        (OSError(36, "File name too long", "a.csv"), "a.csv: file name too long"),
        (OSError(13, "Permission denied", "a.csv"), "a.csv: permission denied"),
        (raised(ValueError("a bug"), OSError(13, "Permission denied", "a.csv")), None),
        (ValueError("a bug"), None),
        (OSError(2, "No such file or directory", "a.csv"), None),
        (ImportError("No module named 'x'"), None),
    ],
)
def test_a_failure_of_the_system_is_told_from_a_bug(error, told):
    failure = system_failure(error)
    assert told is None if failure is None else str(failure).startswith(told)
    assert failure is None or failure.exit_code == 74


def test_a_folder_that_is_gone_is_told(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(FileNotFoundError) as caught:
        os.path.realpath("a.csv")
    assert str(system_failure(caught.value)) == "the current folder is gone; cd to one that is there"


def test_folders_that_are_too_deep_to_look_through_are_told(monkeypatch):
    def too_deep(*_, **__):
        raise RecursionError

    monkeypatch.setattr(glob, "glob", too_deep)
    with pytest.raises(InputMissing, match=r"\*\*/\*.csv: folders below one another are too many"):
        files_matching("**/*.csv")


def test_an_error_that_was_handled_before_is_no_cause():
    try:
        try:
            raise MemoryError
        except MemoryError:
            raise ValueError("a bug") from None
    except ValueError as error:
        assert system_failure(error) is None


def test_a_file_that_cannot_be_read_is_told_by_what_is_wrong():
    assert isinstance(read_failure("a", OSError(5, "Input/output error")), SystemFailed)
    assert isinstance(read_failure("a", OSError(13, "Permission denied")), InputMissing)
    assert str(read_failure("", FileNotFoundError(2, "No such file"))) == "'': no such file"
    assert not isinstance(DataError("empty", "x"), SystemFailed)


@on_linux
def test_a_read_error_is_one_of_the_file_that_is_read(tmp_path, trained):
    for words in (["check", "/proc/self/mem"], ["predict", "/proc/self/mem", "-m", trained.model]):
        done = subprocess.run(
            [warm_program(), *map(str, words)], capture_output=True, text=True, cwd=tmp_path, check=False
        )
        assert (done.returncode, done.stderr) == (74, "lstmcli: /proc/self/mem: input/output error\n")


# The limit is set once Python has started: what its own start needs differs by installation.
_LIMITED = """
import resource, sys
from lstmcli.__main__ import main
resource.setrlimit(getattr(resource, sys.argv.pop(1)), (int(sys.argv.pop(1)),) * 2)
main()
"""


@on_linux
@pytest.mark.parametrize("limit", [("RLIMIT_NOFILE", "4"), ("RLIMIT_AS", "50000000")])
def test_too_little_of_something_is_one_line(tmp_path, limit):
    data = tmp_path / "data.csv"
    data.write_text("time,y\n2024-01-01,1\n2024-01-02,2\n")
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, *limit, "train", str(data), "-m", "none.safetensors"],
        capture_output=True,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        check=False,
    )
    assert done.returncode == 74
    assert done.stderr.startswith("lstmcli: ") and done.stderr.count("\n") == 1, done.stderr


def test_where_not_even_the_error_can_be_told_there_is_a_line(monkeypatch, capfd):
    def fails(*_):
        raise MemoryError

    monkeypatch.setattr(program, "_run", fails)
    monkeypatch.setattr(program, "_ended", fails)
    with pytest.raises(SystemExit) as left:
        program.main()
    told = "lstmcli: not enough memory or too few open files (ulimit -a) to go on\n"
    assert (left.value.code, capfd.readouterr().err) == (74, told)
