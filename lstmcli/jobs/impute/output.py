"""A table as it stands in its file, with the cells that were filled and the columns that tell of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.tables.read.file_rows import FileRow, FileRows
from lstmcli.tables.read.own_columns import NEW_COLUMNS
from lstmcli.tables.write.dialects import TEXT_TABLES, OutputDialect
from lstmcli.tables.write.forms import content_of_table, is_typed
from lstmcli.tables.write.tables import text_of_cells

if TYPE_CHECKING:
    import pandas as pd

_PLAIN = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?").fullmatch
_WHOLE = re.compile(r"-?\d{1,18}").fullmatch


@dataclass(frozen=True)
class FilledColumn:
    """A target in all rows that are written, (rows,).

    values   as they were read, NaN where missing, and those that were filled
    imputed  which were filled
    lower, upper  of these, NaN elsewhere
    """

    name: str
    values: NDArray[np.float64]
    imputed: NDArray[np.bool_]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def new_names(targets: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The columns that are added, by target: with several of them its name stands before."""
    if len(targets) == 1:
        return {targets[0]: NEW_COLUMNS}
    return {target: tuple(f"{target} {name}" for name in NEW_COLUMNS) for target in targets}


@dataclass(frozen=True)
class FilledTable:
    """rows: those that are written; times: name and values of the time column, where it has dates; decimal:
    the mark in the file; numeric: columns that were read as numbers; same: as of `AddedRows`"""

    rows: FileRows
    columns: tuple[FilledColumn, ...]
    times: tuple[str, Any] | None
    decimal: str
    numeric: frozenset[str]
    same: tuple[str, ...] = ()

    def frame(self) -> "pd.DataFrame":
        """Numbers as numbers, times as times, NaN for an empty cell."""
        return _frame(self._typed_columns("parquet"))

    def content(self, form: str, dialect: OutputDialect) -> Iterator[str | bytes]:
        """In a form of `files.endings.TABLE_ENDINGS`."""
        if form in TEXT_TABLES:
            yield from self._lines(dialect)
            return
        columns = self._typed_columns(form)
        if is_typed(form):
            yield content_of_table(_frame(columns), form)
        else:
            yield text_of_cells(columns, form)

    def _lines(self, dialect: OutputDialect) -> Iterator[str]:
        """Cells as they are written in the file, where its dialect is that of the output."""
        rows, sign = self.rows, dialect.separator
        kept = (rows.separator, self.decimal) == (sign, dialect.decimal)
        new = [name for names in new_names(self._targets).values() for name in names]
        if kept and rows.header is not None:
            yield dialect.beginning + sign.join(rows.header) + sign + dialect.row(new)
        else:
            yield dialect.beginning + dialect.row([*rows.names, *new])
        at = {rows.names.index(column.name): column for column in self.columns}
        marks = [] if dialect.decimal == self.decimal else self._places_of_numbers()
        for number, row in enumerate(rows.rows):
            filled = {place: _text(c.values[number], dialect) for place, c in at.items() if c.imputed[number]}
            added = [cell for column in self.columns for cell in _added(column, number, dialect)]
            yield self._line(row, filled, added, dialect, kept, marks)

    def _line(
        self,
        row: FileRow,
        filled: Mapping[int, str],
        added: list[str],
        dialect: OutputDialect,
        kept: bool,
        marks: Sequence[int],
    ) -> str:
        if kept and row.raw is not None:
            quote = '"' if dialect.quotes_numbers else ""
            cells = [*row.raw, *(f"{quote}{cell}{quote}" if cell else "" for cell in added)]
            for place, text in filled.items():
                cells[place] = f"{quote}{text}{quote}"
            return dialect.separator.join(cells) + "\n"
        cells = [*row.cells, *added]
        for place in marks:
            if re.fullmatch(rf"\s*[-+]?\d*{re.escape(self.decimal)}\d+\s*", cells[place]):
                cells[place] = cells[place].replace(self.decimal, dialect.decimal)
        for place, text in filled.items():
            cells[place] = text
        return dialect.row(cells)

    @property
    def _targets(self) -> list[str]:
        return [column.name for column in self.columns]

    def _places_of_numbers(self) -> list[int]:
        return [place for place, name in enumerate(self.rows.names) if name in self.numeric]

    def _typed_columns(self, form: str) -> dict[str, list[Any]]:
        """Numbers as numbers, None for an empty cell; times as times where the form has them."""
        filled = {column.name: column for column in self.columns}
        made: dict[str, list[Any]] = {}
        names = [name or f"Unnamed: {place}" for place, name in enumerate(self.rows.names)]
        for place, name in enumerate(names):
            if name in filled:
                made[name] = self._of_target(place, filled[name])
            elif self.rows.typed is not None:
                made[name] = _own_values(self.rows.typed[name], form)
            elif self.times is not None and name == self.times[0] and is_typed(form):
                made[name] = self.times[1]
            else:
                made[name] = self._of_texts(place)
        for target, (imputed, lower, upper) in new_names(self._targets).items():
            column = filled[target]
            made[imputed] = column.imputed.astype(int).tolist()
            made |= {lower: _numbers(column.lower), upper: _numbers(column.upper)}
        return made

    def _of_target(self, place: int, column: FilledColumn) -> list[Any]:
        values = _numbers(column.values)
        if not all(_WHOLE(row.cells[place]) for row in self.rows.rows if row.cells[place]):
            return values
        filled = column.imputed.tolist()  # whole numbers stay such beside fractions
        return [v if new or v is None else int(v) for v, new in zip(values, filled, strict=True)]

    def _of_texts(self, place: int) -> list[Any]:
        """Numbers where every cell is written as a plain one, so that 007 stays as it is."""
        texts = [row.cells[place] for row in self.rows.rows]
        plain = [text.replace(self.decimal, ".") if self.decimal == "," else text for text in texts]
        given = [text for text in plain if text]
        if not given or not all(map(_PLAIN, given)):
            return [text or None for text in texts]
        read: type = int if all(map(_WHOLE, given)) else float
        return [read(text) if text else None for text in plain]


def _added(column: FilledColumn, row: int, dialect: OutputDialect) -> list[str]:
    if not column.imputed[row]:
        return ["0", "", ""]
    return ["1", _text(column.lower[row], dialect), _text(column.upper[row], dialect)]


def _text(value: float, dialect: OutputDialect) -> str:
    return str(dialect.numbers([float(value)])[0])


def _numbers(values: NDArray[np.float64]) -> list[Any]:
    return [None if gone else value for value, gone in zip(values.tolist(), np.isnan(values), strict=True)]


def _own_values(column: "pd.Series[Any]", form: str) -> list[Any]:
    """Of a Parquet file; JSON has neither times nor objects."""
    values = column.astype(object).where(column.notna(), None).tolist()
    if is_typed(form):
        return values
    return [value if isinstance(value, str | int | float | None) else str(value) for value in values]


def _frame(columns: Mapping[str, Any]) -> "pd.DataFrame":
    import pandas as pd

    made = {}
    for name, cells in columns.items():
        kinds = {type(cell) for cell in cells} - {type(None)} if isinstance(cells, list) else set()
        numbers = "Int64" if kinds == {int} else "float64" if kinds and kinds <= {int, float} else None
        made[name] = pd.Series(cells, dtype=numbers)
    return pd.DataFrame(made)
