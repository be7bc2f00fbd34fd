"""How a table is written: found once in all its rows, applied to every piece of it, remembered by a model.

ReadingFinder    gathers evidence of all rows, piece by piece, and decides
apply_reading    puts it on a frame or a piece: cells become what they stand for
`TableReading`   what is kept in the model file (see `settings.table_reading`)

Plain columns are read by pandas and cost nothing here. A new kind of finding (of times, of the shape of a
table) is a field of `TableReading`, evidence in the finder and a step in `apply_reading`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.errors import DataError
from lstmcli.errors.findings import plural
from lstmcli.errors.foreign import quoted
from lstmcli.series.roles import Roles
from lstmcli.settings.assignments import set_text_option
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import JoinedTime, NumberForm, TableReading
from lstmcli.tables.read.joined_times import joined_notes, with_joined_time
from lstmcli.tables.read.number_evidence import NumberEvidence
from lstmcli.tables.read.number_forms import (
    ColumnForm,
    FileEvidence,
    Unread,
    decide_forms,
    describe_form,
)
from lstmcli.tables.read.numbers import MISSING, number_in
from lstmcli.tables.read.plain_cells import plain_values
from lstmcli.tables.read.table_cells import number_cells
from lstmcli.tables.read.time_parts import PartsFinder

_MOST_NAMED = 4
LINE = "\0"
_QUOTED_COMMA = "a comma in quoted cells marks decimals (--set decimal=. where it does not)"
COMMA_NOTE = "a comma marks decimals (--set decimal=. where it does not)"


@dataclass(frozen=True)
class FoundReading:
    """A reading with its evidence. notes: for the user; placed: notes on a row, whose line takes the place of
    LINE; unread: columns that hold mostly numbers and cannot be read so, which matters where one is used;
    decimals: the marks of decimals that were seen for sure."""

    reading: TableReading = field(default_factory=TableReading)
    notes: tuple[str, ...] = ()
    unread: Mapping[str, Unread] = field(default_factory=dict)
    placed: tuple[tuple[int, str], ...] = ()
    decimals: frozenset[str] = frozenset()


@dataclass
class ReadingFinder:
    """Gathers evidence of numbers, and of times in several columns.

    odd: columns whose cells are looked at; decimals: plain columns in which a mark of decimals was seen, and
    the mark; names: the columns of the table; source: its first file
    """

    options: ReadOptions
    odd: set[str] = field(default_factory=set)
    whole: FileEvidence = field(default_factory=FileEvidence)
    decimals: dict[str, str] = field(default_factory=dict)
    columns: dict[str, NumberEvidence] = field(default_factory=dict)
    parts: PartsFinder | None = None
    names: list[str] = field(default_factory=list)
    source: str = ""

    def needs(self, piece: pd.DataFrame) -> bool:
        """Whether rows must be looked at, by the first of them, which are then the first to `add`."""
        if self.odd:
            return True
        parts = PartsFinder(self.options)
        self.parts = parts if parts.may_join(piece) else None
        return self.parts is not None

    def add(self, piece: pd.DataFrame) -> None:
        """Takes the next rows, as they are written."""
        self.names = self.names or [*map(str, piece.columns)]
        self.parts = self.parts or PartsFinder(self.options)
        self.parts.add(piece)
        for name in piece.columns:
            if name in self.odd and name not in self.options.as_written:
                if name not in self.columns:
                    known = self.options.known.numbers.get(name)
                    may_flag = self.options.on_flag != "error"
                    self.columns[name] = NumberEvidence(known, may_flag, marks_of_missing(self.options))
                self.columns[name].add(piece[name])

    @property
    def sure(self) -> bool:
        """Whether a cell shows more than digits, and not only a mark that may be either."""
        shown = [
            what for cells in self.columns.values() for what in (*cells.shows, *filter(None, cells.units))
        ]
        return any(not what.startswith("doubt") for what in shown)

    def found(self) -> FoundReading:
        self.whole.decimals |= {mark for name, mark in self.decimals.items() if name not in self.odd}
        for name, mark in self.decimals.items():  # of a column that is odd elsewhere
            if name in self.columns:
                self.columns[name].shows.setdefault(f"decimal {mark}", (-1, f"other cells of {name}"))
        joined = self.parts.found(self.names) if self.parts is not None else None
        if self.parts is not None and joined is not None:
            self._check_calendar(joined, *self.parts.turned(joined))
        parts = joined.columns if joined else ()  # "18h" is no number with a unit then
        left = {name: cells for name, cells in self.columns.items() if name not in parts}
        forms = decide_forms(left, self.whole, self.options)
        others = len(self.decimals) or len(forms) > 1
        forms = {c: f for c, f in forms.items() if not (others and self.columns[c].are_labels())}
        if len(self.names) > 2:
            forms = {c: f for c, f in forms.items() if not self.columns[c].are_names_of_series(c)}
        numbers = {name: NumberForm(mark) for name, mark in self.decimals.items() if name not in self.columns}
        numbers |= {name: found.form for name, found in forms.items() if found.form is not None}
        for name, cells in self.columns.items():
            if not cells.filled and cells.missing:
                numbers[name] = NumberForm()
        left_out = self.parts.yearly_notes(joined) if self.parts is not None else ()
        unread = {name: found.unread for name, found in forms.items() if found.unread is not None}
        notes = (*self._notes(forms, numbers), *joined_notes(joined, self.options), *left_out)
        placed = tuple(
            note
            for name, form in numbers.items()
            if form.flags and name in self.columns
            for note in _flag_notes(name, form, self.columns[name])
        )
        seen = frozenset(self.whole.decimals)
        return FoundReading(TableReading(numbers, joined=joined), notes, unread, placed, seen)

    def _check_calendar(self, joined: JoinedTime, year: Any, first: int) -> None:
        """Raises DataError for months that follow one another, but not in years of the calendar."""
        if not first:
            return
        month, together = joined.columns[1], set_text_option("time", ",".join(joined.columns))
        said = (
            f"the months of {year} are in the order {first} to 12, 1 to {first - 1}: those behind 12 may be "
            f"of the year after; write the years of the calendar; {together} takes {year} for all of them"
        )
        error = DataError("not-a-time", said, path=self.source, column=month)
        raise error.mended_by({"time": ",".join(joined.columns)})

    def _notes(self, forms: Mapping[str, ColumnForm], numbers: Mapping[str, NumberForm]) -> tuple[str, ...]:
        notes = [COMMA_NOTE] if "," in self.decimals.values() and self.options.decimal == "auto" else []
        by_text: dict[tuple[str, bool], list[str]] = {}
        for name, found in forms.items():
            if found.form is None:
                continue
            cells = self.columns[name]
            said = describe_form(found.form, cells.negatives)
            if said == "a comma marks decimals" and self.options.decimal == "auto":
                if self.whole.commas:
                    by_text.setdefault((_QUOTED_COMMA, False), []).append(name)
                else:
                    notes.append(COMMA_NOTE)
            elif said:
                by_text.setdefault((said, bool(found.guessed)), []).append(name)
            if found.doubtful:
                point = f"the point in cells such as {quoted(found.doubtful.strip())} marks decimals"
                said = f"{point} (--set decimal=, --set thousands=. where it does not)"
                by_text.setdefault((said, False), []).append(name)
        for (said, guessed), names in by_text.items():
            first = forms[names[0]]
            example = _guess(first) if guessed else self._example(names[0], first.form)
            notes.append(f"{_listed(names)}: {said}{example if 'such as' not in said else ''}")
        return (*dict.fromkeys(notes), *self._missing_notes(numbers))

    def _example(self, name: str, form: NumberForm | None) -> str:
        cells = self.columns[name]
        places = [place for what, place in cells.shows.items() if not what.startswith("decimal")]
        places += [*cells.negatives.values(), *cells.unit_places.values()]
        for _, text in places or [*cells.shows.values()]:
            value = number_in(text, form) if form is not None else None
            if value is not None:
                return f" ({quoted(text.strip())} is {value:.15g})"
        return ""

    def _missing_notes(self, numbers: Mapping[str, NumberForm]) -> list[str]:
        found = {name: self.columns[name].missing for name in self.columns if name in numbers}
        lines = [f"{_counted(marks)} in {name}" for name, marks in found.items() if marks]
        more = len(lines) - _MOST_NAMED
        listed = "; ".join(lines[:_MOST_NAMED]) + (
            f"; and in {plural(more, 'more column')}" if more > 0 else ""
        )
        return [f"taken as missing: {listed}"] if lines else []


def _flag_notes(name: str, form: NumberForm, cells: NumberEvidence) -> list[tuple[int, str]]:
    """Of how many numbers a mark was taken off, with the first of them."""
    notes = []
    for kind, (row, text) in cells.flagged.items():
        count = cells.flag_counts[kind]
        what = f"{count:,} number{'s' * (count > 1)} with "
        what += "< or > before " if kind == "limits" else "a mark beside "
        what += "them are" if count > 1 else "it is"
        taken = "taken as missing" if form.flags == "missing" else "read without it"
        value = number_in(text, form)
        shown = quoted(text.strip()) + ("" if value is None or np.isnan(value) else f" is {value:.15g}")
        others = "--set on_flag=read" if form.flags == "missing" else "--set on_flag=missing or error"
        notes.append((row, f"{name}: {what} {taken} (line {LINE}: {shown}; {others} otherwise)"))
    return notes


def _guess(found: ColumnForm) -> str:
    """A cell whose mark is taken for one of thousands, and what to type where it marks decimals."""
    assert found.form is not None
    text, mark = found.guessed.strip(), found.form.thousands
    value, other = (
        number_in(text, found.form),
        number_in(text, replace(found.form, decimal=mark, thousands="")),
    )
    return f" ({quoted(text)} is {value:.15g}; where it is {other:.15g}: --set decimal={mark})"


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _counted(marks: Counter[str]) -> str:
    return ", ".join(f"{count:,} {mark}" for mark, count in marks.most_common())


def marks_of_missing(options: ReadOptions) -> frozenset[str]:
    return MISSING | {*options.missing}


def learned_options(
    options: ReadOptions, found: FoundReading, roles: Roles, pattern: str | None
) -> ReadOptions:
    """The options by which a model reads other tables as it read this one, whose times have a pattern."""
    spelled = found.reading.numbers.get(roles.time, NumberForm())
    counted = [roles.time] if spelled.thousands or spelled.flags else []  # as 1,704,337,200 or 2018*
    numbers = {*roles.targets, *roles.numeric(roles.covariates), *counted}
    named = (*filter(None, [] if counted else [roles.time]), *roles.series, *roles.categorical)
    known = replace(found.reading.of(numbers), time=pattern)
    joined = known.joined if known.joined and known.joined.name == roles.time else None
    parts = joined.columns if joined else ()
    return replace(
        options,
        known=replace(known, joined=joined),
        as_written=(*named, *(part for part in parts if part not in named)),
        time=roles.time or "none",
    )


def apply_reading(frame: pd.DataFrame, reading: TableReading, options: ReadOptions) -> pd.DataFrame:
    """The frame with numbers where cells spell numbers; a column with a cell that does not follow its form
    stays as it is."""
    frame, changed = with_joined_time(frame, reading.joined, options.timezone), {}
    for name, form in reading.numbers.items():
        if name in frame.columns and not types.is_numeric_dtype(frame[name]):
            numbers, bad = spelled_numbers(frame[name], form, options)
            if not bad.any():
                changed[name] = pd.Series(numbers, frame.index)
    return frame.assign(**changed) if changed else frame


def spelled_numbers(
    cells: "pd.Series[Any]", form: NumberForm, options: ReadOptions
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(rows,) the numbers that cells spell, NaN for missing ones, and which cells spell none."""
    numbered = number_cells(cells)
    codes, missing, texts = numbered.numbers, marks_of_missing(options), numbered.texts()
    found, wrong = np.full(len(texts) + 1, np.nan), np.zeros(len(texts) + 1, bool)
    plain, numbers = plain_values(texts, form)
    found[:-1][plain] = numbers
    found[:-1][[text in missing for text in texts]] = np.nan
    for at in np.flatnonzero(~plain).tolist():
        if texts[at].strip() not in missing:
            number = number_in(texts[at], form)
            found[at], wrong[at] = (np.nan, True) if number is None else (number, False)
    return found[codes], wrong[codes]
