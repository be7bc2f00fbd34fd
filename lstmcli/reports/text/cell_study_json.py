"""The comparison of cells as a JSON document and as a table of curves."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.gates.cell_study.results import CellResult, GradientBand, NetworkRun, Study
from lstmcli.gates.cell_study.verdict import CELL_NAMES, CLAIM, study_verdict

STUDY_VERSION = 2
GradientCurve = tuple[NDArray[np.int64], NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]


def study_document(study: Study) -> dict[str, Any]:
    """Everything, ready for JSON. Curves are by lag, relative to lag 0."""
    design, arch, step, found = (
        study.design,
        study.design.plan.arch,
        study.design.panel.step,
        study_verdict(study),
    )
    return {
        "version": STUDY_VERSION,
        "steps": arch.steps,
        "observations_per_step": arch.segment,
        "time_per_step": step.duration(arch.segment),
        "horizon": arch.horizon,
        "season": design.plan.shape.season,
        "baseline": design.plan.shape.baselines[0],
        "training_steps": design.plan.steps,
        "seeds": list(design.seeds),
        "test": {"values": design.test.tolist(), "windows": study.windows, "errors": study.simple},
        "cells": [_cell(result) for result in study.cells],
        "copying": [
            {"name": c.name, "cell": c.cell, "units": c.units, "delay": c.delay, "score": c.score}
            for c in study.copy_results
        ],
        "verdict": {
            "claim": CLAIM,
            "holds": found.holds,
            "lag": found.lag,
            "gradient": found.gradient,
            "error": found.error,
            "metric": study.metric,
            "sentences": list(found.sentences),
        },
        "notes": list(design.notes),
    }


def study_json(study: Study) -> str:
    """The same as text; a number that is not one is refused."""
    return json.dumps(study_document(study), indent=1, allow_nan=False) + "\n"


def _cell(result: CellResult) -> dict[str, Any]:
    inside, inside_before = result.cell_gradient(), result.cell_gradient(False)
    return {
        "cell": result.cell,
        "units": result.units,
        "parameters": result.parameters,
        "trained": [_run(run) for run in result.trained],
        "untrained": [_run(run) for run in result.untrained],
        "gradient": _band(result.hidden_gradient()),
        "gradient_untrained": _band(result.hidden_gradient(False)),
        "gradient_of_cell_state": _band(inside) if inside else None,
        "gradient_of_cell_state_untrained": _band(inside_before) if inside_before else None,
    }


def _run(run: NetworkRun) -> dict[str, Any]:
    errors = asdict(run.scores.errors["model"])
    return {"seed": run.seed, "steps": run.steps, "best_step": run.best_step, **errors}


def _band(band: GradientBand) -> dict[str, Any]:
    return {
        "median": band.median.tolist(),
        "low": band.low.tolist(),
        "high": band.high.tolist(),
        "below_one_thousandth": band.vanishes,
    }


def curves(study: Study, trained: bool = True) -> dict[str, GradientCurve]:
    """dL/dh of each cell by name: lags, median, lowest and highest over the seeds."""
    lags = np.arange(study.design.plan.arch.steps)
    bands = {CELL_NAMES[result.cell]: result.hidden_gradient(trained) for result in study.cells}
    return {name: (lags, band.median, band.low, band.high) for name, band in bands.items()}


def gradient_table(study: Study) -> dict[str, NDArray[Any]]:
    """One row per cell, trained or not, quantity and lag."""
    segment, steps = study.design.plan.arch.segment, study.design.plan.arch.steps
    parts: dict[str, list[NDArray[Any]]] = {}
    for result in study.cells:
        for trained in (True, False):
            quantities = {"dL_dh": result.hidden_gradient(trained), "dL_dc": result.cell_gradient(trained)}
            for quantity, band in quantities.items():
                if band is None:
                    continue
                columns: dict[str, NDArray[Any]] = {
                    "cell": np.full(steps, result.cell, dtype=object),
                    "trained": np.full(steps, "yes" if trained else "no", dtype=object),
                    "quantity": np.full(steps, quantity, dtype=object),
                    "lag_steps": np.arange(steps),
                    "lag_observations": np.arange(steps) * segment,
                    "median": band.median,
                    "low": band.low,
                    "high": band.high,
                }
                for name, column in columns.items():
                    parts.setdefault(name, []).append(column)
    return {name: np.concatenate(columns) for name, columns in parts.items()}
