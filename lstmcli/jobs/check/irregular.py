"""Repeated times and gaps of a table, as findings; and the order of findings."""

from collections.abc import Iterator, Mapping

from lstmcli.errors import DataError
from lstmcli.errors.findings import Finding, Severity, plural
from lstmcli.series.calendar import Step
from lstmcli.series.roles import Roles
from lstmcli.tables.read import Table
from lstmcli.tables.read.survey import SurveyTimes, survey_times


def stamps_of(table: Table, roles: Roles | None, step: Step | None = None) -> SurveyTimes | None:
    """The times of a table, None where they show no step; step: see `survey_times`."""
    try:
        return None if roles is None else survey_times(table, roles, step)
    except DataError:
        return None


def irregular_findings(stamps: SurveyTimes | None, refused: Mapping[str, bool]) -> Iterator[Finding]:
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
                message += stamps.mend_of(places)
            else:
                message = f"{plural(places.size, 'row')} in {many} repeat{'s' * (places.size == 1)} a time"
            severity: Severity = "error" if refused.get(kind) else "note"
            yield Finding(severity, kind, message, int(places.size), tuple(counts[:3]), first)


def sort_findings(found: list[Finding]) -> tuple[Finding, ...]:
    """Errors first."""
    order = ("error", "warning", "note")
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))
