"""The report as a JSON document, and the main figures of one written before."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lstmcli.errors import DataError
from lstmcli.files.read import bytes_of
from lstmcli.files.tensors import TensorFileError, parse_json
from lstmcli.gates.explanation import Explanation
from lstmcli.gates.figures import without_old_names
from lstmcli.gates.inspection import Inspection
from lstmcli.network.cells import MEMORY_GATE
from lstmcli.series.arrays import Array

SUMMARY_VERSION = 3
_BEFORE = 2  # read on: its figure of the forget or update gate is called keep
_LARGEST = 64 * 2**20  # bytes
_LARGEST_FIGURE = 1e100


def summary(inspection: Inspection) -> dict[str, Any]:
    """Everything in the report but the trace, ready for JSON; lengths in recurrent steps, but
    those of `figures` in observations."""
    report = inspection.report
    arch = report.arch
    document: dict[str, Any] = {
        "version": SUMMARY_VERSION,
        "builtin": report.builtin,
        "share": report.share,
        "cell": arch.cell,
        "layers": arch.layers,
        "hidden": arch.hidden,
        "member": report.member + 1,
        "members": arch.members,
        "windows": report.windows,
        "series": report.series,
        "steps": arch.steps,
        "observations_per_step": arch.segment,
        "time_per_step": report.duration(1),
        "figures": inspection.figures,
        "findings": [asdict(finding) for finding in inspection.findings],
        "identities": [{**asdict(i), "holds": i.holds} for i in report.identities],
        "seasons": [asdict(season) for season in report.seasons],
        "gates": [asdict(gate) for gate in report.gates],
        "memory": [_plain(layer, half_lives="half_life_steps") for layer in report.memory],
        "units": [_plain(layer) for layer in report.units],
        "gradient": [_plain(layer) for layer in report.gradient],
        "contributions": [_plain(layer) for layer in report.contributions],
        "attribution": {
            "features": report.attribution.features,
            "share": report.attribution.by_feature.tolist(),
            "share_by_lag": report.attribution.by_lag(arch.steps).tolist(),
        },
        "use": _used(inspection),
        "drift": [{**asdict(drift), "change": drift.change} for drift in inspection.drifts],
    }
    if inspection.window is not None:
        document["window"] = _window(inspection.window, inspection.name)
    return document


def summary_text(inspection: Inspection) -> str:
    """As JSON; a number that is not one is refused."""
    return json.dumps(summary(inspection), indent=1, allow_nan=False) + "\n"


def _plain(part: Any, **renamed: str) -> dict[str, Any]:
    """The fields of a frozen dataclass with arrays as lists."""
    return {renamed.get(name, name): _listed(value) for name, value in asdict(part).items()}


def _listed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return {name: _listed(inner) for name, inner in value.items()}
    return value


def _used(inspection: Inspection) -> dict[str, Any]:
    use = _plain(inspection.report.use)
    use["forgets"] = [
        {"at": stamp, "memory_gate": event.memory_gate}
        for stamp, event in zip(inspection.stamps, inspection.report.use.forgets, strict=True)
    ]
    return use


def _or_null(values: Array) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]


def _window(explanation: Explanation, name: str) -> dict[str, Any]:
    """One forecast explained; missing values are null."""
    return {
        "series": name,
        "times": [explanation.shown(time) for time in explanation.times],
        "values": _or_null(explanation.values),
        "ahead": [explanation.shown(time) for time in explanation.ahead],
        "forecast": explanation.forecast.tolist(),
        "model_forecast": _or_null(explanation.whole),
        "observed": _or_null(explanation.observed),
        "features": explanation.features,
        "attribution": explanation.attribution.tolist(),
        "layers": [
            {"gates": _listed(layer.gates), "hidden_state": layer.h.tolist(), "cell_state": layer.c.tolist()}
            for layer in explanation.layers
        ],
        "contributions": [parts.tolist() for parts in explanation.contributions],
    }


@dataclass(frozen=True)
class BaselineFigures:
    """The figures of a summary.json written before, under the names that they have now.

    notes  what to tell about it
    """

    figures: dict[str, float | None]
    notes: tuple[str, ...] = ()


def read_baseline(path: Path) -> BaselineFigures:
    """Reads a summary.json of this version or of the one before. Raises InputMissing or DataError."""
    raw = bytes_of(path, _LARGEST, "; make one with: lstmcli inspect-gates --out DIR")
    if len(raw) > _LARGEST:
        raise DataError("not-a-summary", f"more than {_LARGEST:,} bytes", path=str(path))
    try:
        document = parse_json(raw.decode("utf-8"))
        version, values = document["version"], dict(document["figures"])
        known = {str(name): None if value is None else _figure(value) for name, value in values.items()}
        if version == _BEFORE:
            note = f"{path} is of version {_BEFORE}: {old_name_note(document['cell'])}"
            return BaselineFigures(without_old_names(known, document["cell"]), (note,))
    except (ValueError, TypeError, KeyError) as error:
        why = f" ({error})" if isinstance(error, TensorFileError) else ""
        raise DataError("not-a-summary", f"not a summary of inspect-gates{why}", path=str(path)) from None
    if version != SUMMARY_VERSION:
        raise DataError(
            "not-a-summary",
            f"version {repr(version)[:40]}; {_BEFORE} and {SUMMARY_VERSION} are read",
            path=str(path),
        )
    return BaselineFigures(known)


def old_name_note(cell: str) -> str:
    """The note on an old name of a figure."""
    return f"the figure 'keep' is now called {MEMORY_GATE[cell] or 'forget'!r}"


def _figure(value: object) -> float:
    """Raises ValueError for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST_FIGURE:
        raise ValueError(value)
    return float(value)
