"""Plain files are read without pandas, to the same panel; all others are left to `tables`."""

import gzip
import io
import random
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lstmcli import model_file
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_for_contract, panel_of, read_table, time_pattern
from lstmcli.tables.read.fast_path import read_plain_file, read_plain_series
from lstmcli.tables.read.for_contract import contract_of, read_for_model
from lstmcli.tables.write.times import format_plain_times

HOURS = [f"2024-01-01 {hour:02}:00" for hour in range(24)]


def csv(header, rows):
    return "\n".join([header, *(",".join(map(str, row)) for row in rows), ""])


def stamped(stamps, header="time,y"):
    return csv(header, [(stamp, 10 + place % 7 / 4) for place, stamp in enumerate(stamps)])


def two(first, second, header="shop,time,y"):
    return csv(header, [(key, stamp, 5 + at) for key in (first, second) for at, stamp in enumerate(HOURS)])


PLAIN = {
    "hours": stamped(HOURS),
    "seconds": stamped([f"{hour}:30" for hour in HOURS]),
    "T": stamped([hour.replace(" ", "T") for hour in HOURS]),
    "days": stamped([f"2024-02-{day:02}" for day in range(20, 30)]),
    "months": stamped([f"{2020 + n // 12}-{n % 12 + 1:02}-01" for n in range(30)]),
    "last days": stamped(pd.date_range("2023-01-31", periods=20, freq="ME").strftime("%Y-%m-%d")),
    "business days": stamped(pd.bdate_range("2024-01-01", periods=20).strftime("%Y-%m-%d")),
    "counted": stamped(range(1, 40)),
    "counted by three": stamped(range(0, 60, 3)),
    "series": two("north", "south"),
    "numbered series": two("1", "20"),
    "series of a name with blanks": two("north east", "é"),
    "two columns of series": csv(
        "a,b,time,y", [(a, b, hour, 1.5) for a in "pq" for b in "rs" for hour in HOURS]
    ),
    "series of other starts": csv(
        "id,time,y",
        [*(("a", h, 1.25) for h in HOURS[:9]), *(("b", h, 2) for h in HOURS[3:])],
    ),
    "other columns": csv("time,note,y", [(hour, "" if n else "x", -n) for n, hour in enumerate(HOURS, 1)]),
    "whole and broken": csv("time,y", [(hour, f"-{n}.") for n, hour in enumerate(HOURS, 1)]),
    "zeros": csv("time,y", [(hour, (0, "0.0", "0.5", "-0.25")[n % 7 % 4]) for n, hour in enumerate(HOURS)]),
    "key last": csv("time,y,shop", [(hour, n, shop) for shop in "ab" for n, hour in enumerate(HOURS)]),
    "no line end": stamped(HOURS).rstrip(),
}
GOOD = stamped(HOURS)
ODD = {
    "quotes": GOOD.replace("10.0\n", '"10.0"\n'),
    "semicolons": GOOD.replace(",", ";"),
    "carriage returns": GOOD.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + GOOD,
    "gap": stamped([*HOURS[:5], *HOURS[6:]]),
    "twice": stamped([*HOURS[:5], *HOURS[4:]]),
    "backwards": stamped(HOURS[::-1]),
    "last turned": stamped([*HOURS[:-2], HOURS[-1], HOURS[-2]]),
    "empty cell": GOOD.replace("10.25", ""),
    "dash": GOOD.replace("10.25", "-"),
    "nan": GOOD.replace("10.25", "nan"),
    "exponent": GOOD.replace("10.25", "1e1"),
    "underscore": GOOD.replace("10.25", "1_0"),
    "plus": GOOD.replace("10.25", "+10"),
    "blank": GOOD.replace("10.25", " 10"),
    "leading zero": GOOD.replace("10.25", "010"),
    "leading zero below zero": GOOD.replace("10.25", "-010"),
    "zero below zero": GOOD.replace("10.25", "-0.0"),
    "17 characters": GOOD.replace("10.25", "1.123456789012345"),
    "one cell more, one less": GOOD.replace("10.25\n", "10.25,7\n").replace(",10.5\n", "\n"),
    "two points": GOOD.replace("10.25", "1.2.5"),
    "other digits": GOOD.replace("10.25", "١٠"),
    "ragged": GOOD.replace("10.25\n", "10.25,1\n"),
    "ragged and made up for": GOOD.replace("10.25\n", "10.25,1\n").replace(",10.5\n", "\n"),
    "blank line": GOOD.replace("10.25\n", "10.25\n\n"),
    "blank line at the end": GOOD + "\n",
    "header only": "time,y\n",
    "nothing": "",
    "without y": GOOD.replace("time,y", "time,z"),
    "one name twice": csv("time,y,y", [(h, 1, 2) for h in HOURS]),
    "nameless column": csv("time,y,", [(h, 1, 2) for h in HOURS]),
    "name with a blank": GOOD.replace("time,y", "time, y"),
    "mixed stamps": GOOD.replace("01:00", "01:00:00"),
    "no such day": stamped([f"2024-02-{day:02}" for day in range(20, 31)]),
    "short stamps": stamped([f"2024-1-{n}" for n in range(10, 20)]),
    "years": stamped(range(1990, 2020)),
}


