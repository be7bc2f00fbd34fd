"""Forecasts of rows as they arrive: lines of a stream in, the text of a forecast for each out."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lstmcli.errors import DataError, LstmcliError
from lstmcli.errors.findings import accept_findings
from lstmcli.forecasting.forecast import at_quantiles, forecast_panel, interval_quantiles
from lstmcli.model_file import Model, read_model
from lstmcli.model_file.contract import check_contract, unseen_categories
from lstmcli.series.calendar import format_time
from lstmcli.series.panel import Key, Panel
from lstmcli.series.roles import Roles
from lstmcli.tables.read import Table, panel_for_contract
from lstmcli.tables.read.grid import Grid, sort_rows
from lstmcli.tables.read.recent import MOST_SERIES, RecentRows, split_grid
from lstmcli.tables.read.stream import (
    NAME,
    StreamForm,
    form_of_history,
    form_of_lines,
    is_header,
    names_columns,
    parse_lines,
    with_decimal,
)
from lstmcli.tables.write.tables import forecast_table, text_of

_BLOCK = 2**16  # bytes read at once
_LONGEST = 2**20  # bytes of a line
_LINES = 1000  # read as one table
_SAMPLE = 50  # lines that show how a stream is written


@dataclass(frozen=True)
class ForecastRequest:
    """What is asked of each forecast. horizon: None for the model's; refused: kinds of findings that
    leave a row without an answer."""

    horizon: int | None
    levels: tuple[float, ...]
    form: str
    refused: frozenset[str] = frozenset()


def bursts(descriptor: int) -> Iterator[list[bytes]]:
    """The lines of a file that can be read at once, without their ends; waits for more without using
    the processor. A last line without an end is given when the file ends."""
    rest = b""
    while block := os.read(descriptor, _BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        if len(rest) > _LONGEST:
            raise DataError("not-a-table", f"a line of more than {_LONGEST:,} bytes", path=NAME)
        if lines:
            yield lines
    if rest:
        yield [rest]


class WatchedModel:
    """A model file that may be replaced while it is in use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = self._stamp()
        self.model = read_model(path)

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = self.path.stat()
        except OSError:
            return ()
        return found.st_ino, found.st_size, found.st_mtime_ns

    def renewed(self) -> Model | None:
        """The new model, where the file was replaced since. Raises InputMissing or DataError, once."""
        stamp = self._stamp()
        if not stamp or stamp == self._seen:
            return None
        self._seen = stamp
        self.model = read_model(self.path)
        return self.model


