"""Budgets of false alarms on the command line: 1/week, 3/day, 1/1000 rows, 1/week/series."""

import re
from dataclasses import dataclass

from lstmcli.errors import UsageError

_SECONDS = {"minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2629800, "year": 31557600}
_SHORT = {"min": "minute", "h": "hour", "d": "day", "w": "week", "y": "year"}
_FORM = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*/\s*([0-9]*\.?[0-9]+)?\s*([a-z]+)\s*(/\s*series)?\s*")
_MOST = 1e12  # alarms, or units of time
_HIGHEST_RATE = 0.1  # alarms a row; more are no alarms


@dataclass(frozen=True)
class AlarmBudget:
    """So many false alarms in a length of time, or in a number of rows.

    text      as it was written
    count     alarms
    length    seconds, or rows where `in_rows`
    in_rows   rows of the table, of whichever series
    each      of every series by itself; else of all series together
    """

    text: str
    count: float
    length: float
    in_rows: bool
    each: bool

    def rate(self, step_seconds: float | None, series: int) -> float:
        """False alarms per row of one series.

        step_seconds: time between two rows of a series, None for rows without dates; series: how many are
        watched. Raises UsageError for a budget in time where rows have no dates, and for one of more than
        one alarm in ten rows.
        """
        if not self.in_rows and step_seconds is None:
            raise UsageError(f"--alarms {self.text}: rows without dates take a budget as 1/1000 rows")
        rows = self.length if self.in_rows else self.length / (step_seconds or 1.0)
        shared = 1 if self.in_rows or self.each else max(series, 1)
        rate = self.count / rows / shared
        if rate > _HIGHEST_RATE:
            raise UsageError(
                f"--alarms {self.text} allows {rate:.2g} alarms a row, more than one in ten rows: "
                "write a longer time, as 1/week, or a number of rows, as 1/1000 rows"
            )
        return rate


def read_budget(text: str, option: str = "--alarms") -> AlarmBudget:
    """COUNT/[NUMBER ]UNIT[/series] with minutes, hours, days, weeks, months, years or rows as unit.

    option: its name, for the UsageError that is raised for another text.
    """
    match = _FORM.fullmatch(text.lower())
    unit = match[3].removesuffix("s") if match else ""
    unit = _SHORT.get(unit, unit)
    found = match and (unit in _SECONDS or unit == "row")
    count, number = (float(match[1]), float(match[2] or 1)) if match else (0.0, 0.0)
    if not found or not 0 < count < _MOST or not 0 < number < _MOST:
        raise UsageError(
            f"{option} {text}: write alarms in a time or in rows, "
            "as 1/week, 3/day, 1/1000 rows or 1/week/series"
        )
    in_rows = unit == "row"
    length = number * (1 if in_rows else _SECONDS[unit])
    return AlarmBudget(text, count, length, in_rows, bool(match and match[4]))
