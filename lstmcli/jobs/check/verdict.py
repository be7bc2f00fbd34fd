"""The report of `check` on a table: all that `train` or `predict -m builtin` would find, and whether they
accept it.

It calls the functions that `train` and `predict` call themselves.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from lstmcli.errors import DataError, SettingsError, naming
from lstmcli.errors.findings import Finding, first_few, plural, refusal
from lstmcli.files.read import read_once
from lstmcli.forecasting.plan import Plan, decide
from lstmcli.jobs.builtin import builtin_network, builtin_rows, covariate_notes
from lstmcli.jobs.check.cost import Estimate, estimate_cost
from lstmcli.jobs.check.facts import Facts, SeasonFact, facts_of, season_facts
from lstmcli.jobs.check.irregular import irregular_findings, sort_findings, stamps_of
from lstmcli.jobs.check.lint import leaks, value_findings
from lstmcli.jobs.check.pasting import decided_settings, explicit_command
from lstmcli.jobs.check.told import mends_of
from lstmcli.learning.split import Split, split_panel
from lstmcli.network.architecture import Network
from lstmcli.series.endings import ending_notes
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.series.totals import total_notes
from lstmcli.settings.load import validate_settings
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.untrained import untrained_names
from lstmcli.tables.read import Table, panel_of, read_table
from lstmcli.tables.read.missing_cells import LEFT_MISSING
from lstmcli.tables.read.panels import roles_of
from lstmcli.tables.read.survey import UNUSED_ROLE, SurveyTimes, TableColumn, survey_columns
from lstmcli.tables.read.targets import LEFT_OUT

# Options that are asked for when the text of a table is known.
_OF_TIMES = {"day_first", "timezone", "step", "on_gap", "on_duplicate", "resample"}
_MOST_MENDS = 4  # settings that are tried together to make a table acceptable


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
    """The results of the stages before training, up to the one that fails.

    untrained: whether the built-in network is to forecast; `network` is then what takes the place of a plan
    """

    reader: "_Reader"
    settings: Settings
    untrained: bool = False
    network: Network | None = None
    table: Table | None = None
    roles: Roles | None = None
    panel: Panel | None = None
    plan: Plan | None = None
    split: Split | None = None
    error: DataError | None = None

    @property
    def season(self) -> int | None:
        """That the networks are told."""
        shape = self.plan.shape if self.plan else self.network.shape if self.network else None
        return shape.season if shape else None


def check_for_training(sources: Sequence[str], settings: Settings) -> CheckReport:
    """Whether `train` accepts a table. Raises InputMissing or SettingsError as `train` does; a DataError
    is reported."""
    return _check(_attempt(_Reader(sources), settings), sources)


def check_for_builtin(sources: Sequence[str], settings: Settings) -> CheckReport:
    """Whether `predict -m builtin` accepts a table; settings: as it takes them. Raises as
    `check_for_training`."""
    return _check(_attempt(_Reader(sources), settings, untrained=True), sources)


def _check(first: _Attempt, sources: Sequence[str]) -> CheckReport:
    settings = first.settings
    best, tried = _mended(first, {})
    seen = first if best is None or best.panel is None else best
    found = [refusal(first.error)] if first.error else []
    if seen.table is None:
        return CheckReport(" ".join(sources), False, findings=tuple(found))
    closed = seen.panel is not None and seen.panel.step.zeros  # days without a row there are no gaps
    stamps = stamps_of(seen.table, seen.roles, seen.panel.step if seen.panel and closed else None)
    refused = {"gap": settings.on_gap == "error", "duplicate-time": settings.on_duplicate == "error"}
    irregular = irregular_findings(stamps, refused if first.error else {})
    counted = not seen.settings.resample  # bins count their own gaps
    found += [finding for finding in irregular if counted or finding.kind != "gap"]
    columns = survey_columns(seen.table, seen.roles)
    found += _assumed(seen, columns, first)
    if seen.panel is not None:
        found += _of_values(seen, stamps)
    chosen = None if best is None else _chosen(best, tried)
    return CheckReport(
        data=seen.table.source,
        accepted=first.error is None,
        rows=len(seen.table.frame),
        columns=columns,
        facts=facts_of(seen.panel, stamps, _pattern_of(seen)),
        seasons=season_facts(seen.panel, seen.season),
        findings=sort_findings(found),
        estimate=_estimate(seen),
        settings=chosen,
        command=None
        if chosen is None
        else explicit_command(sources, chosen, settings.model_fields_set | tried.keys(), first.untrained),
    )


def _pattern_of(seen: "_Attempt") -> str | None:
    """How times are written, as far as it is known."""
    if seen.table is None or seen.roles is None:
        return None
    return seen.table.patterns.get(seen.roles.time)


def _mended(attempt: "_Attempt", tried: dict[str, Any]) -> "tuple[_Attempt | None, dict[str, Any]]":
    """The attempt that training accepts, with what the errors on the way name as mends; None where none
    leads there."""
    if attempt.error is None:
        return attempt, tried
    found: list[tuple[_Attempt, dict[str, Any]]] = []
    for mend in mends_of(attempt.error) if len(tried) < _MOST_MENDS else ():
        if mend.keys() <= tried.keys() or (attempt.untrained and not mend.keys() <= {*untrained_names()}):
            continue
        with suppress(SettingsError):  # a setting of the user that does not go with the mend
            chosen = attempt.settings.model_dump(exclude_unset=True) | mend
            changed = validate_settings(chosen, dict.fromkeys(chosen, "--set"))
            found.append((_attempt(attempt.reader, changed, attempt.untrained), tried | mend))
            if found[-1][0].error is None:
                return found[-1]
    for better, all_tried in (_mended(*each) for each in found):
        if better is not None:
            return better, all_tried
    return None, tried


def _chosen(best: _Attempt, tried: dict[str, Any]) -> dict[str, Any] | None:
    """The settings with which a table is accepted; None where it never is."""
    if best.error is not None or best.roles is None:
        return None
    joined = best.table.joined if best.table is not None else None
    parts = joined.columns if joined is not None and joined.name == best.roles.time else ()
    given = best.settings.model_fields_set | tried.keys()
    if best.network is not None and best.panel is not None:
        season = best.network.shape.season
        decided = {"season": season, "horizon": builtin_rows(best.panel, season, best.settings)}
        values = {n: v for n, v in best.settings.model_dump(mode="json").items() if n in untrained_names()}
        return decided_settings(values | decided, best.roles.without_covariates(), given, parts)
    return None if best.plan is None else decided_settings(best.plan.settings, best.roles, given, parts)


@dataclass
class _Reader:
    """Reads the table anew only where settings ask for other text; standard input and pipes once."""

    sources: Sequence[str]
    table: Table | None = None

    def read(self, settings: Settings) -> Table:
        """Raises what `read_table` raises."""
        options = settings.options
        known = self.table
        if known is not None and (read_once(self.sources) or _same_text(known, options)):
            self.table = replace(known, options=options)
        else:
            self.table = read_table(self.sources, options)
        return self.table


def _same_text(known: Table, now: ReadOptions) -> bool:
    """Whether another way of reading differs in times alone, which are looked at later; joined ones are made
    in a time zone."""
    looked_at = _OF_TIMES - ({"timezone"} if known.joined else set())
    before = known.options
    return all(
        getattr(before, f.name) == getattr(now, f.name) for f in fields(now) if f.name not in looked_at
    )


def _attempt(reader: _Reader, settings: Settings, untrained: bool = False) -> _Attempt:
    got = _Attempt(reader, settings, untrained)
    try:
        table = reader.read(settings)
        got = replace(got, table=table)
        panel, roles = panel_of(table, settings)
        got = replace(got, panel=panel, roles=roles)
        if untrained:
            return replace(got, network=builtin_network(panel, settings))
        with naming(table.source):
            plan = decide(panel, settings)
            return replace(got, plan=plan, split=split_panel(panel, plan))
    except DataError as error:
        got = replace(got, error=error)
    if got.roles is None and got.table is not None:
        try:
            table = got.table
            roles = roles_of(table, settings)
            got = replace(got, roles=roles)
        except DataError:
            return got
    return got


def _assumed(seen: _Attempt, columns: tuple[TableColumn, ...], first: _Attempt) -> Iterator[Finding]:
    """What was taken for what, and what serves for nothing. first: the attempt without mends."""
    unused = sum(column.role == UNUSED_ROLE for column in columns)
    notes = _notes(seen)
    plain = notes if seen is first else _notes(first)
    for note in notes:
        left_out = note.startswith(LEFT_OUT)
        said = note if note in plain else f"with the command below: {note}"
        if not note.startswith(LEFT_MISSING):  # which a finding of the values says
            yield Finding("note", "unused-column" if left_out else "assumed", said, unused if left_out else 1)


def _notes(attempt: _Attempt) -> list[str]:
    table, roles, panel, plan = attempt.table, attempt.roles, attempt.panel, attempt.plan
    told = roles.without_covariates() if roles and attempt.untrained else roles
    notes = [*(table.notes if table else ()), *(told.notes if told else ())]
    unused = covariate_notes(roles) if roles and attempt.untrained else ()
    endings = (*ending_notes(panel), *total_notes(panel)) if panel is not None else ()
    return [*notes, *endings, *(plan.notes if plan else unused)]


def _of_values(seen: _Attempt, stamps: SurveyTimes | None) -> Iterator[Finding]:
    panel, plan, roles = seen.panel, seen.plan, seen.roles
    assert panel is not None and roles is not None
    season = seen.season or 1
    logarithmic = plan is not None and plan.scaling.transform == "log"
    yield from value_findings(
        panel, season, logarithmic, lambda s, at: stamps.place_of(panel, s, at) if stamps else None
    )
    if not seen.untrained:
        yield from leaks(panel, roles.numeric(roles.past), roles.numeric(roles.future), season)
    if seen.split is not None:
        short = np.setdiff1d(np.arange(len(panel)), seen.split.training[0])
        if short.size:
            names = [panel.name(int(s)) for s in short]
            message = f"{plural(short.size, 'series', 'series')} too short to learn from: {first_few(names)}"
            yield Finding("note", "short-series", message, int(short.size))


def _estimate(seen: _Attempt) -> Estimate | None:
    if seen.panel is None or seen.roles is None or seen.plan is None or seen.split is None:
        return None
    windows, targets = len(seen.split.validation[0]), len(seen.roles.targets)
    return estimate_cost(seen.plan, seen.panel, windows, targets)
