"""Which numbers are forecast, and what is said of the others."""

import numpy as np
import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.column_names import is_driver_name, is_key_name
from lstmcli.tables.read.columns import find_roles
from lstmcli.tables.read.running_sums import adds_up
from lstmcli.tables.write.alarms import ALARM_COLUMNS

DAYS = pd.date_range("2024-01-01", periods=60)
RANDOM = np.random.default_rng(0)
LEVEL = RANDOM.normal(50, 9, 60).round(1)
FLAG = np.arange(60) % 3 // 2


def roles(columns, **settings):
    table = pd.DataFrame({"date": DAYS.strftime("%Y-%m-%d"), **columns})
    return find_roles(table, Settings(**settings), "data.csv")


def test_texts_of_one_value_in_each_series_are_offered_as_static_and_for_totals():
    shops = np.array(["Kiel", "Hamburg", "Ulm"])
    dates = np.repeat(DAYS[:20].strftime("%Y-%m-%d"), 3)
    places = {"area": ["north", "north", "south"], "owner": ["A", "B", "C"], "shop": shops}
    table = pd.DataFrame({"date": dates, **{c: np.tile(v, 20) for c, v in places.items()}, "sold": LEVEL})
    found = find_roles(table, Settings(series="shop"), "data.csv")
    said = "left out: area, owner (text, one value in each series: "
    keys = "--set series=area,shop for totals)"
    assert found.notes == (f"{said}--set static=area,owner, or {keys}",)
    assert found.without_covariates().notes == (f"{said}{keys}",)
    table.loc[0, "owner"] = "D"
    (note,) = find_roles(table, Settings(series="shop"), "data.csv").notes
    assert note.endswith("; owner (text: --set past=owner)")


@pytest.mark.parametrize(
    ("columns", "targets", "own"),
    [
        (
            {"pm": LEVEL, "no2": LEVEL[::-1], "imputed": FLAG, "lower": LEVEL, "upper": LEVEL},
            ("pm", "no2"),
            3,
        ),
        (
            {"pm": LEVEL, "no2": LEVEL[::-1]}
            | {f"{t} {c}": LEVEL for t in ("pm", "no2") for c in ("imputed", "lower", "upper")},
            ("pm", "no2"),
            6,
        ),
        ({"forecast": LEVEL, "q0.1": LEVEL - 1, "q0.9": LEVEL + 1, "q0.975": LEVEL}, ("forecast",), 3),
        (dict.fromkeys(ALARM_COLUMNS[:5], LEVEL), ("value",), 4),
        ({"lower": LEVEL, "upper": LEVEL + 1}, ("lower", "upper"), 0),
    ],
)
def test_columns_that_the_program_writes_are_not_forecast(columns, targets, own):
    found = roles(columns)
    assert found.targets == targets
    left = ", ".join(list(columns)[-own:])
    assert found.notes == ((f"left out: {left} (written by lstmcli)",) if own else ())
    assert roles(columns, target=targets).notes == found.notes
    if own:
        assert roles(columns, target=list(columns)[-1:]).targets == tuple(columns)[-1:]


