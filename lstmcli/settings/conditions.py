"""Conditions on figures and on forecasts: `dead > 0.2 or reach < 24`, `max(q0.95) > 1.2 * capacity`.

The parser is our own: Python's grammar, and so `ast`, reads neither `q0.9` nor `20%`.

either      = both ("or" both)*
both        = single ("and" single)*
single      = "not" single | comparison
comparison  = sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum]
sum         = product (("+" | "-") product)*
product     = part (("*" | "/") part)*
part        = "-" part | "(" either ")" | function "(" either ")" | name | number, as 24, 0.2, 1e-3 or 20 %
function    = "all" | "any" of a condition | "max" | "min" | "mean" | "sum" of a number

What is compared and computed with is a number, the rest are conditions; a name that is no identifier stands
in backquotes.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import isfinite

import numpy as np

from lstmcli.errors import ConditionFailed, UsageError, did_you_mean
from lstmcli.series.arrays import Flags
from lstmcli.settings.expressions import (
    COMPARISONS,
    OVER_STEPS,
    Arithmetic,
    AtSteps,
    Comparison,
    Constant,
    Name,
    NumberPart,
    OverSteps,
    Several,
    Truth,
    Values,
)

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:\s*%)?"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>{_NUMBER})|`(?P<quoted>(?:[^`]|``)+)`|(?P<name>q0\.\d+|[^\W\d]\w*)"
    r"|(?P<sign><=|>=|==|!=|[-<>()+*/]))"
)
_THRESHOLD = re.compile(rf"\s*(?P<sign><=|>=|<|>)?\s*(?P<number>[-+]?{_NUMBER})\s*")
_IDENTIFIER = re.compile(r"q0\.\d+|[^\W\d]\w*")
_WORDS = ("and", "or", "not")
_AT_STEPS = {"all": True, "any": False}
_DEEPEST = 50  # nested parentheses


@dataclass(frozen=True)
class KnownNames:
    """What may stand in a condition.

    what      a name is called in messages
    names     known; a column that would be taken for another name is here in backquotes
    old       read too, but not listed
    listed    the known ones in messages, where they are not all of `names`
    unfit     why a name that the user may expect is none
    other     the known name for another text, as a quantile, or ""; may raise UsageError
    """

    names: tuple[str, ...]
    what: str = "figure"
    old: tuple[str, ...] = ()
    listed: str = ""
    unfit: Mapping[str, str] = field(default_factory=dict)
    other: Callable[[str], str] = lambda text: ""

    def find(self, text: str, quoted: bool) -> str:
        """The name for a text; raises UsageError with what is wrong."""
        if quoted and f"`{text}`" in self.names:
            return f"`{text}`"
        if text in (*self.names, *self.old):
            return text
        if not quoted and (found := self.other(text)):
            return found
        if text in self.unfit:
            raise UsageError(f"{text!r} {self.unfit[text]}")
        known = self.listed or ", ".join(map(quoted_name, self.names))
        near = did_you_mean(text, self.names)
        raise UsageError(f"unknown {self.what} {text!r}.{near} Known: {known};")


def quoted_name(name: str) -> str:
    """A name as it stands in a condition."""
    if name.startswith("`") or (_IDENTIFIER.fullmatch(name) and name not in _WORDS):
        return name
    return "`" + name.replace("`", "``") + "`"


@dataclass(frozen=True)
class Condition:
    """A parsed condition: its text, the names in it, and what holds."""

    text: str
    names: tuple[str, ...]
    truth: Truth

    def holds(self, values: Values) -> Flags:
        """For which series it does at any step, (series,)."""
        return np.asarray(self.truth.holds(values).any(axis=1))

    def check(self, figures: Mapping[str, float | None]) -> None:
        """Raises ConditionFailed with the figures where it holds, UsageError where one has no value."""
        known = {name: value for name in self.names if (value := figures.get(name)) is not None}
        for name in self.names:
            if name not in known:
                raise UsageError(f"--fail-on {self.text!r}: there is no {name!r} for this model and data")
        if self.holds({name: np.array([[value]]) for name, value in known.items()}).any():
            now = ", ".join(f"{name} = {value:.4g}" for name, value in known.items())
            raise ConditionFailed(f"--fail-on {self.text!r}: {now}")


def condition(text: str, known: KnownNames | Iterable[str]) -> Condition:
    """Reads a condition. Raises UsageError with the place for one that makes no sense."""
    parser = _Parser(text, known if isinstance(known, KnownNames) else KnownNames(tuple(known)))
    truth = parser.truth(parser.either(0))
    if parser.next is not None:
        raise parser.error(f"unexpected {parser.next[1]!r}")
    return Condition(text, tuple(dict.fromkeys(parser.names)), truth)


def threshold(text: str) -> tuple[str, float]:
    """The sign and the number of `--cross`: 95 and >95 are crossed upwards, <5 downwards.

    Raises UsageError.
    """
    found = _THRESHOLD.fullmatch(text)
    if found is None or not isfinite(_number(found["number"])):
        raise UsageError(f"--cross {text!r}: write a value, as 95 (upwards) or '<5' (downwards)")
    return found["sign"] or ">", _number(found["number"])


def _number(text: str) -> float:
    return float(text.rstrip("% \t")) / (100 if text.endswith("%") else 1)


_Part = NumberPart | Truth


class _Parser:
    """Recursive descent over the tokens of a text."""

    def __init__(self, text: str, known: KnownNames) -> None:
        self.text, self.known, self.names = text, known, list[str]()
        self.at = 0  # where the next token starts
        self.end = 0  # and ends
        self.done = 0  # where the one before ends
        self.next: tuple[str, str] | None = None
        self._advance()

    def error(self, what: str, at: int | None = None) -> UsageError:
        place = (self.at if at is None else at) + 1
        return UsageError(f"--fail-on {self.text!r}: {what} at character {place}")

    def _advance(self) -> None:
        self.done = self.end
        rest = self.text[self.end :]
        self.at = self.end + len(rest) - len(rest.lstrip())
        found = _TOKEN.match(self.text, self.end)
        if found is None:
            self.next = None
            if rest.strip():
                raise self.error(f"unexpected {rest.strip()[0]!r}")
            return
        self.end = found.end()
        kind = str(found.lastgroup)
        self.next = kind, found[kind]

    def _take(self, *wanted: str) -> str | None:
        """The next token if it is one of these words or signs."""
        if self.next is None or self.next[0] in ("number", "quoted") or self.next[1] not in wanted:
            return None
        token = self.next[1]
        self._advance()
        return token

    def truth(self, part: _Part) -> Truth:
        """A part that has to be a condition."""
        if not _is_truth(part):
            raise self.error("expected one of " + " ".join(COMPARISONS))
        return part  # type: ignore[return-value]

    def either(self, depth: int) -> _Part:
        return self._joined("or", self._both, depth)

    def _both(self, depth: int) -> _Part:
        return self._joined("and", self._single, depth)

    def _joined(self, word: str, inner: Callable[[int], _Part], depth: int) -> _Part:
        first = inner(depth)
        if self.next != ("name", word):
            return first
        parts = [self.truth(first)]
        while self._take(word):
            parts.append(self.truth(inner(depth)))
        return Several(tuple(parts), all_of=word == "and")

    def _single(self, depth: int) -> _Part:
        self._check(depth)
        if self._take("not"):
            return self.truth(self._single(depth + 1)).opposite()
        first = self.at
        left = self._sum(depth)
        if _is_truth(left) or (sign := self._take(*COMPARISONS)) is None:
            return left
        right = self._operand(self._sum, depth)
        return Comparison(sign, left, right, self.text[first : self.done])  # type: ignore[arg-type]

    def _sum(self, depth: int) -> _Part:
        return self._computed(("+", "-"), self._product, depth)

    def _product(self, depth: int) -> _Part:
        return self._computed(("*", "/"), self._part, depth)

    def _computed(self, signs: tuple[str, ...], inner: Callable[[int], _Part], depth: int) -> _Part:
        made = inner(depth)
        while not _is_truth(made) and (sign := self._take(*signs)):
            made = Arithmetic(sign, made, self._operand(inner, depth))  # type: ignore[arg-type]
        return made

    def _operand(self, inner: Callable[[int], _Part], depth: int) -> NumberPart:
        """A part that has to be a number."""
        first = self.at
        part = inner(depth)
        if _is_truth(part):
            raise self.error("expected a number and no condition", first)
        return part  # type: ignore[return-value]

    def _part(self, depth: int) -> _Part:
        self._check(depth)
        if self._take("-"):
            return Arithmetic("-", Constant(0.0), self._operand(self._part, depth + 1))
        if self._take("("):
            return self._closed(self.either(depth + 1))
        if self.next is None or self.next[0] == "sign" or self.next in [("name", word) for word in _WORDS]:
            raise self.error("expected a name or a number")
        kind, token = self.next
        first, after = self.at, self.text[self.end :].lstrip()
        if kind == "number":
            if not isfinite(_number(token)):
                raise self.error(f"{token} is too large a number")
            self._advance()
            return Constant(_number(token))
        if kind == "name" and after.startswith("("):
            return self._function(token, depth)
        try:
            name = self.known.find(token.replace("``", "`") if kind == "quoted" else token, kind == "quoted")
        except UsageError as error:
            raise self.error(str(error), first) from None
        self.names.append(name)
        self._advance()
        return Name(name)

    def _function(self, name: str, depth: int) -> _Part:
        functions = (*_AT_STEPS, *OVER_STEPS)
        if name not in functions:
            known = ", ".join(functions)
            raise self.error(f"unknown function {name!r}.{did_you_mean(name, functions)} Known: {known};")
        self._advance()
        self._take("(")
        if name in OVER_STEPS:
            return self._closed(OverSteps(name, self._operand(self.either, depth + 1)))
        return self._closed(AtSteps(self.truth(self.either(depth + 1)), every=_AT_STEPS[name]))

    def _closed(self, part: _Part) -> _Part:
        if not self._take(")"):
            raise self.error("a parenthesis is not closed")
        return part

    def _check(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise self.error("too many parentheses")


def _is_truth(part: _Part) -> bool:
    return isinstance(part, Comparison | Several | AtSteps)
