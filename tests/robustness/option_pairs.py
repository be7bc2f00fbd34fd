"""Random command lines of options that exist, with likely and unlikely values: none is an internal error.

    python tests/robustness/option_pairs.py --count 10000

Each is a command, a data file and up to four of its options. Runs are forked from a process that has loaded
all, in a folder with small files of every kind that is read. The exit code must be a documented one, none of
an internal error; an error must be said in lines of ours; and files that are read must be as before. Tells
how many ended how; ends with 1 where one did not end well.
"""

import os
import random
import shutil
import sys
import tempfile
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from attack import DOCUMENTED
from failing_files import TRAINED, contents, with_settings
from fuzzing import arguments, count_outcomes
from warm import ended, load_everything, start, write_data

from lstmcli.cli.app import program

SECONDS = 60  # of a run, by the clock
CHEAP = ("train", "tune", "backtest")  # get settings that make them cheap
HOURS = [f"2024-01-{7 + h // 24:02} {h % 24:02}:00,{h % 3 % 2}" for h in range(6, 54)]
TEXTS = {
    "KEY=VALUE": (
        *("target=y", "season=24", "step=1h", "timezone=Europe/Berlin", "holidays=DE", "missing=0"),
        *("context=12", "series=shop", "steps=3", "mix=network", "nothing=1", "decimal=,", "future=promo"),
    ),
    "TIME": ("2024-01-05", "2024-01-06 12:00", "now", "2030-01-01", "5"),
    "AGE": ("1d", "2h", "10m", "-1d", "soon"),
    "CONDITION": ("forecast > 0", "max(q0.9) > 100", "alarm", "half_life < 3", "y >", "1 = 1"),
    "VALUE": ("100", "<5", ">=95", "none", "nan"),
    "BUDGET": ("1/week", "1/1000", "3", "0/day"),
    "SIGN": (";", ",", "tab", ".", "ab"),
    "SHARE": ("0.5", "50%", "2"),
    "PERCENT": ("80", "95", "0.8", "101"),
}
NAMES = ("y", "time", "shop", "promo", "builtin", "none", "auto", "1h", "7", "shop,promo", "café", "-")
NUMBERS = ("1", "2", "3", "6", "24", "0", "-1", "1000000", "1.5", "x")
FILES = ("data.csv", "model.safetensors", "shop.csv", "plan.csv", "promo.safetensors", "state", "study")
NEW = (
    "out.csv",
    "out.json",
    "out.png",
    "out.html",
    "out.yaml",
    "out.onnx",
    "out.xlsx",
    "folder/",
    "none.csv",
)


@lru_cache
def commands():
    """By their words: each with its options."""

    def leaves(command, words=()):
        if hasattr(command, "commands"):
            for name, inner in command.commands.items():
                yield from leaves(inner, (*words, name))
        else:
            yield words, command

    return dict(leaves(program()))


def option(parameter, draw):
    """An option with a value of its kind, or of another."""
    flag = draw.choice([*parameter.opts, *parameter.secondary_opts])
    if getattr(parameter, "is_flag", False):
        return [flag]
    choices = getattr(parameter.type, "choices", None)
    kind = getattr(parameter.type, "name", "")
    pools = [TEXTS.get(parameter.metavar or "", ())]
    pools.append(tuple(str(getattr(choice, "value", choice)) for choice in choices or ()))
    pools.append(NUMBERS if kind.startswith(("integer", "float")) else ())
    pools.append((*FILES, *NEW) if kind in ("path", "filename") or parameter.metavar == "FILE" else ())
    likely = [value for pool in pools for value in pool] or [*NAMES, *FILES, *NEW]
    if draw.random() < 0.1:
        likely = [*NAMES, *NUMBERS, *FILES, *NEW]
    return [flag, draw.choice(likely)]


