"""Many files as one table: what must hold of them together, and the order of their series."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lstmcli.errors import DataError, UsageError
from lstmcli.errors.findings import MOST_SHOWN, plural
from lstmcli.forecasting.forecast import (
    BLOCK_WINDOWS,  # series computed at once: a number is then rounded as it is there
)
from lstmcli.jobs.many_files.reading import FileFacts
from lstmcli.series.panel import Key
from lstmcli.tables.read.files import check_columns

_LOCAL = "take --engine local, which reads all files as one table"


@dataclass(frozen=True)
class SeriesRange:
    """Series `first` to `last` (exclusive) of the file with a number, its place in a list of files."""

    file: int
    first: int
    last: int


@dataclass
class BlockOrder:
    """Takes files in turn, and gives blocks of series in the order of one table.

    There the series of a file stand before those of the next; of several targets all series of the
    first stand before those of the second, so that those have to wait for the last file.
    """

    targets: int
    pattern: str | None = None
    _files: int = 0
    _first: FileFacts | None = None
    _dated: FileFacts | None = None
    _owners: dict[Key, str] = field(default_factory=dict)
    _waiting: list[deque[SeriesRange]] = field(default_factory=list)
    _unused: dict[int, int] = field(default_factory=dict)  # series by file

    def add(self, told: FileFacts) -> None:
        """Raises what is wrong with the file: DataError, InputMissing, or UsageError where only the
        local engine can read it together with those before."""
        if told.columns:
            self._first = self._first or told
            check_columns(self._first.columns, told.columns, self._first.name, told.name)
        if told.error is not None:
            raise told.error
        if told.keys:
            self._check_alike(told)
            self._claim(told)
        count = len(told.keys)
        self._waiting = self._waiting or [deque() for _ in range(self.targets)]
        for target, waiting in enumerate(self._waiting):
            if count:
                waiting.append(SeriesRange(self._files, target * count, (target + 1) * count))
        self._unused[self._files] = self.targets * count
        self._files += 1

    def full(self) -> Iterator[list[SeriesRange]]:
        """Blocks that no later file can change, each given once."""
        while self._waiting and _size(self._waiting[0]) >= BLOCK_WINDOWS:
            yield _cut(self._waiting[0])

    def rest(self) -> Iterator[list[SeriesRange]]:
        """All other blocks, when every file was added. Raises DataError where no file had a row."""
        if not self._owners:
            shown = self._first.name if self._first and self._files == 1 else f"{self._files} files"
            raise DataError("empty", "the table has a header but no rows", path=shown)
        left = deque(stretch for waiting in self._waiting for stretch in waiting)
        while left:
            yield _cut(left)

    def used_up(self, block: Sequence[SeriesRange]) -> list[int]:
        """Files of which no series comes after this block."""
        for stretch in block:
            self._unused[stretch.file] -= stretch.last - stretch.first
        ended = [file for file in dict.fromkeys(s.file for s in block) if not self._unused[file]]
        for file in ended:
            del self._unused[file]
        return ended

    def _check_alike(self, told: FileFacts) -> None:
        """Raises UsageError where one table would hold other times or names than the files alone."""
        if self._dated is None:
            self._dated, self.pattern = told, told.pattern
        first = self._dated
        if told.pattern != first.pattern:
            forms = f"{told.name} as {told.pattern or 'steps'}, {first.name} as {first.pattern or 'steps'}"
            raise UsageError(f"--engine dask: times are written in two ways: {forms}; {_LOCAL}")
        if told.numbers != first.numbers and told.numbers and first.numbers:
            raise UsageError(
                f"--engine dask: names of series are whole numbers in one of {first.name} and {told.name}, "
                f"not in the other; {_LOCAL}"
            )

    def _claim(self, told: FileFacts) -> None:
        """Raises UsageError for a series of an earlier file."""
        for key in told.keys:
            owner = self._owners.setdefault(key, told.name)
            if owner != told.name:
                which = f"series {' '.join(key)} is" if key else "the only series of this model is"
                hint = "" if key else "; a model of several files tells series apart by the names of files"
                raise UsageError(
                    f"--engine dask: {which} both in {owner} and in {told.name}, and each file is forecast "
                    f"by itself; {_LOCAL}{hint}"
                )


def _size(stretches: Iterable[SeriesRange]) -> int:
    return sum(stretch.last - stretch.first for stretch in stretches)


def _cut(waiting: deque[SeriesRange]) -> list[SeriesRange]:
    """The next block; what is left of the last file it takes from stays."""
    block, room = list[SeriesRange](), BLOCK_WINDOWS
    while waiting and room:
        stretch = waiting.popleft()
        end = min(stretch.last, stretch.first + room)
        block.append(SeriesRange(stretch.file, stretch.first, end))
        room -= end - stretch.first
        if end < stretch.last:
            waiting.appendleft(SeriesRange(stretch.file, end, stretch.last))
    return block


@dataclass
class Notes:
    """What is told of the files: of each thing, the first few with the name of their file."""

    several: bool
    _lines: dict[str, list[str]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, told: FileFacts) -> None:
        for note in told.notes:
            self._keep(note, "note", told.name, note)
        for finding in told.findings:
            message = f"{finding.message} [{finding.kind}]"
            self._keep(f"[{finding.kind}]", finding.severity, told.name, message)

    def lines(self) -> Iterator[str]:
        for what, lines in self._lines.items():
            yield from lines
            severity, more = lines[0].partition(":")[0], self._counts[what] - len(lines)
            if more and what.startswith("["):
                yield f"{severity}: {plural(more, 'more file')} with such a {severity} {what}"
            elif more:
                yield f"{severity}: {plural(more, 'more file')}: {what}"

    def _keep(self, what: str, severity: str, name: str, message: str) -> None:
        self._counts[what] = self._counts.get(what, 0) + 1
        shown = MOST_SHOWN if what.startswith("[") else 1
        lines = self._lines.setdefault(what, [])
        if len(lines) < shown:
            lines.append(f"{severity}: {name}: {message}" if self.several else f"{severity}: {message}")
