"""`predict` of many series: what is written block by block is what is written at once."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from builders import change_contract, made_model
from warm_program import warm_program

from lstmcli.console.screen import Screen
from lstmcli.errors import DataError
from lstmcli.jobs.forecast_files import forecast_files
from lstmcli.jobs.forecast_options import ForecastOptions, PredictOptions
from lstmcli.model_file import write_model
from lstmcli.reports.preview import preview_of
from lstmcli.series.calendar import HOUR, Step

LONGER = ForecastOptions(horizon=9)  # two steps more than that of the model
SERIES = 11


@pytest.fixture
def options(tmp_path):
    """A model and a file of eleven series; everything is in the folder."""
    made = made_model()
    report = {}
    contract = change_contract(
        made.contract,
        series=("id",),
        time_pattern="%Y-%m-%d %H:%M",
        step=Step("fixed", HOUR),
        series_count=SERIES,
    )
    write_model(tmp_path / "m.safetensors", replace(made, contract=contract, report=report))
    values = np.random.default_rng(0).normal(10, 1, (SERIES, 40))
    write_rows(tmp_path / "data.csv", values)
    return PredictOptions((str(tmp_path / "data.csv"),), tmp_path / "m.safetensors", LONGER)


def write_rows(path, values):
    start = datetime(2024, 1, 1)
    rows = [
        f"series {s},{start + timedelta(hours=hour):%Y-%m-%d %H:%M},{value}"
        for s, history in enumerate(values)
        for hour, value in enumerate(history)
    ]
    path.write_text("\n".join(["id,time,y", *rows, ""]))


def predict(options, block):
    """Forecasts, with the preview that the command draws."""
    screen = Screen()
    written = forecast_files(options, screen, block)
    if options.preview:
        screen.draw(preview_of(written.panel, written.forecast, written.targets[0]))


@pytest.mark.parametrize("form", ["csv", "json", "ndjson", "parquet"])
@pytest.mark.parametrize("levels", [(), (70,)])
def test_a_file_written_by_blocks_is_that_written_at_once(options, form, levels, tmp_path):
    if form == "parquet":
        pytest.importorskip("pyarrow")
    made = {}
    for block in (3, 256):
        output = tmp_path / f"out {block}"
        predict(
            replace(options, form=form, forecast=replace(LONGER, levels=levels), output=str(output)), block
        )
        made[block] = output.read_bytes()
    assert made[3] == made[256]
    if form == "csv":
        assert made[3].count(b"\n") == 1 + SERIES * 9


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_standard_output_gets_what_a_file_gets(options, form, tmp_path, capfdbinary):
    if form == "parquet":
        pytest.importorskip("pyarrow")
    options = replace(options, form=form)
    predict(options, 3)
    predict(replace(options, output=str(tmp_path / "out")), 3)
    assert capfdbinary.readouterr().out == (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_pictures_and_previews_are_those_of_one_block(options, form, tmp_path, capsys):
    if form == "parquet":
        pytest.importorskip("pyarrow")
    shown = {}
    for block in (4, 256):
        plot = tmp_path / f"{block}.svg"
        predict(replace(options, output="/dev/null", plot=plot, preview=True, form=form), block)
        shown[block] = capsys.readouterr().err
        assert plot.stat().st_size > 1000
    assert shown[4] == shown[256]
    assert "the first 4 of 11 series" in shown[4]


def test_values_that_are_refused_are_told_before_anything_is_written(options, tmp_path, capsys):
    path = tmp_path / "data.csv"
    path.write_text(path.read_text().replace("series 9,2024-01-02", "series 9,2024-02-02"))
    with pytest.raises(DataError):
        predict(options, 1)
    assert capsys.readouterr().out == ""


KILLED = """
import os, signal
from pathlib import Path
from lstmcli.console.screen import Screen
from lstmcli.forecasting import forecast as forecasting
from lstmcli.jobs.forecast_files import forecast_files
from lstmcli.jobs.forecast_options import PredictOptions
made = []
def after_some(*given, forecast=forecasting._forecast):
    made.append(1)
    if len(made) > 8:
        assert list(Path().glob(".out.*.lstmcli"))
        os.kill(os.getpid(), signal.SIGKILL)
    return forecast(*given)
forecasting._forecast = after_some
forecast_files(PredictOptions(("data.csv",), Path("m.safetensors"), output="out"), Screen(), block=1)
"""


def test_what_a_killed_forecast_left_is_removed_by_the_next(options, tmp_path, environment):
    command = [sys.executable, "-c", KILLED]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, b"")
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left[0].startswith(".out.")
    assert left[1:] == ["data.csv", "m.safetensors"]
    command = [warm_program(), "predict", "data.csv", "-m", "m.safetensors", "-o", "out"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "m.safetensors", "out"]