@pytest.fixture
def known(trained, tmp_path):
    """A function: a model of a file of this text, and the two ways to read another."""
    model = model_file.read_model(trained.model)

    def make(text):
        path = tmp_path / "learned.csv"
        path.write_text(text)
        table = read_table(str(path))
        panel, roles = panel_of(table, Settings())
        return replace(model, contract=contract_of(table, panel, roles))

    return make


def plain(model, *names, **policies):
    options = replace(model.contract.options, **policies)
    return read_plain_file(model.contract, options, [str(name) for name in names])


def same(model, path):
    found = plain(model, path)
    assert found is not None
    table = read_table(str(path), model.contract.options)
    panel, notes = panel_for_contract(table, model.contract.roles, model.contract.step)
    assert (found.source, (*table.notes, *notes)) == (table.source, ())
    assert found.pattern == time_pattern(table, model.contract.roles.time)
    assert found.panel.starts.dtype == panel.starts.dtype
    assert found.panel.static.shape == panel.static.shape
    assert found.panel.fingerprint() == panel.fingerprint()


def test_the_reader_chooses_the_fast_path_by_itself(known, tmp_path):
    model, path = known(GOOD), tmp_path / "data.csv"
    path.write_text(GOOD)
    assert read_for_model(model, tmp_path / "model", [str(path)]).table is None
    path.write_text(GOOD.replace(",", ";"))
    found = read_for_model(model, tmp_path / "model", [str(path)])
    assert found.table is not None
    assert found.panel.fingerprint() == plain(model, tmp_path / "learned.csv").panel.fingerprint()


@pytest.mark.parametrize("text", PLAIN.values(), ids=list(PLAIN))
def test_a_plain_file_gives_the_same_panel(known, tmp_path, text):
    path = tmp_path / "data.csv"
    path.write_text(text)
    same(known(text), path)
    path.write_bytes(gzip.compress(text.encode()))
    same(known(text), path)


@pytest.mark.parametrize("text", ODD.values(), ids=list(ODD))
def test_what_may_be_read_otherwise_is_left_alone(known, tmp_path, text):
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode())
    assert plain(known(GOOD), path) is None


@pytest.mark.parametrize("key", ["007", "1.0", "1e3", "NA", "nan", "Inf", "TRUE", "", " a", "_", "+1"])
def test_a_name_that_may_be_a_number_is_left_alone(known, tmp_path, key):
    model, path = known(two("north", "south")), tmp_path / "data.csv"
    path.write_text(two("north", key))
    assert plain(model, path) is None


def test_rows_of_a_series_that_stand_apart_are_left_alone(known, tmp_path):
    model, path = known(two("north", "south")), tmp_path / "data.csv"
    path.write_text(csv("shop,time,y", [(key, h, 1) for h in HOURS for key in ("a", "b")]))
    assert plain(model, path) is None


@pytest.mark.parametrize(
    ("policies", "taken"),
    [
        ({"on_gap": "mask", "on_duplicate": "mean"}, True),
        ({"decimal": ","}, False),
        ({"header": False}, False),
        ({"skip_rows": 0, "comment": "none"}, True),
        ({"skip_rows": 1}, False),
        ({"comment": "2"}, False),
    ],
)
def test_options_decide(known, tmp_path, policies, taken):
    path = tmp_path / "data.csv"
    path.write_text(GOOD)
    assert (plain(known(GOOD), path, **policies) is not None) is taken


def test_damage_and_several_files_are_left_alone(known, tmp_path):
    path, cut = tmp_path / "data.csv", tmp_path / "cut.csv.gz"
    path.write_text(GOOD)
    cut.write_bytes(gzip.compress(GOOD.encode())[:-20])
    wrong = tmp_path / "wrong.csv.gz"
    wrong.write_bytes(b"\x1f\x8b\x08\x00" + bytes(range(60)))
    twice = tmp_path / "twice.csv.gz"
    twice.write_bytes(gzip.compress(GOOD.encode()) + gzip.compress(b""))
    odd = [[str(name)] for name in (cut, wrong, twice, tmp_path, "none.csv")]
    for sources in (*odd, [str(path), str(path)]):
        assert plain(known(GOOD), *sources) is None


