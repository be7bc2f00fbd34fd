"""Writes docs/reference.md from the program: settings, options, exit codes, identifiers, figures, metrics.

    python tests/make_reference.py

Run it after a change of any of these; a test compares the file with what is written here.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lstmcli import errors
from lstmcli.cli.app import program
from lstmcli.evaluation.metrics import meanings
from lstmcli.gates.figures import FIGURES
from lstmcli.settings.model import Settings
from lstmcli.settings.text import GROUPS, default_settings, describe_type, yaml_value

FILE = Path(__file__).parent.parent / "docs" / "reference.md"
HEAD = """# Reference

Written by the program: `python tests/make_reference.py` makes this page again.

- [Settings](#settings)
- [Options](#options) of every command
- [Exit codes](#exit-codes), [errors in data](#errors-in-data), [notes on data](#notes-on-data)
- [Gate figures](#gate-figures)
- [Metrics](#metrics)
"""
# What a code says to a script; a test holds the codes to those of the error tree.
EXIT_CODES = {
    0: "done",
    1: "internal error",
    2: "the command line does not make sense",
    3: "a condition that you set was not met",
    4: "training diverged",
    65: "bad data or a damaged model file",
    66: "an input file is missing",
    69: "a scheduler or its workers cannot be used",
    73: "an output file cannot be created",
    74: "the system failed: disk, device, memory, a killed worker",
    75: "another run holds the lock",
    78: "bad settings",
}


def reference() -> str:
    """The page as Markdown."""
    parts = [HEAD, settings(), options(), exit_codes(), data_errors(), gate_figures(), metrics_explained()]
    return "\n".join(parts)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, [":---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def settings() -> str:
    """One table for each group, in the order of the settings."""
    found = Settings.model_json_schema()["properties"]
    values = default_settings()
    groups: dict[str, list[Sequence[str]]] = {}
    group = ""
    for name, field in Settings.model_fields.items():
        group = GROUPS.get(name, group)
        row = (
            f"`{name}`",
            describe_type(found[name]),
            f"`{yaml_value(values[name])}`",
            str(field.description),
        )
        groups.setdefault(group, []).append(row)
    text = (
        "## Settings\n\nWritten as `--set name=value`, as `LSTMCLI_NAME=value` in the environment, or as "
        "`name: value` in a YAML\nfile ([config](commands/config.md)). Lengths are in observations. `auto`: "
        "decided from the training data.\n"
    )
    for group, rows in groups.items():
        text += f"\n### {group}\n\n" + table(("name", "type", "default", "meaning"), rows)
    return text


def options() -> str:
    """Arguments and options of every command; those that all commands have stand once."""
    app = program()
    commands = dict(leaves(app))
    shared = set.intersection(*({line[0] for line in lines(c)} for c in commands.values()))
    any_command = next(iter(commands.values()))
    text = "## Options\n\n### Common options\n\n"
    text += table(("option", "meaning"), [line for line in lines(any_command) if line[0] in shared])
    for name, command in commands.items():
        own = [line for line in lines(command) if line[0] not in shared]
        text += f"\n### {name}\n\n{command.help.splitlines()[0]}\n"
        text += "\n" + table(("option", "meaning"), own) if own else ""
    return text


def leaves(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command that is no group, with its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def lines(command: Any) -> list[tuple[str, str]]:
    """Name and meaning of every parameter."""
    return [(signature(p), meaning(p)) for p in command.params if not getattr(p, "hidden", False)]


def signature(parameter: Any) -> str:
    names = ", ".join(sorted(parameter.opts, key=len))
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar or parameter.name.upper()}{'...' if parameter.nargs == -1 else ''}`"
    if parameter.is_flag:
        return f"`{names}`"
    return f"`{names} {parameter.metavar or kind(parameter.type)}`"


def kind(of: Any) -> str:
    choices = getattr(of, "choices", None)
    return "|".join(map(str, choices)) if choices else of.name.split()[0].upper()


def meaning(parameter: Any) -> str:
    told = [" ".join(parameter.help.split())]
    if parameter.param_type_name == "argument":
        return told[0]
    if parameter.default not in (None, False, (), []) and "Default:" not in told[0]:
        told.append(f"Default: `{getattr(parameter.default, 'value', parameter.default)}`.")
    if parameter.envvar:
        told.append(f"Variable: `{parameter.envvar}`.")
    return " ".join(told)


def exit_codes() -> str:
    rows = [(str(code), told) for code, told in EXIT_CODES.items()]
    return "## Exit codes\n\n" + table(
        ("code", "meaning"), [*rows, ("130, 143", "interrupted, terminated or hung up")]
    )


def data_errors() -> str:
    """Identifiers of errors, which have one exit code, and of notes, which have none."""
    code = errors.DataError.exit_code
    refused = table(
        ("identifier", "code", "meaning"), [(f"`{n}`", str(code), m) for n, m in errors.DATA_ERRORS.items()]
    )
    noted = table(("identifier", "meaning"), [(f"`{n}`", m) for n, m in errors.DATA_NOTES.items()])
    return (
        "## Errors in data\n\nThe identifier ends the message, in brackets, and is the `kind` of an error "
        f"of `--log-json`. Identifiers are stable.\n\n{refused}\n"
        "## Notes on data\n\n`check` and `predict` report these of data that can be used.\n\n" + noted
    )


def gate_figures() -> str:
    rows = [(f"`{name}`", told) for name, told in FIGURES.items()]
    return (
        "## Gate figures\n\nNames for `inspect-gates --fail-on`, also under `figures` in `summary.json`. "
        "Lengths are in observations.\n\n" + table(("figure", "meaning"), rows)
    )


def metrics_explained() -> str:
    """What `backtest --explain` prints."""
    return "## Metrics\n" + "".join(f"\n### {name}\n\n{text}\n" for name, text in meanings().items())


def main() -> None:
    FILE.write_text(reference())
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
