"""Gaps filled from Python: the numbers of the command, in the kind of frame that came in."""

import subprocess

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from warm_program import warm_program

import lstmcli
from lstmcli.errors import DataError, InputMissing, UsageError

NEW = ["imputed", "lower", "upper"]


@pytest.fixture(scope="module")
def shops():
    """Daily sales of two shops, in one of which days are missing and a row is left out."""
    times = pd.date_range("2024-01-01", periods=70, freq="D")
    wave = np.sin(np.arange(70) * 2 * np.pi / 7)
    frames = [pd.DataFrame({"shop": s, "day": times, "sold": 20 * s + wave, "note": "x"}) for s in (1, 2)]
    frame = pd.concat(frames, ignore_index=True)
    frame.loc[[0, 30, 31], "sold"] = np.nan
    return frame.drop(index=100).reset_index(drop=True)


@pytest.fixture(scope="module")
def path(shops, tmp_path_factory):
    file = tmp_path_factory.mktemp("impute") / "shops.csv"
    shops.to_csv(file, index=False)
    return file


@pytest.fixture(scope="module")
def filled(shops):
    return lstmcli.impute(shops, series="shop", target="sold", level=90)


def test_frames_get_the_numbers_of_the_command(path, filled, environment, tmp_path):
    words = [
        "impute",
        str(path),
        "-m",
        "builtin",
        "--level",
        "90",
        "--set",
        "series=shop",
        "--target",
        "sold",
    ]
    out = tmp_path / "out.csv"
    command = [warm_program(), *words, "-q", "-o", str(out)]
    subprocess.run(command, env=environment, check=True, cwd=tmp_path)
    written = pd.read_csv(out, parse_dates=["day"])
    pd.testing.assert_frame_equal(filled, written, check_dtype=False, rtol=1e-6)
    of_path = lstmcli.impute(path, series="shop", target="sold", level=90)
    pd.testing.assert_frame_equal(filled, of_path, check_dtype=False, rtol=1e-6)


def test_a_frame_keeps_its_rows_columns_and_types(shops, filled):
    before = shops.copy()
    assert list(filled.columns) == [*shops.columns, *NEW]
    assert filled.index.equals(shops.index)
    assert filled.loc[filled["imputed"] == 1].index.tolist() == [30, 31]
    assert np.isnan(filled.loc[0, "sold"])  # before the first value
    others = filled["imputed"] == 0
    pd.testing.assert_frame_equal(filled.loc[others, shops.columns], shops[others])
    assert filled.loc[others, ["lower", "upper"]].isna().all(axis=None)
    gap = filled.loc[[30, 31]]
    assert ((gap["lower"] <= gap["sold"]) & (gap["sold"] <= gap["upper"])).all()
    pd.testing.assert_frame_equal(shops, before)


def test_rows_that_are_left_out_are_added_with_the_types_of_the_frame(shops):
    shops = shops.assign(size=100 * shops["shop"], area=shops["shop"] / 2, other=range(139))
    made = lstmcli.impute(shops, series="shop", target="sold", add_rows=True)
    assert len(made) == len(shops) + 1
    assert (made.loc[100, "size"], made.loc[100, "area"]) == (200, 1.0)
    assert made[["size", "area"]].dtypes.equals(shops[["size", "area"]].dtypes)
    row = made.loc[100]
    assert (row["shop"], row["day"], row["imputed"]) == (2, pd.Timestamp("2024-01-31"), 1)
    assert row["note"] == "x" and pd.isna(row["other"])
    assert made["day"].dtype == shops["day"].dtype
    assert made["shop"].dtype == shops["shop"].dtype


def test_tables_of_arrow_come_back_as_such_with_nulls(shops, filled):
    table = pa.Table.from_pandas(shops, preserve_index=False)
    made = lstmcli.impute(table, series="shop", target="sold", level=90)
    assert isinstance(made, pa.Table)
    assert made.schema.names == [*shops.columns, *NEW]
    assert made.column("lower").null_count == len(shops) - 2
    assert made.select(["note", "day"]).equals(table.select(["note", "day"]))
    assert np.allclose(made.column("sold").to_numpy()[30:32], filled["sold"][30:32])
    more = lstmcli.impute(table, series="shop", target="sold", add_rows=True)
    assert more.num_rows == len(shops) + 1
    assert more.schema.field("day").type == table.schema.field("day").type


def test_an_index_of_times_becomes_a_column_as_in_forecasts():
    times = pd.date_range("2024-01-01", periods=60, freq="D", name="day")
    series = pd.Series(np.arange(60) % 7 + 1.0, times, name="sold")
    series.iloc[20] = np.nan
    made = lstmcli.impute(series)
    assert list(made.columns) == ["day", "sold", *NEW]
    assert made["imputed"].sum() == 1
    assert lstmcli.impute(series.dropna(), add_rows=True)["day"].tolist() == times.tolist()
    assert lstmcli.impute(series, max_gap=1).equals(made)


def test_a_model_fills_from_memory_as_from_its_file(trained):
    hourly = pd.read_csv(trained.data, parse_dates=["time"]).iloc[-200:].reset_index(drop=True)
    target = hourly.columns[-1]
    hourly.loc[40:42, target] = np.nan
    of_file = lstmcli.impute(hourly, trained.model)
    assert of_file["imputed"].sum() == 3
    pd.testing.assert_frame_equal(of_file, lstmcli.impute(hourly, lstmcli.load(trained.model)))


def test_what_cannot_be_done_is_said_in_words_of_python(shops, filled, trained):
    with pytest.raises(UsageError, match="impute fills gaps by itself; leave it out"):
        lstmcli.impute(shops, on_gap="mask")
    with pytest.raises(UsageError, match="max_gap must be at least 1"):
        lstmcli.impute(shops, max_gap=0)
    with pytest.raises(DataError, match="has a column 'imputed' already"):
        lstmcli.impute(filled, series="shop", target="sold")
    with pytest.raises(InputMissing, match="no such file"):
        lstmcli.impute(shops, "none.safetensors")
    with pytest.raises(UsageError, match="no keyword 'hidden'"):
        lstmcli.impute(shops, trained.model, hidden=3)


def test_a_model_of_another_type_is_refused_in_words(shops):
    for call in (lambda: lstmcli.load(3), lambda: lstmcli.impute(shops, model=3)):
        with pytest.raises(UsageError, match="int is no model: give the path of one"):
            call()


def test_complex_numbers_are_no_values(shops):
    """Their imaginary parts would be lost."""
    with pytest.raises(DataError, match=r"is no number: no column of numbers|is not a number"):
        lstmcli.impute(shops.assign(sold=shops["sold"] + 1j), series="shop", target="sold")
