"""Several models side by side on the same data: what they are, how well they did, how they remember."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lstmcli.errors import UsageError
from lstmcli.gates.inspection import Inspection
from lstmcli.model_file import Contract, Model
from lstmcli.network.architecture import parameters
from lstmcli.network.cells import GATES, UPDATE_NOTE

COMPARISON_VERSION = 2
_LABEL, _WIDTH, _AT_ONCE = 23, 14, 4  # columns of a label and of a model, and models per table
_ALL_GATES = tuple(dict.fromkeys(gate for cell in ("lstm", "gru", "rnn") for gate in GATES[cell]))


@dataclass(frozen=True)
class ModelFigures:
    """Figures of one model. Lengths are in observations, so that models of other segments compare.

    parameters   of all members together
    error, skill what the model's file says of its own validation windows: MASE, or the mean
                 absolute error in units of the data; skill against the seasonal naive
    gates        mean of every gate by its name, over all layers
    half_lives   quartiles over the units of all layers; None for the plain RNN
    reach        first lag at which the gradient is below 1/1000 of lag 0; None if it never is
    use          observations at the end of the context that give the error to 1 %
    data         SHA-256 of the training data
    """

    name: str
    cell: str
    layers: int
    units: int
    members: int
    parameters: int
    segment: int
    context: int
    horizon: int
    mae: float | None
    mase: float | None
    skill: float | None
    gates: dict[str, float]
    half_lives: tuple[float, float, float] | None
    reach: int | None
    use: int | None
    findings: tuple[str, ...]
    windows: int
    data: str


def check_same_series(names: Sequence[str], contracts: Sequence[Contract]) -> None:
    """Raises UsageError where a model forecasts other columns, or another step, than the first."""
    first = contracts[0]
    for name, other in zip(names[1:], contracts[1:], strict=True):
        own, roles = first.roles, other.roles
        for what, ours, theirs in (
            ("time column", own.time, roles.time),
            ("target columns", ", ".join(own.targets), ", ".join(roles.targets)),
            ("series columns", ", ".join(own.series) or "none", ", ".join(roles.series) or "none"),
            ("step", first.step.duration(1), other.step.duration(1)),
        ):
            if ours != theirs:
                raise UsageError(
                    f"--compare {name}: its {what}: {theirs}; of {names[0]}: {ours}; only models of the "
                    "same series can stand side by side"
                )


def model_figures(name: str, model: Model, inspection: Inspection) -> ModelFigures:
    """The figures of one model; inspection: of the member looked into."""
    arch, contract, report = model.network.arch, model.contract, inspection.report
    validation = model.report.get("validation", {})
    errors = validation.get("errors", {}).get("model", {})
    lives = [m.half_lives for m in report.memory if m.half_lives is not None]
    first, use = report.gradient[0].vanishes, report.use.horizon
    quartiles = np.percentile(np.concatenate(lives), [25, 50, 75]) * arch.segment if lives else None
    return ModelFigures(
        name=name,
        cell=arch.cell,
        layers=arch.layers,
        units=arch.hidden,
        members=arch.members,
        parameters=arch.members * parameters(arch),
        segment=arch.segment,
        context=arch.context,
        horizon=arch.horizon,
        mae=errors.get("mae"),
        mase=errors.get("mase"),
        skill=validation.get("skill"),
        gates={
            name: float(np.mean([gate.mean for gate in report.gates if gate.gate == name]))
            for name in GATES[arch.cell]
        },
        half_lives=None if quartiles is None else (quartiles[0], quartiles[1], quartiles[2]),
        reach=None if first is None else first * arch.segment,
        use=None if use is None else use * arch.segment,
        findings=tuple(finding.id for finding in inspection.findings),
        windows=report.windows,
        data=contract.data_sha256,
    )


def comparison_json(columns: Sequence[ModelFigures]) -> str:
    """As JSON; a number that is not one is refused."""
    document: dict[str, Any] = {"version": COMPARISON_VERSION, "models": [asdict(c) for c in columns]}
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def comparison_text(columns: Sequence[ModelFigures]) -> str:
    """Within 80 columns: a table of at most four models, and another for the next four."""
    tables = []
    for at in range(0, len(columns), _AT_ONCE):
        some = columns[at : at + _AT_ONCE]
        cells = [_cells(c) for c in some]
        lines = [_line(label, [made[label] for made in cells]) for label in cells[0]]
        tables.append("\n".join([_line("", [_short(c.name) for c in some]), *lines]))
    notes = ["lengths in values of the data; errors of each model's own validation"]
    if len({c.data for c in columns}) > 1:
        notes.append("trained on different data: validation errors cannot be compared")
    if any(c.cell == "gru" for c in columns):
        notes.append(f"update gate: {UPDATE_NOTE}")
    if len({c.horizon for c in columns}) > 1:
        notes.append("of different horizons: validation errors cannot be compared")
    return "\n\n".join([*tables, "\n".join(notes)]) + "\n"


def _line(label: str, cells: Sequence[str]) -> str:
    return (f"{label:<{_LABEL}}" + "".join(f"{cell:>{_WIDTH}}" for cell in cells)).rstrip()


def _short(name: str) -> str:
    """The name of a model file without folder and ending, its end where it is long."""
    stem = Path(name).stem
    return stem if len(stem) < _WIDTH else "~" + stem[2 - _WIDTH :]


def _cells(c: ModelFigures) -> dict[str, str]:
    lives = c.half_lives or (None, None, None)
    gates = {
        f"mean {name}" if name == "candidate" else f"mean {name} gate": _number(c.gates.get(name))
        for name in _ALL_GATES
    }
    return {
        "cell": c.cell.upper(),
        "layers x units": f"{c.layers} x {c.units}",
        "members": f"{c.members}",
        "parameters": f"{c.parameters:,}",
        "reads": f"{c.context}, by {c.segment}",
        "forecasts": f"{c.horizon}",
        "validation MAE": _number(c.mae),
        "validation MASE": _number(c.mase),
        "skill": "-" if c.skill is None else f"{c.skill:.1%}",
        **gates,
        "half-life, quarter": _number(lives[0]),
        "half-life, half": _number(lives[1]),
        "half-life, 3 quarters": _number(lives[2]),
        "gradient < 1/1000": "never" if c.reach is None else f"from {c.reach}",
        "use": "-" if c.use is None else f"{c.use}",
        "findings": f"{len(c.findings)}",
    }


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
