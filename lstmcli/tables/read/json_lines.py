"""One JSON object a line, many lines decoded together."""

from collections.abc import Iterator, Sequence
from typing import Any

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.errors.parsing import json_fault
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.json_rows import JsonRows, Object, cells_of
from lstmcli.tables.read.json_walk import DECODER, LONGEST_VALUE, NameTwiceError
from lstmcli.tables.read.sources import TableSource, open_text

LONG = f"a value has more than {LONGEST_VALUE:,} characters"
_TOGETHER = 2**14  # characters of lines
_BETWEEN = "\ue000"  # a text that stands between lines where none of them has it
_ESCAPED = ("\\ue000", "\\uE000")
_EMPTY = "{}"


def is_object(line: str) -> bool:
    if len(line) > LONGEST_VALUE or not line.lstrip().startswith("{"):
        return False
    try:
        return isinstance(DECODER.decode(line), dict)
    except NameTwiceError:
        return True
    except (ValueError, RecursionError):
        return False


def read_lines(source: TableSource, options: ReadOptions, rows: JsonRows) -> JsonRows:
    """Adds all lines of a file to rows; a blank one is a row without cells. Raises DataError."""
    with open_text(source, options) as text:
        for first, lines in _runs(enumerate(text, 1)):
            rows.size += sum(map(len, lines))
            if found := _together(lines):
                _add(source, rows, found, first)
                continue
            for number, line in enumerate(lines, first):
                _add(source, rows, [_object(source, number, line)], number)
    return rows


def _add(source: TableSource, rows: JsonRows, found: Sequence[Object], first: int) -> None:
    try:
        rows.add(found)
    except (NameTwiceError, RecursionError):
        for number, row in enumerate(found, first):
            try:
                cells_of(row)
            except NameTwiceError as twice:
                raise name_twice(source, twice, number) from None
            except RecursionError as error:
                raise _refused(source, f"the line is no row ({json_fault(error)})", number) from None
        raise


def name_twice(source: TableSource, twice: NameTwiceError, row: int | None = None) -> DataError:
    said = f"one object has two values that are called {quoted(str(twice))}; rename one of them"
    return DataError("duplicate-column", said, path=source.name, row=row)


def _refused(source: TableSource, said: str, number: int) -> DataError:
    return DataError("not-a-table", said, path=source.name, row=number)


def _runs(numbered: Iterator[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """Lines that are decoded together, and the number of the first."""
    lines: list[str] = []
    first, size = 1, 0
    for number, read in numbered:
        line = read.removeprefix("\ufeff") if number == 1 else read
        if lines and size + len(line) > _TOGETHER:
            yield first, lines
            lines, first, size = [], number, 0
        lines.append(line)
        size += len(line)
    yield first, lines


def _together(lines: Sequence[str]) -> list[Object] | None:
    """The objects of lines, None where they have to be looked at one by one: between them stands a text that
    no line has, so that each is a whole value."""
    joined = f',"{_BETWEEN}",'.join(line if not line.isspace() else _EMPTY for line in lines)
    known = joined.count(_BETWEEN) > len(lines) - 1 or any(text in joined for text in _ESCAPED)
    if known or len(joined) > LONGEST_VALUE:
        return None
    try:
        values = DECODER.decode(f"[{joined}]")
    except (ValueError, RecursionError):
        return None
    found = values[::2]
    apart = len(values) == 2 * len(lines) - 1 and values[1::2].count(_BETWEEN) == len(lines) - 1
    return found if apart and all(type(value) is dict for value in found) else None


def _object(source: TableSource, number: int, line: str) -> Object:
    line = line.rstrip("\r\n")
    if len(line) > LONGEST_VALUE:
        raise _refused(source, LONG, number)
    try:
        content: Any = DECODER.decode(line) if line.strip() else {}
        if isinstance(content, dict):
            return content
        why = ""
    except NameTwiceError as twice:
        raise name_twice(source, twice, number) from None
    except (ValueError, RecursionError) as error:
        why = f" ({json_fault(error, number)})"
    raise _refused(source, f"the line is no JSON object, as those before it are{why}", number)
