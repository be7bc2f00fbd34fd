"""Tables whose header counts years, months or days, and whose rows are the parts of each."""

import itertools
import re
from collections.abc import Sequence

import numpy as np

from lstmcli.errors.foreign import quoted
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.crossed_table import CrossedTimes, Crossing, UntoldTimes
from lstmcli.tables.read.header_parts import HeaderParts, part_number, roman_number
from lstmcli.tables.read.header_times import sums_up
from lstmcli.tables.read.part_kinds import names_part
from lstmcli.tables.read.row_times import (
    NO_DAY,
    Ints,
    column_cells,
    days_of,
    mondays_of,
    months_of,
    ordinals,
    years_of,
)
from lstmcli.tables.read.time_words import month_label, weekday_label

_YEAR = re.compile(r"(\D*)((?:19|20)\d\d)(\D*)")
_FISCAL = re.compile(r"FY ?(?:\d\d|\d{4})|(?:19|20)\d\d ?[-/] ?\d\d")
_SMALLER = {
    "year": ("month", "quarter", "half", "week"),
    "month": ("day",),
    "day": ("clock", "hour", "period"),
}
_HIGHEST = {
    "month": 12,
    "quarter": 4,
    "half": 2,
    "week": 53,
    "day": 31,
    "clock": 1440,
    "hour": 24,
    "period": 100,
}
_SHORTEST = {"week": 52, "day": 28}  # the last of the shortest year and month
_LEAST_PERIODS = 46  # half hours of the shortest day
_NAMES = {"clock": ("hour", "interval"), "period": ("half-hour", "quarter-hour")}


def crossed_rows(
    names: Sequence[str], rows: Sequence[list[str]], options: ReadOptions, whole: bool = True
) -> Crossing:
    """None where the header counts no times, or rows are no parts of them; whole: these are all rows."""
    columns = _counted(names)
    if not columns or len(rows) < 2:
        return None
    labels = [names[c].strip() for c in columns]
    for unit, smaller in _SMALLER.items():
        values = _header(unit, labels, options)
        if values is None or len(np.unique(values)) < len(values):
            continue
        for part in smaller:
            for column in range(columns[0]):
                numbers = _numbers(names[: columns[0]], rows, part, column, whole)
                if numbers is not None:
                    return _crossing(names, columns, (unit, part), column, _stamps(part, numbers, values))
    return _without_years(names, rows, columns, labels, whole)


def may_cross_rows(names: Sequence[str]) -> bool:
    """Whether a header may count times, of which rows may be parts."""
    return bool(_counted(names))


def _counted(names: Sequence[str]) -> tuple[int, ...]:
    """The columns of times: all behind the first that is called like one, but for totals."""
    first = next((c for c, name in enumerate(names) if c and _may_be_time(name.strip())), 0)
    found = tuple(c for c in range(first, len(names)) if names[c].strip() and not _sums_up(names[c]))
    return found if first and all(_may_be_time(names[c].strip()) for c in found) else ()


def _sums_up(name: str) -> bool:
    return sums_up(name) and not _FISCAL.fullmatch(name.strip())


def _may_be_time(name: str) -> bool:
    return name[-1:].isdigit() or name[:1].isdigit() or bool(month_label(name) or weekday_label(name))


def _header(unit: str, labels: list[str], options: ReadOptions) -> Ints | None:
    """Years, months since 1970 or days since 1970."""
    if unit != "year":
        return (months_of if unit == "month" else days_of)(labels, options)
    found = [_YEAR.fullmatch(label) for label in labels]
    alike = {(match[1], match[3]) for match in found if match}
    if not all(found) or len(alike) > 1 or {*alike} & {("FY", ""), ("FY ", "")}:
        return None
    return years_of([match[2] for match in found if match])


def _numbers(
    names: Sequence[str], rows: Sequence[list[str]], part: str, column: int, whole: bool
) -> Ints | None:
    """The parts that the rows are; None where a cell is none, or one stands twice for a series.

    A column without a name that holds plain integers counts the rows, as that of `DataFrame.to_csv` does.
    names: of the columns before the times.
    """
    cells = column_cells(rows, column)
    named = any(names_part(names[column], kind) for kind in _NAMES.get(part, (part,)))
    worded = part == "month" and all(map(month_label, cells))
    if not (named or worded) and (names[column].strip() or all(cell.isdecimal() for cell in cells)):
        return None
    roman = part == "month" and all(roman_number(cell, 12) for cell in cells)
    numbers = [roman_number(cell, 12) if roman else _number(part, cell) for cell in cells]
    known = [n for n in numbers if n is not None and n <= _HIGHEST[part]]
    if len(known) < len(rows) or (whole and not _is_turn(part, known, named or worded)):
        return None
    others = [tuple(row[c] for c in range(len(names)) if c != column and c < len(row)) for row in rows]
    once = len({*zip(others, known, strict=True)}) == len(rows)
    return np.array(known, np.int64) if once and min(known) >= _lowest(part) else None


