"""What stands before the times across a header: names of series, dates that describe these, or the time of
the rows. Below the header a row may hold words in place of values, as that of codes."""

from collections.abc import Collection, Iterable, Sequence

from lstmcli.errors.findings import plural
from lstmcli.tables.read.cell_kinds import TIME_WORDS, is_empty, is_number, is_time, is_value
from lstmcli.tables.read.column_names import is_counter_name, is_key_name

_FEW = 3  # times across, beside which a column of dates is the time
NumberedRow = tuple[int, list[str]]


def filled_cells(rows: Sequence[list[str]], column: int) -> list[str]:
    """The cells of a column that are not empty."""
    return [row[column] for row in rows if column < len(row) and not is_empty(row[column])]


def dates_before(names: Sequence[str], rows: Sequence[list[str]], columns: Iterable[int]) -> tuple[int, ...]:
    """Those of some columns that are called as times are, or hold them."""
    found = []
    for column in columns:
        cells = filled_cells(rows, column)
        times = sum(is_time(cell) and not is_number(cell) for cell in cells)
        if names[column].lower() in TIME_WORDS or 2 * times > len(cells):
            found.append(column)
    return tuple(found)


def describe_rows(
    dates: Collection[int], names: Sequence[str], rows: Sequence[list[str]], times: Sequence[int]
) -> bool:
    """Whether dates before the times of a header describe series and are not the time of rows: many times
    are across, and the other columns name each row once. times: their columns."""
    others = [c for c in range(times[0]) if c not in dates]
    keys = [tuple(row[c] for c in others if c < len(row)) for row in rows]
    called = any(names[c].lower() in TIME_WORDS for c in dates)  # then numbers may count the rows
    named = any(_names_series(names[c], filled_cells(rows, c), called) for c in others)
    return len(times) > _FEW and named and len({*keys}) == len(keys)


def _names_series(name: str, cells: Sequence[str], may_count: bool) -> bool:
    texts = any(not is_value(cell) for cell in cells)
    return bool(cells) and (texts or (is_key_name(name) and not (may_count and is_counter_name(name))))


def is_worded(row: Sequence[str], columns: Iterable[int]) -> bool:
    """Whether a row holds letters alone where values stand, as a row of codes does."""
    filled = [cell.strip() for c in columns if c < len(row) and not is_empty(cell := row[c])]
    return bool(filled) and all(map(str.isalpha, filled))


def without_worded(
    rows: Sequence[NumberedRow], columns: Sequence[int]
) -> tuple[Sequence[NumberedRow], tuple[str, ...]]:
    """Rows without those of words, with a note. rows: with the lines where they begin."""
    kept = [(line, row) for line, row in rows if not is_worded(row, columns)]
    if not kept or len(kept) == len(rows):
        return rows, ()
    lines = [line for line, row in rows if is_worded(row, columns)]
    said = f"{plural(len(lines), 'row')} of words in place of values (row {lines[0]})"
    return kept, (f"not in the table: {said}",)
