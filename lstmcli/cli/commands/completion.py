"""`lstmcli completion`: the completion script of a shell."""

from typing import Annotated

import typer

from lstmcli.settings.choices import Shell


def completion(shell: Annotated[Shell, typer.Argument(help="The shell to write it for.")]) -> None:
    """Print a script for the Tab key: commands, options, columns.

    \b
    ~/.bashrc                   eval "$(lstmcli completion bash)"
    ~/.zshrc                    eval "$(lstmcli completion zsh)"
    ~/.config/fish/config.fish  lstmcli completion fish | source
    """
    from lstmcli.cli.completion.scripts import SCRIPTS

    print(SCRIPTS[shell], end="")
