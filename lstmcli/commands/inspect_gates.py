"""`lstmcli inspect-gates`: what the gates of a model keep and forget on data."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lstmcli.bundle import Model
    from lstmcli.gates import GateSummary, LayerMemory
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
    from lstmcli.gates import memory, spread_origins, summaries, trace_windows
    from lstmcli.outputs import write_text
    from lstmcli.tables import panel_with, time_pattern
    from lstmcli.tables import read as read_table

    loaded = read(model)
    network = loaded.network
    if member >= network.arch.members:
        raise UsageError(f"--member {member}: the model has {network.arch.members}, counted from 0")
    table = read_table(data or data_path(loaded, model))
    roles = roles_of(loaded)
    panel = panel_with(table, roles, loaded.contract.step)
    check_positive(panel, network.scaling)
    traced = trace_windows(network, panel, *spread_origins(panel, network.shape, windows), member)
    gates, memories = summaries(traced, network.arch.cell), memory(traced, network.arch.cell)
    report = (
        _json(loaded, panel, gates, memories, len(traced.series))
        if form is Format.json
        else _text(loaded, panel, gates, memories, len(traced.series))
    )
    write_text(report, output)
    if trace is not None:
        _write_trace(trace, loaded, panel, time_pattern(table, roles.time), member)
    if plot is not None:
        from lstmcli.plots import gate_plot

        gate_plot(network, panel, memories[0], plot, member)


def _text(
    model: "Model", panel: "Panel", gates: "list[GateSummary]", memories: "list[LayerMemory]", windows: int
) -> str:
    arch = model.network.arch
    step = panel.step.duration(arch.segment)
    lines = [
        f"{arch.cell.upper()}, {arch.layers} layer{'s' if arch.layers > 1 else ''} of {arch.hidden} units, "
        f"{windows:,} windows of {arch.steps} steps",
        f"one step reads {arch.segment} value{'s' if arch.segment > 1 else ''}: {step}",
        "",
        f"{'layer':<6}{'gate':<11}{'mean':>7}{'p5':>8}{'p50':>8}{'p95':>8}{'closed':>9}{'open':>8}",
    ]
    for gate in gates:
        lines.append(
            f"{gate.layer + 1:<6}{gate.gate:<11}{gate.mean:>7.3f}"
            f"{gate.p5:>8.3f}{gate.p50:>8.3f}{gate.p95:>8.3f}"
            f"{gate.closed:>9.1%}{gate.open:>8.1%}"
        )
    lines += ["", "closed: below 0.1 (candidate: below -0.9); open: above 0.9", ""]
    return "\n".join(lines + [_memory_line(m, model, panel) for m in memories]) + "\n"


def _memory_line(memory: "LayerMemory", model: "Model", panel: "Panel") -> str:
    import numpy as np

    if memory.half_lives is None:
        return f"memory, layer {memory.layer + 1}: a plain RNN has no gate that keeps"
    quarters = np.percentile(memory.half_lives, [25, 50, 75, 100])
    real = [panel.step.duration(q * model.network.arch.segment) for q in quarters]
    return (
        f"memory, layer {memory.layer + 1}: half-life of a unit in steps (and real time)\n"
        f"  quarter of the units below  {quarters[0]:8.2f}  ({real[0]})\n"
        f"  half below                  {quarters[1]:8.2f}  ({real[1]})\n"
        f"  three quarters below        {quarters[2]:8.2f}  ({real[2]})\n"
        f"  longest                     {quarters[3]:8.2f}  ({real[3]})"
    )


def _json(
    model: "Model", panel: "Panel", gates: "list[GateSummary]", memories: "list[LayerMemory]", windows: int
) -> str:
    import json
    from dataclasses import asdict

    arch = model.network.arch
    report: dict[str, Any] = {
        "version": VERSION,
        "cell": arch.cell,
        "layers": arch.layers,
        "hidden": arch.hidden,
        "windows": windows,
        "steps": arch.steps,
        "observations_per_step": arch.segment,
        "time_per_step": panel.step.duration(arch.segment),
        "gates": [asdict(g) for g in gates],
        "memory": [
            {
                "layer": m.layer,
                "half_life_steps": None if m.half_lives is None else m.half_lives.tolist(),
                "half_life_time": None
                if m.half_lives is None
                else [panel.step.duration(h * arch.segment) for h in m.half_lives],
            }
            for m in memories
        ],
    }
    return json.dumps(report, indent=1, allow_nan=False) + "\n"


def _write_trace(path: str, model: "Model", panel: "Panel", pattern: str | None, member: int) -> None:
    import numpy as np

    from lstmcli.gates import trace_windows
    from lstmcli.outputs import text_of, trace_table, write_text

    series = np.arange(len(panel))
    traced = trace_windows(model.network, panel, series, panel.lengths, member)
    table = trace_table(traced, panel, model.network.arch, model.contract.time, pattern)
    write_text(text_of(table, "csv"), path)
