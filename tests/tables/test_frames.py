"""A DataFrame gives the panel that its CSV gives, and forecasts come back in its types."""

import datetime

import numpy as np
import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.series.roles import Roles
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.frames import empty_forecast, restore_types, table_from_frame, with_columns

DAYS = pd.date_range("2024-02-25", periods=12, freq="D")
HOURS = pd.date_range("2024-03-30 20:00", periods=12, freq="h")
VALUES = np.round(np.arange(12) / 7 + 3, 3)


def both(frame, tmp_path, settings=None):
    """The panels of a frame and of the CSV file it writes."""
    settings = settings or Settings()
    path = tmp_path / "data.csv"
    columns = with_columns(frame)
    columns.to_csv(path, index=False)
    ours, our_roles = panel_of(table_from_frame(columns, settings.options), settings)
    theirs, their_roles = panel_of(read_table(str(path), settings.options), settings)
    assert our_roles.time == their_roles.time
    assert (our_roles.series, our_roles.targets) == (their_roles.series, their_roles.targets)
    return ours, theirs


STAMPS = {
    "days": DAYS,
    "hours": HOURS,
    "nanoseconds": HOURS.as_unit("ns"),
    "seconds": HOURS.as_unit("s"),
    "fractions": HOURS + pd.Timedelta(milliseconds=250),
    "zone": pd.date_range("2024-03-30 20:00", periods=12, freq="h", tz="Europe/Berlin"),
    "utc": HOURS.tz_localize("UTC"),
    "days of a zone": pd.date_range("2024-03-25", periods=12, freq="D", tz="Europe/Berlin"),
    "months": pd.period_range("2020-01", periods=12, freq="M"),
    "quarters": pd.period_range("2020Q1", periods=12, freq="Q"),
    "years": pd.period_range("2001", periods=12, freq="Y"),
    "hours as periods": pd.period_range("2024-01-01", periods=12, freq="h"),
    "texts": DAYS.strftime("%d.%m.%Y"),
    "iso": HOURS.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "compact": pd.Index([int(text) for text in DAYS.strftime("%Y%m%d")]),
    "steps": pd.Index(range(12)),
    "dates of Python": pd.Index([day.date() for day in DAYS], dtype=object),
    "times of Python": pd.Index(list(HOURS.to_pydatetime()), dtype=object),
}


@pytest.mark.parametrize("stamps", STAMPS.values(), ids=STAMPS)
def test_stamps_of_every_type_give_the_panel_of_the_csv(tmp_path, stamps):
    ours, theirs = both(pd.DataFrame({"time": stamps, "y": VALUES}), tmp_path)
    assert ours.fingerprint() == theirs.fingerprint()


def test_weeks_as_periods_are_their_first_days(tmp_path):
    weeks = pd.period_range("2024-01-01", periods=12, freq="W")
    days = pd.DataFrame({"time": weeks.start_time, "y": VALUES})
    ours = panel_of(
        table_from_frame(pd.DataFrame({"time": weeks, "y": VALUES}), Settings().options), Settings()
    )[0]
    assert ours.fingerprint() == both(days, tmp_path)[1].fingerprint()


@pytest.mark.parametrize("name", [None, "ds"])
def test_times_may_be_the_index(tmp_path, name):
    frame = pd.DataFrame({"y": VALUES}, index=DAYS.rename(name))
    ours, theirs = both(frame, tmp_path)
    assert ours.fingerprint() == theirs.fingerprint()
    assert with_columns(frame).columns[0] == (name or "time")
    assert both(frame["y"], tmp_path)[0].fingerprint() == ours.fingerprint()


COLUMNS = {
    "whole": pd.array([1, 2, None] * 4, dtype="Int64"),
    "shares": pd.array([0.1, None, 0.3] * 4, dtype="Float64"),
    "texts": ["a", "b", None] * 4,
    "categories": pd.Categorical(["b", "a", "b"] * 4),
    "codes": ["007", "008", "009"] * 4,
    "flags": [True, False, True] * 4,
    "numbers as texts": ["1.5", "NA", "2"] * 4,
    "objects": pd.Series([1, 2.5, None] * 4, dtype=object),
}


@pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)
def test_columns_of_every_type_give_the_panel_of_the_csv(tmp_path, column):
    frame = pd.DataFrame({"time": DAYS, "y": VALUES, "z": column})
    results = []
    for settings in (Settings(target=("z",)), Settings(target=("y",), categorical=("z",), past=("z",))):
        try:
            ours, theirs = both(frame, tmp_path, settings)
        except DataError as error:
            results.append(error.kind)
            continue
        assert ours.fingerprint() == theirs.fingerprint()
        results.append("taken")
    assert "taken" in results or "missing-covariate" in results


def test_long_form_with_levels_of_the_index(tmp_path):
    frame = pd.DataFrame(
        {"shop": np.repeat([7, 8], 12), "day": [*DAYS, *DAYS], "y": [*VALUES, *VALUES]}
    ).sample(frac=1, random_state=0)
    ours, theirs = both(frame, tmp_path)
    assert set(ours.keys) == {("7",), ("8",)}
    assert ours.fingerprint() == theirs.fingerprint()
    assert both(frame.set_index(["shop", "day"]), tmp_path)[0].fingerprint() == ours.fingerprint()


def test_a_complaint_names_row_and_column():
    frame = pd.DataFrame({"time": DAYS, "y": [*VALUES[:-1], np.inf]})
    with pytest.raises(DataError, match=r"^DataFrame:12:y: inf is not a number") as caught:
        panel_of(table_from_frame(frame, Settings().options), Settings())
    assert caught.value.kind == "not-a-number"


