"""The main figures of the gates on a page, and what has changed since the baseline."""

from lstmcli.gates.figures import FIGURE_UNITS, FIGURES
from lstmcli.gates.inspection import Inspection
from lstmcli.reports.html.markup import cards, html_table
from lstmcli.reports.text.gates import format_figure


def drift_table(inspection: Inspection) -> str:
    """What has changed since the baseline."""
    rows = [(d.name, _figure(d.then), _figure(d.now), _figure(d.change, "+")) for d in inspection.drifts]
    return html_table(("figure", "then", "now", "change"), rows)


def figure_cards(inspection: Inspection) -> str:
    """Every main figure with its unit and its meaning."""
    return cards((name, *_card(inspection, name, value)) for name, value in inspection.figures.items())


def _card(inspection: Inspection, name: str, value: float | None) -> tuple[str, str]:
    """A figure as conditions know it, and its unit with a few words."""
    unit, meaning, most = FIGURE_UNITS[name], FIGURES[name], inspection.report.arch.context
    if value is None:
        return "-", meaning
    if unit == "share":
        unit = f"{value:.1%}"
    elif unit == "observations":
        unit += f", {inspection.report.step.duration(value)}"
    if name == "longest" and value > most:
        meaning += f"; beyond the {most} that are read: reckoned, not seen"
    return format_figure(value), f"{unit}: {meaning}"


def _figure(value: float | None, sign: str = "") -> str:
    return "-" if value is None else f"{value:{sign}.4g}"
