"""Times under names that are not known, and years and months that are written in an unusual way."""

import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table


def read(tmp_path, name, cells, **settings):
    path = tmp_path / "t.csv"
    path.write_text("\n".join([f"STN,{name},TG", *(f"260,{cell},{k % 7}" for k, cell in enumerate(cells))]))
    chosen = Settings(**settings)
    return panel_of(read_table(str(path), chosen.options), chosen)


DAYS = pd.date_range("2023-01-01", periods=60)
MONTHS = pd.date_range("2020-01-01", periods=30, freq="MS")
HOURS = pd.date_range("2023-01-01", periods=60, freq="h")


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("YYYYMMDD", [f"{t:%Y%m%d}" for t in DAYS]),
        ("obs", [f"{t:%Y%m%d%H}" for t in HOURS]),
        ("obs", [f"{t:%Y%m%d%H%M}" for t in HOURS]),
        ("0CALMONTH", [f"{t:%Y%m}" for t in MONTHS]),
        ("CALMON", [f"{t:%Y%m}" for t in MONTHS]),
    ],
)
def test_numbers_that_spell_dates_are_times_whatever_their_name(tmp_path, name, cells):
    _, roles = read(tmp_path, name, cells)
    assert (roles.time, roles.targets) == (name, ("TG",))
    said = f"{name} taken as the time: its numbers spell dates (--set time=COLUMN for another)"
    assert said in roles.notes


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("YearMonth", [f"{t:%Y%m}" for t in MONTHS]),
        ("YearWeek", [f"2023{k:02}" for k in range(1, 53)]),
        ("TIMESTAMP_START", [f"{t:%Y%m%d%H%M}" for t in HOURS]),
        ("Year", [f"{1990 + k}{'*' * (k > 20)}" for k in range(24)]),
        ("Year", [f"{1990 + k}{'(p)' * (k > 20)}" for k in range(24)]),
    ],
)
def test_names_of_two_words_and_years_with_marks_are_times(tmp_path, name, cells):
    assert read(tmp_path, name, cells)[1].time == name


def test_weeks_that_end_and_begin_anew_with_the_years_are_times_whatever_their_name(tmp_path):
    weeks = pd.date_range("2022-01-03", "2024-02-05", freq="W-MON")
    panel, roles = read(tmp_path, "Periode", [f"{t:%G%V}" for t in weeks])
    assert (roles.time, roles.targets, str(panel.step)) == ("Periode", ("TG",), "week")
    assert "time stamps taken as weeks: 202201 begins on 2022-01-03" in roles.notes


@pytest.mark.parametrize("name", ["code", "obs"])
def test_numbers_with_other_parts_are_no_times(tmp_path, name):
    with pytest.raises(DataError) as error:
        read(tmp_path, name, [f"2023{k:02}" for k in range(1, 60)])
    assert error.value.kind == "no-time-column"


@pytest.mark.parametrize(
    ("name", "cells", "said"),
    [
        ("Year", [f"{1990 + k}/{(91 + k) % 100:02}" for k in range(20)], "ends in the next one"),
        ("Year", [f"{2000 + k}-{k + 1:02}" for k in range(11)], "ends in the next one"),
        ("Year", [f"{2000 + k}-{k + 1:02}" for k in range(20)], "ends in the next one"),
        ("Year", [f"FY{90 + k}" for k in range(9)], "write it in four digits (1990)"),
        ("Quarter", [f"{2015 + k // 4}{k % 4 + 1:02}" for k in range(20)], "makes it 2015-Q1"),
        ("period", [f"{2015 + k // 4}{k % 4 + 1:02}" for k in range(20)], "makes it 2015-Q1"),
        ("month", [f"{t:%y%m}" for t in MONTHS], "makes it 2020-01"),
    ],
)
def test_what_may_be_another_time_is_refused_with_what_to_write(tmp_path, name, cells, said):
    with pytest.raises(DataError) as error:
        read(tmp_path, name, cells)
    assert error.value.kind == "not-a-time" and said in str(error.value)


def test_months_that_are_called_so_are_months(tmp_path):
    cells = [f"{2015 + k // 4}{k % 4 + 1:02}" for k in range(20)]
    assert read(tmp_path, "month", cells, on_gap="mask")[1].time == "month"


@pytest.mark.parametrize(
    ("name", "cells", "said"),
    [
        (
            "Quarter",
            ["2015/16 Q1", "2015/16 Q2", "2015/16 Q3"],
            "ends in the next one, write the first alone: sed",
        ),
        ("Day", ["1-Jan", "2-Jan", "3-Jan"], "has no year; .*--set time=none --step 1d"),
        (
            "Week of",
            ["March 5", "March 12", "March 19"],
            "has no year; .*--set time=none --step 1w",
        ),
        ("Day", ["1/2", "1/3", "1/13"], "has no year of four digits; .*--set time=none --step 1d"),
        ("Season", ["2018-19", "2019-20", "2020-21"], "ends in the next one, write the first alone: sed"),
        ("Day", ["Jan-01", "Jan-02", "Jan-03"], "has no year; .*--set time=none --step 1d"),
    ],
)
def test_quarters_of_two_years_and_days_without_a_year_are_refused_with_a_mend(tmp_path, name, cells, said):
    with pytest.raises(DataError, match=f"2:{name}: '{cells[0]}' .*{said}"):
        read(tmp_path, name, cells)
