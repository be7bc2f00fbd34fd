"""What --help shows: the text of a command, examples, its options in groups, and its page in the docs."""

import re
from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand, TyperGroup

from lstmcli.cli.empty_names import empty_name

WIDEST = 120  # columns of a terminal; text of longer lines is hard to read
PAGES = "docs/commands"
# Options by their parameter; what is in none of them is about the run.
_GROUPS = {
    "Data": (
        *("target", "time", "season", "step", "resample", "on_gap", "on_duplicate", "no_header"),
        *("assignment", "config", "future", "what_if", "make_future", "history", "cache", "max_gap"),
    ),
    "Model": ("model", "cell", "horizon", "context", "device", "seed", "update", "refit", "baselines"),
    "Output": (
        *("output", "form", "level", "why", "cross", "samples", "sum_over", "hierarchy", "out", "trace"),
        *("plot", "show_last", "html", "preview", "explain", "write_separator", "write_decimal", "every"),
        "add_rows",
    ),
}
_RUN = "Run"
_KINDS = {
    "int": "N",
    "int range": "N",
    "float": "NUMBER",
    "float range": "NUMBER",
    "str": "TEXT",
    "path": "FILE",
}
# A command as it is typed, and what it does.
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "lstmcli": (
        ("lstmcli predict data.csv", "a forecast at once, without training"),
        ("lstmcli train data.csv", "a model of your own: model.safetensors"),
        ("lstmcli predict data.csv -o forecast.csv --plot forecast.png", ""),
        ("lstmcli help train", "the options of a command"),
    ),
    "train": (
        ("lstmcli train data.csv", "columns, step and season are found; writes model.safetensors"),
        ("lstmcli train sales.xlsx --target sales --horizon 28 -m sales.safetensors", ""),
        ("lstmcli train data.csv --set future=promo --html report.html", "with a covariate known ahead"),
    ),
    "predict": (
        ("lstmcli predict data.csv", "with model.safetensors, or at once without one"),
        ("lstmcli predict data.csv -m builtin --target y --horizon 12 --plot next.png", ""),
        ("tail -n 500 log.csv | lstmcli predict - -o next.json", "in a pipe"),
        ("lstmcli predict disks.csv --fail-on 'q0.9 > 95' -o next.csv", "from cron: exit code 3 calls you"),
    ),
    "watch": (
        ("lstmcli watch data.csv", "alarms in the newest rows; nothing where all is well"),
        ("lstmcli watch log.csv --state log.state --fail-on alarm", "from cron: each row is judged once"),
        ("lstmcli watch data.csv --since 2024-05-01 --html alarms.html", ""),
    ),
    "impute": (
        ("lstmcli impute data.csv -o filled.csv", "gaps of at most one season, each from both sides"),
        ("lstmcli impute data.csv --target sales --max-gap 3 --level 95", ""),
        ("lstmcli impute log.csv --add-rows -o whole.csv", "with rows for the times that are left out"),
    ),
    "backtest": (
        ("lstmcli backtest data.csv --folds 5", "trains at each origin, and scores what came after it"),
        ("lstmcli backtest data.csv -m model.safetensors --plot folds.png", "scores a model"),
        ("lstmcli backtest --explain", "what the scores mean"),
    ),
    "check": (
        ("lstmcli check data.csv", "what is found in the file, and what train would say"),
        ("lstmcli check data.csv --format yaml -o settings.yaml", "settings for train -c"),
        ("lstmcli check new.csv -m model.safetensors", "does predict take it?"),
    ),
    "inspect-gates": (
        ("lstmcli inspect-gates data.csv", "what the gates keep and forget"),
        ("lstmcli inspect-gates data.csv --html gates.html", "the explorer of the cell, in a browser"),
        ("lstmcli inspect-gates data.csv --cells", "LSTM, GRU and plain RNN beside each other"),
    ),
    "tune": (
        ("lstmcli tune data.csv --max-time 10m", "writes the best settings to tuned.yaml"),
        ("lstmcli train data.csv -c tuned.yaml", "trains with them"),
    ),
    "verify": (("lstmcli verify -m model.safetensors", "is it whole, and its forecast the same here?"),),
    "export": (("lstmcli export model.onnx -m model.safetensors", ""),),
    "completion": (('source <(lstmcli completion bash)', "in ~/.bashrc"),),
    "config": (
        ("lstmcli config defaults -o settings.yaml", "every setting with its meaning"),
        ("lstmcli config check settings.yaml", ""),
        ("lstmcli config show -m model.safetensors", "the settings of a model"),
    ),
}  # fmt: skip


class HelpfulCommand(TyperCommand):
    """A command with this help, which says of an empty text what to name instead."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for parameter in self.params:
            if parameter.metavar is None and parameter.param_type_name == "argument":
                parameter.metavar = _argument_name(parameter)
            elif parameter.metavar is None and not getattr(parameter, "is_flag", False):
                parameter.metavar = _KINDS.get(parameter.type.name)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """An empty name is refused: of a path it would become the folder that the program is run in."""
        if not ctx.resilient_parsing and ("" in args or any(word.endswith("=") for word in args)):
            wrong = empty_name(self.params, args, self.make_parser(ctx).parse_args(list(args))[0])
            if wrong:
                ctx.fail(wrong)
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Without the braces that Typer writes round what is required."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Examples, arguments, options in groups, and where to read more."""
        name = ctx.command_path.split()
        _write_examples(formatter, EXAMPLES.get(name[1] if len(name) == 2 else "", ()))
        records: dict[str, list[tuple[str, str]]] = {"Arguments": [], **{g: [] for g in _GROUPS}, _RUN: []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                records[_group_of(parameter)].append((record[0], _plain(record[1])))
        for group, lines in records.items():
            if lines:
                with formatter.section(group):
                    formatter.write_dl(lines)
        _write_page(formatter, ctx.command_path)


class HelpfulGroup(TyperGroup):
    """Commands under one name, with examples."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Examples, options and commands."""
        path = ctx.command_path
        _write_examples(formatter, EXAMPLES[path.split()[-1]])
        super().format_options(ctx, formatter)
        _write_page(formatter, path)


def _argument_name(parameter: Any) -> str:
    """As DATA..., in brackets where it may be left out."""
    name = (parameter.name or "").upper() + ("..." if parameter.nargs == -1 else "")
    return name if parameter.required else f"[{name}]"


def _group_of(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return "Arguments"
    return next((group for group, names in _GROUPS.items() if parameter.name in names), _RUN)


def _plain(text: str) -> str:
    """The help of an option, with its bound in words."""
    return re.sub(r"x>=(\d+)\]", r"from \1]", text)


def _write_examples(formatter: Any, examples: Iterable[tuple[str, str]]) -> None:
    if not examples:
        return
    with formatter.section("Examples"):
        for line, what in examples:
            if what:
                formatter.write_text(f"# {what}")
            formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


def _write_page(formatter: Any, path: str) -> None:
    """path: the words of the command, as "lstmcli config show"."""
    name = path.split()[1:2]
    formatter.write_paragraph()
    formatter.write_text(f"More: {PAGES}/{name[0]}.md" if name else "More: README.md and docs/")
