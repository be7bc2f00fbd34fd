"""Times of other calendars and counts: years far from today's, ticks of clocks."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table, time_pattern
from lstmcli.tables.read.fast_path import read_plain_series
from lstmcli.tables.write.numbers import numbers_of_times

DAYS = [date(2023, 1, 1) + timedelta(days=k) for k in range(40)]


def read(tmp_path, header, cells, **settings):
    lines = [header, *(f"{cell},{k * 7 % 11}" for k, cell in enumerate(cells))]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    chosen = Settings(**settings)
    table = read_table(str(tmp_path / "t.csv"), chosen.options)
    return table, *panel_of(table, chosen)


def shifted(years, form):
    return [form.format(y=day.year + years, m=day.month, d=day.day) for day in DAYS]


FORMS = ["{y}-{m:02}-{d:02}", "{y}/{m:02}/{d:02}", "{y}{m:02}{d:02}", "{y}-{m:02}-{d:02} 00:00"]


@pytest.mark.parametrize("form", [*FORMS, "{d:02}/{m:02}/{y}", "{d}.{m}.{y}"])
def test_buddhist_years_are_kept_and_told(tmp_path, form):
    _, panel, roles = read(tmp_path, "date,sold", shifted(543, form))
    assert "years are kept as written: 2566 may be a Buddhist year, 2023 elsewhere" in roles.notes
    assert (str(panel.step), str(panel.starts[0])[:10]) == ("day", "2566-01-01")


@pytest.mark.parametrize("form", [*FORMS, "{d:02}/{m:02}/{y}"])
@pytest.mark.parametrize("years", [-621, -578])
def test_days_of_persian_and_islamic_years_are_refused(tmp_path, form, years):
    with pytest.raises(
        DataError, match=rf":2:date: '.*' is not of the usual calendar: {2023 + years} may be"
    ) as error:
        read(tmp_path, "date,sold", shifted(years, form))
    assert error.value.kind == "not-a-time"
    assert str(error.value).split(": ")[-1] == "--set time=none --step 1d"
    assert read(tmp_path, "date,sold", shifted(years, form), time="none", step="1d")[1].observations == 40
    assert read_plain_series(str(tmp_path / "t.csv")) is None


@pytest.mark.parametrize(
    ("header", "cells", "said"),
    [
        ("month,y", [f"{1398 + k // 12}-{k % 12 + 1:02}" for k in range(40)], "1398 may be a Persian year"),
        ("year,y", range(1390, 1430), "1390 may be a Persian year, 2011, or an Islamic one, 1970"),
        ("year,y", range(2530, 2569), "2530 may be a Buddhist year, 1987 elsewhere"),
        ("date,y", shifted(-2000, "{y:04}-{m:02}-{d:02}"), "0023 may stand for 2023"),
        ("date,y", shifted(800, FORMS[0]), "2823 is far from today"),
        ("date,y", shifted(-900, FORMS[0]), "1123 is far from today"),
        ("year,y", range(2195, 2235), ""),
        ("year,y", range(1250, 1320), ""),
        ("year,y", range(1850, 1900), ""),
    ],
)  # fmt: skip
def test_other_years_are_told_where_none_is_of_today(tmp_path, header, cells, said):
    _, _, roles = read(tmp_path, header, cells)
    told = [note for note in roles.notes if note.startswith("years are kept as written: ")]
    assert bool(told) == bool(said) and all(said in note for note in told)


def test_a_leap_day_of_a_buddhist_year_is_told(tmp_path):
    days = [date(2024, 2, 20) + timedelta(days=k) for k in range(20)]
    with pytest.raises(
        DataError, match=r"'29/02/2567' is not .* 2567 may be a Buddhist year, 2024 elsewhere: write"
    ):
        read(tmp_path, "date,y", [f"{d.day:02}/{d.month:02}/{d.year + 543}" for d in days])


COUNTS = {
    "filetime": ("1601-01-01", 10, "tenths of microseconds since 1601 (FILETIME of Windows)"),
    "ticks": ("0001-01-01", 10, "tenths of microseconds since the year 1 (ticks of .NET)"),
    "webkit": ("1601-01-01", 1, "microseconds since 1601 (WebKit)"),
}


@pytest.mark.parametrize("step", [timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)])
@pytest.mark.parametrize("kind", COUNTS)
@pytest.mark.parametrize("name", ["time", "Timestamp", "x"])
def test_ticks_of_clocks_are_times(tmp_path, kind, step, name):
    zero, in_micro, said = COUNTS[kind]
    if (kind, name) == ("webkit", "x"):
        return  # 16 digits may be a value
    since = datetime.fromisoformat(f"{zero}T00:00:00+00:00")
    moments = [datetime(2024, 3, 1, 5, tzinfo=UTC) + step * k for k in range(40)]
    cells = [(moment - since) // timedelta(microseconds=1) * in_micro for moment in moments]
    table, panel, roles = read(tmp_path, f"{name},y", cells)
    assert roles.time == name and f"time stamps taken as {said}, UTC" in roles.notes
    assert panel.starts[0] == np.datetime64("2024-03-01T05:00") and panel.times(0, 39, 1)[0] == np.datetime64(
        moments[-1].replace(tzinfo=None)
    )
    pattern = time_pattern(table, name)
    assert numbers_of_times(panel.times(0, 0, 40), pattern).tolist() == cells


def test_nanoseconds_are_as_before(tmp_path):
    cells = [1_700_000_000_000_000_000 + k * 3_600_000_000_000 for k in range(40)]
    _, panel, roles = read(tmp_path, "time,y", cells)
    assert "time stamps taken as nanoseconds since 1970, UTC" in roles.notes and str(panel.step) == "hour"


@pytest.mark.parametrize(
    ("header", "cells", "said"),
    [
        ("timestamp,y", [694_224_000 + k * 3600 for k in range(40)],
         "time stamps taken as seconds since 1970, UTC: 694224000 is 1992-01-01"),
        ("date,y", range(20_100, 20_140), "time stamps taken as the days that Excel counts: 20100 is "
         "1955-01-11 (counted from 1970 it would be 2025-01-12)"),
        ("date,y", range(45_000, 45_040), "time stamps taken as the days that Excel counts: 45000 is "
         "2023-03-15"),
        ("date,y", range(19_000, 19_040), "date: 19000 is no date that is known: steps are counted"),
    ],
)  # fmt: skip
def test_numbers_that_may_count_from_another_year_are_told(tmp_path, header, cells, said):
    assert said in read(tmp_path, header, cells)[2].notes


def test_steps_are_no_dates(tmp_path):
    assert read(tmp_path, "step,y", range(40))[2].notes == ()
