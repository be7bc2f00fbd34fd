"""A JSON text walked value by value, of which only a small part is decoded at once."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from lstmcli.tables.read.made_text import number_text

LONGEST_VALUE = 2**22  # characters of a value that is decoded at once, as a row of a table
_BLOCK = 2**16  # characters that are decoded at first
_RUN = 2**14  # characters of values of a list that are decoded together
_CUTS = 4  # that are tried for the end of such a run
_OF_NUMBER = 2  # characters as "e+" that may be left of a number that is cut off
_MARGIN = 16  # characters before the end of a block, where a fault may be that of the cut
_GAP = re.compile(r"[ \t\n\r]*")


class NameTwiceError(ValueError):
    """Two values of one object have one name; the name is the argument."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise NameTwiceError(next(name for name in names if names.count(name) > 1))
    return found


# Numbers become texts.
DECODER = json.JSONDecoder(
    parse_float=number_text, parse_int=str, parse_constant=str, object_pairs_hook=_object
)
_scan = DECODER.scan_once  # type: ignore[attr-defined]  # as `raw_decode`, and says where a value is missing


class LongValueError(ValueError):
    """A value of more characters than LONGEST_VALUE."""


class JsonWalk:
    """Goes forward through a text. end: behind the list or value that was walked last; size: characters.

    block: characters that are decoded at first; longer values take more. All of it raises JSONDecodeError,
    LongValueError or RecursionError.
    """

    def __init__(self, text: str, block: int = _BLOCK) -> None:
        self._text, self._length, self.end, self.size = text, max(1, min(block, _BLOCK)), 0, len(text)
        self._block, self._begin = "", 0

    def past(self, at: int) -> int:
        """The place behind blanks."""
        found = _GAP.match(self._text, at)
        return found.end() if found else at

    def sign(self, at: int) -> str:
        """The character at a place, "" at the end."""
        return self._text[at : at + 1]

    def fault(self, said: str, at: int) -> json.JSONDecodeError:
        return json.JSONDecodeError(said, self._text, at)

    def value(self, at: int) -> tuple[Any, int]:
        """The value at a place, numbers as texts, and where it ends."""
        while True:
            last = self._begin + len(self._block) >= len(self._text)
            said, place = "Expecting value", at
            try:
                value, end = _scan(self._block, at - self._begin)
                if end + _OF_NUMBER < len(self._block) or last:
                    return value, self._begin + end
                place = self._begin + end
            except StopIteration as stop:
                place = self._begin + stop.value
            except json.JSONDecodeError as error:
                said, place = error.msg, self._begin + error.pos
            if self._block and last:
                raise self.fault(said, place)
            self._next_block(at, said, place)

    def _next_block(self, at: int, said: str, place: int) -> None:
        if self._block and at == self._begin:
            if self._length >= LONGEST_VALUE:
                if place < at + self._length - _MARGIN:
                    raise self.fault(said, place)
                raise LongValueError
            self._length = min(8 * self._length, LONGEST_VALUE)
        self._begin, self._block = at, self._text[at : at + self._length]
        if not self._block:
            raise self.fault("Expecting value", at)

    def elements(self, at: int) -> Iterator[Any]:
        """The values of the list whose bracket is at a place."""
        return chain.from_iterable(self.runs(at))

    def runs(self, at: int) -> Iterator[list[Any]]:
        """As `elements`, several values together."""
        at = self.past(at + 1)
        if self.sign(at) == "]":
            self.end = at + 1
            return
        singly = at  # up to here no run was found
        while True:
            if at >= singly:
                values, behind, ended = self._run(at)
                if values:
                    yield values
                if ended:
                    self.end = behind
                    return
                at, singly = self.past(behind), behind + (0 if values else _RUN)
            value, at = self.value(at)
            yield [value]
            at = self.past(at)
            sign = self.sign(at)
            if sign == "]":
                self.end = at + 1
                return
            if sign != ",":
                raise self.fault("Expecting ',' delimiter", at)
            at = self.past(at + 1)

    def _run(self, at: int) -> tuple[list[Any], int, bool]:
        """Values of a list from one on, where the next begins, and whether the list ends there instead.

        A comma between values is guessed and the text before it decoded as a list: that fails where it is
        another one.
        """
        block = self._text[at : at + _RUN]
        sign = "}," if block.startswith("{") else ","
        cut = len(block)
        for _ in range(_CUTS if self.sign(at) != "]" else 0):
            cut = block.rfind(sign, 0, cut) + len(sign) - 1
            if cut < len(sign):
                break
            try:
                values, end = _scan(f"[{block[:cut]}]", 0)
            except (StopIteration, json.JSONDecodeError):
                continue
            return (values, at + end - 1, True) if end < cut + 2 else (values, at + cut + 1, False)
        return [], at, False

    def places(self, at: int) -> Iterator[int]:
        """Where the values of the list whose bracket is at a place begin. Each is walked as in `members`."""
        at = self.past(at + 1)
        while self.sign(at) != "]":
            yield at
            at = self.past(self.end)
            if self.sign(at) == ",":
                at = self.past(at + 1)
        self.end = at + 1

    def members(self, at: int) -> Iterator[tuple[str, int]]:
        """The names in the object whose brace is at a place, and where their values begin. Each value is
        walked, so that `end` is behind it, before the next name."""
        at = self.past(at + 1)
        if self.sign(at) == "}":
            self.end = at + 1
            return
        while True:
            if self.sign(at) != '"':
                raise self.fault("Expecting property name enclosed in double quotes", at)
            name, at = self.value(at)
            at = self.past(at)
            if self.sign(at) != ":":
                raise self.fault("Expecting ':' delimiter", at)
            yield name, self.past(at + 1)
            at = self.past(self.end)
            sign = self.sign(at)
            if sign == "}":
                self.end = at + 1
                return
            if sign != ",":
                raise self.fault("Expecting ',' delimiter", at)
            at = self.past(at + 1)
