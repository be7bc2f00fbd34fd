"""Sample paths and totals from Python: the rows that the command writes, in the frames of the user."""

import logging
import subprocess

import numpy as np
import pandas as pd
import pytest
from warm_program import warm_program

import lstmcli
from lstmcli.errors import UsageError


@pytest.fixture(scope="module")
def frame():
    months = pd.date_range("2018-01-01", periods=48, freq="MS")
    random = np.random.default_rng(0)
    parts = [
        pd.DataFrame({"shop": shop, "month": months, "sold": 50 * shop + random.normal(size=48)})
        for shop in (1, 2, 3)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def model():
    return lstmcli.builtin()


def test_paths_come_in_long_form(model, frame):
    made = model.predict(frame, 4, samples=3)
    assert list(made.columns) == ["shop", "month", "sample", "value"]
    assert made.dtypes[["shop", "month"]].tolist() == frame.dtypes[["shop", "month"]].tolist()
    assert (
        made["sample"].tolist()
        == [1] * 4 + [2] * 4 + [3] * 4 + [1] * 4 + [2] * 4 + [3] * 4 + [1] * 4 + [2] * 4 + [3] * 4
    )
    pd.testing.assert_frame_equal(made, model.predict(frame, 4, samples=3, seed=0))
    assert (made["value"] != model.predict(frame, 4, samples=3, seed=1)["value"]).all()


def test_totals_follow_the_series(model, frame, caplog):
    caplog.set_level(logging.INFO, "lstmcli")
    alone = model.predict(frame, 4, [80])
    made = model.predict(frame, 4, [80], sum_over="shop")
    assert made["shop"].tolist() == ["1"] * 4 + ["2"] * 4 + ["3"] * 4 + ["(total)"] * 4
    np.testing.assert_array_equal(made["forecast"][:12], alone["forecast"])
    assert made.equals(model.predict(frame, 4, np.array([80]), sum_over=["shop"]))
    sums = alone.groupby("month")["forecast"].sum()
    np.testing.assert_allclose(made["forecast"][12:], sums, rtol=0.01)
    assert made["month"][12:].tolist() == sums.index.tolist()
    assert any("between series they correlate" in record.message for record in caplog.records)
    paths = model.predict(frame, 4, samples=2, sum_over=["shop"])
    first = paths[(paths["sample"] == 1) & (paths["month"] == paths["month"][0])]["value"].to_numpy()
    assert first[3] == pytest.approx(first[:3].sum())


def test_levels_of_a_hierarchy_add_up_as_the_command_writes_them(model, frame, tmp_path):
    frame = pd.concat([frame.assign(region="N"), frame.assign(region="S", sold=frame["sold"] * 2)])
    made = model.predict(frame, 4, [80], hierarchy=["region", "shop"])
    sums = made.groupby(["region", "shop", "month"])["forecast"].sum()
    for region in "NS":
        shops = sum(sums[region, shop] for shop in "123")
        np.testing.assert_allclose(sums[region, "(total)"], shops, rtol=1e-12)
    whole = sums["(total)", "(total)"]
    np.testing.assert_allclose(whole, sums["N", "(total)"] + sums["S", "(total)"], rtol=1e-12)
    frame.to_csv(tmp_path / "sales.csv", index=False)
    given = "-m", "builtin", "--horizon", 4, "--level", 80, "--hierarchy", "region,shop"
    words = ["predict", tmp_path / "sales.csv", *given, "-q", "-o", tmp_path / "out.csv"]
    subprocess.run([warm_program(), *map(str, words)], check=True)
    written = pd.read_csv(tmp_path / "out.csv", parse_dates=["month"])
    assert made["shop"].tolist() == written["shop"].tolist()
    np.testing.assert_allclose(made["forecast"], written["forecast"], rtol=1e-6)


def test_files_give_times(model, frame, tmp_path):
    frame.to_csv(tmp_path / "sales.csv", index=False)
    made = model.predict(tmp_path / "sales.csv", 2, samples=2)
    assert str(made["month"].dtype).startswith("datetime64")
    assert len(made) == 3 * 2 * 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"samples": 0}, "samples=0: 1 to 10,000 paths"),
        ({"seed": 1}, "seed= belongs to samples="),
        ({"samples": 2, "levels": [80]}, "levels= is of intervals: samples= writes paths"),
        ({"samples": 2.5}, "samples must be a whole number of at least 1, not 2.5"),
        ({"sum_over": "shops"}, "sum_over: 'shops' tells no series apart; these do: shop"),
        ({"sum_over": 3}, "names are texts, not 3"),
        ({"hierarchy": "shop", "samples": 2}, "hierarchy= adds totals that add up: leave samples= to a run"),
        ({"hierarchy": "shop", "why": True}, "leave hierarchy= to a run of its own"),
        ({"hierarchy": ["region", "shop"]}, "hierarchy: 'region' tells no series apart; these do: shop"),
    ],
)
def test_errors_are_in_the_words_of_python(model, frame, given, said):
    with pytest.raises(UsageError) as caught:
        model.predict(frame, 4, **given)
    assert said in str(caught.value)
