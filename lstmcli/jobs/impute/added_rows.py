"""Rows of times that a table leaves out: where in the file they belong, and what is in their cells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.jobs.impute.opening import OpenTable
from lstmcli.jobs.impute.places import GapRows, RowPlaces
from lstmcli.series.arrays import Indices
from lstmcli.tables.read.file_rows import FileRows
from lstmcli.tables.write.dialects import dialect_of_table
from lstmcli.tables.write.times import format_stamps


@dataclass(frozen=True)
class AddedRows:
    """rows     before which row of the file each stands, and its cells
    numbers  (left out,) of each row of the gaps that is left out, the number of its row among the added ones
    same     columns, other than keys of series, that have one value in each series, and have it here too
    """

    rows: list[tuple[int, dict[str, str]]]
    numbers: Indices
    same: tuple[str, ...]


def places_to_add(opened: OpenTable, places: RowPlaces, rows: FileRows, gaps: GapRows) -> AddedRows:
    """The rows of gaps that are left out, one for all targets of a series and time, in order of the file."""
    chosen = np.flatnonzero(gaps.left_out)
    pairs = np.stack([gaps.key[chosen], gaps.times[chosen].astype(np.int64)], axis=1)
    _, firsts, numbers = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    one = chosen[firsts]
    place = rows.places
    before, rank = _befores(places, gaps, one, place)
    order = np.lexsort((rank, before))
    stamps = np.asarray(format_stamps(gaps.times[one], opened.pattern)).tolist()
    written = dialect_of_table(opened.table).numbers(stamps)
    same = _same_in_series(opened, places, rows)
    made = []
    for n in order.tolist():
        beside = rows.rows[int(place[gaps.before[one[n]]])]
        cells = {name: beside.cells[rows.names.index(name)] for name in (*opened.roles.series, *same)}
        made.append((int(before[n]), {**cells, opened.roles.time: str(written[n])}))
    new = np.empty(len(order), np.int64)
    new[order] = np.arange(len(order))
    return AddedRows(made, new[numbers.ravel()], same)


def _same_in_series(opened: OpenTable, places: RowPlaces, rows: FileRows) -> tuple[str, ...]:
    """Columns that are no keys, with one value in all rows of each series."""
    roles, every = opened.roles, places.every
    number = every.series(np.arange(len(every.times))).tolist()
    own = [rows.rows[place].cells for place in rows.places[every.rows].tolist()]
    rest = {*rows.names} - {"", roles.time, *roles.series, *roles.targets}
    found = []
    for at, name in enumerate(rows.names):
        if name in rest:
            pairs = {(s, cells[at].strip()) for s, cells in zip(number, own, strict=True)}
            if len(pairs) == len(every.keys) and all(cell for _, cell in pairs):
                found.append(name)
    return tuple(found)


def _befores(
    places: RowPlaces, gaps: GapRows, one: Indices, place: NDArray[np.int64]
) -> tuple[Indices, NDArray[np.int64]]:
    """Before which row of the file each stands, and its rank among those before one row.

    In a file in order of time, before the first later row, whatever its series; in another, before the later
    one of the rows around it in its series.
    """
    every, times = places.every, gaps.times[one].astype(np.int64)
    at = place[every.rows]
    in_file = every.times[np.argsort(at)].astype(np.int64)
    rows = np.sort(at)
    for sign in (1, -1):
        if (np.diff(sign * in_file) >= 0).all():
            later = np.searchsorted(sign * in_file, sign * times)
            return np.append(rows, rows[-1] + 1)[later], sign * times
    around = place[gaps.before[one]], place[gaps.behind[one]]
    falling = around[0] > around[1]
    return np.maximum(*around), np.where(falling, -times, times)
