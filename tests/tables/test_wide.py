"""Tables whose rows are series: the header counts times, or only counts."""

from datetime import date, timedelta

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import JoinedTime, TableReading
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table, time_pattern

DAYS = [date(2020, 1, 22) + timedelta(days=k) for k in range(30)]
US = [f"{day.month}/{day.day}/{day:%y}" for day in DAYS]
YEARS = [str(year) for year in range(1990, 2020)]


def written(folder, *rows):
    path = folder / "data.csv"
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return str(path)


def read(path, **settings):
    made = Settings(**settings)
    table = read_table(path, made.options)
    panel, roles = panel_of(table, made)
    return table, panel, roles


def counted(first, count=30):
    return [first + k for k in range(count)]


def test_days_across_the_header(tmp_path):
    path = written(
        tmp_path,
        ["Province", "Country", "Lat", *US],
        ["", "A", "1.5", *counted(0)],
        ["", "B", "2.5", *counted(100)],
        ["New", "C", "3.5", *counted(200)],
        ["Old", "C", "4.5", *counted(300)],
    )
    table, panel, roles = read(path)
    assert (roles.time, roles.series, roles.targets) == ("time", ("Province", "Country"), ("value",))
    assert panel.keys == (("-", "A"), ("-", "B"), ("New", "C"), ("Old", "C"))
    assert panel.values.reshape(4, 30).tolist() == [counted(k) for k in (0, 100, 200, 300)]
    assert panel.starts.astype("datetime64[D]").astype(str).tolist() == ["2020-01-22"] * 4
    assert time_pattern(table, "time") == "%-m/%-d/%y"
    assert table.notes == (
        "a row is a series: the columns '1/22/20' to '2/20/20' are its times",
        "Province: an empty cell is called '-'",
    )


@pytest.mark.parametrize("form", ["{}", "X{}", "{0} [YR{0}]"])
def test_years_across_the_header_below_titles(tmp_path, form):
    path = written(
        tmp_path,
        ["Source", "Indicators", ""],
        [],
        ["Country", "Code", *[form.format(year) for year in YEARS], ""],
        ["A", "a", *counted(1), ""],
        ["B", "b", "", "", *counted(1, 27), "", ""],
        ["C", "c", *[""] * 31],
        ["Source: Office of Data"],
    )
    table, panel, roles = read(path)
    assert roles.series == ("Country",) and panel.keys == (("A",), ("B",))
    assert panel.lengths.tolist() == [30, 27]
    assert panel.starts.astype("datetime64[Y]").astype(str).tolist() == ["1990", "1992"]
    assert "not in the table: 1 row without a value" in table.notes
    assert "not in the table: line 1, above the header ('Source')" in table.notes
    assert "not in the table: line 7, below the data ('Source: Office of Data')" in table.notes


def test_a_header_that_only_counts_needs_a_step(tmp_path):
    path = written(
        tmp_path, [f"V{k}" for k in range(1, 32)], ["H1", *counted(0)], ["H2", *counted(50, 20), *[""] * 10]
    )
    with pytest.raises(
        DataError, match=r"the columns 'V2' to 'V31' are counted and name no times; .* --step 1h"
    ) as error:
        read(path)
    assert (error.value.kind, error.value.row) == ("no-time-column", 1)
    _, panel, roles = read(path, step="1h")
    assert (roles.time, roles.series, panel.lengths.tolist()) == ("", ("V1",), [30, 20])
    assert panel.values.tolist() == [*counted(0), *counted(50, 20)]


@pytest.mark.parametrize(("name", "step"), [("d_{}", "1d"), ("Week {}", "1w"), ("h{}", "1h")])
def test_a_counted_header_tells_its_step(tmp_path, name, step):
    header = ["id", *(name.format(k) for k in range(1, 31))]
    path = written(tmp_path, header, ["a", *counted(0)[:30]], ["b", *counted(50)[:30]])
    with pytest.raises(DataError, match=f"name no times; say how far apart they are, as --step {step}$"):
        read(path)


