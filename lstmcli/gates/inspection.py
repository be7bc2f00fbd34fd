"""One look into a model: the report, what stands out in it, what changed, one forecast explained."""

from dataclasses import dataclass

from lstmcli.errors import DataError, LstmcliError
from lstmcli.gates.explanation import Explanation, explain
from lstmcli.gates.figures import FigureChange, figure_changes, figures
from lstmcli.gates.findings import GateFinding, findings
from lstmcli.gates.report import GateReport, study
from lstmcli.network.architecture import USUAL_WEIGHT, Network
from lstmcli.series.panel import Panel


@dataclass(frozen=True)
class Inspection:
    """All that is reported, whatever the form.

    figures   the main ones by name, see `figures.FIGURES`
    drifts    their change since the baseline; empty without one
    stamps    time (and series) of each of `report.use.forgets`, as text
    window    one forecast explained, None where --at is not given
    name      of its series
    """

    report: GateReport
    figures: dict[str, float | None]
    findings: tuple[GateFinding, ...]
    drifts: list[FigureChange]
    stamps: tuple[str, ...]
    window: Explanation | None = None
    name: str = ""


def inspect_member(
    network: Network,
    panel: Panel,
    windows: int,
    member: int = 0,
    known: tuple[str, ...] = (),
    at: tuple[int, int] | None = None,
    then: dict[str, float | None] | None = None,
) -> Inspection:
    """Looks into one member.

    known: names of the covariate columns; at: series and origin of the forecast to explain;
    then: figures of a report of before.
    """
    report = study(network, panel, windows, member, known)
    now = figures(report)
    return Inspection(
        report=report,
        figures=now,
        findings=findings(report),
        drifts=figure_changes(then, now) if then is not None else [],
        stamps=_stamps(report, panel),
        window=explain(network, panel, *at, member, known) if at is not None else None,
        name=panel.exact_name(at[0]) if at is not None else "",
    )


def _stamps(report: GateReport, panel: Panel) -> tuple[str, ...]:
    stamps = []
    for event in report.use.forgets:
        time = panel.shown_time(panel.times(event.series, event.position, 1)[0])
        name = panel.name(event.series)
        stamps.append(f"{time} ({name})" if name and len(panel) > 1 else time)
    return tuple(stamps)


def check_identities(report: GateReport, network: Network) -> None:
    """Raises LstmcliError where what must agree does not: the figures are then wrong; DataError for weights
    that are too large to compute with."""
    broken = [i for i in report.identities if not i.holds]
    if broken and not network.is_usual:
        said = f"its weights are beyond {USUAL_WEIGHT:g}: what its gates do is lost in rounding"
        raise DataError("damaged-model", said)
    if broken:
        numbers = "; ".join(f"{i.id}: {i.difference:.3g}, {i.allowed:.0e} is allowed" for i in broken)
        raise LstmcliError(f"the figures contradict each other, please report it ({numbers})")
