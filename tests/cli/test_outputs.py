"""What the commands write, by the ending of -o and in the dialect of the data."""

import csv
import io
import json
import os
from dataclasses import replace
from datetime import datetime, timedelta

import pandas as pd
import pytest
import yaml
from builders import change_contract, made_model

from lstmcli.cli.app import program
from lstmcli.errors import CannotCreate, UsageError
from lstmcli.model_file import write_model
from lstmcli.series.calendar import HOUR, Step
from lstmcli.tables.read import read_table

FIRST = datetime(2024, 1, 13)
ROWS = 40
LOST = "this file is read too, and would be lost; name another"
TABLES = ".csv, .tsv, .json, .ndjson, .jsonl, .parquet or .xlsx"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder: a model, and its data as a German and as an English program writes them."""
    monkeypatch.chdir(tmp_path)
    made = made_model()
    contract = change_contract(
        made.contract, time_pattern="%Y-%m-%d %H:%M", step=Step("fixed", HOUR), data=("de.csv",)
    )
    errors = {name: {"mae": 1.0, "smape": 1.0, "mase": 1.0} for name in ("model", "seasonal naive")}
    validation = {"windows": 1, "season": 1, "errors": errors, "coverage": {}, "skill": None}
    write_model(
        tmp_path / "m.safetensors", replace(made, contract=contract, report={"validation": validation})
    )
    values = [10 + hour * 37 % 11 / 8 for hour in range(ROWS)]
    stamps = [FIRST + timedelta(hours=hour) for hour in range(ROWS)]
    rows = list(zip(stamps, values, strict=True))
    german = "time;y\n" + "".join(f"{t:%d.%m.%Y %H:%M};{str(y).replace('.', ',')}\n" for t, y in rows)
    (tmp_path / "de.csv").write_text(german)
    (tmp_path / "excel.csv").write_text(german, encoding="utf-8-sig")
    (tmp_path / "en.csv").write_text("time,y\n" + "".join(f"{t:%Y-%m-%d %H:%M},{y}\n" for t, y in rows))
    return tmp_path


def app(line):
    words = line.split()
    return program(words)(words, standalone_mode=False)


def predict(line):
    app(f"predict -m m.safetensors -q --level 80 --horizon 2 {line}")


def refused(line, error=UsageError):
    with pytest.raises(error) as caught:
        app(line)
    return str(caught.value)


def rows_of(text, separator=",", decimal="."):
    return [
        [row[0], *(float(cell.replace(decimal, ".")) for cell in row[1:])]
        for row in list(csv.reader(io.StringIO(text), delimiter=separator))[1:]
    ]


def test_a_forecast_is_written_as_the_data_is(folder, capfd):
    predict("en.csv")
    english = capfd.readouterr().out
    assert english.splitlines()[0] == "time,forecast,q0.1,q0.9"
    wanted = rows_of(english)
    assert [row[0] for row in wanted] == ["2024-01-14 16:00", "2024-01-14 17:00"]
    predict("de.csv")
    german = capfd.readouterr().out
    assert german.splitlines()[0] == "time;forecast;q0.1;q0.9"
    assert [row[1:] for row in rows_of(german, ";", ",")] == [row[1:] for row in wanted]
    assert [row[0] for row in rows_of(german, ";", ",")] == ["14.01.2024 16:00", "14.01.2024 17:00"]
    assert german.count(",") == 6  # decimals
    predict("excel.csv -o made.csv")
    assert (folder / "made.csv").read_bytes() == b"\xef\xbb\xbf" + german.encode()
    predict("excel.csv")
    assert capfd.readouterr().out == german  # no mark in a pipe
    predict("excel.csv -o made.tsv")
    assert (folder / "made.tsv").read_bytes() == b"\xef\xbb\xbf" + german.replace(";", "\t").encode()
    predict("de.csv --write-separator , --write-decimal .")
    assert capfd.readouterr().out == german.replace(",", ".").replace(";", ",")
    predict("en.csv --write-separator ; --write-decimal , -o made.csv")
    assert (folder / "made.csv").read_text() == english.replace(",", ";").replace(".", ",").replace(
        "q0,", "q0."
    )
    predict("de.csv --cache kept -o one.csv")
    predict("de.csv --cache kept -o two.csv")
    assert (folder / "one.csv").read_text() == (folder / "two.csv").read_text() == german


def test_every_ending_holds_the_same_forecast(folder):
    names = [f"f.{ending}" for ending in ("csv", "tsv", "json", "ndjson", "jsonl", "parquet", "xlsx")]
    for name in names:
        predict(f"de.csv -o {name}")
    plain = json.loads((folder / "f.json").read_text())
    assert [json.loads(line) for line in (folder / "f.ndjson").read_text().splitlines()] == plain
    assert (folder / "f.jsonl").read_bytes() == (folder / "f.ndjson").read_bytes()
    numbers = [list(row.values())[1:] for row in plain]
    assert [row[1:] for row in rows_of((folder / "f.tsv").read_text(), "\t", ",")] == numbers
    times = [datetime(2024, 1, 14, 16), datetime(2024, 1, 14, 17)]
    parquet = pd.read_parquet("f.parquet")
    assert parquet["time"].tolist() == times
    assert parquet.iloc[:, 1:].to_numpy().tolist() == numbers
    sheet = pytest.importorskip("openpyxl").load_workbook("f.xlsx").active
    head, *body = sheet.iter_rows(values_only=True)
    assert head == ("time", "forecast", "q0.1", "q0.9")
    assert [(row[0], list(row[1:])) for row in body] == list(zip(times, numbers, strict=True))


def test_a_forecast_below_its_data_is_read_as_one_table(folder):
    predict("excel.csv -o f.csv")
    history = pd.read_csv("excel.csv", sep=";", decimal=",", encoding="utf-8-sig")
    lines = (folder / "f.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    both = (folder / "excel.csv").read_bytes() + "".join(
        ";".join(line.split(";")[:2]) + "\n" for line in lines
    ).encode()
    (folder / "both.csv").write_bytes(both)
    frame = read_table("both.csv").frame
    assert frame["y"].tolist() == [
        *history["y"],
        *(row[1] for row in rows_of("\n" + "\n".join(lines), ";", ",")),
    ]
    app("check both.csv -o report.json")
    assert json.loads((folder / "report.json").read_text())["rows"] == ROWS + 2


def test_standard_output_by_its_other_names(folder, capfd):
    predict("en.csv -o /dev/stdout --format ndjson")
    assert len(capfd.readouterr().out.splitlines()) == 2
    predict("excel.csv -o /dev/fd/1")
    assert capfd.readouterr().out.startswith("time;forecast")
    pipe = folder / "pipe.json"  # not a file, so that its ending says nothing
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    predict("excel.csv -o pipe.json")
    assert os.read(reader, 100).startswith(b"time;forecast")
    os.close(reader)


def test_a_file_that_the_shell_has_opened_is_written_on(folder):
    with open("log", "w") as log:
        log.write("before\n")
        log.flush()
        predict(f"en.csv -o /dev/fd/{log.fileno()}")
        log.write("after\n")
    before, *lines, after = (folder / "log").read_text().splitlines()
    assert (before, after) == ("before", "after")
    assert lines[0] == "time,forecast,q0.1,q0.9"
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "predict -m none -o f.foo",
            "-o f.foo: the ending .foo is not known; write " + TABLES,
        ),
        (
            "predict -m none -o f.json --format csv",
            "--format csv contradicts -o f.json: leave out --format, or end the name in .csv",
        ),
        (
            "predict -m none -o f.json --write-decimal ,",
            "--write-decimal is for CSV; json is written in one way only",
        ),
        (
            "predict -m m.safetensors --make-future 2 -o f.json",
            "--make-future: --future does not read a list of records; write .ndjson",
        ),
        (
            "predict none.csv --engine dask -m none -o f.json --write-separator ;",
            "--write-separator is for CSV; json is written in one way only",
        ),
        (
            "predict - --follow -m none --format xlsx",
            "--format xlsx cannot be combined with --follow. Use ndjson.",
        ),
        (
            "predict en.csv -m m.safetensors -o en.csv",
            "-o en.csv: " + LOST,
        ),
        (
            "predict e?.csv -m m.safetensors -o en.csv",
            "-o en.csv: " + LOST,
        ),
        (
            "predict -m m.safetensors -o de.csv",
            "-o de.csv: " + LOST,
        ),
        (
            "backtest none.csv -o f.txt",
            "-o f.txt: the ending .txt is not known; write " + TABLES,
        ),
        (
            "backtest en.csv -m m.safetensors -o en.csv",
            "-o en.csv: " + LOST,
        ),
        (
            "backtest none.csv --write-decimal ,",
            "--write-separator and --write-decimal are for the table of -o: name one",
        ),
        (
            "check none.csv -o f.csv",
            "-o f.csv: the ending .csv is not known; write .txt, .json, .yaml, .yml or .html",
        ),
        (
            "check none.csv --format json -o f.txt",
            "--format json contradicts -o f.txt: leave out --format, or end the name in .json",
        ),
        (
            "check en.csv -m m.safetensors -o f.yaml",
            "--model: a model has its settings; leave out --config and YAML",
        ),
        (
            "verify -m none -o f.csv",
            "-o f.csv: the ending .csv is not known; write .txt, .json, .yaml, .yml or .html",
        ),
        (
            "inspect-gates -m none -o f.png",
            "-o f.png: the ending .png is not known; write .txt, .json, .yaml, .yml or .html",
        ),
        (
            "inspect-gates -m none --trace f.txt",
            "--trace f.txt: the ending .txt is not known; write " + TABLES,
        ),
        (
            "inspect-gates -m none --write-decimal ,",
            "--write-separator and --write-decimal are for --trace and --out: give one of them",
        ),
        ("tune none.csv -o f.txt", "-o f.txt: the ending .txt is not known; write .yaml, .yml or .json"),
        ("config defaults -o f.toml", "-o f.toml: the ending .toml is not known; write .yaml, .yml or .json"),
        ("config schema -o f.yaml", "-o f.yaml: the ending .yaml is not known; write .json"),
        ("train en.csv -m en.csv", "-m en.csv: " + LOST),
    ],
)
def test_what_is_refused_before_any_work(folder, line, said):
    before = sorted(os.listdir())
    assert refused(line) == said
    assert sorted(os.listdir()) == before


@pytest.mark.parametrize(
    "line",
    [
        "train en.csv -m own.html",
        "train en.csv --html own.html",
        "train en.csv -m new.safetensors --html new.safetensors.checkpoint",
        "train en.csv -m new.safetensors --restart",  # whose checkpoint is a file of the user's
        "predict en.csv -m m.safetensors -o own.csv",
        "predict en.csv -m m.safetensors -o same --html same",
        "predict en.csv -m m.safetensors --html same.htm --plot same.htm",
        "predict en.csv -m m.safetensors --plot own.svg",
        "predict -m m.safetensors -o de.csv",
        "predict en.csv -c set.json -o set.json",
        "watch en.csv -m m.safetensors --html own.html",
        "watch -m m.safetensors -o de.csv",
        "backtest en.csv -m m.safetensors -o same.csv --plot same.csv",
        "backtest -m m.safetensors -o de.csv",
        "backtest en.csv -m builtin --watch labels.csv -o labels.csv",
        "inspect-gates -m m.safetensors --trace de.csv",
        "inspect-gates en.csv -m m.safetensors --trace en.csv",
        "inspect-gates en.csv -m m.safetensors --html own.html",
        "inspect-gates en.csv -m m.safetensors -o same --html same",
        "inspect-gates en.csv --cells --html own.html",
        "inspect-gates en.csv --cells -c set.json -o set.json",
        "inspect-gates -m m.safetensors --compare m.safetensors -o own.json",
        "tune en.csv -o own.json",
        "tune en.csv --study same.yaml -o same.yaml",
        "tune --space -o own.yaml",
        "export -m m.safetensors own.onnx",
        "check en.csv -o own.json",
        "verify -m m.safetensors -o own.json",
        "config defaults -o own.yaml",
        "config schema -o own.json",
        "config show m.safetensors -o own.yaml",
    ],
)
def test_no_command_writes_over_what_is_the_users_own(folder, line):
    model = (folder / "m.safetensors").read_bytes()
    for name in ("own.csv", "own.json", "own.yaml", "own.onnx", "own.svg"):
        (folder / name).write_bytes(model)
    (folder / "own.html").write_text("time,y\n")
    (folder / "new.safetensors.checkpoint").write_text("time,y\n")
    (folder / "labels.csv").write_text("start,end\n")
    (folder / "set.json").write_text("{}")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    told = refused(line)
    assert "name another" in told or "a picture ends in" in told
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    "line", ["predict en.csv -m m.safetensors", "check en.csv", "verify -m m.safetensors"]
)
def test_a_missing_folder_is_named_before_any_work(folder, line):
    assert refused(f"{line} -o none/f.json", CannotCreate) == (
        "none/f.json: cannot be written: there is no folder none"
    )


@pytest.mark.parametrize(
    ("form", "package", "extra"), [("xlsx", "openpyxl", "excel"), ("parquet", "pyarrow", "parquet")]
)
def test_a_missing_package_is_named_with_the_command(folder, monkeypatch, form, package, extra):
    monkeypatch.setattr(
        "lstmcli.tables.write.forms.find_spec", lambda name: None if name == package else name
    )
    for line in (f"predict -m none -o f.{form}", f"backtest none.csv -o f.{form}"):
        assert refused(line) == f"-o f.{form} needs {package}: pip install 'lstmcli[{extra}]'"
    assert refused(f"inspect-gates -m none --trace f.{form}").startswith(f"--trace f.{form} needs {package}")
    assert refused(f"predict -m none --format {form}").startswith(f"--format {form} needs {package}")


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_a_terminal_cannot_show_what_is_no_text(folder, monkeypatch, form):
    pytest.importorskip("openpyxl")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert refused(f"predict -m none --format {form}") == (
        f"--format {form}: a terminal cannot show it; name a file with -o, or pipe it on"
    )


def test_reports_in_every_form(folder, capfd):
    app("verify -m m.safetensors")
    text = capfd.readouterr().out
    for ending in ("txt", "json", "yaml", "yml", "html"):
        app(f"verify -m m.safetensors -o v.{ending}")
    assert (folder / "v.txt").read_text() == text
    document = json.loads((folder / "v.json").read_text())
    assert yaml.safe_load((folder / "v.yaml").read_text()) == document
    assert (folder / "v.yml").read_bytes() == (folder / "v.yaml").read_bytes()
    page = (folder / "v.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>Verification of m.safetensors</title>" in page
    assert document["sha256"] in page
    app("verify -m m.safetensors --format yaml")
    assert capfd.readouterr().out == (folder / "v.yaml").read_text()
    app("verify -m m.safetensors -q -o quiet.txt")
    assert (folder / "quiet.txt").read_text() == text
    app("verify -m m.safetensors -q")
    assert capfd.readouterr().out == ""


def test_settings_as_json_are_those_of_yaml(folder):
    for ending in ("yaml", "yml", "json"):
        app(f"config defaults -o d.{ending}")
        app(f"config check d.{ending}")
    assert json.loads((folder / "d.json").read_text()) == yaml.safe_load((folder / "d.yaml").read_text())


def test_a_backtest_writes_its_table_as_the_data_is(folder, capfd):
    for name in ("b.csv", "b.tsv", "b.json", "b.parquet"):
        app(f"backtest excel.csv -m m.safetensors -q --folds 1 -o {name}")
    lines = (folder / "b.csv").read_bytes().decode("utf-8-sig").splitlines()
    assert (folder / "b.csv").read_bytes().startswith(b"\xef\xbb\xbffold;origin;")
    assert "\n".join(lines).replace(";", "\t") == (folder / "b.tsv").read_text(encoding="utf-8-sig").rstrip()
    records = json.loads((folder / "b.json").read_text())
    assert list(records[0]) == lines[0].split(";")
    assert records[0]["time"] == lines[1].split(";")[list(records[0]).index("time")]
    actual = [
        float(line.split(";")[list(records[0]).index("actual")].replace(",", ".")) for line in lines[1:]
    ]
    assert (
        actual == [record["actual"] for record in records] == pd.read_parquet("b.parquet")["actual"].tolist()
    )
    assert pd.read_parquet("b.parquet")["origin"].tolist()[0] == datetime(2024, 1, 14, 8)
