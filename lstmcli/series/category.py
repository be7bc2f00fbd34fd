"""Covariates that are categories: a column of codes, and the texts that they stand for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Indices


@dataclass(frozen=True)
class Category:
    """A covariate that is a category, one text of a few.

    role   "static" (one code per series), "past" or "future" (one per row)
    names  the texts; a code is a place in them, -1 in rows where the category is not known
    codes  (series,) or (rows,) int32
    """

    column: str
    role: Literal["static", "past", "future"]
    names: tuple[str, ...]
    codes: NDArray[np.int32]

    def select(self, series: slice | Indices, rows: slice | Indices) -> "Category":
        """Codes of some series and their flat rows: a view for slices, a copy for indices."""
        return replace(self, codes=self.codes[series if self.role == "static" else rows])

    def fill(self, rows: Indices, given: "Category") -> "Category":
        """The category with codes (n,) of another one in rows (n,); new names follow the known ones."""
        names = (*self.names, *(name for name in given.names if name not in self.names))
        codes = self.codes.copy()
        codes[rows] = _recode(given, names)
        return replace(self, names=names, codes=codes)


def concat_categories(categories: Sequence[Category]) -> Category:
    """One category of several panels, its names in alphabetical order."""
    names = tuple(sorted({name for category in categories for name in category.names}))
    codes = np.concatenate([_recode(category, names) for category in categories])
    return replace(categories[0], names=names, codes=codes)


def _recode(category: Category, names: tuple[str, ...]) -> NDArray[np.int32]:
    """Codes as places in other names, which hold all of the category's own."""
    numbers = {name: number for number, name in enumerate(names)}
    places = np.array([*(numbers[name] for name in category.names), -1], np.int32)
    return places[category.codes]  # the code -1 takes the last
