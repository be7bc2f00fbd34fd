"""The main figures by name: what conditions and comparisons speak of."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lstmcli.gates.report import GateReport
from lstmcli.gates.statistics import GateSummary, LayerUnits
from lstmcli.network.cells import MEMORY_GATE

STILL_DEVIATION = 0.01  # standard deviation below which a unit or a gate hardly moves
TWIN_CORRELATION = 0.99  # correlation above which two units are one

# Name of every figure and what it is. Lengths are in observations, so that 24 is a day of hours.
FIGURES = {
    "closed": "share of values of the forget gate (GRU: update gate) below 0.1",
    "covering": "share of units whose half-life reaches the shortest season of the data",
    "dead": "share of units whose output hardly moves (standard deviation below 0.01)",
    "decay": "factor by which the gradient changes per recurrent step back, in the first layer",
    "duplicate": "share of units that move as another does (correlation above 0.99)",
    "error": "mean absolute error of the member in scaled units",
    "forget": "mean of the forget gate; LSTM only",
    "half_life": "median half-life of the units, in observations",
    "longest": "longest half-life of a unit, in observations",
    "open": "share of values of the forget gate (GRU: update gate) above 0.9",
    "reach": "lag in observations from which on the gradient is below 1/1000 of lag 0; the whole "
    "context if it never is; in the first layer",
    "seasonal": "share of values of the forget gate (GRU: update gate) with which half of the state is "
    "left after the shortest season",
    "stuck": "share of gates that hardly move (standard deviation below 0.01)",
    "update": "mean of the update gate, z near 1 keeps h; GRU only",
    "use": "observations at the end of the context that give the error to 1 %",
}
# "share" is from 0 to 1, "observations" are values of the series.
FIGURE_UNITS = {
    **dict.fromkeys(("closed", "covering", "dead", "duplicate", "open", "seasonal", "stuck"), "share"),
    **dict.fromkeys(("half_life", "longest", "reach", "use"), "observations"),
    "decay": "times per step",
    "error": "scaled units",
    "forget": "from 0 to 1",
    "update": "from 0 to 1",
}
OLD_NAMES = ("keep",)  # of the mean of the forget gate (GRU: update gate); read on, never written


@dataclass(frozen=True)
class FigureChange:
    """A figure then and now; None where one of the two has no such figure."""

    name: str
    then: float | None
    now: float | None

    @property
    def change(self) -> float | None:
        return None if self.then is None or self.now is None else self.now - self.then


def figures(report: GateReport) -> dict[str, float | None]:
    """Every figure of FIGURES in its order, but the mean of a gate that the cell has not; None where
    there is none, as a half-life of the plain RNN."""
    segment, use, first = report.arch.segment, report.use, report.gradient[0]
    lives = [m.half_lives for m in report.memory if m.half_lives is not None]
    all_lives = np.concatenate(lives) if lives else None
    reach = report.arch.steps if first.vanishes is None else first.vanishes
    covering = None
    if all_lives is not None and report.seasons:
        covering = float((all_lives >= report.seasons[0].steps).mean())
    found = {
        "closed": _memory_gate(report, lambda g: g.closed),
        "covering": covering,
        "dead": _share(report.units, lambda u: u.output_deviation < STILL_DEVIATION),
        "decay": first.decay,
        "duplicate": _share(report.units, lambda u: u.likeness > TWIN_CORRELATION),
        "error": use.error,
        "half_life": None if all_lives is None else float(np.median(all_lives)) * segment,
        "longest": None if all_lives is None else float(all_lives.max()) * segment,
        "open": _memory_gate(report, lambda g: g.open),
        "reach": float(reach * segment),
        "seasonal": _memory_gate(report, lambda g: g.seasonal),
        "stuck": _share(report.units, still_gates),
        "use": None if use.horizon is None else float(use.horizon * segment),
    }
    if (gate := MEMORY_GATE[report.arch.cell]) is not None:
        found[gate] = _memory_gate(report, lambda g: g.mean)
    return {name: found[name] for name in FIGURES if name in found}


def still_gates(units: LayerUnits) -> "np.typing.NDArray[np.bool_]":
    """Which gates of which units hardly move, (gates, hidden)."""
    return np.stack(list(units.deviation.values())) < STILL_DEVIATION


def _share(units: list[LayerUnits], is_so: Callable[[LayerUnits], "np.typing.NDArray[np.bool_]"]) -> float:
    return float(np.concatenate([is_so(layer).ravel() for layer in units]).mean())


def _memory_gate(report: GateReport, of: Callable[[GateSummary], float | None]) -> float | None:
    """Mean over the layers of a figure of the forget gate (GRU: update gate)."""
    found = [of(gate) for gate in report.gates if gate.gate == MEMORY_GATE[report.arch.cell]]
    known = [value for value in found if value is not None]
    return float(np.mean(known)) if known else None


def with_old_names(values: dict[str, float | None], cell: str) -> dict[str, float | None]:
    """Figures, and those of OLD_NAMES beside them."""
    gate = MEMORY_GATE[cell]
    return {**values, **dict.fromkeys(OLD_NAMES, values.get(gate) if gate else None)}


def without_old_names(values: dict[str, float | None], cell: str) -> dict[str, float | None]:
    """Figures under the names that they have now."""
    gate = MEMORY_GATE[cell]
    renamed = {(gate if name in OLD_NAMES else name): value for name, value in values.items()}
    return {name: value for name, value in renamed.items() if name is not None}


def figure_changes(then: dict[str, float | None], now: dict[str, float | None]) -> list[FigureChange]:
    """Figure by figure, in the order of FIGURES; of those that either has."""
    return [
        FigureChange(name, then.get(name), now.get(name)) for name in FIGURES if name in then or name in now
    ]
