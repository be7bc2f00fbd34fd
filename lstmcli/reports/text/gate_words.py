"""What the figures of `inspect-gates` say, in sentences that a reader without its words understands."""

from collections.abc import Iterator

from lstmcli.errors.findings import plural
from lstmcli.gates.report import GateReport
from lstmcli.gates.use import USE_TOLERANCE, Use
from lstmcli.network.builtin import EMBEDDED
from lstmcli.network.cells import gate_label

_LEAST_GAIN = 0.001  # of the error, that is told
_OF_BUILTIN = (
    "beside the values it reads simple forecasts of the series, and what describes it, as its season "
    "and length; gradients take these as fixed",
    "it forecasts twice, the series and the series upside down, and takes the mean; shown is the first",
)
_OF_LOGARITHMS = "of values well above zero it forecasts the logarithms too, which are half of its forecast"
_BUILTIN_FEATURES = {
    "value": "the value itself, scaled",
    "season change": "the value less the one a season before",
    "2nd season change": "the value less the one a longer season before",
    "step change": "the value less the one before it",
    "observed": "whether the value is known (1) or missing (0); where none is missing it is a constant",
}
_FEATURES = {
    "value": "the value itself, scaled",
    "missing": "whether the value is missing (1) or known (0)",
    "calendar": "the time of the day, week or year as waves",
}


def feature_meaning(report: GateReport, name: str) -> str:
    """What a feature of the attribution is; a covariate is a column of the data."""
    known = _BUILTIN_FEATURES if report.builtin else _FEATURES
    return known.get(name, "a column of the data")


def x_meaning(report: GateReport) -> str:
    """What x of the equations is."""
    values = plural(report.arch.segment, "value")
    if report.builtin:
        text = (
            f"x is {EMBEDDED} numbers that a small network, the embedding, makes of the {values} of a step, "
            "scaled: less the mean of the series, in its standard deviations. It reads too how far each "
            "value is from the one a season, a longer season and a step before, whether it is known, and "
            "figures of the whole series."
        )
    else:
        text = (
            f"x is {report.arch.hidden} numbers that a linear map, the embedding, makes of the {values} of a "
            "step, scaled: shifted and divided by numbers measured on the window. It reads too which values "
            "are missing, and the covariates."
        )
    return f"{text} In a higher layer x is h of the layer below." if report.arch.layers > 1 else text


def share_line(report: GateReport) -> str:
    """How much of the forecast is that of the network shown."""
    name = f"the {'built-in ' if report.builtin else ''}network"
    if report.share == 1:
        return f"{name} is the whole forecast: no other method is mixed in"
    said = f"{name} has {report.share:.2g} of the forecast"
    if report.share == 0:
        return f"{said}: its gates do not matter for it"
    return said


def facts_of_builtin(report: GateReport) -> list[str]:
    """What is particular to the built-in network."""
    return [*(_OF_BUILTIN if report.builtin else ()), *((_OF_LOGARITHMS,) if report.logarithms else ())]


def plain_header(report: GateReport) -> Iterator[str]:
    """What the page shows, a sentence or two each."""
    arch = report.arch
    layers = f" in each of {arch.layers} layers" if arch.layers > 1 else ""
    which = "the network that comes with the program"
    if not report.builtin:
        which = (
            f"network {report.member + 1} of {arch.members} of the model" if arch.members > 1 else "the model"
        )
    yield (
        f"Shown is {which}: an {arch.cell.upper()} of {arch.hidden} units{layers}; {share_line(report)}"
        + ("." if report.share in (0, 1) else ", the rest is from other methods.")
    )
    read = plural(arch.steps, "step")
    yield (
        f"Before a forecast it reads {read} of {plural(arch.segment, 'value')} ({report.duration(1)}) each, "
        f"{report.duration(arch.steps)} together: this is a window. All figures below are taken over "
        f"{plural(report.windows, 'window')} of {report.series:,} series."
    )
    if report.windows < report.wanted:
        yield f"{report.wanted:,} windows were wanted; no more differ or fit."
    for fact in facts_of_builtin(report):
        yield f"{fact[0].upper()}{fact[1:]}."


def beyond_window(report: GateReport) -> str:
    """The caveat of half-lives that are longer than what was read; empty where there is none."""
    steps = report.arch.steps
    lives = [layer.half_lives for layer in report.memory if layer.half_lives is not None]
    longer = sum(int((one > steps).sum()) for one in lives)
    if not longer:
        return ""
    total = sum(len(one) for one in lives)
    return (
        f"{longer} of {total} units have a half-life beyond the {plural(steps, 'step')} of a window: it is "
        "reckoned from their gates, for no unit was seen for so long."
    )


def use_words(report: GateReport) -> Iterator[str]:
    """What follows from the errors with fewer steps and with gates held, with the numbers; nothing
    where no error could be measured."""
    use = report.use
    if use.error is None or use.horizon is None:
        return
    if len(use.steps) > 1:
        yield _of_steps(report, use, use.error)
    yield _of_gates(report, use)


def _of_steps(report: GateReport, use: Use, full: float) -> str:
    every, few = int(use.steps[-1]), use.shortest
    if few == every:
        return (
            f"The whole context helps: with the last {use.steps[-2]} of {every} steps the error is "
            f"{use.errors[-2]:.3f}, with all {full:.3f}."
        )
    alone = f"the last {plural(few, 'step')} alone" if few > 1 else "the last step alone"
    error, best = use.error_with(few), int(use.steps[use.errors.argmin()])
    least = use.error_with(best)
    said = f"With {alone} the error is {error:.3f}, with all {every} {full:.3f}"
    if best not in (few, every):
        said += f"; it is least, {least:.3f}, with {best}"
    gain = 1 - least / error if error > 0 else 0.0
    return f"{said}: what the network remembers of the steps before {_helps(gain)} on this file."


def _helps(gain: float) -> str:
    if gain > USE_TOLERANCE:
        return f"helps by {gain:.1%} at most"
    return f"hardly helps, by {gain:.1%} at most," if gain >= _LEAST_GAIN else "does not help"


def _of_gates(report: GateReport, use: Use) -> str:
    changes = [gate.change for gate in use.frozen]
    cell = report.arch.cell
    if cell == "rnn":
        said = f"With the hidden state held at its mean the error changes by {_range(changes)}"
    else:
        said = f"With a gate held at its mean the error changes by {_range(changes)}"
    most = max(use.frozen, key=lambda gate: gate.change)
    if most.change <= USE_TOLERANCE:
        what = "the state moves" if cell == "rnn" else "the gates move"
        return f"{said}, never more than 1 % up: that {what} with the data does not help on this file."
    if cell == "rnn":
        return f"{said}: that it moves with the data helps."
    where = f" of layer {most.layer + 1}" if report.arch.layers > 1 else ""
    return f"{said}: that the {gate_label(cell, most.gate)}{where} moves with the data helps most."


def signed_percent(change: float) -> str:
    """+4.1%; what rounds to nothing has no sign: 0.0%."""
    said = f"{change:+.1%}"
    return "0.0%" if said in ("-0.0%", "+0.0%") else said


def _range(changes: list[float]) -> str:
    low, high = (signed_percent(change) for change in (min(changes), max(changes)))
    return low if low == high else f"{low} to {high}"