@pytest.mark.parametrize(
    ("columns", "targets", "note"),
    [
        ({"lat": 41.9, "lon": -87.9, "temp": LEVEL}, ("temp",), "lat, lon (one value only)"),
        ({"No": range(1, 61), "pm": LEVEL}, ("pm",), "No (row numbers)"),
        ({"k": range(60), "pm": LEVEL}, ("pm",), "k (row numbers)"),
        ({"id": range(900, 840, -1), "pm": LEVEL}, ("pm",), "id (row numbers)"),
        ({"index": range(7, 127, 2), "pm": LEVEL}, ("pm",), "index (row numbers)"),
        ({"pm": LEVEL, "notes": None}, ("pm",), "notes (empty)"),
        (
            {"promo": FLAG, "revenue": LEVEL},
            ("revenue",),
            "promo (0 or 1: --set past=promo, or --set future=promo where known ahead)",
        ),
        (
            {"open": FLAG == 1, "revenue": LEVEL},
            ("revenue",),
            "open (yes or no: --set past=open, or --set future=open where known ahead)",
        ),
        (
            {"year": DAYS.year, "month": DAYS.month, "dow": DAYS.day_of_week, "pm": LEVEL},
            ("pm",),
            "year (one value only); month, dow (part of the time)",
        ),
        ({"month": LEVEL, "pm": LEVEL}, ("month", "pm"), None),
        ({"MMWR Year": [2023, 2024] * 30, "pm": LEVEL}, ("pm",), "MMWR Year (part of the time)"),
        ({"OPR_NUM": (np.arange(60) + 17) % 24 + 1, "pm": LEVEL}, ("pm",), "OPR_NUM (part of the time)"),
        ({"n": np.arange(60) % 24 // 2, "pm": LEVEL}, ("n", "pm"), None),
        ({"quarter": 1990.1 + np.arange(60), "pm": LEVEL}, ("pm",), "quarter (part of the time)"),
        ({"Load [MWh]": LEVEL, "Solar [MWh]": LEVEL + FLAG}, ("Load [MWh]", "Solar [MWh]"), None),
        (
            {"Load [MWh]": LEVEL, "Price [EUR/MWh]": LEVEL + FLAG},
            ("Load [MWh]",),
            "Price [EUR/MWh] (likely a covariate: --set 'past=[\"Price [EUR/MWh]\"]'; "
            "to forecast as well --set 'target=[\"Load [MWh]\", \"Price [EUR/MWh]\"]')",
        ),
        ({"temp": LEVEL, "rh": LEVEL + FLAG}, ("temp", "rh"), None),
        ({"item_1": LEVEL, "item_2": FLAG, "item_3": LEVEL + 1}, ("item_1", "item_2", "item_3"), None),
        (
            {"Weekly_Sales": LEVEL, "Temperature": LEVEL + FLAG, "Fuel Price": LEVEL - FLAG},
            ("Weekly_Sales",),
            "Temperature, Fuel Price (likely a covariate: --set 'past=Temperature,Fuel Price'; "
            "to forecast as well --set 'target=Weekly_Sales,Temperature,Fuel Price')",
        ),
        ({"temp": LEVEL, "wind": LEVEL + FLAG}, ("temp", "wind"), None),
        (
            {"GDP": LEVEL, "Consumption": LEVEL + FLAG, "CPI": LEVEL - FLAG},
            ("GDP", "Consumption", "CPI"),
            None,
        ),
        (
            {"energy consumption": LEVEL, "GDP": LEVEL + FLAG},
            ("energy consumption",),
            "GDP (likely a covariate: --set past=GDP; "
            "to forecast as well --set 'target=energy consumption,GDP')",
        ),
        (
            {"Consumption": LEVEL, "Temperature": LEVEL + FLAG},
            ("Consumption",),
            "Temperature (likely a covariate: --set past=Temperature; "
            "to forecast as well --set target=Consumption,Temperature)",
        ),
        (
            {"y": LEVEL, "price": LEVEL + FLAG, "a": 1},
            ("y",),
            "price (number: --set past=price); a (one value only)",
        ),
        (
            {"temp": LEVEL, "price": LEVEL - FLAG, "kWh": LEVEL + FLAG},
            ("kWh",),
            "temp, price (likely a covariate: --set past=temp,price; "
            "to forecast as well --set target=kWh,temp,price)",
        ),
        ({"price": LEVEL, "volume": LEVEL + FLAG}, ("price", "volume"), None),
        ({"y": 1, "pm": LEVEL}, ("pm",), "y (one value only)"),
        ({"units": 0}, ("units",), None),
        ({"units": 0, "promo": FLAG}, ("units",), None),
        ({"state": FLAG, "site": 3}, ("state",), "site (one value only)"),
        ({"No": range(1, 61), "site": 3}, ("site",), "No (row numbers)"),
    ],
)  # fmt: skip
def test_targets_and_what_is_left_out(columns, targets, note):
    found = roles(columns)
    assert found.targets == targets
    if note is not None:
        assert found.notes == (f"left out: {note}",)


WHOLE = RANDOM.permutation(60) * 7


@pytest.mark.parametrize(
    ("columns", "targets", "note"),
    [
        (
            {"order_id": WHOLE, "ZipCode": WHOLE + 9, "pm": LEVEL},
            ("pm",),
            "order_id, ZipCode (likely a code: --set past=order_id,ZipCode; "
            "to forecast as well --set target=pm,order_id,ZipCode)",
        ),
        (
            {"InvoiceNo": WHOLE, "quality": FLAG * 2 + 1, "pm": LEVEL},
            ("pm",),
            "InvoiceNo, quality (likely a code: --set past=InvoiceNo,quality; "
            "to forecast as well --set target=pm,InvoiceNo,quality)",
        ),
        (
            {"pm": LEVEL, "yhat": LEVEL + FLAG},
            ("pm",),
            "yhat (likely a forecast, a plan or the year before: --set past=yhat, "
            "or --set future=yhat where known ahead; to forecast as well --set target=pm,yhat)",
        ),
        (
            {"latitude": LEVEL, "pm": LEVEL - FLAG},
            ("pm",),
            "latitude (likely a place: --set past=latitude; to forecast as well --set target=pm,latitude)",
        ),
        (
            {"updated_at": 1_700_000_000 + WHOLE, "pm": LEVEL},
            ("pm",),
            "updated_at (another time: --set past=updated_at; "
            "to forecast as well --set target=pm,updated_at)",
        ),
        (
            {"order_id": [None, *WHOLE[1:]], "pm": LEVEL},
            ("pm",),
            "order_id (likely a code: to forecast as well --set target=pm,order_id)",
        ),
        (
            {"A": LEVEL, "B": WHOLE, "Grand Total": LEVEL + WHOLE},
            ("A", "B"),
            "Grand Total (the sum of the others: --set 'past=Grand Total'; "
            "to forecast as well --set 'target=A,B,Grand Total')",
        ),
        ({"A": LEVEL, "B": WHOLE, "Total": LEVEL + WHOLE + FLAG * 9}, ("A", "B", "Total"), None),
        ({"A": LEVEL, "Total": LEVEL}, ("A", "Total"), None),
        (
            {"sold": WHOLE, "so far": np.concatenate([WHOLE[:25].cumsum(), WHOLE[25:].cumsum()])},
            ("sold",),
            "so far (a running sum: --set 'past=so far'; to forecast as well --set 'target=sold,so far')",
        ),
        (
            {"YTD": LEVEL.cumsum().round(), "pm": LEVEL},
            ("pm",),
            "YTD (a running sum: --set past=YTD; to forecast as well --set target=pm,YTD)",
        ),
        ({"cumulative": LEVEL.cumsum()}, ("cumulative",), None),
        ({"A": LEVEL.cumsum(), "B": LEVEL[::-1]}, ("A", "B"), None),
        ({"NO": WHOLE, "NO2": WHOLE + 1, "air quality": WHOLE}, ("NO", "NO2", "air quality"), None),
        ({"sensor_1": WHOLE, "sensor_2": WHOLE + 1}, ("sensor_1", "sensor_2"), None),
        ({"order_id": WHOLE}, ("order_id",), None),
        ({"order_id": WHOLE, "zip": WHOLE + 3}, ("order_id", "zip"), None),
        ({"order_id": LEVEL, "pm": LEVEL + FLAG}, ("order_id", "pm"), None),
        ({"CA": WHOLE, "ID": WHOLE + 1, "TX": WHOLE + 2}, ("CA", "ID", "TX"), None),
        ({"forecast": WHOLE, "budget": WHOLE + 1}, ("forecast", "budget"), None),
    ],
)  # fmt: skip
def test_codes_places_and_forecasts_beside_what_is_measured(columns, targets, note):
    found = roles(columns)
    assert found.targets == targets
    assert found.notes == ((f"left out: {note}",) if note else ())


def test_one_huge_cell_makes_no_running_sum():
    rows = np.arange(60.0)
    assert adds_up(rows.cumsum(), rows)
    huge = np.where(rows == 30, 1e308, rows)
    assert not adds_up(huge, -rows / 3)
    assert not adds_up(-rows / 3, huge)
    endless = np.where(rows == 30, np.inf, rows.cumsum())
    assert adds_up(endless, rows)
    assert not adds_up(np.where(rows % 2, -1e308, 1e308), rows)


def test_a_column_with_holes_is_not_offered_as_a_covariate():
    holes = np.where(FLAG == 1, np.nan, LEVEL)
    assert roles({"y": LEVEL, "x": holes}).notes == ("left out: x (number)",)


def test_one_value_in_each_series_is_static():
    table = pd.DataFrame(
        [
            (day, shop, 10.5 + k, v)
            for k, shop in enumerate("abc")
            for day, v in zip(DAYS, LEVEL, strict=True)
        ],
        columns=["date", "shop", "lat", "temp"],
    )
    found = find_roles(table, Settings(), "data.csv")
    assert (found.series, found.targets) == (("shop",), ("temp",))
    assert found.notes == ("left out: lat (one value in each series: --set static=lat)",)


@pytest.mark.parametrize(
    ("name", "driver"),
    [
        ("MarkDown1", True),
        ("onpromotion", True),
        ("Fuel_Price", True),
        ("Umsatz", False),
        ("windmills", False),
    ],
)
def test_names_of_usual_covariates(name, driver):
    assert is_driver_name(name) == driver


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("StoreID", True), ("store_nbr", True), ("unique_id", True), ("itemid", True), ("Dept", True),
        ("store_sales", False), ("sales_region", True), ("y", False), ("temperature", False), ("plz", True),
    ],
)  # fmt: skip
def test_names_of_usual_keys(name, key):
    assert is_key_name(name) == key


