"""The report of `predict`: the forecasts, and how far to trust them."""

from collections.abc import Iterable

from lstmcli.forecasting.closed import open_rows, panel_of_rows
from lstmcli.model_file import Model
from lstmcli.reports.forecast_parts import ForecastParts, ScenarioForecasts
from lstmcli.reports.html.data import data_section
from lstmcli.reports.html.forecast_beside import beside_sections
from lstmcli.reports.html.forecasts import forecasts_section, runs_of
from lstmcli.reports.html.markup import cards, finding, html_page
from lstmcli.reports.html.model import horizon_card, network_card, settings_section
from lstmcli.reports.html.scores import coverage_card, scores_section, skill_card
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel


def forecast_page(
    model: Model,
    panel: Panel,
    forecast: Forecast,
    source: str,
    notes: Iterable[str],
    command: str,
    beside: ForecastParts | ScenarioForecasts | None = None,
) -> str:
    """The page as HTML. source: what the data is called; notes: what was said of the data; beside: the parts
    of the forecasts of the first series, or those by another plan."""
    read, panel = panel, panel_of_rows(panel)
    steps = int(open_rows(forecast, read.step)[0].sum())
    scores = model.validation if model.network.is_trained else None
    targets = model.contract.roles.targets
    first = panel.shown_time(min(forecast.starts))
    last = panel.shown_time(max(forecast.times(s)[-1] for s in range(len(forecast.keys))))
    facts = (
        horizon_card(read.step, forecast.horizon, steps),
        ("from", first, f"to {last}"),
        *((skill_card(scores), *coverage_card(scores.coverage)) if scores else ()),
        network_card(model),
    )
    text = "The median and the intervals that hold their share of the values to come."
    other = beside.other if isinstance(beside, ScenarioForecasts) else None
    return html_page(
        f"Forecast of {', '.join(targets[:3])}",
        [
            cards(facts),
            *(finding(note) for note in notes),
            forecasts_section(
                "Forecast", panel, runs_of(panel, forecast), targets[0], text, numbers=True, other=other
            ),
            *beside_sections(panel, beside, targets[0]),
            *([scores_section(scores)] if scores else []),
            data_section(read, source, model.network.shape.season, targets),
            settings_section(model, command),
        ],
    )
