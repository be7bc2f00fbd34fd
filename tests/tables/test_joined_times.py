"""Times whose parts stand in several columns: found, joined, and never taken for series or targets."""

import numpy as np
import pandas as pd
import pytest

from lstmcli.errors import DataError
from lstmcli.series.calendar import DAY, HOUR, MINUTE, Step, advance, format_time
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table, time_pattern
from lstmcli.tables.read.for_contract import contract_of
from lstmcli.tables.read.frames import table_from_frame
from lstmcli.tables.read.grid import sort_rows
from lstmcli.tables.read.stream import form_of_lines, parse_lines
from lstmcli.tables.write.times import format_stamps

HOURLY, MONTHLY = Step("fixed", HOUR), Step("month", 1, 1)


def rows_of(index, *parts):
    """Rows of some texts of each time, and a value."""
    return [";".join([*(str(part(t)) for part in parts), str(k % 5 + 1)]) for k, t in enumerate(index)]


def read(path, header, rows, **settings):
    path.write_text("\n".join([header, *rows]))
    chosen = Settings(separator=";", **settings)
    table = read_table(str(path), chosen.options)
    panel, roles = panel_of(table, chosen)
    last = advance(panel.starts[0], panel.step, int(panel.lengths[0]) - 1)
    after = format_stamps(advance(last, panel.step, np.arange(1, 3)), time_pattern(table, roles.time))
    return panel, roles, list(map(str, np.asarray(after).tolist())), table


def days(text):
    return lambda t: t.strftime(text)