class Follower:
    """Answers rows. say: of notes and warnings; refuse: of a row that is left out."""

    def __init__(
        self,
        model: Model,
        roles: Roles,
        wish: ForecastRequest,
        say: Callable[[str], None],
        refuse: Callable[[DataError], None],
    ) -> None:
        self._model, self._roles, self._wish, self._say, self._refuse = model, roles, wish, say, refuse
        self._quantiles = interval_quantiles(model.network.arch.quantiles, wish.levels)
        self._form: StreamForm | None = None
        self._recent: RecentRows | None = None
        self._line = 0
        self._pattern: str | None = None
        self._told: dict[Key, frozenset[str]] = {}  # findings by series
        self._headed = False
        self.rows = self.answered = 0

    @property
    def known_already(self) -> int:
        """Rows that the history held."""
        return self._recent.known_already if self._recent else 0

    def seed(self, table: Table) -> None:
        """Takes the rows of a table for the past of the stream. Raises DataError."""
        contract = self._model.contract
        _, notes = panel_for_contract(table, self._roles, contract.step)
        for note in (*table.notes, *notes):
            self._say(f"note: {note}")
        table = replace(table, step=contract.step)
        self._start(form_of_history(table, self._roles, contract.step, contract.time_pattern))
        assert self._recent and self._form
        self._pattern = self._form.pattern
        self._recent.seed(sort_rows(table, self._roles))

    def renew(self, model: Model) -> None:
        """Forecasts with another model from now on. Raises DataError where it is not of this data."""
        old, new = self._model.contract, model.contract
        same = all(
            getattr(old, name) == getattr(new, name)
            for name in ("time", "series", "targets", "past", "future", "static", "categorical", "step")
        )
        quantiles = interval_quantiles(model.network.arch.quantiles, self._wish.levels)
        if not same or quantiles != self._quantiles or old.options.resample != new.options.resample:
            raise DataError("other-columns", "the new model is of other columns, steps or quantiles")
        self._model = replace(model, contract=replace(new, options=old.options))
        if self._recent:
            self._recent.need(self._positions())

    def answers(self, lines: Sequence[bytes]) -> Iterator[str]:
        """The forecast after each row of some lines, as text in the wished form."""
        for grid in self._rows(lines):
            self.rows += 1
            try:
                text = self._answer(grid)
            except DataError as error:
                self._refuse(error)
                continue
            if text:
                self.answered += 1
                yield text

    def _answer(self, row: Grid) -> str:
        assert self._form and self._recent
        self._check_positive(row)
        forgotten = self._recent.forgotten
        added = self._recent.add(row)
        if self._recent.forgotten > forgotten == 0:
            self._say(f"note: more than {MOST_SERIES:,} series; those not heard of longest are forgotten")
        if added is None:
            return ""
        for note in added.notes:
            self._say(f"note: {note}")
        if added.panel is None:
            return ""
        self._check_contract(row, added.panel)
        horizon = self._wish.horizon or self._model.network.arch.horizon
        made = at_quantiles(forecast_panel(self._model.network, added.panel, horizon), self._quantiles)
        table = forecast_table(made, self._roles.time or "step", self._pattern, self._quantiles, "origin")
        return self._without_header_again(text_of(table, self._wish.form))

    def _without_header_again(self, text: str) -> str:
        if self._wish.form != "csv":
            return text
        headed, self._headed = self._headed, True
        return text.split("\n", 1)[1] if headed else text

    def _check_positive(self, row: Grid) -> None:
        """Such a value is refused before it enters the history, where it would spoil what follows."""
        for target in self._roles.targets:
            value = row.numbers[target][0]
            if value <= 0 and self._model.network.scaling.transform != "none":
                said = f"{value:g} is not positive, but the model works on logarithms"
                raise DataError("not-positive", said, path=NAME, row=int(row.rows[0]) + 1, column=target)

    def _check_contract(self, row: Grid, panel: Panel) -> None:
        """Says what is new about a series since its last row. Raises DataError for what is refused."""
        (key,) = row.keys
        before = self._told.pop(key, None)
        known = self._model if before is None or "new-series" in self._wish.refused else _known(self._model)
        found = [*check_contract(panel, known), *unseen_categories(panel, self._model)]
        kinds = frozenset(finding.kind for finding in found)
        self._told[key] = kinds
        if len(self._told) > MOST_SERIES:
            self._told.pop(next(iter(self._told)))
        for finding in accept_findings(found, self._wish.refused, NAME, int(row.rows[0]) + 1):
            if before is None or finding.kind not in before:
                time = format_time(row.times[0])
                self._say(f"{finding.severity}: {time}: {finding.message} [{finding.kind}]")

    def _positions(self) -> int:
        """How far back a forecast looks: its context, and that of the one whose error is known."""
        network = self._model.network
        return network.shape.context + network.arch.horizon

    def _start(self, form: StreamForm) -> None:
        self._form = form
        if self._recent is None:
            self._recent = RecentRows(form, self._positions())

    def _rows(self, lines: Sequence[bytes]) -> Iterator[Grid]:
        """The rows that can be read, each as a grid of one; others are refused."""
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
                block = [] if self._model.contract.options.header else [text]
            else:
                block = [text]
        yield from self._parsed(block, self._line + 1 - len(block))

    def _decoded(self, raw: bytes) -> str | DataError:
        encoding, line = self._model.contract.options.encoding, self._line + 1
        if line == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            text = raw.rstrip(b"\r").decode(encoding)
        except UnicodeError:
            said = f"not {encoding.upper()} text; name the encoding, as --set encoding=latin-1"
            return DataError("encoding", said, path=NAME, row=line)
        if "\0" in text:
            return DataError("not-a-table", "the row holds a NUL byte", path=NAME, row=line)
        return text

    def _is_header(self, text: str) -> bool:
        """Whether a line names the columns: the first that is not empty, and one that does so again."""
        return names_columns(text, self._form) if self._form else bool(text.strip())

    def _take_header(self, text: str, following: Sequence[bytes]) -> None:
        """Raises DataError where the stream starts without a header and nothing else tells the columns."""
        if self._form is not None:
            if not is_header(text, self._form):
                self._form = self._formed([text])
            return
        encoding = self._model.contract.options.encoding
        sample = [raw.rstrip(b"\r").decode(encoding, "replace") for raw in following]
        try:
            self._start(self._formed([text, *sample]))
        except DataError as error:
            hint = "the stream starts without a header; --history FILE gives the columns and past rows"
            raise DataError(error.kind, f"{error}; {hint}") from None

    def _formed(self, lines: Sequence[str]) -> StreamForm:
        contract = self._model.contract
        return form_of_lines(lines, contract.options, self._roles, contract.step, contract.time_pattern)

    def _parsed(self, lines: Sequence[str], first: int) -> Iterator[Grid]:
        if not lines or self._form is None:
            return
        try:
            self._form = with_decimal(self._form, lines)
            grid, self._pattern = parse_lines(self._form, lines, first, self._pattern)
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


def _known(model: Model) -> Model:
    """The model without the list of its series, which need not be searched twice."""
    return replace(model, contract=replace(model.contract, known_series=""))


def apply_reload(file: WatchedModel, follower: Follower, say: Callable[[str], None]) -> None:
    """Takes a new model file into use, and says so; keeps the old model where the new one cannot be used."""
    try:
        model = file.renewed()
        if model is None:
            return
        follower.renew(model)
    except LstmcliError as error:
        say(f"warning: {file.path} was replaced, but cannot be used: {error}; the old model goes on")
    else:
        say(f"note: {file.path} was replaced; the new model forecasts from here on")
