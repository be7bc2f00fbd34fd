"""--help and `help`: examples, groups, and the width of the terminal."""

import shlex
import subprocess

import pytest
from warm_program import warm_program

from lstmcli.cli.app import COMMAND_NAMES, program
from lstmcli.cli.help import EXAMPLES

COMMON = {"quiet", "verbose", "debug", "log_json", "no_color"}


@pytest.fixture
def shown(environment):
    def make(*words, columns=80):
        run = subprocess.run(
            [warm_program(), *words],
            env={**environment, "COLUMNS": str(columns)},
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout

    return make


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_examples_are_spelt_right(name):
    for line, _ in EXAMPLES[name]:
        words = shlex.split(line.rpartition("| ")[2].replace("source <(", "").rstrip(")"))
        assert words[0] == "lstmcli"
        command = program(words[1:]).commands[words[1]]
        if hasattr(command, "commands"):  # config
            command, words = command.commands[words[2]], words[1:]
        command.make_context(name, words[2:])


def test_every_command_has_examples_and_its_page(shown):
    assert {"lstmcli", *COMMAND_NAMES} - {"help"} == EXAMPLES.keys()
    text = shown("help", "watch")
    assert (
        "\nExamples:\n  # alarms in the newest rows; nothing where all is well\n  lstmcli watch data.csv\n"
        in text
    )
    assert text.endswith("More: docs/commands/watch.md\n")


def test_options_stand_in_groups(shown):
    lines = shown("train", "--help").splitlines()
    heads = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert heads == ["Examples:", "Arguments:", "Data:", "Model:", "Output:", "Run:"]
    data = lines[lines.index("Data:") : lines.index("Model:")]
    assert any(line.startswith("  --target COLUMN ") for line in data)


@pytest.mark.parametrize("columns", [80, 120])
def test_help_is_as_wide_as_the_terminal(shown, columns):
    lines = {
        name: shown(*name.split(), "--help", columns=columns).splitlines() for name in ("", *COMMAND_NAMES)
    }
    assert not [line for own in lines.values() for line in own if len(line) > columns]
    assert max(map(len, lines["predict"])) >= columns - 12


def test_help_of_a_command_is_that_of_the_option(shown):
    assert shown("help", "config", "show") == shown("config", "show", "--help")
    assert shown("help") == shown("--help")


def test_no_word_of_typer_or_python_is_left_in_the_help(shown):
    for name in COMMAND_NAMES:
        text = shown(name, "--help")
        for word in ("<str>", "<int", "<float>", "<path>", "x>=", "{DATA"):
            assert word not in text, (name, word)