def test_errors_name_row_and_column_of_the_file(tmp_path):
    rows = [["name", *DAYS], ["x", *counted(0)], [], ["y", *counted(0)]]
    rows[3][8] = "oops"
    path = written(tmp_path, *rows)
    with pytest.raises(DataError) as error:
        read(path)
    assert (error.value.row, error.value.column) == (4, "2020-01-29")
    with pytest.raises(DataError) as again:
        panel_for_training([path], Settings(), Cache(tmp_path / "kept", lambda *_: None))
    assert str(again.value) == str(error.value)
    rows[3] = ["x", *counted(0)]
    with pytest.raises(DataError) as error:
        read(written(tmp_path, *rows))
    assert (error.value.kind, error.value.row) == ("duplicate-time", 4)
    with pytest.raises(DataError, match=":2: the row has 32 cells, the header 31"):
        read(written(tmp_path, rows[0], ["x", *counted(0, 31)], rows[3]))


def test_a_cache_holds_the_same(tmp_path):
    path = written(tmp_path, ["name", *DAYS], ["x", *counted(0)], ["y", *counted(7, 25)])
    kept = panel_for_training([path], Settings(), Cache(tmp_path / "kept", lambda *_: None))[1]
    whole = read(path)[1]
    assert kept.keys == whole.keys and kept.values.tolist() == whole.values.tolist()


