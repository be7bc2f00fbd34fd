"""The report of `backtest --watch`, as text and as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from lstmcli.errors.findings import plural
from lstmcli.evaluation.alarm_scores import AlarmScores

ALARM_SCORES_VERSION = 1  # of the JSON report
_MOST = 20  # rows of a list; the JSON report has all


def alarm_scores_json(scores: AlarmScores) -> str:
    """The whole report; null where there is nothing to tell."""
    return json.dumps({"version": ALARM_SCORES_VERSION, **asdict(scores)}, indent=1, allow_nan=False) + "\n"


def alarm_scores_text(scores: AlarmScores) -> str:
    """For people."""
    return "".join(f"{line}\n" for line in _lines(scores))


def _lines(scores: AlarmScores) -> Iterator[str]:
    faults, false = scores.found + scores.missed, len(scores.false_alarms)
    what = f"{plural(scores.series, 'series', 'series')}, {plural(scores.rows, 'row')}"
    yield f"data        {scores.data}: {what}, of which {scores.counted:,} count (behind the probation)"
    yield f"judged by   {scores.model}, online"
    yield f"budget      {scores.budget}"
    yield ""
    late = f", {scores.late} late (median)" if scores.late is not None else ""
    yield f"found       {scores.found:,} of {plural(faults, 'fault')}{late}"
    yield f"missed      {scores.missed:,}"
    yield f"false       {plural(false, 'alarm')}, {scores.false_rate:.2g} in {_per(scores.false_unit)}"
    nab = "-: no fault to find" if scores.nab is None else f"{scores.nab:.1f}"
    yield f"NAB score   {nab} (standard profile; 100 is perfect, 0 is no alarm at all)"
    if scores.faults:
        yield ""
        rows = [
            (
                f.series,
                f.start,
                f.end,
                f.alarm or "missed",
                f.kind or "",
                "" if f.late is None else f"{f.late:,}",
            )
            for f in scores.faults
        ]
        yield from _table(("series", "start", "end", "first alarm", "kind", "rows late"), rows)
    if scores.false_alarms:
        yield ""
        yield from _table(
            ("false alarm", "time", "kind"), [(f.series, f.time, f.kind) for f in scores.false_alarms]
        )


def _per(unit: str) -> str:
    return f"a {unit}" if unit == "week" else unit


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    shown = rows[:_MOST]
    widths = [max(map(len, column)) for column in zip(head, *shown, strict=True)]
    for row in (head, *shown):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    if len(rows) > len(shown):
        yield f"and {len(rows) - len(shown):,} more; --format json has all"
