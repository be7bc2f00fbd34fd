"""Headers of several rows, whose names are joined, and columns of one name, which are numbered.

A row above others names groups of columns: an empty cell of it belongs to the name before, as merged cells
of a sheet do. A row below that names the first column alone is that of an index, as pandas writes it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.model_file.fields import LONGEST_NAME
from lstmcli.tables.read.cell_kinds import TIME_WORDS, WRITTEN_YEAR, is_number, is_time, is_value
from lstmcli.tables.read.header_years import years_and_parts
from lstmcli.tables.read.layout import Body, Row, are_units, first_data, header_of

_SHOWN = 3  # names
_MOST_ROWS = 20  # of the start, in which years may stand above months
_NUMBERS = re.compile(r"[-+\d.,:/T Z]*\d[-+\d.,:/T Z]*")
_YEAR = re.compile(WRITTEN_YEAR)
_SECONDS = re.compile(r"1\d{9}(?:\d{3}){0,3}(?:\.\d+)?")  # since 1970, or thousandths of them
_DOTTED = re.compile(r"\d{1,2}\.\d{1,2}\.\d")  # 31.12.2024, which has the signs of a number
_DIGITS = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}(?:\d\d)?)?")  # 20241231


@dataclass(frozen=True)
class JoinedHeader:
    """first, last: its rows by their places in the start of a file."""

    first: int
    last: int
    names: tuple[str, ...]

    def note(self, head: Sequence[Row]) -> str:
        """head: the first rows of the file."""
        lines = f"lines {head[self.first].line} to {head[self.last].last}"
        more = ", ..." if len(self.names) > _SHOWN else ""
        return f"the header stands in {lines}, joined as {', '.join(map(repr, self.names[:_SHOWN]))}{more}"


def joined_header(head: Sequence[Row], body: Body) -> JoinedHeader | None:
    """None where one row names the columns."""
    end = first_data(head, body)
    if names := _index_below(head[:end], body):
        return JoinedHeader(0, end - 1, names)
    for at, (above, below) in enumerate(pairwise(head[:_MOST_ROWS])):
        if len(below.cells) == body.width and (dated := years_and_parts(above.cells, below.cells)):
            return JoinedHeader(at, at + 1, dated)
    start = end
    while start and len(head[start - 1].cells) == body.width:
        start -= 1
    columns = sorted(body.typed - {body.key})
    while start < end and _filled_of(head[start], columns) < (1 if _names_time(head[start], body) else 2):
        start += 1  # titles
    rows = list(head[start:end])
    if len(rows) < 2 or body.key is None or not columns or not _needs_joining(head, body, columns):
        return None
    named = [row for row in rows if not are_units(row, body)]
    for levels in (named, rows) if named else (rows,):
        joined = joined_names([row.cells for row in levels], columns, body.key)
        if joined is not None:
            time = [row.cells[body.key].strip() for row in rows if row.cells[body.key].lower() in TIME_WORDS]
            called = [time[0] if time and c == body.key else name for c, name in enumerate(joined)]
            return JoinedHeader(start, end - 1, tuple(called))
    return None


def _names_time(row: Row, body: Body) -> bool:
    """Whether a row names the time where the others hold it."""
    return body.key is not None and row.cells[body.key].strip().lower() in TIME_WORDS


def _index_below(rows: Sequence[Row], body: Body) -> tuple[str, ...]:
    """The names of a table of one column of values, which the first row names beside words, where the row
    above the data names the time alone; none elsewhere."""
    columns = [*body.typed - {body.key}]
    if len(rows) < 2 or body.width != 2 or body.key != 0 or len(columns) != 1:
        return ()
    first, last = rows[0], rows[-1]
    named = len(first.filled) == len(first.cells) == 2 and not any(map(is_value, first.filled))
    alone = len(last.filled) == 1 and last.cells[0].strip().lower() in TIME_WORDS
    return (last.cells[0].strip(), first.cells[1].strip()) if named and alone else ()


def _filled_of(row: Row, columns: Sequence[int]) -> int:
    """How many of some columns hold something; none of them in a row that is shorter."""
    return sum(bool(cell.strip()) for c in columns for cell in row.cells[c : c + 1])


def _needs_joining(head: Sequence[Row], body: Body, columns: Sequence[int]) -> bool:
    """Whether the row that names the columns leaves out some, names two alike, or lacks the time, which
    another row names alone; or a row above names the time and columns alike."""
    place, end = header_of(head, body), first_data(head, body)
    if any(_names_measures(row.cells, columns, body.key) for row in head[:place]):
        return True
    cells = [head[place].cells[c].strip() for c in columns if c < len(head[place].cells)]
    if "" in cells and any(_filled_of(row, columns) for row in head[place + 1 : end]):
        return True
    last = head[end - 1]
    index = place < end - 1 and not _filled_of(last, columns) and last.filled[0].lower() in TIME_WORDS
    return index or len(set(cells) - {""}) < len([cell for cell in cells if cell])


def _names_measures(cells: Sequence[str], columns: Sequence[int], key: int | None) -> bool:
    """Whether a row names the time and all columns, some of them alike, as Year, Rate, Rate does: its names
    belong to those below. Rows such as Unit, USD, USD say something else."""
    if key is None or max(key, *columns) >= len(cells) or cells[key].strip().lower() not in TIME_WORDS:
        return False
    names = [cells[c].strip() for c in columns]
    return all(names) and len(set(names)) < len(names)


def _names_group(cells: Sequence[str], columns: Sequence[int], key: int | None) -> bool:
    """Whether a row names the time and the first of the columns it stands above, as merged cells do."""
    named = key is not None and cells[key].strip().lower() in TIME_WORDS
    return named and bool(cells[columns[0]].strip()) and not all(cells[c].strip() for c in columns)


def joined_names(
    levels: Sequence[Sequence[str]], columns: Sequence[int], key: int | None = None
) -> tuple[str, ...] | None:
    """The names of all columns from the rows of a header, the upper ones first; None where they do not tell
    the columns apart. columns: those of values; key: that of times."""
    filled = [_filled(level, levels[at + 1 :], columns) for at, level in enumerate(levels)]
    if any(is_value(level[c]) for level in filled for c in columns):
        return None
    telling = [level for level in filled if len({level[c] for c in columns}) > 1]
    above = levels[:-1]
    if telling and any(_names_measures(a, columns, key) or _names_group(a, columns, key) for a in above):
        telling = filled
    names = []
    for c in range(len(levels[0])):
        parts = [level[c] for level in (telling if c in columns else filled) if level[c]]
        names.append(" ".join(dict.fromkeys(parts)))
    known = [name for name in names if name]
    apart = len(set(known)) == len(known) and all(names[c] for c in columns)
    return tuple(names) if apart and telling else None


def _filled(level: Sequence[str], below: Sequence[Sequence[str]], columns: Sequence[int]) -> list[str]:
    """A row of names with those of groups in all of their columns."""
    cells = [cell.strip() for cell in level]
    before = ""
    for c in columns:
        if not cells[c] and any(other[c].strip() for other in below):
            cells[c] = before
        before = cells[c]
    return cells


def bare_name(cell: str) -> str:
    """A name without blanks around it, and without quotes that stand behind a blank: a, "b"."""
    name = cell.strip()
    return name[1:-1].strip() if cell != name and re.fullmatch('".+"', name) else name


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names of which later ones that were there before have a number behind them, as pandas writes it."""
    given, found, last = {*names}, dict[str, None](), dict[str, int]()
    own_names = []
    for name in names:
        number, own = 0, name
        while own and (own in found or (number and own in given)):
            number = max(number, last.get(name, 0)) + 1
            own = f"{name}.{number}"
        last[name] = number
        found[own] = None
        own_names.append(own)
    return tuple(own_names)


