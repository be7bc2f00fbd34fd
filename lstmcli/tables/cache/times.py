"""Time stamps read piece by piece. How they are written is told by the few rows that could decide it,
the witnesses; `timestamps.parse_time_stamps` of these alone says what it would say of all rows."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, Times
from lstmcli.tables.cache.columns import BLOCK_ROWS, DiskColumn, NotInPieces, blocks
from lstmcli.tables.cache.pieces import Files, ReadAgain
from lstmcli.tables.read.patterns import date_patterns, parse_dates
from lstmcli.tables.read.table import first_rows
from lstmcli.tables.read.timestamps import (
    TimeStamps,
    date_pattern_of_range,
    dates_of,
    drop_zone,
    in_zone,
    of_mixed_precision,
    offsets_of,
    parse_time_stamps,
)

UNREAD_TIME = np.iinfo(np.int64).min  # as NaT


@dataclass
class Texts:
    """Stamps that are texts. The witnesses are kept when the files are read again."""

    files: Files
    column: str
    witnesses: dict[int, Any] = field(default_factory=dict)  # text by row
    _settled: set[str] = field(default_factory=set)  # what a witness is known for
    _patterns: list[str] = field(default_factory=list)
    _firsts: dict[str, Any] = field(default_factory=dict)

    def times(self, cells: "pd.Series[Any]") -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Microseconds of a piece's stamps, local or UTC, NOT_READ where there is none, and their
        offsets from UTC."""
        codes, _ = pd.factorize(cells)
        if (codes < 0).any():
            self._witness("empty", cells.index[codes < 0][0], None)
        if codes.max(initial=-1) < 0:
            nothing = np.full(len(cells), UNREAD_TIME)
            return nothing, np.zeros(len(cells), np.int64)
        filled = first_rows(codes[codes >= 0])
        raw = cells[codes >= 0].iloc[filled].astype(object)
        parsed = self._parsed(raw)
        times = drop_zone(parsed).astype(np.int64)
        offsets = np.zeros(len(raw), np.int64)
        if self.with_offsets:
            offsets = offsets_of(raw).astype(np.int64)
        self._note_decisive(raw, times, offsets)
        return np.append(times, UNREAD_TIME)[codes], np.append(offsets, 0)[codes]

    @property
    def with_offsets(self) -> bool:
        """Whether stamps have an offset from UTC."""
        return any("%z" in pattern for pattern in self._patterns)

    def _parsed(self, raw: "pd.Series[Any]") -> "pd.Series[pd.Timestamp]":
        if not self._patterns:
            self._witness("first", raw.index[0], raw.iloc[0])
            self._patterns = date_patterns(str(raw.iloc[0]), self.files.options) or [""]
            self._firsts["text"] = raw.iloc[:1]
        tried = [parse_dates(raw, pattern) for pattern in self._patterns]
        failing = [pattern for pattern, made in zip(self._patterns, tried, strict=True) if made.isna().any()]
        before = self._chosen()
        for pattern, made in zip(self._patterns, tried, strict=True):
            if pattern in failing:
                at = raw.index[made.isna()][0]
                self._witness(f"not {pattern}", at, raw[at])
        if self._chosen() != before and "read" in self._settled:
            raise ReadAgain
        self._settled.add("read")
        parsed = tried[self._patterns.index(self._chosen())]
        if parsed.isna().any() and self._chosen().startswith("%Y-%m-%d"):
            first = self._firsts["text"]
            texts = pd.concat([first, raw], ignore_index=True)
            both = pd.concat([parse_dates(first, self._chosen()), parsed], ignore_index=True)
            mixed, _ = of_mixed_precision(texts, both, self._chosen())
            parsed = mixed.iloc[1:].set_axis(raw.index)
        if parsed.isna().any():
            at = raw.index[parsed.isna()][0]
            self._witness(f"not at all {self._chosen()}", at, raw[at])
        return parsed

    def _chosen(self) -> str:
        """The first pattern that every stamp so far is written in, or the first."""
        fitting = [p for p in self._patterns if f"not {p}" not in self._settled]
        return (fitting or self._patterns)[0]

    def _note_decisive(self, raw: "pd.Series[Any]", times: NDArray[Any], offsets: NDArray[Any]) -> None:
        """Rows that are unlike the first in what decides: length, offset, time of day."""
        lengths = raw.astype(str).str.len()
        longest = int(lengths.max())
        if longest > self._firsts.get("length", 0):
            at = int(lengths.to_numpy().argmax())
            self._firsts["length"] = longest
            self.witnesses[int(raw.index[at])] = raw.iloc[at]
        looks = {"offset": offsets, "time": times % DAY, "local time": (times + offsets) % DAY}
        zone = self.files.options.timezone
        if zone and self._patterns and "%z" in self._chosen() and "zone" not in self._settled:
            read = np.where(times == UNREAD_TIME, 0, times).astype("datetime64[us]")
            looks["zone"] = in_zone(read, zone).astype("datetime64[us]").astype(np.int64) % DAY
        for look, found in looks.items():
            first = self._firsts.setdefault(look, found[0])
            other = np.flatnonzero((found != first) & (times != UNREAD_TIME))
            if other.size:
                self._witness(look, raw.index[other[0]], raw.iloc[other[0]])

    def _witness(self, what: str, row: Any, text: Any) -> None:
        if what not in self._settled:
            self._settled.add(what)
            self.witnesses[int(row)] = text

    def again(self) -> "Texts":
        """The same for another reading, which knows the witnesses of this one."""
        kept = {what for what in self._settled if what != "read"}
        return Texts(self.files, self.column, self.witnesses, kept, self._patterns, self._firsts)

    def stamps(self) -> TimeStamps:
        """Raises DataError, as `parse_time_stamps` of all rows."""
        rows = sorted(self.witnesses)
        cells = pd.Series([self.witnesses[row] for row in rows], rows, dtype=object)
        return parse_time_stamps(self.files.table(pd.DataFrame({self.column: cells})), self.column)

    def final(self, stamps: TimeStamps) -> "TimeConversion":
        """How the values that `times` gave become those of `stamps`."""
        if not self.with_offsets:
            return TimeConversion(stamps)
        rows = sorted(self.witnesses)
        raw = pd.Series([self.witnesses[row] for row in rows], rows, dtype=object)
        self._firsts["text"] = raw.iloc[:1]
        local = (drop_zone(self._parsed(raw)) != stamps.times).any()
        return TimeConversion(stamps, local=bool(local), zone=self.files.options.timezone if local else "")