ROWS = pd.date_range("2023-01-01", periods=90)
SECOND_TIMES = {
    "seconds": [int(t.timestamp()) for t in ROWS],
    "milliseconds": [int(t.timestamp()) * 1000 + 86_399_999 for t in ROWS],
    "an hour behind": [int(t.timestamp()) - 3600 for t in ROWS],
    "days of Excel": [44927 + k for k in range(90)],
    "whole dates": [int(f"{t:%Y%m%d}") for t in ROWS],
    "months": [int(f"{t:%Y%m}") for t in ROWS],
    "decimal years": [round(2023 + k / 365, 4) for k in range(90)],
}


@pytest.mark.parametrize("cells", SECOND_TIMES.values(), ids=SECOND_TIMES)
@pytest.mark.parametrize("series", [(), ("a", "b")])
def test_numbers_that_say_the_time_again_are_no_targets(tmp_path, cells, series):
    rows = [
        f"{f'{name},' if name else ''}{t:%Y-%m-%d},{cell},{k % 7}.5"
        for name in series or [""]
        for k, (t, cell) in enumerate(zip(ROWS, cells, strict=True))
    ]
    path = tmp_path / "t.csv"
    path.write_text("\n".join([f"{'shop,' * bool(series)}day,x,n", *rows]))
    _, roles = panel_of(read_table(str(path)), Settings())
    assert (roles.time, roles.targets) == ("day", ("n",))
    assert roles.notes == ("left out: x (another time: --set past=x; to forecast as well --set target=n,x)",)


