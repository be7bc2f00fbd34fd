"""The first rows of a file, looked at as texts: which columns hold texts, plain numbers, or numbers that are
written in another way. Only plain columns are left to pandas."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.column_names import are_names, are_whole, is_coordinate, is_key_name
from lstmcli.tables.read.number_evidence import NumberEvidence
from lstmcli.tables.read.numbers import MISSING
from lstmcli.tables.read.reading import marks_of_missing
from lstmcli.tables.read.text import Dialect
from lstmcli.tables.read.time_names import NO_TIME_NAME, rank_of_name
from lstmcli.tables.read.time_words import is_month_abroad, names_unit

PROBED_ROWS = 3000
_LARGE = 10_000  # no year
_LOOKED_AT = 500  # different cells of a column
_PLAIN = {
    mark: re.compile(rf"\s*[+-]?(?:[0-9]+(?:[{mark}][0-9]*)?|[{mark}][0-9]+)(?:[eE][+-]?[0-9]+)?\s*")
    for mark in ".,"
}
# A mark of decimals that is none of thousands: not before three digits, or behind none, 0 or four.
_CLEAR = {
    mark: re.compile(
        rf"\s*[+-]?(?:(?:|0[0-9]*|[0-9]{{4,}})[{mark}][0-9]*|[0-9]+[{mark}](?:[0-9]{{0,2}}|[0-9]{{4,}}))"
        r"(?:[eE][+-]?[0-9]+)?\s*"
    )
    for mark in ".,"
}
_DAY_FIRST = re.compile(
    r"\s*(?:(\d{1,2})\.\d{1,2}\.\d{2,4}|(1[3-9]|2\d|3[01])[/-]\d{1,2}[/-]\d{2,4})(?:\s.*)?"
)
_NAMED_MONTH = re.compile(r"\s*(?:\d{1,2}\.?[- ]\s?)?([^\W\d_]{3,10})\.?[-' .]{0,2}\d{2,4}(?:\s.*)?")
_ENGLISH = re.compile(
    r"\s*\d{1,2}/(?:1[3-9]|2\d|3[01])/\d{2,4}\b|"
    r"\b(?:January|February|March|June|July|October|December)[ -](?:\d{1,2}, ?)?(?:(?:19|20)\d\d\b|\d\d$)",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"0?(?:0?[1-9]|1[0-2])\.(?:19|20)\d\d|(?:(?:19|20)\d\d|[MTSHR]\d\d?)\.(?:0[1-9]|1[0-2])"  # or R05.01
)
_SHORT_MONTH = re.compile(r"(?:19|20)\d\d\.(?:[1-9]|1[0-2])")
_WEEK = re.compile(r"(?:0?[1-9]|[1-4]\d|5[0-3])\.(?:19|20)\d\d|(?:19|20)\d\d\.(?:0[1-9]|[1-4]\d|5[0-3])")
_PADDED = re.compile(r"0[0-9]+")
_NO_NUMBER = re.compile("[0-9][-:/][0-9]").search  # in no form and with no unit: a date, a time, a fraction


@dataclass
class ProbedColumns:
    """texts: columns of texts; names: numbers that are names; odd: those that pandas must not read; decimals:
    plain numbers in which a mark of decimals was seen for sure; whole: plain numbers without one; day_first,
    english: whether dates say so; dotted: whether dates are like 31.12.2024."""

    texts: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    decimals: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    day_first: bool = False
    english: bool = False
    dotted: bool = False


class ProbeRows:
    """The first rows of a file. cells: of each column, as texts; different: those that differ."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.rows = len(frame)
        self.cells: dict[str, list[Any]] = {name: frame[name].tolist() for name in frame.columns}
        self.different = {
            name: [cell for cell in dict.fromkeys(cells) if isinstance(cell, str)]
            for name, cells in self.cells.items()
        }

    @property
    def names_again(self) -> bool:
        """Whether a column holds its own name."""
        return any(name in cells for name, cells in self.different.items())


def probe_columns(probe: ProbeRows, dialect: Dialect, options: ReadOptions) -> ProbedColumns:
    found = ProbedColumns()
    for name, cells in probe.different.items():
        kind = kind_of_cells(name, cells, dialect.decimal, options)
        getattr(found, kind).append(name)
        if kind == "texts":
            found.day_first = found.day_first or shows_day_first(probe.cells[name])
            found.english = found.english or shows_english(probe.cells[name])
            found.dotted = found.dotted or shows_points(probe.cells[name])
    return found


def shows_day_first(cells: Iterable[Any]) -> bool:
    """Whether dates among the first cells are like 31.12.2024, have a first number above 12, or name months
    in a language whose dates are like these."""
    first = [str(cell) for cell in islice(cells, 50)]
    named = map(_NAMED_MONTH.fullmatch, first)
    return any(map(_DAY_FIRST.fullmatch, first)) or any(
        found and is_month_abroad(found[1]) for found in named
    )


def shows_points(cells: Iterable[Any]) -> bool:
    """Whether dates among the first cells are like 31.12.2024."""
    found = (_DAY_FIRST.fullmatch(str(cell)) for cell in islice(cells, 50))
    return any(date is not None and date[1] for date in found)


def shows_english(cells: Iterable[Any]) -> bool:
    """Whether dates among the first cells are like 12/31/2024 or name months in English."""
    return any(_ENGLISH.search(str(cell)) for cell in islice(cells, 50))


