"""Closed days whose rows are zeros: forecast as 0 among open days, by every command."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from builders import change_contract

import lstmcli
from lstmcli.cli.app import program
from lstmcli.errors import ConditionFailed, DataError, UsageError
from lstmcli.forecasting.rounded import round_values
from lstmcli.jobs.builtin import open_builtin
from lstmcli.jobs.check.verdict import check_for_training
from lstmcli.jobs.follow.follower import Follower
from lstmcli.jobs.forecast_files import forecast_files
from lstmcli.jobs.forecast_options import ForecastOptions, PredictOptions
from lstmcli.jobs.impute.job import fill_table
from lstmcli.jobs.impute.opening import open_table_with_gaps
from lstmcli.jobs.impute.options import ImputeOptions
from lstmcli.jobs.watch.opening import open_watched
from lstmcli.jobs.watch.options import WatchOptions
from lstmcli.model_file import read_model
from lstmcli.network.builtin_file import BUILTIN_FILE
from lstmcli.settings.model import Settings
from lstmcli.tables.read import read_table
from lstmcli.tables.read.for_contract import read_by_contract

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


def test_a_page_counts_what_check_counts(tmp_path, monkeypatch):
    page = lstmcli.builtin().report(frame(), horizon=14)
    opened = int((~is_closed(frame()["time"])).sum())
    for said in ("14 steps", "2 weeks, 12 open days", "1 open day", "6 open days", f"of {opened} values"):
        assert f">{said}<" in page
    monkeypatch.chdir(tmp_path)
    pd.concat([frame().assign(shop=shop) for shop in "ab"]).to_csv("a.csv", index=False)
    words = ("predict", "a.csv", "-m", "builtin", "--hierarchy", "shop", "--html", "a.html", "-o", "b.csv")
    program()(words, standalone_mode=False)
    assert "1 total of 2 series, " in Path("a.html").read_text()


def test_closed_days_without_a_row_are_no_gaps_to_check(tmp_path):
    table = frame().drop(index=[60, 62, 101])  # a Friday, a Sunday, a Thursday
    table.to_csv(tmp_path / "a.csv", index=False)
    report = check_for_training([str(tmp_path / "a.csv")], Settings(on_gap="mask"))
    (gap,) = (finding.message for finding in report.findings if finding.kind == "gap")
    assert gap == "2 gaps in 1 series, 2 times left out (step: one open day)"
    assert any(found.message.startswith("gaps in time: 2 times") for found in report.findings)


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


def test_a_file_without_rows_of_closed_days_is_read_too(tmp_path):
    """Which a small plain file may be, as the rows of a week."""
    frame().to_csv(tmp_path / "all.csv", index=False)
    made, _ = open_builtin([str(tmp_path / "all.csv")], Settings())
    frame()[203:209].to_csv(tmp_path / "week.csv", index=False)
    given = read_by_contract(made.contract, [str(tmp_path / "week.csv")], made.contract.options)
    assert given.panel.closed.tolist() == [0] and given.panel.values.tolist() == sales()[203:209].tolist()


@pytest.mark.parametrize(("typed", "said"), [("open", "always"), ("step", "1h"), ("resample", "1h=sum")])
def test_closed_times_and_step_of_a_model_cannot_be_changed(model, typed, said):
    data, made, _ = model
    with pytest.raises(UsageError, match="the step of the model is one open day and cannot be changed"):
        made.make_future(data, **{typed: said})
    assert made.make_future(data, open="auto", step="1d").equals(made.make_future(data))


def test_another_plan_changes_no_closed_day(model):
    data, made, _ = model
    plans = [pd.DataFrame({"time": START + np.arange(211, 221), "promo": n}) for n in (0, 1)]
    both = made.predict(data, future=plans[0], what_if=plans[1])
    check_zeros(both, 10)
    assert both["difference"][~is_closed(both["time"])].any()


def test_closed_days_take_no_digits_from_open_ones():
    opened = np.array([[[952.1234567, 960.7654321, 968.1234567], [951.0, 959.0, 967.1111111]]])
    rows = np.insert(opened, [0, 1], 0.0, axis=1)
    assert (round_values(rows)[:, [1, 3]] == round_values(opened)).all()
    assert (round_values(rows, like=opened) == round_values(rows)).all()
    assert not round_values(np.zeros((1, 2, 3))).any()


def test_rows_of_covariates_are_needed_for_open_days_of_each_series_alone(model):
    data, _, _ = model
    random = np.random.default_rng(2)
    quick = {"steps": 1, "hidden": 4, "baseline": "last", "future": "promo", "mix": "network", "processes": 1}
    both = pd.concat([data[:209].assign(shop="A"), data.assign(shop="B")])  # A ends before a closed day
    two = lstmcli.train(both, horizon=10, season=6, context=12, refit=False, validation=2, **quick)
    plan = two.make_future(both, horizon=2)
    assert plan[["shop", "time"]].astype(str).to_numpy().tolist() == [
        ["A", "2024-07-29"],
        ["B", "2024-07-30"],
        ["B", "2024-07-31"],
    ]
    made = two.predict(both, future=plan.assign(promo=random.integers(0, 2, 3)), horizon=2)
    assert (made["forecast"] > 40).tolist() == [False, True, True, True]


def test_what_is_said_of_missing_rows_counts_closed_days(model):
    data, made, _ = model
    plan = pd.DataFrame({"time": START + np.arange(211, 216), "promo": 1})  # Tuesday to Saturday
    with pytest.raises(DataError) as refused:
        made.predict(data, future=plan)
    assert "make_future(data, 10)" in str(refused.value) and "horizon=6 forecasts" in str(refused.value)
    check_zeros(made.predict(data, future=plan, horizon=6), 6)


def test_every_command_says_the_same_of_closed_days(tmp_path):
    frame().to_csv(tmp_path / "data.csv", index=False)
    data = (str(tmp_path / "data.csv"),)
    _, watched = open_watched(WatchOptions(model=BUILTIN_FILE, data=data), None)
    filled = open_table_with_gaps(ImputeOptions(model=BUILTIN_FILE, data=data))
    opened = open_builtin(list(data), Settings())[1]
    said = "expected to be 0, 30 rows left out of the history (--set open=always takes them as open)"
    for notes in (watched.notes, filled.notes, opened.notes):
        assert [note for note in notes if note.endswith(said)]


def test_empty_cells_of_closed_days_stay_empty_which_is_said(tmp_path):
    whole, said = frame(), []
    whole["sold"] = whole["sold"].astype(float)
    whole.loc[[29, 34, 48], "sold"] = np.nan  # the last two are Sundays
    whole.to_csv(tmp_path / "data.csv", index=False)
    how = ImputeOptions(model=BUILTIN_FILE, data=(str(tmp_path / "data.csv"),))
    _, _, told = fill_table(how, SimpleNamespace(say=said.append, lap=lambda stage: None))
    assert (told.filled, told.left) == (1, 2)
    assert said[-1] == "filled: 1 empty cell; left empty: 2 at closed times"


def predicted(folder, said, **options):
    """What is written of 14 days from a Tuesday, and whether the condition holds."""
    frame().to_csv(folder / "data.csv", index=False)
    out = folder / "out.csv"
    how = PredictOptions((str(folder / "data.csv"),), BUILTIN_FILE, output=str(out), **options)
    report = SimpleNamespace(say=said.append, lap=lambda stage: None)
    forecast_files(how, report).check()
    return pd.read_csv(out)


def test_closed_days_meet_no_condition_and_cross_nothing(tmp_path):
    said = []
    predicted(tmp_path, said, fail_on="forecast < 40 or min(forecast) < 1")
    assert said[-1] == "note: --fail-on looks at open days alone: closed ones are 0"
    with pytest.raises(ConditionFailed, match="above 40 from 2024-07-30 on"):
        predicted(tmp_path, said, fail_on="all(forecast > 40)")
    said.clear()
    crossed = predicted(tmp_path, said, cross="<5")
    assert crossed.loc[0].drop("probability").isna().all() and crossed.loc[0, "probability"] < 0.05
    assert said[-1] == "note: --cross looks at open days alone: closed ones are 0"
    crossed = predicted(tmp_path, said, cross="<1000")
    assert (crossed.loc[0].drop("probability") == "2024-07-30").all()


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