def data_argument(words, draw):
    """What the command is about, mostly of the kind that it reads."""
    usual = {
        "completion": ("bash", "zsh", "fish"),
        "config": ("model.safetensors",),
        "verify": ("model.safetensors",),
    }
    return draw.choice(
        usual.get(words[0], ("data.csv", "shop.csv")) if draw.random() < 0.85 else (*FILES, *NEW)
    )


def command_line(draw):
    """Arguments of a run."""
    words, command = draw.choice(list(commands().items()))
    line = list(words)
    # Without the lesson of `--cells`, which trains for a minute.
    left = ("help", "debug", "cells")
    taken = [p for p in command.params if p.param_type_name == "option" and p.name not in left]
    for argument in (p for p in command.params if p.param_type_name == "argument"):
        if argument.required or draw.random() < 0.8:
            line += [data_argument(words, draw)]
    for parameter in draw.sample(taken, min(len(taken), draw.choice((1, 1, 2, 2, 3, 4)))):
        line += option(parameter, draw)
    if words[0] in CHEAP and "--trials" not in line:
        line += with_settings(*TRAINED[:1], *TRAINED[2:])
        line += ["--trials", "1"] if words[0] == "tune" else []
    return line


def laid_out(root):
    """A folder with files of each kind that is read."""
    folder = root / "files"
    folder.mkdir()
    write_data(folder / "data.csv", 150)
    rows = (folder / "data.csv").read_text().splitlines()
    shops = [f"{shop},{row},{n % 3 % 2}" for shop in "ab" for n, row in enumerate(rows[1:])]
    (folder / "shop.csv").write_text("\n".join(["shop,time,y,promo", *shops, ""]))
    (folder / "plan.csv").write_text("\n".join(["time,promo", *HOURS, ""]))
    (folder / "promo.csv").write_text("\n".join(["time,y,promo", *(row[2:] for row in shops[:150]), ""]))
    cheap = with_settings(*TRAINED, "members=1")
    model, state = str(folder / "model.safetensors"), str(folder / "state")
    promo = str(folder / "promo.csv"), "-m", str(folder / "promo.safetensors")
    for line in (
        ["train", str(folder / "data.csv"), "-m", model, *cheap],
        ["train", *promo, *cheap, "--set", "future=promo"],
        ["watch", str(folder / "data.csv"), "-m", model, "--state", state, "-o", os.devnull],
    ):
        assert ended(start(line, root / "out")) == 0, (root / "out").read_text()
    (folder / "study").mkdir()
    return folder


class Bench:
    def __init__(self, root):
        self.root, self.folder = root, laid_out(root)
        self.before = contents(self.folder)

    def tried(self, seed):
        """How a run ended. Raises AssertionError for one that did not end well."""
        line = command_line(random.Random(seed))
        work, out, err = self.root / "work", self.root / "out", self.root / "err"
        shutil.copytree(self.folder, work)
        try:
            code = ended(start(line, out, lambda: os.chdir(work), err), SECONDS)
            said, told = err.read_text(errors="replace"), f"lstmcli {' '.join(map(repr, line))}: "
            assert code in DOCUMENTED - {4}, f"{told}code {code}: {said[-300:]}"
            assert "internal error" not in said and "Traceback" not in said, told + said[-300:]
            assert "site-packages" not in said and "Warning:" not in said, told + said[-300:]
            verdict = line[0] == "check"  # which goes to the output
            assert code in (0, 3) or verdict or said.strip(), f"{told}code {code}, and nothing is said"
            changed = changed_files(self.before, contents(work), line)
            assert not changed, f"{told}code {code}: {changed} changed"
        finally:
            shutil.rmtree(work)
        return f"{line[0]}: {code}"


def changed_files(before, after, line):
    """Files that were there and that no option of the line may write."""
    written = {"model.safetensors", *(word for flag, word in pairwise(line) if flag.startswith("-"))}
    return [name for name in before if after.get(name) != before[name] and name not in written]


def main():
    given = arguments(__doc__)
    load_everything()
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name).resolve())
        count_outcomes(bench.tried, given)


if __name__ == "__main__":
    sys.exit(main())
