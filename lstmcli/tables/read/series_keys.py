"""Which columns tell series apart: the fewest that make times unique.

Texts, and numbers called like a store or an item, go before other numbers. Values that were measured
can make times unique as well, by chance: they are told from names by how often they come back. A name
comes back at most times; a measured number at few of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from pandas.api import types

from lstmcli.tables.read.all_rows import AllRows, SampleOfTimes
from lstmcli.tables.read.column_names import (
    date_part_range,
    is_amount_name,
    is_coordinate,
    is_key_name,
    is_yes_or_no,
)
from lstmcli.tables.read.day_counts import (
    holds_codes_of_parts,
    holds_parts,
    numbers_rows_of_days,
    numbers_rows_of_years,
)
from lstmcli.tables.read.joined_times import is_whole
from lstmcli.tables.read.mixed_units import says_units
from lstmcli.tables.read.part_kinds import names_key_alone

_FEW_REPEATS = 0.01  # of the rows, which are an error in the table and no sign of several series
_MOST_COLUMNS, _MOST_CANDIDATES = 4, 12
# At how many of all times the rows of a series must be found, by the rank of its columns: names of things
# come and go; other texts in a combination, and numbers, may be remarks and values.
_NAMED, _TEXT, _NUMBER, _FLAG = range(4)
_FILLED = {_NAMED: 0.01, _TEXT: 0.3, _NUMBER: 0.5, _FLAG: 0.9}
_FILLED_BY_TEXT = 0.02  # of a text that tells series apart alone
_MORE_SERIES = 1.1  # times as many, at most, for a few repeats less


@dataclass(frozen=True)
class SeriesKeys:
    """columns: () for one series; tried: those of which no combination tells series apart; counts: one that
    only numbers the rows of each day."""

    columns: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    counts: str = ""


@dataclass(frozen=True)
class _Combination:
    """repeats: the share of the rows of a sample that repeat a time."""

    columns: tuple[str, ...]
    rank: tuple[int, ...]
    series: int
    repeats: float


def find_series_keys(
    frame: pd.DataFrame,
    time: str,
    texts: Sequence[str],
    numbers: Sequence[str],
    all_numbers: bool,
    repeats_allowed: bool,
    rows: AllRows,
    measured: Collection[str] = (),
) -> SeriesKeys:
    """texts, numbers: the columns that may tell series apart; all_numbers: whether none of the numbers
    needs to be left to forecast; repeats_allowed: whether rows that repeat a time are wanted; measured: texts
    that may be values.

    Without time stamps: all texts that repeat and do not count the rows of years.
    """
    of_times = frame[time] if time else None
    texts = [c for c in texts if names_key_alone(c) or not holds_parts(frame[c], of_times)]
    if not time:
        texts = [c for c in texts if is_key_name(c) or not numbers_rows_of_years(frame, c)]
        return SeriesKeys(tuple(c for c in texts if rows.repeats([c])))
    if len(rows) - rows.distinct(time) <= _FEW_REPEATS * len(rows):
        return SeriesKeys()
    texts = [c for c in texts if names_key_alone(c) or not holds_codes_of_parts(frame[time], frame[c])]
    whole = [c for c in numbers if _may_be_name(c) and _are_names(frame[c], c)]
    if texts:  # the names of places say more than where these are
        whole = [c for c in whole if types.is_integer_dtype(frame[c]) or not is_coordinate(c)]
    spare = all_numbers or len(whole) < len(numbers)  # a number is left to forecast
    named = [c for c in numbers if c in whole or date_part_range(c)]
    counting = [
        c for c in (*texts, *named) if not is_key_name(c) and numbers_rows_of_days(frame[time], frame[c])
    ]
    texts, whole = ([c for c in some if c not in counting] for some in (texts, whole))
    candidates = [*texts, *whole]
    sample = rows.sample(candidates, time)
    ranks = _ranks(frame, candidates, sample, measured)
    nearly: _Combination | None = None
    others: list[_Combination] = []
    for size in range(1, min(len(ranks), _MOST_COLUMNS) + 1):
        for found in _likely(sample, ranks, size):
            if not spare and {*whole} <= {*found.columns}:
                continue
            if found.repeats > 2 * _FEW_REPEATS:
                others.append(found)
                continue
            repeats = rows.repeats(found.columns, time)
            if repeats == 0 and (nearly is None or found.series <= _MORE_SERIES * nearly.series):
                return _in_order(found, frame)
            if nearly is None and repeats <= _FEW_REPEATS * len(rows):
                nearly = found
    if nearly is None and repeats_allowed and others:
        nearly = min(others, key=lambda c: (c.repeats, len(c.columns), c.rank))
    if nearly:
        return _in_order(nearly, frame)
    return SeriesKeys((), tuple(map(str, ranks)), *counting[:1])


def _may_be_name(column: str) -> bool:
    """Whether whole numbers of a column may stand for things: not those called like values or dates."""
    return not is_amount_name(column) and date_part_range(column) is None


def _are_names(cells: "pd.Series[str]", column: str) -> bool:
    """Whole numbers; with a point only in a column called like a key (1.0), and coordinates."""
    if types.is_integer_dtype(cells) or is_coordinate(column):
        return True
    return is_key_name(column) and is_whole(cells)


def _in_order(found: _Combination, frame: pd.DataFrame) -> SeriesKeys:
    more = [c for c in frame.columns if is_coordinate(str(c)) and types.is_float_dtype(frame[c])]
    chosen = {*found.columns, *(more if any(map(is_coordinate, found.columns)) else ())}
    return SeriesKeys(tuple(str(c) for c in frame.columns if c in chosen))


def _ranks(
    frame: pd.DataFrame, candidates: Sequence[str], sample: SampleOfTimes, measured: Collection[str]
) -> dict[str, int]:
    """How likely each column is the name of something, likely ones first; without those that are constant
    or the same for all rows of a time."""
    ranks = {}
    for column in candidates:
        different = len(pd.unique(sample.cells[column]))
        of_time = len(pd.unique(sample.cells[column] * (sample.count + 1) + sample.times))
        if different < 2 or of_time <= sample.count or 2 * different > len(sample.times):
            continue
        ranks[column] = _rank(frame[column], column, different)
        if column in measured:
            ranks[column] = _NUMBER if is_key_name(column) else _FLAG
    order = sorted(ranks, key=lambda column: ranks[column])[:_MOST_CANDIDATES]
    return {column: ranks[column] for column in ranks if column in order}


def _rank(cells: "pd.Series[str]", column: str, different: int) -> int:
    if says_units(cells, column):
        return _NUMBER
    if is_key_name(column):
        return _NAMED
    if is_flag(cells, different) or (types.is_integer_dtype(cells) and different == 2):
        return _FLAG
    return _NUMBER if types.is_numeric_dtype(cells) else _TEXT


def is_flag(cells: "pd.Series[str]", different: int) -> bool:
    """Whether a column is one of true and false, or of yes and no. different: values."""
    if types.is_bool_dtype(cells):
        return True
    if types.is_numeric_dtype(cells) or different > 2:
        return False
    some = cells.iloc[:1000].dropna()
    some = cells.dropna() if some.empty else some
    return len(some) > 0 and is_yes_or_no(some.iloc[0])


def _likely(sample: SampleOfTimes, ranks: dict[str, int], size: int) -> list[_Combination]:
    """Combinations that may be names of series, those that make most times unique first."""
    found = []
    count, times = len(sample.times), sample.count
    for columns in combinations(ranks, size):
        groups = sample.groups(columns)
        series = int(groups.max()) + 1
        rank = tuple(sorted((ranks[c] for c in columns), reverse=True))
        filled = _FILLED_BY_TEXT if rank == (_TEXT,) else _FILLED[rank[0]]
        if 2 * series > count or count < filled * series * times:
            continue
        repeats = count - len(pd.unique(groups.astype(np.int64) * (times + 1) + sample.times))
        found.append(_Combination(columns, rank, series, repeats / count))
    return sorted(found, key=lambda c: (c.repeats > 0, c.rank, c.series))
