"""JSON that holds a table becomes text with commas, row by row: its objects are never all kept at once."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePath
from typing import Any, TextIO

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.errors.parsing import json_fault
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.bounds import LARGEST_JSON, MOST_COLUMNS, MOST_OF_JSON
from lstmcli.tables.read.json_walk import DECODER, LONGEST_VALUE, JsonWalk, LongValueError, NumberText
from lstmcli.tables.read.made_text import cells_to_text, number_text
from lstmcli.tables.read.sources import TableSource, open_text

_PIECE = 2**20  # characters
_LINES = 1000  # among which a JSON document begins
_NAMED_JSON = (".json", ".ndjson", ".jsonl")
_NEEDED = "a list of objects is needed, or one object a line"
_BY_LINE = "with one object a line it is read: jq -c '.[]' FILE"
_LONG = f"a value has more than {LONGEST_VALUE:,} characters"

_Cells = dict[str, str]


@dataclass(frozen=True)
class _Rows:
    """names: of all columns; cells: gives the rows, each time from the first on, by the names they have."""

    names: dict[str, None]
    cells: Callable[[], Iterator[_Cells]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _List:
    """A list in a document.

    begin, end  where it stands
    count     values; objects: how many of them are objects
    names     of the cells of these; leading: whether the first is one
    """

    begin: int
    end: int
    count: int
    objects: int
    leading: bool
    names: dict[str, None]


def json_text(source: TableSource, options: ReadOptions) -> TableSource:
    """The text that JSON becomes; the source itself where its text is no JSON after all. Raises DataError."""
    with open_text(source, options, longest=4 * LARGEST_JSON) as text:
        before, first = _next_line(text, _LINES)
        between, second = _next_line(text)
        by_line = bool(second) and _is_object(first.removeprefix("\ufeff"))
        start = f"{before}{first}{between}{second}".removeprefix("\ufeff")
        whole = "" if by_line else _whole(source, start, text)
    found = _lines(source, options) if by_line else _document(source, whole)
    if found is None:
        return source
    names = tuple(found.names)
    if not names:
        raise DataError("empty", "the table has no rows", path=source.name)
    if len(names) > MOST_COLUMNS:
        raise _no_table(source, f"the objects have more than {MOST_COLUMNS:,} names")
    made = cells_to_text([cells.get(name, "") for name in names] for cells in found.cells())
    return replace(source, content=made, names=names, notes=found.notes, made=True)


def _no_table(source: TableSource, said: str, row: int | None = None) -> DataError:
    return DataError("not-a-table", said, path=source.name, row=row)


def _next_line(text: TextIO, most: int | None = None) -> tuple[str, str]:
    """Blank lines, and the next that is none; "" where there is none. most: lines that are looked at."""
    blank: list[str] = []
    for line in islice(text, most):
        if line.strip():
            return "".join(blank), line
        blank.append(line)
    return "".join(blank), ""


def _is_object(line: str) -> bool:
    if len(line) > LONGEST_VALUE or not line.lstrip().startswith("{"):
        return False
    try:
        return isinstance(DECODER.decode(line), dict)
    except (ValueError, RecursionError):
        return False


def _whole(source: TableSource, start: str, text: TextIO) -> str:
    """A document from its start on. Raises DataError for one of more than can be kept."""
    pieces, length = [start], len(start)
    while length <= LARGEST_JSON and (piece := text.read(_PIECE)):
        pieces.append(piece)
        length += len(piece)
    if length > LARGEST_JSON:
        raise _no_table(source, f"a JSON document of more than {LARGEST_JSON:,} characters; {_BY_LINE}")
    whole = "".join(pieces)
    if whole.count("{") + whole.count("[") > MOST_OF_JSON:
        raise _no_table(
            source, f"a JSON document of more than {MOST_OF_JSON:,} objects and lists; {_BY_LINE}"
        )
    return whole


def _lines(source: TableSource, options: ReadOptions) -> _Rows:
    """One object a line: the file is read twice, for the names and for the rows."""

    def cells() -> Iterator[_Cells]:
        with open_text(source, options) as text:
            for number, line in enumerate(text, 1):
                yield _object(source, number, line.removeprefix("\ufeff") if number == 1 else line)

    names: dict[str, None] = {}
    for row in cells():
        names.update(dict.fromkeys(row))
    return _Rows(names, cells)


def _object(source: TableSource, number: int, line: str) -> _Cells:
    line = line.rstrip("\r\n")
    if len(line) > LONGEST_VALUE:
        raise _no_table(source, _LONG, number)
    try:
        content = DECODER.decode(line) if line.strip() else {}
        if isinstance(content, dict):
            return _cells(content)
        why = ""
    except (ValueError, RecursionError) as error:
        why = f" ({_fault(error, number)})"
    raise _no_table(source, f"the line is no JSON object, as those before it are{why}", number)


def _fault(error: Exception, first: int = 1) -> str:
    return json_fault(error, first) if isinstance(error, ValueError) else "it is nested too deeply"


def _document(source: TableSource, whole: str) -> _Rows | None:
    """The rows of one document; None where it is none."""
    walk = JsonWalk(whole)
    try:
        at = walk.past(0)
        lists = _lists(walk, at)
        if walk.sign(rest := walk.past(walk.end)):
            raise walk.fault("Extra data", rest)
    except LongValueError:
        raise _no_table(source, f"this JSON is no table: {_LONG}; {_NEEDED}") from None
    except (json.JSONDecodeError, RecursionError) as error:
        if PurePath(source.name).suffix.lower() not in _NAMED_JSON:
            return None
        raise _no_table(source, f"not JSON ({_fault(error)})") from None
    if found := _rows(whole, lists):
        return found
    raise _no_table(source, f"this JSON is no table: {_NEEDED}")


def _lists(walk: JsonWalk, at: int) -> dict[str | None, _List | None]:
    """The lists of a document by their names, None for other values; the name of the document itself is
    None."""
    if walk.sign(at) == "[":
        return {None: _list_at(walk, at)}
    if walk.sign(at) != "{":
        _, walk.end = walk.value(at)
        return {None: None}
    found: dict[str | None, _List | None] = {}
    for name, place in walk.members(at):
        if walk.sign(place) == "[":
            found[name] = _list_at(walk, place)
        else:
            found[name] = None
            _, walk.end = walk.value(place)
    return found


def _list_at(walk: JsonWalk, at: int) -> _List:
    names: dict[str, None] = {}
    count, objects, leading = 0, 0, False
    for value in walk.elements(at):
        if isinstance(value, dict):
            leading = leading or count == 0
            objects += 1
            _add_names(names, value)
        count += 1
    return _List(at, walk.end, count, objects, leading, names)


def _rows(whole: str, lists: dict[str | None, _List | None]) -> _Rows | None:
    """A list of objects, one list of them in an object, or lists by column; None for all other."""
    tables = {name: part for name, part in lists.items() if part and (part.leading or name is None)}
    if len(tables) == 1:
        ((name, table),) = tables.items()
        if table.objects < table.count:
            return None
        notes = () if name is None else (f"the table is the list {quoted(name)} of the JSON file",)
        return _Rows(
            table.names, lambda: (_cells(row) for row in JsonWalk(whole).elements(table.begin)), notes
        )
    columns = {name: part for name, part in lists.items() if name is not None and part}
    if not columns or columns.keys() != lists.keys() or len({part.count for part in columns.values()}) > 1:
        return None
    return _Rows(_column_names(columns), lambda: _by_column(whole, columns))


def _column_names(columns: dict[str, _List]) -> dict[str, None]:
    names: dict[str, None] = {}
    for name, part in columns.items():
        if part.objects < part.count:
            names[name.strip()] = None
        names.update({f"{name.strip()}.{below}".strip(): None for below in part.names})
    return names


def _by_column(whole: str, columns: dict[str, _List]) -> Iterator[_Cells]:
    walks = [JsonWalk(whole, part.end - part.begin).elements(part.begin) for part in columns.values()]
    for row in zip(*walks, strict=True):
        yield _cells(dict(zip(columns, row, strict=True)))


def _add_names(names: dict[str, None], content: dict[str, Any]) -> None:
    """Those of `_cells`."""
    flat = dict not in map(type, content.values())
    if not flat or not names.keys() >= content.keys():
        names.update(dict.fromkeys(_cells(content)))


def _cells(content: dict[str, Any], before: str = "") -> _Cells:
    """Texts by name; of an object in an object by both names, with a point between them."""
    found: _Cells = {}
    for key, value in content.items():
        name = f"{before}{key}".strip() if before else key.strip()
        if isinstance(value, dict):
            found |= _cells(value, f"{name}.")
        else:
            found[name] = _cell(value)
    return found


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, NumberText):
        return number_text(value)
    return value if isinstance(value, str) else json.dumps(value)
