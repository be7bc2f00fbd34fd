"""How a job tells what it does while it runs. Jobs print nothing themselves."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lstmcli.learning.progress import ProgressCallback


class Reporter(Protocol):
    """Receives what a job tells; `lstmcli.console.screen.Screen` prints it."""

    def say(self, text: str) -> None:
        """One line, as `note: ...` or `warning: ...`."""

    def facts(self, rows: list[tuple[str, str]]) -> None:
        """Lines of a name and a text; one without a name belongs to the line before."""

    def lap(self, stage: str) -> None:
        """A stage has ended."""


@dataclass
class NotingReporter:
    """Passes on what it receives; notes: those among it, without the word, each once."""

    to: Reporter
    notes: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        kind, _, note = text.partition(": ")
        if kind in ("note", "warning") and note not in self.notes:
            self.notes.append(note)
        self.to.say(text)

    def facts(self, rows: list[tuple[str, str]]) -> None:
        self.to.facts(rows)

    def lap(self, stage: str) -> None:
        self.to.lap(stage)


class ProgressReporter(Reporter, Protocol):
    """The reporter of a job that trains."""

    def progress(self, members: int) -> "AbstractContextManager[ProgressCallback]":
        """A callback for one training of so many members."""
