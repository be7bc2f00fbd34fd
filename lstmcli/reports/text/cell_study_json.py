"""The comparison of cells as a JSON document and as a table of curves."""

import json
from dataclasses import asdict
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.gates.cell_study.curves import QUANTITIES, RELATIVE, GradientBand
from lstmcli.gates.cell_study.lesson import comes_back, step_factors
from lstmcli.gates.cell_study.recall_results import RecallResult
from lstmcli.gates.cell_study.results import CellResult, NetworkRun, Study
from lstmcli.gates.cell_study.verdict import CLAIM, study_verdict

STUDY_VERSION = 3
_NAMES = {
    "dL_dh": "gradient",
    "dL_dc": "gradient_of_cell_state",
    "path": "gate_product",
    "tanh": "tanh_factor",
    "matrix": "matrix_factor",
}


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
        "recall": _recall(study),
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


def _recall(study: Study) -> dict[str, Any]:
    recall = study.design.recall
    return {
        "training_steps": recall.steps,
        "batch": recall.batch,
        "start": recall.start,
        "learning_rates": list(recall.rates),
        "delays": list(study.design.delays),
        "results": [_recalled(result) for result in study.recalled],
    }


def _recalled(result: RecallResult) -> dict[str, Any]:
    factors = step_factors(result) if result.cell == "rnn" else None
    return {
        "cell": result.cell,
        "delay": result.delay,
        "units": result.units,
        "parameters": result.parameters,
        "learning_rate": result.rate,
        "learned": result.learned,
        "starts": len(result.chosen),
        "steps_until_learned": result.steps,
        "error": result.error,
        "gradient_that_comes_back": comes_back(result),
        "gradient_that_comes_back_trained": comes_back(result, True),
        "factors_per_step": None if factors is None else {"tanh": factors.tanh, "matrix": factors.matrix},
        "runs": [
            {"seed": run.seed, "learning_rate": run.rate, "steps": run.steps, "score": run.score}
            for run in result.runs
        ],
        "gradient": _medians(result, True),
        "gradient_untrained": _medians(result, False),
    }


def _medians(result: RecallResult, trained: bool) -> dict[str, list[float]]:
    bands = {quantity: result.gradient(quantity, trained) for quantity in QUANTITIES}
    return {quantity: band.median.tolist() for quantity, band in bands.items() if band is not None}


def _cell(result: CellResult) -> dict[str, Any]:
    made: dict[str, Any] = {
        "cell": result.cell,
        "units": result.units,
        "parameters": result.parameters,
        "learning_rate": result.trained[0].rate,
        "start": result.trained[0].start,
        "trained": [_run(run) for run in result.trained],
        "untrained": [_run(run) for run in result.untrained],
    }
    for trained, suffix in ((True, ""), (False, "_untrained")):
        for quantity, name in _NAMES.items():
            band = result.gradient(quantity, trained)
            made[name + suffix] = None if band is None else _band(band)
    return made


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


def gradient_table(study: Study) -> dict[str, NDArray[Any]]:
    """One row per task, delay, cell, trained or not, quantity and lag."""
    segment, parts = study.design.plan.arch.segment, list[dict[str, NDArray[Any]]]()
    for trained, quantity in product((True, False), QUANTITIES):
        for result in study.cells:
            about = "data", 0, result.cell, trained, quantity
            parts.append(_rows(about, result.gradient(quantity, trained), segment))
        for recalled in study.recalled:
            about = "recall", recalled.delay, recalled.cell, trained, quantity
            parts.append(_rows(about, recalled.gradient(quantity, trained), 1))
    parts = [part for part in parts if part]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _rows(
    about: tuple[str, int, str, bool, str], band: GradientBand | None, segment: int
) -> dict[str, NDArray[Any]]:
    if band is None:
        return {}
    task, delay, cell, trained, quantity = about
    steps = len(band.median)
    first = 0 if quantity in RELATIVE else 1  # a factor leads from one lag to the next

    def repeated(value: object) -> NDArray[Any]:
        return np.full(steps, value, dtype=object)

    return {
        "task": repeated(task),
        "delay": np.full(steps, delay),
        "cell": repeated(cell),
        "trained": repeated(_yes(trained)),
        "quantity": repeated(quantity),
        "lag_steps": np.arange(first, first + steps),
        "lag_observations": np.arange(first, first + steps) * segment,
        "median": band.median,
        "low": band.low,
        "high": band.high,
    }


def recall_table(study: Study) -> dict[str, NDArray[Any]]:
    """One row per cell, delay, learning rate and seed of the recall task."""
    rows = [
        (r.cell, r.delay, r.units, r.parameters, run.rate, run.seed, run.steps, run.score, _yes(run.learned))
        for r in study.recalled
        for run in r.runs
    ]
    names = (
        "cell", "delay", "units", "parameters", "learning_rate", "seed", "steps", "score", "learned"
    )  # fmt: skip
    return {name: np.array([row[k] for row in rows], dtype=object) for k, name in enumerate(names)}


def _yes(value: bool) -> str:
    return "yes" if value else "no"
