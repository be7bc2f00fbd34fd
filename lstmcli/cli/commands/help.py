"""`lstmcli help`: what --help of a command shows."""

import sys
from typing import Annotated

import typer


def help(
    context: typer.Context,
    command: Annotated[list[str] | None, typer.Argument(help="As train, or config show.")] = None,
) -> None:
    """Show the options of a command, with examples."""
    from lstmcli.cli.app import program
    from lstmcli.errors import UsageError, did_you_mean

    shown, path = program(), context.find_root()
    for word in command or ():
        known = getattr(shown, "commands", {})
        if word not in known:
            raise UsageError(
                f"{word}: no such command.{did_you_mean(word, known)} (see: {path.command_path} --help)"
            )
        shown = known[word]
        path = type(context)(shown, info_name=word, parent=path)
    print(shown.get_help(path), file=sys.stdout)
