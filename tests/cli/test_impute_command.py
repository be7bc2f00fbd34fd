"""`lstmcli impute`: the table as it stands, with its gaps filled."""

import csv
import datetime
import io
import json
import math
from types import SimpleNamespace

import pandas as pd
import pytest

from lstmcli.cli.app import program
from lstmcli.console.manner import OutputMode, set_output_mode
from lstmcli.errors import DataError, UsageError
from lstmcli.forecasting import filled_gaps
from lstmcli.jobs.impute.job import impute_files
from lstmcli.jobs.impute.options import ImputeOptions

app = program()


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    monkeypatch.setattr(filled_gaps, "_FEWEST", 10**9)  # no trials, which take most of the time
    yield
    set_output_mode(OutputMode())


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wave(month, level=50.0):
    return level + 10 * math.sin(month * math.pi / 6)


def month_of(number):
    return f"{2015 + number // 12}-{number % 12 + 1:02}-01"


def table(cells, header="month,sold", lines=()):
    return "\n".join([header, *cells, *lines, ""])


def wave_rows(months=72, empty=(), left_out=(), key=""):
    cells = ((n, "" if n in empty else f"{wave(n):.4f}") for n in range(months) if n not in left_out)
    return [f"{key}{month_of(n)},{cell}" for n, cell in cells]


def impute(*words):
    return app(["impute", *words, "-m", "builtin"], standalone_mode=False)


def rows_of(text, separator=","):
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


def test_gaps_of_a_wave_are_filled_with_the_wave(here, capsys):
    empty = (20, 31, 32, 33, 50)
    (here / "a.csv").write_text(table(wave_rows(empty=empty)))
    impute("a.csv")
    out, said = capsys.readouterr()
    rows = rows_of(out)
    assert len(rows) == 72
    for n, row in enumerate(rows):
        assert row["imputed"] == str(int(n in empty))
        assert abs(float(row["sold"]) - wave(n)) < (1.0 if n in empty else 1e-3)
        if n in empty:
            assert float(row["lower"]) <= float(row["sold"]) <= float(row["upper"])
        else:
            assert row["lower"] == row["upper"] == ""
    assert "gaps of at most 12 steps are filled (one season" in said
    assert "filled: 5 empty cells\n" in said


def test_all_else_is_as_it_stands(here, capsys):
    """Quotes, blanks, decimal commas, leading zeros, other columns and their order, other alphabets."""
    values = [f"{10 + n % 3 + n / 10:.1f}".replace(".", ",") for n in range(30)]
    lines = [f'{n + 1:02}.01.2020;"a ""{n}""";{value};00{n};' for n, value in enumerate(values)]
    lines[12] = '13.01.2020;"a;b";;"0012";'
    text = "\n".join(['"Дата";Größe;значение;code;', *lines, ""])
    (here / "a.csv").write_text(text)
    impute("a.csv", "--target", "значение", "-q")
    head, *found = capsys.readouterr().out.splitlines()
    assert head == '"Дата";Größe;значение;code;;imputed;lower;upper'
    for n, (line, written) in enumerate(zip(lines, found, strict=True)):
        if n != 12:
            assert written == line + ";0;;"
    first, number, rest = found[12].split(";", 4)[:2], found[12].split(";")[3], found[12].split(";", 4)[4]
    assert first == ["13.01.2020", '"a'] and number.replace(",", "").isdigit() and "," in number
    assert rest.startswith('"0012";;1;')


def test_several_series_and_targets(here, capsys):
    lines = []
    for n in range(48):
        for place, key in enumerate("ab"):
            sold = "" if (key, n) == ("a", 20) else f"{wave(n):.3f}"
            cost = "" if (key, n) in {("b", 30), ("b", 31)} else f"{wave(n + 3) - 100 * (place + 1):.3f}"
            lines.append(f"{key},{month_of(n)},{sold},{cost}")
    (here / "a.csv").write_text(table(lines, "shop,month,sold,cost"))
    impute("a.csv", "--target", "sold,cost")
    out, said = capsys.readouterr()
    rows = rows_of(out)
    new = ["sold imputed", "sold lower", "sold upper", "cost imputed", "cost lower", "cost upper"]
    assert [*rows[0]] == ["shop", "month", "sold", "cost", *new]
    filled = [(row["shop"], row["month"]) for row in rows if row["sold imputed"] == "1"]
    assert filled == [("a", month_of(20))]
    filled = [(row["shop"], row["month"]) for row in rows if row["cost imputed"] == "1"]
    assert filled == [("b", month_of(30)), ("b", month_of(31))]
    assert abs(float(rows[61]["cost"]) - (wave(33) - 200)) < 1.5
    assert "filled: 3 empty cells\n" in said


