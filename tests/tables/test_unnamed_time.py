"""A column of times without a name, as pandas and R write an index."""

import numpy as np
import pytest

from lstmcli.errors import DataError
from lstmcli.series.calendar import DAY, Step
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.cache.arrays import Sizes
from lstmcli.tables.read import panel_of, read_table

ROWS = [f"2024-01-{day:02},{day * day % 17}" for day in range(1, 31)]
NOTE = "the column without a name is taken as 'time': it holds times"


def written(path, header, rows=ROWS):
    path.write_text("\n".join([header, *rows, ""]))
    return str(path)


@pytest.mark.parametrize("header", [",value", '"",value', " ,value", "Unnamed: 0,value"])
def test_it_is_taken_and_said(tmp_path, header):
    table = read_table(written(tmp_path / "data.csv", header))
    panel, roles = panel_of(table, Settings())
    assert (roles.time, roles.targets, panel.step) == ("time", ("value",), Step("fixed", DAY))
    assert panel.history(0).tolist() == [day * day % 17 for day in range(1, 31)]
    assert NOTE in table.notes


def test_a_cache_takes_it_too(tmp_path):
    source = written(tmp_path / "data.csv", ",value")
    said = []
    cache = Cache(tmp_path / "cache", lambda *words: said.append(words))
    table, panel, roles = panel_for_training([source], Settings(), cache)
    assert (roles.time, panel.history(0).tolist()) == ("time", [day * day % 17 for day in range(1, 31)])
    assert NOTE in table.notes


def test_a_cache_looks_at_the_same_rows(tmp_path):
    source = written(tmp_path / "data.csv", ",value", [*ROWS[:4], *(f"7,{n}" for n in range(30))])
    cache = Cache(tmp_path / "cache", lambda *_: None, sizes=Sizes(piece=8, block=32, bucket=40, small=-1))
    with pytest.raises(DataError, match="no column of time stamps found"):
        panel_for_training([source], Settings(), cache)


def test_a_column_of_times_with_a_name_is_taken_instead(tmp_path):
    rows = [f"{n},{row}" for n, row in enumerate(ROWS)]
    table = read_table(written(tmp_path / "data.csv", ",date,value", rows))
    assert panel_of(table, Settings())[1].time == "date"
    other = [f"{row.partition(',')[0]},{row}" for row in ROWS]
    table = read_table(written(tmp_path / "other.csv", ",date,value", other))
    assert panel_of(table, Settings())[1].time == "date"


@pytest.mark.parametrize("codes", [("Winter", "Summer"), ("First", "Second")])
def test_words_for_parts_beside_years_are_no_names_of_series(tmp_path, codes):
    rows = [f"{year},{code},{year % 7}" for year in range(1990, 2020) for code in codes]
    source = written(tmp_path / "data.csv", "year,part,value", rows)
    with pytest.raises(DataError, match=r"data\.csv:3:year: time 1990-01-01 appears twice"):
        panel_of(read_table(source), Settings())


@pytest.mark.parametrize("codes", [("Q01", "Q02", "Q03", "Q04"), ("H1", "H2"), ("S01", "S02")])
def test_codes_of_parts_beside_years_are_joined_with_these(tmp_path, codes):
    rows = [f"{year},{code},{year % 7}" for year in range(1990, 2020) for code in codes]
    panel, roles = panel_of(read_table(written(tmp_path / "data.csv", "year,part,value", rows)), Settings())
    assert (roles.time, roles.series, len(panel.values)) == ("year part", (), 30 * len(codes))


def test_names_of_series_beside_years_stay_names(tmp_path):
    rows = [f"{year},{code},{year % 7}" for year in range(1990, 2020) for code in ("S1", "Peru")]
    roles = panel_of(read_table(written(tmp_path / "data.csv", "year,place,value", rows)), Settings())[1]
    assert roles.series == ("place",)


def test_a_header_of_titles_is_refused_with_what_reads_the_columns(tmp_path):
    months = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ]
    rows = [f"{2012 + k // 12};{months[k % 12]};{k},5" for k in range(48)]
    titles = ["Index of prices: months;;", "Index;;", ";;Index", ";;2020=100"]
    path = tmp_path / "prices.csv"
    path.write_text("\n".join([*titles, *rows, ""]))
    with pytest.raises(DataError) as caught:
        panel_of(read_table(str(path)), Settings())
    assert str(caught.value).endswith("--set skip_rows=4 --no-header --set time=1,2")
    made = Settings(**caught.value.mends[0])
    panel, _ = panel_of(read_table(str(path), made.options), made)
    assert panel.values.tolist() == [k + 0.5 for k in range(48)]
    assert panel.starts[0] == np.datetime64("2012-01-01")