def check_column_names(names: Sequence[str], path: str, line: int, rows: Sequence[Row] = ()) -> None:
    """Raises DataError where names look like a row of data. rows: this and those below it."""
    if (longest := max(map(len, names), default=0)) > LONGEST_NAME:
        number = [len(name) for name in names].index(longest) + 1
        said = f"the name of column {number} has {longest:,} characters, {LONGEST_NAME:,} at most; to read "
        said += f"columns by their numbers: --set skip_rows={line} --no-header"
        error = DataError("no-header", said, path=path, row=line)
        raise error.mended_by({"skip_rows": line, "header": False})
    below = [row.cells for row in rows[1:] if len(row.cells) == len(names)]
    # A wide table may have columns called 2020, but no column of time is.
    if not all(_NUMBERS.fullmatch(name) for name in names) and not are_like_rows(names, below):
        return
    shown = next((name for name in names if is_value(name)), names[0])
    said = f"the first row looks like data: {quoted(shown)}; if the file names no columns: --no-header"
    if len(names) == 1:
        said += f"; if {quoted(names[0])} is a name: --set skip_rows={line} --no-header"
    if time := _columns_of_times([row.cells for row in rows if len(row.cells) == len(names)]):
        error = DataError("no-header", f"{said} --set time={time}", path=path, row=line)
        raise error.mended_by({"header": False, "time": time})
    raise DataError("no-header", said, path=path, row=line)