def test_a_first_column_without_a_name_names_the_series(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text(
        f";{';'.join(YEARS)}\n" + "".join(f"{n};{';'.join(f'{k},5' for k in counted(1))}\n" for n in "ab")
    )
    _, panel, roles = read(str(path))
    assert roles.series == ("series",) and panel.values[:2].tolist() == [1.5, 2.5]


TALL = {
    "dates down, items across": [
        ["date", *[f"item_{k}" for k in range(8)]],
        *[[d, *counted(k * 7 % 11, 8)] for k, d in enumerate(DAYS)],
    ],
    "dates down, years in names": [
        ["day", "2019", "2020", "2021"],
        *[[d, *counted(k, 3)] for k, d in enumerate(DAYS)],
    ],
}


@pytest.mark.parametrize("case", TALL)
def test_a_table_with_times_in_a_column_stays_as_it_is(tmp_path, case):
    _, _, roles = read(written(tmp_path, *TALL[case]))
    assert roles.time == TALL[case][0][0] and list(roles.targets) == TALL[case][0][1:]


MONTHS_DE = [
    f"{name} {year}"
    for year in (20, 21)
    for name in ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
]


def test_german_months_keep_their_spelling(tmp_path):
    table, panel, _ = read(
        written(tmp_path, ["Ort", *MONTHS_DE], ["Ulm", *counted(0, 24)], ["Bonn", *counted(9, 24)])
    )
    assert panel.values.tolist() == [*counted(0, 24), *counted(9, 24)]
    assert panel.starts.astype("datetime64[D]").astype(str).tolist() == ["2020-01-01"] * 2
    assert time_pattern(table, "time") == "%b{de1} %y"


SUMMED = {
    "behind": (["name", *YEARS, "Total"], [0, *counted(5), 99]),
    "before and behind": (["name", "YTD", *YEARS, "Forecast", "Target"], [0, 77, *counted(5), 98, 99]),
    "among": (
        ["name", *YEARS[:15], "Sum 1990-2004", "", *YEARS[15:]],
        [0, *counted(5, 15), 99, "", *counted(20, 15)],
    ),
}


@pytest.mark.parametrize("case", SUMMED)
def test_columns_that_sum_up_times_are_left_out(tmp_path, case):
    names, row = SUMMED[case]
    table, panel, roles = read(written(tmp_path, names, ["a", *row[1:]], ["b", *row[1:]]))
    assert panel.values.tolist() == [*counted(5), *counted(5)] and roles.static == ()
    left_out = [name for name in names[1:] if name and name not in YEARS]
    many = "columns" if len(left_out) > 1 else "column"
    shown = ", ".join(map(repr, left_out))
    assert f"not in the table: the {many} {shown}, no times of the header" in table.notes


@pytest.mark.parametrize("at", [1, 4, 30])
@pytest.mark.parametrize("odd", ["2005*", "2019p", "2001-07", "20x5"])
def test_a_name_that_is_no_time_among_those_that_are_is_refused(tmp_path, at, odd):
    names = ["name", *YEARS]
    names[at] = odd
    if (at, odd) == (1, "20x5"):  # may be a column of another kind
        return
    with pytest.raises(
        DataError, match=f"'{odd.replace('*', '.')}' in column {at + 1} is not written"
    ) as error:
        read(written(tmp_path, names, ["a", *counted(0)], ["b", *counted(9)]), step="1mo")
    assert (error.value.kind, error.value.row, error.value.column) == ("not-a-time", 1, odd)


MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
CROSSED = {
    "months and a total": (
        [["Year", *MONTHS, "Total"], *[[2001 + k, *counted(12 * k, 12), 999] for k in range(4)]],
        ("month", "2001-01-01T00", 48),
    ),
    "months by number, nameless years, an unfinished one": (
        [
            ["", *range(1, 13)],
            *[[2001 + k, *counted(12 * k, 12)] for k in range(3)],
            [2004, 36, 37, *[""] * 10],
        ],
        ("month", "2001-01-01T00", 38),
    ),
    "quarters, last year first": (
        [["Jahr", "Q1", "Q2", "Q3", "Q4"], *[[2010 - k, *counted(4 * (9 - k), 4)] for k in range(10)]],
        ("quarter", "2001-01-01T00", 40),
    ),
    "hours that end": (
        [["Date", *[f"HE{k}" for k in range(1, 25)]], *[[DAYS[k], *counted(24 * k, 24)] for k in range(3)]],
        ("hour", "2020-01-22T01", 72),
    ),
    "hours by the clock": (
        [["Date", *[f"{k:02}:00" for k in range(24)]], *[[DAYS[k], *counted(24 * k, 24)] for k in range(3)]],
        ("hour", "2020-01-22T00", 72),
    ),
}


def of_days(labels, head=("Date",), first=lambda day: [day], days=3):
    """Days and the values of their parts, one more each."""
    n = len(labels)
    return [[*head, *labels], *[[*first(DAYS[k]), *counted(n * k, n)] for k in range(days)]]


def clock(minutes):
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def noon(hour):
    return f"{hour % 12 or 12} {'AP'[hour // 12 % 2]}M"


WEEKS = [date(2020, 1, 6) + timedelta(days=7 * k) for k in range(4)]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
BY_WEEK = [counted(7 * k, 7) for k in range(4)]
PARTS = {  # rows; the first time, how many values there are
    "12-hour clock": (of_days([noon(k) for k in range(24)]), "2020-01-22T00:00", 72),
    "12-hour clock, ending": (of_days([noon(k) for k in range(1, 25)]), "2020-01-22T01:00", 72),
    "half hours, ending": (of_days([clock(30 * k) for k in range(1, 49)]), "2020-01-22T00:30", 144),
    "half hours, from and to": (
        of_days([f"{clock(30 * k)} - {clock(30 * k + 30)}" for k in range(48)]),
        "2020-01-22T00:00",
        144,
    ),
    "hours, from and to": (of_days([f"{k:02}-{k + 1:02}" for k in range(24)]), "2020-01-22T00:00", 72),
    "hours of Excel's days": (
        of_days([f"H{k}" for k in range(24)], first=lambda day: [(day - date(1899, 12, 30)).days]),
        "2020-01-22T00:00",
        72,
    ),
    "Polish hours": (of_days([f"godz. {k}" for k in range(1, 25)], ["Data"]), "2020-01-22T01:00", 72),
    "hours beside year, month and day": (
        of_days([*range(24)], ["Year", "Month", "Day"], lambda day: [day.year, day.month, day.day]),
        "2020-01-22T00:00",
        72,
    ),
    "quarter hours by number": (of_days([*range(1, 97)]), "2020-01-22T00:00", 288),
    "hours of midnights": (
        of_days([*range(24)], first=lambda day: [f"{day} 00:00:00"]),
        "2020-01-22T00:00",
        72,
    ),
    "weekdays": (
        [["Week", *WEEKDAYS], *[[WEEKS[k], *BY_WEEK[k]] for k in range(4)]],
        "2020-01-06T00:00",
        28,
    ),
    "weekdays, by the end of the week": (
        [
            ["Week ending", *WEEKDAYS],
            *[[f"{WEEKS[k] + timedelta(days=6):%d/%m/%Y}", *BY_WEEK[k]] for k in range(4)],
        ],
        "2020-01-06T00:00",
        28,
    ),
    "weekdays of ISO weeks": (
        [["Week", *WEEKDAYS], *[[f"2020-W{k + 2:02}", *BY_WEEK[k]] for k in range(4)]],
        "2020-01-06T00:00",
        28,
    ),
    "weekdays of year and week, Sunday first": (
        [["Week of", "Sun", *WEEKDAYS[:6]], *[[f"2020-01-{5 + 7 * k:02}", *BY_WEEK[k]] for k in range(3)]],
        "2020-01-05T00:00",
        21,
    ),
    "days of months": (
        [
            ["Year", "Month", *range(1, 32)],
            [2020, 1, *counted(0, 31)],
            [2020, 2, *counted(31, 29), "", ""],
            [2020, 3, *counted(60, 31)],
        ],
        "2020-01-01T00:00",
        91,
    ),
    "days of months in one column": (
        [["Month", *range(1, 32)], ["Jan 2021", *counted(0, 31)], ["Feb 2021", *counted(31, 28), "", "", ""]],
        "2021-01-01T00:00",
        59,
    ),
    "fiscal years": (
        [
            ["FY", *MONTHS[3:], *MONTHS[:3]],
            *[[f"{2010 + k}-{11 + k}", *counted(12 * k, 12)] for k in range(3)],
        ],
        "2010-04-01T00:00",
        36,
    ),
    "weeks of years": (
        [["Year", *[f"W{k}" for k in range(1, 53)]], *[[2016 + k, *counted(52 * k, 52)] for k in range(3)]],
        "2016-01-04T00:00",
        156,
    ),
    "quarters by words": (
        [["Jahr", "I", "II", "III", "IV"], *[[2010 + k, *counted(4 * k, 4)] for k in range(4)]],
        "2010-01-01T00:00",
        16,
    ),
    "halves of years": (
        [["Year", "H1", "H2"], *[[2000 + k, *counted(2 * k, 2)] for k in range(9)]],
        "2000-01-01T00:00",
        18,
    ),
    "months and quarters": (
        [
            ["Year", *[name for k in range(4) for name in (*MONTHS[3 * k : 3 * k + 3], f"Q{k + 1}")]],
            *[
                [2001 + y, *[v for k in range(4) for v in (*counted(12 * y + 3 * k, 3), 999)]]
                for y in range(3)
            ],
        ],
        "2001-01-01T00:00",
        36,
    ),
}


@pytest.mark.parametrize("case", PARTS)
def test_parts_of_times_across_the_header_are_one_series(tmp_path, case):
    rows, start, length = PARTS[case]
    table, panel, _ = read(written(tmp_path, *rows))
    assert panel.values.tolist() == counted(0, length) and panel.keys == ((),)
    assert panel.starts.astype("datetime64[m]").astype(str).tolist() == [start]
    assert any("one after another" in note and "a series each" in note for note in table.notes)


def test_days_down_and_months_across(tmp_path):
    months = [[date(2021, m, 1) + timedelta(days=d) for d in range(31)] for m in range(1, 13)]
    rows = [
        [2021, d + 1, *[m[d].timetuple().tm_yday if m[d].day == d + 1 else "" for m in months]]
        for d in range(31)
    ]
    _, panel, _ = read(written(tmp_path, ["Year", "Day", *MONTHS], *rows))
    assert panel.values.tolist() == counted(1, 365)
    path = written(tmp_path, ["Day", *MONTHS], *[row[1:] for row in rows])
    with pytest.raises(DataError, match="no column tells the year; one is put before by: sed") as error:
        read(path)
    assert error.value.mends == ({"time": "Day"},)
    assert read(path, time="Day")[2].time == "Day"


VARIABLES = {
    "three sensors": ["h1", "h2", "h3"],
    "temperatures": [f"temp{k}" for k in range(1, 25)],
    "23 hours": [f"h{k}" for k in range(1, 24)],
    "quarters beside days": ["Q1", "Q2", "Q3", "Q4"],
    "months beside days": MONTHS,
    "weekdays beside days": WEEKDAYS,
}


@pytest.mark.parametrize("case", VARIABLES)
def test_variables_that_are_no_parts_of_the_rows_stay_columns(tmp_path, case):
    names = VARIABLES[case]
    rows = [[day, *[(7 * k + n) % 11 for n in range(len(names))]] for k, day in enumerate(DAYS)]
    _, _, roles = read(written(tmp_path, ["Date", *names], *rows))
    assert (roles.time, list(roles.targets)) == ("Date", names)


def test_months_beside_hours_stay_columns(tmp_path):
    rows = [
        [f"{2018 + k // 12}-{k % 12 + 1:02}-01", *[(7 * k + n) % 11 for n in range(24)]] for k in range(30)
    ]
    _, panel, roles = read(written(tmp_path, ["Date", *[f"h{k}" for k in range(1, 25)]], *rows))
    assert len(roles.targets) == 24 and panel.step.unit()[0] == "month"


def test_years_that_begin_in_april_must_be_told(tmp_path):
    rows = [[2010 + k, *counted(12 * k, 12)] for k in range(9)]
    path = written(tmp_path, ["FY", *MONTHS[3:], *MONTHS[:3]], *rows)
    with pytest.raises(DataError, match="begin in the middle of a year") as error:
        read(path)
    assert (error.value.row, error.value.column, error.value.mends) == (1, "FY", ({"time": "FY"},))


@pytest.mark.parametrize("case", CROSSED)
def test_years_by_months_and_days_by_hours_are_one_series(tmp_path, case):
    rows, (part, start, length) = CROSSED[case]
    table, panel, roles = read(written(tmp_path, *rows))
    assert panel.values.tolist() == counted(0, length) and roles.targets == ("value",)
    assert panel.starts.astype("datetime64[h]").astype(str).tolist() == [start]
    names = [str(name) for name in rows[0]]
    last = names[-2] if names[-1] == "Total" else names[-1]
    said = (
        f"the columns {names[1]!r} to {last!r} are the {part}s of each {names[0] or 'row'}, one after another"
    )
    assert any(note.startswith(said) for note in table.notes)
    left_out = "not in the table: the column 'Total', no times of the header"
    left_out += f" (--set time={names[0]} keeps it, a series each)"
    assert (left_out in table.notes) == ("Total" in names)


def test_months_of_years_of_several_series(tmp_path):
    rows = [
        [name, 2001 + k, *counted(first + 12 * k, 12)]
        for name, first in (("a", 0), ("b", 500))
        for k in (0, 1)
    ]
    rows[1][8:] = [""] * 6
    _, panel, _ = read(written(tmp_path, ["Shop", "Year", *MONTHS], *rows))
    assert panel.keys == (("a",), ("b",)) and panel.lengths.tolist() == [18, 24]


def test_a_user_may_keep_a_series_for_each_month(tmp_path):
    path = written(tmp_path, ["Year", *MONTHS], *[[2001 + k, *counted(12 * k, 12)] for k in range(9)])
    _, panel, roles = read(path, time="Year")
    assert list(roles.targets) == MONTHS and panel.lengths.tolist() == [9] * 12
    _, panel, _ = read(path, time="Year,month")
    assert panel.values.tolist() == counted(0, 108)


def test_codes_of_shops_are_no_years(tmp_path):
    path = written(tmp_path, ["store", *MONTHS], *[[2001 + k, *counted(12 * k, 12)] for k in range(9)])
    with pytest.raises(DataError, match="no column of time stamps found"):
        read(path)


def test_an_error_in_a_month_names_its_cell(tmp_path):
    rows = [[2001 + k, *counted(12 * k, 12)] for k in range(9)]
    rows[4][3] = "oops"
    with pytest.raises(DataError) as error:
        read(written(tmp_path, ["Year", *MONTHS], *rows))
    assert (error.value.row, error.value.column) == (6, "Mar")


def test_a_model_that_knows_the_joined_time_reads_it_again(tmp_path):
    path = written(tmp_path, ["Year", *MONTHS], *[[2001 + k, *counted(12 * k, 12)] for k in range(9)])
    known = TableReading(joined=JoinedTime(("Year", "month"), ("year", "month")))
    table = read_table(path, ReadOptions(time="Year month", known=known))
    assert table.frame["Year month"].tolist()[11:13] == ["2001-12", "2002-01"]


LONG = {
    "decimals by commas": (
        ["date,value", *[f"{day},{k},5" for k, day in enumerate(DAYS)]],
        ":2: the row has 3 cells, the header 2; a comma seems to mark decimals too ('0,5'): write 0.5, put",
    ),
    "a title of one cell": (
        ["Steps", *[f"{day},{k}" for k, day in enumerate(DAYS)]],
        ":2: the row has 2 cells, the header 1; if line 1 is a title: --set skip_rows=1",
    ),
    "a second table": (
        ["date,value", *[f"{day},{k}" for k, day in enumerate(DAYS)], "", "day,slept,woke", "2020-01-01,7,6"],
        ":33: the row has 3 cells, the header 2; another table seems to begin in line 33: head -n 32 ",
    ),
}


@pytest.mark.parametrize("case", LONG)
def test_rows_longer_than_the_header_are_named(tmp_path, case):
    lines, said = LONG[case]
    path = tmp_path / "data.csv"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError) as error:
        read(str(path))
    assert said in str(error.value) and error.value.kind == "ragged"


