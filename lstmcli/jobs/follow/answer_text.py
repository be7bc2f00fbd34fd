"""Answers to the rows of a stream as text."""

from typing import TYPE_CHECKING, Any

from lstmcli.tables.read.stream import StreamForm
from lstmcli.tables.write.dialects import (
    PLAIN_DIALECT,
    TEXT_TABLES,
    AskedDialect,
    OutputDialect,
    data_dialect,
    output_dialect,
)
from lstmcli.tables.write.tables import text_of, text_of_cells

if TYPE_CHECKING:
    import pandas as pd


class AnswerTexts:
    """One header for all answers, in the dialect that the stream had at the first of them.

    form: "csv", "tsv" or "ndjson"; asked: of CSV.
    """

    def __init__(self, form: str, asked: AskedDialect) -> None:
        self._form, self._asked = form, asked
        self._dialect: OutputDialect | None = None  # that of the first answer

    def text(self, table: "pd.DataFrame | dict[str, list[Any]]", stream: StreamForm | None) -> str:
        """table: or its columns, None for an empty cell; stream: how its rows are written."""
        first = self._dialect is None
        if self._dialect is None:
            data = data_dialect([stream.dialect], stream.reading.numbers) if stream else PLAIN_DIALECT
            self._dialect = output_dialect(data, self._asked, self._form)
        if isinstance(table, dict):
            text = text_of_cells(table, self._form, self._dialect)
        else:
            text = text_of(table, self._form, self._dialect)
        return text if first or self._form not in TEXT_TABLES else text.split("\n", 1)[1]