def test_ends_and_long_gaps_stay_empty_and_are_counted(here, capsys):
    empty = (0, 1, *range(20, 25), 40, 71)
    (here / "a.csv").write_text(table(wave_rows(empty=empty)))
    impute("a.csv", "--max-gap", "4")
    out, said = capsys.readouterr()
    rows = rows_of(out)
    assert [n for n, row in enumerate(rows) if row["imputed"] == "1"] == [40]
    assert [n for n, row in enumerate(rows) if row["sold"] == ""] == [0, 1, *range(20, 25), 71]
    left = "5 in gaps of more than 4 steps (--max-gap), 3 before the first or behind the last value"
    assert f"filled: 1 empty cell; left empty: {left}\n" in said


@pytest.mark.parametrize("backwards", [False, True])
def test_rows_that_are_left_out(here, capsys, backwards):
    order = -1 if backwards else 1
    rows = wave_rows(empty=(31,), left_out=(30, 32))[::order]
    (here / "a.csv").write_text(table(rows))
    if not backwards:
        impute("a.csv")
        out, said = capsys.readouterr()
        assert len(rows_of(out)) == 70
        assert "left out of the table within gaps of that size: 2 rows; --add-rows" in said
        impute("a.csv", "--max-gap", "2")  # the gap is of three steps
        out, said = capsys.readouterr()
        assert "filled: 0 empty cells; left empty: 1 in gaps of more than 2 steps" in said
        assert "longer gaps, which are not filled: 2 rows" in said
    impute("a.csv", "--add-rows")
    out, said = capsys.readouterr()
    found = rows_of(out)[::order]
    assert [row["month"] for row in found] == [month_of(n) for n in range(72)]
    assert [n for n, row in enumerate(found) if row["imputed"] == "1"] == [30, 31, 32]
    assert all(abs(float(found[n]["sold"]) - wave(n)) < 1 for n in (30, 31, 32))
    assert "added: 2 rows" in said


def test_added_rows_stand_in_order_of_time_with_their_series(here, capsys):
    both = [*wave_rows(key="a,x,", left_out=(30,)), *wave_rows(key="b,y,", left_out=(30, 40))]
    (here / "a.csv").write_text(table(sorted(both, key=lambda row: row[4:]), "shop,what,month,sold"))
    words = ("--set", "series=shop", "--target", "sold", "--add-rows")
    impute("a.csv", *words)
    out, said = capsys.readouterr()
    assert "added rows have the value of their series in what\n" in said
    rows = rows_of(out)
    assert [row["month"] for row in rows] == sorted(row["month"] for row in rows)
    added = [(row["shop"], row["what"], row["month"]) for row in rows if row["imputed"] == "1"]
    assert sorted(added) == [("a", "x", month_of(30)), ("b", "y", month_of(30)), ("b", "y", month_of(40))]


def test_closed_days_get_no_row(here, capsys):
    days = [datetime.date(2024, 1, 1) + datetime.timedelta(n) for n in range(120)]
    rows = [f"{day},{n % 6},{n}" for n, day in enumerate(days) if day.weekday() < 6 and n != 50]
    (here / "a.csv").write_text(table(rows, "day,sold,other"))
    impute("a.csv", "--target", "sold", "--add-rows")
    out, said = capsys.readouterr()
    assert "no row is added at closed times (Mon-Sat (6 of 7 days) are open)" in said
    assert "added: 1 row that the table lacked\n" in said
    assert [row["other"] for row in rows_of(out) if row["imputed"] == "1"] == [""]


def test_a_mixed_order_keeps_its_rows(here, capsys):
    both = [*wave_rows(key="b,", left_out=(30, 31)), *wave_rows(key="a,")]
    (here / "a.csv").write_text(table(both, "shop,month,sold"))
    impute("a.csv", "--add-rows", "-q")
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split(",")[:2] for row in rows[30:32]] == [["b", month_of(30)], ["b", month_of(31)]]
    assert [row for row in rows if ",0,," in row] == [f"{row},0,," for row in both]


