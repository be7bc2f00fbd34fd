"""Columns beside those that count the parts of a time: sums of these, names of series, or other values."""

import re

import numpy as np

from lstmcli.series.totals import are_sums
from lstmcli.tables.read.cell_kinds import is_empty, is_value
from lstmcli.tables.read.crossed_table import CrossedTable
from lstmcli.tables.read.header_times import sums_up

_LETTER = re.compile(r"[hst]\s?_?\d", re.IGNORECASE)  # half a year or a third, or a school, a sensor, a tank


def are_columns(table: CrossedTable, year: int) -> bool:
    """Whether names of a letter and a number, as s1 and s2, are rather those of things, as a column of other
    numbers stands beside them. year: the column of the years."""
    if not all(_LETTER.fullmatch(table.names[c].strip()) for c in table.parts.columns):
        return False
    others = [
        c for c in range(len(table.names)) if c not in (*table.parts.columns, *table.parts.summed, year)
    ]
    return any(_holds_other_numbers(table, c) for c in others)


def _holds_other_numbers(table: CrossedTable, column: int) -> bool:
    """Whether a column holds numbers that are neither names of series nor sums or means of the parts."""
    cells = [cell for cell in table.cells(column) if not is_empty(cell)]
    behind = column > table.parts.columns[0]
    if not cells or not all(map(is_value, cells)) or sums_up(table.names[column]):
        return False
    if not behind and 2 * len({*cells}) <= len(cells):
        return False
    parts = np.array([[_number(cell) for cell in table.cells(c)] for c in table.parts.columns])
    values, sums = np.array([_number(cell) for cell in table.cells(column)]), parts.sum(0)
    return not (are_sums(values, sums) or are_sums(values, sums / len(parts)))


def _number(cell: str) -> float:
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return np.nan


def is_left_out(table: CrossedTable, column: int) -> bool:
    """Whether a column sums up others: by its name, or as it stands behind them and does not name series."""
    cells = [cell for cell in table.cells(column) if not is_empty(cell)]
    behind, numbers = column > table.parts.columns[0], all(map(is_value, cells))
    few = behind and len(cells) < len(table.rows)
    return few or (numbers and (behind or sums_up(table.names[column])))