def are_like_rows(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether names hold what the rows below them hold: a date above other dates; or values above values,
    and beside them texts that come again below."""
    others = [row for row in rows if [cell.strip() for cell in row] != [*names]]
    if len(others) < 2:
        return False
    columns = [[cell.strip() for cell in column] for column in zip(*others, strict=True)]
    pairs = [*zip(names, columns, strict=True)]
    if any(_is_moment(name) and all(map(_is_moment, cells)) for name, cells in pairs):
        return True
    values = [(name, cells) for name, cells in pairs if is_value(name)]
    texts = [(name, cells) for name, cells in pairs if not is_value(name)]
    repeated = bool(texts) and all(name in cells for name, cells in texts)
    return repeated and 2 * len(values) > len(names) and all(all(map(is_value, cells)) for _, cells in values)


def _is_moment(cell: str) -> bool:
    dotted = is_time(cell) and (not is_number(cell) or bool(_DOTTED.match(cell)))
    return dotted or bool(_DIGITS.fullmatch(cell))


def _columns_of_times(rows: Sequence[Sequence[str]]) -> str:
    """The numbers of the first columns where they are years and months, or years, months and days, and others
    stand behind them: "1,2"; that of a column of seconds since 1970 and the like; "" elsewhere."""
    columns = [[cell.strip() for cell in column] for column in zip(*rows, strict=True)]
    if len(rows) > 1 and not any(_is_moment(column[0]) for column in columns):
        numbered = (c for c, column in enumerate(columns, 1) if all(map(_SECONDS.fullmatch, column)))
        if (first := next(numbered, None)) is not None:
            return str(first)
    if len(rows) < 3 or len(columns) < 3 or not all(map(_YEAR.fullmatch, columns[0])):
        return ""
    counted = takewhile(lambda column: all(map(str.isdecimal, column)), columns[:3])
    years, months, days = [*([int(cell) for cell in column] for column in counted), [], []][:3]
    if not months or not _are_within(months, 12):
        return ""
    if all(b - a == 1 for a, b in pairwise(12 * y + m for y, m in zip(years, months, strict=True))):
        return "1,2"
    return "1,2,3" if len(columns) > 3 and len(set(days)) > 1 and _are_within(days, 31) else ""


def _are_within(numbers: Sequence[int], highest: int) -> bool:
    return 1 <= min(numbers) <= max(numbers) <= highest


def check_same_times(names: Sequence[str], rows: Sequence[Row], path: str) -> None:
    """Raises DataError where two columns of one name hold different times: tables that stand side by side.

    rows: of data, the first ones with their lines.
    """
    firsts: dict[str, int] = {}
    for c, name in enumerate(names):
        first = firsts.setdefault(name, c)
        if not name or first == c:
            continue
        for row in (row for row in rows if len(row.cells) == len(names)):
            one, other = row.cells[first].strip(), row.cells[c].strip()
            if one != other and is_time(other) and not is_number(other):
                said = f"two columns are called {quoted(name)} and hold different times "
                said += f"({quoted(one)}, {quoted(other)}): "
                said += "where two tables stand side by side, put each into a file of its own"
                raise DataError("duplicate-column", said, path=path, row=row.line)


def numbering_notes(names: Sequence[str]) -> tuple[str, ...]:
    """What was called otherwise because another column has its name."""
    changed = [(name, own) for name, own in zip(names, unique_names(names), strict=True) if name != own]
    told = ", ".join(f"{quoted(own)}" for _, own in changed[:4]) + (", ..." if len(changed) > 4 else "")
    if len(changed) == 1:
        return (f"two columns are called {quoted(changed[0][0])}: the later one is read as {told}",)
    return (f"{len(changed)} columns have the name of another and are read as {told}",) if changed else ()


def complete_names(names: tuple[str, ...], rows: Sequence[Row]) -> tuple[str, ...]:
    """The names with "Unnamed: N" among them where all rows have a cell more: their number before the others,
    or an empty cell behind them. Nothing where that is not so."""
    whole = [row.cells for row in rows if len(row.cells) == len(names) + 1]
    if len(names) < 2 or len(whole) < max(2, len(rows)):
        return ()
    if not any(cells[-1].strip() for cells in whole):
        return (*names, f"Unnamed: {len(names)}")
    first = [cells[0].strip() for cells in whole]
    counted = all(cell.isdecimal() for cell in first) and len(set(first)) == len(first)
    rising = counted and [int(cell) - int(first[0]) for cell in first] == list(range(len(first)))
    years = rising and len(first) > 1 and all(map(_YEAR.fullmatch, first))
    return ("Year" if years and "Year" not in names else "Unnamed: 0", *names) if rising else ()
