"""Tables whose rows are series: the header counts times, or only counts."""

from datetime import date, timedelta

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
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
    "months down, years across": [["month", *YEARS[:4]], *[[k, *counted(k, 4)] for k in range(1, 13)]],
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
