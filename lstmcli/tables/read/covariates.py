"""The covariates of a table: numbers and categories of whole series, and what must hold of them."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.category import Category
from lstmcli.series.roles import Roles
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.table import Table

Spans = Sequence[tuple[int, int]]  # first row and the one after the last, of each series


def categories_of(
    table: Table,
    ordered: Grid,
    roles: Roles,
    history: Spans,
    whole: Spans,
) -> tuple[Category, ...]:
    found = []
    for column in roles.categorical:
        names = ordered.categories[column]
        if column in roles.static:
            codes = static_numbers(table, ordered, (column,), whole)
            found.append(Category(column, "static", names, codes[:, 0].astype(np.int32)))
        else:
            role: Literal["past", "future"] = "past" if column in roles.past else "future"
            needed = history if role == "past" else whole
            codes = needed_numbers(table, ordered, (column,), needed, whole, unknown=-1)
            found.append(Category(column, role, names, codes[:, 0].astype(np.int32)))
    return tuple(found)


def static_numbers(table: Table, ordered: Grid, columns: Sequence[str], whole: Spans) -> NDArray[np.float64]:
    """The one value of each series, (series, columns). Raises DataError where it changes."""
    if not columns:
        return np.zeros((len(whole), 0))
    again = ": a static one is needed in each row of its series, also in those to forecast"
    values = needed_numbers(table, ordered, columns, whole, whole, hint=again)
    offsets = np.concatenate([[0], np.cumsum([last - first for first, last in whole])])[:-1]
    for (first, last), start in zip(whole, offsets, strict=True):
        block = values[start : start + last - first]
        changed = np.argwhere(block != block[0])
        if changed.size:
            at, column = changed[0]
            raise table.error(
                "static-changes",
                "a static covariate must be constant in a series, but here it differs from row "
                f"{table.place(int(ordered.rows[first]))[1]}; use past or future for one that changes",
                int(ordered.rows[first + at]),
                columns[column],
            )
    return values[offsets]


def needed_numbers(
    table: Table,
    ordered: Grid,
    columns: Sequence[str],
    needed: Spans,
    whole: Spans,
    unknown: float = 0.0,
    hint: str = "",
) -> NDArray[np.float64]:
    """Covariates of whole series, (rows, columns), `unknown` where they are not needed.

    hint: what a message on a hole says beside.

    Raises DataError for a hole in the needed rows.
    """
    if not columns:
        return np.zeros((sum(last - first for first, last in whole), 0))
    stacked = np.stack([ordered.numbers[c] for c in columns], axis=1)
    for first, last in needed:
        holes = np.argwhere(np.isnan(stacked[first:last]))
        if holes.size:
            at, column = holes[0]
            raise table.error(
                "missing-covariate",
                f"the covariate is missing here{hint}",
                int(ordered.rows[first + at]),
                columns[column],
            )
    taken = np.concatenate([stacked[first:last] for first, last in whole])
    return np.where(np.isnan(taken), unknown, taken)
