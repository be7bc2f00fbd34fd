"""The report for a terminal: plain text within 80 columns, without colours."""

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.gates.figures import FigureChange
from lstmcli.gates.findings import GateFinding
from lstmcli.gates.gradients import GradientReach
from lstmcli.gates.inspection import Inspection
from lstmcli.gates.memory import LayerMemory
from lstmcli.gates.report import GateReport
from lstmcli.gates.statistics import GateSummary
from lstmcli.network.cells import EQUATIONS, GATES, LETTERS, MEMORY_GATE, gate_label
from lstmcli.reports.text.gate_words import (
    beyond_window,
    facts_of_builtin,
    share_line,
    signed_percent,
    use_words,
)
from lstmcli.series.arrays import Array

WIDTH = 79
_ROWS = 8  # lags and numbers of steps shown
_BAR = 20
_DECADES = 3  # of the gradient that a bar spans
# From empty to full: bars of a histogram, shades of a strip, and the sign of a bar.
UNICODE = ("▁▂▃▄▅▆▇█", " ░▒▓█", "█")
ASCII_SIGNS = ("_.-=+*%#", " .-+#", "#")
BarSigns = tuple[str, str, str]


def bar_signs(encoding: str | None) -> BarSigns:
    """Block characters where a stream can show them, else ASCII."""
    try:
        "".join(UNICODE).encode(encoding or "ascii")
    except (UnicodeError, LookupError):
        return ASCII_SIGNS
    return UNICODE


def gate_report_text(inspection: Inspection, signs: BarSigns) -> str:
    """All sections."""
    report = inspection.report
    sections = [
        wrapped_facts(header(report)),
        ["equations", textwrap.indent(EQUATIONS[report.arch.cell], "  ")],
        list(_gates(report, signs)),
        list(_memory(report)),
        list(_by_lag(report, signs)),
        list(_use(report, inspection.stamps)),
        identity_lines(report),
        list(_findings(inspection.findings)),
    ]
    if inspection.drifts:
        sections.append(list(drift_lines(inspection.drifts)))
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def wrapped_facts(facts: Sequence[str]) -> list[str]:
    """Lines of the header, long ones broken."""
    return [line for fact in facts for line in _wrapped(fact, "  ")]


def header(report: GateReport) -> list[str]:
    """What it has of the forecast, and what was looked at; a line each."""
    arch = report.arch
    values = plural(arch.segment, "value")
    wanted = (
        f" (of {report.wanted:,} wanted: no more differ or fit)" if report.windows < report.wanted else ""
    )
    which = "built-in" if report.builtin else f"member {report.member + 1} of {arch.members}"
    return [
        share_line(report),
        f"{arch.cell.upper()}, {arch.layers} x {arch.hidden} units, {which}",
        *facts_of_builtin(report),
        f"{plural(report.windows, 'window')}{wanted} of {report.series:,} series",
        f"a window has {_steps(arch.steps)}; one step reads {values}: {report.duration(1)}",
    ]


def memory_letter(cell: str) -> str:
    """f of the LSTM, z of the GRU; not for the plain RNN."""
    gate = MEMORY_GATE[cell]
    assert gate is not None
    return LETTERS[cell][GATES[cell].index(gate)]


def _gates(report: GateReport, signs: BarSigns) -> Iterator[str]:
    yield f"layer {'gate':<21}{'mean':>6}{'p5':>7}{'p50':>7}{'p95':>7}{'closed':>8}{'open':>7}  0 to 1"
    for gate in report.gates:
        yield (
            f"{gate.layer + 1:<6}{gate_label(report.arch.cell, gate.gate):<21}{gate.mean:>6.3f}"
            f"{gate.p5:>7.3f}{gate.p50:>7.3f}{gate.p95:>7.3f}{gate.closed:>8.1%}{gate.open:>7.1%}"
            f"  {histogram(gate, signs)}"
        )
    yield "closed: below 0.1 (a candidate, from -1 to 1: below -0.9); open: above 0.9"
    for gate in report.gates:
        if gate.seasonal is not None:
            season = report.seasons[0]
            yield (
                f"half is left after the {season.name} season "
                f"({memory_letter(report.arch.cell)} >= {0.5 ** (1 / season.steps):.4g}), "
                f"layer {gate.layer + 1}: {gate.seasonal:.1%}"
            )


