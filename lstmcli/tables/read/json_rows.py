"""Rows of a JSON table as lines of text, many at a time."""

import json
from collections.abc import Sequence
from typing import Any

from lstmcli.tables.read.bounds import CELLS_OF_CHARACTER, MOST_EMPTY
from lstmcli.tables.read.json_walk import NameTwiceError
from lstmcli.tables.read.made_text import MadeText

Object = dict[str, Any]
_AS_THEY_ARE = frozenset((str, type(None)))  # values that text takes


def too_empty(rows: int, columns: int, size: int) -> bool:
    """Whether a table has many more cells than the characters that it is made of can fill."""
    return rows * columns > max(MOST_EMPTY, CELLS_OF_CHARACTER * size)


class JsonRows:
    """Objects become lines as they come.

    names  of all columns so far
    count  of rows
    size   characters that they are read from, so far
    text   None from the first name on that rows before it do not have, as they lack a cell, and for
           a table that is nearly empty
    """

    def __init__(self, size: int = 0, names: dict[str, None] | None = None) -> None:
        self.names, self.count, self.size = dict(names or {}), 0, size
        self.text: MadeText | None = MadeText()
        self._seen: list[str] = []  # keys of a row without objects that are no new names
        self._keys: list[str] = []  # keys whose values are a line

    def add(self, rows: Sequence[Object]) -> None:
        """Raises NameTwiceError, or RecursionError."""
        before = len(self.names)
        for row in rows:
            self._add_names(row)
        late = self.count and len(self.names) > before
        self.count += len(rows)
        if late or too_empty(self.count, len(self.names), self.size):
            self.text = None
        if self.text is not None:
            self.text.add([self._line(row) for row in rows])

    def _add_names(self, row: Object) -> None:
        keys = list(row)
        flat = dict not in map(type, row.values())
        if flat and keys == self._seen:
            return
        if not (flat and self.names.keys() >= row.keys()):
            self.names.update(dict.fromkeys(cells_of(row)))
        if flat:
            self._seen = keys

    def _line(self, row: Object) -> Sequence[str | None]:
        keys, values = list(row), list(row.values())
        if keys == self._keys:
            if _AS_THEY_ARE.issuperset(map(type, values)):
                return values
            if dict not in map(type, values):
                return flat_cells(values)
        cells = cells_of(row)
        if len(cells) == len(self.names) and list(cells) == list(self.names):
            self._keys = keys if dict not in map(type, values) else []
            return list(cells.values())
        return [cells.get(name) for name in self.names]


def complete_text(rows: JsonRows) -> bytes:
    """Of rows whose names were all known."""
    assert rows.text is not None
    return rows.text.content()


def flat_cells(values: Sequence[Any]) -> list[str | None]:
    """Of values that are no objects."""
    return [value if type(value) in _AS_THEY_ARE else json.dumps(value) for value in values]


def cells_of(row: Object) -> dict[str, str | None]:
    """Texts by name; of an object in an object by both names, with a point between them. Raises
    NameTwiceError, or RecursionError."""
    found: dict[str, str | None] = {}
    _add_cells(found, row, "")
    return found


def _add_cells(found: dict[str, str | None], row: Object, before: str) -> None:
    for key, value in row.items():
        name = f"{before}{key.strip()}"
        if isinstance(value, dict):
            _add_cells(found, value, f"{name}.")
        elif name in found:
            raise NameTwiceError(name)
        else:
            (found[name],) = flat_cells([value])
