"""Closed days whose rows are zeros: forecast as 0 among open days, by every command."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import change_contract

import lstmcli
from lstmcli.jobs.builtin import open_builtin
from lstmcli.jobs.follow.follower import Follower
from lstmcli.jobs.forecast_options import ForecastOptions
from lstmcli.model_file import read_model
from lstmcli.settings.model import Settings
from lstmcli.tables.read import read_table

START = np.datetime64("2024-01-01")  # a Monday


def sales(days=211, seed=0):
    """Ends on a Monday."""
    random = np.random.default_rng(seed)
    values = random.integers(60, 90, days) + 10 * (np.arange(days) % 7)
    values[np.arange(days) % 7 == 6] = 0
    return values


def frame(days=211, **others):
    return pd.DataFrame({"time": START + np.arange(days), "sold": sales(days), **others})


def is_closed(times):
    return pd.to_datetime(times).dt.day_of_week == 6


def check_zeros(made, rows, first="2024-07-30"):
    """made: a forecast of neighbouring days."""
    days = pd.to_datetime(made["time"]).to_numpy()
    assert (days == np.datetime64(first) + np.arange(rows)).all()
    numbers = made.select_dtypes("number")
    closed = is_closed(made["time"])
    assert closed.any() and (numbers[closed] == 0).all().all() and (made["forecast"][~closed] > 40).all()


def test_rows_are_counted_with_closed_days():
    builtin = lstmcli.builtin()
    check_zeros(builtin.predict(frame()), 14)
    check_zeros(builtin.predict(frame(), horizon=20, levels=[80]), 20)
    check_zeros(builtin.predict(frame(209), horizon=9), 9, "2024-07-28")  # the next day is closed
    check_zeros(builtin.predict(frame(210), horizon=9), 9, "2024-07-29")  # the last one was


def test_open_days_are_forecast_as_if_closed_days_had_no_rows():
    whole = frame()
    shorter = whole[~is_closed(whole["time"])]
    made = lstmcli.builtin().predict(whole, horizon=14)
    wanted = lstmcli.builtin().predict(shorter, horizon=12)
    opened = made[~is_closed(made["time"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(opened, wanted)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Of one covariate, trained for ten days of which nine are open at most."""
    random = np.random.default_rng(1)
    data = frame(promo=random.integers(0, 2, 211))
    quick = {"steps": 3, "hidden": 4, "baseline": "last", "future": "promo", "mix": "network", "processes": 1}
    made = lstmcli.train(data, horizon=10, season=6, context=12, refit=False, validation=2, **quick)
    path = tmp_path_factory.mktemp("model") / "m.safetensors"
    made.save(path)
    return data, lstmcli.load(path), Path(path)


def test_a_model_keeps_its_closed_days(model):
    data, made, path = model
    assert (made.horizon, made.settings["horizon"], made.model.network.arch.horizon) == (10, 10, 9)
    assert read_model(path).contract.step.zeros
    plan = made.make_future(data)
    assert len(plan) == 9 and not is_closed(plan["time"]).any()
    every = pd.DataFrame({"time": np.datetime64("2024-07-30") + np.arange(10), "promo": 1})
    check_zeros(made.predict(data, future=every), 10)
    check_zeros(made.predict(data, future=plan.assign(promo=1), why=True), 10)
    paths = made.predict(data, future=every, samples=3)
    assert len(paths) == 30 and ((paths["value"] == 0) == is_closed(paths["time"])).all()


def test_another_plan_changes_no_closed_day(model):
    data, made, _ = model
    plans = [pd.DataFrame({"time": START + np.arange(211, 221), "promo": n}) for n in (0, 1)]
    both = made.predict(data, future=plans[0], what_if=plans[1])
    check_zeros(both, 10)
    assert both["difference"][~is_closed(both["time"])].any()


def test_a_stream_answers_each_row_with_as_many_days(tmp_path):
    whole = frame()
    whole[:206].to_csv(tmp_path / "history.csv", index=False)
    opened, _ = open_builtin([str(tmp_path / "history.csv")], Settings())
    masked = replace(opened.contract.options, on_gap="mask")
    opened = replace(opened, contract=change_contract(opened.contract, options=masked))
    said, refused = [], []
    options = ForecastOptions(3, (80,))
    follower = Follower(opened, opened.contract.roles, options, "csv", said.append, refused.append)
    follower.seed(read_table(str(tmp_path / "history.csv"), masked, keys_known=True))
    said.clear()
    lines = [f"{day},{value}".encode() for day, value in zip(whole["time"].astype(str), sales(), strict=True)]
    sunday = lines[209].replace(b",0", b",55")
    rows = "".join(follower.answers([*lines[206:209], sunday, lines[210]])).splitlines()
    answers = [row.split(",") for row in rows if row[0] == "2"]
    assert len(answers) == 15 and not refused
    assert all(
        (float(row[2]) == 0) == (np.datetime64(row[1]) == np.datetime64("2024-07-28")) for row in answers
    )
    assert [row[1] for row in answers[9:12]] == ["2024-07-29", "2024-07-30", "2024-07-31"]
    assert said == ["note: standard input:4:time: 55 at 2024-07-28, a closed time of zeros, is left out"]


def test_a_backtest_scores_open_days_alone():
    scored = lstmcli.builtin().backtest(frame(), horizon=7, folds=3)
    rows = scored.forecasts
    assert len(rows) == 3 * 6 and not is_closed(rows["time"]).any()
