"""JSON that holds a table becomes text with commas, row by row: its objects are never all kept at once."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import PurePath
from typing import TextIO

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.errors.parsing import json_fault
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.bounds import LARGEST_JSON, MOST_COLUMNS, MOST_OF_JSON
from lstmcli.tables.read.json_jq import PLAIN_NAME, pairs_in, parts_in_jq, rows_in_jq
from lstmcli.tables.read.json_lines import LONG, is_object, name_twice, read_lines
from lstmcli.tables.read.json_rows import JsonRows, complete_text, flat_cells, too_empty
from lstmcli.tables.read.json_walk import JsonWalk, LongValueError, NameTwiceError
from lstmcli.tables.read.made_text import MADE_TOGETHER, MadeText
from lstmcli.tables.read.sources import TableSource, open_text

_PIECE = 2**20  # characters
_LINES = 1000  # among which a JSON document begins
_NAMED_JSON = (".json", ".ndjson", ".jsonl")
_LONGEST_PART = 60  # characters of a name that a message repeats
_NEEDED = "a list of objects is needed, or one object a line"
_BY_LINE = "with one object a line it is read: jq -c '.[]' FILE"


@dataclass(frozen=True)
class _Rows:
    """names: of all columns; count: of rows; size: characters they are read from; content: makes the text of
    the rows; each: what gives them in jq."""

    names: dict[str, None]
    count: int
    size: int
    content: Callable[[], bytes]
    each: str = ".[] | "
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _List:
    """A list in a document.

    begin, end  where it stands
    count     values; leading: whether the first is an object
    rows      of those that are objects
    inner     the name in the first object of rows that are lists, "" where the first value is one
    """

    begin: int
    end: int
    count: int
    leading: bool
    rows: JsonRows
    inner: str | None


@dataclass
class _Inside:
    """What the values of a document hold, by how jq gets there. tables: those that can be read; lists: rows
    that are lists, as pairs of times and values, in jq."""

    tables: dict[str, _Rows] = field(default_factory=dict)
    lists: list[str] = field(default_factory=list)


def json_text(source: TableSource, options: ReadOptions) -> TableSource:
    """The text that JSON becomes; the source itself where its text is no JSON after all. Raises DataError."""
    with open_text(source, options, longest=4 * LARGEST_JSON) as text:
        before, first = _next_line(text, _LINES)
        between, second = _next_line(text)
        by_line = bool(second) and is_object(first.removeprefix("\ufeff"))
        start = f"{before}{first}{between}{second}".removeprefix("\ufeff")
        whole = "" if by_line else _whole(source, start, text)
    try:
        found = _lines(source, options) if by_line else _document(source, whole)
        return source if found is None else _made(source, found)
    except NameTwiceError as twice:
        raise name_twice(source, twice) from None


def _made(source: TableSource, found: _Rows) -> TableSource:
    names = tuple(found.names)
    if not names:
        raise DataError("empty", "the table has no rows", path=source.name)
    if len(names) > MOST_COLUMNS:
        raise _no_table(source, f"the objects have more than {MOST_COLUMNS:,} names")
    if too_empty(found.count, len(names), found.size):
        said = (
            f"{found.count:,} objects have {len(names):,} names, and most have few of them; keep those that"
        )
        raise _no_table(source, f"{said} are needed, as by jq -c '{found.each}{{time, value}}' FILE")
    return replace(source, content=found.content(), names=names, notes=found.notes, made=True)


def _no_table(source: TableSource, said: str) -> DataError:
    return DataError("not-a-table", said, path=source.name)


def _next_line(text: TextIO, most: int | None = None) -> tuple[str, str]:
    """Blank lines, and the next that is none; "" where there is none. most: lines that are looked at."""
    blank: list[str] = []
    for line in islice(text, most):
        if line.strip():
            return "".join(blank), line
        blank.append(line)
    return "".join(blank), ""


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
    """One object a line: the file is read again where later rows have other names than the first."""
    rows = read_lines(source, options, JsonRows())

    def content() -> bytes:
        again = rows if rows.text else read_lines(source, options, JsonRows(rows.size, rows.names))
        return complete_text(again)

    return _Rows(rows.names, rows.count, rows.size, content, each="")


def _document(source: TableSource, whole: str) -> _Rows | None:
    """The rows of one document; None where it is none."""
    walk = JsonWalk(whole)
    try:
        at = walk.past(0)
        found, inside = _rows(whole, _lists(walk, at)), _Inside()
        if walk.sign(rest := walk.past(walk.end)):
            raise walk.fault("Extra data", rest)
        inside = inside if found else _look_inside(whole, at, len(whole))
    except LongValueError:
        raise _no_table(source, f"this JSON is no table: {LONG}; {_NEEDED}") from None
    except (json.JSONDecodeError, RecursionError) as error:
        if PurePath(source.name).suffix.lower() not in _NAMED_JSON:
            return None
        raise _no_table(source, f"not JSON ({json_fault(error)})") from None
    return found or _only_one(source, inside)


def _only_one(source: TableSource, inside: "_Inside") -> _Rows:
    """The one table inside a document. Raises DataError, with what makes one where it can."""
    if len(inside.tables) == 1:
        return next(iter(inside.tables.values()))
    if inside.tables:
        first, second, *_ = inside.tables
        said = f"it holds several, as {first} and {second}; take one out: jq {shlex.quote(first)} FILE"
        raise _no_table(source, f"this JSON is no single table: {said} > table.json")
    if inside.lists:
        made = shlex.quote(f"{inside.lists[0]} | @csv")
        said = f"the rows are lists: jq -r {made} FILE > table.csv, to be read with --no-header"
        raise _no_table(source, f"this JSON is no table of objects; {said}")
    raise _no_table(source, f"this JSON is no table: {_NEEDED}")


def _look_inside(whole: str, at: int, size: int, path: str = "", depth: int = 4) -> _Inside:
    """Looks into objects, and into the first values of lists, until there are two tables. size: characters of
    what is looked into. Raises as `JsonWalk`, or NameTwiceError."""
    walk, found = JsonWalk(whole, size), _Inside()
    if walk.sign(at) == "[" and walk.sign(walk.past(at + 1)) == "[":
        found.lists.append(rows_in_jq(path))
    for part, place in parts_in_jq(walk, at):
        _, walk.end = walk.value(place)
        if walk.sign(place) not in ("[", "{") or len(part) > _LONGEST_PART:
            continue
        own = f"{path}{part}" if path or part.startswith(".") else f".{part}"
        size = walk.end - place
        rows = _rows(whole, _lists(JsonWalk(whole, size), place))
        if rows is not None:
            own += rows.each.removesuffix("[] | ").removesuffix(".") if rows.notes else ""
            notes = (f"the table is {own} of the JSON file",)
            found.tables[own] = replace(rows, notes=notes, each=f"{own}[] | ")
        elif depth:
            more = _look_inside(whole, place, size, own, depth - 1)
            found.tables |= more.tables
            found.lists += more.lists
        if len(found.tables) > 1:
            break
    return found


def _lists(walk: JsonWalk, at: int) -> dict[str | None, _List | None]:
    """The lists of a document by their names, None for other values; the name of the document itself is
    None. Raises NameTwiceError."""
    if walk.sign(at) == "[":
        return {None: _list_at(walk, at)}
    if walk.sign(at) != "{":
        _, walk.end = walk.value(at)
        return {None: None}
    found: dict[str | None, _List | None] = {}
    for name, place in walk.members(at):
        if name in found:
            raise NameTwiceError(name)
        if walk.sign(place) == "[":
            found[name] = _list_at(walk, place)
        else:
            found[name] = None
            _, walk.end = walk.value(place)
    return found


def _list_at(walk: JsonWalk, at: int) -> _List:
    rows, count, leading, inner = JsonRows(walk.size), 0, False, None
    for values in walk.runs(at):
        objects = [value for value in values if type(value) is dict]
        leading = leading or (count == 0 and bool(objects) and objects[0] is values[0])
        inner = inner if count or not values else pairs_in(values[0])
        count += len(values)
        rows.add(objects)
    return _List(at, walk.end, count, leading, rows, inner)


def _rows(whole: str, lists: dict[str | None, _List | None]) -> _Rows | None:
    """A list of objects, one list of them in an object, or lists by column; None for all other."""
    tables = {name: part for name, part in lists.items() if part and (part.leading or name is None)}
    if len(tables) == 1:
        ((name, table),) = tables.items()
        if table.rows.count < table.count or table.inner:
            return None
        notes = () if name is None else (f"the table is the list {quoted(name)} of the JSON file",)
        each = ".[] | " if name is None else f".{name if PLAIN_NAME.fullmatch(name) else 'NAME'}[] | "
        made = _Rows(table.rows.names, table.count, len(whole), lambda: _of_objects(whole, table), each)
        return replace(made, notes=notes)
    columns = {name: part for name, part in lists.items() if name is not None and part}
    counts = {part.count for part in columns.values()}
    if not columns or columns.keys() != lists.keys() or len(counts) > 1:
        return None
    if all(part.inner == "" for part in columns.values()):
        return None
    names = _column_names(columns)
    return _Rows(names, counts.pop(), len(whole), lambda: _by_column(whole, columns, names))


def _of_objects(whole: str, table: _List) -> bytes:
    if table.rows.text is not None:
        return table.rows.text.content()
    rows = JsonRows(len(whole), table.rows.names)
    for values in JsonWalk(whole).runs(table.begin):
        rows.add(values)
    return complete_text(rows)


def _column_names(columns: dict[str, _List]) -> dict[str, None]:
    """Raises NameTwiceError."""
    names: dict[str, None] = {}
    for name, part in columns.items():
        own = [name.strip()] if part.rows.count < part.count else []
        for each in (*own, *(f"{name.strip()}.{below}" for below in part.rows.names)):
            if each in names:
                raise NameTwiceError(each)
            names[each] = None
    return names


def _by_column(whole: str, columns: dict[str, _List], names: dict[str, None]) -> bytes:
    walks = [JsonWalk(whole, part.end - part.begin).elements(part.begin) for part in columns.values()]
    are_flat = not any(part.rows.count for part in columns.values())
    made, rows = MadeText(), JsonRows(len(whole), names)
    while (some := [list(islice(walk, MADE_TOGETHER)) for walk in walks])[0]:
        if are_flat:
            made.add(list(zip(*map(flat_cells, some), strict=True)))
        else:
            rows.add([dict(zip(columns, row, strict=True)) for row in zip(*some, strict=True)])
    return made.content() if are_flat else complete_text(rows)
