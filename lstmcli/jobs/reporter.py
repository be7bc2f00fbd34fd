"""How a job tells what it does while it runs. Jobs print nothing themselves."""

from typing import Protocol


class Reporter(Protocol):
    """Receives what a job tells; `lstmcli.console.screen.Screen` prints it."""

    def say(self, text: str) -> None:
        """One line, as `note: ...` or `warning: ...`."""

    def facts(self, rows: list[tuple[str, str]]) -> None:
        """Lines of a name and a text."""

    def lap(self, stage: str) -> None:
        """A stage has ended."""
