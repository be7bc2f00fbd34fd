"""Many files as one output: what must hold of them together, the order of their rows, notes on them."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from lstmcli.errors import DataError, InputMissing, LstmcliError, UsageError
from lstmcli.errors.findings import MOST_SHOWN, plural
from lstmcli.jobs.many_files.file_task import FileFacts, FileForecast
from lstmcli.series.panel import Key, shown_key
from lstmcli.tables.read.file_columns import check_columns
from lstmcli.tables.write.dialects import OutputDialect

_LOCAL = "use --engine local, which reads all files as one table"


@dataclass
class FileChecks:
    """Holds each file to those before it."""

    _files: int = 0
    _first: FileFacts | None = None
    _with_rows: FileFacts | None = None
    _owners: dict[Key, str] = field(default_factory=dict)

    def add(self, facts: FileFacts) -> None:
        """Raises what is wrong with the file: DataError, InputMissing, or UsageError where only the
        local engine can read it together with those before."""
        self._files += 1
        if facts.columns:
            self._first = self._first or facts
            check_columns(self._first.columns, facts.columns, self._first.name, facts.name)
        if facts.error is not None:
            raise _seen_here(facts.name, facts.error)
        if facts.keys:
            self._check_times(facts)
            self._claim(facts)

    def end(self) -> None:
        """Raises DataError where no file had a row."""
        if not self._owners:
            name = self._first.name if self._first and self._files == 1 else f"{self._files} files"
            raise DataError("empty", "the table has a header but no rows", path=name)

    def _check_times(self, facts: FileFacts) -> None:
        first = self._with_rows = self._with_rows or facts
        if facts.pattern != first.pattern:
            forms = f"{facts.name} as {facts.pattern or 'steps'}, {first.name} as {first.pattern or 'steps'}"
            raise UsageError(f"--engine dask: times are written in two ways: {forms}; {_LOCAL}")
        if replace(facts.dialect, mark=first.dialect.mark) != first.dialect:
            ways = " and ".join(f"{one.name} {_shown(one.dialect)}" for one in (first, facts))
            raise UsageError(
                f"--engine dask: cells and decimals are separated in two ways: {ways}; "
                "add --write-separator , --write-decimal ."
            )

    def _claim(self, facts: FileFacts) -> None:
        """Raises UsageError for a series of an earlier file."""
        for key in facts.keys:
            owner = self._owners.setdefault(key, facts.name)
            if owner != facts.name:
                which = f"series {shown_key(key)} is" if key else "the only series of this model is"
                hint = "" if key else "; a model of several files tells series apart by the names of files"
                raise UsageError(
                    f"--engine dask: {which} both in {owner} and in {facts.name}, and each file is forecast "
                    f"by itself; {_LOCAL}{hint}"
                )


def _shown(dialect: OutputDialect) -> str:
    return f"by {dialect.separator!r} and {dialect.decimal!r}"


def _seen_here(name: str, error: LstmcliError) -> LstmcliError:
    """The error of a file, or that it is here and not where the worker looked."""
    if not isinstance(error, InputMissing) or not os.path.exists(name):
        return error
    return InputMissing(
        f"{error} (on a worker; it is here: workers need all files under the path that they have here)"
    )


@dataclass
class FileNotes:
    """Notes and findings, each with the first few files that have it."""

    several: bool
    _lines: dict[str, list[str]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, facts: FileFacts) -> None:
        for note in facts.notes:
            self._keep(note, "note", facts.name, note)
        for finding in facts.findings:
            message = f"{finding.message} [{finding.kind}]"
            self._keep(f"[{finding.kind}]", finding.severity, facts.name, message)

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


def content_of(forecasts: Iterable[FileForecast], notes: FileNotes) -> Iterator[str | bytes]:
    """The output, as files are done: their series in the order of files; all series of a target
    before those of the next, which wait for the last file.

    notes: receives those of every file. Raises the errors of `FileChecks`.
    """
    checks, waiting = FileChecks(), list[tuple[list[Any], ...]]()

    def usable() -> Iterator[FileForecast]:
        for done in forecasts:
            checks.add(done.facts)
            notes.add(done.facts)
            if done.form is not None:
                yield done
        checks.end()

    def pieces(files: Iterable[FileForecast]) -> Iterator[Any]:
        for done in files:
            first_target, *others = done.rows
            waiting.append(tuple(others))
            yield from first_target
        for rows in zip(*waiting, strict=True):  # of one target, by file
            yield from chain.from_iterable(rows)

    files = usable()
    if (first := next(files, None)) and first.form is not None:
        yield from first.form.whole(pieces(chain([first], files)))