HOURS = pd.date_range("2024-01-30 20:00", periods=52, freq="h")
ENDING = pd.date_range("2024-01-30 00:00", periods=48, freq="h")
HALVES = pd.date_range("2024-01-30 00:00", periods=98, freq="30min")
QUARTERS = pd.date_range("2024-01-30 20:00", periods=30, freq="15min")
ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
DUTCH = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]
MONTHS = pd.date_range("2021-11-01", periods=27, freq="MS")
TABLES = {
    "date and time": ("Date;Time", HOURS, (days("%Y-%m-%d"), days("%H:%M")), HOURLY, "2024-02-02 00:00"),
    "points": ("Datum;Uhrzeit", HOURS, (days("%d.%m.%Y"), days("%H.%M.%S")), HOURLY, "02.02.2024 00.00.00"),
    "12-hour clock": (
        "DATE;START TIME",
        HOURS,
        (lambda t: f"{t.month}/{t.day}/{t.year}", lambda t: f"{t.hour % 12 or 12}:00 {'AP'[t.hour // 12]}M"),
        HOURLY,
        "2/2/2024 12:00 AM",
    ),
    "midnights": ("date;time", HOURS, (days("%Y-%m-%d 00:00:00"), days("%H:%M")), HOURLY, "2024-02-02 00:00"),
    "compact date": ("date;time", HOURS, (days("%Y%m%d"), days("%H:%M")), HOURLY, "20240202 00:00"),
    "hours": ("Date;Hour", HOURS, (days("%Y-%m-%d"), lambda t: t.hour), HOURLY, "2024-02-02 00:00"),
    "hours as texts": ("Date;Hour", HOURS, (days("%Y-%m-%d"), days("%H")), HOURLY, "2024-02-02 00:00"),
    "hours and minutes": (
        "Date;Hour;Minute",
        QUARTERS,
        (days("%Y-%m-%d"), lambda t: t.hour, lambda t: t.minute),
        Step("fixed", 15 * MINUTE),
        "2024-01-31 03:30",
    ),
    "1 to 24": ("Date;HE", ENDING, (days("%Y-%m-%d"), lambda t: t.hour + 1), HOURLY, "2024-02-01 01:00"),
    "hundreds": ("Date;Time", ENDING, (days("%Y-%m-%d"), lambda t: 100 * t.hour), HOURLY, "2024-02-01 00:00"),
    "hours, minutes and seconds": (
        "<DATE>;<TIME>",
        ENDING,
        (days("%Y%m%d"), lambda t: 10_000 * t.hour),
        HOURLY,
        "20240201 00:00:00",
    ),
    "hours, minutes and seconds with zeros": (
        "Date;Time",
        QUARTERS,
        (days("%d/%m/%Y"), days("%H%M%S")),
        Step("fixed", 15 * MINUTE),
        "31/01/2024 03:30:00",
    ),
    "periods of half an hour": (
        "Settlement Date;Settlement Period",
        HALVES,
        (days("%Y-%m-%d"), lambda t: 2 * t.hour + t.minute // 30 + 1),
        Step("fixed", 30 * MINUTE),
        "2024-02-01 01:00",
    ),
    "hours from and to": (
        "Date;Hours",
        HOURS,
        (days("%d-%m-%Y"), lambda t: f"{t.hour:02} - {t.hour + 1:02}"),
        HOURLY,
        "02-02-2024 00:00",
    ),
    "hours from and to in words": (
        "Date;Time",
        HOURS,
        (days("%Y-%m-%d"), lambda t: f"{t.hour:02}:00 to {t.hour + 1:02}:00"),
        HOURLY,
        "2024-02-02 00:00",
    ),
    "German hours from and to": (
        "Datum;Stunde",
        HOURS,
        (days("%d.%m.%Y"), lambda t: f"{t.hour:02}-{t.hour + 1:02} Uhr"),
        HOURLY,
        "02.02.2024 00:00",
    ),
    "half hours from and to": (
        "Date;Period",
        HALVES,
        (days("%Y-%m-%d"), lambda t: f"{t:%H%M}-{t + pd.Timedelta(minutes=30):%H%M}"),
        Step("fixed", 30 * MINUTE),
        "2024-02-01 01:00",
    ),
    "hours in words": (
        "Fecha;Hora HE",
        ENDING,
        (days("%Y-%m-%d"), lambda t: f"Hora {t.hour + 1}"),
        HOURLY,
        "2024-02-01 01:00",
    ),
    "half of the day apart": (
        "Date;Time;AM/PM",
        HOURS,
        (days("%Y-%m-%d"), lambda t: f"{t.hour % 12 or 12}:00", days("%p")),
        HOURLY,
        "2024-02-02 12:00 AM",
    ),
    "hours of half a day": (
        "Date;Hour;Half",
        HOURS,
        (days("%Y-%m-%d"), lambda t: t.hour % 12 or 12, days("%p")),
        HOURLY,
        "2024-02-02 12:00 AM",
    ),
    "parts of hours": (
        "Date;Hour",
        HALVES,
        (days("%Y-%m-%d"), lambda t: t.hour + t.minute / 60),
        Step("fixed", 30 * MINUTE),
        "2024-02-01 01:00:00",
    ),
    "hours and minutes with a point": (
        "Date;Time",
        HALVES,
        (days("%Y-%m-%d"), days("%H.%M")),
        Step("fixed", 30 * MINUTE),
        "2024-02-01 01:00",
    ),
    "hours with a letter": (
        "Date;Heure",
        HOURS,
        (days("%d/%m/%Y"), lambda t: f"{t.hour}h"),
        HOURLY,
        "02/02/2024 0h",
    ),
    "parts with zeros": (
        "YYYY;MM;DD;hh;mm",
        QUARTERS,
        (days("%Y"), days("%m"), days("%d"), days("%H"), days("%M")),
        Step("fixed", 15 * MINUTE),
        "2024-01-31 03:30",
    ),
    "parts of days": (
        "Date;Time",
        HOURS,
        (days("%Y-%m-%d"), lambda t: round(t.hour / 24, 9)),
        HOURLY,
        "2024-02-02 00:00:00",
    ),
    "days and parts of Excel": (
        "Date;Time",
        HOURS,
        (lambda t: 45321 + (t.day_of_week - 1), lambda t: round(t.hour / 24, 9)),
        HOURLY,
        "2024-02-02 00:00:00",
    ),
    "four columns": (
        "year;month;day;hour",
        HOURS,
        (lambda t: t.year, lambda t: t.month, lambda t: t.day, lambda t: t.hour),
        HOURLY,
        "2024-02-02 00:00",
    ),
    "five columns": (
        "YY;MM;DD;hh;mm",
        QUARTERS,
        (lambda t: t.year, lambda t: t.month, lambda t: t.day, lambda t: t.hour, lambda t: t.minute),
        Step("fixed", 15 * MINUTE),
        "2024-01-31 03:30",
    ),
    "short names": (
        "YEAR;MO;DY;HR",
        HOURS,
        (lambda t: t.year, lambda t: t.month, lambda t: t.day, lambda t: t.hour),
        HOURLY,
        "2024-02-02 00:00",
    ),
    "year and month": (
        "year;month",
        MONTHS,
        (lambda t: t.year, lambda t: t.month),
        Step("month", 1, 1),
        "2024-02",
    ),
    "month before year": (
        "Monat;Jahr",
        MONTHS,
        (lambda t: t.month, lambda t: t.year),
        Step("month", 1, 1),
        "2024-02",
    ),
    "names of months": ("Year;Month", MONTHS, (lambda t: t.year, days("%b")), MONTHLY, "2024-02"),
    "codes of months": (
        "Year;Period",
        MONTHS,
        (lambda t: t.year, lambda t: f"M{t.month:02}"),
        Step("month", 1, 1),
        "2024-02",
    ),
    "Roman months": (
        "Year;Month",
        MONTHS,
        (lambda t: t.year, lambda t: ROMAN[t.month - 1]),
        MONTHLY,
        "2024-02",
    ),
    "numbered names of months": (
        "Year;Month",
        MONTHS,
        (lambda t: t.year, lambda t: t.strftime("%m - %b")),
        MONTHLY,
        "2024-02",
    ),
    "words and numbers of months": (
        "Year;Month",
        MONTHS,
        (lambda t: t.year, lambda t: f"Month {t.month}"),
        MONTHLY,
        "2024-02",
    ),
    "periods of years": ("Year;Period", MONTHS, (lambda t: t.year, days("P%m")), MONTHLY, "2024-02"),
    "Dutch months": (
        "Jaar;Maand",
        MONTHS,
        (lambda t: t.year, lambda t: DUTCH[t.month - 1]),
        MONTHLY,
        "2024-02",
    ),
    "months of quarters": (
        "Year;Quarter",
        pd.date_range("2021-01-01", periods=12, freq="QS"),
        (lambda t: t.year, lambda t: ("Jan-Mar", "Apr-Jun", "Jul-Sep", "Oct-Dec")[t.quarter - 1]),
        Step("month", 3, 1),
        "2024-Q1",
    ),
    "Roman quarters": (
        "Year;Quarter",
        pd.date_range("2021-01-01", periods=12, freq="QS"),
        (lambda t: t.year, lambda t: ROMAN[t.quarter - 1]),
        Step("month", 3, 1),
        "2024-Q1",
    ),
    "year and quarter": (
        "year;quarter",
        pd.date_range("2021-01-01", periods=12, freq="QS"),
        (lambda t: t.year, lambda t: t.quarter),
        Step("month", 3, 1),
        "2024-Q1",
    ),
    "quarters in words": (
        "Jahr;Zeitraum",
        pd.date_range("2021-01-01", periods=12, freq="QS"),
        (lambda t: t.year, lambda t: f"{t.quarter}. Quartal"),
        Step("month", 3, 1),
        "2024-Q1",
    ),
    "codes of halves": (
        "Year;Period",
        pd.date_range("2014-01-01", periods=20, freq="6MS"),
        (lambda t: t.year, lambda t: f"H{t.quarter // 2 + 1}"),
        Step("month", 6, 1),
        "2024-H1",
    ),
    "yr and wk": (
        "yr;wk",
        pd.date_range("2020-01-06", periods=60, freq="7D"),
        (lambda t: t.isocalendar().year, lambda t: t.isocalendar().week),
        Step("fixed", 7 * DAY),
        "2021-W09",
    ),
    "year and week": (
        "year;week",
        pd.date_range("2020-01-06", periods=60, freq="7D"),
        (lambda t: t.isocalendar().year, lambda t: t.isocalendar().week),
        Step("fixed", 7 * DAY),
        "2021-W09",
    ),
    "days of weeks": (
        "Week;Day",
        pd.date_range("2020-01-06", periods=60),
        (days("%G-W%V"), days("%A")),
        Step("fixed", DAY),
        "2020-W10-5",
    ),
    "days of months with their year": (
        "YearMonth;Day",
        pd.date_range("2020-01-06", periods=60),
        (days("%Y-%m"), lambda t: t.day),
        Step("fixed", DAY),
        "2020-03-06",
    ),
    "day of the year": (
        "year;doy",
        pd.date_range("2023-12-01", periods=40),
        (lambda t: t.year, lambda t: t.day_of_year),
        Step("fixed", DAY),
        "2024-010",
    ),
}


@pytest.mark.parametrize(("header", "index", "parts", "step", "after"), TABLES.values(), ids=TABLES)
def test_parts_are_joined(tmp_path, header, index, parts, step, after):
    panel, roles, ahead, _ = read(tmp_path / "data.csv", f"{header};y", rows_of(index, *parts))
    assert (panel.step, roles.series, roles.targets, ahead[0]) == (step, (), ("y",), after)
    first = index[0] + pd.Timedelta(hours=int("HE" in header))
    assert format_time(panel.starts[0]) == format_time(np.datetime64(first, "us"))
    assert panel.history(0).tolist() == [k % 5 + 1 for k in range(len(index))]


@pytest.mark.parametrize(("header", "index", "parts", "step", "after"), TABLES.values(), ids=TABLES)
def test_parts_that_are_named_are_joined(tmp_path, header, index, parts, step, after):
    names = header.split(";")
    if names[0] == "Monat":
        names = names[::-1]
    panel, roles, ahead, table = read(
        tmp_path / "data.csv", f"{header};y", rows_of(index, *parts), time=",".join(names)
    )
    assert (panel.step, roles.time, ahead[0]) == (step, " ".join(names), after)
    assert not table.notes


def test_what_is_joined_is_said_with_what_to_type(tmp_path):
    header, index, parts, _, _ = TABLES["1 to 24"]
    _, roles, _, table = read(tmp_path / "data.csv", f"{header};y", rows_of(index, *parts))
    assert table.notes == ("Date and HE taken together as the time (--set time=Date,HE)",)
    assert roles.notes == ("24:00 taken as the midnight that ends the day",)


WELSH = [
    "Ionawr",
    "Chwefror",
    "Mawrth",
    "Ebrill",
    "Mai",
    "Mehefin",
    "Gorffennaf",
    "Awst",
    "Medi",
    "Hydref",
    "Tachwedd",
    "Rhagfyr",
]


@pytest.mark.parametrize("newest_first", [False, True])
def test_months_that_no_list_knows_are_taken_in_their_order(tmp_path, newest_first):
    rows = rows_of(MONTHS, lambda t: t.year, lambda t: WELSH[t.month - 1])[:: -1 if newest_first else 1]
    panel, roles, ahead, table = read(tmp_path / "data.csv", "Year;Month;y", rows)
    assert (panel.step, roles.series, ahead[0]) == (MONTHLY, (), "2024-02")
    assert panel.history(0).tolist() == [k % 5 + 1 for k in range(len(MONTHS))]
    assert table.notes[1] == (
        "Month: 'Ionawr' to 'Rhagfyr' are taken for the 12 parts of a year in the order of the rows "
        "(--set time=Year: a series each)"
    )


def test_runs_of_three_months_in_order_are_months(tmp_path):
    runs = ["DJF", "JFM", "FMA", "MAM", "AMJ", "MJJ", "JJA", "JAS", "ASO", "SON", "OND", "NDJ"]
    rows = rows_of(MONTHS, lambda t: runs[t.month - 1], lambda t: t.year)
    panel, roles, ahead, _ = read(tmp_path / "data.csv", "SEAS;YR;y", rows)
    assert (panel.step, roles.time, roles.series, ahead[0]) == (MONTHLY, "YR SEAS", (), "2024-02")


FISCAL = [f"{y};{(m + 3) % 12 + 1};{m}" for y in (2018, 2019) for m in range(12)]


@pytest.mark.parametrize("rows", [FISCAL, FISCAL[:12], [*FISCAL[2:], *FISCAL[:2]][-14:]])
def test_months_of_years_that_begin_in_another_are_refused(tmp_path, rows):
    with pytest.raises(DataError) as error:
        read(tmp_path / "t.csv", "Year;Month;y", rows)
    assert "are in the order 4 to 12, 1 to 3: " in str(error.value)
    assert error.value.mends == ({"time": "Year,Month"},)
    assert read(tmp_path / "t.csv", "Year;Month;y", rows[:12], time="Year,Month")[0].step == MONTHLY


def test_months_that_come_newest_first_are_those_of_the_calendar(tmp_path):
    rows = [f"{y};{m};{m}" for y in (2019, 2018) for m in range(12, 0, -1)]
    assert read(tmp_path / "t.csv", "Year;Month;y", rows)[0].step == MONTHLY


def test_months_in_no_order_are_not_guessed(tmp_path):
    names = [WELSH, WELSH[::-1], WELSH]
    rows = [f"{2020 + k};{name};{at}" for k, year in enumerate(names) for at, name in enumerate(year)]
    _, roles, _, table = read(tmp_path / "data.csv", "Year;Month;y", rows)
    assert (roles.series, table.joined) == (("Month",), None)


def test_series_beside_the_parts(tmp_path):
    rows = [f"{s};{row}" for row in rows_of(HOURS, days("%Y-%m-%d"), days("%H:%M")) for s in "ab"]
    panel, roles, _, _ = read(tmp_path / "data.csv", "shop;Date;Time;y", rows)
    assert (roles.series, len(panel), panel.step) == (("shop",), 2, HOURLY)


@pytest.mark.parametrize(
    ("header", "parts", "time"),
    [
        ("Date;Time", (days("%Y-%m-%d"), days("%H:%M")), "Date"),  # a day has one row: when it was read
        ("timestamp;Date;Hour", (days("%Y-%m-%d %H:%M"), days("%Y-%m-%d"), lambda t: t.hour), "timestamp"),
        ("date;year;month", (days("%Y-%m-%d"), lambda t: t.year, lambda t: t.month), "date"),
    ],
)
def test_what_is_no_part_is_not_joined(tmp_path, header, parts, time):
    index = pd.date_range("2024-01-20 07:00", periods=30, freq="D")
    panel, roles, _, _ = read(tmp_path / "data.csv", f"{header};y", rows_of(index, *parts))
    assert (roles.time, panel.step) == (time, Step("fixed", DAY))


def test_a_flag_of_letters_is_no_half_of_the_day(tmp_path):
    parts = days("%Y-%m-%d"), days("%H:%M"), lambda t: "AP"[t.day == 1]
    _, roles, after, _ = read(tmp_path / "data.csv", "Date;Time;Quality;y", rows_of(HOURS, *parts))
    assert (roles.time, after[0]) == ("Date Time", "2024-02-02 00:00")


def test_days_with_points_are_no_times_of_day(tmp_path):
    bookings = [f"{k // 2 + 1:02}.07.23;{k // 2 + 2:02}.07.23;A;{k}" for k in range(20)]
    with pytest.raises(DataError, match="10 rows repeat a time") as error:
        read(tmp_path / "data.csv", "Buchungsdatum;Wertstellung;Von;Betrag", bookings)
    assert error.value.column == "Buchungsdatum"


def test_a_part_that_is_named_for_something_else_is_not_joined(tmp_path):
    rows = rows_of(pd.date_range("2024-01-20", periods=72, freq="h"), days("%Y-%m-%d"), lambda t: t.hour)
    panel, roles, _, _ = read(tmp_path / "data.csv", "Date;Hour;y", rows, series="Hour")
    assert (roles.time, roles.series, len(panel)) == ("Date", ("Hour",), 24)


def test_a_part_may_be_a_covariate(tmp_path):
    rows = rows_of(HOURS, days("%Y-%m-%d"), lambda t: t.hour)
    panel, roles, _, _ = read(tmp_path / "data.csv", "Date;Hour;y", rows, future="Hour")
    assert (roles.time, roles.future) == ("Date Hour", ("Hour",))
    assert panel.future[:5, 0].tolist() == [20, 21, 22, 23, 0]


def test_a_frame_has_its_parts_joined():
    frame = pd.DataFrame({"Date": HOURS.normalize(), "Hour": HOURS.hour, "y": np.arange(52.0)})
    panel, roles = panel_of(table_from_frame(frame, Settings().options), Settings())
    assert (roles.time, panel.step) == ("Date Hour", HOURLY)


@pytest.mark.parametrize("name", TABLES)
def test_a_stream_has_its_parts_joined_as_the_model_knows(tmp_path, name):
    header, index, parts, step, _ = TABLES[name]
    rows = rows_of(index, *parts)
    panel, roles, _, table = read(tmp_path / "data.csv", f"{header};y", rows)
    contract = contract_of(table, panel, roles)
    form = form_of_lines(
        [f"{header};y", *rows[:3]], contract.options, contract.roles, step, contract.time_pattern
    )
    grids = [parse_lines(form, [row], n + 2, contract.time_pattern)[0] for n, row in enumerate(rows)]
    assert [grid.times[0] for grid in grids] == [*sort_rows(table, roles).times]


def numbered(per_day, written, changed=0, days=6):
    """Rows of days and a number of each row of a day; the fifth day has some more."""
    return [
        f"2024-10-{day:02};{written(k)};{(day * k) % 7}"
        for day in range(23, 23 + days)
        for k in range(per_day + (changed if day == 27 else 0))
    ]


@pytest.mark.parametrize(
    ("header", "per_day", "more", "written", "row", "told"),
    [
        ("Date;HE;load", 24, 1, lambda k: f"HE{k + 1:02}", 122, "hour 25"),
        ("Date;Hour;load", 24, 1, lambda k: k + 1, 122, "hour 25"),
        ("Date;Settlement Period;load", 48, 2, lambda k: k + 1, 242, "period 49"),
        ("Date;QH;load", 96, 4, lambda k: k + 1, 482, "period 97"),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_what_is_beyond_24_hours_is_refused_by_its_row(
    tmp_path, header, per_day, more, written, row, told, named
):
    chosen = {"time": ",".join(header.split(";")[:2])} if named else {}
    with pytest.raises(DataError, match="goes back") as error:
        read(tmp_path / "t.csv", header, numbered(per_day, written, more), **chosen)
    assert error.value.row == row
    assert f"'2024-10-27 {told}' is not a time stamp: {told} is on no clock" in str(error.value)


def test_seconds_of_the_day_are_joined(tmp_path):
    rows = numbered(24, lambda k: 3600 * k)
    panel, roles, after, _ = read(tmp_path / "t.csv", "Date;Time;load", rows)
    assert (roles.time, roles.series, panel.step) == ("Date Time", (), HOURLY)
    assert after == ["2024-10-29 00:00:00", "2024-10-29 01:00:00"]


def test_minutes_of_the_day_are_joined(tmp_path):
    panel, roles, after, _ = read(tmp_path / "t.csv", "Date;Minute;load", numbered(96, lambda k: 15 * k))
    assert (roles.series, panel.step) == ((), Step("fixed", 15 * MINUTE))
    assert after == ["2024-10-29 00:00", "2024-10-29 00:15"]


def test_what_counts_the_rows_of_days_is_no_series(tmp_path):
    rows = numbered(48, lambda k: k + 1)
    with pytest.raises(DataError) as error:
        read(tmp_path / "t.csv", "date;n;load", rows)
    assert str(error.value).endswith(
        ":3:n: time 2024-10-23 appears twice; n numbers the rows of each day, as hours do: --set time=date,n "
        "takes both as the time; if it tells series apart: --set series=n"
    )
    panel, _, after, _ = read(tmp_path / "t.csv", "date;n;load", rows, time="date,n")
    assert panel.step == Step("fixed", 30 * MINUTE)
    assert after == ["2024-10-29 00:00", "2024-10-29 00:30"]
    panel, roles, _, _ = read(tmp_path / "t.csv", "date;n;load", rows, series=("n",))
    assert (len(panel), roles.series) == (48, ("n",))


def test_items_in_order_are_series(tmp_path):
    panel, roles, _, _ = read(tmp_path / "t.csv", "date;item;load", numbered(24, lambda k: k + 1))
    assert (len(panel), roles.series) == (24, ("item",))


@pytest.mark.parametrize(("cell", "step"), [(days("%H:%M"), "1h"), (days("%b"), "1mo")])
def test_clocks_and_months_without_dates_are_no_series(tmp_path, cell, step):
    index = HOURS if step == "1h" else MONTHS
    panel, roles, _, _ = read(tmp_path / "t.csv", "t;v", rows_of(index, cell), time="none", step=step)
    assert (len(panel), roles.series) == (1, ())


def test_the_cell_that_is_written_in_another_way_is_blamed(tmp_path):
    rows = [f"{day:02}-{day:02}-2024;{day}" for day in range(1, 5)] + [f"1/{d}/2024;1" for d in range(13, 25)]
    with pytest.raises(DataError) as error:
        read(tmp_path / "t.csv", "date;v", rows)
    assert str(error.value).endswith(":6:date: '1/13/2024' is no time stamp like '01-01-2024' before it")


def test_hours_of_twelve_without_halves_are_named(tmp_path):
    times = pd.date_range("2024-03-13", periods=72, freq="h").strftime("%Y-%m-%d %I:%M")
    with pytest.raises(DataError, match="all hours are from 1 to 12: AM or PM seems to be missing") as error:
        read(tmp_path / "t.csv", "t;v", [f"{time};{k % 5}" for k, time in enumerate(times)])
    assert "--" not in str(error.value).partition("AM or PM")[2]


@pytest.mark.parametrize("on_gap", ["error", "mask"])
def test_turned_days_are_named_and_no_gap_is_filled(tmp_path, on_gap):
    index = pd.date_range("2024-01-01", "2024-03-31", freq="D")
    texts = [t.strftime("%Y-%d-%m" if t.day <= 12 else "%Y-%m-%d") for t in index]
    with pytest.raises(DataError) as error:
        read(tmp_path / "t.csv", "date;v", [f"{text};{k % 5}" for k, text in enumerate(texts)], on_gap=on_gap)
    assert "times rise from row to row once day and month change places" in str(error.value)
    assert "--on-gap" not in str(error.value)


def test_days_in_any_order_are_not_called_turned(tmp_path):
    index = pd.date_range("2024-01-01", "2024-03-31", freq="D").delete(40)
    rows = [f"{t.date()};{t.day}" for t in index]
    with pytest.raises(DataError, match="--on-gap mask"):
        read(tmp_path / "t.csv", "date;v", [*rows[50:], *rows[:50]])


def test_days_of_six_digits_are_dates_by_the_name_of_their_column(tmp_path):
    rows = [f"{t:%y%m%d};{t.day}" for t in pd.date_range("2024-01-01", periods=31, freq="D")]
    panel, _, after, _ = read(tmp_path / "t.csv", "date;v", rows)
    assert (panel.step, after) == (Step("fixed", DAY), ["240201", "240202"])
    assert format_time(panel.starts[0]) == "2024-01-01"
    panel, _, after, _ = read(tmp_path / "t.csv", "step;v", rows)
    assert (panel.step.plain, after) == (True, ["240132", "240133"])


@pytest.mark.parametrize(("second", "step"), [("5-Feb", "1mo"), ("6-Jan", "1d")])
def test_rows_without_years_are_counted_as_what_they_are(tmp_path, second, step):
    with pytest.raises(DataError) as error:
        read(tmp_path / "t.csv", "date;v", ["5-Jan;1", f"{second};2"])
    assert str(error.value).endswith(
        f"'5-Jan' is not a time stamp: it has no year; write months as 2024-01 and "
        f"dates as 2024-01-31, or count rows, without times: --set time=none --step {step}"
    )


def test_floats_and_coordinates_tell_series_apart(tmp_path):
    days_and_places = [(day, place) for day in range(1, 21) for place in (1, 2)]
    rows = [f"2024-01-{day:02};{place}.0;{day * place % 7}" for day, place in days_and_places]
    panel, roles, _, _ = read(tmp_path / "t.csv", "date;store_id;sales", rows)
    assert (len(panel), roles.series, roles.targets) == (2, ("store_id",), ("sales",))
    rows = [
        f"2024-01-{day:02};{50 + place / 4};{place}.5;{day * place % 7}.5" for day, place in days_and_places
    ]
    panel, roles, _, _ = read(tmp_path / "t.csv", "date;lat;lon;pm", rows)
    assert (len(panel), roles.series, roles.targets) == (2, ("lat", "lon"), ("pm",))


@pytest.mark.parametrize(
    ("day", "hours", "told"),
    [
        (
            "2024-03-10",
            [1, 2, *range(4, 25)],
            "clocks go forward here (as in America/New_York); --on-gap mask",
        ),
        (
            "2024-11-03",
            [1, 2, 2, *range(3, 25)],
            "clocks go back here (as in America/New_York); --on-duplicate",
        ),
    ],
)
def test_hours_told_by_their_end_are_missing_or_twice_where_clocks_change(tmp_path, day, hours, told):
    index = pd.date_range(pd.Timestamp(day) - pd.Timedelta(days=3), periods=6, freq="D")
    hours_of = {day: hours}
    cells = [f"{d.date()};{h}" for d in index for h in hours_of.get(str(d.date()), range(1, 25))]
    rows = [f"{cell};{k % 7}" for k, cell in enumerate(cells)]
    with pytest.raises(DataError) as error:
        read(tmp_path / "t.csv", "Date;Hour Ending;load", rows)
    assert f"; if hours are told by their end, {told}" in str(error.value)


def test_buddhist_years_are_said_to_be_kept(tmp_path):
    rows = [
        f"{t.day:02}/{t.month:02}/2566;{t.day}" for t in pd.date_range("2023-01-01", periods=40, freq="D")
    ]
    _, roles, _, _ = read(tmp_path / "t.csv", "date;v", rows)
    assert "years are kept as written: 2566 may be a Buddhist year, 2023 elsewhere" in roles.notes


def test_thirteen_periods_of_a_year_are_counted_as_the_refusal_says(tmp_path):
    rows = [f"{year};P{part:02};{part * 7 % 5}" for year in range(2010, 2014) for part in range(1, 14)]
    said = r"data\.csv:14:Year Period: '2010-13' .* the 13 periods of a year: --set time=none --step 4w"
    with pytest.raises(DataError, match=said):
        read(tmp_path / "data.csv", "Year;Period;y", rows)
    chosen = Settings(time="none", step="4w")
    panel, roles = panel_of(read_table(str(tmp_path / "data.csv"), chosen.options), chosen)
    assert (roles.series, roles.targets, panel.lengths.tolist()) == ((), ("y",), [52])


@pytest.mark.parametrize(
    ("label", "count", "whole"), [("M{:02}", 12, "M13"), ("Q{:02}", 4, "Q05"), ("S{:02}", 2, "S03")]
)
def test_rows_of_whole_years_among_their_parts_are_left_out_and_told(tmp_path, label, count, whole):
    labels = [*map(label.format, range(1, count + 1)), whole]
    rows = [f"LNS1,{y},{part},{y % 7 + k}.5" for y in range(2014, 2024) for k, part in enumerate(labels)]
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["Series ID,Year,Period,Value", *rows]))
    expected = [y % 7 + k + 0.5 for y in range(2014, 2024) for k in range(count)]
    table = read_table(str(path))
    said = f"not in the table: 10 rows of {whole} in Period, of a whole year each"
    assert panel_of(table, Settings())[0].history(0).tolist() == expected and said in table.notes
    cached, panel, _ = panel_for_training([str(path)], Settings(), Cache(tmp_path / "c", lambda *words: None))
    assert panel.history(0).tolist() == expected and said in cached.notes
    assert (
        panel_of(table_from_frame(pd.read_csv(path), Settings().options), Settings())[0].history(0).tolist()
        == expected
    )
