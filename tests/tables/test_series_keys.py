"""Which columns tell series apart: by hand-made tables of known series."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.cache.arrays import Sizes
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.columns import find_roles
from lstmcli.tables.read.frames import table_from_frame

DAYS = [str(day.date()) for day in pd.date_range("2024-01-01", periods=40)]
SMALL = Sizes(piece=200, block=64, bucket=80, small=-1)


def shops(*keys, seed=0, **columns):
    """Rows of 40 days for each combination of keys, given as (name, values); sold: whole numbers that
    repeat; columns: (name, function of a random generator and the count of rows)."""
    random = np.random.default_rng(seed)
    names = [name for name, _ in keys]
    rows = [(day, *key) for key in product(*(values for _, values in keys)) for day in DAYS]
    table = pd.DataFrame(rows, columns=["date", *names])
    table["sold"] = random.integers(0, 9, len(table))
    return table.assign(**{name: make(random, len(table)) for name, make in columns.items()})


def keys_of(table, **settings):
    return find_roles(table, Settings(**settings), "data.csv").series


def prices(random, count):
    return random.integers(100, 100_000, count)


TWO, THREE = ("store", [1, 2]), ("item", [5, 6, 7])
TABLES = {
    "two numbers": (shops(TWO, THREE), ("store", "item")),
    "names written together": (shops(("StoreID", [1, 2]), ("dept_nr", [3, 4])), ("StoreID", "dept_nr")),
    "three": (shops(TWO, THREE, ("channel", ["web", "shop"])), ("store", "item", "channel")),
    "numbers of any name": (shops(("a", [1, 2, 3]), ("b", [4, 5, 6])), ("a", "b")),
    "one is enough": (shops(("sku", [11, 12, 13]), seed=1), ("sku",)),
    "texts before numbers": (shops(("who", ["x", "y"]), paid=lambda r, n: r.integers(1, 9, n)), ("who",)),
    "a constant is none": (shops(TWO, THREE, ("country", ["DE"])), ("store", "item")),
    "a flag is none": (shops(TWO, THREE, promo=lambda r, n: r.integers(0, 2, n)), ("store", "item")),
    "measured numbers that never repeat in a day are none": (shops(TWO, THREE, c=prices), ("store", "item")),
    "a number for each row is none": (shops(TWO, THREE, id=lambda r, n: range(n)), ("store", "item")),
    "a weekday is none": (
        shops(TWO, THREE).assign(weekday=lambda t: pd.to_datetime(t["date"]).dt.day_of_week),
        ("store", "item"),
    ),
    "the key of the region is that of the shop": (
        shops(("shop", list("abcd"))).assign(
            region=lambda t: t["shop"].map({"a": "n", "b": "n", "c": "s", "d": "s"})
        ),
        ("shop",),
    ),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("order", ["by series", "by time", "shuffled"])
def test_the_fewest_columns_that_make_times_unique(name, order):
    table, wanted = TABLES[name]
    if order == "by time":
        table = table.sort_values("date", kind="stable")
    elif order == "shuffled":
        table = table.sample(frac=1, random_state=5)
    assert keys_of(table) == wanted


def test_two_shops_of_which_one_always_sells_more_are_no_keys_by_what_they_sell():
    table = shops(("s", [1, 2])).assign(sold=lambda t: 100 * t["s"] + np.arange(len(t)) * 7 % 40)
    assert keys_of(table.drop(columns="s").assign(other=1.5)) == ()
    assert keys_of(table.assign(n=lambda t: t["sold"] + 3)) == ("s",)


def test_a_few_repeated_rows_do_not_make_a_key_of_a_remark():
    table = shops(("store", ["n", "s"]), ("item", [1, 2, 3]))
    table["weather"] = np.random.default_rng(3).choice(["sun", "rain"], len(table))
    again = table.iloc[[7]].assign(weather=lambda t: "rain" if t["weather"].item() == "sun" else "sun")
    assert keys_of(pd.concat([table, again], ignore_index=True)) == ("store", "item")


def test_items_that_are_nearly_all_sold_in_one_shop_need_the_shop():
    table = pd.DataFrame(
        [(day, "n" if item < 199 else shop, item, 1.5) for item in range(200) for shop in
         (["n"] if item < 199 else ["n", "s"]) for day in DAYS],
        columns=["date", "store", "item", "sold"],
    )  # fmt: skip
    assert keys_of(table) == ("store", "item")


def test_series_that_come_and_go_are_told_apart_by_their_number():
    rows = [(day, 10 + k, k + 0.5) for k in range(30) for day in DAYS[k : k + 8]]
    assert keys_of(pd.DataFrame(rows, columns=["date", "product_id", "sold"])) == ("product_id",)


def test_what_was_tried_is_told_where_nothing_tells_series_apart(tmp_path):
    table = shops(("store", ["a", "b"]), ("size", [1, 2])).drop(columns="size")
    path = tmp_path / "data.csv"
    table.assign(weather="sun").to_csv(path, index=False)
    found = find_roles(table, Settings(), "data.csv")
    assert (found.series, found.tried) == ((), ("store",))


def test_with_repeats_merged_the_best_combination_is_taken():
    table = shops(("store", ["a", "b"]), ("size", [1, 2])).drop(columns="size")
    assert keys_of(table, on_duplicate="mean") == ("store",)


@pytest.mark.parametrize("name", TABLES)
def test_roles_are_those_of_a_cache_read_in_pieces(tmp_path, name):
    path = tmp_path / "data.csv"
    TABLES[name][0].to_csv(path, index=False)
    _, roles = panel_of(read_table(str(path)), Settings())
    cache = Cache(tmp_path / "cache", lambda *said: None, sizes=SMALL)
    assert panel_for_training([str(path)], Settings(), cache)[2] == roles


def test_the_refusal_names_what_was_tried(tmp_path):
    path = tmp_path / "data.csv"
    table = shops(("store", ["a", "b"]), ("kind", ["m", "n"]), ("size", [1, 2])).drop(columns="size")
    table.to_csv(path, index=False)
    with pytest.raises(DataError) as caught:
        panel_of(read_table(str(path)), Settings())
    assert caught.value.kind == "duplicate-time"
    said = (
        "store, kind: no combination of these tells series apart; name the columns that do with --set series="
    )
    assert said in str(caught.value)
    assert "on-duplicate" not in str(caught.value)


def countries():
    """Provinces of one country, and countries without any; one has both."""
    table = shops(("country", ["CN", "IT", "DK"]), ("province", ["Hubei", ""]))
    return table[~((table["country"] == "IT") & (table["province"] == "Hubei"))]


@pytest.mark.parametrize("way", ["whole", "in pieces"])
def test_an_empty_part_of_a_name_is_one_where_most_rows_of_it_have_it(tmp_path, way):
    path = tmp_path / "data.csv"
    countries().to_csv(path, index=False)
    if way == "whole":
        panel, roles = panel_of(read_table(str(path)), Settings())
    else:
        cache = Cache(tmp_path / "cache", lambda *said: None, sizes=SMALL)
        _, panel, roles = panel_for_training([str(path)], Settings(), cache)
    assert roles.series == ("country", "province")
    assert roles.notes[0] == "empty cells of province are taken as a name"
    assert panel.keys == (("CN", "Hubei"), ("CN", ""), ("IT", ""), ("DK", "Hubei"), ("DK", ""))


@pytest.mark.parametrize("way", ["whole", "in pieces"])
def test_a_stray_empty_part_of_a_name_is_refused(tmp_path, way):
    path = tmp_path / "data.csv"
    table = shops(TWO, ("kind", ["m", "n"]))
    table.loc[57, "kind"] = None
    table.to_csv(path, index=False)
    chosen = Settings(series=("store", "kind"))
    with pytest.raises(DataError) as caught:
        if way == "whole":
            panel_of(read_table(str(path)), chosen)
        else:
            panel_for_training([str(path)], chosen, Cache(tmp_path / "c", lambda *said: None, sizes=SMALL))
    assert str(caught.value) == f"{path}:59:kind: the name of the series is missing"


NUMBERED = {
    "points": ("store", ["1.1", "1.10", "1.2"]),
    "powers of ten": ("code", ["1E5", "100000", "2E5"]),
    "leading zeros": ("store", ["7", "007", "12"]),
    "decimals": ("item", ["7", "7.0", "8"]),
    "percent": ("store", ["5%", "10%"]),
    "blanks": ("code", ["1 000", "2 000", "10 000"]),
    "currencies": ("shop", ["$5", "$10"]),
    "signs": ("store_id", ["+7", "7", "-0"]),
}


def written_rows(name, keys, days=40):
    stamps = pd.date_range("2024-01-01", periods=days).astype(str)
    rows = [f"{day},{key},{100 * n + k % 7}" for k, day in enumerate(stamps) for n, key in enumerate(keys)]
    return "\n".join([f"date,{name},y", *rows]) + "\n"


@pytest.mark.parametrize("case", NUMBERED)
@pytest.mark.parametrize("named", [False, True])
def test_names_are_told_apart_as_they_are_written(tmp_path, case, named):
    name, keys = NUMBERED[case]
    path = tmp_path / "data.csv"
    path.write_text(written_rows(name, keys))
    made = Settings(series=name) if named else Settings()
    whole, roles = panel_of(read_table(str(path), made.options), made)
    assert roles.series == (name,) and whole.keys == tuple((key,) for key in keys)
    kept = panel_for_training([str(path)], made, Cache(tmp_path / "kept", lambda *_: None))[1]
    assert kept.keys == whole.keys and kept.values.tolist() == whole.values.tolist()
    frame = pd.read_csv(path, dtype={name: str})
    assert panel_of(table_from_frame(frame, made.options), made)[0].keys == whole.keys


@pytest.mark.parametrize("case", NUMBERED)
def test_names_of_long_files_stay_as_they_are_written(tmp_path, case):
    name, keys = NUMBERED[case]
    path = tmp_path / "data.csv"
    path.write_text(written_rows(name, keys, 1500))
    whole, roles = panel_of(read_table(str(path)), Settings())
    assert roles.series == (name,) and whole.keys == tuple((key,) for key in keys)
    cache = Cache(tmp_path / "kept", lambda *_: None, sizes=SMALL)
    assert panel_for_training([str(path)], Settings(), cache)[1].keys == whole.keys


def test_measured_decimals_in_a_column_called_like_a_key_stay_numbers(tmp_path):
    path = tmp_path / "data.csv"
    days = pd.date_range("2024-01-01", periods=60).astype(str)
    path.write_text("date,room\n" + "".join(f"{day},{20 + k % 7 / 4:.2f}\n" for k, day in enumerate(days)))
    _, roles = panel_of(read_table(str(path)), Settings())
    assert roles.targets == ("room",)


OF_KEYS = {  # names of series that a part of a time may be written as
    "clocks": ("shop", ["0600", "1200", "1800"], pd.date_range("2024-01-01", periods=40).astype(str), "day"),
    "ids": ("store", ["0012", "0105"], pd.date_range("2024-01-01", periods=40).astype(str), "day"),
    "quarters": ("region", ["Q1", "Q2", "Q3", "Q4"], [str(1990 + k) for k in range(30)], "year"),
    "months": ("branch", ["May", "June", "April"], [str(1990 + k) for k in range(30)], "year"),
}


@pytest.mark.parametrize("case", OF_KEYS)
@pytest.mark.parametrize("by_key", [False, True])
def test_a_column_called_like_a_key_is_no_part_of_the_time(tmp_path, case, by_key):
    name, keys, times, step = OF_KEYS[case]
    cells = [(time, key, 10 * n + k % 7) for k, time in enumerate(times) for n, key in enumerate(keys)]
    cells = sorted(cells, key=lambda row: keys.index(row[1])) if by_key else cells
    path = tmp_path / "data.csv"
    path.write_text(f"when,{name},y\n".replace("when", "year" if step == "year" else "date"))
    with path.open("a") as file:
        file.writelines(f"{time},{key},{value}\n" for time, key, value in cells)
    panel, roles = panel_of(read_table(str(path)), Settings())
    assert roles.series == (name,) and {*panel.keys} == {(key,) for key in keys}
    assert panel.step.kind == {"day": "fixed", "year": "month"}[step]


def test_a_key_beside_hours_and_a_named_part_stay_what_they_are(tmp_path):
    path = tmp_path / "data.csv"
    days = pd.date_range("2024-01-01", periods=6).astype(str)
    rows = [
        f"{key},{day},{hour},{hour % 5 + int(key)}"
        for key in ("0012", "0105")
        for day in days
        for hour in range(24)
    ]
    path.write_text("\n".join(["store,date,hour,y", *rows]) + "\n")
    panel, roles = panel_of(read_table(str(path)), Settings())
    assert (roles.time, roles.series) == ("date hour", ("store",)) and panel.lengths.tolist() == [144, 144]
    path.write_text("\n".join(["store,date,hour id,y", *rows]) + "\n")
    assert panel_of(read_table(str(path)), Settings())[1].time == "date hour id"
