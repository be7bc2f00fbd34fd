"""The Tab key: what is offered, and that real shells offer it."""

import gzip
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lstmcli.cli.app import program
from lstmcli.cli.completion.candidates import candidates
from lstmcli.cli.completion.line import CommandLine, parse_line, quote_word
from lstmcli.cli.completion.names import columns, settings
from lstmcli.cli.completion.scripts import SCRIPTS
from lstmcli.settings.model import Settings

TABLES = ("csv", "tsv", "json", "ndjson", "jsonl", "parquet", "xlsx")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Holds odd.csv, and a program called lstmcli that is found by its name."""
    (tmp_path / "odd.csv").write_text('\nmy time,"my ""col""",temp,a:b\n1,2,3,4\n')
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "lstmcli").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lstmcli "$@"\n')
    (tools / "lstmcli").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offered(line):
    found = parse_line(line, "=:")
    return candidates(program(), found.words[1:], found.current)


def words(line):
    current = parse_line(line, "=:").current
    return [value for value, _ in offered(line).words if value.startswith(current)]


def test_settings_are_those_of_the_model_of_settings():
    assert {name: s.description for name, s in settings().items()} == {
        name: field.description for name, field in Settings.model_fields.items()
    }
    assert settings()["cell"].choices == ("lstm", "gru", "rnn")
    assert settings()["refit"].choices == ("auto", "true", "false")
    assert settings()["patience"].choices == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("lstmcli pre", ["predict"]),
        ("lstmcli -q inspect", ["inspect-gates"]),
        ("lstmcli predict --fo", ["--format", "--follow"]),
        ("lstmcli predict --format ", ["csv", "tsv", "json", "ndjson", "parquet", "xlsx"]),
        ("lstmcli predict -o next.", [f"next.{end}" for end in TABLES]),
        ("lstmcli predict -o out/next.j", ["out/next.json", "out/next.jsonl"]),
        ("lstmcli predict --output=next.x", ["--output=next.xlsx"]),
        ("lstmcli inspect-gates --trace t.p", ["t.parquet"]),
        ("lstmcli config show -o m.y", ["m.yaml", "m.yml"]),
        ("lstmcli check data.csv -o r.h", ["r.html"]),
        ("lstmcli predict --format=n", ["--format=ndjson"]),
        ("lstmcli train --set hor", ["horizon="]),
        ("lstmcli train --set cell=g", ["cell=gru"]),
        ("lstmcli train --cell ", ["lstm", "gru", "rnn"]),
        ("lstmcli train --seed ", []),
        (
            "lstmcli train odd.csv --set target=",
            ["target=my time", 'target=my "col"', "target=temp", "target=a:b"],
        ),
        ("lstmcli train odd.csv --set past=temp,a", ["past=temp,a:b"]),
        ("lstmcli train --set target=", []),
        ("lstmcli predict odd.csv --target te", ["temp"]),
        ("lstmcli predict odd.csv --sum-over temp,m", ["temp,my time", 'temp,my "col"']),
        ("lstmcli predict odd.csv --hierarchy te", ["temp"]),
        ("lstmcli train odd.csv --time=temp,a", ["--time=temp,a:b"]),
        ("lstmcli help config sh", ["show"]),
        ("lstmcli completion ", ["bash", "zsh", "fish"]),
        ("lstmcli completion bash ", []),
    ],
)
def test_words_that_are_offered(folder, line, expected):
    assert words(line) == expected
    assert not offered(line).files


@pytest.mark.parametrize(
    "tail", ["train ", "train x", "train --config ", "predict --plot=", "train -- -x", "check -"]
)
def test_files_are_left_to_the_shell(tail):
    assert offered(f"lstmcli {tail}").files == (tail != "check -")


