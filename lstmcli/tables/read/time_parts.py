"""Which columns together are the time: a date and a time of day, or year, month, day, hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from lstmcli.errors.findings import plural
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import JoinedTime
from lstmcli.tables.read.counted_parts import COUNTED, DayCounts
from lstmcli.tables.read.header_parts import in_order
from lstmcli.tables.read.joined_times import joined_texts, month_of, names_several, yearly_labels
from lstmcli.tables.read.part_kinds import (
    CLOCKS,
    LEAST_HIGHEST,
    ORDERED,
    PARTS,
    WHOLES,
    first_kinds,
    held_kinds,
    names_part,
)
from lstmcli.tables.read.shapes import date_patterns
from lstmcli.tables.read.time_columns import looks_like_dates
from lstmcli.tables.read.time_names import rank_of_name
from lstmcli.tables.read.tokens import letters_of, shown_cell

_UNITS = ("day of the year", "week", "roman month", "quarter", "roman quarter", "half")  # beside years


@dataclass
class PartsFinder:
    """Evidence of all rows, added in any number of pieces.

    kinds: what each column may hold; dates: different dates of each column of dates; highest: the highest
    number of each column; wholes: different weeks and months with their years; labels: names of months and
    quarters in each year, as they come; counts: hours and periods of days, where a time zone is set;
    whole_times: whether a column holds whole time stamps; yearly: rows that sum up years, by column, and how
    they are marked
    """

    options: ReadOptions
    rows: int = 0
    kinds: dict[str, list[str]] | None = None
    dates: dict[str, set[Any]] = field(default_factory=dict)
    highest: dict[str, float] = field(default_factory=dict)
    wholes: dict[str, set[Any]] = field(default_factory=dict)
    labels: dict[str, dict[Any, dict[str, None]]] = field(default_factory=dict)
    whole_times: bool = False
    counts: DayCounts = field(default_factory=DayCounts)
    yearly: dict[str, tuple[int, str]] = field(default_factory=dict)

    def may_join(self, piece: pd.DataFrame) -> bool:
        """Whether the names and the first cells of columns are those of parts; the piece is then the first to
        `add`, and none need be otherwise."""
        if self.options.known.joined or names_several(self.options.time, piece.columns):
            return True
        if self.options.time != "auto":
            return False
        self.kinds = first_kinds(piece)
        kinds = {kind for found in self.kinds.values() for kind in found}
        return ("date" in kinds and bool(kinds & {*CLOCKS})) or (
            ("year" in kinds and bool(kinds & {"month", *_UNITS, *ORDERED}))
            or any(whole in kinds and part in kinds for whole, part in WHOLES.items())
        )

    def add(self, piece: pd.DataFrame) -> None:
        if not len(piece):
            return
        if self.kinds is None:
            self.kinds = first_kinds(piece, names_several(self.options.time, piece.columns))
        if not self.rows:
            self.whole_times = any(_is_whole_time(piece[c]) for c in piece.columns if c not in self.kinds)
        self.rows += len(piece)
        for name, kinds in self.kinds.items():
            if not kinds:
                continue
            different = pd.Series(piece[name].dropna().unique())
            if len(different) and {*kinds} & {*LEAST_HIGHEST, *CLOCKS}:
                self.highest[name] = max(self.highest.get(name, 0.0), _highest(different))
            self.kinds[name] = held_kinds(different, kinds)
            if labels := [label for kind in kinds for label in yearly_labels(different, kind)]:
                known = self.yearly.get(name, (0, labels[0]))
                self.yearly[name] = known[0] + int(piece[name].isin(labels).sum()), known[1]
            if "date" in self.kinds[name]:
                self.dates.setdefault(name, set()).update(different.tolist())
            if {*WHOLES} & {*self.kinds[name]}:
                self.wholes.setdefault(name, set()).update(different.tolist())
        self._add_labels(piece)
        if self.options.timezone:
            self.counts.add(piece, self.kinds)

    def yearly_notes(self, joined: JoinedTime | None) -> tuple[str, ...]:
        """What rows are left out, as they sum up years."""
        found = ((c, *self.yearly[c]) for c in (joined.columns if joined else ()) if c in self.yearly)
        return tuple(
            f"not in the table: {plural(count, 'row')} of {label.strip()} in {column}, of a whole year each"
            for column, count, label in found
        )

    def _add_labels(self, piece: pd.DataFrame) -> None:
        kinds = self.kinds or {}
        year = next((name for name in kinds if "year" in kinds[name]), None)
        for name in [name for name in kinds if year and {*kinds[name]} & {*ORDERED, "month"}]:
            pairs = piece[[year, name]].dropna().drop_duplicates()
            for of, label in zip(pairs[year].tolist(), pairs[name].astype(str).tolist(), strict=True):
                self.labels.setdefault(name, {}).setdefault(of, {})[label.strip()] = None

    def found(self, columns: Sequence[str]) -> JoinedTime | None:
        """columns: those of the table."""
        joined = self._found(columns)
        return self._counted(joined) if joined and self.options.timezone else joined

    def _counted(self, joined: JoinedTime) -> JoinedTime:
        """With hours or periods that are counted through a change of clocks, where those of all days are."""
        *days, column = joined.columns
        known, told = self.counts.ends.get(column, {}), self.counts.days.get(column, [])
        if not days or not known or not {*days} <= {*told}:
            return joined
        day = replace(joined, columns=tuple(days), kinds=joined.kinds[:-1])
        cells = pd.DataFrame([*known], columns=told)
        dates = joined_texts(cells, day).astype(str).tolist()
        kind, zone = joined.kinds[-1], self.options.timezone
        pattern = self.counts.pattern(kind, column, dates, zone, joined.days)
        kinds = (*joined.kinds[:-1], COUNTED + kind.removeprefix(COUNTED))
        return replace(joined, kinds=kinds, days=pattern) if pattern else joined

    def _found(self, columns: Sequence[str]) -> JoinedTime | None:
        if self.options.known.joined:
            return self.options.known.joined
        kinds = {name: left for name in self.kinds or {} if (left := self._kinds_of(name))}
        named = names_several(self.options.time, list(columns))
        if named:
            of_named = {name: found for name, found in kinds.items() if name in named}
            return (
                self._year_and_labels(of_named) or self._whole_and_part(of_named) or _as_named(named, kinds)
            )
        if self.options.time != "auto" or self.whole_times:
            return None
        if not self._may_have_halves(kinds):  # a flag A or P
            kinds = {name: found for name, found in kinds.items() if "half of the day" not in found}
        kinds = {name: found for name, found in kinds.items() if name not in self.options.as_written}
        if self.dates:
            return self._date_and_clock(kinds)
        return _date_in_parts(kinds) or self._year_and_labels(kinds) or self._whole_and_part(kinds)

    def turned(self, joined: JoinedTime | None) -> tuple[Any, int]:
        """A year whose rows begin with another month than the first, as those of all whole years do, and this
        month; None and 0 where that is not so."""
        if self.options.time != "auto" or joined is None or joined.kinds != ("year", "month"):
            return None, 0
        years = {y: [*map(month_of, labels)] for y, labels in self.labels.get(joined.columns[1], {}).items()}
        whole = {year: months for year, months in years.items() if len(months) == 12}
        firsts = {months[0] for months in whole.values()}
        first = firsts.pop() if len(firsts) == 1 else 1
        return (
            (next(iter(whole)), first)
            if first > 1 and all(in_order("month", months) for months in whole.values())
            else (None, 0)
        )

    def _whole_and_part(self, kinds: Mapping[str, list[str]]) -> JoinedTime | None:
        """A week or month with its year, which stands in several rows, and the day in it."""
        for whole, part in WHOLES.items():
            found = _following(kinds, (whole, part))
            if len(found) == 2 and len(self.wholes[found[whole]]) < self.rows:
                return JoinedTime(tuple(found.values()), tuple(found))
        return None

    def _year_and_labels(self, kinds: Mapping[str, list[str]]) -> JoinedTime | None:
        """A year and the months or quarters in it, whose names no list knows but which have one order."""
        for kind, count in ORDERED.items():
            found = _following(kinds, ("year", kind))
            if any(other in kinds[name] for name in list(found.values())[1:] for other in ("month", *_UNITS)):
                continue
            labels = labels_in_order(self.labels.get(found.get(kind, ""), {}), count)
            if labels:
                return JoinedTime(tuple(found.values()), tuple(found), labels)
        return None

    def _may_have_halves(self, kinds: Mapping[str, list[str]]) -> bool:
        """Whether the times of day of some column stay within twelve hours."""
        twelves = {"hhmm": 1259, "hhmmss": 125_959}
        return any(
            self.highest.get(name, np.inf) <= twelves.get(kind, 12)
            for name, found in kinds.items()
            for kind in found
            if kind in CLOCKS
        )

    def _kinds_of(self, name: str) -> list[str]:
        """What a column may hold after all rows, by the highest number too."""
        highest = self.highest.get(name, np.inf)
        return [kind for kind in (self.kinds or {})[name] if highest >= LEAST_HIGHEST.get(kind, 0)]

    def _date_and_clock(self, kinds: Mapping[str, list[str]]) -> JoinedTime | None:
        """A date and the time of day, where dates alone stand in several rows."""
        dates = sorted((name for name in kinds if "date" in kinds[name]), key=rank_of_name)
        if not dates or len(self.dates[dates[0]]) >= self.rows:
            return None
        for kind in CLOCKS:
            clocks = [name for name in kinds if kind in kinds[name] and name != dates[0]]
            # 01.02.03
            clocks = [name for name in clocks if name not in dates or names_part(name, "fraction")]
            if not clocks:
                continue
            clock = min(clocks, key=rank_of_name)
            more = _following(kinds, ("minute", "second")) if kind == "hour" else {}
            more |= _following(kinds, ("half of the day",), [clock])
            return JoinedTime((dates[0], clock, *more.values()), ("date", kind, *more))
        return None


def _date_in_parts(kinds: Mapping[str, list[str]]) -> JoinedTime | None:
    """Year, month, day and so on; or year and quarter, week or day of the year."""
    days = _following(kinds, ("year", "month", "day"))
    if len(days) < 2:
        for unit in _UNITS:
            days = _following(kinds, ("year", unit))
            if len(days) == 2:
                break
        else:
            return None
    if "day" in days or "day of the year" in days:
        days |= _following(kinds, ("hour", "minute", "second"), [*days.values()])
        for kind in CLOCKS if "hour" not in days else ():
            if clock := _following(kinds, (kind,), [*days.values()]):
                days |= clock
                break
        if {*days} & {*CLOCKS}:
            days |= _following(kinds, ("half of the day",), [*days.values()])
    return JoinedTime(tuple(days.values()), tuple(days))


def _following(
    kinds: Mapping[str, list[str]], wanted: Sequence[str], used: Sequence[str] = ()
) -> dict[str, str]:
    """The column of each kind that is not used, up to the first kind that none has."""
    found: dict[str, str] = {}
    for kind in wanted:
        column = next(
            (name for name in kinds if kind in kinds[name] and name not in (*used, *found.values())), None
        )
        if column is None:
            break
        found[kind] = column
    return found


def _as_named(columns: tuple[str, ...], kinds: Mapping[str, list[str]]) -> JoinedTime:
    """The kinds of columns that the user named, in their order."""
    first = kinds.get(columns[0], [])
    left = [*PARTS] if "year" in first else ["date", *CLOCKS, "minute", "second"]
    chosen: list[str] = []
    for column in columns:
        may_be = [k for k in left if k not in ("minute", "second") or {*chosen} & {"hour", "minute"}]
        kind = next((k for k in kinds.get(column, []) if k in may_be), "clock" if chosen else "date")
        chosen.append(kind)
        left = [other for other in left if other != kind]
    return JoinedTime(columns, tuple(chosen))


def labels_in_order(of_years: Mapping[Any, Mapping[str, None]], count: int) -> tuple[str, ...]:
    """The labels of a year that has so many, where no other year has them in another order; () otherwise."""
    years = [*of_years]
    step = -1 if len(years) > 1 and years[0] > years[-1] else 1
    rows = [[*labels][::step] for labels in of_years.values()]
    order = next((row for row in rows if len(row) == count), [])
    places = {label: place for place, label in enumerate(order)}
    for row in rows:
        found = [places.get(label, -1) for label in row]
        if found != sorted(found) or -1 in found:
            return ()
    return tuple(order)


def _highest(different: "pd.Series[Any]") -> float:
    """The highest number, of texts the highest that one begins with."""
    if types.is_numeric_dtype(different):
        return float(different.max())
    if types.is_datetime64_any_dtype(different):
        return np.inf
    found = pd.to_numeric(different.astype(str).str.extract(r"(\d+)")[0])
    return float(found.max()) if found.notna().any() else np.inf


def _is_whole_time(cells: "pd.Series[Any]") -> bool:
    """Whether a column holds dates with times of day."""
    if types.is_datetime64_any_dtype(cells):
        return True
    if types.is_numeric_dtype(cells):
        return False
    filled = cells.dropna()
    patterns = date_patterns(shown_cell(filled)) if len(filled) else []
    return any(letters_of(p) & {*"HI"} for p in patterns) and looks_like_dates(filled)
