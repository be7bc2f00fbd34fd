"""How many steps to forecast where that is not said, and what a horizon needs."""

import numpy as np

from lstmcli.errors import DataError, UsageError
from lstmcli.forecasting.closed import starts_of_rows
from lstmcli.series.calendar import DAY, Step, advance
from lstmcli.series.endings import rows_ahead
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import WindowSpec

_SHORTEST = 6  # values that a series needs for a model
_FAR = 10  # histories that a horizon may have before it is said
_FAR_ROWS = 100  # that a horizon has at least where it is
_LAST_TIME = np.datetime64("9999-12-31T23:59:59")  # that programs can read, this one too


def auto_horizon(panel: Panel, season: int) -> int:
    """The usual one, in rows; less where series are short, or where rows with future covariates are fewer."""
    usual = usual_rows(panel.step, season)
    horizon = max(1, min(steps_of(panel.step, usual), int(panel.lengths.max()) // 5))
    ahead = int(rows_ahead(panel).min()) if _knows_ahead(panel) else 0
    horizon = min(horizon, ahead) if ahead else horizon
    rows = usual
    while steps_of(panel.step, rows) > horizon:
        rows -= 1
    return rows


def steps_of(step: Step, rows: int) -> int:
    """How many steps so many rows of a table have at most: those of closed times are none."""
    return step.week.most_open(rows) if step.zeros else rows


def usual_rows(step: Step, season: int) -> int:
    """`usual_horizon` in rows, closed ones too. season: in steps."""
    if not step.zeros:
        return usual_horizon(step, season)
    day, week = step.week.usual_day, len(step.week.chosen)
    whole = {day: DAY // step.count, week: len(step.week.flags)}
    return usual_horizon(step.of_rows, whole.get(season, season))


def _knows_ahead(panel: Panel) -> bool:
    return bool(panel.future.shape[1]) or any(c.role == "future" for c in panel.categories)


def horizon_note(panel: Panel, shape: WindowSpec) -> tuple[str, ...]:
    """Where the horizon that was decided is less than people usually ask for, and why."""
    usual = steps_of(panel.step, usual_rows(panel.step, shape.season))
    longest = int(panel.lengths.max())
    if shape.horizon >= usual:
        return ()
    if shape.horizon < max(1, longest // 5):
        return (f"horizon {shape.horizon}, not {usual}: so many rows follow the last values",)
    why, other = f"the longest series has {longest} values", max(1, longest // 4)
    if other != shape.horizon:
        why += f" (another one: --horizon {other})"
    return (f"horizon {shape.horizon}, not {usual}: {why}",)


def far_note(panel: Panel, rows: int) -> str | None:
    """Of a horizon that is long beside what is known of the series."""
    longest = int(panel.lengths.max())
    if rows < max(_FAR_ROWS, _FAR * longest):
        return None
    where = "the longest series has" if len(panel) > 1 else "the series has"
    return (
        f"horizon {rows}, but {where} {longest} values: how large errors are so far ahead cannot be seen in "
        f"them; the intervals beyond {longest} steps are what formulas say"
    )


def check_end(panel: Panel, rows: int) -> None:
    """Raises UsageError for rows beyond the last year that can be read."""
    if panel.starts.dtype.kind != "M":
        return
    zeros = panel.step.zeros
    starts = starts_of_rows(panel) if zeros else advance(panel.starts, panel.step, panel.lengths)
    step = panel.step.of_rows if zeros else panel.step
    for count in (1_000, 10_000, 100_000, rows):  # far more at once is beyond what NumPy counts
        if (advance(starts, step, min(count, rows) - 1) > _LAST_TIME).any():
            raise UsageError(f"--horizon {rows}: this is beyond the year 9999; ask for fewer steps")


def usual_horizon(step: Step, season: int) -> int:
    """What people usually ask for: a day of hours, two weeks of days, a year of months. Of open times:
    two weeks of days, whole days of hours."""
    name, _ = step.unit()
    if step.kind == "open":
        whole = 2 * len(step.week.chosen) if name == "open day" else -(-12 // season) * season
        return min(whole, 288)
    usual = {"week": 13, "month": 12, "quarter": 8, "year": 6, "day": 14, "business day": 10}
    return usual.get(name, min(max(season, 12), 288))


def values_needed(horizon: int) -> int:
    """That the longest series has for a model of a horizon."""
    return max(_SHORTEST, horizon // 2 + 2)


def check_length(panel: Panel, horizon: int) -> None:
    longest, needed = int(panel.lengths.max()), values_needed(horizon)
    if longest < needed:
        where = " in the longest series" if len(panel) > 1 else ""
        shorter = longest // 2
        hint = f"; --horizon {shorter} is short enough" if longest >= _SHORTEST else ""
        said = f"not enough data: {longest} values{where}; a horizon of {horizon} needs {needed}{hint}"
        error = DataError("short-history", said)
        raise error.mended_by({"horizon": shorter}) if hint else error
