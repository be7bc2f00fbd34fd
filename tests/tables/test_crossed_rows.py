"""Tables whose header counts years, months or days, and whose rows are the parts of each."""

from datetime import date, timedelta

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.crossed_rows import crossed_rows

YEARS = [2019, 2020, 2021]
NAMES = ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]
DAYS = [date(2023, 1, 1) + timedelta(days=k) for k in range(3)]


def written(tmp_path, name, labels, header, filled=None):
    """A table whose values count its times."""
    n = len(labels)
    filled = n * len(header) if filled is None else filled
    rows = [[label, *(n * c + r for c in range(len(header)))] for r, label in enumerate(labels)]
    lines = [[name, *header], *([row[0], *(v if v < filled else "" for v in row[1:])] for row in rows)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(",".join(map(str, line)) for line in lines) + "\n")
    return str(path)


def read(path, **settings):
    chosen = Settings(**settings)
    table = read_table(path, chosen.options)
    return table, *panel_of(table, chosen)


CASES = {
    "months of years": (
        "Month",
        range(1, 13),
        YEARS,
        "months of the years '2019' to '2021'",
        "2019-01-01T00:00",
    ),
    "names of months": ("", NAMES, YEARS, "months of the years '2019' to '2021'", "2019-01-01T00:00"),
    "Spanish name": ("Mes", range(1, 13), YEARS, "months of the years '2019' to '2021'", "2019-01-01T00:00"),
    "one year": ("Month", range(1, 13), [2020], "months of the years '2020' to '2020'", "2020-01-01T00:00"),
    "words before years": (
        "Month",
        range(1, 13),
        ["Sales 2019", "Sales 2020"],
        "months of the years 'Sales 2019' to 'Sales 2020'",
        "2019-01-01T00:00",
    ),
    "quarters": ("Quarter", range(1, 5), YEARS, "quarters of the years '2019' to '2021'", "2019-01-01T00:00"),
    "weeks": ("Week", range(1, 53), [2018, 2019], "weeks of the years '2018' to '2019'", "2018-01-01T00:00"),
    "hours": ("Hour", range(24), DAYS, "hours of the days '2023-01-01' to '2023-01-03'", "2023-01-01T00:00"),
    "clocks": (
        "Time",
        [f"{k // 2:02}:{k % 2 * 30:02}" for k in range(48)],
        DAYS,
        "times of day of the days '2023-01-01' to '2023-01-03'",
        "2023-01-01T00:00",
    ),
    "half hours": (
        "Settlement Period",
        range(1, 49),
        DAYS,
        "periods of the days '2023-01-01' to '2023-01-03'",
        "2023-01-01T00:00",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_header_and_rows_together_tell_the_times(tmp_path, case):
    name, labels, header, said, start = CASES[case]
    path = written(tmp_path, name, [*labels], header)
    table, panel, _ = read(path)
    assert panel.values.tolist() == [*range(len(labels) * len(header))] and panel.keys == ((),)
    assert panel.starts.astype("datetime64[m]").astype(str).tolist() == [start]
    mend = f" (--set time={name}: a series each)".replace(
        "time=Settlement Period", "'time=Settlement Period'"
    )
    assert f"the rows are the {said}, one after another{mend * bool(name)}" in table.notes
    kept = panel_for_training([path], Settings(), Cache(tmp_path / "kept", lambda *_: None))[1]
    assert kept.values.tolist() == panel.values.tolist() and kept.starts == panel.starts


def test_the_last_year_may_have_begun(tmp_path):
    _, panel, _ = read(written(tmp_path, "Month", NAMES, YEARS, 29))
    assert panel.values.tolist() == [*range(29)]


def test_days_of_months_with_their_year(tmp_path):
    months = ["Jan-2023", "Feb-2023", "Mar-2023"]
    lengths, lines = (31, 28, 31), [",".join(["Day", *months])]
    for d in range(31):
        cells = [sum(lengths[:m]) + d if d < lengths[m] else "" for m in range(3)]
        lines.append(",".join(map(str, [d + 1, *cells])))
    (tmp_path / "t.csv").write_text("\n".join(lines))
    assert read(str(tmp_path / "t.csv"))[1].values.tolist() == [*range(90)]


def test_series_beside_the_parts(tmp_path):
    rows = [f"{shop},{m},{m},{m + 12}" for shop in "ab" for m in range(1, 13)]
    (tmp_path / "t.csv").write_text("\n".join(["shop,month,2020,2021", *rows]))
    _, panel, roles = read(str(tmp_path / "t.csv"))
    assert roles.series == ("shop",) and panel.values.tolist() == [*range(1, 25)] * 2


def test_the_column_of_the_rows_may_be_named_as_the_time(tmp_path):
    _, _, roles = read(written(tmp_path, "Month", range(1, 13), YEARS), time="Month")
    assert (roles.time, roles.targets) == ("Month", ("2019", "2020", "2021"))


@pytest.mark.parametrize(
    ("name", "labels", "header", "said"),
    [
        ("Day", range(1, 32), ["Jan", "Feb", "Mar"], "the rows are the days of the months 'Jan' to 'Mar'"),
        ("Hour", range(24), ["Mon", "Tue", "Wed"], "the rows are the hours of the days of the week"),
        ("Month", range(1, 13), ["FY18", "FY19"], "the rows are the months of the years 'FY18' to 'FY19'"),
    ],
)
def test_parts_of_what_no_year_is_told_are_refused(tmp_path, name, labels, header, said):
    path = written(tmp_path, name, [*labels], header)
    with pytest.raises(DataError) as error:
        read(path)
    assert said in str(error.value) and error.value.mends == ({"time": name},)
    assert {*header[1:]} <= {*read(path, time=name)[2].targets}


def test_rows_that_are_no_parts_stay_series(tmp_path):
    _, panel, roles = read(written(tmp_path, "Station", ["S1", "S2"], YEARS))
    assert len(panel) == 2 and roles.series == ("Station",)


INDEXES = {
    "an index beside dates": (range(24), DAYS),
    "an index beside years": (range(12), YEARS),
    "an index from one": (range(1, 13), YEARS),
    "an index of hours": (range(1, 25), DAYS),
}


@pytest.mark.parametrize("labels, header", INDEXES.values(), ids=INDEXES)
def test_an_index_without_a_name_numbers_series(tmp_path, labels, header):
    _, panel, _ = read(written(tmp_path, "", [*labels], header))
    assert len(panel.keys) == len(labels) and set(panel.lengths) == {len(header)}


NO_TURNS = {
    "some clocks of a day": ("", ["00:00", "00:30", "01:00", "01:30"], DAYS),
    "clocks with one left out": ("", [f"{h:02}:00" for h in range(24) if h != 7], DAYS),
    "hours with one left out": ("Hour", [h for h in range(24) if h != 7], DAYS),
    "months with one left out": ("Month", [m for m in range(1, 13) if m != 4], YEARS),
}


@pytest.mark.parametrize("name, labels, header", NO_TURNS.values(), ids=NO_TURNS)
def test_rows_that_leave_out_a_part_are_none(name, labels, header):
    names, rows = [name, *map(str, header)], [[str(label), *("1" for _ in header)] for label in labels]
    assert crossed_rows(names, rows, ReadOptions()) is None
    assert crossed_rows(names, rows[:2], ReadOptions(), whole=False)


def test_months_of_a_year_that_is_not_over(tmp_path):
    _, panel, _ = read(written(tmp_path, "Month", [*range(1, 10)], [2024]))
    assert panel.keys == ((),) and panel.lengths.tolist() == [9]


def with_zeros(tmp_path, first, wide=False):
    """Values of months, 500 and more, zero from the first of them on."""
    values = [500 + 7 * k % 40 if k < first else 0 for k in range(36)]
    rows = [[name, *values[r::12]] for r, name in enumerate(NAMES)]
    if wide:
        names = [f"{year}-{month:02}" for year in YEARS for month in range(1, 13)]
        lines = [["shop", *names], ["a", *values], ["b", *values]]
    else:
        lines = [["Month", *YEARS], *rows]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(",".join(map(str, line)) for line in lines) + "\n")
    return str(path)


@pytest.mark.parametrize(("wide", "where"), [(False, ""), (True, " in 2 series")])
def test_zeros_for_months_to_come_are_told_with_what_leaves_them_out(tmp_path, wide, where):
    path = with_zeros(tmp_path, 29, wide)
    said = f"{14 if wide else 7} zeros at the end, from 2021-06-01 on{where}, where no other value is nearer "
    said += "to zero than 500; if missing is meant: --set missing=0"
    _, panel, roles = read(path)
    assert said in roles.notes and panel.lengths.tolist() == [36] * (1 + wide)
    assert said in panel_for_training([path], Settings(), Cache(tmp_path / "c", lambda *words: None))[2].notes
    _, panel, roles = read(path, missing=["0"])
    assert not any("zeros at" in note for note in roles.notes)
    assert panel.lengths.tolist() == [29] * (1 + wide)


def test_rows_in_order_are_not_said_to_be_sorted(tmp_path):
    _, panel, roles = read(with_zeros(tmp_path, 36))
    assert panel.history(0).tolist() == [500 + 7 * k % 40 for k in range(36)] and not roles.notes
