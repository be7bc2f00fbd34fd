"""Values of a JSON document, each of a type and in a range; what is not is said with its place."""

import re
from collections.abc import Callable, Collection
from dataclasses import MISSING, fields
from itertools import pairwise
from typing import Any, TypeVar

Check = Callable[[Any, str], Any]  # value and where it stands; gives what is kept of it
_Built = TypeVar("_Built")

LARGEST_INTEGER = 10**9  # of anything that is counted
LARGEST_FLOAT = 1e300
LONGEST_NAME = 10_000  # characters, of columns, series and categories
_SHOWN = 60


class DamagedDocument(ValueError):
    """A value that cannot have been written; the text tells which."""


def field_error(value: Any, where: str, wanted: str) -> DamagedDocument:
    text = repr(value)
    return DamagedDocument(f"{where}: {wanted} (found {text[:_SHOWN]}{'...' if len(text) > _SHOWN else ''})")


def integer_field(low: int, high: int = LARGEST_INTEGER) -> Check:
    def check(value: Any, where: str) -> int:
        if type(value) is not int or not low <= value <= high:
            raise field_error(value, where, f"a whole number from {low:,} to {high:,} is needed")
        return value

    return check


def number_field(low: float = -LARGEST_FLOAT, high: float = LARGEST_FLOAT) -> Check:
    def check(value: Any, where: str) -> float:
        if type(value) not in (int, float) or not low <= value <= high:
            raise field_error(value, where, f"a number from {low:g} to {high:g} is needed")
        return float(value)

    return check


def text_field(pattern: str = "", longest: int = LONGEST_NAME, of_file: bool = False) -> Check:
    """A text that can be written as UTF-8 and has no null character; of_file: the name of a file,
    which may hold bytes that are no text (PEP 383)."""

    def check(value: Any, where: str) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise field_error(value, where, f"a text of {longest:,} characters at most is needed")
        halves = (sign for sign in value if 0xD800 <= ord(sign) < 0xE000)
        if "\0" in value or any(not (of_file and 0xDC80 <= ord(half) <= 0xDCFF) for half in halves):
            raise field_error(value, where, "a text that can be written is needed")
        if pattern and not re.fullmatch(pattern, value):
            raise field_error(value, where, "a text of another form is needed")
        return value

    return check


def flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise field_error(value, where, "true or false is needed")
    return value


def one_of(*known: Any) -> Check:
    def check(value: Any, where: str) -> Any:
        if not any(type(value) is type(one) and value == one for one in known):
            raise field_error(value, where, f"one of {', '.join(map(str, known))} is needed")
        return value

    return check


def list_field(each: Check, least: int = 0, most: int = LARGEST_INTEGER) -> Check:
    """A list, as a tuple."""

    def check(value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) < least:
            raise field_error(
                value, where, "a list is needed" if least == 0 else "a list is needed, not empty"
            )
        if len(value) > most:
            raise DamagedDocument(f"{where}: a list of {len(value):,}; {most:,} at most")
        return tuple(each(one, f"{where}[{place}]") for place, one in enumerate(value))

    return check


def map_field(each: Check) -> Check:
    """A map from texts."""

    def check(value: Any, where: str) -> dict[str, Any]:
        return {
            name: each(inner, f"{where}.{name[:_SHOWN]}") for name, inner in mapping(value, where).items()
        }

    return check


def mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise field_error(value, where, "a map is needed")
    for name in value:
        text_field()(name, where)
    return value


def or_none(each: Check) -> Check:
    return lambda value, where: None if value is None else each(value, where)


def dataclass_field(kind: Callable[..., _Built], /, **checks: Check) -> Callable[[Any, str], _Built]:
    """A dataclass from a map of its fields; those with a default may be missing."""
    check = fields_of(optional_fields(kind), **checks)
    return lambda value, where: kind(**check(value, where))


def optional_fields(kind: Any) -> set[str]:
    """The fields of a dataclass that have a default."""
    return {f.name for f in fields(kind) if f.default is not MISSING or f.default_factory is not MISSING}


def fields_of(optional: Collection[str], /, **checks: Check) -> Callable[[Any, str], dict[str, Any]]:
    """A map of these fields and no others; those that are optional may be missing."""

    def check(value: Any, where: str) -> dict[str, Any]:
        given = mapping(value, where)
        for name in sorted(given.keys() - checks.keys()):
            raise DamagedDocument(f"{where}: {name[:_SHOWN]!r} is not known")
        for name in sorted(checks.keys() - given.keys() - set(optional)):
            raise DamagedDocument(f"{where}.{name}: missing")
        return {name: checks[name](inner, f"{where}.{name}") for name, inner in given.items()}

    return check


def rising_numbers(values: tuple[float, ...]) -> bool:
    return all(a < b for a, b in pairwise(values))
