"""lstmcli from Python: the numbers of the commands, types of the user, no large library too early."""

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from warm_program import warm_program

import lstmcli
from lstmcli.errors import DataError, InputMissing, SettingsError, UsageError

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hourly(trained):
    return pd.read_csv(trained.data, parse_dates=["time"])


@pytest.fixture(scope="module")
def model(trained):
    return lstmcli.load(trained.model)


def python(code, *arguments, **environment):
    """Standard output of a fresh Python."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=environment or None,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_it_loads_no_large_library():
    said = python("import lstmcli, sys; print(*sorted(sys.modules), *dir(lstmcli))")
    assert not {"numpy", "pandas", "torch", "pydantic", "typer", "yaml"} & set(said.split())
    assert {"load", "train", "Forecaster", "errors"} <= set(said.split())
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = lstmcli.nothing


def test_the_forecast_is_what_predict_writes(model, hourly, trained, tmp_path, environment):
    options = ["--horizon", "30", "--level", "80", "-q", "-o", tmp_path / "forecast.csv"]
    command = [warm_program(), "predict", trained.data, "-m", trained.model, *options]
    subprocess.run(command, env=environment, check=True)
    written = pd.read_csv(tmp_path / "forecast.csv", parse_dates=["time"])
    made = model.predict(hourly, horizon=30, levels=[80])
    assert made["time"].dtype == hourly["time"].dtype
    pd.testing.assert_frame_equal(made, written, check_dtype=False, check_exact=True)


def test_times_may_be_the_index_and_the_data_a_series(model, hourly):
    expected = model.predict(hourly)
    pd.testing.assert_frame_equal(model.predict(hourly.set_index("time")["y"]), expected)
    zoned = model.predict(hourly.assign(time=hourly["time"].dt.tz_localize("Asia/Tokyo")))
    assert str(zoned["time"].dt.tz) == "Asia/Tokyo"
    assert (zoned["time"].dt.tz_localize(None) == expected["time"]).all()
    assert (zoned["forecast"] == expected["forecast"]).all()


def test_no_rows_give_no_forecasts(model, hourly):
    empty = model.predict(hourly.iloc[:0], levels=[80])
    assert len(empty) == 0
    assert list(empty.dtypes.items()) == list(model.predict(hourly, levels=[80]).dtypes.items())


def test_a_model_tells_of_itself_and_is_saved_as_it_was(model, hourly, tmp_path):
    assert model.horizon == model.settings["horizon"] == 24
    assert "validation" in model.training
    model.save(tmp_path / "copy.safetensors")
    copy = lstmcli.load(tmp_path / "copy.safetensors")
    assert (copy.settings, copy.training) == (model.settings, model.training)
    assert copy.model.contract == model.model.contract
    pd.testing.assert_frame_equal(copy.predict(hourly), model.predict(hourly), check_exact=True)


def test_a_model_is_shown_in_five_lines(model):
    lines = repr(model).splitlines()
    assert len(lines) == 5 and max(map(len, lines)) < 90
    count, end = model.model.contract.observations, model.model.contract.ends[0][:10]
    assert lines[0].startswith(f"Forecaster  y: 1 series, {count:,} values up to {end}")
    assert lines[1] == "step        1 hour, season 24 (1 day); horizon 24"
    assert lines[2].startswith("network     LSTM, 3 members of 1 x 8 units, ")
    shares = model.model.network.mix.shares
    assert lines[3].startswith("mix ") and lines[3].count(",") == len(shares) - 1
    skill = model.training["validation"]["skill"]
    assert lines[4].startswith(f"score       {abs(skill):.1%} {'less' if skill > 0 else 'more'} error than")


def test_what_cannot_be_done_is_of_the_tree_of_errors(model, hourly, tmp_path):
    assert lstmcli.errors.DataError is DataError
    with pytest.raises(InputMissing):
        lstmcli.load(tmp_path / "none.safetensors")
    with pytest.raises(DataError, match="no column 'time'"):
        model.predict(hourly[["y"]])
    with pytest.raises(DataError) as caught:
        model.predict(hourly.drop(index=5))
    assert (caught.value.kind, caught.value.row) == ("gap", 6)
    for arguments in ({"horizon": 0}, {"levels": [99]}, {"future": hourly}):
        with pytest.raises(UsageError):
            model.predict(hourly, **arguments)
    with pytest.raises(SettingsError) as wrong:
        lstmcli.train(hourly, horizn=3, layers=0)
    assert len(str(wrong.value).splitlines()) == 2
    assert "Did you mean 'horizon'?" in str(wrong.value)


def test_errors_say_what_to_type_in_python(model, hourly, tmp_path):
    """The same errors as on the command line; see test_python_words.py for all their texts."""
    with pytest.raises(UsageError, match=r"^levels=\[99\]: this model gives"):
        model.predict(hourly, levels=[99])
    with pytest.raises(DataError, match='on_gap="mask" leaves them missing') as caught:
        lstmcli.train(hourly.drop(index=[5, 6]))
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args
    with pytest.raises(InputMissing, match=r"lstmcli\.train\(data\)\.save\("):
        lstmcli.load(tmp_path / "none.safetensors")
    with pytest.raises(UsageError, match=r"^future: this model has no covariates"):
        model.predict(hourly, future=hourly)
    with pytest.raises(UsageError, match=r"since= and last= both say"):
        model.watch(hourly, since="2024-01-01", last=3)
    with pytest.raises(UsageError, match="dict is no table: give a DataFrame"):
        model.predict({"time": [1, 2]})
    with pytest.raises(UsageError, match=r"'series'\. It is one of lstmcli.train and lstmcli.builtin.$"):
        model.predict(hourly, series=["shop"])
    with pytest.raises(UsageError, match=r"'hidden'\. It is one of lstmcli.train.$"):
        model.predict(hourly, hidden=8)
    with pytest.raises(UsageError, match=r"^predict: there is no keyword 'level'. Did you mean 'levels'\?"):
        model.predict(hourly, level=80)
    with pytest.raises(SettingsError, match=r"^check: on_gap must be error, mask or fill"):
        model.check(hourly, on_gap="leave")
    for wrong in ({"horizon": 0}, {"folds": 0}, {"stride": -1}, {"folds": "2"}, {"horizon": 2.0}):
        with pytest.raises(UsageError, match=r"must be (at least 1|a whole number)"):
            model.backtest(hourly, **wrong)
    with pytest.raises(UsageError, match=r"align must be time or end, not 'ends'. Did you mean 'end'\?"):
        model.backtest(hourly, align="ends")
    with pytest.raises(UsageError, match="levels: numbers in percent"):
        model.predict(hourly, levels="all")


def test_one_level_and_times_of_any_kind_are_taken(model, hourly):
    pd.testing.assert_frame_equal(model.predict(hourly, levels=80), model.predict(hourly, levels=[80]))
    last = hourly["time"].iloc[-5]
    for since in (last, str(last), last.to_pydatetime()):
        assert len(model.watch(hourly, since=since, every=True)) == 5


def test_values_unlike_those_of_training_warn(model, hourly):
    with pytest.warns(UserWarning, match="far outside the training range") as told:
        model.predict(hourly.assign(y=hourly["y"] * 100))
    assert told[0].filename == __file__


# In engines


def test_an_error_of_a_worker_arrives_whole():
    sent = DataError("gap", "a gap", path="DataFrame", row=6, column="time")
    got = pickle.loads(pickle.dumps(sent))
    assert (str(got), got.kind, got.path, got.row, got.column) == (
        *("DataFrame:6:time: a gap", "gap", "DataFrame", 6, "time"),
    )


SENT = """
import pickle, sys, pandas as pd
model = pickle.load(open(sys.argv[1], "rb"))
frame = pd.read_csv(sys.argv[2], parse_dates=["time"])
frame = pd.concat([frame.assign(shop=1), frame.assign(shop=2, y=frame["y"] + 1)])
parts = [part.drop(columns="shop") for _, part in frame.groupby("shop")]
made = pd.concat([model.predict(part) for part in parts])
print(len(made), sum(made["forecast"]), "torch" in sys.modules)
"""


def test_a_model_forecasts_groups_in_another_process_without_torch(model, hourly, trained, tmp_path):
    (tmp_path / "model.pickle").write_bytes(pickle.dumps(model))
    rows, total, torch = python(SENT, tmp_path / "model.pickle", trained.data).split()
    one, two = (model.predict(hourly.assign(y=hourly["y"] + k))["forecast"].sum() for k in (0, 1))
    assert (int(rows), torch) == (48, "False")
    assert float(total) == pytest.approx(one + two, rel=1e-12)


def test_partitions_give_what_the_whole_gives(tmp_path):
    """As Dask's map_partitions and Spark's applyInPandas call it: with some series, or none."""
    times = pd.date_range("2024-01-01", periods=60, freq="D")
    wave = np.sin(np.arange(60) * 2 * np.pi / 7)
    frame = pd.concat([pd.DataFrame({"shop": k, "day": times, "y": 10 * k + wave}) for k in (3, 4, 5)])
    model = lstmcli.train(frame, horizon=7, steps=5, hidden=4, baseline="seasonal")
    whole = model.predict(frame, levels=[80])
    assert (list(whole.columns), whole["shop"].dtype) == (
        ["shop", "day", "forecast", "q0.1", "q0.9"],
        frame["shop"].dtype,
    )
    parts = [frame[frame["shop"] < 4], frame[frame["shop"] >= 4], frame.iloc[:0]]
    joined = pd.concat([model.predict(part, levels=[80]) for part in parts], ignore_index=True)
    pd.testing.assert_frame_equal(joined, whole, rtol=1e-5)  # single precision, other batches
    model.save(tmp_path / "model.safetensors")
    pd.testing.assert_frame_equal(
        lstmcli.load(tmp_path / "model.safetensors").predict(frame, levels=[80]), whole, check_exact=True
    )


TRAINED = """
import sys, lstmcli, torch, pandas as pd
torch.set_num_threads(2)
frame = pd.read_csv(sys.argv[1], parse_dates=["time"])
model = lstmcli.train(frame, steps=20, hidden=8, processes=1)
model.save(sys.argv[2])
print(torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())
"""


def test_training_gives_the_weights_of_the_command_and_leaves_torch_as_it_was(trained, tmp_path):
    from safetensors.numpy import load_file

    said = python(TRAINED, trained.data, tmp_path / "model.safetensors")
    assert said == "2 False\n"
    ours, theirs = (load_file(path) for path in (tmp_path / "model.safetensors", trained.model))
    assert ours.keys() == theirs.keys()
    assert all((ours[name] == theirs[name]).all() for name in ours)
    made = [lstmcli.load(path) for path in (tmp_path / "model.safetensors", trained.model)]
    assert made[0].settings == made[1].settings
    one, two = (forecaster.training["validation"]["skill"] for forecaster in made)
    assert one == pytest.approx(two, rel=1e-6)
    assert made[0].model.contract.data_sha256 == made[1].model.contract.data_sha256
