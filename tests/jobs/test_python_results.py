"""What the methods of a forecaster give: the numbers of the commands, in the kind of frame that came in."""

import json
import subprocess

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from utilsforecast.evaluation import evaluate
from utilsforecast.losses import mae
from warm_program import warm_program

import lstmcli
from lstmcli.errors import DataError, UsageError
from lstmcli.jobs.python.reading import ReadingKeywords
from lstmcli.settings.model import Settings
from lstmcli.settings.read_assignments import reading_names


@pytest.fixture(scope="module")
def hourly(trained):
    return pd.read_csv(trained.data, parse_dates=["time"])


@pytest.fixture(scope="module")
def model(trained):
    return lstmcli.load(trained.model)


@pytest.fixture(scope="module")
def shops():
    times = pd.date_range("2024-01-01", periods=70, freq="D")
    wave = np.sin(np.arange(70) * 2 * np.pi / 7)
    frames = [pd.DataFrame({"shop": s, "day": times, "sold": k + wave}) for k, s in ((20, "a"), (40, "b"))]
    return pd.concat(frames, ignore_index=True)


def program(environment, *words):
    command = [warm_program(), *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_a_backtest_has_the_numbers_of_the_command(model, hourly, trained, environment):
    told = json.loads(
        program(environment, "backtest", trained.data, "-m", trained.model, "--folds", 2, "--format", "json")
    )
    made = model.backtest(hourly, folds=2)
    assert made.scores["forecaster"].tolist() == [place["name"] for place in told["order"]]
    assert made.scores["mase"].tolist() == pytest.approx([p["scores"]["mase"] for p in told["order"]])
    assert made.document["verdict"] == told["verdict"]
    assert "refit=True" in repr(made) and "--" not in repr(made)
    assert made.forecasts["origin"].dtype == made.forecasts["time"].dtype == hourly["time"].dtype
    assert len(made.forecasts) == 2 * 24
    errors = (made.forecasts["actual"] - made.forecasts["forecast"]).abs().mean()
    assert made.scores.set_index("forecaster").loc["model", "mae"] == pytest.approx(errors)


def test_a_backtest_is_a_frame_of_nixtla(shops):
    tested = lstmcli.builtin(horizon=7).backtest(shops, folds=2)
    crossed = tested.cross_validation("net", levels=[80])
    assert list(crossed.columns) == ["unique_id", "ds", "cutoff", "y", "net", "net-lo-80", "net-hi-80"]
    assert crossed["unique_id"].unique().tolist() == ["a", "b"] and len(crossed) == 2 * 2 * 7
    assert ((crossed["ds"] - crossed["cutoff"]).dt.days.to_numpy().reshape(4, 7) == np.arange(1, 8)).all()
    assert (crossed["y"].to_numpy() == tested.forecasts["actual"].to_numpy()).all()
    assert (crossed["net-lo-80"] <= crossed["net"]).all() and (crossed["net"] <= crossed["net-hi-80"]).all()
    scored = evaluate(crossed.drop(columns=["net-lo-80", "net-hi-80"]), metrics=[mae])
    ours = tested.scores.set_index("forecaster").loc["model", "mae"]
    assert scored["net"].mean() == pytest.approx(ours)
    with pytest.raises(UsageError, match="levels: no quantile"):
        tested.cross_validation(levels=[81])


def test_check_says_what_would_be_accepted(model, hourly):
    assert model.check(hourly) and "Ready to forecast." in repr(model.check(hourly))
    broken = hourly.drop(index=[5, 6])
    found = lstmcli.check(broken)
    assert not found and not found.accepted
    assert "it would accept it with .settings" in repr(found)
    assert any('on_gap="mask"' in finding["message"] for finding in found.findings)
    with pytest.raises(DataError):
        lstmcli.builtin().predict(broken)
    chosen = {name: found.settings[name] for name in ("on_gap", "target")}
    assert lstmcli.builtin(**chosen).check(broken).accepted
    assert len(lstmcli.builtin(**chosen).predict(broken, horizon=3)) == 3


def test_what_an_error_says_can_be_typed(model, hourly):
    broken = hourly.drop(index=[5, 6])
    with pytest.raises(DataError, match='on_gap="mask" leaves them missing'):
        model.predict(broken)
    made = model.predict(broken, on_gap="mask")
    assert len(made) == 24 and model.check(broken, on_gap="mask").accepted
    for forecaster in (model, lstmcli.builtin()):
        assert len(forecaster.backtest(broken, folds=1, on_gap="fill").forecasts) == 24
        assert forecaster.gates(broken, windows=5, on_gap="fill").figures
    assert len(lstmcli.builtin(on_gap="error").predict(broken, horizon=3, on_gap="fill")) == 3


@pytest.mark.parametrize(
    ("method", "given", "said"),
    [
        ("watch", {"alarms": 3}, "alarms=3: write alarms in a time or in rows"),
        ("watch", {"alarms": None, "last": "x"}, "last must be a whole number"),
        ("backtest", {"baselines": 3}, "names are texts, not 3"),
        ("backtest", {"baselines": "AutoETSS"}, "AutoETSS"),
        ("gates", {"series": 3}, "3"),
        ("predict", {"levels": np.array(["x"])}, "levels: numbers in percent"),
    ],
)
def test_arguments_of_another_type_are_refused_in_words(shops, method, given, said):
    with pytest.raises(UsageError, match=said):
        getattr(lstmcli.builtin(), method)(shops, **given)


def test_a_series_that_ended_long_ago_is_a_warning(shops, recwarn):
    late = shops[(shops["shop"] == "a") | (shops["day"] < shops["day"].max())]
    lstmcli.builtin().predict(late, horizon=2)
    assert not recwarn.list  # one day is no long time
    early = shops[(shops["shop"] == "a") | (shops["day"] < shops["day"].iloc[40])]
    said = "1 of 2 series end before the newest value, 2024-03-10: b at 2024-02-09"
    with pytest.warns(UserWarning, match=said) as caught:
        lstmcli.builtin().predict(early, horizon=2)
    assert [w.filename for w in caught] == [__file__]


def test_every_option_of_reading_is_a_typed_keyword():
    assert sorted(ReadingKeywords.__annotations__) == sorted(reading_names(Settings.model_fields))


def test_gates_have_the_figures_of_the_command(model, hourly, trained, environment):
    told = json.loads(
        program(
            environment,
            "inspect-gates",
            trained.data,
            "-m",
            trained.model,
            "--windows",
            50,
            "--format",
            "json",
        )
    )
    found = model.gates(hourly, windows=50)
    assert found.figures == pytest.approx(told["figures"])
    assert found.document["findings"] == told["findings"]
    assert set(found.tables) == {"units", "gradient_by_lag", "contributions", "ablation"}
    assert len(found.tables["units"]) == 8 and found.trace["time"].dtype == hourly["time"].dtype
    assert "forget gate" in repr(found) and "--" not in repr(found).replace("---", "")
    with pytest.raises(UsageError, match="member=9: the model has 3"):
        model.gates(hourly, member=9)
    builtin = lstmcli.builtin().gates(hourly, windows=20)
    assert "the built-in network" in repr(builtin)


def test_pictures_and_pages_are_shown_and_written(model, hourly, tmp_path):
    shown = model.plot(hourly, tmp_path / "a.svg", levels=[80])
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")
    assert shown._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="a picture ends in"):
        shown.save(tmp_path / "a.gif")
    page = model.report(hourly, tmp_path / "a.html")
    assert page == (tmp_path / "a.html").read_text() and "Forecaster.report" in page
    assert len(repr(page)) < 100 and "HTML" in repr(page)  # short at the end of a cell
    tested = model.backtest(hourly, folds=1)
    tested.plot(tmp_path / "b.png")
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")
    assert "model.backtest(data)" in tested.report()


