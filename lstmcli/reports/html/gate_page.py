"""The whole report of `inspect-gates` as one page."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.errors.foreign import shown
from lstmcli.gates.cell_study.wording import percent
from lstmcli.gates.explorer import ExplorerWindows
from lstmcli.gates.gradients import GradientReach
from lstmcli.gates.inspection import Inspection
from lstmcli.gates.report import GateReport
from lstmcli.network.cells import EQUATIONS, MEMORY_GATE, gate_label, state_label
from lstmcli.reports.html.explorer import explorer_script, explorer_section
from lstmcli.reports.html.gate_figures import drift_table, figure_cards
from lstmcli.reports.html.markup import (
    aligned_numbers,
    details_block,
    embed_json,
    finding,
    html_page,
    html_table,
    joined,
    paragraph,
    picture,
    preformatted_block,
    section,
    share_bars,
)
from lstmcli.reports.text.explanation import explanation_rows
from lstmcli.reports.text.gate_words import (
    beyond_window,
    feature_meaning,
    plain_header,
    share_line,
    signed_percent,
    use_words,
)
from lstmcli.reports.text.gates import sample_indices
from lstmcli.reports.text.gates_json import summary
from lstmcli.series.arrays import Array

_COLUMNS = {"network": "this network", "forecast": "forecast", "observed": "observed"}


class PagePicture(Protocol):
    """A picture of `lstmcli.reports.pictures`, which this layer does not know."""

    @property
    def name(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def content(self) -> bytes: ...


def gate_page(
    inspection: Inspection,
    pictures: Mapping[str, PagePicture],
    name: str,
    held: ExplorerWindows | None = None,
) -> str:
    """The page as HTML. pictures: SVG, by their name; name: what the data is called; held: the windows of the
    explorer, None for a page without it."""
    report = inspection.report
    show = _Shown(pictures)
    body = [
        *(paragraph(line, "quiet facts") for line in plain_header(report)),
        explorer_section(held, report, name) if held else "",
        section("What stands out", *_findings(inspection)),
        section("What the forecast depends on", *_depends_on(report)),
        section("One forecast", show("window"), *_rests_on(inspection)),
        section("The gates over time", show("memory_gates_over_time"), *_forgets(inspection)),
        section("Memory", show("half_lives"), _memory(report)),
        section("Gradient", show("gradient_by_lag"), show("factors_by_lag"), *_gradient(report)),
        section("Gates", show("closed_open"), _gates(report), *_all_gates(show)),
        section("What the forecast needs", show("error_by_steps"), *_use(report)),
        section("What the state holds", show("content_by_age")),
        section("Since the baseline", drift_table(inspection)),
        section("Main figures", figure_cards(inspection)),
        section("Checked", _identities(report)),
        section("Equations", preformatted_block(EQUATIONS[report.arch.cell].splitlines())),
        embed_json(_six_digits(summary(inspection)), "summary"),
    ]
    script = explorer_script() if held else ""
    return html_page(f"{report.arch.cell.upper()} gates on {name}", body, script)


class _Shown:
    """Pictures by name as HTML; nothing for one that there is not."""

    def __init__(self, pictures: Mapping[str, PagePicture]) -> None:
        self._pictures = pictures

    def __call__(self, name: str) -> str:
        found = self._pictures.get(name)
        return "" if found is None else picture(found.content, name, found.text)


def _six_digits(value: Any) -> Any:
    """A document with numbers of six digits: half as large."""
    if isinstance(value, dict):
        return {name: _six_digits(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_six_digits(one) for one in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _findings(inspection: Inspection) -> Iterator[str]:
    if not inspection.findings:
        yield paragraph("Nothing stands out.")
    for found in inspection.findings:
        yield finding(found.text, found.action, found.id)


def _depends_on(report: GateReport) -> Iterator[str]:
    found, many = report.attribution, report.arch.steps
    recent = found.by_lag(many).cumsum()
    half = int(np.searchsorted(recent, 0.5)) + 1
    yield share_bars(
        (name, f"{share:.0%}", f"{share:.1%}", feature_meaning(report, name))
        for name, share in found.by_group().items()
        if share >= 0.005
    )
    yield paragraph(
        f"How strongly the forecast of the network reacts to what it reads: gradient times input, |dL/dx x|, "
        f"L the sum of the medians ahead, mean of {plural(report.windows, 'window')}. It does not say "
        "whether this makes the forecast better; what the forecast needs is measured below.",
        "quiet",
    )
    if many > 1:
        yield paragraph(
            f"The last step alone has {recent[0]:.0%} of it, and half of it is from the last "
            f"{plural(half, 'step')} of {many} ({report.duration(half)})."
        )


def _rests_on(inspection: Inspection) -> Iterator[str]:
    seen = inspection.window
    if seen is None:
        return
    series = f" of {shown(inspection.name)}" if inspection.name else ""
    yield paragraph(
        f"The forecast{series} made when {seen.shown(seen.times[-1])} was the last value known. "
        "The gates are those of this network; the forecast is that of the model, with all that is mixed in.",
        "quiet",
    )
    shown_rows = explanation_rows(seen)
    columns = [_aligned_known(values) for _, values in shown_rows]
    rows = [(seen.shown(time), *texts) for time, *texts in zip(seen.ahead, *columns, strict=True)]
    head = ("time", *(_COLUMNS[name] for name, _ in shown_rows))
    yield details_block("The forecast in numbers", html_table(head, rows))


def _aligned_known(values: Array) -> list[str]:
    """As `aligned_numbers`, with a dash for what is missing."""
    known = np.isfinite(values)
    texts = np.full(len(values), "-", object)
    texts[known] = aligned_numbers(values[known])
    return [str(text) for text in texts]


def _forgets(inspection: Inspection) -> Iterator[str]:
    rows = [
        (stamp, f"{event.memory_gate:.3f}")
        for stamp, event in zip(inspection.stamps, inspection.report.use.forgets, strict=True)
    ]
    if rows:
        yield paragraph("It forgets most at:")
        yield html_table(("time", f"mean {MEMORY_GATE[inspection.report.arch.cell]} gate"), rows)


def _layer(report: GateReport, layer: int) -> str:
    """What a row of a layer begins with; nothing where there is one layer."""
    return f"layer {layer + 1}: " if report.arch.layers > 1 else ""


def _gate_name(report: GateReport, gate: str) -> str:
    """The plain RNN has none: its candidate is the hidden state itself."""
    return state_label("h") if report.arch.cell == "rnn" else gate_label(report.arch.cell, gate)


def _memory(report: GateReport) -> str:
    rows = []
    for layer in report.memory:
        if layer.half_lives is None:
            return paragraph(
                "A plain RNN has no gate for it, and so no half-life. How far back it can learn from is "
                "what the gradient below says."
            )
        for name, q in (("a quarter of the units below", 25), ("half below", 50), ("longest", 100)):
            steps = float(np.percentile(layer.half_lives, q))
            rows.append(
                (f"{_layer(report, layer.layer)}{name}", f"{steps:.2f} steps", report.duration(steps))
            )
        for season, units in zip(report.seasons, layer.reached, strict=True):
            many = f"{units} of {report.arch.hidden} units"
            rows.append(
                (f"{_layer(report, layer.layer)}{season.name} season", f"{season.steps:.3g} steps", many)
            )
    beyond = beyond_window(report)
    return joined([html_table(("half-life", "", ""), rows), paragraph(beyond) if beyond else ""])


def _gradient(report: GateReport) -> Iterator[str]:
    for reach in report.gradient:
        if reach.decay is not None and reach.fit is not None:
            yield paragraph(
                f"Layer {reach.layer + 1}: times {reach.decay:.3g} per step back "
                f"(R² of the exponential {reach.fit:.2f})."
            )
        yield from _why_it_forgets(reach)
        rows = [
            (
                lag,
                report.duration(lag),
                f"{reach.h[lag]:.3g}",
                "-" if reach.c is None else f"{reach.c[lag]:.3g}",
                "-" if reach.path is None else f"{reach.path[lag]:.3g}",
            )
            for lag in sample_indices(len(reach.h))
        ]
        yield details_block(
            f"Layer {reach.layer + 1} in numbers",
            html_table(("lag", "time", "dL/dh", "dL/dc", "path"), rows),
        )


def _why_it_forgets(reach: GradientReach) -> Iterator[str]:
    """Of the plain RNN, in the numbers of this network."""
    if reach.tanh is None or reach.matrix is None or not len(reach.tanh):
        return
    tanh, matrix = float(reach.tanh.mean()), float(reach.matrix.mean())
    last = len(reach.tanh)
    left = float(reach.h[last] / reach.h[0]) if reach.h[0] > 0 else 0.0
    yield paragraph(
        f"Every step back multiplies it by the slope of tanh ({tanh:.2f} on average) and by the matrix W "
        f"({matrix:.2f}). Over {plural(last, 'step')} {percent(left)} of it is left: what it does not bring "
        "back, training cannot learn to keep."
    )


def _gates(report: GateReport) -> str:
    rows = [
        (
            f"{_layer(report, g.layer)}{_gate_name(report, g.gate)}",
            *(f"{v:.3f}" for v in (g.mean, g.p5, g.p50, g.p95)),
            f"{g.closed:.1%}",
            f"{g.open:.1%}",
        )
        for g in report.gates
    ]
    return html_table(("gate", "mean", "p5", "p50", "p95", "below 0.1", "above 0.9"), rows)


def _all_gates(show: _Shown) -> Iterator[str]:
    every = show("gates_over_time")
    if every:
        yield details_block("Every gate over time", every)


def _use(report: GateReport) -> Iterator[str]:
    use = report.use
    if use.horizon is None:
        yield paragraph("Not measured: no window is followed by known values.")
        return
    rows = [
        (f"{_layer(report, g.layer)}{_gate_name(report, g.gate)}", signed_percent(g.change))
        for g in use.frozen
    ]
    for text in use_words(report):
        yield paragraph(text)
    share = "" if report.share == 1 else f" These are errors of the network alone: {share_line(report)}."
    yield paragraph(
        f"An error is the mean absolute error of {plural(use.windows, 'window')}, in scaled units: a "
        f"forecast is divided by the scale of its window.{share}",
        "quiet",
    )
    yield html_table(("gate held at its mean", "change of the error"), rows)


def _identities(report: GateReport) -> str:
    rows = [(i.text, i.shown, f"{i.allowed:.0e}", "yes" if i.holds else "NO") for i in report.identities]
    return html_table(("what must agree", "largest relative difference", "allowed", "holds"), rows)
