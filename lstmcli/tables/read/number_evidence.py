"""What the cells of a column say of how its numbers are written, gathered over all rows."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.settings.table_reading import NumberForm
from lstmcli.tables.read.column_names import is_key_name, words_of
from lstmcli.tables.read.flags import LIMITS, is_attached, is_number_flag, split_flag
from lstmcli.tables.read.no_numbers import MOST_WORDS, is_word
from lstmcli.tables.read.numbers import MISSING, Shape, WrittenNumber, number_in, shape_of, written_number
from lstmcli.tables.read.plain_cells import NumberSizes, PlainCells, plain_cells, plain_values
from lstmcli.tables.read.table_cells import number_cells
from lstmcli.tables.read.units import is_known_unit, is_side, may_name

Place = tuple[int, str]  # of a row in the table, and its cell
_MOST_KEPT = 50  # cells of one kind that are kept as examples
_LABELS = 12  # different whole numbers with a unit at most, where they are names as "10 kg" of a product
_COME_BACK = 4  # rows of a name, at least, on average
_MOST_CODES, _LEAST_CODED = 3, 30  # different digits behind a comma that may be codes, and cells with one
_PADDED_COMMA = re.compile(r"0[0-9]+,[0-9]+")
_SPACED = re.compile(r"[0-9]\s+[KkMBT]\s*\)?")


@dataclass
class NumberEvidence:
    """The cells of one column. Counts are of rows; places are of the first cell that shows something.

    filled      cells that are neither empty nor a mark of missing
    missing     marks of missing
    shows       "decimal .", "thousands ,", "doubt ." and the like
    small, large  whole numbers of 1 to 999, and of 1000 and more, without marks
    wholes      sizes of whole numbers without marks; doubts: of numbers with a mark before three digits,
                taken for decimals
    units       that stand beside numbers, "" for none beside a number other than zero
    spaced      cells with a blank before a letter that may multiply
    unreadable  cells that are no numbers in any form; padded: one that starts with zeros, as 007
    words       that may stand for missing values, in the order in which they come
    may_flag    whether numbers may have a mark beside them that is none of their form, as 441.8 e
    flagged, limits  cells with such a mark, and those with < or > by the first of each; lone: those that are
                no numbers with a unit; attached: whether it is a letter without a blank
    padded_comma  the first cell as 0151,1
    tails, heads  what stands behind and before the comma of cells such as 233,0
    """

    known: NumberForm | None = None
    may_flag: bool = True
    marks_of_missing: frozenset[str] = MISSING
    filled: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    shows: dict[str, Place] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    small: int = 0
    large: int = 0
    wholes: NumberSizes = field(default_factory=NumberSizes)
    doubts: NumberSizes = field(default_factory=NumberSizes)
    units: Counter[str] = field(default_factory=Counter)
    unit_places: dict[str, Place] = field(default_factory=dict)
    scales: Counter[str] = field(default_factory=Counter)
    spaced: int = 0
    flagged: dict[str, Place] = field(default_factory=dict)
    flag_counts: Counter[str] = field(default_factory=Counter)
    lone: int = 0
    attached: bool = False
    negatives: dict[str, Place] = field(default_factory=dict)
    unreadable: int = 0
    first_unreadable: Place | None = None
    words: dict[str, None] = field(default_factory=dict)
    padded: bool = False
    padded_comma: Place | None = None
    tails: Counter[str] = field(default_factory=Counter)
    heads: set[str] = field(default_factory=set)
    known_fits: bool = True
    distinct: set[str] = field(default_factory=set)

    def add(self, cells: "pd.Series[Any]") -> None:
        """Takes the next cells: texts, or numbers that were read already."""
        if types.is_numeric_dtype(cells) and not types.is_bool_dtype(cells):
            self._add_numbers(cells)
            return
        numbered = number_cells(cells)
        rows, texts = cells.index.to_numpy()[numbered.firsts], numbered.texts()
        counts = np.bincount(numbered.numbers[numbered.numbers >= 0], minlength=len(texts))
        others = np.ones(len(texts), bool)
        for plain in plain_cells(texts, self.marks_of_missing):
            others[plain.places] = False
            if len(plain.places):
                self._add_plain(plain, counts[plain.places], rows[plain.places], texts)
        for at in np.flatnonzero(others).tolist():
            self._add_text(texts[at], int(counts[at]), int(rows[at]))
        for places in (self.shows, self.unit_places):  # in order of the rows
            in_order = sorted(places.items(), key=lambda found: found[1][0])
            places.clear()
            places.update(in_order)

    def _add_plain(
        self, cells: PlainCells, counts: NDArray[Any], rows: NDArray[Any], texts: list[str]
    ) -> None:
        """What `_add_text` takes of each of some cells. texts: all cells."""
        shape, sizes = cells.shape, cells.sizes
        some = [texts[at] for at in cells.places.tolist()]
        self.filled += int(counts.sum())
        for text in some:
            if len(self.distinct) > _MOST_KEPT:
                break
            self.distinct.add(text)
        if self.known is not None and self.known_fits:
            fits = plain_values(some, self.known)[0]
            left = (text for text, known in zip(some, fits.tolist(), strict=True) if not known)
            self.known_fits = all(number_in(text, self.known) is not None for text in left)
        if len(filled := np.flatnonzero(sizes)):
            first = filled[np.argmin(rows[filled])]
            self.units[""] += int(counts[filled].sum())
            place = (int(rows[first]), some[first])
            self.unit_places[""] = _earlier(self.unit_places.get(""), place)
        if shape == Shape():
            small = cells.lengths[filled] <= 3
            self.padded |= cells.padded
            self.small += int(counts[filled][small].sum())
            self.large += int(counts[filled][~small].sum())
            self.wholes.add(sizes[filled], counts[filled])
            return
        if shape.doubt:
            self.doubts.add(sizes, counts)
        first = int(np.argmin(rows))
        what = f"doubt {shape.doubt}" if shape.doubt else f"decimal {shape.decimal}"
        self._show(what, int(counts.sum()), (int(rows[first]), some[first]))

    def _add_numbers(self, cells: "pd.Series[Any]") -> None:
        """Numbers without marks, or with a mark of decimals that was plain."""
        found = cells.dropna()
        self.filled += len(found)
        size = found.abs()
        whole = found == found.round()
        self.small += int((whole & (size >= 1) & (size < 1000)).sum())
        self.large += int((whole & (size >= 1000)).sum())
        sizes = size[whole & (size >= 1)].to_numpy(np.float64)
        self.wholes.add(sizes, np.ones(len(sizes), np.int64))
        self.units[""] += int((found != 0).sum())
        if len(found):
            nonzero = found[found != 0]
            first = (nonzero if len(nonzero) else found).index[0]
            self.unit_places.setdefault("", (int(first), f"{found[first]}"))

    def _add_text(self, text: str, count: int, row: int) -> None:
        stripped = text.strip()
        if stripped in self.marks_of_missing:
            if stripped:
                self.missing[stripped] += count
            return
        place = (row, text)
        parts, flag = written_number(text), ""
        if self.may_flag and (parts is None or (parts.unit and not is_known_unit(parts.unit))):
            rest, flag = split_flag(stripped)
            if flag and rest and rest in self.marks_of_missing:
                self.missing[stripped] += count
                return
            other = written_number(rest) if flag else None
            unit = parts.unit if parts else ""
            if other is not None and unit and not is_number_flag(unit) and not is_known_unit(other.unit):
                other = None  # part of a unit
            if other is not None and self._add_flag(other, flag, count, place) and not is_number_flag(unit):
                parts = other
                self.lone += count
        self.filled += count
        if len(self.distinct) <= _MOST_KEPT:
            self.distinct.add(stripped)
        if self.known is not None and self.known_fits and number_in(text, self.known) is None:
            self.known_fits = False
        shape = shape_of(parts.body) if parts else None
        if parts is None or shape is None or (parts.scale and "e" in parts.body.lower()):
            self.unreadable += count
            self.first_unreadable = _earlier(self.first_unreadable, place)
            if len(self.words) < MOST_WORDS and is_word(stripped):
                self.words.setdefault(stripped)
            return
        self._add_shape(parts, shape, count, place)

    def _add_flag(self, parts: WrittenNumber, flag: str, count: int, place: Place) -> bool:
        """Counts a number with a mark; whether it is a number without it."""
        if shape_of(parts.body) is None:
            return False
        kind = "limits" if flag[0] in LIMITS else "marks"
        self.flag_counts[kind] += count
        self.flagged[kind] = _earlier(self.flagged.get(kind), place)
        self.attached = self.attached or is_attached(place[1])
        return True

    def _add_shape(self, parts: WrittenNumber, shape: Shape, count: int, place: Place) -> None:
        plain = shape == Shape(small=shape.small)
        zero = not parts.body.strip("0.,' ")
        if plain and len(parts.body) > 1 and parts.body[0] == "0" and not parts.unit:
            self.padded = True
        if plain and not zero and not parts.scale:
            self.small += count * shape.small
            self.large += count * (not shape.small)
            self.wholes.add(np.array([float(parts.body)]), np.array([count]))
        if shape.doubt and not parts.scale:
            self.doubts.add(np.array([float(parts.body.replace(",", "."))]), np.array([count]))
        if shape.decimal == "," and _PADDED_COMMA.fullmatch(parts.body):
            self.padded_comma = _earlier(self.padded_comma, place)
        if shape.decimal == ",":
            head, _, tail = parts.body.rpartition(",")
            self.tails[tail] += count
            if len(self.heads) < _MOST_KEPT:
                self.heads.add(head)
        for what, mark in (
            ("decimal", shape.decimal),
            ("thousands", shape.thousands),
            ("doubt", shape.doubt),
        ):
            if mark:
                self._show(f"{what} {mark}", count, place)
        if parts.unit or not zero:
            self.units[parts.unit] += count
            self.unit_places[parts.unit] = _earlier(self.unit_places.get(parts.unit), place)
        if parts.scale:
            self.scales[parts.scale] += count
            self.spaced += count * (_SPACED.search(place[1]) is not None)
            self._show("scale", count, place)
        if parts.negative not in ("", "-"):
            self.negatives[parts.negative] = _earlier(self.negatives.get(parts.negative), place)

    def _show(self, what: str, count: int, place: Place) -> None:
        self.counts[what] += count
        self.shows[what] = _earlier(self.shows.get(what), place)

    def marks(self, what: str) -> list[str]:
        """The marks that cells show to be "decimal", "thousands" or in "doubt"."""
        return [name.partition(" ")[2] for name in self.shows if name.startswith(f"{what} ")]

    def coded_commas(self) -> tuple[Place, str] | None:
        """The first cell as 233,1 where all have a comma and few different digits behind it, which may be
        a code beside the number, and these digits. Halves are none, and always 0 is the same number."""
        codes = {*self.tails}
        if len(codes) > _MOST_CODES or any(len(code) != 1 for code in codes) or codes <= {"0", "5"}:
            return None
        seen = self.tails.total()
        if seen < max(_LEAST_CODED, self.filled) or len(self.heads) < _LEAST_CODED // 2:
            return None
        return self.shows["decimal ,"], " or ".join(f",{code}" for code in sorted(codes))

    def own_unit(self) -> str | None:
        """The one unit beside all numbers, "" for none; None where they differ."""
        found = [unit for unit in self.units if self.units[unit]]
        if len(found) > 1 and self.may_flag and not self._may_be_names():
            plain = [unit for unit in found if not is_number_flag(unit)]
            found = plain if len(plain) == 1 and 2 * self.units[plain[0]] > self.filled else found
        if len(found) > 1:
            return None
        return found[0] if found else ""

    def _may_be_names(self) -> bool:
        """Whether whole numbers of which some have a letter, as 12a, come back often, as house numbers do."""
        decimals = self.marks("decimal") or self.marks("doubt")
        return self.attached and not decimals and self.filled >= 2 * len(self.distinct)

    def are_labels(self) -> bool:
        """Whether numbers with a unit are rather names of few things, as "500 ml" and "1 l" of a product."""
        few = len(self.distinct) <= _LABELS and self.filled >= 5 * len(self.distinct)
        units = [unit for unit in self.units if self.units[unit]]
        if not few or not units or not all(unit and may_name(unit) for unit in units):
            return False
        marked = self.marks("decimal") or self.marks("thousands") or self.marks("doubt") or self.scales
        return len(units) > 1 or not marked

    def are_names_of_series(self, column: str) -> bool:
        """Whether a few whole numbers with marks or signs that come back, as 1,000 or 5%, in a column called
        like a key are names, to be kept as they are written."""
        words = words_of(column)
        few = len(self.distinct) <= _MOST_KEPT and self.filled >= _COME_BACK * len(self.distinct)
        whole = not (self.unreadable or self.flagged or self.scales or self.marks("decimal"))
        return self.known is None and few and whole and bool(words) and is_key_name(words[-1])

    def are_numbers(self) -> bool:
        """Whether most cells are numbers in one form or another, and none is a name such as 007."""
        if self.padded or not self.filled:
            return False
        readable = self.filled - self.unreadable - self.lone
        if self.own_unit() is None:  # house numbers such as 12A and 12B have no unit
            readable -= sum(
                n for unit, n in self.units.items() if unit and not (is_known_unit(unit) or is_side(unit))
            )
        return readable > 0.5 * self.filled


def _earlier(one: Place | None, other: Place) -> Place:
    return other if one is None or other[0] < one[0] else one