def histogram(gate: GateSummary, signs: BarSigns) -> str:
    """One sign per bin, as high as its share of the fullest."""
    most = max(gate.histogram)
    return "".join(signs[0][round(share / most * (len(signs[0]) - 1))] for share in gate.histogram)


def _memory(report: GateReport) -> Iterator[str]:
    if report.memory[0].half_lives is None:
        yield "memory: a plain RNN has no gate for it"
        return
    yield f"memory: half-life of a unit, -ln 2 / mean(ln {memory_letter(report.arch.cell)})"
    for layer in report.memory:
        yield from _layer_memory(layer, report)
    yield from _wrapped(beyond_window(report), "")


def _layer_memory(layer: LayerMemory, report: GateReport) -> Iterator[str]:
    assert layer.half_lives is not None and layer.resets is not None and layer.runs is not None
    names = ("quarter of the units below", "half below", "three quarters below", "longest")
    for name, steps in zip(names, np.percentile(layer.half_lives, [25, 50, 75, 100]), strict=True):
        yield f"  layer {layer.layer + 1}  {name:<28}{steps:>9.2f} steps  {report.duration(steps)}"
    for season, units in zip(report.seasons, layer.reached, strict=True):
        many = f"{units} of {report.arch.hidden} units" if units else "none"
        yield f"           {season.name} season, {_steps(season.steps)}: {many}"
    letter = memory_letter(report.arch.cell)
    yield (
        f"           resets ({letter} below 0.1): {layer.resets.mean():.1%}; longest run "
        f"without {np.median(layer.runs):.1f} of {_steps(report.arch.steps)}"
    )


def format_figure(value: float) -> str:
    """Four digits, without an exponent where that is readable."""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def _steps(steps: float) -> str:
    return "1 step" if steps == 1 else f"{steps:.3g} steps"


def sample_indices(count: int) -> list[int]:
    """All of 0 to count - 1 where they are few, else some that get sparser, first and last among them."""
    if count <= _ROWS:
        return list(range(count))
    return sorted({0, *np.geomspace(1, count - 1, _ROWS - 1).round().astype(int).tolist()})


def _by_lag(report: GateReport, signs: BarSigns) -> Iterator[str]:
    yield "by lag: gradient of the forecast L, the sum of the medians ahead"
    for reach in report.gradient:
        yield from _gradient_rows(reach, report, signs)
        yield from _gradient_lines(reach, report)
    if report.contributions:
        gate = MEMORY_GATE[report.arch.cell]
        yield f"path: product of the {gate} gates; held: share of the state no older;"
    yield "input: share no older of what the forecast depends on (gradient x input)"
    carrier = "dL/dc" if report.arch.cell == "lstm" else "dL/dh"
    yield f"bars: {carrier} on a logarithmic scale, empty at 1/1000 of lag 0"
    parts = [
        f"{name} {share:.0%}"
        for name, share in list(report.attribution.by_group().items())[:6]
        if share >= 0.005
    ]
    yield from _wrapped("the forecast depends on: " + ", ".join(parts), "")


