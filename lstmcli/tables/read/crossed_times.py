"""Tables whose rows are years, months, weeks or days and whose header counts the parts of each."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.beside_parts import are_columns, is_left_out
from lstmcli.tables.read.cell_kinds import is_zero
from lstmcli.tables.read.crossed_days import behind_short_days, left_out_clocks, of_double_hours, of_long_days
from lstmcli.tables.read.crossed_table import CrossedTable, CrossedTimes, Crossing
from lstmcli.tables.read.header_parts import header_parts
from lstmcli.tables.read.row_times import (
    NO_DAY,
    Ints,
    days_of,
    first_years,
    mondays_of,
    months_of,
    numbers_of,
    ordinals,
    weeks_of,
)
from lstmcli.tables.read.zones import check_zone

_USUAL = {25: 24, 50: 48, 100: 96}  # hours of a day, where clocks go back on one


def counts_parts(names: Sequence[str]) -> bool:
    return any(True for _ in header_parts(names))


def crossed_times(names: Sequence[str], rows: Sequence[list[str]], options: ReadOptions) -> Crossing:
    """None where rows are no years, months, weeks or days whose parts the header counts. rows: all."""
    for parts in header_parts(names) if rows else ():
        table = CrossedTable(names, rows, parts, options)
        found = _READERS[parts.unit](table)
        if isinstance(found, CrossedTimes):
            found = _with_ids(table, found)
        if found is not None:
            return found
    return None


def _with_ids(table: CrossedTable, found: CrossedTimes) -> CrossedTimes | None:
    parts = found.parts
    others = [c for c in range(len(table.names)) if c not in (*parts.columns, *parts.summed, *found.times)]
    left_out = [c for c in others if is_left_out(table, c)]
    kept = [c for c in others if c not in left_out]
    if any(all(cells) and days_of(cells, table.options) is not None for cells in map(table.cells, kept)):
        return None
    ids = kept if found.stamps is not None else sorted((*kept, *found.times))
    return replace(found, ids=tuple(ids), left_out=tuple(sorted((*left_out, *parts.summed))))


def _of_days(table: CrossedTable) -> Crossing:
    """Hours, and parts of them, of days."""
    times: tuple[int, ...]
    if (date := table.dates(days_of, "date")) is not None:
        times, days = (date[0],), date[1]
    else:
        year, month, day = table.year(), table.month(), table.day()
        if year is None or month is None or day is None:
            return None
        times, days = (year[0], month[0], day[0]), ordinals(year[1], month[1], day[1])
    if table.parts.again is not None:
        return of_double_hours(table, times, days)
    count = len(table.parts.values)
    order = days[:, None] * 1000 + np.arange(count)
    usual = _USUAL.get(count, count)
    filled = of_long_days(table, days, table.parts.columns[usual:])
    if filled is None:
        return None
    order[:, usual:][~filled] = NO_DAY
    order[_behind_short_days(table, days, usual)] = NO_DAY
    if table.options.timezone and table.parts.unit == "clock":
        order[left_out_clocks(days, table.parts.values, table.options.timezone)] = NO_DAY
    return None if (days == NO_DAY).any() else CrossedTimes((), times, table.parts, order)


def _behind_short_days(table: CrossedTable, days: Ints, usual: int) -> NDArray[np.bool_]:
    """(rows, parts) what lies behind the last hour of a day with 23. usual: how many parts others have."""
    columns, zone = table.parts.columns, check_zone(table.options.timezone)
    behind = np.zeros((len(days), len(columns)), bool)
    if zone and table.parts.unit != "clock":
        zeros = any(is_zero(cell) for c in columns[usual:] for cell in table.cells(c))
        behind[:, :usual] = behind_short_days(days, table.filled(columns[:usual], zeros), zone)
    return behind


def _of_years(table: CrossedTable) -> Crossing:
    """Quarters, halves, weeks and months of years."""
    year, parts = table.year(), table.parts
    if year is None or are_columns(table, year[0]):
        return None
    order = year[1][:, None] * 1000 + np.arange(len(parts.values))
    if parts.unit == "week":
        order[mondays_of(year[1][:, None], np.array(parts.values)) == NO_DAY] = NO_DAY
    return CrossedTimes((), (year[0],), parts, order)


def _of_months_of_years(table: CrossedTable) -> Crossing:
    """Months of years, of years that begin in another month (2019/20), or of the days of years."""
    first, day, year = table.parts.values[0], table.day(), table.year()
    if day is not None and len(np.unique(day[1])) == 31:
        if year is None or first > 1:
            return table.without_year(day[0]) if year is None else None
        order = [ordinals(year[1], np.full_like(day[1], m), day[1]) for m in table.parts.values]
        return CrossedTimes((), (year[0], day[0]), table.parts, np.stack(order, 1))
    if first == 1:
        return _of_years(table)
    if year is not None:
        said = "and begin in the middle of a year, which may be that of the row or the one before; write "
        return table.untold(year[0], f"{said}{year[1][0]}/{(year[1][0] + 1) % 100:02} or the years before")
    years = table.column("year", first_years)
    if years is None:
        return None
    months = (years[1] - 1970)[:, None] * 12 + first - 1 + np.arange(12)
    return CrossedTimes((), (years[0],), table.parts, months, stamps=months.astype("datetime64[M]"))


def _of_months(table: CrossedTable) -> Crossing:
    """Days of months, which stand in one column or beside their year."""
    year, month, numbers = table.year(), table.month(), table.parts.values
    if year is not None and month is not None:
        order = [ordinals(year[1], month[1], np.full_like(month[1], d)) for d in numbers]
        return CrossedTimes((), (year[0], month[0]), table.parts, np.stack(order, 1))
    if month is not None and month[0] == 0 and len(np.unique(month[1])) == 12:
        return table.without_year(month[0])
    if (whole := table.dates(months_of, "month", "date")) is None:
        return None
    years, months = whole[1] // 12 + 1970, whole[1] % 12 + 1
    days = np.stack([ordinals(years, months, np.full_like(months, d)) for d in numbers], 1)
    stamps = np.where(days == NO_DAY, np.datetime64("NaT", "D"), days.astype("datetime64[D]"))
    return CrossedTimes((), (whole[0],), table.parts, days, stamps=stamps)


def _of_weeks(table: CrossedTable) -> Crossing:
    """Days of weeks, which are told by a date or by year and week."""
    year, week = table.year(), table.column("week", numbers_of(53))
    times: tuple[int, ...]
    if week is not None:
        if year is None:
            return table.without_year(week[0]) if week[0] == 0 else None
        pairs = zip(year[1].tolist(), week[1].tolist(), strict=True)
        times, days = (year[0], week[0]), weeks_of([f"{y}-W{w:02}" for y, w in pairs], table.options)
    else:
        if (found := table.dates(weeks_of, "week", "date")) is None:
            return None
        times, days = (found[0],), found[1]
    if days is None:
        return None
    weekdays, wanted = (days + 3) % 7 + 1, table.parts.values  # 1970-01-01 was a Thursday
    if not (weekdays == weekdays[0]).all() or weekdays[0] not in (wanted[0], wanted[-1]):
        return table.untold(times[0], "and its date is that of another day than the first or the last")
    first = days if weekdays[0] == wanted[0] else days - 6
    order = first[:, None] + np.arange(7)
    return CrossedTimes((), times, table.parts, order, stamps=order.astype("datetime64[D]"))


_READERS: dict[str, Callable[[CrossedTable], Crossing]] = {
    **dict.fromkeys(("hour", "period", "clock"), _of_days),
    **dict.fromkeys(("quarter", "half", "week"), _of_years),
    **{"month": _of_months_of_years, "day": _of_months, "weekday": _of_weeks},
}
