"""`lstmcli inspect-gates`: what the gates of a model keep and forget on data."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lstmcli.bundle import Model
    from lstmcli.calendar import Step
    from lstmcli.gates.memory import LayerMemory
    from lstmcli.gates.statistics import GateSummary
    from lstmcli.network import Architecture
    from lstmcli.panel import Panel

VERSION = 1  # of the JSON report


class Format(StrEnum):
    text = "text"
    json = "json"


def inspect_gates(
    data: Annotated[
        str | None, typer.Argument(help="CSV file, or - for standard input. Default: the training file.")
    ] = None,
    model: Annotated[
        Path, typer.Option("--model", "-m", envvar="LSTMCLI_MODEL", help="Model file to look into.")
    ] = Path("model.safetensors"),
    form: Annotated[Format, typer.Option("--format", help="Form of the report.")] = Format.text,
    output: Annotated[
        str, typer.Option("--output", "-o", help="File to write, or - for standard output.")
    ] = "-",
    trace: Annotated[
        str | None,
        typer.Option(help="CSV file with every gate, c and h at each step of each series' last window."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="PNG file with a heat map of the gates over time.")
    ] = None,
    windows: Annotated[int, typer.Option(min=1, help="Windows that the figures are taken over.")] = 500,
    member: Annotated[int, typer.Option(min=0, help="Which member of an ensemble.")] = 0,
) -> None:
    """Show how open the gates are and how long the memory lasts.

    Replays windows of the data through the network and looks at every gate: its mean and
    percentiles, how often it is closed (below 0.1) and open (above 0.9), and from the keep
    gate (forget gate of the LSTM, z of the GRU) the half-life of each unit's memory.
    """
    from lstmcli.bundle import data_path, read
    from lstmcli.commands.predict import roles_of
    from lstmcli.errors import UsageError
    from lstmcli.forecasting import check_positive
    from lstmcli.gates.memory import memory
    from lstmcli.gates.statistics import summaries
    from lstmcli.gates.trace import spread_origins, trace_windows
    from lstmcli.outputs import write_text
    from lstmcli.tables import panel_with, time_pattern
    from lstmcli.tables import read as read_table

    loaded = read(model)
    network = loaded.network
    if member >= network.arch.members:
        raise UsageError(f"--member {member}: the model has {network.arch.members}, counted from 0")
    table = read_table(data or data_path(loaded, model), loaded.contract.options)
    roles = roles_of(loaded)
    panel = panel_with(table, roles, loaded.contract.step)
    check_positive(panel, network.scaling)
    traced = trace_windows(network, panel, *spread_origins(panel, network.shape, windows), member)
    gates, memories = summaries(traced, network.arch.cell), memory(traced, network.arch.cell)
    seen = _Seen(network.arch, member, len(traced.series), panel.step, gates, memories)
    write_text(_json(seen) if form is Format.json else _text(seen), output)
    if trace is not None:
        _write_trace(trace, loaded, panel, time_pattern(table, roles.time), member)
    if plot is not None:
        from lstmcli.plots import gate_plot

        gate_plot(network, panel, memories[0], roles.targets[0], plot, member)


@dataclass(frozen=True)
class _Seen:
    """All that the report tells."""

    arch: "Architecture"
    member: int
    windows: int
    step: "Step"
    gates: "list[GateSummary]"
    memories: "list[LayerMemory]"

    def duration(self, steps: float) -> str:
        """Real time of recurrent steps."""
        return self.step.duration(steps * self.arch.segment)


def _text(seen: _Seen) -> str:
    arch = seen.arch
    values = "1 value" if arch.segment == 1 else f"{arch.segment} values"
    lines = [
        f"{arch.cell.upper()}, {arch.layers} x {arch.hidden} units, member {seen.member} of {arch.members} "
        f"(counted from 0), {seen.windows:,} windows",
        f"a window has {arch.steps} steps; one step reads {values}: {seen.duration(1)}",
        "",
        f"{'layer':<6}{'gate':<11}{'mean':>7}{'p5':>8}{'p50':>8}{'p95':>8}{'closed':>9}{'open':>8}",
    ]
    for gate in seen.gates:
        lines.append(
            f"{gate.layer + 1:<6}{gate.gate:<11}{gate.mean:>7.3f}"
            f"{gate.p5:>8.3f}{gate.p50:>8.3f}{gate.p95:>8.3f}"
            f"{gate.closed:>9.1%}{gate.open:>8.1%}"
        )
    lines += ["", "closed: below 0.1 (candidate: below -0.9); open: above 0.9", ""]
    return "\n".join(lines + [_memory_lines(m, seen) for m in seen.memories]) + "\n"


def _memory_lines(memory: "LayerMemory", seen: _Seen) -> str:
    import numpy as np

    title = f"memory, layer {memory.layer + 1}: "
    if memory.half_lives is None:
        return title + "a plain RNN has no gate that keeps"
    names = ("quarter of the units below", "half below", "three quarters below", "longest")
    lines = [title + "half-life of a unit in steps (and real time)"]
    for name, steps in zip(names, np.percentile(memory.half_lives, [25, 50, 75, 100]), strict=True):
        lines.append(f"  {name:<28}{steps:>8.2f}  ({seen.duration(steps)})")
    return "\n".join(lines)


def _json(seen: _Seen) -> str:
    import json

    arch = seen.arch
    report: dict[str, Any] = {
        "version": VERSION,
        "cell": arch.cell,
        "layers": arch.layers,
        "hidden": arch.hidden,
        "member": seen.member,
        "members": arch.members,
        "windows": seen.windows,
        "steps": arch.steps,
        "observations_per_step": arch.segment,
        "time_per_step": seen.duration(1),
        "gates": [asdict(gate) for gate in seen.gates],
        "memory": [
            {
                "layer": memory.layer,
                "half_life_steps": None if memory.half_lives is None else memory.half_lives.tolist(),
            }
            for memory in seen.memories
        ],
    }
    return json.dumps(report, indent=1, allow_nan=False) + "\n"


def _write_trace(path: str, model: "Model", panel: "Panel", pattern: str | None, member: int) -> None:
    import numpy as np

    from lstmcli.gates.trace import trace_windows
    from lstmcli.outputs import text_of, trace_table, write_text

    series = np.arange(len(panel))
    traced = trace_windows(model.network, panel, series, panel.lengths, member)
    table = trace_table(traced, panel, model.network.arch, model.contract.time, pattern)
    write_text(text_of(table, "csv"), path)
