"""The ending of a file chooses its form."""

import os

import pytest

from lstmcli.errors import CannotCreate, UsageError
from lstmcli.files.endings import (
    REPORT_ENDINGS,
    SCHEMA_ENDINGS,
    SETTINGS_ENDINGS,
    TABLE_ENDINGS,
    as_hyphen,
    form_to_write,
)

TABLES = ".csv, .tsv, .json, .ndjson, .jsonl, .parquet or .xlsx"


@pytest.mark.parametrize(
    ("path", "endings", "given", "form"),
    [
        ("out.csv", TABLE_ENDINGS, None, "csv"),
        ("a.b/OUT.TSV", TABLE_ENDINGS, None, "tsv"),
        ("out.2024.json", TABLE_ENDINGS, None, "json"),
        ("out.ndjson", TABLE_ENDINGS, None, "ndjson"),
        ("out.jsonl", TABLE_ENDINGS, "ndjson", "ndjson"),
        ("out.parquet", TABLE_ENDINGS, "parquet", "parquet"),
        ("out.xlsx", TABLE_ENDINGS, None, "xlsx"),
        ("r.txt", REPORT_ENDINGS, None, "text"),
        ("r.yml", REPORT_ENDINGS, "yaml", "yaml"),
        ("r.html", REPORT_ENDINGS, None, "html"),
        ("s.json", SETTINGS_ENDINGS, None, "json"),
        ("-", TABLE_ENDINGS, None, "usual"),
        ("-", TABLE_ENDINGS, "xlsx", "xlsx"),
        ("out", TABLE_ENDINGS, None, "usual"),
        (".csv", TABLE_ENDINGS, "json", "json"),  # a name, no ending
        ("out", TABLE_ENDINGS, "parquet", "parquet"),
        ("/dev/null", TABLE_ENDINGS, None, "usual"),
        ("/dev/null", TABLE_ENDINGS, "ndjson", "ndjson"),
    ],
)
def test_the_form_of_a_file(path, endings, given, form):
    assert form_to_write(path, endings, "usual", given) == form


@pytest.mark.parametrize(
    ("path", "endings", "given", "said"),
    [
        ("f.foo", TABLE_ENDINGS, None, f"-o f.foo: the ending .foo is not known; write {TABLES}"),
        ("f.csv.gz", TABLE_ENDINGS, "csv", f"-o f.csv.gz: the ending .gz is not known; write {TABLES}"),
        (
            "f.html",
            TABLE_ENDINGS,
            None,
            f"-o f.html: the ending .html is not known; write {TABLES}; --html FILE writes a page",
        ),
        (
            "f.csv",
            REPORT_ENDINGS,
            None,
            "-o f.csv: the ending .csv is not known; write .txt, .json, .yaml, .yml or .html",
        ),
        ("f.yaml", SCHEMA_ENDINGS, None, "-o f.yaml: the ending .yaml is not known; write .json"),
        (
            "f.csv",
            TABLE_ENDINGS,
            "json",
            "--format json contradicts -o f.csv: leave out --format, or end the name in .json",
        ),
        (
            "f.txt",
            REPORT_ENDINGS,
            "html",
            "--format html contradicts -o f.txt: leave out --format, or end the name in .html",
        ),
        ("", TABLE_ENDINGS, None, "-o '': name a file, or - for standard output"),
        (
            "s3://bucket/f.csv",
            TABLE_ENDINGS,
            None,
            "-o s3://bucket/f.csv: a URL cannot be written to; name a file, or - and pipe the output on",
        ),
    ],
)
def test_what_is_refused(path, endings, given, said):
    with pytest.raises(UsageError) as error:
        form_to_write(path, endings, "usual", given)
    assert str(error.value) == said


def test_a_pipe_has_no_ending(tmp_path):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    assert form_to_write(str(pipe), TABLE_ENDINGS, "csv") == "csv"
    assert form_to_write(str(pipe), TABLE_ENDINGS, "csv", "parquet") == "parquet"


@pytest.mark.parametrize("name", ["", "none/", "out.csv/"])
def test_a_folder_cannot_be_written(tmp_path, name):
    with pytest.raises(CannotCreate, match="is a folder; name a file in it"):
        form_to_write(f"{tmp_path}/{name}", TABLE_ENDINGS, "csv")


def test_standard_output_has_one_name():
    assert [as_hyphen(path) for path in ("/dev/stdout", "/dev/fd/1", "-", "out", "/dev/stderr")] == [
        *("-", "-", "-", "out", "/dev/stderr")
    ]
