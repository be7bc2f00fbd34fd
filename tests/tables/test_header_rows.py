"""Headers of several rows are joined, columns of one name numbered; both are told."""

from datetime import date, timedelta

import pandas as pd
import pytest

from lstmcli.jobs.check import check_for_training
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.frames import with_columns

DAYS = [str(date(2024, 1, 1) + timedelta(days=k)) for k in range(150)]


def written(folder, *header):
    """A file whose header is given, with numbers that tell the columns apart."""
    width = header[-1].count(",")
    rows = [",".join([day, *(f"{100 * c + k % 9}.5" for c in range(width))]) for k, day in enumerate(DAYS)]
    path = folder / "data.csv"
    path.write_text("\n".join([*header, *rows, ""]))
    return str(path)


CASES = {
    "pandas, one ticker": (
        ["Price,Close,High,Volume", "Ticker,AAPL,AAPL,AAPL", "Date,,,"],
        ["Date", "Close", "High", "Volume"],
        "lines 1 to 3",
    ),
    "pandas, two tickers": (
        ["Price,Close,Close,Open,Open", "Ticker,AAPL,MSFT,AAPL,MSFT", "Date,,,,"],
        ["Date", "Close AAPL", "Close MSFT", "Open AAPL", "Open MSFT"],
        "lines 1 to 3",
    ),
    "names below": (
        ["Date,AAPL,AAPL,MSFT,MSFT", ",Open,Close,Open,Close"],
        ["Date", "AAPL Open", "AAPL Close", "MSFT Open", "MSFT Close"],
        "lines 1 to 2",
    ),
    "merged cells": (
        [",Store 1,,Store 2,", "Date,Sales,Visits,Sales,Visits"],
        ["Date", "Store 1 Sales", "Store 1 Visits", "Store 2 Sales", "Store 2 Visits"],
        "lines 1 to 2",
    ),
    "a group above units": (
        ["Date,North,", ",Units,EUR"],
        ["Date", "North Units", "North EUR"],
        "lines 1 to 2",
    ),
    "merged cells below": (
        ["Date,Solar,,Wind,,Total", ",Plan,Real,Plan,Real,"],
        ["Date", "Solar Plan", "Solar Real", "Wind Plan", "Wind Real", "Total"],
        "lines 1 to 2",
    ),
    "title, levels, units": (
        ["Report,,,,", "", "Country,DE,DE,FR,FR", "Kind,Gen,Load,Gen,Load", "Unit,MW,MW,MW,MW", "Date,,,,"],
        ["Date", "DE Gen", "DE Load", "FR Gen", "FR Load"],
        "lines 3 to 6",
    ),
    "units tell apart": (
        ["Date,Price,Price", ",EUR,USD"],
        ["Date", "Price EUR", "Price USD"],
        "lines 1 to 2",
    ),
    "one measure above names": (
        ["Date,Rate,Rate", "Date,A,B"],
        ["Date", "Rate A", "Rate B"],
        "lines 1 to 2",
    ),
    "how dates are written": (
        ["Date,Rate,Rate,Spread", "yyyy-mm-dd,A,B,A"],
        ["Date", "Rate A", "Rate B", "Spread A"],
        "lines 1 to 2",
    ),
    "a level that says nothing": (
        ["Price,Close,Close", "Ticker,A,B", "Date,,"],
        ["Date", "A", "B"],
        "lines 1 to 3",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_headers_of_several_rows_are_joined(tmp_path, case):
    header, names, lines = CASES[case]
    path = written(tmp_path, *header)
    table = read_table(path)
    assert list(table.frame.columns) == names
    assert any(f"the header stands in {lines}, joined as" in note for note in table.notes)
    panel, roles = panel_of(table, Settings(target=names[1:]))
    assert (roles.time, len(panel), panel.observations) == (names[0], len(names) - 1, 150 * (len(names) - 1))
    assert table.place(0)[1] == len(header) + 1
    assert sorted(panel.values[panel.offsets[:-1]]) == [100.0 * c + 0.5 for c in range(len(names) - 1)]


def test_pieces_read_the_same_header(tmp_path):
    path = written(tmp_path, *CASES["merged cells"][0])
    settings = Settings(target=CASES["merged cells"][1][1:])
    _, panel, *_ = panel_for_training([path], settings, Cache(tmp_path / "cache", print))
    assert panel.observations == 600


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("date,value,value", ["date", "value", "value.1"]),
        ("date,y,date,y.1,y", ["date", "y", "date.1", "y.1", "y.2"]),
        ("date,y,,", ["date", "y"]),
    ],
)
def test_later_columns_of_one_name_are_numbered(tmp_path, header, names):
    table = read_table(written(tmp_path, header))
    assert list(table.frame.columns) == names
    assert any("'date.1', 'y.2'" in n or "read as 'value.1'" in n for n in table.notes) == (names[-1] != "y")


@pytest.mark.parametrize(
    "header", [["Zeit,P,Q", ",Leistung (MW),Preis (EUR/MWh)"], ["Zeit,P,Q", ",Megawatt,Euro"]]
)
def test_words_below_the_names_without_a_time_are_left_out(tmp_path, header):
    report = check_for_training([written(tmp_path, *header)], Settings())
    assert report.accepted
    assert any("line 2, below the header" in finding.message for finding in report.findings)


def test_columns_of_several_levels_in_a_frame():
    columns = pd.MultiIndex.from_product([["Close", "Open"], ["AAPL", "MSFT"]], names=["Price", "Ticker"])
    index = pd.date_range("2024-01-01", periods=3, name="Date")
    frame = with_columns(pd.DataFrame([[1, 2, 3, 4]] * 3, index, columns))
    assert list(frame.columns) == ["Date", "Close AAPL", "Close MSFT", "Open AAPL", "Open MSFT"]
    alone = pd.MultiIndex.from_product([["Close", "Open"], ["AAPL"]])
    assert list(with_columns(pd.DataFrame([[1, 2]] * 3, index, alone)).columns) == ["Date", "Close", "Open"]