def _gradient_rows(reach: GradientReach, report: GateReport, signs: BarSigns) -> Iterator[str]:
    columns: list[tuple[str, Array | None, str]] = [
        ("dL/dh", reach.h, ".2g"),
        ("dL/dc", reach.c, ".2g"),
        ("path", reach.path, ".2g"),
        ("held", report.contributions[reach.layer].share.cumsum() if report.contributions else None, ".0%"),
        ("input", report.attribution.by_lag(report.arch.steps).cumsum() if reach.layer == 0 else None, ".0%"),
    ]
    present = [(name, values, form) for name, values, form in columns if values is not None]
    yield f"layer {reach.layer + 1} lag{'time':>17}" + "".join(f"{name:>8}" for name, _, _ in present)
    for lag in sample_indices(len(reach.h)):
        line = f"{lag:>11}{report.duration(lag):>17}"
        line += "".join(f"{format(values[lag], form):>8}" for _, values, form in present)
        part = reach.carrier[lag] / reach.carrier[0] if reach.carrier[0] > 0 else 0.0
        full = 1 + np.log10(part) / _DECADES if part > 0 else 0.0
        room = max(min(_BAR, WIDTH - len(line) - 1), 0)
        yield f"{line} {signs[2] * round(room * min(max(full, 0.0), 1.0))}".rstrip()


def _gradient_lines(reach: GradientReach, report: GateReport) -> Iterator[str]:
    if reach.decay is not None:
        yield f"  times {reach.decay:.3g} per step back (R2 of the exponential {reach.fit:.2f})"
    if reach.vanishes is None:
        yield f"  not below 1/1000 of lag 0 within {report.duration(report.arch.steps)}"
    else:
        yield (
            f"  below 1/1000 of lag 0 from {_steps(reach.vanishes)} on ({report.duration(reach.vanishes)})"
        )
    if reach.tanh is not None and reach.matrix is not None and len(reach.tanh):
        tanh, matrix = reach.tanh.mean(), reach.matrix.mean()
        yield f"  per step, mean over all lags: tanh' {tanh:.3f}, recurrent matrix {matrix:.3f}"


def _use(report: GateReport, stamps: Sequence[str]) -> Iterator[str]:
    use, arch = report.use, report.arch
    if use.horizon is None or use.error is None:
        yield "use: not measured, no window is followed by known values"
    else:
        yield f"use: error when only the last steps are fed (scaled MAE of {plural(use.windows, 'window')})"
        picked = sample_indices(len(use.steps))
        yield "  steps " + "".join(f"{use.steps[k]:>8}" for k in picked)
        yield "  error " + "".join(f"{use.errors[k]:>8.3f}" for k in picked)
        yield (
            f"  enough for the error to 1 %: the last {_steps(use.horizon)} ({report.duration(use.horizon)})"
        )
        for layer in range(arch.layers):
            parts = [f"{g.gate} {signed_percent(g.change)}" for g in use.frozen if g.layer == layer]
            held = f"  error with a gate held at its mean, layer {layer + 1}: {', '.join(parts)}"
            yield from _wrapped(held, "    ")
        for text in use_words(report):
            yield from _wrapped(f"  {text}", "    ")
    for event, stamp in zip(use.forgets, stamps, strict=True):
        lead = "  forgets most at " if event is use.forgets[0] else " " * 18
        yield f"{lead}{stamp}, mean {MEMORY_GATE[arch.cell]} gate {event.memory_gate:.3f}"


def identity_lines(report: GateReport) -> list[str]:
    """The identities, with the largest relative difference found."""
    lines = []
    for identity in report.identities:
        state = "" if identity.holds else f"  FAILS, {identity.allowed:.0e} is allowed"
        lines += _wrapped(f"  {identity.text}: {identity.shown}{state}", "    ")
    return ["checked, with the largest relative difference", *lines]


def _findings(found: Sequence[GateFinding]) -> Iterator[str]:
    yield "findings"
    if not found:
        yield "  nothing stands out"
    for finding in found:
        yield from _wrapped(f"  {finding.text}; {finding.action} [{finding.id}]", "    ")


def drift_lines(drifts: Sequence[FigureChange]) -> Iterator[str]:
    """What has changed since the baseline."""
    yield f"{'since the baseline':<22}{'then':>10}{'now':>10}{'change':>10}"
    for drift in drifts:
        texts = ["-" if v is None else f"{v:.3g}" for v in (drift.then, drift.now)]
        change = "-" if drift.change is None else f"{drift.change:+.3g}"
        yield f"  {drift.name:<20}{texts[0]:>10}{texts[1]:>10}{change:>10}"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
