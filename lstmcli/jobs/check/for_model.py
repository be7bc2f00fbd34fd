"""Whether `predict` accepts a table for a model, and with which options of reading it would."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstmcli.errors import DataError
from lstmcli.errors.findings import Finding, refusal
from lstmcli.files.read import read_once
from lstmcli.forecasting.closed import steps_of_rows, steps_within
from lstmcli.forecasting.forecast import check_positive
from lstmcli.jobs.check.facts import facts_of, season_facts
from lstmcli.jobs.check.irregular import irregular_findings, sort_findings, stamps_of
from lstmcli.jobs.check.pasting import predict_command
from lstmcli.jobs.check.told import mends_of
from lstmcli.jobs.check.verdict import CheckReport
from lstmcli.model_file import Model, read_model
from lstmcli.model_file.contract import check_contract, options_with
from lstmcli.series.endings import ending_notes
from lstmcli.series.horizon_rows import check_future_rows
from lstmcli.series.panel import Panel
from lstmcli.settings.model import Settings
from lstmcli.settings.read_assignments import read_assignments, reading_names
from lstmcli.tables.read import Table, panel_for_contract, read_table
from lstmcli.tables.read.survey import survey_columns
from lstmcli.tables.read.text import FILE


@dataclass
class _Reading:
    """How far `predict` comes with a table. notes: what was assumed; error: what it refuses."""

    table: Table | None = None
    panel: Panel | None = None
    notes: tuple[str, ...] = ()
    error: DataError | None = None


def check_for_model(
    sources: Sequence[str], path: Path, horizon: int | None, assignments: tuple[str, ...] = ()
) -> CheckReport:
    """Whether `predict` accepts a table for the model in a file, with options of reading as --set has them.

    Raises InputMissing, SettingsError, and DataError for the model; a DataError of the table is reported.
    """
    return check_with_model(sources, read_model(path), path, horizon, read_assignments(assignments))


def check_with_model(
    sources: Sequence[str], model: Model, path: Path, horizon: int | None, typed: dict[str, Any]
) -> CheckReport:
    """The same for a model in memory. path: what the command calls it; typed: options of reading."""
    found = _read(sources, model, typed, horizon)
    accepted = typed if found.error is None else _mends(sources, model, typed, horizon, found.error)
    findings = [] if found.error is None else [refusal(found.error)]
    table, roles, step = found.table, model.contract.roles, model.contract.step
    if table is None:
        return CheckReport(" ".join(sources), False, findings=tuple(findings))
    stamps = stamps_of(table, roles, step if step.kind == "open" else None)
    findings += irregular_findings(stamps, {})
    findings += (Finding("note", "assumed", note) for note in found.notes)
    if found.panel is not None:
        findings += check_contract(found.panel, model)
    return CheckReport(
        data=table.source,
        accepted=found.error is None,
        rows=len(table.frame),
        columns=survey_columns(table, roles),
        facts=facts_of(found.panel, stamps, table.patterns.get(roles.time)),
        seasons=season_facts(found.panel, model.network.shape.season),
        findings=sort_findings(findings),
        command=None if accepted is None else predict_command(sources, path, horizon, accepted),
    )


def _read(sources: Sequence[str], model: Model, typed: dict[str, Any], horizon: int | None) -> _Reading:
    contract, got = model.contract, _Reading()
    roles = contract.roles
    try:
        options = options_with(contract, typed)
        got.table = read_table(sources, options, FILE in roles.series, keys_known=True)
        got.notes = got.table.notes
        got.panel, notes = panel_for_contract(got.table, roles, contract.step)
        got.notes = (*got.notes, *notes, *ending_notes(got.panel))
        check_positive(got.panel, model.network.scaling)
        rows = horizon or model.horizon
        steps, within = steps_within(got.panel, rows), steps_of_rows(got.panel, rows)
        check_future_rows(got.panel, steps, roles.numeric(roles.future), within=within)
    except DataError as error:
        got.error = error
    return got


def _mends(
    sources: Sequence[str], model: Model, typed: dict[str, Any], horizon: int | None, error: DataError
) -> dict[str, Any] | None:
    """The options with which the table is accepted, of those that an error names; None for none."""
    if read_once(sources):
        return None
    names = {*reading_names(Settings.model_fields)}
    tries = (typed | mend for mend in mends_of(error) if mend.keys() <= names)
    return next((tried for tried in tries if _read(sources, model, tried, horizon).error is None), None)