def test_standard_input_with_words_for_missing(here, monkeypatch, capsys):
    text = table(wave_rows(empty=(20,))).replace(f"{month_of(40)},{wave(40):.4f}", f"{month_of(40)},NA")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    impute("-", "-q")
    rows = rows_of(capsys.readouterr().out)
    assert [n for n, row in enumerate(rows) if row["imputed"] == "1"] == [20, 40]


def test_output_forms(here, capsys):
    lines = [f"{row},{'' if n == 9 else n},00{n}" for n, row in enumerate(wave_rows(empty=(20,)))]
    (here / "a.csv").write_text(table(lines, "month,sold,visits,code"))
    words = ("a.csv", "--target", "sold", "-q")
    impute(*words, "-o", "a.json")
    found = json.loads((here / "a.json").read_text())
    assert found[9] == {
        **{"month": month_of(9), "sold": round(wave(9), 4), "visits": None, "code": "009"},
        **{"imputed": 0, "lower": None, "upper": None},
    }
    assert found[20]["imputed"] == 1 and found[20]["visits"] == 20
    assert found[20]["lower"] < found[20]["sold"] < found[20]["upper"]
    impute(*words, "-o", "a.parquet")
    frame = pd.read_parquet("a.parquet")
    assert frame["month"].iloc[20] == pd.Timestamp(month_of(20)) and frame["code"].iloc[9] == "009"
    assert frame["imputed"].sum() == 1 and pd.isna(frame["visits"].iloc[9])
    assert frame["sold"].iloc[20] == found[20]["sold"]
    impute(*words, "-o", "a.xlsx")
    assert pd.read_excel("a.xlsx", engine="openpyxl")["sold"].iloc[20] == found[20]["sold"]
    impute(*words, "--write-separator", ";", "--write-decimal", ",")
    rows = rows_of(capsys.readouterr().out, ";")
    assert rows[20]["sold"] == str(found[20]["sold"]).replace(".", ",")
    assert rows[21]["sold"] == f"{wave(21):.4f}".replace(".", ",") and rows[9]["code"] == "009"
    impute(*words, "-o", "a.tsv")
    assert (here / "a.tsv").read_text().splitlines()[0].split("\t")[-3:] == ["imputed", "lower", "upper"]
    frame = frame.drop(columns=["imputed", "lower", "upper"])
    frame.loc[30, "sold"] = None
    for source in ("a.parquet", "a.json"):  # and read again
        if source == "a.parquet":
            frame.to_parquet(source)
        else:
            frame.assign(month=frame["month"].astype(str)).to_json(source, orient="records")
        impute(source, "--target", "sold", "-q", "-o", "b.parquet")
        again = pd.read_parquet("b.parquet")
        assert again["month"].iloc[3] == pd.Timestamp(month_of(3)) and again["code"].iloc[9] == "009"
        assert [*again["imputed"]].index(1) == 30


def test_months_across_the_header_become_rows(here, capsys):
    days = [f"2020-01-{n + 1:02}" for n in range(28)]
    cells = {key: [f"{10 + n % 7 + k}" for n in range(28)] for k, key in enumerate("ab")}
    cells["a"][11] = ""
    lines = [f"{key},{','.join(cells[key])}" for key in "ab"]
    (here / "a.csv").write_text(table(lines, f"shop,{','.join(days)}"))
    impute("a.csv")
    out, said = capsys.readouterr()
    rows = rows_of(out)
    assert "long form" in said
    filled = [(row["shop"], row["time"]) for row in rows if row["imputed"] == "1"]
    assert filled == [("a", "2020-01-12")] and len(rows) == 56


