"""The years, months, weeks and days that rows of a table are of, as numbers."""

import re
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.cell_kinds import WRITTEN_YEAR
from lstmcli.tables.read.fields import first_monday
from lstmcli.tables.read.joined_times import MIDNIGHT
from lstmcli.tables.read.numeric_patterns import FIRST_EXCEL_DAY, are_excel_days
from lstmcli.tables.read.patterns import read_stamps
from lstmcli.tables.read.shapes import date_patterns
from lstmcli.tables.read.time_words import month_number
from lstmcli.tables.read.tokens import letters_of

Ints = NDArray[np.int64]
NO_DAY = int(np.iinfo(np.int64).min)
_YEAR = re.compile(rf"{WRITTEN_YEAR}(?:\.0)?")
_TWO_YEARS = re.compile(rf"(?:FY ?)?({WRITTEN_YEAR}) ?[-/–] ?(\d\d|\d{{4}})")
_NUMBER = re.compile(r"(?:w|wk|week|kw)?\s?(\d{1,2})(?:\.0)?", re.IGNORECASE)
_EXCEL = re.compile(r"\d{5}(?:\.0)?")
_FIRST_EXCEL_DAY = int(FIRST_EXCEL_DAY.astype("datetime64[D]").astype(np.int64))


def column_cells(rows: Sequence[list[str]], column: int) -> list[str]:
    return [row[column].strip() if column < len(row) else "" for row in rows]


def has_step(values: Ints, step: int) -> bool:
    """Whether most of the different times are a step apart."""
    apart = np.diff(np.unique(values))
    return not apart.size or bool(np.median(apart) == step)


def years_of(cells: list[str]) -> Ints | None:
    """None where some are no years, as of the others here."""
    years = np.array([int(float(c)) for c in cells]) if all(map(_YEAR.fullmatch, cells)) else None
    return years if years is None or has_step(years, 1) else None


def first_years(cells: list[str]) -> Ints | None:
    """The first of two years: 2019/20."""
    found = [_TWO_YEARS.fullmatch(cell) for cell in cells]
    pairs = [(int(f[1]), int(f[2])) for f in found if f]
    if len(pairs) < len(cells) or any((one + 1 - two) % 100 for one, two in pairs):
        return None
    return np.array([one for one, _ in pairs])


def numbers_of(highest: int) -> Callable[[list[str]], Ints | None]:
    """Reads numbers from 1; where 12 is the highest, months by their names too."""

    def read(cells: list[str]) -> Ints | None:
        numbers = [(month_number(c) if highest == 12 else 0) or _number(c) for c in cells]
        return np.array(numbers) if all(1 <= n <= highest for n in numbers) else None

    return read


def _number(cell: str) -> int:
    found = _NUMBER.fullmatch(cell)
    return int(found[1]) if found else 0


def days_of(cells: list[str], options: ReadOptions, step: int = 1) -> Ints | None:
    """Days since 1970, most of them a step apart."""
    if all(_EXCEL.fullmatch(c) and are_excel_days(float(c), float(c)) for c in cells):
        days = np.array([int(float(c)) for c in cells]) + _FIRST_EXCEL_DAY
        return days if has_step(days, step) else None
    return _stamps(cells, options, lambda letters: bool(letters & {"d", "e", "j"}), step)


def weeks_of(cells: list[str], options: ReadOptions) -> Ints | None:
    """The days that weeks are told by."""
    found = _stamps(cells, options, lambda letters: "V" in letters, 7)
    return days_of(cells, options, 7) if found is None else found


def months_of(cells: list[str], options: ReadOptions) -> Ints | None:
    """Months since 1970: written as such, or as their first days."""
    found = _stamps(cells, options, lambda letters: bool(letters & {"m", "b"}) and "d" not in letters)
    if found is None:
        found = _stamps(cells, options, lambda letters: "d" in letters)
    if found is None:
        return None
    dates = found.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    whole = bool((months.astype("datetime64[D]") == dates).all())
    return months.astype(np.int64) if whole and has_step(months.astype(np.int64), 1) else None


def _stamps(
    cells: list[str], options: ReadOptions, fits: Callable[[frozenset[str]], bool], step: int = 0
) -> Ints | None:
    """Days since 1970 of cells that are all written in one way, whose letters of `patterns` fit."""
    texts = [MIDNIGHT.sub("", cell) for cell in cells]
    different = [*dict.fromkeys(texts)]
    for pattern in date_patterns(different[0], options):
        letters = letters_of(pattern)
        if not fits(letters) or letters & {"H", "I"}:
            continue
        read = read_stamps(pd.Series(different), pattern).times
        if np.isnat(read).any():
            continue
        numbers = read.astype("datetime64[D]").astype(np.int64)
        if not step or has_step(numbers, step):
            days = dict(zip(different, numbers.tolist(), strict=True))
            return np.array([days[text] for text in texts], np.int64)
    return None


def ordinals(years: Ints, months: Ints, days: Ints) -> Ints:
    """Days since 1970; `NO_DAY` for one that the month does not have."""
    start = ((years - 1970) * 12 + months - 1).astype("datetime64[M]")
    date = start.astype("datetime64[D]") + (days - 1).astype("timedelta64[D]")
    return np.where(date.astype("datetime64[M]") == start, date.astype(np.int64), NO_DAY)


def mondays_of(years: Ints, weeks: Ints) -> Ints:
    """Those of ISO weeks, as days since 1970; `NO_DAY` for week 53 of a year with 52."""
    mondays = first_monday(years) + (weeks - 1) * 7
    return np.where(mondays < first_monday(years + 1), mondays.astype(np.int64), NO_DAY)