def test_two_columns_of_one_name_are_refused():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(DataError) as caught:
        with_columns(frame)
    assert caught.value.kind == "duplicate-column"


def test_the_frame_of_the_user_is_not_changed():
    frame = pd.DataFrame({"y": VALUES, "k": ["a"] * 12}, index=DAYS)
    before = frame.copy(deep=True)
    table_from_frame(with_columns(frame), Settings().options)
    pd.testing.assert_frame_equal(frame, before)


# Forecasts in the types of the data

ROLES = Roles(time="time", series=("k",), targets=("y",), past=(), future=())
BERLIN = pd.date_range("2024-03-31", periods=2, freq="h", tz="Europe/Berlin")


@pytest.mark.parametrize(
    ("given", "texts", "expected"),
    [
        (DAYS, ["2024-03-08"], [pd.Timestamp("2024-03-08")]),
        (HOURS.as_unit("ns"), ["2024-03-31 08:00:00"], [pd.Timestamp("2024-03-31 08:00")]),
        (BERLIN, ["2024-03-31 01:00:00Z"], [pd.Timestamp("2024-03-31 03:00", tz="Europe/Berlin")]),
        (BERLIN, ["2024-03-31"], [pd.Timestamp("2024-03-31", tz="Europe/Berlin")]),
        (HOURS, ["2024-03-31 03:00:00+02:00"], [pd.Timestamp("2024-03-31 03:00")]),
        (STAMPS["months"], ["2021-01"], [pd.Period("2021-01", "M")]),
        (STAMPS["quarters"], ["2023Q1"], [pd.Period("2023Q1", "Q")]),
        (STAMPS["years"], ["2013"], [pd.Period("2013", "Y")]),
        (STAMPS["compact"], ["20240308"], [20240308]),
        (STAMPS["steps"], [12], [12]),
        (STAMPS["texts"], ["08.03.2024"], ["08.03.2024"]),
        (STAMPS["dates of Python"], ["2024-03-08"], [datetime.date(2024, 3, 8)]),
        (STAMPS["times of Python"], ["2024-03-31 08:00:00"], [datetime.datetime(2024, 3, 31, 8)]),
    ],
)
def test_times_come_back_in_their_type(given, texts, expected):
    frame = pd.DataFrame({"time": given, "k": 5})
    made = pd.DataFrame({"k": ["5"], "time": texts, "forecast": [1.0]})
    back = restore_types(made, frame, ROLES)
    assert list(back["time"]) == expected
    assert back["time"].dtype == frame["time"].dtype
    assert (list(back["k"]), back["k"].dtype) == ([5], frame["k"].dtype)


def test_the_table_of_no_series_has_the_types_of_the_data():
    frame = pd.DataFrame({"time": DAYS, "k": 5})
    empty = empty_forecast(frame, ROLES, ["k", "time", "forecast", "q0.1"])
    assert (len(empty), list(empty)) == (0, ["k", "time", "forecast", "q0.1"])
    assert list(empty.dtypes) == [frame["k"].dtype, frame["time"].dtype, np.float64, np.float64]


def test_small_numbers_are_those_of_the_csv(tmp_path):
    frame = pd.DataFrame({"time": DAYS, "y": np.random.default_rng(0).normal(size=12) * 1e-7})
    ours, theirs = both(frame, tmp_path)
    np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-15)


def test_columns_without_a_name_are_those_of_the_csv(tmp_path):
    dates = DAYS.astype(str)
    (tmp_path / "data.csv").write_text("".join([",y\n", *(f"{d},{k % 5}.5\n" for k, d in enumerate(dates))]))
    indexed = pd.read_csv(tmp_path / "data.csv")
    table = table_from_frame(with_columns(indexed), Settings().options)
    panel, roles = panel_of(table, Settings())
    whole = read_table(str(tmp_path / "data.csv"))
    assert (roles.time, roles.targets, table.notes) == ("time", ("y",), whole.notes)
    assert panel.fingerprint() == panel_of(whole, Settings())[0].fingerprint()
    counted = pd.DataFrame({"Unnamed: 0": range(12, 0, -1), "time": dates, "y": VALUES})
    table = table_from_frame(with_columns(counted), Settings().options)
    assert table.notes[-1] == "not used: column 1, which has no name"
    assert panel_of(table, Settings())[1].targets == ("y",)


@pytest.mark.parametrize("name", ["", " ", "\t"])
def test_a_column_without_a_name_that_holds_no_times_is_left_out(name):
    days = [f"2024-01-{day:02}" for day in range(1, 31)]
    frame = pd.DataFrame({"day": days, "y": np.arange(30.0) % 7, name: np.arange(30.0)})
    table = table_from_frame(with_columns(frame), ReadOptions())
    _, roles = panel_of(table, Settings())
    assert (roles.time, roles.targets) == ("day", ("y",))
    assert any("no name" in note for note in table.notes)


def test_rows_that_are_the_header_again_are_left_out_as_in_files(tmp_path):
    header = pd.DataFrame({"time": ["time"], "y": ["y"]})
    days = pd.DataFrame({"time": DAYS.strftime("%Y-%m-%d"), "y": VALUES.astype(str)})
    frame = pd.concat([days[:3], header, days[3:9], header, days[9:]])
    ours, theirs = both(frame, tmp_path)
    assert ours.fingerprint() == theirs.fingerprint()
    assert ours.values.tolist() == VALUES.tolist()
    notes = table_from_frame(with_columns(frame), ReadOptions()).notes
    assert "not in the table: 2 rows, the first 4, the header again" in notes
