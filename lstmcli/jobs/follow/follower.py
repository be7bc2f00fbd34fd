"""The forecast after each row of a stream, from the recent rows of its series."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from lstmcli.errors import DataError
from lstmcli.errors.findings import Finding
from lstmcli.forecasting.conditions import ForecastCondition, forecast_condition
from lstmcli.forecasting.intervals import at_quantiles, interval_quantiles
from lstmcli.jobs.follow.answer_text import AnswerTexts
from lstmcli.jobs.follow.lines import LineReader
from lstmcli.jobs.forecast import ForecastResult, ForecastSource, forecast, known_series_forgotten
from lstmcli.jobs.forecast_options import ForecastOptions
from lstmcli.jobs.watch.ahead import RowsAhead
from lstmcli.model_file import Model
from lstmcli.series.forecast import concat_forecasts
from lstmcli.series.panel import Key, Panel
from lstmcli.series.roles import Roles
from lstmcli.tables.read import Table, panel_for_contract
from lstmcli.tables.read.grid import Grid, sort_rows
from lstmcli.tables.read.open_times import at_closed_times
from lstmcli.tables.read.recent import MOST_SERIES, RecentRows
from lstmcli.tables.read.stream import NAME, form_of_history
from lstmcli.tables.write.dialects import AS_IN_DATA, TEXT_TABLES, AskedDialect
from lstmcli.tables.write.tables import forecast_table


class Follower:
    """Answers rows. form: of the output, "csv", "tsv" or "ndjson"; say: receives notes and warnings;
    refuse: the error of a row that is skipped; asked: of CSV; fail_on: a condition on each answer. Raises
    UsageError for a level that the model cannot give, and for a condition that makes no sense."""

    def __init__(
        self,
        model: Model,
        roles: Roles,
        options: ForecastOptions,
        form: str,
        say: Callable[[str], None],
        refuse: Callable[[DataError], None],
        asked: AskedDialect = AS_IN_DATA,
        fail_on: str | None = None,
    ) -> None:
        self._model, self._roles, self._options = model, roles, options
        self._form, self._texts = form, AnswerTexts(form, asked)
        self._say, self._refuse = say, refuse
        self._quantiles = interval_quantiles(model.network.arch.quantiles, options.levels)
        self._fail_on = fail_on
        self._condition = self._condition_of(model)
        self._lines = LineReader(model.contract, roles, refuse)
        self._ahead = RowsAhead(model.contract.step, roles.time or "", model.contract.time_pattern)
        self._recent: RecentRows | None = None
        self._told: dict[Key, frozenset[str]] = {}  # kinds of findings by series
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
        self._lines.start(form_of_history(table, self._roles, contract.step, contract.time_pattern))
        history = sort_rows(table, self._roles)
        self._ahead.seed(max(history.times, default=None))
        self._recent_rows().seed(history)

    def renew(self, model: Model) -> None:
        """Forecasts with another model from now on. Raises DataError where it is not of this data."""
        old, new = self._model.contract, model.contract
        same = (old.roles, old.step) == (new.roles, new.step)
        quantiles = interval_quantiles(model.network.arch.quantiles, self._options.levels)
        if not same or quantiles != self._quantiles or old.options.resample != new.options.resample:
            raise DataError("other-columns", "the new model has other columns, steps or quantiles")
        self._condition = self._condition_of(model)
        self._model = replace(model, contract=replace(new, options=old.options))
        if self._recent:
            self._recent.need(self._positions())

    def answers(self, lines: Sequence[bytes]) -> Iterator[str]:
        """The forecast after each row of some lines, as text."""
        for grid in self._lines.rows(lines):
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
        self._check_positive(row)
        self._ahead.check(row)
        recent = self._recent_rows()
        forgotten = recent.forgotten
        added = recent.add(row)
        if recent.forgotten > forgotten == 0:
            self._say(f"note: more than {MOST_SERIES:,} series; the least recently seen are forgotten")
        if added is None:
            return ""
        for note in added.notes:
            self._say(f"note: {note}")
        if added.panel is None:
            return ""
        result = self._forecast(row, added.panel)
        made = concat_forecasts(list(result.model_blocks(lambda block: block)))
        shown, time = at_quantiles(made, self._quantiles), self._roles.time or "step"
        table = forecast_table(shown, time, self._lines.pattern, self._quantiles, "origin")
        if self._condition is not None:
            failed = np.repeat(self._condition.holds(made, result.panel), made.horizon)
            words = np.array(["false", "true"], object)  # as JSON has them
            name = "_failed" if "failed" in table else "failed"  # a column of the data
            table[name] = words[failed.astype(int)] if self._form in TEXT_TABLES else failed
        return self._texts.text(table, self._lines.form)

    def _condition_of(self, model: Model) -> ForecastCondition | None:
        if self._fail_on is None:
            return None
        return forecast_condition(self._fail_on, model.network.arch.quantiles, self._roles)

    def _forecast(self, row: Grid, panel: Panel) -> ForecastResult:
        """Says what is new about a series since its last row. Raises DataError for what is refused."""
        (key,) = row.keys
        before = self._told.pop(key, None)
        kinds: set[str] = set()

        def tell(finding: Finding) -> None:
            kinds.add(finding.kind)
            if before is None or finding.kind not in before:
                time = panel.shown_time(row.times[0])
                self._say(f"{finding.severity}: {time}: {finding.message} [{finding.kind}]")

        # The list of known series is searched once a series, unless an unknown one is refused.
        again = before is not None and "new-series" not in self._options.refused
        model = known_series_forgotten(self._model) if again else self._model
        try:
            source = ForecastSource(panel, NAME, int(row.rows[0]) + 1)
            return forecast(model, source, self._options, tell)
        finally:
            self._told[key] = frozenset(kinds)
            if len(self._told) > MOST_SERIES:
                self._told.pop(next(iter(self._told)))

    def _check_positive(self, row: Grid) -> None:
        """Such a value is refused before it enters the history, where it would spoil what follows."""
        step = self._model.contract.step
        if step.zeros and at_closed_times(row, step).size:
            return
        for target in self._roles.targets:
            value = row.numbers[target][0]
            if value <= 0 and self._model.network.scaling.transform != "none":
                message = f"{value:g} is not positive, but the model works on logarithms"
                raise DataError("not-positive", message, path=NAME, row=int(row.rows[0]) + 1, column=target)

    def _positions(self) -> int:
        """How far back a forecast looks."""
        return self._model.network.reach_back

    def _recent_rows(self) -> RecentRows:
        if self._recent is None:
            assert self._lines.form is not None  # a row was read, or a history
            self._recent = RecentRows(self._lines.form, self._positions())
        return self._recent
