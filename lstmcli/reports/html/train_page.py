"""The report of `train`: the data, how it was learned, and how good it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lstmcli.gates.inspection import Inspection
from lstmcli.model_file import Model
from lstmcli.reports.html.data import data_section
from lstmcli.reports.html.forecasts import OriginForecast, forecasts_section
from lstmcli.reports.html.learning import LossHistory, learning_section
from lstmcli.reports.html.markup import (
    cards,
    details_block,
    html_page,
    html_table,
    paragraph,
    picture,
    section,
)
from lstmcli.reports.html.model import horizon_card, network_card, settings_section
from lstmcli.reports.html.scores import coverage_card, scores_section, skill_card
from lstmcli.reports.pictures.gates import NamedPicture
from lstmcli.series.panel import Panel


@dataclass(frozen=True)
class TrainingStory:
    """All that the page tells.

    source   what the data is called
    course   losses of the run
    runs     forecasts by number of series: over values held out, and beyond the end
    gates    a look into the first member, and pictures of it
    notes    what was assumed
    command  the command line, as it was typed
    """

    model: Model
    panel: Panel
    source: str
    course: LossHistory
    runs: Mapping[int, Sequence[OriginForecast]]
    gates: Inspection
    pictures: Sequence[NamedPicture]
    notes: Iterable[str]
    command: str


def train_page(story: TrainingStory) -> str:
    """The page as HTML."""
    model, panel = story.model, story.panel
    scores, targets = model.validation, model.contract.roles.targets
    shape = model.network.shape
    facts = (
        skill_card(scores),
        *coverage_card(scores.coverage),
        horizon_card(model.contract.step, model.horizon, shape.horizon),
        network_card(model),
    )
    text = (
        "The last forecasts over values that training did not see, by the networks that were judged on "
        "them, which also set the width of the intervals; and the one beyond the end. Dotted: the last "
        "value each knew."
    )
    return html_page(
        f"Model of {', '.join(targets[:3])}",
        [
            cards(facts),
            *(paragraph(note, "quiet") for note in story.notes),
            forecasts_section("Forecasts", panel, story.runs, targets[0], text, numbers=False),
            scores_section(scores),
            learning_section(story.course, model.report["members"]),
            data_section(panel, story.source, shape.season, targets),
            _gates(story),
            settings_section(model, story.command),
        ],
    )


def _gates(story: TrainingStory) -> str:
    report, figures = story.gates.report, story.gates.figures
    many = f" of {report.arch.members}" if report.arch.members > 1 else ""
    shown = [
        ("mean forget gate", figures.get("forget"), ""),
        ("mean update gate", figures.get("update"), ""),
        ("half-life, median", figures["half_life"], "duration"),
        ("half-life, longest", figures["longest"], "duration"),
        ("reach of the gradient", figures["reach"], "duration"),
        ("values that the forecast uses", figures["use"], "duration"),
        ("dead units", figures["dead"], "share"),
    ]
    rows = [(name, _figure(story, value, kind)) for name, value, kind in shown if value is not None]
    findings = [(f.text, f.action) for f in story.gates.findings]
    return section(
        "Gates",
        paragraph(f"Member 1{many}; lstmcli inspect-gates tells more.", "quiet"),
        html_table(("figure", "value"), rows),
        details_block("What stands out", html_table(("finding", "to try"), findings, texts=2))
        if findings
        else "",
        *(picture(p.content, p.name, p.text) for p in story.pictures),
    )


def _figure(story: TrainingStory, value: float, kind: str) -> str:
    if kind == "share":
        return f"{value:.1%}"
    return story.panel.step.duration(value) if kind == "duration" else f"{value:.3f}"
