"""Text from elsewhere on its way to a person."""

import csv
import io
import os
import pty
import select
import subprocess
import unicodedata
import warnings
import xml.etree.ElementTree as ET

import hostile_names
import pytest
from warm_program import warm_program

from lstmcli.errors import DataError
from lstmcli.errors.findings import first_few
from lstmcli.errors.foreign import printable, printable_line, quoted, shown
from lstmcli.reports.html.markup import paragraph
from lstmcli.reports.pictures.style import new_figure, picture_bytes, without_formula
from lstmcli.tables.csv_lines import csv_lines

TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def steers(text):
    """The signs of a text that steer a terminal, or turn the direction of text round."""
    found = {sign for sign in text if unicodedata.category(sign) in ("Cc", "Zl", "Zp", "Cs")}
    found |= {sign for sign in text if unicodedata.bidirectional(sign) in TURNS}
    return found - {"\n", "\t"}


@pytest.mark.parametrize("name", hostile_names.HOSTILE.values(), ids=hostile_names.HOSTILE)
def test_what_is_shown_is_one_short_line(name):
    text = shown(name)
    assert not steers(text) and len(text) <= 80 and "\n" not in text and "\t" not in text
    assert not steers(printable(name))
    assert "\n" not in printable_line(name)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\x1b[31m", r"a\x1b[31m"),
        ("a\x9bb", r"a\x9bb"),
        ("a\rb\nc\td", r"a\rb\nc\td"),
        ("\u202ecba", r"\u202ecba"),
        ("Größe 雪 🌨", "Größe 雪 🌨"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a word that needs its joiner
        (r"C:\new", r"C:\new"),
        ("x" * 80, "x" * 80),
        ("a" * 60 + "b" * 60, "a" * 40 + "..." + "b" * 37),
    ],
)
def test_signs_that_are_shown(text, wanted):
    assert shown(text) == wanted


def test_escaped_signs_count_as_well():
    assert len(shown("\x1b" * 100)) == 80


def test_the_middle_of_an_endless_line_is_left_out():
    assert printable("short\n" + "x" * 100_000).count("\n") == 1
    assert len(printable("short\n" + "x" * 100_000)) < 4_100


def test_names_in_messages_are_short():
    error = DataError("gap", "here", path="a\x1b.csv", row=3, column="c" * 1000)
    assert str(error).startswith(r"a\x1b.csv:3:ccc") and len(str(error)) < 150
    assert error.column == "c" * 1000  # for programs
    assert first_few(["\x1b"]) == r"\x1b"


@pytest.mark.parametrize("text", ["day 1", "it's", "x" * 80, "a\nb", "\u202e"])
def test_short_cells_are_quoted_as_python_does(text):
    assert quoted(text) == repr(text)


def test_endless_cells_are_quoted_in_part():
    found = quoted("x" * 200_000)
    assert len(found) == 82 and "x...x" in found


def test_a_carriage_return_comes_back_from_csv():
    rows = [["a\rb", "c"], ["d\r\ne", "f\ng"], ["plain", ""], ["x,y", '"']]
    text = csv_lines(rows)
    assert [*csv.reader(io.StringIO(text, newline=""))] == rows
    assert text.splitlines()[-2:] == ["plain,", '"x,y",""""']


def test_pages_and_pictures_stay_xml():
    page = paragraph("a\x1b\x00\u202eb")
    assert str(page) == str(paragraph(r"a\x1b\x00\u202eb"))
    figure = new_figure(2, 2)
    figure.suptitle(without_formula("a\x1b\x9b雪\ue000 $\\frac$"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture_bytes(figure, "png")
        ET.fromstring(picture_bytes(figure, "svg").decode())


def on_terminal(arguments, folder):
    """The code of a run whose output and error are a terminal, and what came there."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
    run = subprocess.Popen(
        [warm_program(), *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=theirs,
        stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    printed = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            printed += os.read(ours, 65536)
        except OSError:  # the last of the run's ends is closed
            break
    os.close(ours)
    return run.wait(60), printed.decode().replace("\r\n", "\n")


COMMANDS = [
    ["check"],
    ["predict", "--horizon", "2", "-m", "builtin"],
    ["predict", "--horizon", "2", "-m", "builtin", "--preview", "--fail-on", "forecast > 0"],
    ["predict", "--target", "\x1b[2J\u202e"],
    ["watch", "--last", "9", "--all"],
    ["backtest", "-m", "builtin", "--folds", "2"],
    ["inspect-gates", "-m", "\x9b31m.safetensors"],
]
NASTY = "".join(hostile_names.HOSTILE[name] for name in ("escape", "c1", "return", "bidi"))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_no_name_steers_a_terminal(command, tmp_path):
    (tmp_path / "da\x1b[2Jta.csv").write_text(hostile_names.table(series=NASTY, target=f"y{NASTY}"))
    code, printed = on_terminal([command[0], "da\x1b[2Jta.csv", *command[1:]], tmp_path)
    assert code in (0, 2, 3, 65, 66), printed
    assert not steers(printed), printed
    assert printed


def test_a_name_is_no_line_of_ours(tmp_path):
    name = "y\nlstmcli: all is well"
    (tmp_path / "data.csv").write_text(hostile_names.table(target=name))
    arguments = ["predict", "data.csv", "-m", "builtin", "--fail-on", "forecast > 0", "-o", "out.csv"]
    code, printed = on_terminal([*arguments, "--preview"], tmp_path)
    assert code == 3
    assert "\nlstmcli: all is well" not in printed and "lstmcli: lstmcli" not in printed


def test_data_stay_exact(tmp_path):
    (tmp_path / "data.csv").write_text(hostile_names.table(series=NASTY))
    arguments = [warm_program(), "predict", "data.csv", "-m", "builtin", "--horizon", "2"]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, check=True)
    rows = [*csv.reader(io.StringIO(done.stdout.decode(), newline=""))]
    assert {row[0] for row in rows[1:]} == {NASTY, "plain"}
