"""Conditions on figures: `dead > 0.2 or reach < 24`.

The parser is our own: Python's grammar, and so `ast`, reads neither `q0.9` nor `20%`.

either      = both ("or" both)*
both        = single ("and" single)*
single      = "not" single | "(" either ")" | side comparison side
comparison  = "<" | "<=" | ">" | ">=" | "==" | "!="
side        = name | number, as 24, 0.2, 1e-3 or 20%
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lstmcli.errors import ConditionFailed, UsageError, did_you_mean

Values = Mapping[str, float | None]
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?)|(?P<name>[A-Za-z_]\w*)|(?P<sign><=|>=|==|!=|[<>()]))"
)
_DEEPEST = 50  # nested parentheses


@dataclass(frozen=True)
class Condition:
    """A parsed condition: its text, the names in it, and the test of figures."""

    text: str
    names: tuple[str, ...]
    test: Callable[[Values], bool]

    def check(self, values: Values) -> None:
        """Raises ConditionFailed with the figures where it holds, UsageError where one has no value."""
        for name in self.names:
            if values.get(name) is None:
                raise UsageError(f"--fail-on {self.text!r}: there is no {name!r} for this model and data")
        if self.test(values):
            now = ", ".join(f"{name} = {values[name]:.4g}" for name in self.names)
            raise ConditionFailed(f"--fail-on {self.text!r}: {now}")


def condition(text: str, known: Iterable[str], old_names: Iterable[str] = ()) -> Condition:
    """Reads a condition. Raises UsageError with the place for one that makes no sense.

    old_names: read too, but not listed among those that are known.
    """
    parser = _Parser(text, tuple(known), tuple(old_names))
    test = parser.either(0)
    if parser.next is not None:
        raise parser.error(f"unexpected {parser.next[1]!r}")
    return Condition(text, tuple(dict.fromkeys(parser.names)), test)


class _Parser:
    """Recursive descent over the tokens of a text."""

    def __init__(self, text: str, known: tuple[str, ...], old_names: tuple[str, ...]) -> None:
        self.text, self.known, self.old_names, self.names = text, known, old_names, list[str]()
        self.at = 0  # where the next token starts
        self.end = 0  # and ends
        self.next: tuple[str, str] | None = None
        self._advance()

    def error(self, what: str) -> UsageError:
        return UsageError(f"--fail-on {self.text!r}: {what} at character {self.at + 1}")

    def _advance(self) -> None:
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
        if self.next is None or self.next[0] == "number" or self.next[1] not in wanted:
            return None
        token = self.next[1]
        self._advance()
        return token

    def either(self, depth: int) -> Callable[[Values], bool]:
        parts = [self._both(depth)]
        while self._take("or"):
            parts.append(self._both(depth))
        return lambda values: any(part(values) for part in parts)

    def _both(self, depth: int) -> Callable[[Values], bool]:
        parts = [self._single(depth)]
        while self._take("and"):
            parts.append(self._single(depth))
        return lambda values: all(part(values) for part in parts)

    def _single(self, depth: int) -> Callable[[Values], bool]:
        if depth > _DEEPEST:
            raise self.error("too many parentheses")
        if self._take("not"):
            inner = self._single(depth + 1)
            return lambda values: not inner(values)
        if self._take("("):
            inner = self.either(depth + 1)
            if not self._take(")"):
                raise self.error("a parenthesis is not closed")
            return inner
        left = self._side()
        sign = self._take(*_COMPARISONS)
        if sign is None:
            raise self.error("expected one of " + " ".join(_COMPARISONS))
        right, compare = self._side(), _COMPARISONS[sign]
        return lambda values: compare(left(values), right(values))

    def _side(self) -> Callable[[Values], float]:
        if self.next is None or self.next[0] == "sign" or self.next[1] in ("and", "or", "not"):
            raise self.error("expected a name or a number")
        kind, token = self.next
        if kind == "number":
            value = float(token.rstrip("%")) / (100 if token.endswith("%") else 1)
            self._advance()
            return lambda values: value
        if token not in (*self.known, *self.old_names):
            known = ", ".join(self.known)
            raise self.error(f"unknown figure {token!r}.{did_you_mean(token, self.known)} Known: {known};")
        self.names.append(token)
        self._advance()
        return lambda values: float(values[token] or 0.0)
