"""The recipes of docs/integrations.md with the real libraries, in an environment of its own: see .ci/run."""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lstmcli

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"<!-- integration (\w+) -->\n\n?```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RECIPES = dict(BLOCK.findall((ROOT / "docs/integrations.md").read_text()))


def run(name, folder, monkeypatch):
    """The names that a recipe leaves behind."""
    monkeypatch.chdir(folder)
    made = {"__name__": "__main__"}
    exec(compile(RECIPES[name], f"docs/integrations.md:{name}", "exec"), made)
    return made


def test_every_recipe_has_a_test():
    assert set(RECIPES) == {"spark", "dask", "nixtla", "mlflow"}


def same(made, expected):
    made = made.sort_values(["sector", "time"], ignore_index=True)[list(expected.columns)]
    pd.testing.assert_frame_equal(made, expected, check_dtype=False, rtol=1e-5)


@pytest.mark.skipif(not shutil.which("java"), reason="no Java")
def test_spark_gives_what_the_model_gives(folder, model, frame, monkeypatch, capsys):
    pytest.importorskip("pyspark")
    made = run("spark", folder, monkeypatch)
    expected = model.predict(frame)
    same(made["forecast"].toPandas(), expected)
    assert "2019-10-01" in capsys.readouterr().out

    # Several series in a group, groups without a forecast, and an error that comes back with its place.
    def several(part):
        return model.predict(part, levels=[80])

    table, spark = made["table"], made["spark"]
    schema = "sector string, time timestamp, forecast double, `q0.1` double, `q0.9` double"
    grouped = table.selectExpr("*", "pmod(hash(sector), 3) as part").groupBy("part")
    forecast = grouped.applyInPandas(lambda part: several(part.drop(columns="part")), schema).toPandas()
    same(forecast, model.predict(frame, levels=[80]))
    gap = table.where("time <> '2010-05-01'").groupBy("sector").applyInPandas(several, schema)
    with pytest.raises(Exception, match=r'on_gap="mask"'):
        gap.toPandas()
    spark.stop()


def test_dask_gives_what_the_model_gives(folder, model, frame, monkeypatch):
    pytest.importorskip("dask.dataframe")
    same(run("dask", folder, monkeypatch)["forecast"].compute(), model.predict(frame))


def test_nixtla_evaluates_both(folder, monkeypatch):
    pytest.importorskip("statsforecast")
    made = run("nixtla", folder, monkeypatch)
    assert len(made["both"]) == len(made["theirs"]) == len(made["ours"]) == 6 * 2 * 6
    beside = made["both"].merge(made["ours"], on=["unique_id", "ds", "cutoff"], suffixes=("", "_ours"))
    assert beside["y"].to_numpy() == pytest.approx(beside["y_ours"].to_numpy())
    found = made["evaluate"](made["points"], metrics=[made["mae"]])["lstmcli"].mean()
    scores = made["tested"].scores.set_index("forecaster")
    assert found == pytest.approx(scores.loc["model", "mae"])


def test_mlflow_serves_the_model(folder, model, frame, monkeypatch):
    mlflow = pytest.importorskip("mlflow")
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    made = run("mlflow", folder, monkeypatch)
    same(made["forecast"], model.predict(frame))
    assert mlflow.get_run(made["logged"].run_id).data.params["horizon"] == "6"


def test_polars_comes_back_as_polars(model, frame):
    pl = pytest.importorskip("polars")
    table = pl.DataFrame(
        {
            "sector": pl.Series(frame["sector"].tolist(), dtype=pl.Categorical),
            "time": pl.Series(frame["time"].dt.date.tolist()),
            "employment": frame["employment"].to_numpy(),
        }
    )
    made, expected = model.predict(table, levels=[80]), model.predict(frame, levels=[80])
    assert [made.schema[n] for n in ("sector", "time", "q0.1")] == [pl.Categorical, pl.Date, pl.Float64]
    assert made["forecast"].to_list() == expected["forecast"].tolist()
    assert made["time"].to_list() == expected["time"].dt.date.tolist()
    crossed = model.backtest(table, folds=1).cross_validation(levels=[80])
    assert crossed.schema["cutoff"] == crossed.schema["ds"] == pl.Date
    zoned = table.with_columns(pl.col("time").cast(pl.Datetime("ms", "Asia/Tokyo")))
    assert model.predict(zoned).schema["time"] == pl.Datetime("ms", "Asia/Tokyo")
    missing = table.with_columns(
        employment=pl.when(pl.col("time") == frame["time"].dt.date[400]).then(None).otherwise("employment")
    )
    assert np.isfinite(model.predict(missing)["forecast"].to_numpy()).all()
    assert model.predict(table.head(0)).schema == model.predict(table).schema
    with pytest.raises(lstmcli.errors.UsageError, match=r"frame\.collect\(\)"):
        model.predict(table.lazy())