@pytest.mark.parametrize("text", [GOOD, ODD["gap"]], ids=["plain", "odd"])
def test_standard_input_is_read_and_may_be_read_again(known, tmp_path, monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    found = plain(known(GOOD), "-")
    assert (found.source if found else None) == ("standard input" if text == GOOD else None)
    assert sys.stdin.read() == text


def test_numbers_are_those_of_pandas_to_the_last_bit(known, tmp_path):
    draw = random.Random(1)
    cells = []
    for _ in range(5000):
        digits = draw.randint(1, 15)
        whole = str(draw.randint(10 ** (digits - 1), 10**digits - 1))
        at = draw.randint(0, digits)
        cells.append(draw.choice(["", "-"]) + (f"{whole[:at] or 0}.{whole[at:]}" if at < digits else whole))
    path = tmp_path / "data.csv"
    path.write_text(csv("t,y", zip(range(1, 5001), cells, strict=True)))
    same(known(stamped(range(1, 40), "t,y")), path)


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d.%m.%Y", "%Y%m%d%H"])
def test_stamps_are_those_of_pandas(pattern):
    times = np.array(["1000-01-01", "1969-12-31T23:59:59.5", "2024-02-29T07:08:09", "9999-12-31"], "M8[us]")
    assert format_plain_times(times, pattern).tolist() == pd.DatetimeIndex(times).strftime(pattern).tolist()


@pytest.mark.parametrize("pattern", ["%Y-Q%q", "%b %Y", "%Y-%m-%d %H:%M%z", "%Y-%m-%d%", "%S.%3f"])
def test_other_patterns_are_left_to_pandas(pattern):
    assert format_plain_times(np.array(["2024-02-29"], "M8[us]"), pattern) is None


@pytest.mark.parametrize("year", ["0999", "10000", "NaT"])
def test_years_of_other_than_four_digits_are_left_to_pandas(year):
    assert format_plain_times(np.array(["2024", year], "M8[us]"), "%Y") is None


USUAL = {name: text for name, text in PLAIN.items() if text.startswith("time,y\n")} | {
    "half hours": stamped(
        pd.date_range("2024-01-01", periods=60, freq="30min").strftime("%Y-%m-%d %H:%M:%S")
    ),
    "weeks": stamped(pd.date_range("2024-01-01", periods=30, freq="7D").strftime("%Y-%m-%d"), "week,sales"),
    "quarters": stamped(
        pd.date_range("2015-01-01", periods=30, freq="QS").strftime("%Y-%m-%d"), "date,Price"
    ),
    "years": stamped([f"{year}-01-01" for year in range(1990, 2020)], "ds,load_kw"),
    "months not from the first": stamped([f"{2020 + n // 12}-{n % 12 + 1:02}-15" for n in range(30)]),
    "whole numbers that rise": csv("date,count", [(f"2024-01-{n:02}", n) for n in range(1, 29)]),
    "years as values": csv("date,value", [(f"2024-01-{n:02}", 2000 + n) for n in range(1, 29)]),
    "times as values": csv("date,value", [(f"2024-01-{n:02}", 100 * (n % 24)) for n in range(1, 29)]),
    "zeros and ones": csv("date,y", [(f"2024-01-{n:02}", n % 2) for n in range(1, 29)]),
    "a constant": csv("date,y", [(f"2024-01-{n:02}", 7) for n in range(1, 29)]),
    "three decimals": csv("date,y", [(f"2024-01-{n:02}", f"{n}.125") for n in range(1, 29)]),
    "a sentinel": csv("date,y", [(f"2024-01-{n:02}", -999 if n == 9 else n) for n in range(1, 29)]),
    "a gap": stamped([f"2024-01-{n:02}" for n in range(1, 29) if n != 9]),
    "no Sundays": stamped(
        [d.strftime("%Y-%m-%d") for d in pd.date_range("2024-01-01", periods=90) if d.weekday() < 6]
    ),
    "two rows": stamped(HOURS[:2]),
    "a time twice": stamped(HOURS[:5] + HOURS[4:]),
    "a key beside it": csv("date,store", [(f"2024-01-{n:02}", 3) for n in range(1, 29)]),
    "a part of the time": csv("date,hour", [(f"2024-01-{n // 24 + 1:02}", n % 24) for n in range(96)]),
    "a total": stamped([*HOURS, "Total"]),
}


@pytest.mark.parametrize("text", USUAL.values(), ids=USUAL)
def test_one_series_is_read_without_settings_as_a_training_reads_it(tmp_path, text):
    """What is read at all is read alike, and nothing is said of it that would be lost."""
    path = tmp_path / "data.csv"
    path.write_text(text)
    found = read_plain_series(str(path))
    if found is None:
        return
    table = read_table(str(path), Settings().options)
    panel, roles = panel_of(table, Settings())
    assert found.panel.fingerprint() == panel.fingerprint()
    assert (found.roles.time, found.roles.targets) == (roles.time, roles.targets)
    assert found.pattern == time_pattern(table, roles.time)
    assert not (*table.notes, *roles.notes)


def test_usual_files_of_one_series_are_read_without_pandas(tmp_path):
    path = tmp_path / "data.csv"
    for name in ("hours", "T", "days", "months", "last days", "half hours", "weeks", "quarters", "years"):
        path.write_text(USUAL[name])
        assert read_plain_series(str(path)), name
    for name in ("a gap", "a sentinel", "a time twice", "a part of the time", "a total", "business days"):
        path.write_text(USUAL[name])
        assert read_plain_series(str(path)) is None, name