@dataclass(frozen=True)
class TimeConversion:
    """How values on disk become times. local: from UTC, by the zone or else by the offset of each row."""

    stamps: TimeStamps
    local: bool = False
    zone: str = ""
    numbers: bool = False

    def times(self, values: NDArray[np.int64], offsets: NDArray[np.int64]) -> Times:
        if self.numbers:
            return dates_of(values.astype(np.int64), self.stamps.pattern)
        if not self.local:
            return values.view("datetime64[us]")
        if self.zone:
            return in_zone(values.view("datetime64[us]"), self.zone).astype("datetime64[us]")
        return (values + offsets).view("datetime64[us]")


def conversion_of_numbers(files: Files, column: DiskColumn, rows: NDArray[np.int64]) -> TimeConversion:
    """How whole numbers become times. Raises DataError, and NotInPieces for broken numbers."""
    cells = column.cells()
    if column.empty >= 0:
        table = files.table(pd.DataFrame({column.name: [np.nan]}, [column.empty]))
        parse_time_stamps(table, column.name)  # raises
    if column.kind not in ("whole", "number") or any(
        (part != np.round(part)).any() for (part,) in blocks(cells)
    ):
        raise NotInPieces(f"the times in {column.name!r} are neither texts nor whole numbers")
    found = [(int(part.min()), int(part.max())) for (part,) in blocks(cells)]
    low, high = min(low for low, _ in found), max(high for _, high in found)
    at = {0} | {int(np.argmax(cells == edge)) for edge in (low, high)}
    if pattern := date_pattern_of_range(low, high):
        for number, (part,) in enumerate(blocks(cells)):
            values = pd.unique(part).astype(np.int64)
            wrong = values[parse_dates(pd.Series(values).astype(str), pattern).isna().to_numpy()]
            if wrong.size:
                at.add(number * BLOCK_ROWS + int(np.argmax(part == wrong[0])))
                break
    where = sorted(at)
    witnesses = pd.DataFrame({column.name: cells[where].astype(np.int64)}, rows[where])
    return TimeConversion(parse_time_stamps(files.table(witnesses), column.name), numbers=True)
