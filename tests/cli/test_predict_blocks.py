"""`predict` of many series: what is written block by block is what is written at once."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from builders import made_model

from lstmcli.cli.commands.once import answer_once
from lstmcli.console.screen import Screen
from lstmcli.errors import DataError
from lstmcli.forecasting import forecast as forecasting
from lstmcli.jobs.forecast_options import PredictOptions
from lstmcli.model_file import write_model
from lstmcli.series.calendar import HOUR, Step
from lstmcli.tables.write import forms

NOTHING = PredictOptions(
    data=(),
    model=Path(),
    output="-",
    horizon=9,  # of which two are rolled on to
    form="csv",
    levels=(),
    policies={},
    refused=frozenset(),
    future=None,
    make_future=None,
    plot=None,
    html=None,
    preview=False,
    max_age=None,
    history=None,
    on_bad_row=None,
)
SERIES = 11


@pytest.fixture
def asked(tmp_path):
    """A model and a file of eleven series; everything is in the folder."""
    made = made_model()
    report = {"validation": {}}
    contract = replace(
        made.contract,
        series=("id",),
        time_pattern="%Y-%m-%d %H:%M",
        step=Step("fixed", HOUR),
        series_count=SERIES,
    )
    write_model(tmp_path / "m.safetensors", replace(made, contract=contract, report=report))
    values = np.random.default_rng(0).normal(10, 1, (SERIES, 40))
    write_rows(tmp_path / "data.csv", values)
    return replace(NOTHING, data=(str(tmp_path / "data.csv"),), model=tmp_path / "m.safetensors")


def write_rows(path, values):
    start = datetime(2024, 1, 1)
    rows = [
        f"series {s},{start + timedelta(hours=hour):%Y-%m-%d %H:%M},{value}"
        for s, history in enumerate(values)
        for hour, value in enumerate(history)
    ]
    path.write_text("\n".join(["id,time,y", *rows, ""]))


def answer(asked, monkeypatch, block):
    monkeypatch.setattr(forecasting, "BLOCK_WINDOWS", block)
    answer_once(asked, Screen())


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "parquet"])
@pytest.mark.parametrize("levels", [(), (70,)])
def test_a_file_written_by_blocks_is_that_written_at_once(asked, form, levels, tmp_path, monkeypatch):
    if form == "parquet":
        pytest.importorskip("pyarrow")
    made = {}
    for block in (3, 256):
        output = tmp_path / f"out {block}"
        answer(replace(asked, form=form, levels=levels, output=str(output)), monkeypatch, block)
        made[block] = output.read_bytes()
    assert made[3] == made[256]
    if form == "csv":
        assert made[3].count(b"\n") == 1 + SERIES * 9


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_standard_output_gets_what_a_file_gets(asked, form, tmp_path, monkeypatch, capfdbinary):
    if form == "parquet":
        pytest.importorskip("pyarrow")
        monkeypatch.setattr(forms, "_GROUP", 50)
    asked = replace(asked, form=form)
    answer(asked, monkeypatch, 3)
    answer(replace(asked, output=str(tmp_path / "out")), monkeypatch, 3)
    assert capfdbinary.readouterr().out == (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_pictures_and_previews_are_those_of_one_block(asked, form, tmp_path, monkeypatch, capsys):
    if form == "parquet":
        pytest.importorskip("pyarrow")
    shown = {}
    for block in (4, 256):
        plot = tmp_path / f"{block}.svg"
        answer(replace(asked, output="/dev/null", plot=plot, preview=True, form=form), monkeypatch, block)
        shown[block] = capsys.readouterr().err
        assert plot.stat().st_size > 1000
    assert shown[4] == shown[256]
    assert "the first 4 of 11 series" in shown[4]


def test_values_that_are_refused_are_told_before_anything_is_written(asked, tmp_path, monkeypatch, capsys):
    path = tmp_path / "data.csv"
    path.write_text(path.read_text().replace("series 9,2024-01-02", "series 9,2024-02-02"))
    with pytest.raises(DataError):
        answer(asked, monkeypatch, 1)
    assert capsys.readouterr().out == ""


KILLED = """
import os, signal, sys
from lstmcli.forecasting import forecast as forecasting
from lstmcli.__main__ import main
forecasting.BLOCK_WINDOWS, made = 1, []
def after_some(*given, forecast=forecasting._forecast):
    made.append(1)
    if len(made) > 8:
        assert list(__import__("pathlib").Path().glob(".out.*.tmp"))
        os.kill(os.getpid(), signal.SIGKILL)
    return forecast(*given)
forecasting._forecast = after_some
main()
"""


def test_what_a_killed_forecast_left_is_removed_by_the_next(asked, tmp_path, environment):
    asked_for = ["predict", "data.csv", "-m", "m.safetensors", "-q", "-o", "out"]
    command = [sys.executable, "-c", KILLED, *asked_for]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, b"")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left[0].startswith(".out.")
    assert left[1:] == ["data.csv", "m.safetensors"]
    command = [sys.executable, "-m", "lstmcli", *asked_for]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "m.safetensors", "out"]
