"""What `check` and `predict` found in data: how grave, of which kind, how often and where."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from lstmcli.errors import DATA_ERRORS, DATA_NOTES, DataError
from lstmcli.errors.foreign import MOST_OF_PATH, shown

Severity = Literal["error", "warning", "note"]
MOST_SHOWN = 3  # places and names that are shown of many


@dataclass(frozen=True)
class FilePlace:
    """Where in a file; None where that is not known."""

    path: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        row = "" if self.row is None else f":{self.row}"
        column = "" if self.column is None else f":{shown(self.column)}"
        return f"{shown(self.path, MOST_OF_PATH)}{row}{column}"


@dataclass(frozen=True)
class SeriesCount:
    """How much of it a series has."""

    name: str
    count: int


@dataclass(frozen=True)
class Finding:
    """severity: error (refused), warning (look at it) or note; kind: an identifier of `errors`.

    count   of what the message tells, 1 where it is one thing
    series  the few that have most of it
    places  the first few
    """

    severity: Severity
    kind: str
    message: str
    count: int = 1
    series: tuple[SeriesCount, ...] = ()
    places: tuple[FilePlace, ...] = ()

    def __post_init__(self) -> None:
        assert self.kind in DATA_ERRORS or self.kind in DATA_NOTES, self.kind


def refusal(error: DataError) -> Finding:
    """What a DataError tells, as a finding."""
    places = (FilePlace(error.path, error.row, error.column),) if error.path else ()
    return Finding("error", error.kind, str(error), places=places)


def accept_findings(
    found: Iterable[Finding], refused: Collection[str], path: str, row: int | None = None
) -> Iterator[Finding]:
    """The findings before the first of a refused kind; there it raises DataError. path, row: where."""
    for finding in found:
        if finding.kind in refused:
            raise DataError(finding.kind, finding.message, path=path, row=row)
        yield finding


def first_few(names: list[str]) -> str:
    """`a, b, c, ...`, each as `shown`."""
    return ", ".join(map(shown, names[:MOST_SHOWN])) + (", ..." if len(names) > MOST_SHOWN else "")


def plural(count: int, one: str, many: str = "") -> str:
    """`1 value`, `1,200 values`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
