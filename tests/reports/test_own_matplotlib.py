"""Pictures are those of matplotlib as it comes, whatever a file or a variable of it says."""

import os
import subprocess
import sys

import matplotlib
import pytest
from matplotlib.figure import Figure

from lstmcli.reports.pictures.style import picture_bytes, plot_style

SHOWN = """
import os
from lstmcli.reports.pictures.style import matplotlib, plot_style
with plot_style():
    now = matplotlib.rcParams
    print(now["lines.linewidth"], now["text.usetex"], os.environ["MPLBACKEND"])
"""


@pytest.mark.parametrize("content", [b"lines.linewidth: 9\nnonsense: 1\ntext.usetex: True\n", b"\xff\xfe"])
def test_a_file_of_the_folder_and_a_variable_change_nothing(tmp_path, content):
    (tmp_path / "matplotlibrc").write_bytes(content)
    environment = os.environ | {
        "MPLBACKEND": "nonsense",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    done = subprocess.run(
        [sys.executable, "-c", SHOWN],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1.5 False nonsense\n", "")


def test_settings_of_a_program_around_it_change_nothing():
    def drawn():
        with plot_style():
            figure = Figure(figsize=(1, 1))
            figure.subplots().plot([1, 3, 2])
        return picture_bytes(figure, "svg")

    plain = drawn()
    with matplotlib.rc_context({"lines.linewidth": 9, "axes.facecolor": "red"}):
        assert drawn() == plain