@pytest.mark.slow
def test_a_search_gives_settings_for_train(hourly, tmp_path):
    pytest.importorskip("optuna")
    found = lstmcli.tune(
        hourly, trials=2, folds=1, steps=3, members=1, hidden={"among": [4, 6]}, study=tmp_path / "s"
    )
    assert {trial["trial"] for trial in found.trials} == {0, 1}
    assert found.settings["steps"] == 3 and "rank" in repr(found)
    model = lstmcli.train(hourly.tail(400), **found.settings)
    assert model.settings["hidden"] == found.settings.get("hidden", model.settings["hidden"])
    with pytest.raises(lstmcli.errors.SettingsError, match="tune: hidden: write"):
        lstmcli.tune(hourly, trials=1, hidden={"of": [4, 6]})


# Frames and paths


@pytest.mark.filterwarnings("ignore:The behavior of DatetimeProperties.to_pydatetime")  # of pandas 2.2
def test_arrow_comes_back_as_arrow(model, hourly):
    table = pa.table(
        {"time": pa.array(hourly["time"].to_numpy(), pa.timestamp("ms")), "y": hourly["y"].to_numpy()}
    )
    made, expected = model.predict(table, levels=[80]), model.predict(hourly, levels=[80])
    assert isinstance(made, pa.Table) and made.schema.field("time").type == pa.timestamp("ms")
    assert made.column("forecast").to_pylist() == expected["forecast"].tolist()
    assert made.column("time").to_pylist() == expected["time"].dt.to_pydatetime().tolist()
    assert isinstance(model.watch(table, last=5, every=True), pa.Table)
    assert isinstance(model.backtest(table, folds=1).scores, pa.Table)
    assert model.predict(table.slice(0, 0), levels=[80]).schema == made.schema


