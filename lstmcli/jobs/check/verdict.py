"""The report of `check` on a table: all that `train` or `predict` would find, and whether they accept it.

It calls the functions that `train` and `predict` call themselves.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lstmcli.errors import DataError
from lstmcli.errors.findings import Finding, Severity, first_few, plural, refusal
from lstmcli.forecasting.forecast import check_positive
from lstmcli.forecasting.plan import Plan, decide
from lstmcli.jobs.check.cost import Estimate, estimate_cost
from lstmcli.jobs.check.facts import Facts, SeasonFact, facts_of, season_facts
from lstmcli.jobs.check.lint import leaks, value_findings
from lstmcli.jobs.check.pasting import decided_settings, explicit_command
from lstmcli.learning.split import Split, split_panel
from lstmcli.model_file import read_model
from lstmcli.model_file.contract import check_contract
from lstmcli.series.horizon_rows import check_future_rows
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.settings.model import Settings
from lstmcli.tables.read import Table, panel_for_contract, panel_of, read_table
from lstmcli.tables.read.columns import find_roles
from lstmcli.tables.read.survey import UNUSED_ROLE, SurveyTimes, TableColumn, survey_columns, survey_times
from lstmcli.tables.read.text import FILE

# Settings under which rejected data would be accepted, by the kind of the error.
_REMEDIES = {"gap": {"on_gap": "mask"}, "duplicate-time": {"on_duplicate": "last"}}


@dataclass(frozen=True)
class CheckReport:
    """accepted: whether `train` (or, for a model, `predict`) accepts the data as it is.

    settings, command: with which it is accepted; None where no setting helps. facts, seasons and
    estimate are those under these settings.
    """

    data: str
    accepted: bool
    rows: int | None = None
    columns: tuple[TableColumn, ...] = ()
    facts: Facts | None = None
    seasons: tuple[SeasonFact, ...] = ()
    findings: tuple[Finding, ...] = ()
    estimate: Estimate | None = None
    settings: dict[str, Any] | None = None
    command: str | None = None


@dataclass(frozen=True)
class _Attempt:
    """The results of the stages before training, up to the one that fails."""

    settings: Settings
    roles: Roles | None = None
    panel: Panel | None = None
    plan: Plan | None = None
    split: Split | None = None
    error: DataError | None = None


def check_for_training(sources: Sequence[str], settings: Settings) -> CheckReport:
    """Whether `train` accepts a table. Raises InputMissing or SettingsError as `train` does; a DataError
    is reported."""
    try:
        table = read_table(sources, settings.options)
    except DataError as error:
        return CheckReport(" ".join(sources), False, findings=(refusal(error),))
    first = best = _attempt(table, settings)
    tried: dict[str, Any] = {}
    while best.error is not None and best.error.kind in _REMEDIES:
        remedy = _REMEDIES[best.error.kind]
        if remedy.keys() <= tried.keys():
            break
        tried |= remedy
        changed = settings.model_copy(update=tried)
        best = _attempt(replace(table, options=changed.options), changed)
    seen = first if best.panel is None else best
    stamps = _stamps(table, seen.roles)
    found = [refusal(first.error)] if first.error else []
    refused = {"gap": settings.on_gap == "error", "duplicate-time": settings.on_duplicate == "error"}
    found += _irregular(stamps, refused if first.error else {})
    columns = survey_columns(table, seen.roles)
    found += _unused(columns)
    if seen.panel is not None:
        found += _of_values(seen, stamps)
    chosen = _chosen(best, tried)
    return CheckReport(
        data=table.source,
        accepted=first.error is None,
        rows=len(table.frame),
        columns=columns,
        facts=facts_of(seen.panel, stamps),
        seasons=season_facts(seen.panel, seen.plan.shape.season if seen.plan else None),
        findings=_sorted(found),
        estimate=_estimate(seen),
        settings=chosen,
        command=None
        if chosen is None
        else explicit_command(sources, chosen, settings.model_fields_set | tried.keys()),
    )


def _chosen(best: _Attempt, tried: dict[str, Any]) -> dict[str, Any] | None:
    """The settings with which a table is accepted; None where it never is."""
    if best.error is not None or best.plan is None or best.roles is None:
        return None
    return decided_settings(best.plan.settings, best.roles, best.settings.model_fields_set | tried.keys())


def _attempt(table: Table, settings: Settings) -> _Attempt:
    got = _Attempt(settings)
    try:
        panel, roles = panel_of(table, settings)
        got = replace(got, panel=panel, roles=roles)
        plan = decide(panel, settings)
        return replace(got, plan=plan, split=split_panel(panel, plan))
    except DataError as error:
        got = replace(got, error=error)
    if got.roles is None:
        try:
            got = replace(
                got,
                roles=find_roles(table.frame, settings, table.source, table.codes, unread=table.unread),
            )
        except DataError:
            return got
    return got


def check_for_model(sources: Sequence[str], path: Path, horizon: int | None) -> CheckReport:
    """Whether `predict` accepts a table for the model in a file.

    Raises InputMissing, and DataError for the model; a DataError of the table is reported.
    """
    model = read_model(path)
    contract, network, roles = model.contract, model.network, model.contract.roles
    try:
        table = read_table(sources, contract.options, with_file=FILE in contract.roles.series)
    except DataError as error:
        return CheckReport(" ".join(sources), False, findings=(refusal(error),))
    panel, found = None, []
    try:
        panel, _ = panel_for_contract(table, roles, contract.step)
        check_positive(panel, network.scaling)
        check_future_rows(panel, horizon or network.arch.horizon, roles.numeric(roles.future))
    except DataError as error:
        found.append(refusal(error))
    accepted = not found
    stamps = _stamps(table, roles)
    found += _irregular(stamps, {})
    if panel is not None:
        found += check_contract(panel, model)
    ahead = [] if horizon is None else ["--horizon", str(horizon)]
    return CheckReport(
        data=table.source,
        accepted=accepted,
        rows=len(table.frame),
        columns=survey_columns(table, roles),
        facts=facts_of(panel, stamps),
        seasons=season_facts(panel, network.shape.season),
        findings=_sorted(found),
        command=shlex.join(["lstmcli", "predict", *sources, "-m", str(path), *ahead]) if accepted else None,
    )


def _stamps(table: Table, roles: Roles | None) -> SurveyTimes | None:
    try:
        return None if roles is None else survey_times(table, roles)
    except DataError:
        return None


def _irregular(stamps: SurveyTimes | None, refused: Mapping[str, bool]) -> Iterator[Finding]:
    """Repeated times and gaps; errors where their kind is refused."""
    if stamps is None:
        return
    step = stamps.step.describe()
    for kind, places in (("duplicate-time", stamps.repeated), ("gap", stamps.after_gaps)):
        if places.size:
            counts = stamps.by_series(places)
            many = plural(len(counts), "series", "series")
            first = tuple(stamps.place(int(at)) for at in places[:3])
            if kind == "gap":
                left_out = plural(stamps.left_out(places), "time")
                message = f"{plural(places.size, 'gap')} in {many}, {left_out} left out (step: {step})"
            else:
                message = f"{plural(places.size, 'row')} in {many} repeat{'s' * (places.size == 1)} a time"
            severity: Severity = "error" if refused.get(kind) else "note"
            yield Finding(severity, kind, message, int(places.size), tuple(counts[:3]), first)


def _unused(columns: tuple[TableColumn, ...]) -> Iterator[Finding]:
    names = [column.name for column in columns if column.role == UNUSED_ROLE]
    if names:
        yield Finding("note", "unused-column", f"not used: {first_few(names)}", len(names))


def _of_values(seen: _Attempt, stamps: SurveyTimes | None) -> Iterator[Finding]:
    panel, plan, roles = seen.panel, seen.plan, seen.roles
    assert panel is not None and roles is not None
    season = plan.shape.season if plan else 1
    logarithmic = plan is not None and plan.scaling.transform == "log"
    yield from value_findings(
        panel, season, logarithmic, lambda s, at: stamps.place_of(panel, s, at) if stamps else None
    )
    yield from leaks(panel, roles.numeric(roles.past), roles.numeric(roles.future), season)
    if seen.split is not None:
        short = np.setdiff1d(np.arange(len(panel)), seen.split.training[0])
        if short.size:
            names = [panel.name(int(s)) for s in short]
            message = f"{plural(short.size, 'series', 'series')} too short to learn from: {first_few(names)}"
            yield Finding("note", "short-series", message, int(short.size))


def _sorted(found: list[Finding]) -> tuple[Finding, ...]:
    order = ("error", "warning", "note")
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def _estimate(seen: _Attempt) -> Estimate | None:
    if seen.panel is None or seen.roles is None or seen.plan is None or seen.split is None:
        return None
    windows, targets = len(seen.split.validation[0]), len(seen.roles.targets)
    return estimate_cost(seen.plan, seen.panel, windows, targets)
