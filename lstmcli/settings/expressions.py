"""What a condition is made of: numbers and comparisons over the steps of series.

Values are arrays (series, steps), or (series, 1) for what a series has once; so is all that is made of them.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from lstmcli.series.arrays import Array, Flags

Values = Mapping[str, Array]

COMPARISONS: dict[str, Callable[[Array, Array], Flags]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_OPPOSITES = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
ARITHMETIC: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}
OVER_STEPS: dict[str, Callable[..., Array]] = {"max": np.max, "min": np.min, "mean": np.mean, "sum": np.sum}


class NumberPart(Protocol):
    """A number of each series and step."""

    def value(self, values: Values) -> Array: ...

    def names(self) -> Iterator[str]: ...


class Truth(Protocol):
    """Whether something holds for each series and step.

    holds     (series, steps) or (series, 1); a comparison with what is no number does not hold
    seen      of one series: the steps that show why it holds, so those of a maximum that is too large;
              where nothing holds it says nothing
    opposite  what holds where this does not
    """

    def holds(self, values: Values) -> Flags: ...

    def seen(self, values: Values) -> Flags: ...

    def opposite(self) -> "Truth": ...

    def comparisons(self) -> "Iterator[Comparison]": ...


@dataclass(frozen=True)
class Constant:
    number: float

    def value(self, values: Values) -> Array:
        return np.array([[self.number]])

    def names(self) -> Iterator[str]:
        yield from ()


@dataclass(frozen=True)
class Name:
    name: str

    def value(self, values: Values) -> Array:
        return values[self.name]

    def names(self) -> Iterator[str]:
        yield self.name


@dataclass(frozen=True)
class Arithmetic:
    """sign: of `ARITHMETIC`."""

    sign: str
    left: NumberPart
    right: NumberPart

    def value(self, values: Values) -> Array:
        with np.errstate(all="ignore"):  # what is no number is never compared
            return ARITHMETIC[self.sign](self.left.value(values), self.right.value(values))

    def names(self) -> Iterator[str]:
        yield from self.left.names()
        yield from self.right.names()


@dataclass(frozen=True)
class OverSteps:
    """function: of `OVER_STEPS`; what a series has once counts at each step."""

    function: str
    inner: NumberPart

    def value(self, values: Values) -> Array:
        numbers = self.inner.value(values)
        steps = max((known.shape[1] for known in values.values()), default=1)
        numbers = np.broadcast_to(numbers, (len(numbers), max(steps, numbers.shape[1])))
        return OVER_STEPS[self.function](numbers, axis=1, keepdims=True)

    def names(self) -> Iterator[str]:
        yield from self.inner.names()


@dataclass(frozen=True)
class Comparison:
    """sign: of `COMPARISONS`; text: as it was written."""

    sign: str
    left: NumberPart
    right: NumberPart
    text: str = ""

    def holds(self, values: Values) -> Flags:
        left, right = self.left.value(values), self.right.value(values)
        return np.asarray(COMPARISONS[self.sign](left, right) & ~np.isnan(left) & ~np.isnan(right))

    @property
    def of_steps(self) -> "Comparison":
        """The same of each step, where it is of the largest or the smallest one."""
        return replace(self, left=_of_step(self.left), right=_of_step(self.right))

    def seen(self, values: Values) -> Flags:
        all_steps = self.holds(values)
        steps = np.asarray(self.of_steps.holds(values) & all_steps)
        return steps if steps.any() else all_steps

    def opposite(self) -> "Comparison":
        text = self.text[5:-1] if self.text.startswith("not (") else f"not ({self.text})"
        return Comparison(_OPPOSITES[self.sign], self.left, self.right, text)

    def comparisons(self) -> "Iterator[Comparison]":
        yield self


def _of_step(side: NumberPart) -> NumberPart:
    return side.inner if isinstance(side, OverSteps) and side.function in ("max", "min") else side


@dataclass(frozen=True)
class Several:
    """all_of: whether all parts have to hold, or one."""

    parts: Sequence[Truth]
    all_of: bool

    def holds(self, values: Values) -> Flags:
        return self._joined([part.holds(values) for part in self.parts])

    def _joined(self, found: Sequence[Flags]) -> Flags:
        join: np.ufunc = np.logical_and if self.all_of else np.logical_or
        made = found[0]
        for flags in found[1:]:
            made = join(made, flags)
        return made

    def seen(self, values: Values) -> Flags:
        parts = self.parts
        if not self.all_of:
            parts = [part for part in parts if part.holds(values).any()] or parts
        found = [part.seen(values) for part in parts]
        made = self._joined(found)
        if made.any():
            return made
        last = np.zeros_like(made)  # held at different steps: the one from which on all have been seen
        last[:, max(int(np.argmax(flags.any(axis=0))) for flags in found)] = True
        return last

    def opposite(self) -> "Several":
        return Several([part.opposite() for part in self.parts], not self.all_of)

    def comparisons(self) -> Iterator[Comparison]:
        for part in self.parts:
            yield from part.comparisons()


@dataclass(frozen=True)
class AtSteps:
    """Of a series: whether something holds at every step, or at one."""

    inner: Truth
    every: bool

    def holds(self, values: Values) -> Flags:
        over = np.all if self.every else np.any
        return np.asarray(over(self.inner.holds(values), axis=1, keepdims=True))

    def seen(self, values: Values) -> Flags:
        return self.inner.seen(values)

    def opposite(self) -> "AtSteps":
        return AtSteps(self.inner.opposite(), not self.every)

    def comparisons(self) -> Iterator[Comparison]:
        yield from self.inner.comparisons()
