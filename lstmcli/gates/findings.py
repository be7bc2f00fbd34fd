"""What stands out in the figures: sentences, each with a number and something to try."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lstmcli.gates.figures import STILL_DEVIATION, TWIN_CORRELATION, figures, still_gates
from lstmcli.gates.report import GateReport
from lstmcli.network.cells import MEMORY_GATE, gate_label

_MANY = 0.05  # share of units from which on it is reported
_IDLE = 0.002  # change of the error below which a gate does not matter
_LONGEST_SEGMENT = 24  # observations that one step should read
_GROWS = 1.05  # decay per step above which the gradient explodes
_LONGEST_CONTEXT = (
    336  # observations up to which a context is advised; calendar features describe longer seasons
)


@dataclass(frozen=True)
class GateFinding:
    """id: stable, one of FINDINGS; text: what was found; action: what to try."""

    id: str
    text: str
    action: str


FINDINGS = {
    "dead-units": "units whose output hardly moves",
    "duplicate-units": "units that move as another does",
    "stuck-gates": "gates that hardly move, whatever the data",
    "season-forgotten": "no unit remembers for a season",
    "use-short": "less than a season of the context is needed",
    "use-all": "even the oldest step of the context still helps",
    "one-step": "a window is a single step, before which there is nothing",
    "forget-idle": "what is forgotten does not depend on the data",
    "gradient-vanishes": "the gradient does not reach half of the context",
    "gradient-grows": "the gradient grows on its way back",
    "no-known-values": "errors could not be measured",
}


_FIXED = "the weights of this network are fixed: lstmcli train makes a network for the file"
_OF_BUILTIN = {
    "season-forgotten": "none has to: each value is read beside the one a season before",
    "use-short": "it needs no setting: it reads a history of up to 288 values",
    "use-all": "a longer history may help: it reads up to 288 values",
    "one-step": "a longer history has more steps",
    "no-known-values": "a longer history has some",
}


def findings(report: GateReport) -> tuple[GateFinding, ...]:
    """What stands out, at most one finding of a kind."""
    found = [*_units(report), *_memory(report), *_use(report), *_gradient(report)]
    assert all(finding.id in FINDINGS for finding in found)
    if report.builtin:
        return tuple(replace(finding, action=_OF_BUILTIN.get(finding.id, _FIXED)) for finding in found)
    return tuple(found)


def _units(report: GateReport) -> Iterator[GateFinding]:
    values, arch = figures(report), report.arch
    total = arch.hidden * arch.layers
    dead, twins = values["dead"] or 0.0, values["duplicate"] or 0.0
    fewer = f"fewer units may do as well: --set hidden={max(1, arch.hidden // 2)}"
    if dead >= _MANY:
        yield GateFinding(
            "dead-units",
            f"{round(dead * total)} of {total} units are dead: "
            f"their output moves by less than {STILL_DEVIATION}",
            fewer,
        )
    if twins >= _MANY:
        yield GateFinding(
            "duplicate-units",
            f"{round(twins * total)} of {total} units move as another does "
            f"(correlation above {TWIN_CORRELATION})",
            fewer,
        )
    for units in report.units:
        for gate, still in zip(units.deviation, still_gates(units), strict=True):
            if still.mean() >= _MANY and gate != "candidate":
                yield GateFinding(
                    "stuck-gates",
                    f"the {gate_label(arch.cell, gate)} of {still.sum()} of {arch.hidden} units in layer "
                    f"{units.layer + 1} hardly moves, whatever the data",
                    "train longer (--set steps=...), or fewer units",
                )
                return


def _memory(report: GateReport) -> Iterator[GateFinding]:
    arch = report.arch
    season = next((s for s in report.seasons if s.observations <= _LONGEST_CONTEXT), None)
    if season is None or report.memory[0].half_lives is None:
        return
    longest = max(float(m.half_lives.max()) for m in report.memory if m.half_lives is not None)
    if longest >= season.steps or season.steps <= 1:  # a step that reads a season need not remember one
        return
    text = (
        f"no unit covers the {season.name} season of {report.duration(season.steps)}: "
        f"the longest half-life is {report.duration(longest)}"
    )
    if season.observations > arch.context:
        yield GateFinding("season-forgotten", text, _longer(report, season.observations))
    else:
        yield GateFinding(
            "season-forgotten", text, f"try {' or '.join(_longer_memory(report, season.observations))}"
        )


def _use(report: GateReport) -> Iterator[GateFinding]:
    arch, use = report.arch, report.use
    if arch.steps == 1:
        yield GateFinding(
            "one-step",
            f"a window is a single step of {report.duration(1)}: there is no earlier state to remember",
            f"try --set segment=1, or a longer context: --set context={4 * arch.context}",
        )
        return
    if use.horizon is None:
        yield GateFinding(
            "no-known-values",
            "no window is followed by known values: no error could be measured",
            f"give series of more than {arch.context} values",
        )
        return
    season = report.seasons[0] if report.seasons else None
    if season and use.horizon < season.steps and season.observations <= arch.context:
        yield GateFinding(
            "use-short",
            f"with the last {report.duration(use.horizon)} alone the error is within 1 %: less than the "
            f"{season.name} season",
            "try a shorter context, which is quicker, or train longer, so that more of the past is used",
        )
    elif use.horizon == arch.steps and 2 * arch.context <= _LONGEST_CONTEXT:
        loss = use.errors[-2] / use.errors[-1] - 1
        yield GateFinding(
            "use-all",
            f"without the oldest {report.duration(int(use.steps[-1] - use.steps[-2]))} of the context "
            f"the error is {loss:.1%} higher",
            _longer(report, 2 * arch.context),
        )
    yield from _idle(report)


def _idle(report: GateReport) -> Iterator[GateFinding]:
    arch, use = report.arch, report.use
    idle = [g for g in use.frozen if g.gate == MEMORY_GATE[arch.cell]]
    if idle and max(abs(g.change) for g in idle) < _IDLE:
        yield GateFinding(
            "forget-idle",
            f"with the {idle[0].gate} gate held at its mean the error changes by {idle[0].change:+.2%}: "
            "what is forgotten does not depend on the data",
            "a plain RNN may do as well: --cell rnn",
        )


def _gradient(report: GateReport) -> Iterator[GateFinding]:
    arch, first = report.arch, report.gradient[0]
    if first.vanishes is not None and first.vanishes <= arch.steps / 2:
        yield GateFinding(
            "gradient-vanishes",
            f"the gradient falls below 1/1000 after {first.vanishes} of {arch.steps} steps "
            f"({report.duration(first.vanishes)}): older values could hardly be learned from",
            "try --cell lstm" if arch.cell == "rnn" else "try a longer --set segment=..., for fewer steps",
        )
    if first.decay is not None and first.decay > _GROWS:
        yield GateFinding(
            "gradient-grows",
            f"the gradient grows by {first.decay - 1:.0%} per step back in time",
            "a lower --set learning_rate=... or stronger clipping keeps training stable",
        )


def _longer_memory(report: GateReport, season: int) -> Iterator[str]:
    """Settings with which units may cover a season."""
    arch = report.arch
    whole = season <= _LONGEST_SEGMENT and arch.context % season == 0
    if whole and arch.segment < season:
        yield f"--set segment={season}, which reads a season in one step"
    if arch.cell == "lstm":
        yield "--set forget_bias=chrono, which starts with longer memories"
    elif not whole:
        yield "a longer --set segment=..., which makes a season of fewer steps"


def _longer(report: GateReport, observations: int) -> str:
    segment = report.arch.segment
    return f"try a longer context: --set context={-(-observations // segment) * segment}"