def test_no_number_takes_the_type_of_a_column_of_its_name(hourly):
    times, whole = pa.array(hourly["time"].to_numpy(), pa.timestamp("ms")), hourly["y"].round().astype(int)
    table = pa.table({"time": times, "forecast": whole.to_numpy()})
    made = lstmcli.builtin(horizon=3, target="forecast").predict(table)
    assert made.schema.field("forecast").type == pa.float64()


def test_arrow_keeps_zones_texts_and_missing_values(shops):
    zoned = shops.assign(day=shops["day"].dt.tz_localize("Asia/Tokyo"))
    zoned.loc[[3, 75], "sold"] = None
    table = pa.Table.from_pandas(zoned, preserve_index=False)
    dictionary = table.set_column(0, "shop", table.column("shop").dictionary_encode())
    made = lstmcli.builtin(horizon=3, on_gap="mask").predict(dictionary)
    assert made.schema.field("day").type == table.schema.field("day").type
    assert made.column("shop").to_pylist() == ["a"] * 3 + ["b"] * 3
    expected = lstmcli.builtin(horizon=3, on_gap="mask").predict(zoned)
    assert made.column("forecast").to_pylist() == pytest.approx(expected["forecast"].tolist())
    assert str(made.column("day")[0].as_py()) == str(expected["day"][0].to_pydatetime())


def test_a_path_is_read_as_the_commands_read_it(model, hourly, trained, tmp_path):
    made = model.predict(str(trained.data))
    pd.testing.assert_frame_equal(made, model.predict(hourly), check_dtype=False)
    assert made["time"].dtype.kind == "M"
    half = len(hourly) // 2
    paths = [tmp_path / "1.csv", tmp_path / "2.csv"]
    for path, part in zip(paths, (hourly[:half], hourly[half:]), strict=True):
        part.to_csv(path, index=False)
    assert len(lstmcli.builtin(horizon=2).predict(paths[1])) == 2
    with pytest.raises(lstmcli.errors.InputMissing):
        model.predict(tmp_path / "none.csv")


def test_a_model_of_a_file_is_used_by_the_commands_as_theirs(shops, tmp_path, environment):
    shops.to_csv(tmp_path / "shops.csv", index=False)
    model = lstmcli.train(tmp_path / "shops.csv", horizon=7, steps=3, hidden=4, members=1)
    model.save(tmp_path / "model.safetensors")
    told = program(environment, "predict", "-m", tmp_path / "model.safetensors")
    assert told.startswith("shop,day,forecast") and len(told.splitlines()) == 1 + 2 * 7


def test_rows_to_fill_in_are_those_that_the_forecast_needs(shops):
    with_promo = shops.assign(promo=np.tile([0.0, 1.0], 70), size=np.repeat([3, 12], 70), area=0.5)
    short = {"horizon": 5, "steps": 3, "hidden": 4, "members": 1}
    model = lstmcli.train(with_promo, future="promo", static="size,area", **short)
    with pytest.raises(DataError, match=r"with future=; \.make_future\(data, 5\) gives that frame"):
        model.predict(with_promo)
    rows = model.make_future(with_promo)
    assert list(rows.columns) == ["shop", "day", "size", "area", "promo"] and len(rows) == 2 * 5
    assert rows[["size", "area"]].dtypes.equals(with_promo[["size", "area"]].dtypes)
    assert rows["size"].tolist() == [3] * 5 + [12] * 5
    assert rows["day"].dtype == shops["day"].dtype
    made = model.predict(with_promo, future=rows.assign(promo=1.0))
    assert len(made) == 10
    with pytest.raises(UsageError, match=r"^make_future: this model has no covariates"):
        lstmcli.builtin().make_future(shops)
