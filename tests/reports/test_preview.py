"""The preview in the terminal: what is drawn where, and with which signs."""

import os
import subprocess

import numpy as np
import pytest
from builders import panel_of
from warm_program import warm_program

from lstmcli.reports.preview import ASCII_PREVIEW, BRAILLE, preview_of, preview_signs
from lstmcli.series.forecast import Forecast


def forecast_of(panel, values, quantiles=(0.1, 0.5, 0.9)):
    """The same forecast for every series: values (horizon, quantiles)."""
    starts = panel.starts + panel.lengths * np.timedelta64(1, "h")
    made = np.broadcast_to(np.array(values, float), (len(panel), *np.shape(values)))
    return Forecast(panel.key_names, panel.keys, panel.step, starts, quantiles, made)


def preview_lines(panel, forecast, monkeypatch, encoding="utf-8", width=62, **environment):
    for name in ("LC_ALL", "LC_CTYPE", "LANG", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return preview_of(panel, forecast, "load")(width, encoding).plain.splitlines()


@pytest.mark.parametrize(
    ("encoding", "environment", "signs"),
    [
        ("utf-8", {"LANG": "de_AT.UTF-8"}, BRAILLE),
        ("UTF8", {"LC_ALL": "C.UTF-8", "TERM": "xterm"}, BRAILLE),
        ("utf-8", {"LC_ALL": "C", "LANG": "en_GB.UTF-8"}, ASCII_PREVIEW),
        ("utf-8", {"LC_ALL": "", "LC_CTYPE": "POSIX", "LANG": "en_GB.UTF-8"}, ASCII_PREVIEW),
        ("utf-8", {"LANG": "en_GB.UTF-8", "TERM": "dumb"}, ASCII_PREVIEW),
        ("utf-8", {}, ASCII_PREVIEW),  # as in cron
        ("iso8859-1", {"LANG": "en_GB"}, ASCII_PREVIEW),
    ],
)
def test_braille_is_used_where_it_can_be_shown(encoding, environment, signs):
    assert preview_signs(encoding, environment) is signs


def test_history_forecast_and_band_stand_where_their_values_are(monkeypatch):
    panel = panel_of(np.array([0.0] * 25 + [8.0]))
    lines = preview_lines(panel, forecast_of(panel, [[2, 6, 8]] * 25), monkeypatch, width=62)
    assert lines[0] == "a"
    rows = [line[12:].ljust(50) for line in lines[1:10]]
    assert [line[:11].strip() for line in lines[1:10]] == ["8", "", "", "", "4", "", "", "", "0"]
    assert rows[8][:23] == "*" * 23  # 25 zeros before the only 8
    assert rows[8][26:].strip() == ""
    assert rows[2][28:] == "o" * 22  # 6 is the third of nine rows from 8 to 0
    assert [row[-1] for row in rows] == [":", ":", "o", ":", ":", ":", ":", " ", " "]
    assert lines[10].split() == ["2024-01-01", "2024-01-03", "02:00:00"]
    assert lines[11] == "* history   o forecast (median)   : 80% interval"


def test_a_missing_value_breaks_the_line(monkeypatch):
    values = np.array([1.0] * 10 + [np.nan] * 6 + [1.0] * 10)
    panel = panel_of(values)
    lines = preview_lines(panel, forecast_of(panel, [[0], [2]], (0.5,)), monkeypatch)
    row = next(line for line in lines if "**" in line)[12:]
    assert "***       " in row
    assert "interval" not in lines[-1]


def test_braille_draws_the_same_line_finer(monkeypatch):
    panel = panel_of(np.arange(24.0))
    forecast = forecast_of(panel, [[24], [25]], (0.5,))
    lines = preview_lines(panel, forecast, monkeypatch, LANG="C.UTF-8")
    signs = [sign for line in lines[1:10] for sign in line[12:] if 0x2800 < ord(sign) < 0x28FF]
    dots = sum(bin(ord(sign) - 0x2800).count("1") for sign in signs)
    assert dots >= 90  # 100 columns of dots, and never two in a column of a line that rises slowly
    assert dots <= 110


@pytest.mark.parametrize("width", [10, 40, 80, 500])
@pytest.mark.parametrize("values", [[5.0] * 3, [1.0], [-1e9, 1e9, 0.0]])
def test_it_keeps_to_the_width(monkeypatch, width, values):
    panel = panel_of(np.array(values))
    lines = preview_lines(panel, forecast_of(panel, [[1, 2, 3]]), monkeypatch, width=width, LANG="C.UTF-8")
    assert max(map(len, lines[:-1])) <= max(40, min(width, 120))


def test_series_that_are_not_drawn_are_counted(monkeypatch):
    panel = panel_of(*[np.arange(30.0)] * 6)
    lines = preview_lines(panel, forecast_of(panel, [[1, 2, 3]]), monkeypatch)
    assert "the first 4 of 6 series" in lines


def predicted(trained, environment, *options, **more):
    return subprocess.run(
        [warm_program(), "predict", "-m", str(trained.model), *options],
        env=environment | more,
        capture_output=True,
        check=False,
    )


def test_it_goes_to_standard_error_and_leaves_the_data_alone(trained, environment):
    plain = {k: v for k, v in environment.items() if k not in ("LC_ALL", "LC_CTYPE", "LANG", "FORCE_COLOR")}
    done = predicted(trained, plain, "--preview", LC_ALL="C")
    without = predicted(trained, plain, LC_ALL="C")
    assert (done.returncode, without.returncode) == (0, 0)
    assert done.stdout == without.stdout
    said = done.stderr.decode("ascii")
    assert "* history   o forecast (median)   : 95% interval" in said
    assert "\x1b" not in said
    assert os.linesep + "y" + os.linesep in os.linesep + said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--plot", "forecast.gif"), b"a picture ends in .png, .svg or .pdf, not .gif"),
        (("--html", "-"), b"--html and -o both go to standard output"),
    ],
)
def test_outputs_that_cannot_be_are_refused_before_the_work(trained, environment, options, said):
    done = predicted(trained, environment, *options)
    assert done.returncode == 2
    assert done.stdout == b""
    assert said in b" ".join(done.stderr.split())
