"""Errors, warnings and notes in the words of Python: one translation for all messages of jobs."""

import ast
import re
from pathlib import Path

import pytest

from lstmcli.jobs.python.words import python_words
from lstmcli.settings.model import Settings

PACKAGE = Path(__file__).parents[2] / "lstmcli"
# Rooms and files whose messages reach the command line alone.
ELSEWHERE = (
    "cli",
    "console",
    "__main__.py",
    "jobs/follow",
    "jobs/many_files",
    "jobs/python",
    "learning/pretrain",
)


def texts():
    """Every text of the package that a message may be made of, with its placeholders filled."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if str(path.relative_to(PACKAGE)).startswith(ELSEWHERE):
            continue
        tree = ast.parse(path.read_text())
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        inner = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in ast.walk(tree):
            text = None
            if isinstance(node, ast.JoinedStr):
                text = "".join(p.value if isinstance(p, ast.Constant) else "7" for p in node.values)
            elif (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in docs | inner
            ):
                text = node.value
            if text and " " in text.strip() and re.search(r"--[a-z]|lstmcli [a-z]|-m ", text):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", text


def test_no_message_speaks_of_options_or_commands():
    told = {place: python_words(text) for place, text in texts()}
    assert len(told) > 100
    shell = re.compile(r"(?<!\w)--[a-z]|\blstmcli [a-z-]+ (DATA|-)|-m builtin")
    assert {place: said for place, said in told.items() if shell.search(said)} == {}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("or give them with --future FILE; --make-future 24 prints that file to fill in",
         "or give them with future=; .make_future(data, 24) gives that frame to fill in"),
        ("name the column with --set series=COLUMN", 'name the column with series="COLUMN"'),
        ("name it with --set time=COLUMN, or if rows", 'name it with time="COLUMN", or if rows'),
        ("--set series=COLUMN,COLUMN", 'series=["COLUMN", "COLUMN"]'),
        ("marks decimals: --set decimal=,", 'marks decimals: decimal=","'),
        ("--set decimal=. --set thousands=, (1 of 2)", 'decimal=".", thousands="," (1 of 2)'),
        ("without names: --set skip_rows=2 --no-header", "without names: skip_rows=2, header=False"),
        ("--set 'target=my sales' (or not)", 'target="my sales" (or not)'),
        ("(--set day_first=true (or false)", "(day_first=True (or false)"),
        ("--on-gap mask leaves them missing, --on-gap fill interpolates",
         'on_gap="mask" leaves them missing, on_gap="fill" interpolates'),
        ("bring all to one step with --resample 6h=mean", 'bring all to one step with resample="6h=mean"'),
        ("how far they are apart, as --step 1h. Columns", 'how far they are apart, as step="1h". Columns'),
        ("--horizon 12 is short enough", "horizon=12 is short enough"),
        ("ask for fewer --folds, or a shorter --horizon or --stride",
         "ask for fewer folds=, or a shorter horizon= or stride="),
        ("--level 99: this model gives", "levels=[99]: this model gives"),
        ("train longer (--set steps=...), or fewer", "train longer (steps=...), or fewer"),
        ("--plot a/b.gif: a picture ends in", 'plot="a/b.gif": a picture ends in'),
        ("--samples 1000000: at most", "samples=1000000: at most"),
        ("an address; fetch it first: curl -L ADDRESS | lstmcli train -",
         "an address; read it first: pandas.read_csv(ADDRESS)"),
        ("--since and --last both say", "since= and last= both say"),
        ("a.safetensors: no such file; make a model with: lstmcli train DATA -m a.safetensors",
         'a.safetensors: no such file; make a model with: lstmcli.train(data).save("a.safetensors")'),
        ("make a model with: lstmcli train DATA -m a.safetensors. Did you mean 'b.safetensors'?",
         'make a model with: lstmcli.train(data).save("a.safetensors"). Did you mean \'b.safetensors\'?'),
        ("with the command below: gaps in time", "with .settings: gaps in time"),
        ("lstmcli train makes a model of another, -m builtin takes any",
         "lstmcli.train makes a model of another, lstmcli.builtin() takes any"),
        ('tune needs the package Optuna: pip install "lstmcli[tune]"',
         'tune needs the package Optuna: pip install "lstmcli[tune]"'),
        ("2024-01-01 -- 2024-02-01 and a--b", "2024-01-01 -- 2024-02-01 and a--b"),
    ],
)  # fmt: skip
def test_what_to_type_is_python(said, meant):
    assert python_words(said) == meant
    assert python_words(meant) == meant  # of an error that passes two functions


def test_settings_that_messages_name_are_read():
    """What stands in a message can be typed: as the keyword of a setting, with the value of `--set`."""
    said = python_words("--set skip_rows=2 --set decimal=, --set day_first=false --set series=a,b --step 1h")
    assert Settings.model_validate(eval(f"dict({said})")).model_dump(exclude_unset=True) == {
        "skip_rows": 2, "decimal": ",", "day_first": False, "series": ("a", "b"), "step": "1h",
    }  # fmt: skip
