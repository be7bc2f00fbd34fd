"""The explorer: the part of the page of `inspect-gates` that our script draws from numbers in the page."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from lstmcli.errors.findings import plural
from lstmcli.gates.explorer import MOST_ORIGINS, ExplorerWindows, explorer_windows
from lstmcli.gates.replay import unread_steps
from lstmcli.gates.report import GateReport
from lstmcli.network.architecture import Architecture, Network
from lstmcli.network.cells import EQUATIONS, GATES, LETTERS, STATE_NAMES, STATES, Trace
from lstmcli.reports.html.markup import part, unbroken
from lstmcli.reports.html.packed import pack_json, pack_trace, thousandths
from lstmcli.reports.text.gate_words import x_meaning
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel

_SCRIPTS = Path(__file__).parent / "templates" / "explorer"
_LONGEST = 10_000  # steps; a longer half-life is as good as for ever
_FILES = ("unpack", "draw", "cell", "strips", "maps", "alike", "main")
_CALLED = {
    "lstm": "the forget gate f says how much of the cell state c stays, the input gate i how much of the "
    "candidate g is added to it, and the output gate o how much of the cell state comes out as the hidden "
    "state h",
    "gru": "the update gate z says how much of the hidden state h stays and how much of the candidate n "
    "takes its place, and the reset gate r how much of the last h the candidate reads",
    "rnn": "the hidden state h is made anew from what the step reads and from the last h; nothing keeps it",
}

_OF_ALL = (
    "the weights W sum over all numbers of x and over the last h of all units; filled in are these two sums "
    "and the bias, with three decimals, in the order of the equation"
)
_OWN = f"Within σ and tanh {_OF_ALL}. Each unit has weights of its own, and so gates of its own."
_SUMS = {
    "lstm": _OWN,
    "gru": _OWN,
    "rnn": f"Within tanh {_OF_ALL}. Going back through many steps, a gradient is multiplied by W and by the "
    "slope of tanh at each of them: that is why it vanishes.",
}


@cache
def explorer_script() -> str:
    """The whole script; it keeps its names to itself."""
    texts = [(_SCRIPTS / f"{name}.js").read_text("utf-8") for name in _FILES]
    return '"use strict";\n(() => {\n' + "\n".join(texts) + "})();\n"


def fit_windows(
    network: Network,
    panel: Panel,
    chosen: Indices,
    room: int,
    member: int = 0,
    at: tuple[int, int] | None = None,
) -> ExplorerWindows:
    """As many windows as the page has room for, in characters: origins go first, then series; one is kept."""
    longest = chosen[[int(np.argmax(panel.lengths[chosen]))]]  # none has more steps
    fits = max(1, room // max(_sizes(explorer_windows(network, panel, longest, 0, member), network.arch)))
    each = min(MOST_ORIGINS, fits // len(chosen) - 1)
    if each < 0:
        chosen, each = chosen[:fits], 0
    held = explorer_windows(network, panel, chosen, each, member, at)
    # Others may be smaller than the one measured.
    usual = float(np.mean(_sizes(held, network.arch)))
    better = min(MOST_ORIGINS, int(room / usual / len(chosen)) - 1)
    if better > each:
        more = explorer_windows(network, panel, chosen, better, member, at)
        if sum(_sizes(more, network.arch)) <= room:
            return more
    return held


def _sizes(held: ExplorerWindows, arch: Architecture) -> list[int]:
    return [len(json.dumps(entry)) for entry in _entries(held, arch)]


def explorer_section(held: ExplorerWindows, report: GateReport, target: str) -> str:
    """The part of the page. target: what a series without a name is called."""
    arch = report.arch
    values = plural(arch.segment, "value")
    intro = (
        f"Before a forecast the network reads the series in steps of {values} ({report.duration(1)}), and at "
        f"each step every one of its units does the same few sums: {_CALLED[arch.cell]}. Pick a unit and a "
        "step: the drawing and the equations are filled with its numbers, to four significant digits."
    )
    half = report.memory[0].half_lives is not None
    order = "longest memory first" if half else "by its number"
    interval = f"{held.coverage:.0%}" if held.coverage else ""
    text = json.dumps(explorer_document(held, report, target), allow_nan=False).replace("<", "\\u003c")
    sums = f"{x_meaning(report)} {_SUMS[arch.cell]}"
    return part("explorer", intro, _held_text(held), order, half, sums, interval, Markup(text))


def explorer_document(held: ExplorerWindows, report: GateReport, target: str) -> dict[str, Any]:
    """What the script reads. Series and windows are called by their places, gates and states by letters."""
    arch = report.arch
    numbers = [int(s) for s in np.unique(held.traced.series)]
    gates = _gates(arch.cell)
    states = [_part(name, name, STATE_NAMES[name], True, name == "h") for name in STATES[arch.cell]]
    return {
        "cell": arch.cell,
        "layers": arch.layers,
        "units": arch.hidden,
        "steps": held.traced.layers[0].h.shape[1],
        "segment": arch.segment,
        "interval": held.coverage > 0,
        "gates": gates,
        "states": states,
        "parts": ([] if arch.cell == "rnn" else gates) + states,
        "equations": _equations(arch.cell),
        "looks": {} if arch.cell == "rnn" else dict(zip(LETTERS[arch.cell], GATES[arch.cell], strict=True)),
        "bias": [[row.tolist() for row in thousandths(layer.bias)] for layer in held.parts],
        "memory": _memory(report),
        "series": [held.panel.name(s) or target for s in numbers],
        "first": held.first,
        "windows": [{**e, "series": numbers.index(e["series"])} for e in _entries(held, arch)],
    }


def _gates(cell: str) -> list[dict[str, object]]:
    letters = "a" if cell == "rnn" else LETTERS[cell]  # the one of the RNN is h itself
    return [
        _part(letter, letter, gate, gate == "candidate", gate == "candidate")
        for letter, gate in zip(letters, GATES[cell], strict=True)
    ]


def _part(key: str, letter: str, name: str, signed: bool, bounded: bool) -> dict[str, object]:
    """bounded: whether it runs from -1 to 1."""
    kind = "" if signed else " gate"
    return {
        "key": key,
        "letter": letter,
        "name": name,
        "title": f"{name}{kind} {letter}",
        "look": name.replace(" ", "-"),
        "signed": signed,
        "bound": 1 if bounded else 0,
    }


def _equations(cell: str) -> list[dict[str, str]]:
    lines = [line.split("  ", 1) for line in EQUATIONS[cell].splitlines()]
    return [{"text": text.strip(), "meaning": meaning.strip()} for text, meaning in lines]


def _memory(report: GateReport) -> list[dict[str, object]]:
    """Per layer: units from the longest half-life to the shortest, and the half-life of each in words."""
    made: list[dict[str, object]] = []
    for layer in report.memory:
        if layer.half_lives is None:
            made.append({"order": list(range(report.arch.hidden)), "texts": [""] * report.arch.hidden})
            continue
        order = np.argsort(-layer.half_lives, kind="stable").tolist()
        texts = [_half_life(life, report) for life in layer.half_lives.tolist()]
        made.append({"order": order, "texts": texts})
    return made


def _half_life(steps: float, report: GateReport) -> str:
    """In steps and in real time; where rows have no time, in values."""
    read = report.arch.steps
    beyond = f"reckoned, for only {plural(read, 'step')} are read" if steps > read else ""
    if steps > _LONGEST:
        return f"over {_LONGEST:,} steps ({beyond})"
    time = report.duration(steps).replace("step", "value")
    return f"{steps:.3g} steps ({time}; {beyond})" if beyond else f"{steps:.3g} steps ({time})"


def _held_text(held: ExplorerWindows) -> str:
    each, option = held.wanted, unbroken("--series")
    count = int(np.bincount(held.traced.series).max())
    total, most = len(held.panel), len(np.unique(held.traced.series))
    some = f"{count} of {plural(each, 'window')}" if count < each else plural(count, "window")
    text = f"The page holds {some} of {'each of ' if most > 1 else ''}"
    text += f"{most} of {total:,} series" if most < total else f"{most} series"
    if count < each and most > 1:
        return Markup("{}; fewer, picked with {}, leave room for more windows.").format(text, option)
    return Markup("{}; {} picks others.").format(text, option) if most < total else f"{text}."


def _entries(held: ExplorerWindows, arch: Architecture) -> list[dict[str, Any]]:
    """One for each window; of its steps, the first `padded` read padding before the start of the series."""
    traced, made = held.traced, []
    unmade, unread = unread_steps(arch, traced)
    for number, (series, origin) in enumerate(zip(traced.series, traced.origins, strict=True)):
        real = ~np.isnan(traced.layers[0].h[number, :, 0])
        layers = [
            Trace(
                {n: g[number][real] for n, g in layer.gates.items()},
                layer.h[number][real],
                layer.c[number][real],
            )
            for layer in traced.layers
        ]
        made.append(
            {
                "series": int(series),
                "origin": int(origin),
                "time": held.panel.shown_time(held.panel.times(int(series), int(origin) - 1, 1)[0]),
                "steps": int(real.sum()),
                "padded": int(unread[number] - unmade[number]),
                "text": pack_json(_texts(held, number, arch.segment * len(real))),
                "numbers": pack_trace(arch.cell, layers, [one.window(number, real) for one in held.parts]),
            }
        )
    return made


def _texts(held: ExplorerWindows, window: int, length: int) -> dict[str, list[Any]]:
    times, values = held.context(window, length)
    ahead, actual = held.ahead(window)
    low, median, high = (_numbers(column) for column in held.forecast[window].T)
    return {
        "times": [held.panel.shown_time(time) for time in times],
        "values": _numbers(values),
        "aheadTimes": [held.panel.shown_time(time) for time in ahead],
        "actual": _numbers(actual),
        "low": low,
        "median": median,
        "high": high,
    }


def _numbers(values: Array) -> list[float | None]:
    """Six digits, as the page shows them; None where not known."""
    return [None if np.isnan(value) else float(f"{value:.6g}") for value in values.tolist()]