def test_an_option_is_not_offered_twice_unless_it_may_be_repeated():
    names = words("lstmcli train --seed 3 --set cell=gru --")
    assert "--seed" not in names
    assert "--set" in names


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a b", CommandLine(("a",), "b", "", 0)),
        ("a b ", CommandLine(("a", "b"), "", "", 0)),
        (r"a x=m\ n", CommandLine(("a",), "x=m n", "", 2)),
        ('a x="m n', CommandLine(("a",), "x=m n", '"', 2)),
        ("a 'x=m n", CommandLine(("a",), "x=m n", "'", 0)),
        ("a '' ", CommandLine(("a", ""), "", "", 0)),
    ],
)
def test_a_line_is_split_as_by_a_shell(line, expected):
    assert parse_line(line, "=:") == expected


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_what_is_offered_is_one_word_to_bash(quote):
    text = 'it\'s $HOME `x` "a" \\ é;&'
    line = f"printf %s {quote}{quote_word(text, quote)}{quote}"
    assert subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout.decode() == text


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_header_is_read_by_any_separator_and_from_gzip(tmp_path, separator):
    text = f"\ufefftime{separator}größe\r\n1{separator}2\r\n".encode()
    (tmp_path / "a.csv").write_bytes(text)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(text))
    for name in ("a.csv", "b.csv.gz", "*.csv"):
        assert columns([str(tmp_path / name)]) == ["time", "größe"]


def test_a_file_that_is_no_table_has_no_columns(tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 10)
    assert columns([str(tmp_path / "a.bin")]) == []
    assert columns([str(tmp_path), str(tmp_path / "none.csv")]) == []


@pytest.mark.parametrize("line", ["lstmcli train x.gz --set target=", "lstmcli nonsense --set a", "", "'"])
def test_nothing_goes_wrong_aloud(folder, environment, line):
    (folder / "x.gz").write_bytes(b"not gzip")
    variables = {**environment, "_LSTMCLI_COMPLETE": "bash", "_LSTMCLI_LINE": line}
    done = subprocess.run([folder / "bin/lstmcli"], env=variables, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_nothing_slow_is_loaded(folder, environment):
    code = """
import sys
from lstmcli.__main__ import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""
    line = "lstmcli train odd.csv --set target="
    variables = {**environment, "_LSTMCLI_COMPLETE": "zsh", "_LSTMCLI_LINE": line}
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, check=False, text=True
    )
    assert "target=temp" in done.stdout
    assert not {"numpy", "pandas", "torch", "pydantic", "rich"} & set(done.stderr.split())


# Real shells

BASH = """
eval "$(lstmcli completion bash)"
COMP_LINE=$1 COMP_POINT=${#1} _lstmcli_complete lstmcli
printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """
compdef() { : }
compadd() { local a=${@[-1]}; print -rl -- "${(P@)a}" }
_files() { print files }
eval "$(lstmcli completion zsh)"
words=("${(z)1}"); CURRENT=$#words; PREFIX=$words[-1]
_lstmcli
"""
FISH = "lstmcli completion fish | source; complete -C $argv[1] | string replace -r '\\t.*' ''"


@pytest.fixture
def ask(folder, environment):
    def make(shell, line):
        if shutil.which(shell) is None:
            pytest.skip(f"needs {shell}")
        command = {
            "bash": ["bash", "--norc", "-c", BASH, "bash", line],
            "zsh": ["zsh", "-f", "-c", ZSH, "zsh", line],
            "fish": ["fish", "--no-config", "-c", FISH, line],
        }[shell]
        path = f"{folder / 'bin'}:{os.environ['PATH']}"
        package = str(Path(__file__).parents[2])
        variables = {**environment, "PATH": path, "HOME": str(folder), "PYTHONPATH": package}
        done = subprocess.run(
            command, env=variables, cwd=folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.stderr == ""
        return done.stdout.splitlines()

    return make


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_offers_settings_and_columns(ask, shell):
    assert ask(shell, "lstmcli train --set hor") == ["horizon="]
    found = ask(shell, "lstmcli train odd.csv --set target=t")
    assert found == (["temp"] if shell == "bash" else ["target=temp"])
    assert set(ask(shell, "lstmcli predict --format ")) >= {"csv", "json"} or shell == "zsh"


def test_bash_is_given_words_as_they_must_be_typed(ask):
    assert ask("bash", "lstmcli train odd.csv --set target=my") == ["my\\ time", 'my\\ \\"col\\"']
    assert ask("bash", 'lstmcli train odd.csv --set target="my') == ["my time", 'my \\"col\\"']
    assert ask("bash", "lstmcli train odd.csv --set target=a:") == ["b"]
    assert ask("bash", "lstmcli train od") == [""]  # left to readline


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_files_are_offered_by_the_shell(ask, shell):
    assert ask(shell, "lstmcli train od") == (["files"] if shell == "zsh" else ["odd.csv"])
