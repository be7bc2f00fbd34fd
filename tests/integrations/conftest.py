"""A folder with the sample data and a small model of it."""

import os
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

import lstmcli

ROOT = Path(__file__).parents[2]
os.environ["PYSPARK_PYTHON"] = sys.executable


@pytest.fixture(scope="session")
def frame():
    return pd.read_csv(ROOT / "sample_data/employment.csv", parse_dates=["time"])


@pytest.fixture(scope="session")
def folder(frame, tmp_path_factory):
    made = tmp_path_factory.mktemp("integrations")
    shutil.copytree(ROOT / "sample_data", made / "sample_data")
    lstmcli.train(frame, horizon=6, steps=10, hidden=4, members=1).save(made / "jobs.safetensors")
    return made


@pytest.fixture(scope="session")
def model(folder):
    return lstmcli.load(folder / "jobs.safetensors")
