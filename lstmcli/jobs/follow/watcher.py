"""Rows that are judged as they arrive, and the alarms of a stream."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from lstmcli.errors import DataError
from lstmcli.errors.findings import plural
from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.online import OnlineState, OnlineWatch
from lstmcli.evaluation.alarms.told import BEGINS, ENDS, ToldRows
from lstmcli.jobs.follow.answer_text import AnswerTexts
from lstmcli.jobs.follow.arrival import Arrival, late_since
from lstmcli.jobs.follow.arrivals import Arrivals
from lstmcli.jobs.follow.lines import LineReader
from lstmcli.jobs.follow.online_series import OnlineSeries
from lstmcli.jobs.freshness import closed_seconds, quiet_since
from lstmcli.jobs.watch.clock import Gaps, missing_rows
from lstmcli.jobs.watch.closed import closed_so_far
from lstmcli.jobs.watch.judging import Judge, forecaster_for
from lstmcli.jobs.watch.options import row_seconds
from lstmcli.model_file import Model
from lstmcli.model_file.watch_state import WatchState, bare_contract, columns_of
from lstmcli.series.calendar import advance
from lstmcli.settings.budgets import AlarmBudget
from lstmcli.tables.read.for_contract import ModelData
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.stream import NAME, StreamForm
from lstmcli.tables.write.alarms import AlarmNames, alarm_columns, alarm_lines
from lstmcli.tables.write.dialects import AskedDialect

_BLOCK = 512  # series that are learned at once


class RowWatcher:
    """Judges rows by what the forecaster that needs no model expected of them.

    form: of the output; patience: seconds without a row after which an alarm tells it, None for never;
    say: receives notes; refuse: the error of a row that is skipped; event: as of `watch_stream`.

    rows, judged, begun   so far: rows that were read, those that were judged, alarms that began
    """

    def __init__(
        self,
        model: Model,
        budget: AlarmBudget,
        form: str,
        asked: AskedDialect,
        patience: float | None,
        say: Callable[[str], None],
        refuse: Callable[[DataError], None],
        event: Callable[..., None] | None = None,
    ) -> None:
        contract, self._model, self._budget = model.contract, model, budget
        self._roles, self._step = contract.roles.without_covariates(), contract.step
        self._refuse, self._event, self._patience = refuse, event, patience
        self._lines = LineReader(contract, self._roles, refuse)
        self._arrivals = Arrivals(contract, self._roles, say)
        self._texts = AnswerTexts(form, asked)
        self._online: OnlineSeries | None = None
        self._heard, self._late = time.monotonic(), False
        self._begun: datetime | None = datetime.now(UTC)  # None when a row came
        self.rows = self.judged = self.begun = 0

    @property
    def known_already(self) -> int:
        """Rows that the history held."""
        return self._arrivals.known_already

    def seed(self, history: ModelData, form: StreamForm) -> None:
        """Takes rows for the past of the stream; form: how it goes on."""
        panel = history.panel
        self._lines.start(form)
        rate = self._rate(len(panel))
        gaps = Gaps.none(len(panel))
        missing_rows(panel, panel.lengths, gaps, np.zeros(len(panel), np.int64), rate)
        self._arrivals.seed(panel, gaps, closed_so_far(history, gaps, rate))
        forecaster = forecaster_for(self._model)
        judge = Judge(AlarmDetector(rate, forecaster.season), forecaster, panel)
        blocks = [np.arange(at, min(at + _BLOCK, len(panel))) for at in range(0, len(panel), _BLOCK)]
        learned = [judge.learned(block, panel.lengths[block]) for block in blocks]
        self._online = OnlineSeries(forecaster, OnlineState.joined(learned))

    def go_on(self, state: WatchState, form: StreamForm | None) -> None:
        """Goes on behind an earlier run; form: how lines are written, None where a header will tell."""
        if form is None:
            self._lines.pattern = state.contract.time_pattern
        else:
            self._lines.start(form)
        self._arrivals.go_on(state)
        count = np.arange(len(state.keys))
        self._online = OnlineSeries(state.forecaster, state.known.select(count), ~state.untold)
        self._late = state.late

    def state(self) -> WatchState | None:
        """What the next run goes on from; None before the first row."""
        arrivals, count = self._arrivals, len(self._arrivals.keys)
        if self._online is None or not count:
            return None
        return WatchState(
            columns=columns_of(self._roles, self._step),
            contract=bare_contract(self._model.contract),
            keys=tuple(arrivals.keys),
            ends=arrivals.ends,
            known=self._online.known(count),
            forecaster=self._online.forecaster,
            gaps=arrivals.gaps,
            silent=arrivals.silent,
            unheard=arrivals.unheard,
            untold=self._online.untold(count),
            closed=arrivals.closed,
            late=self._late,
        )

    def renew(self, model: Model) -> None:
        """Takes another model for the columns and known series. Raises DataError where it is not of this
        data."""
        old, new = self._model.contract, model.contract
        if (old.roles, old.step, old.options.resample) != (new.roles, new.step, new.options.resample):
            raise DataError("other-columns", "the new model has other columns or steps")
        self._model = replace(model, contract=replace(new, options=old.options))
        self._arrivals.renew(self._model.contract)

    def caught_up(self, rows: ToldRows) -> str:
        """Alarms among rows that the history holds and an earlier run has not seen."""
        return self._told(rows, [None] * len(rows))

    def wait(self) -> float | None:
        """Seconds after which no row is an alarm; None where it is none, or was told."""
        if self._patience is None or self._late or self._arrivals.newest is None:
            return None
        pattern, zone = self._model.contract.time_pattern, self._model.contract.options.timezone
        since = quiet_since(self._arrivals.newest, self._step, self._begun, pattern, zone)
        closed = closed_seconds(since, self._step, self._patience)
        return self._heard + self._patience + closed - time.monotonic()

    def woken(self) -> Iterator[str]:
        """What is told when nothing came for the time to wait."""
        left = self.wait()
        if left is not None and left <= 0:
            self._late = True
            self._arrivals.tell_late()
            yield self._told(late_since(advance(self._arrivals.newest, self._step, 1), BEGINS), [None])

    def answers(self, lines: Sequence[bytes]) -> Iterator[str]:
        """A line of text for each row of some lines, and for what times show."""
        before = self.rows
        arrivals, numbers, failure = self._arrived(lines)
        if self.rows > before:
            self._heard, self._begun = time.monotonic(), None
        if arrivals:
            yield self._told(*self._judged(arrivals, numbers))
        if failure is not None:
            raise failure

    def _arrived(self, lines: Sequence[bytes]) -> tuple[list[Arrival], list[int], DataError | None]:
        """Rows with the numbers of their lines, and the error that ends the stream."""
        arrivals: list[Arrival] = []
        numbers: list[int] = []
        try:
            for row in self._lines.rows(lines):
                self.rows += 1
                try:
                    found = self._arrivals.take(row, self._rate(len(self._arrivals.keys)))
                except DataError as error:
                    self._refuse(error)
                    continue
                arrivals += found
                numbers += [_line(row)] * len(found)
        except DataError as error:
            return arrivals, numbers, error
        return arrivals, numbers, None

    def _judged(self, arrivals: list[Arrival], numbers: list[int]) -> tuple[ToldRows, list[int | None]]:
        """All that is told, in the order in which rows arrived, with the numbers of their lines."""
        rate = self._rate(len(self._arrivals.keys))
        order = [place for place, arrival in enumerate(arrivals) if not arrival.closed]
        rows, made = len(order), self._series(rate).judged([arrivals[place] for place in order], rate)
        self.judged += rows
        parts = [made]
        for place, arrival in enumerate(arrivals):
            parts += arrival.told
            order += [place] * len(arrival.told)
        for told in self._arrivals.left_behind(rate):
            parts.append(told)
            order.append(len(arrivals))
        numbers = [*numbers, numbers[-1]]
        if self._late:
            self._late = False
            parts.append(late_since(arrivals[0].time, ENDS))
            order.append(0)
        places = np.array(order)
        ends = np.arange(len(order)) < rows  # what times show comes before the row
        chosen = np.lexsort((ends, places))
        return ToldRows.joined(parts).select(chosen), [numbers[place] for place in places[chosen]]

    def _told(self, rows: ToldRows, numbers: Sequence[int | None]) -> str:
        """As text, and as events."""
        names = AlarmNames(self._roles, self._arrivals.keys, self._key_names, self._lines.pattern)
        self.begun += int(rows.begins.sum())
        if self._event is not None:
            for fields in self._events(rows, numbers, names):
                self._event("alarm", **fields)
        columns = {name: _cells(part) for name, part in alarm_columns(rows, names).items()}
        return self._texts.text(columns, self._lines.form)

    def _events(
        self, rows: ToldRows, numbers: Sequence[int | None], names: AlarmNames
    ) -> Iterator[dict[str, Any]]:
        changed = np.flatnonzero(rows.changes)
        for place, fields in zip(changed.tolist(), alarm_lines(rows, names), strict=True):
            line, series = numbers[place], int(rows.series[place])
            if line is None:
                yield fields
                continue
            wide = len(self._roles.targets) > 1 and series >= 0
            column = self._arrivals.keys[series][-1] if wide else self._roles.targets[0]
            yield {**fields, "file": NAME, "line": line, "column": column}

    @property
    def _key_names(self) -> tuple[str, ...]:
        return (*self._roles.series, "series") if len(self._roles.targets) > 1 else self._roles.series

    def _series(self, rate: float) -> OnlineSeries:
        if self._online is None:
            forecaster = forecaster_for(self._model)
            start = OnlineWatch(forecaster, AlarmDetector(rate, forecaster.season)).start(1)
            self._online = OnlineSeries(forecaster, start)
        return self._online

    def _rate(self, series: int) -> float:
        return self._budget.rate(row_seconds(self._step), max(series, 1))

    def summary(self) -> str:
        """What was read and judged."""
        known = f"; {self.known_already:,} already known" if self.known_already else ""
        began = f"{plural(self.begun, 'alarm')} began; budget {self._budget.text}"
        return f"end of input: {plural(self.rows, 'row')}, {self.judged:,} judged, {began}{known}"


def _cells(column: Any) -> list[Any]:
    """Without NaN."""
    cells = np.asarray(column).tolist()
    return [None if isinstance(cell, float) and math.isnan(cell) else cell for cell in cells]


def _line(row: Grid) -> int:
    return int(row.rows[0]) + 1
