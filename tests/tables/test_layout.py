"""Where a table stands in its file: lines around it are left out and told, and rows keep their lines."""

import gzip
import subprocess
from datetime import date, timedelta

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.cell_kinds import is_time

DAYS = [str(date(2024, 1, 1) + timedelta(days=k)) for k in range(56)]
ROWS = [f"{day},{k % 9}.5" for k, day in enumerate(DAYS)]
THREE = [f"{day},{k % 9}.5,{k}" for k, day in enumerate(DAYS)]


def written(folder, *lines, end="\n", name="data.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return str(path)


def read(path, **settings):
    """The notes of reading, and the number of observed values."""
    made = Settings(**settings)
    table = read_table(path, made.options)
    panel, roles = panel_of(table, made)
    return list(table.notes), roles, panel.observations


AROUND = {
    "one title": (["Category: All", "", "Month,hits", *ROWS], ["line 1, above the header ('Category: All')"]),
    "titles as wide as the table": (
        ["Station,Berlin", "Parameter,Temperature", "", "date,value", *ROWS],
        ["lines 1 to 2, above the header ('Station')"],
    ),
    "titles with commas and quotes": (
        ['"Report, of sales"', 'Address,"1 Main St, Town",,x', "date,value", *ROWS],
        ["lines 1 to 2, above the header ('Report, of sales')"],
    ),
    "sentences above columns between blanks": (
        [
            "Units:    Percent, adjusted",
            "Notes:  one, two; three",
            "DATE    VALUE",
            *(r.replace(",", "   ") for r in ROWS),
        ],
        ["lines 1 to 2, above the header ('Units:')"],
    ),
    "sentences and units above columns between blanks": (
        [
            "Heathrow (Airport)",
            "Lat 51.479, 25m",
            " time  temp  n",
            "       degC",
            *(r.replace(",", "  ") for r in THREE),
        ],
        ["lines 1 to 2, above the header ('Heathrow')", "line 4, below the header ('degC')"],
    ),
    "a balance below": (
        ["date,text,value", *(r.replace(",", ",x,") for r in ROWS), "", "Old balance,27.5"],
        ["line 59, below the data ('Old balance')"],
    ),
    "padded title": (["Report,,", "date,value,n", *THREE], ["line 1, above the header ('Report')"]),
    "comments": (["# made by X", "#", "date,value", *ROWS], ["lines 1 to 2, comments ('# made by X')"]),
    "comments of other signs": (
        ["// a", "// b", "date,value", *ROWS, "// end"],
        ["lines 1 to 2, comments ('// a')", "line 60, comments ('// end')"],
    ),
    "names in a comment": (
        ["# made by X", "# date,value", *ROWS],
        ["lines 1 to 2, comments ('# made by X')"],
    ),
    "units": (["date,temp,n", ",(°C),-", *THREE], ["line 2, below the header ('(°C)')"]),
    "units and types": (
        ["date,temp,n", "datetime,float,int", "local,degC,count", *THREE],
        ["lines 2 to 3, below the header ('datetime')"],
    ),
    "a row of units that names the time as well": (
        ["TOA5,Station,X", "TIMESTAMP,Batt,Air", "TS,Volts,Deg C", ",Min,Avg", *THREE],
        ["line 1, above the header ('TOA5')", "lines 3 to 4, below the header ('TS')"],
    ),
    "keys and what they say": (
        ["Libellé,Indice", "idBank,1759970", "Mise à jour,15/03/2024", "Unité,", *ROWS],
        ["lines 2 to 4, below the header ('idBank')"],
    ),
    "words below the names": (
        ["day,BBK01.X,BBK01.Y", "Unit,Percent,Percent", "As of,2024-03-01,", *THREE],
        ["lines 2 to 3, below the header ('Unit')"],
    ),
    "widths below the names": (
        [
            "# x",
            "agency\tdatetime\tflow",
            "5s\t20d\t14n",
            *[f"A\t{row.replace(',', chr(9))}" for row in ROWS],
        ],
        ["line 1, comments ('# x')", "line 3, below the header ('5s')"],
    ),
    "names in the second of four lines": (
        ['"TOA5","st","CR1000","12"', '"TIMESTAMP","AirT","n"', '"TS","DegC",""', '"","Avg","Smp"', *THREE],
        ["line 1, above the header ('TOA5')", "lines 3 to 4, below the header ('TS')"],
    ),
    "total": (
        ["date,value", *ROWS, "", "Total,224.0", "Exported by tool, 2024"],
        ["lines 59 to 60, below the data ('Total')"],
    ),
    "total under the shops": (
        ["shop,date,value", *[f"a,{row}" for row in ROWS], "Gesamt,,99"],
        ["line 58, below the data ('Gesamt')"],
    ),
    "total without a time": (["date,value", *ROWS, ",98765"], ["line 58, below the data ('98765')"]),
    "a line and a note below the data": (
        ["shop,date,value", *[f"a,{row}" for row in ROWS], "_______", "(*)preliminary"],
        ["lines 58 to 59, below the data ('_______')"],
    ),
    "another table of one row": (
        ["point,kind,from,to,unit", "123,load,2024-01-01,2024-03-01,W", "date,value", *ROWS],
        ["lines 1 to 2, above the header ('point')"],
    ),
    "a line below the header": (
        ["date,value", "-----,------", *ROWS],
        ["line 2, below the header ('-----')"],
    ),
    "notes": (
        ["date,value", *ROWS, "* preliminary", "Source: Office, Town"],
        ["lines 58 to 59, below the data ('* preliminary')"],
    ),
    "records with a mark in front": (
        ["C,NEM,X,2024/01/01", "I,date,value", *[f"D,{row}" for row in ROWS], "C,END OF REPORT,58"],
        ["line 1, above the header ('C')", "line 59, below the data ('C')"],
    ),
    "the header once more": (
        ["date,value", *ROWS[:20], "date,value", *ROWS[20:]],
        ["line 22, the header again ('date,value')"],
    ),
}


def test_a_sign_in_quotes_names_a_column(tmp_path):
    path = tmp_path / "data.csv"
    rows = [f"{n},{row}" for n, row in enumerate(ROWS, 1)]
    path.write_text("\n".join(['"#","Date Time, GMT-05:00","Temp, °C"', *rows]))
    _, roles = panel_of(read_table(str(path)), Settings())
    assert (roles.time, roles.targets) == ("Date Time, GMT-05:00", ("Temp, °C",))


@pytest.mark.parametrize(
    ("header", "units", "row"),
    [
        ("Period,GDP,Exports", ",Mio. EUR,Mio. EUR", "{quarter}. Quartal {year},{k}.5,{k}"),
        ("Year,Quarter,GDP", ",,EUR mn", "{year},Q{quarter},{k}.5"),
    ],
)
def test_words_below_the_header_beside_no_time_are_units(header, units, row, tmp_path):
    rows = [row.format(year=2005 + k // 4, quarter=k % 4 + 1, k=k) for k in range(40)]
    notes, roles, values = read(written(tmp_path, header, units, *rows))
    assert any("line 2, below the header" in note for note in notes)
    assert values == 40 * len(roles.targets)


@pytest.mark.parametrize("case", AROUND)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_around_a_table_are_left_out_and_told(tmp_path, case, end):
    lines, expected = AROUND[case]
    notes, roles, observations = read(written(tmp_path, *lines, end=end))
    assert [note for note in notes if note.startswith("not in the table")] == [
        f"not in the table: {text}" for text in expected
    ]
    assert observations == len(ROWS) * len(roles.targets)


@pytest.mark.parametrize(
    ("cell", "time"), [("January 2", True), ("Juli 5", True), ("Market 1", False), ("Set 1", False)]
)
def test_names_of_months_beside_a_number_may_be_days(cell, time):
    assert is_time(cell) == time


def test_quotes_behind_blanks_are_no_part_of_a_name(tmp_path):
    rows = (row.replace(",", ', "') + '"' for row in ROWS)
    roles = read(written(tmp_path, '"date", "value"', *rows))[1]
    assert (roles.time, roles.targets) == ("date", ("value",))


def test_names_and_a_rule_above_nanoseconds_between_blanks(tmp_path):
    rows = [f"17092512{k:02}000000000 {k}.5" for k in range(56)]
    notes, roles, observations = read(written(tmp_path, "name: cpu", "time usage", "---- -----", *rows))
    assert (roles.time, roles.targets, observations) == ("time", ("usage",), 56)
    assert notes == [
        "not in the table: line 1, above the header ('name:')",
        "not in the table: line 3, below the header ('----')",
    ]


@pytest.mark.parametrize("case", AROUND)
def test_a_long_or_packed_file_is_read_the_same(tmp_path, case):
    lines, expected = AROUND[case]
    at = lines.index(next(line for line in lines if "2024-01-10" in line))
    middle = [
        lines[at].replace("2024-01-10", f"{1000 + k // 336}-{k // 28 % 12 + 1:02}-{k % 28 + 1:02}")
        for k in range(2000)
    ]
    path = written(tmp_path, *lines[:at], *middle, *lines[at:])
    table = read_table(path)
    assert len(table.frame) == len(ROWS) + 2000
    told = [note for note in table.notes if note.startswith("not in the table")]
    assert len(told) == len(expected) and told[-1].split("(")[1] == expected[-1].split("(")[1]
    packed = tmp_path / "data.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "data.csv").read_bytes()))
    other = read_table(str(packed))
    assert other.frame.equals(table.frame) and other.notes == table.notes


@pytest.mark.parametrize("case", AROUND)
def test_pieces_are_read_as_the_whole(tmp_path, case):
    path, said = written(tmp_path, *AROUND[case][0]), []
    settings = Settings()
    whole, (panel, _) = read_table(path), panel_of(read_table(path), settings)
    table, kept, _ = panel_for_training(
        [path], settings, Cache(tmp_path / "kept", lambda *what: said.append(what))
    )
    assert table.notes == whole.notes
    assert kept.values.tolist() == panel.values.tolist() and kept.keys == panel.keys
    assert not any("at once" in text for _, text in said)


BAD = {
    "below titles": (["Title", "", "date,value", *ROWS[:9], "2024-01-10,x", *ROWS[10:]], 13),
    "below units": (["date,temp", ",(°C)", *ROWS[:9], "2024-01-10,x", *ROWS[10:]], 12),
    "below comments, behind others": (
        ["# a", "date,value", *ROWS[:4], "# b", *ROWS[4:9], "2024-01-10,x", *ROWS[10:]],
        13,
    ),
    "above a total": (["date,value", *ROWS[:-1], "2024-02-25,x", "Total,3"], 57),
}


@pytest.mark.parametrize("case", BAD)
def test_rows_keep_the_lines_of_the_file(tmp_path, case):
    lines, row = BAD[case]
    with pytest.raises(DataError) as error:
        read(written(tmp_path, *lines))
    assert (error.value.kind, error.value.row) == ("not-a-number", row)


KEPT = {
    "a number in the place of the time": ([*ROWS, "99,1"], "not-a-time", 58),
    "a time that is none": ([*ROWS, "2024-13-45,1"], "not-a-time", 58),
    "no time": ([*ROWS, ",1"], "missing-time", 58),
    "a row that breaks off": ([*ROWS, "2024-03-0"], "ragged", 58),
    "a text in the middle": ([*ROWS[:20], "Total", *ROWS[20:]], "ragged", 22),
}


@pytest.mark.parametrize("case", KEPT)
def test_what_may_be_data_is_refused(tmp_path, case):
    rows, kind, row = KEPT[case]
    with pytest.raises(DataError) as error:
        read(written(tmp_path, "date,value", *rows))
    assert (error.value.kind, error.value.row) == (kind, row)


def test_a_product_called_total_is_data(tmp_path):
    rows = [f"{day},{name},{k % 7}.5" for k, day in enumerate(DAYS) for name in ("A", "Total")]
    notes, roles, observations = read(written(tmp_path, "date,shop,value", *rows))
    assert roles.series == ("shop",) and observations == 2 * len(DAYS)
    assert not notes


def test_the_separator_that_a_first_line_names(tmp_path):
    rows = [row.replace(",", "|") for row in ROWS]
    notes, _, observations = read(written(tmp_path, "sep=|", "date|value", *rows))
    assert (notes, observations) == ([], len(ROWS))


@pytest.mark.parametrize(
    ("lines", "settings"),
    [
        (["Wert,Ort", "x,y", "date,value", *ROWS], {"skip_rows": 2}),
        (["date,value", *ROWS[:20], "; changed", *ROWS[20:]], {"comment": ";"}),
        (["date,value", *ROWS[:20], "# changed", *ROWS[20:]], {"comment": "#"}),
    ],
)
def test_settings_say_what_is_not_found(tmp_path, lines, settings):
    path = written(tmp_path, *lines)
    assignments = tuple(f"{key}={value}" for key, value in settings.items())
    assert load_settings(None, {}, assignments) == Settings(**settings)
    assert read(path, **settings)[2] == len(ROWS)
    with pytest.raises(DataError):
        read(path, skip_rows=0, comment="none")


@pytest.mark.parametrize("count", [99, 100, 101, 5000])
def test_any_number_of_lines_may_be_left_out(tmp_path, count):
    path = written(tmp_path, *["a line of words"] * count, "date,value", *ROWS)
    assert read(path, skip_rows=count)[2] == len(ROWS)
    assert read(path, skip_rows=count + 1, header=False)[2] == len(ROWS)


def test_a_comma_in_a_text_of_a_later_row(tmp_path):
    lines = [f"{row},ok" for row in ROWS]
    lines[20] += ", or so"
    with pytest.raises(DataError, match=r"22: the row has 4 cells, .*; where a text in it holds a comma"):
        read(written(tmp_path, "date,value,note", *lines))


def test_cells_below_one_another_between_blanks_are_refused_with_a_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [f"{row[:10]} 00:00:00.000   {row[11:]:>8}" for row in ROWS]
    path = written(tmp_path, "OrderDate                   Amount", "-----------------------  --------", *rows)
    with pytest.raises(DataError, match="cells stand below one another between blanks") as raised:
        read(path)
    command = str(raised.value).partition("between them: ")[2]
    subprocess.run(command, shell=True, check=True, timeout=20)
    _, roles, observations = read("table.csv")
    assert (roles.time, roles.targets, observations) == ("OrderDate", ("Amount",), len(ROWS))


def test_another_table_that_names_a_column_alike_is_told(tmp_path):
    path = written(tmp_path, "date,value", *ROWS[:30], "country,value", "Chad,5", "Peru,7")
    with pytest.raises(DataError, match=r"another table .*begin in line 32: head -n 31"):
        read(path)
    rows = [f"{k:04},{k % 9}" for k in range(30)]
    path = written(tmp_path, "Nth day,users", *rows, "country,users", "Chad,5", "Peru,7")
    said = "'users' is the name of its column, not a number; another table seems to begin in line 32"
    with pytest.raises(DataError, match=said):
        read(path, time="none", step="1d")


def test_lines_in_quotes_are_refused_with_a_command_that_takes_these_off(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = ["date,value", *ROWS]
    path = written(tmp_path, *(f'"{line}"' for line in lines))
    with pytest.raises(DataError, match="in quotes as a whole") as raised:
        read(path)
    subprocess.run(str(raised.value).partition("without them: ")[2], shell=True, check=True, timeout=20)
    assert read("unquoted.csv")[2] == len(ROWS)


def test_a_column_more_than_names_is_that_of_row_numbers_or_empty(tmp_path):
    numbered = [f'"{k}",{row}' for k, row in enumerate(ROWS, 1)]
    notes, roles, observations = read(written(tmp_path, '"date","value"', *numbered))
    assert (roles.time, roles.targets, observations) == ("date", ("value",), len(ROWS))
    assert notes == ["not used: column 1, which has no name"]
    notes, _, observations = read(written(tmp_path, "date,value", *[f"{row}," for row in ROWS]))
    assert (notes, observations) == ([], len(ROWS))


def test_no_header_stays_refused(tmp_path):
    with pytest.raises(DataError, match="--no-header") as error:
        read(written(tmp_path, *ROWS))
    assert error.value.kind == "no-header"


HINTS = {
    "a comment in the middle": (
        ["date,value", *ROWS[:20], "# changed", *ROWS[20:]],
        "the row has 1 cell, the header 2; lines that begin with # are left out with --set comment=#",
        {"comment": "#"},
    ),
    "a header below": (
        ["alpha,beta", "gamma,delta", "date,value,n", *THREE],
        "the row has 3 cells, the header 2; if it names the columns: --set skip_rows=2",
        {"skip_rows": 2},
    ),
    "lines of another width, and no names": (
        ["Libellé;idBank;Mise à jour;Période", "Indice;1759970;15/03/2024;", "Codes;;;"]
        + [row.replace(",", ";") for row in ROWS],
        "the row has 2 cells, the header 4; if the table begins in this line, without names: "
        "--set skip_rows=3 --no-header",
        {"skip_rows": 3, "header": False},
    ),
    "lines of an ARFF file": (
        ["@relation x", "@attribute d date", "@data", *ROWS],
        "the row has 2 cells, the header 1; if the data begin here, without names: "
        "--set skip_rows=3 --no-header",
        {"skip_rows": 3, "header": False},
    ),
    "notes with a comma above few rows": (
        [
            *("Title:  Rate", "Units:  Percent", "Notes:  The rate, as known", "        of all.", ""),
            *("DATE         VALUE", *(row.replace(",", "   ") for row in ROWS[:8])),
        ],
        "the row has 2 cells, the header 1; if line 6 names the columns: --set skip_rows=5",
        {"skip_rows": 5},
    ),
}


@pytest.mark.parametrize("case", HINTS)
def test_what_is_said_to_be_typed_works(tmp_path, case):
    lines, said, settings = HINTS[case]
    path = written(tmp_path, *lines)
    with pytest.raises(DataError) as error:
        read(path, skip_rows="auto" if "comment" in settings else 0)
    assert str(error.value).endswith(said)
    assert read(path, **settings)[2] >= (8 if "few rows" in case else len(ROWS))


def test_a_stream_has_no_lines_above_its_header(tmp_path):
    from lstmcli.series.calendar import Step
    from lstmcli.settings.reading import ReadOptions
    from lstmcli.tables.read.stream import form_of_lines

    path = written(tmp_path, "Title", "date,value", *ROWS)
    table, roles = read_table(path), read(path)[1]
    options = ReadOptions(skip_rows=1)
    form = form_of_lines(["date,value", *ROWS[:3]], options, roles, Step("fixed", 86_400_000_000), None)
    assert form.dialect.names == ("date", "value") and not form.dialect.left_out
    assert table.notes == ("not in the table: line 1, above the header ('Title')",)


def test_numbers_of_shops_stay_whole_above_a_total(tmp_path):
    rows = [f"{shop},{row}" for shop in (1, 2) for row in ROWS]
    path = written(tmp_path, "shop,date,value", *rows, "Total,,224")
    _, roles, observations = read(path)
    assert roles.series == ("shop",) and observations == len(rows)
    assert panel_of(read_table(path), Settings())[0].keys == (("1",), ("2",))


def test_a_total_below_dates_without_signs(tmp_path):
    notes, roles, observations = read(
        written(tmp_path, "date,value", *[row.replace("-", "") for row in ROWS], "Total,224")
    )
    assert (roles.time, observations) == ("date", len(ROWS))
    assert "not in the table: line 58, below the data ('Total')" in notes


CUT = [f"{day},{200 + k % 7}.25" for k, day in enumerate(DAYS)]
WHOLE_NUMBERS = [f"{day},{200 + k % 7}" for k, day in enumerate(DAYS)]
SHORTER = (
    "the last line has no line end and its last cell '20' has fewer digits than those above: it may be cut "
    "off; if so, delete it"
)
NO_END = {  # rows, and what is said of a last line without a line end
    "a time alone": (
        [*ROWS[:-1], "2024-02-25"],
        "not in the table: line 57, cut off at the end of the file ('2024-02-25')",
    ),
    "a cell is left out": (
        [*THREE[:-1], "2024-02-25,3.5"],
        "not in the table: line 57, cut off at the end of the file ('2024-02-25')",
    ),
    "decimals": ([*CUT[:-1], "2024-02-25,20"], SHORTER),
    "whole numbers": ([*WHOLE_NUMBERS[:-1], "2024-02-25,20"], SHORTER),
    "nothing": (
        [*CUT[:-1], "2024-02-25,"],
        "the last line has no line end and its last cell is empty: it may be cut off; if so, delete it",
    ),
    "as the others": (CUT, None),
    "decimals that differ": ([*ROWS[:-1], "2024-02-25,3"], None),
    "somewhat smaller": ([*WHOLE_NUMBERS[:-1], "2024-02-25,199"], None),
}


@pytest.mark.parametrize("name", NO_END)
def test_a_last_line_that_may_be_cut_off_is_told(tmp_path, name):
    rows, said = NO_END[name]
    head = "date,value,n" if rows[0].count(",") == 2 else "date,value"
    path = tmp_path / "data.csv"
    path.write_text("\n".join((head, *rows)))
    notes = read(str(path))[0]
    assert notes == ([said] if said else [])
    path.write_text("\n".join(("date,value", *CUT, "")))
    assert not read(str(path))[0]


def test_names_of_rows_between_blanks_in_quotes(tmp_path):
    """As write.table of R writes a table."""
    rows = [f'"{k + 1}" "{day} 00:00" {k % 9}.5' for k, day in enumerate(DAYS)]
    _, roles, observed = read(written(tmp_path, '"day" "value"', *rows))
    assert (roles.time, roles.targets, observed) == ("day", ("value",), 56)


@pytest.mark.parametrize("name", ["MESS_DATUM", "obs_date"])
def test_dates_as_whole_numbers_in_a_column_whose_name_holds_a_word_for_dates(tmp_path, name):
    rows = [f"{day.replace('-', '')};{k % 9}.5" for k, day in enumerate(DAYS)]
    _, roles, observed = read(written(tmp_path, f"{name};x", *rows))
    assert (roles.time, roles.targets, observed) == (name, ("x",), 56)


@pytest.mark.parametrize(
    ("row", "time"),
    [("{0.year},{0.month},7,{1}.5", "1,2"), ("{0.year},{0.month},{0.day},{1}.5", "1,2,3")],
)
def test_times_in_several_columns_without_names_are_told_with_what_reads_them(tmp_path, row, time):
    start = date(2020, 1, 1)
    times = [
        date(2020 + k // 12, k % 12 + 1, 1) if time == "1,2" else start + timedelta(days=k) for k in range(40)
    ]
    path = written(tmp_path, *(row.format(t, k % 7 + 10) for k, t in enumerate(times)))
    with pytest.raises(DataError, match=f"--no-header --set time={time}$") as error:
        read_table(path)
    assert error.value.mends == ({"header": False, "time": time},)
    chosen = Settings(header=False, time=time)
    panel, roles = panel_of(read_table(path, chosen.options), chosen)
    assert (roles.targets, panel.lengths.tolist()) == (("4",), [40])


SERIES = [f"2010-{m:02},{m}.5" for m in range(12, 0, -1)]
PREAMBLES = {
    "a table of notes below": (
        ["Country,Year,Value", *(f"A,{1990 + k},{k % 5}.5" for k in range(30)), "", "Footnote", "1,estimate"],
        ("Value",),
        "not in the table: lines 33 to 34, below the data ('Footnote')",
    ),
    "words and numbers above the name of the time alone": (
        ["Label,Prices", "idBank,001759970", "Updated,12/01/2024 08:45", "Période,", *SERIES],
        ("Prices",),
        "the header stands in lines 1 to 4, joined as 'Période', 'Prices'",
    ),
    "names and units in comments": (
        [
            "#YY MM DD hh WSPD GST",
            "#yr mo dy hr m/s m/s",
            *(f"2024 01 {d:02} 00 {d % 7}.5 {d % 5}.5" for d in range(1, 30)),
        ],
        ("WSPD", "GST"),
        "not in the table: lines 1 to 2, comments ('#YY MM DD hh WSPD GST')",
    ),
    "a mark of comments below semicolons and commas": (
        ["Zeit;Menge", *(f"{d:02}.01.2024;{d % 7},5" for d in range(1, 31)), "(C) Amt, 2024"],
        ("Menge",),
        "not in the table: line 32, below the data ('(C) Amt, 2024')",
    ),
}


@pytest.mark.parametrize(("lines", "targets", "note"), PREAMBLES.values(), ids=PREAMBLES)
def test_files_of_offices(tmp_path, lines, targets, note):
    notes, roles, _ = read(written(tmp_path, *lines))
    assert roles.targets == targets
    assert note in notes
