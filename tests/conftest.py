"""What several test files share: one small model, trained once by the command line."""

import gc
import math
import os
import re
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from lstmcli.console import manner


@pytest.fixture(autouse=True)
def _as_at_the_start(monkeypatch):
    """What one run was asked for is not asked of the next in the same process, nor are the smallest numbers
    zero, as training makes them."""
    monkeypatch.setattr(manner, "_chosen", [manner.OutputMode()])
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


# A run under nohup or in the background ignores these signals, and programs that tests start would as well:
# what is ignored is inherited, what has a handler is not.
for _number, _handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, lambda *_: None)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)

# Hundreds of processes are started: without compiled modules each takes half a second more, and reading the
# tests takes seconds more.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# There is one process of tests per core: more threads in each would wait for each other.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# Scripts that are run by hand, and in short by tests.
sys.path.insert(0, str(Path(__file__).parent / "robustness"))


def pytest_collection_modifyitems(items):
    """Tiers: `unit` runs in one process, `process` starts the program; `slow` is marked by hand."""
    for item in items:
        starts = {"subprocess", "run_in", "run_warm_in"} & vars(
            item.module
        ).keys() or "trained" in item.fixturenames
        item.add_marker(pytest.mark.process if starts else pytest.mark.unit)


def pytest_collection_finish():
    """What is loaded by now stays: the collector need not look through all of it again and again."""
    gc.collect()
    gc.freeze()


def _is_missing(report):
    """Whether a test was skipped for something that CI must have; TESTS_MAY_SKIP names what it need not."""
    if not report.skipped or "TESTS_MAY_SKIP" not in os.environ or hasattr(report, "wasxfail"):
        return False
    return not re.search(os.environ["TESTS_MAY_SKIP"], str(report.longrepr))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if _is_missing(report):
        report.outcome, report.longrepr = "failed", f"may not be skipped here: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if _is_missing(report):
        report.outcome, report.longrepr = "failed", f"may not be skipped here: {report.longrepr}"
    return report


class Trained(NamedTuple):
    model: Path
    data: Path
    printed: str


@pytest.fixture(scope="session")
def environment():
    """The environment without settings of lstmcli, which would change what a run does."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LSTMCLI_")}


@pytest.fixture(scope="session")
def trained(tmp_path_factory, environment):
    """A small model, the hourly CSV file (400 rows, a wave of a day), what quiet training printed.

    Shared by all tests: nothing in its folder may be changed.
    """
    folder = tmp_path_factory.mktemp("trained")
    rows = []
    for hour in range(400):
        time = datetime(2024, 1, 1) + timedelta(hours=hour)
        rows.append(f"{time:%Y-%m-%d %H:%M},{100 + 20 * math.sin(math.pi * hour / 12) + hour % 7 / 10:.3f}")
    data, model = folder / "hourly.csv", folder / "model.safetensors"
    data.write_text("\n".join(["time,y", *rows, ""]))
    command = [sys.executable, "-m", "lstmcli", "train", data.name, "-m", model.name, "-q"]
    settings = ["steps=20", "hidden=8", "processes=1"]
    done = subprocess.run(
        [*command, *(part for setting in settings for part in ("--set", setting))],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Trained(model, data, done.stdout + done.stderr)
