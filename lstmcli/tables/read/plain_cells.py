"""Cells of a column of texts that are plain numbers, digits with at most one mark and a sign, looked at all
at once. What is said of them is what `numbers` says of each."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lstmcli.settings.table_reading import NumberForm
from lstmcli.tables.read.numbers import Shape

# The last group that matches is the number of the shape.
_PLAIN = re.compile(
    r"[-+]?(?:([0-9]+)|([1-9][0-9]{0,2}\.[0-9]{3})|([1-9][0-9]{0,2},[0-9]{3})|([0-9]+\.[0-9]*|\.[0-9]+))"
)
SHAPES = (Shape(), Shape(doubt="."), Shape(doubt=","), Shape(decimal="."))


@dataclass
class NumberSizes:
    """How large some numbers are: how many, the sum of their logarithms, the largest."""

    count: int = 0
    logs: float = 0.0
    largest: float = 0.0

    def add(self, sizes: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
        """Different numbers above 0, and how often each comes."""
        if len(sizes):
            self.count += int(counts.sum())
            self.logs += float((counts * np.log10(sizes)).sum())
            self.largest = max(self.largest, float(sizes.max()))

    @property
    def middle(self) -> float:
        """The mean of the logarithms."""
        return self.logs / self.count


@dataclass(frozen=True)
class PlainCells:
    """Different cells of one shape: their places among all, their sizes without signs, how many digits and
    marks each has, and whether one begins with a 0 before others."""

    shape: Shape
    places: NDArray[np.int64]
    sizes: NDArray[np.float64]
    lengths: NDArray[np.int64]
    padded: bool


def plain_cells(texts: Sequence[str], marks: Collection[str]) -> list[PlainCells]:
    """Those of different cells that are plain numbers and no marks of missing, shape by shape."""
    found = map(_PLAIN.fullmatch, texts)
    kinds = np.array([m.lastindex if m and m[0] not in marks else 0 for m in found], np.int64)
    return [_of_shape(shape, np.flatnonzero(kinds == kind), texts) for kind, shape in enumerate(SHAPES, 1)]


def _of_shape(shape: Shape, places: NDArray[np.int64], texts: Sequence[str]) -> PlainCells:
    bodies = [texts[place].lstrip("+-") for place in places.tolist()]
    numbers = [body.replace(",", ".") for body in bodies] if shape.doubt == "," else bodies
    padded = shape == Shape() and any(body[0] == "0" and len(body) > 1 for body in bodies)
    return PlainCells(
        shape,
        places,
        np.fromiter(map(float, numbers), np.float64, len(bodies)),
        np.fromiter(map(len, bodies), np.int64, len(bodies)),
        padded,
    )


def plain_values(texts: Sequence[str], form: NumberForm) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which cells are plain numbers in a form, and these numbers, one after another."""
    if form.unit:
        return np.zeros(len(texts), bool), np.zeros(0)
    plain = np.array([bool(found) for found in map(_pattern_of(form.decimal).fullmatch, texts)], bool)
    chosen = [text for text, fits in zip(texts, plain.tolist(), strict=True) if fits]
    if form.decimal != ".":
        chosen = [text.replace(form.decimal, ".") for text in chosen]
    return plain, np.fromiter(map(float, chosen), np.float64, len(chosen))


@lru_cache(maxsize=16)
def _pattern_of(decimal: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    return re.compile(rf"[-+]?(?:[0-9]+(?:{point}[0-9]*)?|{point}[0-9]+)")
