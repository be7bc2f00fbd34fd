"""`backtest --watch`: the alarms of watch, as if rows arrived one by one, beside known faults."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lstmcli.errors import UsageError
from lstmcli.errors.findings import plural
from lstmcli.evaluation.alarm_scores import (
    AlarmScores,
    FalseAlarm,
    FaultFound,
    false_alarm_rate,
    median_late,
    nab_of,
)
from lstmcli.evaluation.alarms.nab import WindowAlarms, alarms_in_windows, probation_rows
from lstmcli.evaluation.alarms.told import ToldRows
from lstmcli.jobs.backtest.options import BacktestOptions, BacktestOutputs
from lstmcli.jobs.reporter import Reporter
from lstmcli.jobs.watch.clock import Gaps, missing_rows
from lstmcli.jobs.watch.opening import open_watched
from lstmcli.jobs.watch.options import WatchOptions, budget_of, row_seconds
from lstmcli.jobs.watch.task import WatchTask
from lstmcli.jobs.watch.watched import judged_rows
from lstmcli.series.calendar import positions
from lstmcli.series.panel import Panel
from lstmcli.tables.read.for_contract import ModelData
from lstmcli.tables.read.labels import LabelledFault, read_labels
from lstmcli.tables.write.alarms import AlarmNames

if TYPE_CHECKING:
    from lstmcli.settings.model import Settings

_JUDGE = "an autoregression with the season"


@dataclass(frozen=True)
class AlarmBacktestOptions:
    """data, model, policies, settings, alarms   as of `WatchOptions`; labels: file of known faults."""

    data: tuple[str, ...]
    model: Path
    labels: str
    alarms: str | None = None
    policies: dict[str, Any] | None = None
    settings: "Settings | None" = None


def check_unfit(options: BacktestOptions, outputs: BacktestOutputs) -> None:
    """Raises UsageError for the first option that alarms have no use for."""
    unfit = {
        "--refit": options.refit,
        "--horizon": options.horizon is not None,
        "--folds": options.folds is not None,
        "--stride": options.stride is not None,
        "--align": options.align is not None,
        "--baselines": bool(options.baselines),
        "--cache": options.cache is not None,
        "--output": outputs.table is not None,
        "--plot": outputs.plot is not None,
        "--html": outputs.html is not None,
    }
    for flag, given in unfit.items():
        if given:
            raise UsageError(f"{flag} cannot be combined with --watch, which scores alarms and no forecasts")


def backtest_alarms(options: AlarmBacktestOptions, report: Reporter) -> AlarmScores:
    """Raises UsageError for a budget that makes no sense, and the errors of reading."""
    wanted = WatchOptions(
        options.data, options.model, policies=options.policies or {}, settings=options.settings
    )
    model, given = open_watched(wanted)
    panel = given.panel
    for note in given.notes:
        report.say(f"note: {note}")
    faults = read_labels(options.labels, panel, given.pattern)
    budget = budget_of(options.alarms, panel.step)
    rate = budget.rate(row_seconds(panel.step), len(panel))
    firsts = np.zeros(len(panel), np.int64)
    task = WatchTask(model, panel, wanted, given.pattern, None, firsts, rate)
    begun = _begun(task)
    names = AlarmNames(model.contract.roles, panel.keys, panel.key_names, given.pattern)
    found = _scores(begun, faults, panel, names, (given, _JUDGE, budget.text))
    if found.left_out:
        said = plural(found.left_out, "fault")
        report.say(f"note: {said} in the first rows of a series, which do not count, left out")
    return found


def _begun(task: WatchTask) -> ToldRows:
    """The alarms that begin, from the first row on."""
    panel = task.panel
    gaps = Gaps.none(len(panel))
    missing = missing_rows(panel, task.firsts, gaps, np.zeros(len(panel), np.int64), task.rate)
    rows = ToldRows.joined([*judged_rows(task)[1], *missing])
    return rows.select(rows.begins).in_order()


def _scores(
    begun: ToldRows,
    faults: list[LabelledFault],
    panel: Panel,
    names: AlarmNames,
    about: tuple[ModelData, str, str],
) -> AlarmScores:
    """about: the data, what judges, and the budget as text."""
    probation = np.array([probation_rows(int(length)) for length in panel.lengths])
    kept = [fault for fault in faults if fault.last >= probation[fault.series]]
    places = positions(begun.time, panel.starts[begun.series], panel.step)[0]
    each = [
        alarms_in_windows(
            np.array([(f.first, f.last) for f in kept if f.series == s], np.int64),
            places[begun.series == s],
            int(probation[s]),
        )
        for s in range(len(panel))
    ]
    kinds = {(int(s), int(p)): str(k) for s, p, k in zip(begun.series, places, begun.kind, strict=True)}
    told = _told(kept, each, panel, names, kinds)
    counted = int((panel.lengths - probation).sum())
    false = [
        FalseAlarm(names.series(s), *_row(panel, names, s, row, kinds))
        for s in range(len(panel))
        for row in each[s].false
    ]
    false_rate, unit = false_alarm_rate(len(false), counted, len(panel), row_seconds(panel.step))
    late, hits = median_late(each), sum(fault.alarm is not None for fault in told)
    given, source, budget = about
    return AlarmScores(
        data=given.source,
        model=source,
        budget=budget,
        series=len(panel),
        rows=int(panel.lengths.sum()),
        counted=counted,
        left_out=len(faults) - len(kept),
        found=hits,
        missed=len(told) - hits,
        late=None if late is None else panel.step.duration(late),
        late_rows=late,
        false_rate=false_rate,
        false_unit=unit,
        nab=nab_of(each),
        faults=tuple(told),
        false_alarms=tuple(false),
    )


def _told(
    faults: list[LabelledFault],
    each: list[WindowAlarms],
    panel: Panel,
    names: AlarmNames,
    kinds: dict[tuple[int, int], str],
) -> list[FaultFound]:
    """Each fault with its first alarm."""
    made = []
    for s, found in enumerate(each):
        own = [fault for fault in faults if fault.series == s]
        for fault, row in zip(own, found.first.tolist(), strict=True):
            time, kind = _row(panel, names, s, row, kinds) if row >= 0 else (None, None)
            late = row - fault.first if row >= 0 else None
            made.append(FaultFound(names.series(s), fault.start, fault.end, time, kind, late))
    return made


def _row(
    panel: Panel, names: AlarmNames, series: int, row: int, kinds: dict[tuple[int, int], str]
) -> tuple[str, str]:
    """Time and kind of an alarm."""
    (time,) = names.times(panel.times(series, row, 1))
    return time, kinds[series, row]
