"""The package is typed: what a user's program gives and gets is known to mypy."""

import subprocess
import sys
from pathlib import Path

import pytest


def test_a_program_of_a_user_passes_mypy_strict(tmp_path):
    pytest.importorskip("mypy")
    program = Path(__file__).with_name("typed.py")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path, "--config-file=", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
