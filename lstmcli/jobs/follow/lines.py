"""Lines of a stream to rows: the header, and lines parsed together where they can be."""

from collections.abc import Callable, Iterator, Sequence

from lstmcli.errors import DataError
from lstmcli.model_file import Contract
from lstmcli.series.roles import Roles
from lstmcli.tables.read.bounds import LONGEST_ROW
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.likely_encodings import encoding_error
from lstmcli.tables.read.recent import split_grid
from lstmcli.tables.read.stream import (
    NAME,
    StreamForm,
    form_of_lines,
    is_header,
    names_columns,
    parse_lines,
    with_reading,
)

_LINES = 1000  # read as one table
_SAMPLE = 50  # lines that show how a stream is written


class LineReader:
    """Reads lines by the contract of a model. refuse: receives the error of a line that cannot be read.

    form     how lines are written; None before the header
    pattern  how time stamps are written; None before the first row
    """

    def __init__(self, contract: Contract, roles: Roles, refuse: Callable[[DataError], None]) -> None:
        self.form: StreamForm | None = None
        self.pattern: str | None = None
        self._contract, self._roles, self._refuse = contract, roles, refuse
        self._line = 0  # read so far

    def start(self, form: StreamForm) -> None:
        """Takes the form of lines from a table."""
        self.form, self.pattern = form, form.pattern

    def rows(self, lines: Sequence[bytes]) -> Iterator[Grid]:
        """The rows that can be read, each as a grid of one.

        Raises DataError where the stream starts without a header and nothing else names the columns.
        """
        block: list[str] = []
        for at, raw in enumerate(lines):
            text, line = self._decoded(raw), self._line + 1
            if isinstance(text, str) and not self._is_header(text) and len(block) < _LINES:
                block.append(text)
                self._line = line
                continue
            yield from self._parsed(block, line - len(block))
            block, self._line = [], line
            if isinstance(text, DataError):
                self._refuse(text)
            elif self._is_header(text):
                self._take_header(text, lines[at + 1 : at + 1 + _SAMPLE])
                block = [] if self._contract.options.header else [text]
            else:
                block = [text]
        yield from self._parsed(block, self._line + 1 - len(block))

    def _decoded(self, raw: bytes) -> str | DataError:
        encoding, line = self._contract.options.encoding, self._line + 1
        if len(raw) > LONGEST_ROW:
            said = f"a line of more than {LONGEST_ROW:,} bytes"
            return DataError("not-a-table", said, path=NAME, row=line)
        if line == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            text = raw.rstrip(b"\r").decode(encoding)
        except UnicodeError:
            return encoding_error(NAME, encoding, [raw], line)
        for sign, called in (("\0", "a NUL byte"), ("\r", "a carriage return that does not end it")):
            if sign in text:
                return DataError("not-a-table", f"the row holds {called}", path=NAME, row=line)
        return text

    def _is_header(self, text: str) -> bool:
        """Whether a line names the columns: the first that is not empty, and one that does so again."""
        return names_columns(text, self.form) if self.form else bool(text.strip())

    def _take_header(self, text: str, following: Sequence[bytes]) -> None:
        if self.form is not None:
            if not is_header(text, self.form):
                self.form = self._form_of([text])
            return
        encoding = self._contract.options.encoding
        sample = [raw.rstrip(b"\r").decode(encoding, "replace") for raw in following]
        try:
            self.form = self._form_of([text, *sample])
        except DataError as error:
            hint = "the stream starts without a header; --history FILE gives the columns and past rows"
            raise DataError(error.kind, f"{error}; {hint}") from None

    def _form_of(self, lines: Sequence[str]) -> StreamForm:
        contract = self._contract
        return form_of_lines(lines, contract.options, self._roles, contract.step, contract.time_pattern)

    def _parsed(self, lines: Sequence[str], first: int) -> Iterator[Grid]:
        """Rows of lines, the first of which has the number `first`; halved until the wrong line is alone."""
        if not lines or self.form is None:
            return
        try:
            self.form = with_reading(self.form, lines)
            grid, self.pattern = parse_lines(self.form, lines, first, self.pattern)
        except DataError as error:
            if len(lines) == 1:
                self._refuse(error)
                return
            half = len(lines) // 2
            yield from self._parsed(lines[:half], first)
            yield from self._parsed(lines[half:], first + half)
            return
        if grid is not None:
            yield from split_grid(grid)
