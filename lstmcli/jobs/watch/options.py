"""The options of `lstmcli watch`."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli.errors import UsageError
from lstmcli.series.calendar import SECOND, Step
from lstmcli.series.steps import length
from lstmcli.settings.budgets import AlarmBudget, read_budget
from lstmcli.tables.write.dialects import AS_IN_DATA, AskedDialect

if TYPE_CHECKING:  # pydantic is loaded only for the built-in network
    from lstmcli.settings.model import Settings

# By the longest step in seconds: longer steps, and rows without dates, have the last.
_USUAL_BUDGETS = ((6 * 3600.0, "1/week"), (2 * 86_400.0, "1/year"), (math.inf, "1/1000 rows"))


@dataclass(frozen=True)
class WatchOptions:
    """data      files; none for those of training
    policies  options of reading that differ from those of training
    settings  of the data, for the built-in network; None for the usual ones
    alarms    the budget, as of `settings.budgets`; None for the usual one
    every     whether all rows that were judged are written
    form      of the output, as of `files.endings.TABLE_ENDINGS`, "prom" or "nagios"
    fail      whether an alarm that begins ends the run with ConditionFailed
    The other fields are the options of their names.
    """

    data: tuple[str, ...]
    model: Path
    output: str = "-"
    form: str = "csv"
    dialect: AskedDialect = AS_IN_DATA
    policies: dict[str, Any] = field(default_factory=dict)
    settings: "Settings | None" = None
    alarms: str | None = None
    since: str | None = None
    last: int | None = None
    every: bool = False
    state: Path | None = None
    max_age: str | None = None
    fail: bool = False
    html: str | None = None
    config: Path | None = None

    @property
    def about_the_past(self) -> bool:
        """Whether some rows of the past were asked for, whatever was judged before."""
        return self.since is not None or self.last is not None

    def check(self) -> None:
        """Raises UsageError for options that contradict each other."""
        if self.since is not None and self.last is not None:
            raise UsageError("--since and --last both say where to begin: give one of them")
        if self.state is not None and self.about_the_past:
            flag = "--since" if self.since is not None else "--last"
            raise UsageError(f"--state judges the rows that are new since the last run: leave out {flag}")
        if self.every and self.form in ("prom", "nagios"):
            raise UsageError(f"--all is for tables: {self.form} shows the newest row of each series")
        if self.fail and self.form == "nagios":
            raise UsageError("--fail-on: --format nagios has codes of its own, 2 where an alarm begins")
        if self.last is not None and self.last < 1:
            raise UsageError(f"--last {self.last}: at least one row can be judged")


def budget_of(text: str | None, step: Step) -> AlarmBudget:
    """The budget that is asked for, else the usual one for rows of a step. Raises UsageError."""
    seconds = row_seconds(step) or math.inf
    return read_budget(text or next(usual for most, usual in _USUAL_BUDGETS if seconds <= most))


def row_seconds(step: Step) -> float | None:
    """About how long it is from one row to the next; None for rows without dates."""
    return None if step.plain else length(step) / SECOND