def test_flags_of_eurostat_are_no_part_of_values(tmp_path):
    years = range(2005, 2021)
    lines = ["freq,unit,geo\\TIME_PERIOD\t" + "\t".join(f"{year} " for year in years)]
    for place in ("DE", "FR"):
        cells = [f"{year - 2000}.5 {'b' if year % 4 == 0 else ''}" for year in years]
        lines.append(f"A,PC,{place}\t" + "\t".join([*cells[:-2], ": c", cells[-1]]))
    path = tmp_path / "data.tsv"
    path.write_text("\n".join([*lines, ""]))
    table = read_table(str(path))
    panel, _ = panel_of(table, Settings())
    assert (panel.observations, panel.values[0], len(panel)) == (30, 5.5, 2)
    assert any("flags of Eurostat" in note for note in table.notes)


def test_empty_cells_at_times_over_which_the_clock_goes_forward_are_no_values(tmp_path):
    halves = [clock(30 * k) for k in range(48)]
    days = [f"{day:%d/%m/%Y}" for day in (date(2024, 3, 25) + timedelta(days=k) for k in range(14))]
    rows = [[day, *(f"{k}.5" for k in range(48))] for day in days]
    rows[6][3:5] = ["", ""]  # 01:00 and 01:30
    rows[9][7] = ""
    path = written(tmp_path, ["Date", *halves], *rows)
    _, panel, _ = read(path, timezone="Europe/London")
    assert (len(panel.values), panel.observations) == (14 * 48 - 2, 14 * 48 - 3)
    rows[6][3] = "1.5"
    with pytest.raises(DataError, match="2024-03-31 01:00:00 does not exist in Europe/London"):
        read(written(tmp_path, ["Date", *halves], *rows), timezone="Europe/London")


def test_days_since_the_launch_of_each_shop_are_no_times(tmp_path):
    header = ",".join(["shop", "launch", *(f"d_{k}" for k in range(1, 31))])
    rows = [
        ",".join([f"S{n}", f"2024-01-{3 * n + 1:02}", *(f"{10 * n + k % 7}.5" for k in range(30))])
        for n in range(4)
    ]
    path = tmp_path / "data.csv"
    path.write_text("\n".join([header, *rows, ""]))
    with pytest.raises(DataError, match=r"'d_1' to 'd_30' are counted and name no times.* --step 1d"):
        read_table(str(path))
    chosen = Settings(step="1d")
    panel, _ = panel_of(read_table(str(path), chosen.options), chosen)
    assert (panel.keys[3], panel.lengths.tolist(), panel.history(3)[0]) == (("S3",), [30] * 4, 30.5)