def kind_of_cells(name: str, different: Sequence[str], decimal: str, options: ReadOptions) -> str:
    """The field of `ProbedColumns` that different cells belong to."""
    cells = [cell for cell in different if cell]
    filled = [cell for cell in cells[: 2 * _LOOKED_AT] if cell.strip() not in MISSING][:_LOOKED_AT]
    plain = all(map(_PLAIN[decimal].fullmatch, filled)) and not any(map(_PADDED.fullmatch, filled))
    if (not plain and is_text(filled, options)) or are_months(name, filled):
        return "texts"
    if name in options.as_written:
        numbers = name in options.times or is_coordinate(name) or are_whole(filled)
        return "whole" if numbers else "names"
    if plain and is_key_name(name) and are_names(filled):
        return "names"
    return _kind_of_numbers(name, cells, filled, plain, decimal, options)


def _kind_of_numbers(
    name: str, cells: list[str], filled: list[str], plain: bool, decimal: str, options: ReadOptions
) -> str:
    known = options.known.numbers.get(name)
    if not plain or any(cell in MISSING for cell in cells) or (known is not None and known.unit):
        return "odd"
    if any(map(_CLEAR[decimal].fullmatch, filled)):
        return "decimals"
    if any(decimal in cell for cell in filled):
        return "decimals" if is_settled(name, decimal, options) else "odd"
    return "whole"


def are_months(name: str, filled: list[str]) -> bool:
    """Whether numbers are months with a point, as 03.2020 or 2020.3 to 2020.12, in a column called month or
    date, or weeks in one that is called so."""
    weeks = names_unit(name) == "week"
    if not filled or (rank_of_name(name) >= NO_TIME_NAME and not weeks):
        return False
    cells = [cell.strip() for cell in filled]
    if all(map((_WEEK if weeks else _MONTH).fullmatch, cells)):
        return True
    return all(map(_SHORT_MONTH.fullmatch, cells)) and any(cell.endswith(".10") for cell in cells)


def is_settled(name: str, decimal: str, options: ReadOptions) -> bool:
    """Whether a plain column has this mark of decimals before any evidence."""
    known = options.known.numbers.get(name)
    return options.decimal != "auto" or (
        known is not None and (known.decimal, known.thousands) == (decimal, "")
    )


def is_text(filled: list[str], options: ReadOptions) -> bool:
    """Whether most different cells that are filled are no numbers, or one has a leading zero, as 007 has."""
    if not filled:
        return False
    if any(map(_PADDED.fullmatch, filled)):
        return True
    if 2 * sum(map(bool, map(_NO_NUMBER, filled))) >= len(filled) and not any(
        map(_NO_NUMBER, options.missing)
    ):
        return True
    evidence = NumberEvidence(None, options.on_flag != "error", marks_of_missing(options))
    evidence.add(pd.Series(filled, dtype=object))
    return not evidence.are_numbers()


def may_be_thousands(values: NDArray[np.float64]) -> bool | None:
    """Whether all fractions that pandas read may be thousands, as 1.003; None where there are none."""
    size = np.abs(values[np.isfinite(values)])
    size = size[size != np.floor(size)]
    if not len(size):
        return None
    thousandths = size * 1000
    return bool(((size > 1) & (size < 1000) & (np.abs(thousandths - np.round(thousandths)) < 1e-6)).all())


@dataclass
class LateMarks:
    """What the columns that were plain in the first rows turn out to be in all rows of a file.

    mixed: those that hold other texts too; decimals: those in which a mark of decimals was seen for sure;
    large: whether whole numbers have five digits and more
    """

    probed: ProbedColumns
    decimal: str
    options: ReadOptions
    mixed: set[str] = field(default_factory=set)
    decimals: set[str] = field(default_factory=set)
    large: bool = False
    _doubtful: set[str] = field(default_factory=set)

    def add(self, piece: pd.DataFrame) -> None:
        """Takes the next rows, as pandas read them."""
        sure = set(self.probed.decimals)
        for name in (*self.probed.whole, *self.probed.decimals):
            if name not in piece.columns:
                continue
            if not types.is_numeric_dtype(piece[name]):
                self.mixed |= {name} - {*self.options.as_written}
            elif name not in self.decimals and types.is_float_dtype(piece[name]):
                self._add_numbers(name, piece[name].to_numpy(), name in sure)
            elif not self.large and types.is_integer_dtype(piece[name]):
                self.large = len(piece) > 0 and int(piece[name].max()) >= _LARGE

    def _add_numbers(self, name: str, values: NDArray[np.float64], sure: bool) -> None:
        if sure:
            self.decimals.add(name)
            return
        doubt = may_be_thousands(values)
        if doubt is False or (doubt and is_settled(name, self.decimal, self.options)):
            self.decimals.add(name)
        elif doubt:
            self._doubtful.add(name)

    @property
    def doubtful(self) -> set[str]:
        """Whole numbers in the first rows, and later some with a mark before three digits."""
        return self._doubtful - self.decimals - {*self.options.as_written}


def not_numbers(piece: pd.DataFrame, given: Mapping[str, str]) -> list[str]:
    """The columns that are texts although nothing said so before, and those whose numbers are odd."""
    return [c for c in piece.columns if given.get(c, "str") == "str" and types.is_string_dtype(piece[c])]


def names_again(frame: pd.DataFrame) -> bool:
    """Whether a column holds its own name."""
    return any(bool((frame[name] == name).any()) for name in frame.columns)
