"""What a model is, on a page: its size, settings, and the command that made the page."""

from typing import Any

from lstmcli.errors.findings import plural
from lstmcli.model_file import Model
from lstmcli.reports.html.markup import details_block, html_table, paragraph, preformatted_block, section
from lstmcli.series.calendar import Step


def network_card(model: Model) -> tuple[str, str, str]:
    arch = model.network.arch
    if not model.network.is_trained:
        return "network", "built-in", "not trained on this file"
    members = f"{arch.members} members" if arch.members > 1 else "1 member"
    return "network", f"{arch.cell.upper()} {arch.layers} x {arch.hidden}", members


def horizon_card(step: Step, rows: int, steps: int) -> tuple[str, str, str]:
    """step: of the data; rows: that are forecast; steps: how many of them are at open times."""
    more = f", {step.duration(steps)}" if step.zeros else ""
    return "forecasts", plural(rows, "step"), step.of_rows.span(rows) + more


def settings_section(model: Model, command: str) -> str:
    """command: the command line, as it was typed."""
    trained = model.network.is_trained
    source = ", ".join(model.contract.data) or "standard input" if trained else "made-up series"
    rows = [(name, _shown(value)) for name, value in model.settings.items()]
    versions = [(name, version) for name, version in model.versions.items()]
    return section(
        "How it was made",
        preformatted_block([command]),
        paragraph(f"Training data: {source}", "quiet"),
        details_block("Settings in effect", html_table(("setting", "value"), rows, texts=2)),
        details_block("Versions", html_table(("package", "version"), versions, texts=2)),
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None else str(value)