FORMS = {
    "title and total": ("Report\nof today\n\ndate,y\n{rows}Total,99\n", ",", "date,y"),
    "no names": ("{rows}", ",", "1,2"),
    "blanks": ("date y\n{rows}", " ", "date,y"),
    "a time without a name": (",y\n{rows}", ",", ",y"),
    "a byte order mark": ("\ufeffdate;y\r\n{rows}", ";", "\ufeffdate;y"),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_csv(here, form):
    text, sign, head = FORMS[form]
    cells = [f"2020-01-{n + 1:02}{sign}{'NA' if n == 10 else 5 + n % 7}\n" for n in range(31) if n != 20]
    (here / "a.csv").write_text(text.format(rows="".join(cells)))
    words = ["--no-header"] if form == "no names" else []
    impute("a.csv", "-q", "--add-rows", "-o", "b.csv", *words)
    sign = "," if sign == " " else sign
    found, *rows = (here / "b.csv").read_text().splitlines()
    assert found == sign.join([head, "imputed", "lower", "upper"])
    assert [row.split(sign)[0] for row in rows] == [f"2020-01-{n + 1:02}" for n in range(31)]
    for n, row in enumerate(rows):
        _, value, imputed, *_ = row.replace(sign, "|").replace(",", ".").split("|")
        assert (imputed == "1") == (n in (10, 20))
        assert abs(float(value) - (5 + n % 7)) < (1.5 if n in (10, 20) else 1e-9)


def test_counts_stay_above_zero(here, capsys):
    values = [3, 0, 0, 5, 0, 1, 0] * 12
    empty = {20, 21, 40, 63}
    lines = [f"{n},{'' if n in empty else value}" for n, value in enumerate(values)]
    (here / "a.csv").write_text(table(lines, "step,y"))
    impute("a.csv", "-q")
    rows = rows_of(capsys.readouterr().out)
    assert all(float(row["y"]) >= 0 for row in rows)
    assert all(float(row["lower"]) >= 0 for row in rows if row["imputed"] == "1")


def test_two_files_become_one_table(here, capsys):
    for name in ("north", "south"):
        (here / f"{name}.csv").write_text(table(wave_rows(empty=(20,) if name == "south" else ())))
    impute("north.csv", "south.csv", "-q")
    rows = rows_of(capsys.readouterr().out)
    assert [*rows[0]] == ["month", "sold", "file", "imputed", "lower", "upper"]
    assert [(row["file"], row["month"]) for row in rows if row["imputed"] == "1"] == [("south", month_of(20))]


def test_repeated_rows(here, capsys):
    rows = wave_rows(empty=(20,))
    rows.insert(20, rows[20])
    (here / "a.csv").write_text(table(rows))
    impute("a.csv", "--on-duplicate", "last")
    out, said = capsys.readouterr()
    found = rows_of(out)
    assert [row["imputed"] for row in found[19:23]] == ["0", "0", "1", "0"] and len(found) == 73
    assert "left empty: 1 in repeated rows" in said


def test_refusals(here, capsys):
    (here / "a.csv").write_text(table(wave_rows(empty=(20,))))
    before = (here / "a.csv").read_text()
    with pytest.raises(UsageError, match="this file is read too"):
        impute("a.csv", "-o", "a.csv")
    assert (here / "a.csv").read_text() == before
    with pytest.raises(UsageError, match="did you mean 80"):
        impute("a.csv", "--level", "0.8")
    with pytest.raises(UsageError, match="up to 95 percent"):
        impute("a.csv", "--level", "99")
    with pytest.raises(UsageError, match="fills gaps by itself"):
        impute("a.csv", "--set", "on_gap=fill")
    with pytest.raises(UsageError, match="resample makes others"):
        impute("a.csv", "--set", "resample=2h=mean")
    impute("a.csv", "-q", "-o", "b.csv")
    with pytest.raises(DataError, match=r"b\.csv:imputed: the table has a column 'imputed' already"):
        impute("b.csv", "--target", "sold")
    (here / "c.csv").write_text(table([f"2015,{n + 1},{n}" for n in range(12)], "year,month,sold"))
    with pytest.raises(UsageError, match=r"several columns \(year, month\)"):
        impute("c.csv", "--add-rows")


def test_a_model_forecasts_forward(here, capsys, trained):
    head, *lines = trained.data.read_text().splitlines()
    known = [float(line.split(",")[1]) for line in lines]
    for n in (340, 341, 360):
        lines[n] = lines[n].split(",")[0] + ","
    (here / "a.csv").write_text(table(lines, head))
    options = ImputeOptions(("a.csv",), trained.model, policies={"on_gap": "mask"})
    said = []
    made = impute_files(options, SimpleNamespace(say=said.append, lap=lambda stage: None))
    rows = rows_of(capsys.readouterr().out)
    assert any("a model knows one direction of time" in line for line in said)
    assert (made.filled, made.left) == (3, 0)
    for n in (340, 341, 360):
        assert rows[n]["imputed"] == "1" and abs(float(rows[n]["y"]) - known[n]) < 6


def test_its_event(here, capsys):
    (here / "a.csv").write_text(table(wave_rows(empty=(0, 20))))
    impute("a.csv", "-o", "b.csv", "--log-json", "-q")
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    wrote = next(event for event in events if event["event"] == "wrote")
    assert (wrote["output"], wrote["filled"], wrote["left"], wrote["added"]) == ("b.csv", 1, 1, 0)
