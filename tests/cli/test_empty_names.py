"""A name that is empty, as a variable of a shell that is not set leaves it: every option of every command."""

import re

import pytest
from typer.exceptions import TyperException

from lstmcli.cli.app import program

# What says by itself what to write, by how the help shows it.
OWN = {"KEY=VALUE", "TIME", "AGE", "CONDITION", "VALUE", "BUDGET", "SIGN", "SHARE", "PERCENT", "SHELL"}


def leaves(command, words=()):
    if hasattr(command, "commands"):
        for name, inner in command.commands.items():
            yield from leaves(inner, (*words, name))
    else:
        yield " ".join(words), command


COMMANDS = dict(leaves(program()))


def named(command):
    """The options that take a text, and the arguments."""
    for parameter in command.params:
        choices = getattr(parameter.type, "choices", None)
        if not (getattr(parameter, "is_flag", False) or choices or parameter.metavar in OWN):
            yield parameter


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_names_itself_where_its_value_is_empty(name):
    command = COMMANDS[name]
    for parameter in named(command):
        argument = parameter.param_type_name == "argument"
        if name == "help" and argument:
            continue  # an empty command is none of the commands
        for flag in [""] if argument else parameter.opts:
            shapes = (
                [[""]] if argument else [[flag, ""], [f"{flag}="] if flag.startswith("--") else [flag, ""]]
            )
            for words in shapes:
                with pytest.raises(TyperException) as error:
                    command.make_context(name, words)
                shown = parameter.name.upper() if argument else flag
                assert re.fullmatch(
                    rf"{shown} '': (name a \w+|name an address|it needs a value)(, .*)?",
                    str(error.value.format_message()),
                )


def test_an_empty_name_beside_others_and_behind_two_hyphens():
    with pytest.raises(TyperException, match="DATA '': name a file, or - for standard input"):
        COMMANDS["train"].make_context("train", ["a.csv", "--", ""])
    with pytest.raises(TyperException, match="-o '': name a file, or - for standard output"):
        COMMANDS["predict"].make_context("predict", ["a.csv", "-o", ""])
    COMMANDS["train"].make_context("train", ["a.csv", "--set", "series="]).close()
