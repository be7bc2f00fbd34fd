"""The report as tables: columns by name, for CSV files."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.gates.report import GateReport

TableColumns = dict[str, NDArray[Any]]


def tables(report: GateReport) -> dict[str, TableColumns]:
    """File name of every table and its columns; a cell without a value is NaN."""
    made = {"units.csv": unit_table(report), "gradient_by_lag.csv": gradient_by_lag(report)}
    made["contributions.csv"] = contribution_table(report)
    made["ablation.csv"] = ablation(report)
    return made


def unit_table(report: GateReport) -> TableColumns:
    """One row per layer and unit."""
    count, segment = report.arch.hidden, report.arch.segment
    parts = []
    for layer, memory in zip(report.units, report.memory, strict=True):
        nothing = np.full(count, np.nan)
        lives = nothing if memory.half_lives is None else memory.half_lives
        columns: TableColumns = {
            "layer": np.full(count, layer.layer + 1),
            "unit": np.arange(count) + 1,
            "half_life_steps": lives,
            "half_life_observations": lives * segment,
            "resets": nothing if memory.resets is None else memory.resets,
            "longest_run_steps": nothing if memory.runs is None else memory.runs,
            "output_deviation": layer.output_deviation,
            "twin": layer.twin + 1,
            "likeness": layer.likeness,
        }
        for gate in layer.mean:
            columns[f"{gate}_mean"] = layer.mean[gate]
            columns[f"{gate}_deviation"] = layer.deviation[gate]
            columns[f"{gate}_closed"] = layer.closed[gate]
            columns[f"{gate}_open"] = layer.open[gate]
        parts.append(columns)
    return _stacked(parts)


def gradient_by_lag(report: GateReport) -> TableColumns:
    """One row per layer and lag; factors from lag k to k + 1 stand at k + 1."""
    steps = report.arch.steps
    parts = []
    for reach in report.gradient:
        nothing = np.full(steps, np.nan)
        tanh, matrix = (
            nothing if factor is None else np.append(np.nan, factor) for factor in (reach.tanh, reach.matrix)
        )
        columns: TableColumns = {
            "layer": np.full(steps, reach.layer + 1),
            "lag_steps": np.arange(steps),
            "lag_observations": np.arange(steps) * report.arch.segment,
            "dL_dh": reach.h,
            "dL_dc": nothing if reach.c is None else reach.c,
            "p10": reach.low,
            "p90": reach.high,
            "path": nothing if reach.path is None else reach.path,
            "tanh_factor": tanh,
            "matrix_factor": matrix,
        }
        parts.append(columns)
    return _stacked(parts)


def contribution_table(report: GateReport) -> TableColumns:
    """One row per layer and age; without rows for the plain RNN."""
    steps = report.arch.steps
    parts = []
    for made in report.contributions:
        columns: TableColumns = {
            "layer": np.full(steps, made.layer + 1),
            "age_steps": np.arange(steps),
            "age_observations": np.arange(steps) * report.arch.segment,
            "share": made.share,
            "mean_contribution": made.units.mean(axis=1),
        }
        parts.append(columns)
    if not parts:
        names = ("layer", "age_steps", "age_observations", "share", "mean_contribution")
        return {name: np.zeros(0) for name in names}
    return _stacked(parts)


def ablation(report: GateReport) -> TableColumns:
    """Errors with fewer steps, then with a gate held at its mean; change against the full error."""
    use = report.use
    full = use.error or np.nan
    fed, held = len(use.steps), len(use.frozen)
    return {
        "what": np.array(["last steps fed"] * fed + ["gate held at its mean"] * held, dtype=object),
        "steps": np.concatenate([use.steps, np.full(held, report.arch.steps)]),
        "layer": np.array([np.nan] * fed + [g.layer + 1 for g in use.frozen], dtype=float),
        "gate": np.array([""] * fed + [g.gate for g in use.frozen], dtype=object),
        "error": np.concatenate([use.errors, [g.error for g in use.frozen]]),
        "change": np.concatenate([use.errors / full - 1, [g.change for g in use.frozen]]),
    }


def _stacked(parts: list[TableColumns]) -> TableColumns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
