"""The lesson of `inspect-gates --cells` as a page."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.gates.cell_study.curves import CARRIERS, GradientBand
from lstmcli.gates.cell_study.lesson import (
    comes_back,
    factor_curves,
    lesson_sentences,
    middle_start,
    own_starts,
    step_factors,
)
from lstmcli.gates.cell_study.recall_results import RecallResult
from lstmcli.gates.cell_study.results import Study
from lstmcli.gates.cell_study.verdict import study_verdict
from lstmcli.gates.cell_study.wording import CELL_NAMES, curve_name, error_range, percent, three_digits
from lstmcli.network.cells import EQUATIONS
from lstmcli.reports.html.axes import Axis, count_axis, log_axis, number_axis
from lstmcli.reports.html.charts import ChartLine, Mark, chart
from lstmcli.reports.html.markup import (
    chart_row,
    details_block,
    embed_json,
    finding,
    html_page,
    html_table,
    meaning_list,
    paragraph,
    preformatted_block,
    section,
)
from lstmcli.reports.text.cell_study import fairness, learned_words
from lstmcli.reports.text.cell_study_json import study_document
from lstmcli.series.arrays import Array

_FLOOR = 1e-6  # of lag 0; smaller gradients lie on the lower edge
_LOOKS = {"rnn": "simple", "gru": "other1", "lstm": "forecast"}


@dataclass(frozen=True)
class _Shown:
    """A curve: of which cell, which quantity, how it looks and what it is called."""

    cell: str
    quantity: str
    look: str
    name: str


_ALL = (
    *(_Shown(cell, carrier, _LOOKS[cell], curve_name(cell, carrier)) for cell, carrier in CARRIERS.items()),
    _Shown("lstm", "path", "other5", "LSTM, product of f"),
    _Shown("lstm", "dL_dh", "other4", curve_name("lstm", "dL_dh")),
)
_WORDS = (
    ("dL/dh, dL/dc", "how much the error at the end changes with h or c some steps before: the gradient"),
    ("lag", "steps back from the end"),
    ("vanishing", "the gradient gets smaller with every step back, until learning finds nothing in it"),
    (
        "product of f",
        "the path through the cell state alone, the mean of the units: c = f * c_prev + i * g, so dc/dc_prev "
        "is f",
    ),
    (
        "tanh', W",
        "what the RNN multiplies its gradient by, each step back: the slope of tanh, and the matrix",
    ),
    (
        "recall",
        "one value is marked, others that mean nothing follow; at the end the marked one is asked for",
    ),
)


def cell_page(study: Study) -> str:
    """The page as HTML."""
    lesson = list(lesson_sentences(study))
    *rest, last = [text for text in study_verdict(study).sentences if text not in lesson]
    body = [
        paragraph(
            "RNN, GRU and LSTM of as many parameters, side by side: on a task that needs memory, and on "
            "your data.",
            "quiet",
        ),
        section("What this run shows", *map(finding, (*lesson, last))),
        section("Recall: a task that needs memory", *_recall(study)),
        section("Why: the gradient on its way back", *_why(study)),
        section("After training", *_after(study)),
        section("Your data", *_data(study, rest)),
        section("How it was made fair", *(paragraph(text) for text in fairness(study))),
        section("The words", meaning_list(_WORDS)),
        section(
            "Equations",
            *(
                details_block(CELL_NAMES[cell], preformatted_block(EQUATIONS[cell].splitlines()))
                for cell in EQUATIONS
            ),
        ),
        embed_json(study_document(study), "summary"),
    ]
    return html_page("What the LSTM is for", body)


def _recall(study: Study) -> Iterator[str]:
    if not study.recalled:
        return
    delays = study.design.delays
    yield paragraph(
        "Repeat the value seen D steps before. The values between mean nothing. Who learns it, after how "
        f"many steps of training, {study.design.recall.steps:,} at most?"
    )
    head = ("", *(f"D = {delay}" for delay in delays))
    yield html_table(head, [_row(study, cell, learned_words) for cell in study.design.archs])
    for middle in middle_start(study):
        yield paragraph(
            f"Steps until it was learned, {middle}; where not all learned it, how many did.", "quiet"
        )
    yield paragraph("Of the gradient at the end, this much reaches the value, before training:")
    yield html_table(
        head, [_row(study, cell, lambda r: percent(comes_back(r))) for cell in study.design.archs]
    )
    yield from (paragraph(text, "quiet") for text in own_starts(study))
    yield chart_row([_errors_by_delay(study), _back_by_delay(study)])


def _row(study: Study, cell: str, text: Callable[[RecallResult], str]) -> tuple[str, ...]:
    return (CELL_NAMES[cell], *map(text, study.recalls(cell)))


def _delay_axis(delays: Sequence[int]) -> Axis:
    last = max(len(delays) - 1, 1)
    ticks = tuple((float(k), str(delay)) for k, delay in enumerate(delays))
    return Axis(-0.08 * last, 1.08 * last, ticks, "D, steps between the value and its recall")


def _errors_by_delay(study: Study) -> str:
    lines = [
        _by_delay(cell, np.array([result.error for result in study.recalls(cell)]))
        for cell in study.design.archs
    ]
    text = "Share of the variance of the value that is left: 0 is recalled, 1 is nothing known."
    text += "".join(
        f" It is the {middle}, so one that learned it may not show." for middle in middle_start(study)
    )
    up = Axis(-0.05, 1.05, tuple((k / 4, f"{k / 4:g}") for k in range(5)), "error")
    return chart("The error against D", lines, _delay_axis(study.design.delays), up, text, tall=False)


def _back_by_delay(study: Study) -> str:
    delays = study.design.delays
    shares = {cell: [comes_back(result) for result in study.recalls(cell)] for cell in study.design.archs}
    lines = [_by_delay(cell, _logarithms(np.array(values))) for cell, values in shares.items()]
    lowest = max(min(min(values) for values in shares.values()), _FLOOR)
    up = log_axis(lowest, 1.0, "share of the gradient")
    text = "Before training, of the gradient at the end: what reaches the value D steps back."
    return chart("What comes back from D steps", lines, _delay_axis(delays), up, text, tall=False)


def _by_delay(cell: str, values: Array) -> ChartLine:
    x = np.arange(len(values), dtype=np.float64)
    return ChartLine(x, values, _LOOKS[cell], CELL_NAMES[cell], dots=True)


def _why(study: Study) -> Iterator[str]:
    if not study.recalled:
        return
    delay = study.design.delays[-1]
    found = {cell: study.recall(cell, delay) for cell in study.design.archs}
    yield _by_lag(
        f"Gradient by lag, recall over {plural(delay, 'step')}, before training",
        [(shown, found[shown.cell].gradient(shown.quantity, False)) for shown in _ALL],
        "Each line is a share of what it is at the end. A straight line down is a factor below 1 a step.",
        delay,
    )
    yield _factors_chart(found)
    rows = [
        (
            lag,
            *(
                "-" if band is None else f"{band.median[lag]:.2g}"
                for band in (found[s.cell].gradient(s.quantity, False) for s in _ALL)
            ),
        )
        for lag in sorted({1, 5, 10, 20, 50, 100, delay} & set(range(delay + 1)))
    ]
    table = html_table(("lag", *(shown.name for shown in _ALL)), rows, texts=0)
    yield details_block("In numbers", table)


def _factors_chart(found: dict[str, RecallResult]) -> str:
    curves, step = factor_curves(found["rnn"], found["lstm"]), step_factors(found["rnn"])
    lines = [
        ChartLine(curves.lags, curves.matrix, "other3", "RNN, W"),
        ChartLine(curves.lags, curves.tanh, "other4 broad", "RNN, tanh'"),
        ChartLine(curves.lags, curves.both, _LOOKS["rnn"], "RNN, both"),
        ChartLine(curves.lags, curves.forget, _LOOKS["lstm"], "LSTM, f"),
    ]
    text = (
        f"RNN: {step.tanh:.2f} x {step.matrix:.2f} = {step.both:.2f} a step. An orthogonal W keeps the size "
        "of the gradient, and tanh' shrinks it. Of the LSTM's c there is f alone."
    )
    up = number_axis(np.concatenate([line.y for line in lines]), "factor")
    return chart(
        "What one step back multiplies the gradient by",
        lines,
        count_axis(1, float(curves.lags[-1]), "lag"),
        up,
        text,
        False,
    )


def _after(study: Study) -> Iterator[str]:
    if not study.recalled:
        return
    delay = study.design.delays[-1]
    yield paragraph(
        "A cell that has learned the task brings the gradient back to the one value that matters: at the "
        "right end of the chart, D steps back, its line is high."
    )
    yield _by_lag(
        f"Gradient by lag, recall over {plural(delay, 'step')}, after training",
        [(shown, study.recall(shown.cell, delay).gradient(shown.quantity)) for shown in _ALL],
        "",
        delay,
    )


def _data(study: Study, sentences: Sequence[str]) -> Iterator[str]:
    arch, step, metric = study.design.plan.arch, study.design.panel.step, study.metric
    each = plural(arch.segment, "value")
    yield paragraph(
        f"{arch.steps} recurrent steps of {each} ({step.duration(arch.segment)}), then {arch.horizon} ahead; "
        f"errors on {plural(study.windows, 'window')} at the end that training did not see. Less is better."
    )
    rows = [
        (
            CELL_NAMES[cell.cell],
            three_digits(cell.errors(metric).mean()),
            error_range(cell.errors(metric)),
        )
        for cell in study.cells
    ]
    for name, errors in study.simple.items():
        value = errors[metric]
        rows.append((name, "-" if value is None else three_digits(value), "-"))
    yield html_table(("", metric.upper(), "over seeds"), rows)
    yield from map(finding, sentences)
    for trained, when in ((False, "before"), (True, "after")):
        yield _by_lag(
            f"Gradient by lag on your data, {when} training",
            [(shown, study.cell(shown.cell).gradient(shown.quantity, trained)) for shown in _ALL],
            "",
            arch.steps - 1,
        )


def _by_lag(title: str, curves: Sequence[tuple[_Shown, GradientBand | None]], text: str, last: int) -> str:
    known = [(shown, band) for shown, band in curves if band is not None]
    lags = np.arange(last + 1, dtype=np.float64)
    lines: list[ChartLine | Mark] = [
        ChartLine(lags, _logarithms(band.median), shown.look, shown.name) for shown, band in known
    ]
    lowest = min(float(band.median.min()) for _, band in known)
    highest = max(float(band.median.max()) for _, band in known)
    clipped = f" Below {_FLOOR:.0e} lines lie on the edge." if lowest < _FLOOR else ""
    up = log_axis(max(min(lowest, 1e-3), _FLOOR), max(highest, 1.0), "share of lag 0")
    return chart(title, lines, count_axis(0, float(last), "lag in steps"), up, (text + clipped).strip())


def _logarithms(shares: Array) -> Array:
    return np.asarray(np.log10(np.maximum(shares, _FLOOR)))