def test_numbers_that_only_look_like_times_are_values(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{t:%Y-%m-%d},{1_700_000_000 + 40_000 * k},{45_000 + 3 * k}" for k, t in enumerate(ROWS)]
    path.write_text("\n".join(["day,bytes,steps", *rows]))
    assert panel_of(read_table(str(path)), Settings())[1].targets == ("bytes", "steps")


CODES = ["a" if k in (9, 40) else "b" if k == 25 else str(k % 2 * (k > 50)) for k in range(60)]


@pytest.mark.parametrize("codes", [CODES, [code.replace("1", "0") for code in CODES]])
def test_codes_among_numbers_are_a_category(tmp_path, codes):
    path = tmp_path / "data.csv"
    rows = [f"{day:%Y-%m-%d},{LEVEL[k]},{codes[k]}" for k, day in enumerate(DAYS)]
    path.write_text("\n".join(["date,sales,hol", *rows, ""]))
    note = panel_of(read_table(str(path)), Settings())[1].notes[0]
    assert note == "left out: hol (numbers and texts: --set past=hol --set categorical=hol)"
    with pytest.raises(
        DataError, match=r":11:hol: 'a' .*: --set categorical=hol; .*: --set missing=a,b"
    ) as e:
        panel_of(read_table(str(path)), Settings(past=["hol"]))
    assert e.value.mends[0] == {"categorical": ["hol"]}
    with pytest.raises(DataError) as again:
        panel_for_training([str(path)], Settings(past=["hol"]), Cache(tmp_path / "kept", lambda *_: None))
    assert str(again.value) == str(e.value)
    roles = panel_of(read_table(str(path)), Settings(past=["hol"], categorical=["hol"]))[1]
    assert roles.categorical == ("hol",)


def test_of_columns_of_texts_the_one_that_says_on_and_off_is_named(tmp_path):
    path = tmp_path / "data.csv"
    rows = [f"binary_sensor.door,{'on' if k % 3 else 'off'},{day:%Y-%m-%d}" for k, day in enumerate(DAYS)]
    path.write_text("\n".join(["entity_id,state,last_changed", *rows, ""]))
    with pytest.raises(DataError, match=r"data.csv:2:state: 'off' is no number: .*; write 1 and 0"):
        panel_of(read_table(str(path)), Settings())
