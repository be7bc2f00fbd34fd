"""Columns that add up another one from row to row: sales since January beside those of each month."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from lstmcli.series.arrays import Array
from lstmcli.tables.read.all_rows import AllRows
from lstmcli.tables.read.column_names import is_running_name

_LOOKED_AT = 400  # rows
_MOST = 12  # columns that are compared
_FEWEST, _SHARE = 8, 0.95  # rows that must add up


def running_sums(columns: Sequence[str], in_series: bool, rows: AllRows) -> list[str]:
    """Those that are called or are running sums, none where no other column is left.

    in_series: whether rows are of several series; then only names tell."""
    found = {c for c in columns if is_running_name(c)}
    if not in_series and len(columns) <= _MOST:
        numbers = {c: next(rows.numbers(c), np.zeros(0))[:_LOOKED_AT] for c in columns}
        pairs = permutations(columns, 2)
        found |= {one for one, other in pairs if other not in found and adds_up(numbers[one], numbers[other])}
    return [c for c in columns if c in found] if len(found) < len(columns) else []


def adds_up(sums: Array, parts: Array) -> bool:
    """Whether (n,) sums rise by the (n,) parts from row to row, the latest first or last, and begin anew with
    one of them."""
    return any(_adds_up(sums[::way], parts[::way]) for way in (1, -1))


def _adds_up(sums: Array, parts: Array) -> bool:
    known = np.isfinite(sums[1:]) & np.isfinite(sums[:-1]) & np.isfinite(parts[1:])
    before, after, part = sums[:-1][known], sums[1:][known], parts[1:][known]
    size = np.maximum(np.abs(before), np.abs(after))
    with np.errstate(over="ignore"):  # of numbers that are refused later
        risen = after - before
    rises = np.isclose(risen, part, rtol=1e-6, atol=1e-9 * size) & (part != 0)
    anew = np.isclose(after, part, rtol=1e-6) | ((part == 0) & (after == before))
    told = np.count_nonzero(rises)
    return bool(told >= _FEWEST and 2 * told > len(part) and (rises | anew).mean() >= _SHARE)