def _lowest(part: str) -> int:
    return 0 if part in ("clock", "hour") else 1


def _is_turn(part: str, numbers: Sequence[int], told: bool) -> bool:
    """Whether numbers follow each other, at even distances, through all of a turn: a year, a month, a day.

    told: names or labels tell what they are; then some hours or months of the turn are enough.
    """
    known = sorted({*numbers})
    apart = {after - before for before, after in itertools.pairwise(known)}
    if part == "period":
        return known[-1] >= _LEAST_PERIODS
    if len(apart) != 1 or (part != "clock" and apart != {1}):
        return False
    if told:
        return known[-1] > 1
    step = apart.pop()
    highest = _HIGHEST[part] - step * (known[0] < step) if part in ("clock", "hour") else _SHORTEST.get(part)
    return known[0] in (_lowest(part), step) and known[-1] >= (highest or _HIGHEST[part])


def _number(part: str, cell: str) -> int | None:
    return int(cell) if cell.isdecimal() and part != "clock" else part_number(part, cell)


def _stamps(part: str, numbers: Ints, header: Ints) -> "np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]":
    """(rows, columns) the times of the cells."""
    rows, values = numbers[:, None], header[None, :]
    if part in ("month", "quarter", "half"):
        months = {"month": 1, "quarter": 3, "half": 6}[part]
        return ((values - 1970) * 12 + (rows - 1) * months).astype("datetime64[M]")
    if part in ("week", "day"):
        days = mondays_of(values, rows) if part == "week" else _days(values, rows)
        return np.where(days == NO_DAY, np.datetime64("NaT", "D"), days.astype("datetime64[D]"))
    each = {"hour": 60, "clock": 1}.get(part, 30 if numbers.max() <= 50 else 15)
    return (values * 1440 + (rows - (part == "period")) * each).astype("datetime64[m]")


def _days(months: Ints, days: Ints) -> Ints:
    years, shape = months // 12 + 1970, np.broadcast_shapes(months.shape, days.shape)
    return ordinals(*(np.broadcast_to(part, shape) for part in (years, months % 12 + 1, days)))


def _crossing(
    names: Sequence[str],
    columns: tuple[int, ...],
    units: tuple[str, str],
    column: int,
    stamps: "np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]",
) -> CrossedTimes:
    unit, part = units
    ids = tuple(c for c in range(columns[0]) if c != column and not sums_up(names[c]))
    others = tuple(c for c in range(len(names)) if c not in (*ids, *columns, column))
    called = {"clock": "times of day"}.get(part, f"{part}s".replace("halfs", "halves"))
    said = f"the rows are the {called} of the {unit}s {quoted(names[columns[0]])} to "
    said += f"{quoted(names[columns[-1]])}"
    parts = HeaderParts(part, columns, tuple(range(len(columns))))
    order = np.where(np.isnat(stamps), NO_DAY, stamps.astype(np.int64))
    return CrossedTimes(ids, (column,), parts, order, others, stamps, f"{said}, one after another")


def _without_years(
    names: Sequence[str],
    rows: Sequence[list[str]],
    columns: tuple[int, ...],
    labels: Sequence[str],
    whole: bool,
) -> UntoldTimes | None:
    """Days of months, hours of weekdays and months of fiscal years, of which nothing tells the year."""
    kinds = (
        (month_label, "months", "day", "and nothing tells the year; write 2024-01, 2024-02"),
        (weekday_label, "days of the week", "hour", "and nothing tells the date; write dates"),
        (_FISCAL.fullmatch, "years", "month", "and the month is not told in which one begins; write 2024-01"),
    )
    for known, called, part, why in kinds:
        if len(columns) > 1 and all(map(known, labels)):
            for column in range(columns[0]):
                if _numbers(names[: columns[0]], rows, part, column, whole) is not None:
                    shown = f"{quoted(labels[0])} to {quoted(labels[-1])}"
                    return UntoldTimes(column, f"the rows are the {part}s of the {called} {shown}, {why}")
    return None
